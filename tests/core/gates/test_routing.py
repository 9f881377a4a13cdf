"""The gates that choose: who takes the upstream gradient, at ties, on bounds and beside jumps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from elementwise import f
from gradcalc.errors import GradcalcError
from gradcalc.gate import Gate, Pattern
from gradcalc.gates import routing
from gradcalc.gates.routing import (
    abs_,
    ceil,
    clamp_max,
    clamp_min,
    clip,
    eq,
    floor,
    ge,
    gt,
    heaviside,
    le,
    logical_and,
    logical_not,
    logical_or,
    lt,
    maximum,
    minimum,
    ne,
    round_,
    sign,
    trunc,
    where,
)

inf, nan = np.inf, np.nan
H = 1e-100
COMPARISONS = [lt, le, gt, ge, eq, ne]
STEPS = [sign, floor, ceil, trunc, round_]


def slope(gate: Gate, name: str, *xs: object) -> Any:
    """The gate's own slope for one input."""
    values = [f(x) for x in xs]
    return gate.local[name].code(gate.forward(*values), *values)


def beside(gate: Gate, *xs: Any, **params: object) -> Any:
    """The complex version, on numbers of which some are moved by an imaginary part."""
    function: Any = gate.forward if gate.complex is True else gate.complex
    return function(*xs, **params)


def step(gate: Gate, name: str, *xs: object, h: float = H) -> Any:
    """The slope for one input by the complex step."""
    values = [f(x) for x in xs]
    k = gate.inputs.index(name)
    values[k] = values[k] + 1j * h
    return np.imag(beside(gate, *values)) / h


def margin(gate: Gate, *xs: object, **params: object) -> Any:
    """The distance to the kink."""
    values = [f(x) for x in xs]
    assert gate.kink is not None
    return gate.kink.margin(gate.forward(*values, **params), *values, **params)


# --- the larger, the smaller, the size ---


@pytest.mark.parametrize(
    ("gate", "z", "dx", "dy"),
    [
        (maximum, [3, 2, 2], [1, 0, 0.5], [0, 1, 0.5]),
        (minimum, [1, -1, 2], [0, 1, 0.5], [1, 0, 0.5]),
    ],
    ids=str,
)
def test_the_chosen_input_takes_all(gate: Gate, z: list[float], dx: list[float], dy: list[float]) -> None:
    """The other one takes nothing, and a tie gives half to each."""
    x, y = f([3, -1, 2]), f([1, 2, 2])
    np.testing.assert_array_equal(gate.forward(x, y), z)
    np.testing.assert_array_equal(slope(gate, "x", x, y), dx)
    np.testing.assert_array_equal(slope(gate, "y", x, y), dy)
    np.testing.assert_array_equal(margin(gate, x, y), [2, -3, 0])
    for k in range(3):
        assert gate.backward(10.0, z[k], x[k], y[k]) == {"x": 10 * dx[k], "y": 10 * dy[k]}
    for k in range(2):  # off the tie
        assert step(gate, "x", x[k], y[k]) == dx[k]
        assert step(gate, "y", x[k], y[k]) == dy[k]


@pytest.mark.parametrize(("gate", "up", "down"), [(maximum, 1.0, 0.0), (minimum, 0.0, 1.0)], ids=str)
def test_a_tie_follows_the_side_that_is_moved_to(gate: Gate, up: float, down: float) -> None:
    """Raising x makes it the larger, lowering it makes y the larger; both moved alike move the result."""
    assert step(gate, "x", 2.0, 2.0) == up
    assert step(gate, "x", 2.0, 2.0, h=-H) == down
    both = np.complex128(2 + 1j * H)
    assert beside(gate, both, both).imag == H


def test_infinite_bounds_are_no_ties() -> None:
    """maximum(x, -inf) is x, with slope 1."""
    assert slope(maximum, "x", 5.0, -inf) == 1.0
    assert margin(maximum, 5.0, -inf) == inf


def test_abs() -> None:
    """The slope is the sign, 0 at 0, and at 0 every move lengthens."""
    x = f([-3, 0, 4])
    np.testing.assert_array_equal(abs_.forward(x), [3, 0, 4])
    np.testing.assert_array_equal(slope(abs_, "x", x), [-1, 0, 1])
    np.testing.assert_array_equal(margin(abs_, x) == 0, [False, True, False])
    np.testing.assert_array_equal(step(abs_, "x", x), [-1, 1, 1])
    assert beside(abs_, np.complex128(-1j * H)).imag == H
    assert beside(abs_, np.complex128(complex(-0.0, -H))).imag == H
    assert type(abs_.forward(f(-3))) is np.float64


# --- bounds ---


def test_clip_passes_between_its_bounds_and_on_them() -> None:
    """Outside, the bound that holds takes the gradient; the three slopes always add up to 1."""
    x = f([-2, -1, 0, 1, 3])
    np.testing.assert_array_equal(clip.forward(x, f(-1), f(1)), [-1, -1, 0, 1, 1])
    slopes = [slope(clip, name, x, -1, 1) for name in ("x", "lo", "hi")]
    np.testing.assert_array_equal(slopes, [[0, 1, 1, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 1]])
    np.testing.assert_array_equal(margin(clip, x, -1, 1), [1, 0, 1, 0, 2])


def test_clip_with_crossed_bounds_is_its_upper_bound() -> None:
    """As numpy has it, so then hi takes every gradient, whatever x is."""
    x = f([-2, 0, 3])
    np.testing.assert_array_equal(clip.forward(x, f(1), f(-1)), [-1, -1, -1])
    slopes = [slope(clip, name, x, 1, -1) for name in ("x", "lo", "hi")]
    np.testing.assert_array_equal(slopes, [[0, 0, 0], [0, 0, 0], [1, 1, 1]])
    assert margin(clip, 1.0, 1.0, -1.0) == 2.0  # x = lo is no kink where hi alone counts


@pytest.mark.parametrize("name", ["x", "lo", "hi"])
def test_clip_agrees_with_the_complex_step(name: str) -> None:
    """Off the kinks, with finite, infinite and crossed bounds."""
    for lo, hi in [(-1, 1), (-inf, 1), (0, inf), (-inf, inf), (1, -1)]:
        x = f([-2, 0.5, 3])
        np.testing.assert_array_equal(step(clip, name, x, lo, hi), slope(clip, name, x, lo, hi))


def test_the_side_of_a_bound() -> None:
    """On lo, upwards is inside and downwards outside; on hi the reverse."""
    assert [step(clip, "x", -1, -1, 1, h=h) for h in (H, -H)] == [1, 0]
    assert [step(clip, "x", 1, -1, 1, h=h) for h in (H, -H)] == [0, 1]
    assert margin(clip, 5.0, 0.0, inf) == 5.0


@pytest.mark.parametrize(
    ("gate", "bound", "dx", "db", "sides"),
    [
        (clamp_min, "lo", [0, 1, 1], [1, 0, 0], [1, 0]),
        (clamp_max, "hi", [1, 1, 0], [0, 0, 1], [0, 1]),
    ],
    ids=str,
)
def test_one_bound(gate: Gate, bound: str, dx: list[float], db: list[float], sides: list[float]) -> None:
    """On the bound x takes the whole gradient, unlike a tie of maximum or minimum."""
    x = f([-2, 0.5, 3])
    np.testing.assert_array_equal(slope(gate, "x", x, 0.5), dx)
    np.testing.assert_array_equal(slope(gate, bound, x, 0.5), db)
    np.testing.assert_array_equal(margin(gate, x, 0.5), [-2.5, 0, 2.5])
    np.testing.assert_array_equal(step(gate, "x", x[[0, 2]], 0.5), f(dx)[[0, 2]])
    np.testing.assert_array_equal(step(gate, bound, x[[0, 2]], 0.5), f(db)[[0, 2]])
    assert [step(gate, "x", 0.5, 0.5, h=h) for h in (H, -H)] == sides


# --- conditions ---


def test_where_gives_exactly_0_to_what_was_not_chosen() -> None:
    """Whatever the upstream gradient or the value thrown away: nan and inf stay on the chosen side."""
    c, a, b = f([1, 0, 1, 0]), f([1, nan, inf, 4]), f([nan, 2, 3, inf])
    z = where.forward(c, a, b)
    np.testing.assert_array_equal(z, [1, 2, inf, inf])
    back = where.backward(f([5, 6, nan, inf]), z, c, a, b)
    np.testing.assert_array_equal(back["a"], [5, 0, nan, 0])
    np.testing.assert_array_equal(back["b"], [0, 6, 0, inf])
    assert "c" not in back


def test_where_on_scalars_and_broadcasts() -> None:
    """Scalars stay scalars; what was broadcast is summed."""
    assert where.backward(3.0, 5.0, 1.0, 5.0, 7.0) == {"a": 3.0, "b": 0.0}
    assert type(where.forward(f(0), f(5), f(7))) is np.float64
    assert type(where.backward(3.0, 7.0, 0.0, 5.0, 7.0)["b"]) is np.float64
    assert where.forward(2.0, 5.0, 7.0) == 5.0
    c = f([[1, 0, 1], [0, 0, 1]])
    back = where.backward(f([[1, 2, 3], [4, 5, 6]]), np.ones((2, 3)), c, f([1, 2, 3]), f(9))
    np.testing.assert_array_equal(back["a"], [1, 0, 9])
    assert back["b"] == 11.0
    back = where.backward(np.ones((3,)), np.ones((3,)), f(0), f([1, 2, 3]), f([1, 2, 3]))
    np.testing.assert_array_equal([back["a"], back["b"]], [[0, 0, 0], [1, 1, 1]])
    assert where.backward(np.ones(0), np.ones(0), np.ones(0), f(1), np.ones(0))["a"] == 0.0


def test_where_with_complex_entries() -> None:
    """The condition counts by its real part alone, the chosen entry keeps its imaginary part."""
    z = beside(where, f([1, 0]) + 1j * H, f([2, 2]) + 3j * H, f([5, 5]) + 7j * H)
    np.testing.assert_array_equal(z.real, [2, 5])
    np.testing.assert_array_equal(z.imag, [3 * H, 7 * H])


@pytest.mark.parametrize(
    ("gate", "z"),
    [(lt, [1, 0, 0]), (le, [1, 1, 0]), (gt, [0, 0, 1]), (ge, [0, 1, 1]), (eq, [0, 1, 0]), (ne, [1, 0, 1])],
    ids=str,
)
def test_comparisons_are_masks_without_slope(gate: Gate, z: list[float]) -> None:
    """0 and 1 as float64; no gradient to either side."""
    x, y = f([1, 2, 3]), f([2, 2, 2])
    value = gate.forward(x, y)
    assert value.dtype == np.float64
    np.testing.assert_array_equal(value, z)
    assert type(gate.forward(f(1), f(2))) is np.float64
    assert gate.forward(1.0, 2.0) == z[0]
    back = gate.backward(f([4, 5, 6]), value, x, y)
    np.testing.assert_array_equal([back["x"], back["y"]], np.zeros((2, 3)))
    np.testing.assert_array_equal(margin(gate, x, y), [-1, 0, 1])
    assert gate.pattern is Pattern.STOPPER
    assert gate.kink is not None
    assert gate.kink.jump


@pytest.mark.parametrize(
    ("gate", "up", "down"), [(lt, 0, 1), (le, 0, 1), (gt, 1, 0), (ge, 1, 0), (eq, 0, 0), (ne, 1, 1)], ids=str
)
def test_comparisons_at_a_tie_take_the_side_moved_to(gate: Gate, up: float, down: float) -> None:
    """Raising x is the same as lowering y; moved alike they stay tied. No slope on the way."""
    two = np.float64(2)
    x = np.complex128(2 + 1j * H)
    assert (beside(gate, x, two), beside(gate, two, x.conj())) == (up, up)
    assert (beside(gate, x.conj(), two), beside(gate, two, x)) == (down, down)
    assert beside(gate, x, x) == gate.forward(two, two)
    array = np.array([x, x.conj(), 1 + 1j * H])
    np.testing.assert_array_equal(beside(gate, array, two), [up, down, gate.forward(f(1), two)])
    assert np.imag(beside(gate, array, two)).max() == 0


def test_logical_gates() -> None:
    """Anything but 0 holds; results are 0 and 1 and have no slope."""
    x, y = f([1, 1, 0, -2]), f([1, 0, 0, 0.5])
    np.testing.assert_array_equal(logical_and.forward(x, y), [1, 0, 0, 1])
    np.testing.assert_array_equal(logical_or.forward(x, y), [1, 1, 0, 1])
    np.testing.assert_array_equal(logical_not.forward(x), [0, 0, 1, 0])
    np.testing.assert_array_equal(beside(logical_and, x + 1j * H, y), [1, 0, 0, 1])
    np.testing.assert_array_equal(beside(logical_not, x + 1j * H), [0, 0, 1, 0])
    assert type(logical_and.forward(f(1), f(1))) is np.float64
    assert logical_or.backward(3.0, 1.0, 1.0, 0.0) == {"x": 0.0, "y": 0.0}
    assert logical_not.forward(1.0) == 0.0
    assert logical_and.forward(2.0, 0.0) == 0.0


# --- steps ---


@pytest.mark.parametrize(
    ("gate", "z"),
    [
        (sign, [-1, -1, -1, -1, 0, 1, 1, 1]),
        (floor, [-3, -2, -2, -1, 0, 0, 1, 2]),
        (ceil, [-2, -2, -1, 0, 0, 1, 1, 3]),
        (trunc, [-2, -2, -1, 0, 0, 0, 1, 2]),
        (round_, [-2, -2, -2, 0, 0, 0, 1, 2]),
    ],
    ids=str,
)
def test_steps(gate: Gate, z: list[float]) -> None:
    """Their values are numpy's (a half goes to the even number), their slope is 0, scalars stay scalars."""
    x = f([-2.5, -2, -1.5, -0.5, 0, 0.5, 1, 2.5])
    np.testing.assert_array_equal(gate.forward(x), z)
    np.testing.assert_array_equal(gate.backward(np.ones(8), f(z), x)["x"], np.zeros(8))
    assert type(gate.forward(f(0.3))) is np.float64
    off = f([-7.3, -0.2, 0.4, 5.6, 1e6 + 0.3])
    for h in (H, -H):  # off the jumps nothing changes
        np.testing.assert_array_equal(beside(gate, off + 1j * h), gate.forward(off))
    assert gate.pattern is Pattern.STOPPER
    assert gate.kink is not None
    assert gate.kink.jump


@pytest.mark.parametrize(
    ("gate", "x", "above", "below"),
    [
        (sign, 0.0, 1, -1),
        (floor, 2.0, 2, 1),
        (floor, -2.0, -2, -3),
        (floor, 0.0, 0, -1),
        (ceil, 2.0, 3, 2),
        (ceil, -2.0, -1, -2),
        (ceil, 0.0, 1, 0),
        (trunc, 2.0, 2, 1),
        (trunc, -2.0, -1, -2),
        (trunc, 0.0, 0, 0),
        (round_, 2.5, 3, 2),
        (round_, 3.5, 4, 3),
        (round_, -2.5, -2, -3),
        (round_, -0.5, 0, -1),
        (round_, 2.0, 2, 2),
    ],
    ids=str,
)
def test_steps_beside_a_jump(gate: Gate, x: float, above: float, below: float) -> None:
    """The real part is the limit from the side moved to, and the imaginary part is 0."""
    for h, z in ((H, above), (-H, below)):
        for moved in (np.complex128(complex(x, h)), np.array([complex(x, h)])):
            value = beside(gate, moved)
            assert np.shape(value) == np.shape(moved)
            assert value == z
    assert beside(gate, np.complex128(x)) == gate.forward(f(x))


@pytest.mark.parametrize(
    ("gate", "on", "off"),
    [
        (sign, [0.0], [1e-300, -2.0]),
        (floor, [0.0, 2.0, -2.0, 1e17], [0.5, 1e-20, -1e-20, np.nextafter(2.0, 0)]),
        (ceil, [0.0, 2.0, -2.0, 1e17], [0.5, 1e-20, -1e-20, np.nextafter(2.0, 0)]),
        (trunc, [2.0, -2.0, 1.0, -1.0], [0.0, 0.5, -0.5, np.nextafter(1.0, 0)]),
        (round_, [0.5, -0.5, 2.5, -3.5], [0.0, 1.0, np.nextafter(0.5, 0), -np.nextafter(0.5, 0), 1e17]),
    ],
    ids=str,
)
def test_the_margins_of_steps(gate: Gate, on: list[float], off: list[float]) -> None:
    """Exactly 0 on every jump, and nowhere else."""
    assert not np.any(margin(gate, on))
    assert np.all(margin(gate, off))


def test_almost_a_half_is_none() -> None:
    """-0.49999999999999994 rounds to 0 whichever way it moves, though one more than it is 0.5 in floats."""
    almost = -np.nextafter(0.5, 0)
    assert almost + 1 == 0.5
    assert beside(round_, np.complex128(complex(almost, -H))) == beside(round_, np.complex128(almost)) == 0


def test_the_margin_is_a_distance() -> None:
    """In the unit of the input."""
    np.testing.assert_allclose(margin(floor, [2.1, 1.9]), [0.1, -0.1], rtol=1e-14)
    np.testing.assert_allclose(np.abs(margin(trunc, [0.75, 1.75])), [0.25, 0.25])
    np.testing.assert_allclose(np.abs(margin(round_, [0.75, -2.25])), [0.25, 0.25])
    np.testing.assert_allclose(np.abs(margin(round_, [123.0], decimals=-1)), [2.0])


def test_round_to_decimals() -> None:
    """As numpy: also to tens, also when the number arrives as a float."""
    x = f([3.14159, -2.71828, 0.125])
    np.testing.assert_array_equal(round_.forward(x, decimals=2), np.round(x, 2))
    np.testing.assert_array_equal(round_.forward(x, decimals=2.0), [3.14, -2.72, 0.12])
    np.testing.assert_array_equal(round_.forward(f([125, 134.9]), decimals=-1), [120, 130])
    assert margin(round_, 0.125, decimals=2) == 0
    above = beside(round_, np.complex128(0.125 + 1j * H), decimals=2)
    assert above == 0.13
    with pytest.raises(GradcalcError) as caught:
        round_.forward(x, decimals=1.5)
    assert (caught.value.kind, caught.value.message) == ("value", "decimals must be a whole number, not 1.5")


def test_heaviside() -> None:
    """h counts on 0 only; beside 0 the side moved to decides."""
    x = f([-2, 0, 3])
    np.testing.assert_array_equal(heaviside.forward(x, f(0.25)), [0, 0.25, 1])
    assert heaviside.backward(np.ones(3), np.ones(3), x, f(0.25))["h"] == 1.0
    np.testing.assert_array_equal(slope(heaviside, "h", x, 0.25), [0, 1, 0])
    np.testing.assert_array_equal(margin(heaviside, x, 0.25), [-2, 0, 3])
    assert beside(heaviside, np.complex128(1j * H), 0.25) == 1
    assert beside(heaviside, np.complex128(-1j * H), 0.25) == 0
    assert step(heaviside, "h", 0.0, 0.25) == 1.0


# --- shapes ---

TWO = [maximum, minimum, clamp_min, clamp_max, *COMPARISONS, logical_and, logical_or, heaviside]


@pytest.mark.parametrize("gate", TWO, ids=str)
@pytest.mark.parametrize(
    ("a", "b", "z"),
    [
        ((), (), ()),
        ((3,), (), (3,)),
        ((2, 3), (3,), (2, 3)),
        ((2, 1), (1, 3), (2, 3)),
        ((0,), (1,), (0,)),
        ((1,), (1,), (1,)),
    ],
)
def test_broadcasting(gate: Gate, a: tuple[int, ...], b: tuple[int, ...], z: tuple[int, ...]) -> None:
    """Values have numpy's shape, gradients the shape of their input, and scalars stay np.float64."""
    x, y = f(np.full(a, 2.5)), f(np.full(b, 1.5))
    value = gate.forward(x, y)
    assert np.shape(value) == z
    back = gate.backward(np.ones(z), value, x, y)
    assert [np.shape(g) for g in back.values()] == [a, b]
    assert np.sum(next(iter(back.values()))) == value.size * slope(gate, "x", 2.5, 1.5)
    if z == ():
        assert all(type(v) is np.float64 for v in (value, *back.values()))


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 3)])
def test_three_inputs_keep_their_shapes(shape: tuple[int, ...]) -> None:
    """clip and where with bounds and branches of other shapes than x."""
    x = f(np.full(shape, 0.5))
    back = clip.backward(np.ones(shape), clip.forward(x, f(0), f(1)), x, f(0), f(1))
    assert [np.shape(g) for g in back.values()] == [shape, (), ()]
    assert np.sum(back["x"]) == x.size


def test_what_the_module_declares() -> None:
    """Every step and comparison is a stopper and every other kink is continuous."""
    gates = [g for g in vars(routing).values() if isinstance(g, Gate)]
    jumps = {g.name for g in gates if g.kink is not None and g.kink.jump}
    assert jumps == {g.name for g in [*COMPARISONS, *STEPS, heaviside]}
    assert all(g.complex is not False for g in gates)
