"""Traps that checkers themselves fell into, each with the place where it did: ours must not.

Names are those of projects and of their threads or commits. Functions here are checked in this process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcalc import check
from gradcalc.code.given import Given
from gradcalc.code.job import Job, run

Array = Any
RNG = np.random.default_rng(3)
RIGHT: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
WRONG: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}


def changed(gradient: Callable[[Array], Array], at: Any, by: Callable[[Array], Array]) -> Any:
    """A gradient with some entries wrong."""

    def wrong(x: Array) -> Array:
        found = np.array(gradient(x), dtype=float)
        found[at] = by(found[at])
        return found

    return wrong


# -- zeros, NaN, tiny numbers --------------------------------------------------------------------------

SOME = RNG.standard_normal(6)
SPARSE = np.zeros(10_000)
SPARSE[[3, 77]] = 0.8, -1.3


def half(x: Array) -> Array:
    """Uses every second entry only: the others' gradients are exactly 0."""
    return np.sum(np.sin(x[::2]))


def slope_of_half(x: Array) -> Array:
    found = np.zeros_like(x)
    found[::2] = np.cos(x[::2])
    return found


# Theano #144: |a-b|/(|a|+|b|) is 0/0 where both are 0, and max() of an array with NaN hides real errors.
RIGHT["exact zeros"] = (half, slope_of_half, SOME), {}
WRONG["exact zeros and one wrong entry"] = (half, changed(slope_of_half, 2, lambda g: 1.001 * g), SOME), {}
WRONG["nothing where something belongs"] = (half, changed(slope_of_half, 2, lambda g: 0 * g), SOME), {}
WRONG["something where nothing belongs"] = (half, changed(slope_of_half, 1, lambda g: g + 1e-9), SOME), {}
# Theano fbac37c6d: NaN and infinity passed.
WRONG["one NaN"] = (half, changed(slope_of_half, 0, lambda g: np.nan), SOME), {}
WRONG["one infinity"] = (half, changed(slope_of_half, 0, lambda g: np.inf), SOME), {}
# A tolerance larger than the whole (a back_prop test with 0.01 on hidden weights).
WRONG["all of it is tiny"] = (lambda x: 1e-9 * np.sum(x**2), lambda x: 4e-9 * x, SOME), {}
RIGHT["all of it is tiny"] = (lambda x: 1e-9 * np.sum(x**2), lambda x: 2e-9 * x, SOME), {}
RIGHT["far from 1"] = (lambda x: 1e12 * np.sum(x**3), lambda x: 3e12 * x**2, 1e-6 * SOME), {}

# At the top of a wave the slope is the rounding of pi, whatever the other entries are.
RIGHT["nothing but rounding"] = (
    (lambda x: np.sum(np.cos(x)), lambda x: -np.sin(x), np.array([0.0, np.pi])),
    {},
)
WRONG["nothing but rounding, and 1e-9 more"] = (
    lambda x: np.sum(np.cos(x)), lambda x: 1e-9 - np.sin(x), np.array([0.0, np.pi]),
), {}  # fmt: skip

# -- directions ----------------------------------------------------------------------------------------

LARGE = RNG.standard_normal(10_000)


def cubes(x: Array) -> Array:
    return np.sum(x**3) / 3


# chainer 3a46a5a7aa: a direction with tiny components can't see the entry there.
WRONG["one of 10,000 entries"] = (cubes, changed(np.square, 1234, lambda g: g + 0.01), LARGE), {}
WRONG["one of 10,000 entries, sign"] = (cubes, changed(np.square, 9_999, lambda g: -g), LARGE), {}
# pytorch #59584: a projection of a mostly-zero Jacobian under a wide tolerance passed a wrong renorm.
WRONG["few entries matter"] = (cubes, changed(np.square, 3, lambda g: 0.99 * g), SPARSE), {}
RIGHT["few entries matter"] = (cubes, np.square, SPARSE), {}


def renorm(x: Array) -> Array:
    """Rows longer than 1 are cut to length 1."""
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    return np.where(lengths > 1, x / lengths, x)


def renorm_backward(dz: Array, x: Array, wrong: bool) -> Array:
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    along = np.sum(dz * x, axis=1, keepdims=True) / lengths**2
    return np.where(lengths > 1, (dz - (0 if wrong else along) * x) / lengths, dz)


ROWS = 0.05 * RNG.standard_normal((60, 5))
ROWS[17] = 2.0, -1.0, 0.5, 1.0, -2.0
for wrong in (False, True):
    (WRONG if wrong else RIGHT)["renorm of one row in sixty"] = (
        ((lambda x: (renorm(x), x)), (lambda dz, x, wrong=wrong: renorm_backward(dz, x, wrong)), ROWS), {},
    )  # fmt: skip
# pytorch #56275: the projection fails although every entry agrees.
SQUARE = RNG.standard_normal((40, 40)) + 7 * np.eye(40)
RIGHT["an inverse of 1,600 entries"] = (
    lambda x: np.linalg.slogdet(x)[1], lambda x: np.linalg.inv(x).T, SQUARE,
), {}  # fmt: skip

# -- outputs and upstream gradients --------------------------------------------------------------------


def two_outputs(x: Array, w: Array) -> Any:
    return (x * w, x + np.sin(w)), (x, w)


# chainer 8ddbea9e04: only the first of several outputs was looked at.
PAIR = {"x": SOME[:3], "w": SOME[3:]}
RIGHT["two outputs"] = (
    ((two_outputs, lambda ups, cache: (ups[0] * cache[1] + ups[1],
                                       ups[0] * cache[0] + ups[1] * np.cos(cache[1]))),), PAIR,
)  # fmt: skip
WRONG["two outputs, the second one's gradient"] = (
    ((two_outputs, lambda ups, cache: (ups[0] * cache[1] + ups[1],
                                       ups[0] * cache[0] + ups[1] * np.sin(cache[1]))),), PAIR,
)  # fmt: skip
# chainer #4202: outputs of one entry went another way.
for shape in ((), (1,), (1, 1)):
    RIGHT[f"an output of shape {shape}"] = (
        (lambda x, s=shape: (np.sum(x**2).reshape(s), x), lambda dz, x: 2 * x * np.sum(dz), SOME), {},
    )  # fmt: skip
    WRONG[f"an output of shape {shape}, upstream ignored"] = (
        (lambda x, s=shape: (np.sum(x**2).reshape(s), x), lambda dz, x: 2 * x, SOME), {},
    )  # fmt: skip
# chainer 023b0a662f (Huber loss), pytorch #995 (prod), Theano 43c14abb0 (erfcx): all ones as the upstream.
WRONG["upstream ignored"] = ((lambda x: (x**2, x), lambda dz, x: 2 * x, SOME), {})
# HomericIntelligence/Mnemosyne #987: a softmax under all ones has gradient 0.


def softmax(x: Array) -> Any:
    z = np.exp(x) / np.sum(np.exp(x))
    return z, z


WRONG["softmax that gives zeros"] = ((softmax, lambda dz, z: 0 * z, SOME), {})
RIGHT["softmax"] = ((softmax, lambda dz, z: z * (dz - np.sum(dz * z)), SOME), {})


# autograd 5cc08c4: zip() of gradients and inputs compares what both have, and no more.
def product(x: Array, w: Array) -> Any:
    return x * w, (x, w)


WRONG["a gradient too few"] = ((product, lambda dz, cache: (dz * cache[1],)), PAIR)
WRONG["a gradient too many"] = ((product, lambda dz, cache: (dz * cache[1], dz * cache[0], dz)), PAIR)

# -- kinks ---------------------------------------------------------------------------------------------


def hinge(w: Array) -> Array:
    return np.sum(np.maximum(0, DATA @ w)) + 0.05 * np.sum(w**2)


DATA = RNG.standard_normal((200, 4))
WEIGHTS = RNG.standard_normal(4)
DATA[0] -= WEIGHTS * ((DATA[0] @ WEIGHTS - 1e-6) / (WEIGHTS @ WEIGHTS))  # a margin of 1e-6


def slope_of_hinge(w: Array) -> Array:
    return DATA.T @ np.float64(DATA @ w > 0) + 0.1 * w


# CS231n: a kink 1e-6 away; a printed relative error of 1e-2 for right code, 1e-6 for wrong code.
RIGHT["a kink nearby"] = (hinge, slope_of_hinge, WEIGHTS), {}
WRONG["two parts in a million"] = (hinge, lambda w: slope_of_hinge(w) * (1 + 1.8e-6), WEIGHTS), {}
WRONG["smooth, and 1e-9 off"] = (cubes, lambda x: x**2 * (1 + 1e-9), SOME), {}
# One entry is 1e-8 beside others of 1: the floor of rel_error hides it, or its noise accuses it.
SCALES = np.array([1e-8, 1.0, 30.0])
RIGHT["entries of very different size"] = (
    (lambda x: SCALES @ np.sin(x), lambda x: SCALES * np.cos(x), SOME[:3]),
    {},
)
WRONG["a tiny entry, 1 % off"] = (
    lambda x: SCALES @ np.sin(x), changed(lambda x: SCALES * np.cos(x), 0, lambda g: 1.01 * g), SOME[:3],
), {}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_no_false_alarm(name: str) -> None:
    """Right gradients pass."""
    args, kwargs = RIGHT[name]
    found = check(*args, **kwargs)
    assert found.verdict == "pass", str(found)


@pytest.mark.parametrize("name", WRONG)
def test_no_sleep(name: str) -> None:
    """Wrong ones fail."""
    args, kwargs = WRONG[name]
    found = check(*args, **kwargs)
    assert found.verdict == "fail", str(found)


# -- kinks ---------------------------------------------------------------------------------------------

KEPT = np.array([1.0, 0.0, 1.0, 0.0])


def dropped(b: Array) -> Array:
    """Where all inputs of a unit are dropped and its bias is 0, relu stands on its kink."""
    return np.sum(SCALES[1] * np.maximum(0, KEPT * SOME[:4] + b) * SOME[2:])


@pytest.mark.parametrize("rule", [lambda z: z > 0, lambda z: z >= 0], ids=["0 at 0", "1 at 0"])
def test_a_kink_is_no_fault(rule: Callable[[Array], Array]) -> None:
    """0809zheng's dropout check: a relative error of 1.00 for right code. Odyssey #2077: relu at 0."""
    found = check(dropped, lambda b: rule(KEPT * SOME[:4] + b) * SOME[2:], np.zeros(4))
    assert found.verdict == "kink"
    assert "stand on a kink" in found.arguments[0].notes[0] or "a kink at" in found.arguments[0].notes[0]


def test_a_kink_excuses_no_other_entry() -> None:
    """One entry on a kink, another one wrong."""
    wrong = changed(lambda b: np.float64(KEPT * SOME[:4] + b > 0) * SOME[2:], 0, lambda g: g + 1e-3)
    found = check(dropped, wrong, np.zeros(4))
    assert found.verdict == "fail"
    assert found.arguments[0].worst is not None
    assert found.arguments[0].worst.place == (0,)


# -- what is said --------------------------------------------------------------------------------------


def test_the_message_says_which_entry_and_whose_number() -> None:
    """Theano 14b6cd35e: argument, cell and values. autograd 6303970: not the wrong way round."""

    def forward(x: Array, w: Array) -> Any:
        return x @ w, (x, w)

    def backward(dz: Array, cache: Any) -> Any:
        x, w = cache
        dw = x.T @ dz
        dw[1, 0] += 1000.0
        return dz @ w.T, dw

    found = check((forward, backward), x=SOME.reshape(2, 3), w=SOME.reshape(3, 2))
    x, w = found.arguments
    assert (x.verdict, w.verdict) == ("pass", "fail")
    assert w.worst is not None
    assert w.worst.place == (1, 0)
    assert w.worst.analytic - w.worst.numeric == pytest.approx(1000.0)
    said = str(found)
    assert "dw fail" in said
    assert f"{w.worst.analytic:.8g} given, {w.worst.numeric:.8g} numerically at [1, 0]" in said


def test_the_error_is_that_of_the_gradients() -> None:
    """pybrain #51: precision computed against the wrong quantity."""
    found = check(cubes, lambda x: 1.01 * x**2, SOME)
    assert found.arguments[0].error == pytest.approx(0.01 / 1.01, rel=1e-6)


def test_single_precision_is_said_and_no_failure() -> None:
    """JAX's cookbook: 1.2 % apart, because of float32 and a step of 1e-4."""

    def loss(w: Array) -> Array:
        z = np.tanh(DATA.astype(np.float32) @ w.astype(np.float32))
        return np.sum(z * z)

    def slope(w: Array) -> Array:
        data = DATA.astype(np.float32)
        z = np.tanh(data @ w.astype(np.float32))
        return (data.T @ (2 * z * (1 - z * z))).astype(np.float32)

    found = check(loss, slope, WEIGHTS)
    assert found.verdict in ("pass", "noise"), str(found)
    assert "it computes in float32, and is judged by that precision" in found.notes


def test_code_that_refuses_a_step() -> None:
    """A function that raises outside its domain is moved on the other side."""

    def root(x: Array) -> Array:
        if np.any(x < 0):
            raise ValueError("negative")
        return np.sum(np.sqrt(x))

    assert check(root, lambda x: 0.5 / np.sqrt(x), np.array([1e-7, 2.0])).verdict == "pass"
    assert check(root, lambda x: 0.6 / np.sqrt(x), np.array([1e-7, 2.0])).verdict == "fail"


# -- friendly points -----------------------------------------------------------------------------------

POOL = """
import numpy as np

def pool_forward(x, pool_param):
    k, s = pool_param["size"], pool_param["stride"]
    n = (len(x) - k) // s + 1
    return np.array([x[i*s:i*s+k].max() for i in range(n)]), (x, pool_param)

def pool_backward(dout, cache):
    x, pool_param = cache
    k, s = pool_param["size"], pool_param["stride"]
    dx = np.zeros_like(x)
    for i in range(len(dout)):
        dx[i*s + np.argmax(x[i*s:i*s+k])] {} dout[i]
    return dx
"""
NET = """
import numpy as np

def loss(X, y, W, b, reg=0.5):
    z = X @ W + b - y[:, None]
    value = np.mean(z**2) + reg * (np.sum(W**2) + np.sum(b**2))
    d = 2 * z / z.size
    return value, {{"W": X.T @ d + 2 * reg * W, "b": d.sum(axis=0){}}}
"""


@pytest.mark.parametrize(("sign", "verdict"), [("=", "fail"), ("+=", "pass")])
def test_overlapping_windows(tmp_path: Any, sign: str, verdict: str) -> None:
    """CS231n: 3 of 13 repositories assign instead of adding, and stride = size hides it."""
    path = tmp_path / "pool.py"
    path.write_text(POOL.format(sign), encoding="utf-8")
    given = Given(shapes={"x": (8,)}, params={"size": 2, "stride": 2})
    assert run(Job(f"{path}:pool", given)).verdict == "pass"
    assert run(Job(f"{path}:pool", given, vary=True)).verdict == verdict


@pytest.mark.parametrize(("penalty", "verdict"), [("", "fail"), (" + 2 * reg * b", "pass")])
def test_biases_that_start_at_zero(tmp_path: Any, penalty: str, verdict: str) -> None:
    """CS231n's two-layer net: a missing 2*reg*b can't be seen at b = 0."""
    path = tmp_path / "net.py"
    path.write_text(NET.format(penalty), encoding="utf-8")
    given = Given(typed={"b": "[0, 0]"}, shapes={"X": (5, 3), "y": (5,), "W": (3, 2)})
    assert run(Job(f"{path}:loss", given)).verdict == "pass"
    found = run(Job(f"{path}:loss", given, vary=True))
    assert (found.verdict, found.case) == (verdict, "b not all equal" if verdict == "fail" else "")


def test_a_wrong_factor_on_one_side_is_no_lost_path() -> None:
    def bent(x: Array) -> tuple[Array, Array]:
        return np.where(x > 1, x**2, 2 * x - 1), x

    def back(d: Array, x: Array) -> Array:
        return d * np.where(x > 1, 2 * x, 1.0)

    found = check(bent, back, np.array([-0.3, 1.4, 0.6, 2.0]))
    assert found.verdict == "fail"
    names = [m.name for m in found.arguments[0].mistakes]
    assert names
    assert "overwritten" not in names
