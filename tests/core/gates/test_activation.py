"""Activations and softmax at their special points: exact numbers, saturation, ties, complex step, mpmath."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from elementwise import EPS, f, inside, near, slope, step
from gradcalc.errors import GradcalcError
from gradcalc.gate import Gate
from gradcalc.gates import activation
from gradcalc.gates.activation import (
    celu,
    elu,
    gelu,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
)

inf, nan = np.inf, np.nan


GATES = [g for g in vars(activation).values() if isinstance(g, Gate)]
SINGLE = [g for g in GATES if g.local]
VARIANTS: list[tuple[Gate, dict[str, object]]] = [
    *((g, {}) for g in SINGLE),
    (gelu, {"approximate": "tanh"}), (elu, {"alpha": 0.3}), (elu, {"alpha": -1.0}), (celu, {"alpha": 2.5}),
    (celu, {"alpha": -0.5}), (leaky_relu, {"negative_slope": 3.0}), (leaky_relu, {"negative_slope": -0.2}),
    (softplus, {"beta": 3.0}), (softplus, {"beta": -2.0}), (hardtanh, {"min_val": -0.3, "max_val": 8.0}),
]  # fmt: skip
SIZES = [1e-160, 1e-20, 1e-12, 1e-8, 1e-4, 0.01, 0.3, 0.5, 0.99, 1.0, 1.3, 2.0, 2.999999, 3.000001, 5.9,
         6.1, 10.1, 20.0, 36.7, 40.0]  # fmt: skip
POINTS = [s * m for m in SIZES for s in (1.0, -1.0)]
FAR = [s * m for m in (100.0, 300.0, 1e3, 1e6, 1e12) for s in (1.0, -1.0)]


def terms(gate: Gate, x: Any) -> Any:
    """The size of the terms that a slope is the sum of: the scale of its rounding."""
    if gate in (silu, mish, gelu, hardswish):
        return abs(gate.forward(x)) + abs(gate.forward(x) / np.where(x == 0.0, 1.0, x)) + (abs(x) < 0.1)
    return 0.0 * x


def named(v: object) -> str:
    """A readable name for a parameter of a test."""
    return ",".join(map(str, v.values())) if isinstance(v, dict) else str(v)


@pytest.mark.parametrize(("gate", "params"), VARIANTS, ids=named)
def test_the_complex_step_agrees(gate: Gate, params: dict[str, object]) -> None:
    """From 1e-160 to 40, with both signs, both witnesses give the same slope; gelu's bell to x^2 ulps."""
    bound = gate.bind(**params)
    x = inside(bound, [*POINTS, 0.0])
    wanted = slope(bound, x)
    assert x.size > 20
    assert np.all(np.isfinite(wanted))
    loose = 8 * EPS * (1 + (x * x if gate is gelu else 0))
    for h in (1e-100, -1e-100):
        assert np.all(abs(step(bound, x, h=h) - wanted) <= loose * (abs(wanted) + terms(gate, x)) + 1e-190)


@pytest.mark.parametrize(("gate", "params"), VARIANTS, ids=named)
def test_the_complex_step_agrees_far_out(gate: Gate, params: dict[str, object]) -> None:
    """From 100 to 1e12 nothing overflows, and the slopes agree."""
    bound = gate.bind(**params)
    x = inside(bound, FAR)
    if params != {"alpha": -0.5}:  # grows like exp(-2x) to the left
        assert np.all(np.isfinite(slope(bound, x)))
    x = x[np.isfinite(slope(bound, x))]
    assert x.size > 4
    near(step(bound, x), slope(bound, x), rtol=1e-13, atol=1e-190)


@pytest.mark.parametrize("gate", SINGLE, ids=str)
def test_mpmath_agrees(gate: Gate) -> None:
    """Values and slopes are right to a few ulps where 100 digits say so; gelu's bell to x^2 ulps."""
    mp = pytest.importorskip("mpmath", reason="the reference is computed with mpmath")

    def sigma(t: Any) -> Any:
        return 1 / (1 + mp.exp(-t))

    def plus(t: Any) -> Any:
        return mp.log(1 + mp.exp(t))

    scale, alpha = mp.mpf(activation.SELU_SCALE), mp.mpf(activation.SELU_ALPHA)
    functions: dict[str, Any] = {
        "sigmoid": sigma, "softplus": plus, "logsigmoid": lambda t: -plus(-t), "silu": lambda t: t * sigma(t),
        "mish": lambda t: t * mp.tanh(plus(t)), "gelu": lambda t: t * (1 + mp.erf(t / mp.sqrt(2))) / 2,
        "relu": lambda t: max(t, 0), "leaky_relu": lambda t: max(t, 0) + mp.mpf(0.01) * min(t, 0),
        "relu6": lambda t: min(max(t, 0), 6), "hardtanh": lambda t: min(max(t, -1), 1),
        "hardsigmoid": lambda t: min(max(t + 3, 0), 6) / 6,
        "hardswish": lambda t: t * min(max(t + 3, 0), 6) / 6,
        "softsign": lambda t: t / (1 + abs(t)), "elu": lambda t: t if t > 0 else mp.exp(t) - 1,
        "celu": lambda t: t if t > 0 else mp.exp(t) - 1,
        "selu": lambda t: scale * (t if t > 0 else alpha * (mp.exp(t) - 1)),
    }  # fmt: skip
    with mp.workdps(1100):
        for x in inside(gate, [v for v in POINTS if abs(v) > 1e-15]):
            t = mp.mpf(float(x))
            h = abs(t) * mp.mpf(10) ** -60
            function = functions[gate.name]
            value, rate = function(t), (function(t + h) - function(t - h)) / (2 * h)
            loose = 8 * EPS * (1 + (float(x * x) if gate is gelu else 0))
            assert abs(float(gate.forward(x)) - value) <= loose * abs(value) + 1e-300, x
            assert abs(float(slope(gate, x)) - rate) <= loose * (abs(rate) + terms(gate, x)) + 1e-300, x


def test_every_gate_is_here() -> None:
    """The family is complete, and no name is taken twice."""
    names = [n for g in GATES for n in (g.name, *g.names)]
    assert len(names) == len(set(names))
    assert {"σ", "expit", "logistic", "swish"} < set(names)
    assert len(GATES) == 18


def test_sigmoid_in_deep_saturation() -> None:
    """The slope keeps its digits where z is 1 to the last one, and the value is right down to 5e-324."""
    assert (sigmoid.forward(f(0)), slope(sigmoid, 0)) == (0.5, 0.25)
    near([slope(sigmoid, 40), slope(sigmoid, -40), step(sigmoid, 40)], [4.248354255291589e-18] * 3)
    near(sigmoid.forward(f(-40)), 4.248354255291589e-18)
    assert (sigmoid.forward(f(-745)), slope(sigmoid, -745), slope(sigmoid, 745)) == (5e-324, 5e-324, 5e-324)
    assert sigmoid.forward(f([-1000, 1000, -inf, inf])).tolist() == [0, 1, 0, 1]
    assert slope(sigmoid, [-1000, 1000, -inf, inf]).tolist() == [0, 0, 0, 0]
    near(slope(sigmoid, 1), 0.19661193324148185)


def test_softplus_and_logsigmoid() -> None:
    """log(2) at 0; exp(-40) at -40, in value and slope; straight lines far out."""
    near([softplus.forward(f(0)), logsigmoid.forward(f(0))], [0.6931471805599453, -0.6931471805599453])
    near([softplus.forward(f(-40)), slope(softplus, -40), step(softplus, -40)], [4.248354255291589e-18] * 3)
    near([logsigmoid.forward(f(40)), slope(logsigmoid, 40)], [-4.248354255291589e-18, 4.248354255291589e-18])
    assert softplus.forward(f([-1000, 1000])).tolist() == [0, 1000]
    assert slope(softplus, [-1000, 1000]).tolist() == [0, 1]
    assert logsigmoid.forward(f([-1000, 1000])).tolist() == [-1000, 0]
    assert slope(logsigmoid, [-1000, 1000]).tolist() == [1, 0]
    near(softplus.forward(f(0), beta=2.0), 0.34657359027997264)
    near(slope(softplus, 20, beta=2.0), 1.0)


def test_values_and_slopes_at_0_and_1() -> None:
    """The smooth ones, against numbers from their formulas."""
    assert (silu.forward(f(0)), slope(silu, 0), gelu.forward(f(0)), slope(gelu, 0)) == (0, 0.5, 0, 0.5)
    near(silu.forward(f(1)), 0.7310585786300049)
    near(slope(silu, 1), 0.9276705118714869)
    near(gelu.forward(f(1)), 0.8413447460685429)
    near(slope(gelu, 1), 1.0833154705876864)
    near(gelu.forward(f(1), approximate="tanh"), 0.8411919906082768)
    near(slope(gelu, 0, approximate="tanh"), 0.5)
    assert mish.forward(f(0)) == 0
    near(slope(mish, 0), 0.6)
    near(mish.forward(f(1)), 0.8650983882673103)
    assert (softsign.forward(f(-3)), slope(softsign, -3), slope(softsign, 0), step(softsign, 0)) == (
        -0.75, 0.0625, 1, 1)  # fmt: skip
    for gate in (silu, gelu, mish):
        assert slope(gate, [-1000, 1000]).tolist() == [0, 1]
        assert gate.forward(f([-1000, 1000])).tolist() == [0, 1000]


def test_elu_celu_selu() -> None:
    """Smooth at 0 where alpha = 1, saturated at -alpha, and never losing the slope to 1 - 1."""
    assert elu.forward(f([-1000, 1000])).tolist() == [-1, 1000]
    assert slope(elu, [-1000, 1000]).tolist() == [0, 1]
    near([slope(elu, -40), step(elu, -40)], [4.248354255291589e-18] * 2)
    near(elu.forward(f(-1e-12)), -9.999999999995e-13)
    near(elu.forward(f(-1), alpha=2.0), -1.2642411176571153)
    assert (slope(elu, 0), slope(elu, 0, alpha=0.5)) == (1, 0.5)
    assert (slope(celu, 0), slope(celu, 0, alpha=0.5), celu.forward(f(-1000), alpha=0.5)) == (1, 1, -0.5)
    near(celu.forward(f(-1), alpha=2.0), -0.7869386805747332)
    near(selu.forward(f(-1)), -1.1113307378125628)
    near([slope(selu, 1), slope(selu, 0)], [1.0507009873554805, 1.7580993408473766])
    assert celu.kink is None


def test_straight_pieces() -> None:
    """Values and slopes on every piece."""
    assert relu.forward(f([-2, 0, 3])).tolist() == [0, 0, 3]
    assert slope(relu, [-2, 0, -0.0, 3]).tolist() == [0, 0, 0, 1]
    assert leaky_relu.forward(f([-2, 3]), negative_slope=0.25).tolist() == [-0.5, 3]
    assert slope(leaky_relu, [-2, 0, 3]).tolist() == [0.01, 0.01, 1]
    assert relu6.forward(f([-1, 3, 8])).tolist() == [0, 3, 6]
    assert slope(relu6, [-1, 0, 3, 6, 8]).tolist() == [0, 0, 1, 0, 0]
    assert hardtanh.forward(f([-2, 0.5, 2])).tolist() == [-1, 0.5, 1]
    assert slope(hardtanh, [-2, -1, 0, 1, 2]).tolist() == [0, 0, 1, 0, 0]
    assert slope(hardtanh, [1, 3], min_val=2.0, max_val=4.0).tolist() == [0, 1]
    assert hardsigmoid.forward(f([-4, -3, 0, 3, 4])).tolist() == [0, 0, 0.5, 1, 1]
    assert slope(hardsigmoid, [-4, -3, 0, 3, 4]).tolist() == [0, 0, 1 / 6, 0, 0]
    assert hardswish.forward(f([-4, -3, 0, 3, 4])).tolist() == [0, 0, 0, 3, 4]
    assert slope(hardswish, [-4, -3, 0, 1.5, 3, 4]).tolist() == [0, 0, 0.5, 1, 1, 1]


@pytest.mark.parametrize(
    ("gate", "params", "tie", "left", "right"),
    [(relu, {}, 0, 0, 1), (leaky_relu, {}, 0, 0.01, 1), (leaky_relu, {"negative_slope": 2.0}, 0, 2, 1),
     (relu6, {}, 0, 0, 1), (relu6, {}, 6, 1, 0), (hardtanh, {}, -1, 0, 1), (hardtanh, {}, 1, 1, 0),
     (hardtanh, {"min_val": 0.1, "max_val": 0.3}, 0.3, 1, 0), (hardsigmoid, {}, -3, 0, 1 / 6),
     (hardsigmoid, {}, 3, 1 / 6, 0), (hardswish, {}, -3, 0, -0.5), (hardswish, {}, 3, 1.5, 1),
     (elu, {"alpha": 0.5}, 0, 0.5, 1), (selu, {}, 0, 1.7580993408473766, 1.0507009873554805)],
    ids=named,
)  # fmt: skip
def test_ties(gate: Gate, params: dict[str, object], tie: float, left: float, right: float) -> None:
    """At a kink the margin is exactly 0, the complex step takes its side, and the slope lies between."""
    bound = gate.bind(**params)
    assert bound.kink is not None
    margin = bound.kink.margin
    assert margin(bound.forward(f(tie)), f(tie)) == 0
    assert abs(margin(bound.forward(f(tie + 0.25)), f(tie + 0.25))) > 0
    near(step(bound, tie, h=1e-100), right)
    near(step(bound, tie, h=-1e-100), left)
    assert slope(bound, tie) in (left, right) or abs(slope(bound, tie) - left) < 4 * EPS
    for x in (np.nextafter(tie, -inf), np.nextafter(tie, inf)) if tie else (-1e-20, 1e-20):
        assert margin(bound.forward(f(x)), f(x)) != 0
        near(step(bound, x), slope(bound, x))


def test_no_kink_where_both_slopes_are_the_same() -> None:
    """elu with alpha = 1 and leaky_relu with slope 1 are smooth at 0."""
    assert elu.kink is not None
    assert leaky_relu.kink is not None
    assert elu.kink.margin(f(0), f(0)) == inf
    assert elu.kink.margin(f(0), f(0), alpha=0.9) == 0
    assert leaky_relu.kink.margin(f(0), f(0), negative_slope=1.0) == inf


@pytest.mark.parametrize(
    ("gate", "params", "message"),
    [(softplus, {"beta": 0.0}, "softplus divides by beta, so beta can't be 0"),
     (celu, {"alpha": 0.0}, "celu divides by alpha, so alpha can't be 0"),
     (gelu, {"approximate": "fast"}, "gelu's approximate is \"none\" or \"tanh\", not 'fast'"),
     (hardtanh, {"min_val": 2.0, "max_val": 1.0}, "hardtanh needs min_val <= max_val, not 2.0 and 1.0"),
     (softmax, {"axis": 1.5}, "axis must be a whole number, not 1.5"),
     (log_softmax, {"axis": 1.0}, "axis 1 is out of range: shape (2,) has 1 axis"),
     (softmax, {"axis": (0, -1)}, "axis 0 is named twice")],
    ids=named,
)  # fmt: skip
def test_bad_parameters(gate: Gate, params: dict[str, object], message: str) -> None:
    """Each is refused in one line that says why."""
    with pytest.raises(GradcalcError) as caught:
        gate.forward(f([1, 2]), **params)
    assert (caught.value.message, caught.value.kind) == (message, "value")


@pytest.mark.parametrize(("gate", "params"), VARIANTS, ids=named)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,), (2, 0)], ids=str)
def test_shapes(gate: Gate, params: dict[str, object], shape: tuple[int, ...]) -> None:
    """Value, gradient and complex step have the input's shape; a scalar stays a scalar, no 0-d array."""
    x = np.full(shape, 0.5)[()]
    bound = gate.bind(**params)
    z = bound.forward(x)
    function: Any = bound.forward if bound.complex is True else bound.complex
    assert type(z) is type(x)
    assert z.shape == shape
    assert function(x + 1e-100j).shape == shape
    assert isinstance(function(f(0.25) + 1e-100j), np.complex128)
    assert gate.backward(np.ones(shape)[()], z, x, **params)["x"].shape == shape


# -- softmax --------------------------------------------------------------------------------------------


def pulled(gate: Gate, dz: Any, x: Any, axis: Any = -1) -> Any:
    """What goes downstream, by the gate's own backward."""
    return gate.backward(f(dz), gate.forward(f(x), axis=axis), f(x), axis=axis)["x"]


def witnessed(gate: Gate, dz: Any, x: Any, axis: Any = -1, h: float = 1e-100) -> Any:
    """The same by complex steps: each entry moved on its own."""
    x, found = f(x), np.empty(np.shape(x))
    for k in np.ndindex(np.shape(x)):
        move = np.zeros(np.shape(x))
        move[k] = h
        found[k] = np.sum(f(dz) * np.imag(gate.forward(x + 1j * move, axis=axis)) / h)
    return found


AXES = [((3,), -1), ((3,), 0.0), ((3,), None), ((1,), 0), ((2, 3), 0), ((2, 3), -1), ((2, 3), None),
        ((2, 3), (0, 1)), ((2, 3), (1,)), ((2, 3), ()), ((2, 1, 4), (-1, 0)), ((2, 3, 2), -2), ((0,), 0),
        ((2, 0), 1), ((0, 2), 1), ((0, 2), 0)]  # fmt: skip


@pytest.mark.parametrize("gate", [softmax, log_softmax], ids=str)
@pytest.mark.parametrize(("shape", "axis"), AXES, ids=str)
def test_softmax_along_any_axis(gate: Gate, shape: tuple[int, ...], axis: Any) -> None:
    """Probabilities that sum to one, and a gradient of x's shape that the complex step confirms."""
    rng = np.random.default_rng(3)
    x, dz = rng.normal(size=shape), rng.normal(size=shape)
    z = gate.forward(x, axis=axis)
    p = z if gate is softmax else np.exp(z)
    over = None if axis is None else tuple(int(a) for a in np.ravel(axis))
    total = p.sum(axis=over)
    assert z.shape == shape
    if x.size:
        near(total, np.ones(np.shape(total)))
        e = np.exp(x)
        near(p, e / e.sum(axis=over, keepdims=True), rtol=16 * EPS)
    near(pulled(gate, dz, x, axis), witnessed(gate, dz, x, axis), rtol=1e-14, atol=1e-15)


def test_softmax_pins() -> None:
    """Equal logits give equal shares; a constant upstream gives exactly no gradient."""
    assert softmax.forward(f([7, 7])).tolist() == [0.5, 0.5]
    assert pulled(softmax, [1, 0], [7, 7]).tolist() == [0.25, -0.25]
    assert pulled(softmax, [3, 3, 3], [1, 2, 5]).tolist() == [0, 0, 0]
    near(log_softmax.forward(f([7, 7])), [-0.6931471805599453] * 2)
    assert pulled(log_softmax, [1, 0], [7, 7]).tolist() == [0.5, -0.5]
    near(softmax.forward(f([0, np.log(3)])), [0.25, 0.75])
    near(pulled(softmax, [0, 1], [0, np.log(3)]), [-0.1875, 0.1875])


@pytest.mark.parametrize("h", [1e-100, -1e-100])
def test_softmax_in_deep_saturation(h: float) -> None:
    """With logits 40 apart the gradients keep their 4e-18, on both sides, for both witnesses."""
    small = 4.248354255291589e-18
    for dz in ([1, 0], [0, 1]):
        want = small * f([1, -1]) * (1 if dz[0] else -1)
        near(pulled(softmax, dz, [40, 0]), want)
        near(witnessed(softmax, dz, [40, 0], h=h), want)
    near(log_softmax.forward(f([40, 0])), [-small, -40])
    near(pulled(log_softmax, [1, 0], [40, 0]), [small, -small])
    near(witnessed(log_softmax, [1, 0], [40, 0], h=h), [small, -small])
    near(pulled(log_softmax, [0, 1], [40, 0]), [-1, 1])


def test_softmax_with_large_logits() -> None:
    """+-1000, ties at the top, the largest float and masked entries: nothing overflows."""
    assert softmax.forward(f([1000, 0, -1000])).tolist() == [1, 0, 0]
    assert log_softmax.forward(f([1000, 0, -1000])).tolist() == [0, -1000, -2000]
    assert softmax.forward(f([1000, 1000])).tolist() == [0.5, 0.5]
    assert softmax.forward(f([1e308, 1e308])).tolist() == [0.5, 0.5]
    assert softmax.forward(f([-1000, -1000, -1e12])).tolist() == [0.5, 0.5, 0]
    assert softmax.forward(f([0, -inf])).tolist() == [1, 0]
    assert pulled(log_softmax, [0, 1, 0], [1000, 0, -1000]).tolist() == [-1, 1, 0]
    assert pulled(softmax, [5, -7, 2], [1000, 0, -1000]).tolist() == [0, 0, 0]
    third = [1000.1] * 3
    near(log_softmax.forward(f(third)), [-1.0986122886681098] * 3)
    for gate in (softmax, log_softmax):
        near(witnessed(gate, [1, 2, -5], third), pulled(gate, [1, 2, -5], third), rtol=1e-14)


def test_softmax_of_a_single_number() -> None:
    """There is no axis to go along; over everything it is the one share there is."""
    with pytest.raises(GradcalcError, match=r"^axis -1 is out of range: shape \(\) has no axes$"):
        softmax.forward(f(3))
    z = softmax.forward(f(3), axis=None)
    assert (type(z), float(z)) == (np.float64, 1.0)
    z = log_softmax.forward(f(3), axis=None)
    assert (type(z), float(z)) == (np.float64, 0.0)
    assert pulled(softmax, 2, 3, None) == 0
