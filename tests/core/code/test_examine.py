"""Gradients written in Python: how they are called, what is said of them, what their code can't do."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, check
from gradcalc.code.given import Given
from gradcalc.code.job import Job, run
from gradcalc.code.record import Examined

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file with this code; its path."""

    def written(code: str, name: str = "hw.py") -> str:
        path = tmp_path / name
        path.write_text("import numpy as np\n" + textwrap.dedent(code), encoding="utf-8")
        return str(path)

    return written


def examined(path: str, name: str, shapes: dict[str, tuple[int, ...]] | None = None, **how: Any) -> Examined:
    """The verdict on one name of a file, at a drawn point."""
    typed, params = how.pop("typed", {}), how.pop("params", {})
    return run(Job(f"{path}:{name}", Given(typed=typed, shapes=shapes or {}, params=params), **how))


AFFINE = """
    def affine_forward(x, w, b):
        return x @ w + b, (x, w, b)

    def affine_backward(dout, cache):
        x, w, b = cache
        return dout @ w.T, x.T @ dout, {db}
"""
SHAPES = {"x": (4, 5), "w": (5, 3), "b": (3,)}


def test_a_right_layer(write: Write) -> None:
    """Every entry of every gradient agrees to rounding."""
    found = examined(write(AFFINE.format(db="dout.sum(axis=0)")), "affine", SHAPES)
    assert found.verdict == "pass"
    assert [(a.name, a.verdict, a.checked) for a in found.arguments] == [
        ("x", "pass", "entries"),
        ("w", "pass", "entries"),
        ("b", "pass", "entries"),
    ]
    assert all(a.error is not None and a.error < 1e-14 for a in found.arguments)


@pytest.mark.parametrize(
    ("db", "name", "text"),
    [
        ("dout", "not-summed", "db is not summed back: summed over axis 0 it is right"),
        (
            "dout.mean(axis=0)",
            "averaged",
            "db is 1/4 of the true gradient: divided by axis 0 of x, 4, once too often "
            "(a mean where a sum belongs)",
        ),
        ("-dout.sum(axis=0)", "sign", "db has the wrong sign, in every entry"),
        ("dout.sum(axis=0)[::-1]", "flipped", "db is reversed along axis 0"),
        ("0 * b", "zero", "db is zero everywhere: nothing arrives at b"),
        ("dout.sum(axis=0) + 0.3 * b", "regularisation", None),
        ("np.ones_like(dout).sum(axis=0)", "upstream-ignored", None),
    ],
)
def test_mistakes_are_named(write: Write, db: str, name: str, text: str | None) -> None:
    """One wrong line, its name, and the other gradients right."""
    found = examined(write(AFFINE.format(db=db)), "affine", SHAPES)
    x, w, b = found.arguments
    assert (found.verdict, x.verdict, w.verdict, b.verdict) == ("fail", "pass", "pass", "fail")
    assert name in [m.name for m in b.mistakes]
    assert text is None or text in [m.text for m in b.mistakes]


PADDED = """
    def f_forward(x, w):
        p = np.pad(x, 1)
        H, W = x.shape
        return np.array([[np.sum(p[i:i+3, j:j+3] * w) for j in range(W)] for i in range(H)]), (x, w)

    def f_backward(dout, cache):
        x, w = cache
        dp = np.zeros((x.shape[0] + 2, x.shape[1] + 2))
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                dp[i:i+3, j:j+3] += dout[i, j] * {w}
        p = np.pad(x, 1)
        dw = sum(dout[i, j] * p[i:i+3, j:j+3] for i in range(x.shape[0]) for j in range(x.shape[1]))
        return dp[{crop}], dw
"""


@pytest.mark.parametrize(
    ("w", "crop", "name", "text"),
    [
        ("w", ":-2, :-2", "permuted", "dx is shifted by +1 and +1 along axes 0 and 1"),
        ("w[::-1, ::-1]", "1:-1, 1:-1", "flipped", "`w[::-1, ::-1]` is turned round"),
    ],
)
def test_windows_turned_and_cut_in_the_wrong_place(
    write: Write, w: str, crop: str, name: str, text: str
) -> None:
    """The two mistakes of a padded convolution that its shapes forgive."""
    found = examined(write(PADDED.format(w=w, crop=crop)), "f", {"x": (5, 6), "w": (3, 3)})
    x, weights = found.arguments
    assert (x.verdict, weights.verdict) == ("fail", "pass")
    assert name in [m.name for m in x.mistakes]
    assert any(text in m.text for m in x.mistakes)


def test_the_last_image_only(write: Write) -> None:
    """Of a batch one entry is left."""
    code = """
        def f_forward(x, b): return x + b[:, None, None], None
        def f_backward(dout, cache): return dout, dout[-1].sum(axis=(1, 2))
    """
    found = examined(write(code), "f", {"x": (2, 4, 3, 3), "b": (4,)})
    assert [(m.name, m.text) for m in found.arguments[1].mistakes][:1] == [
        (
            "overwritten",
            "of the gradients that meet at an entry of b only one is left, that of axis 0's entry 1: "
            "= where += belongs",
        )
    ]


def test_one_wrong_entry_of_many_is_found() -> None:
    """Among 250,000 entries, too many to look at one by one: halving finds it."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((500, 500))

    def value(x: Any) -> Any:
        return np.sum(np.sin(x))

    def slope(x: Any) -> Any:
        found = np.cos(x)
        found[317, 41] *= 1.01
        return found

    found = check(value, slope, x)
    (argument,) = found.arguments
    assert (found.verdict, argument.checked) == ("fail", "directions")
    assert argument.worst is not None
    assert argument.worst.place == (317, 41)


def test_entries_that_are_looked_at_keep_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small matrix in slow code: directions first, then all of its entries, each at its index."""
    monkeypatch.setattr("gradcalc.code.examine.LONGEST", 0)

    def slope(x: Any) -> Any:
        found = np.cos(x)
        found[2, 1] += 0.1
        return found

    found = check(lambda x: np.sum(np.sin(x)), slope, np.arange(12.0).reshape(3, 4) / 7)
    (argument,) = found.arguments
    assert (found.verdict, argument.checked) == ("fail", "directions")
    assert argument.worst is not None
    assert argument.worst.place == (2, 1)
    assert argument.wrong is not None
    assert np.argwhere(argument.wrong).tolist() == [[2, 1]]


# -- how it is called ------------------------------------------------------------------------------

STYLES: dict[str, tuple[str, str, dict[str, tuple[int, ...]]]] = {
    "value and gradient": ("f", "def f(x): return np.sum(x**2), 2 * x", {"x": (3,)}),
    "value and dict": (
        "f", "def f(x, y): return np.sum(x * y), {'y': x, 'x': y}", {"x": (3,), "y": (3,)},
    ),
    "value and tuple": (
        "f", "def f(x, y): return np.sum(x * y), (y, x)", {"x": (3,), "y": (3,)},
    ),
    "fewer gradients than inputs": (
        "f",
        "def f(X, w):\n    dw = X.sum(axis=0)\n    return np.sum(X @ w), dw",
        {"X": (4, 3), "w": (3,)},
    ),
    "two functions": ("f,g", "def f(x): return np.sum(x**2)\ndef g(x): return 2 * x", {"x": (3,)}),
    "a partner by its name": ("f", "def f(x): return np.sum(x**2)\ndef grad_f(x): return 2 * x", {"x": (3,)}),
    "a jacobian": (
        "f,jac",
        "def f(x): return np.array([x[0] * x[1], x[1] ** 2])\n"
        "def jac(x): return np.array([[x[1], x[0]], [0, 2 * x[1]]])",
        {"x": (2,)},
    ),
    "a backward with the same arguments": (
        "relu", "def relu_forward(x): return np.maximum(x, 0)\n"
        "def relu_backward(dz, x): return dz * (x > 0)", {"x": (4, 2)},
    ),
    "the cache first": (
        "f", "def f_forward(x):\n    cache = np.exp(x)\n    return cache, cache\n"
        "def f_backward(cache, dout): return dout * cache", {"x": (4,)},
    ),
    "a suffix": (
        "conv", "def conv_forward_naive(x): return x * 2, None\n"
        "def conv_backward_naive(dout, cache): return dout * 2", {"x": (4,)},
    ),
    "two outputs": (
        "step",
        "def step_forward(x, h):\n    return x * h, x + h, (x, h)\n"
        "def step_backward(da, db, cache):\n    x, h = cache\n    return da * h + db, da * x + db",
        {"x": (3,), "h": (3,)},
    ),
    "a class": (
        "Mul",
        "class Mul:\n    def forward(self, x, y):\n        self.x, self.y = x, y\n        return x * y\n"
        "    def backward(self, dz):\n        return dz * self.y, dz * self.x",
        {"x": (3,), "y": (3,)},
    ),
    "a class that keeps gradients": (
        "Affine",
        "class Affine:\n    def __init__(self, W, b):\n        self.W, self.b = W, b\n"
        "    def forward(self, x):\n        self.x = x\n        return x @ self.W + self.b\n"
        "    def backward(self, dout):\n        self.dW = self.x.T @ dout\n"
        "        self.db = dout.sum(axis=0)\n"
        "        return dout @ self.W.T",
        {"x": (4, 3), "W": (3, 2), "b": (2,)},
    ),
    "lists of weights and gradients": (
        "MatMul",
        "class MatMul:\n    def __init__(self, W):\n        self.params = [W]\n"
        "        self.grads = [np.zeros_like(W)]\n"
        "    def forward(self, x):\n        self.x = x\n        return x @ self.params[0]\n"
        "    def backward(self, dout):\n        self.grads[0][...] = self.x.T @ dout\n"
        "        return dout @ self.params[0].T",
        {"x": (4, 3), "W": (3, 2)},
    ),
    "a network": (
        "Net",
        "class Net:\n    def __init__(self, reg=0.1):\n        self.reg = reg\n"
        "        self.params = {'W': np.ones((3, 2)), 'b': np.zeros(2)}\n"
        "    def loss(self, X, y=None):\n        s = X @ self.params['W'] + self.params['b']\n"
        "        if y is None:\n            return s\n"
        "        e = np.exp(s - s.max(1, keepdims=True))\n        p = e / e.sum(1, keepdims=True)\n"
        "        n = np.arange(len(y))\n        d = p.copy()\n        d[n, y] -= 1\n        d /= len(y)\n"
        "        W = self.params['W']\n"
        "        value = -np.log(p[n, y]).mean() + self.reg * np.sum(W * W)\n"
        "        return value, {'W': X.T @ d + 2 * self.reg * W, 'b': d.sum(0)}",
        {"X": (5, 3), "y": (5,)},
    ),
    "a method": (
        "Sq.both",
        "class Sq:\n    def both(self, x):\n        return np.sum(x * x), 2 * x",
        {"x": (3,)},
    ),
    "lists of weights by layer": (
        "Net",
        "class Net:\n    def __init__(self):\n        self.weights = [np.ones((3, 2)), np.ones((2, 2))]\n"
        "    def forward(self, x):\n        self.xs = [x, x @ self.weights[0]]\n"
        "        return self.xs[1] @ self.weights[1]\n"
        "    def backward(self, d):\n        self.dweights = [None, self.xs[1].T @ d]\n"
        "        d = d @ self.weights[1].T\n        self.dweights[0] = self.xs[0].T @ d\n"
        "        return d @ self.weights[0].T",
        {"x": (4, 3)},
    ),
    "a slope instead of a backward": (
        "Sigmoid",
        "class Sigmoid:\n    def forward(self, z):\n        return 1 / (1 + np.exp(-z))\n"
        "    def backward(self, z):\n        s = self.forward(z)\n        return s * (1 - s)",
        {"z": (3,)},
    ),
    "static methods": (
        "Twice",
        "class Twice:\n    @staticmethod\n    def forward(ctx, x):\n        return 2 * x\n"
        "    @staticmethod\n    def backward(ctx, d):\n        return 2 * d",
        {"x": (3,)},
    ),
    "any number of arguments": (
        "f", "def f(*xs): return sum(np.sum(x * x) for x in xs), tuple(2 * x for x in xs)",
        {"a": (3,), "b": (2,)},
    ),
    "an object": (
        "layer",
        "class Double:\n    def forward(self, x):\n        return 2 * x\n    def backward(self, d):\n"
        "        return 2 * d\nlayer = Double()",
        {"x": (3,)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_ways_of_writing_a_gradient(write: Write, style: str) -> None:
    """Each is understood from its names and results, and is right."""
    name, code, shapes = STYLES[style]
    found = examined(write(code), name, shapes)
    assert found.verdict == "pass", str(found)
    assert all(a.checked for a in found.arguments)
    assert len(found.arguments) >= len([n for n in shapes if n not in ("y", "X")]) or style == "a network"


def test_a_networks_weights_are_its_arguments(write: Write) -> None:
    """Weights that start equal are moved away first, and the note says so."""
    name, code, shapes = STYLES["a network"]
    found = examined(write(code.replace("+ 2 * self.reg * W", "")), name, shapes)
    assert [(a.name, a.verdict) for a in found.arguments] == [("W", "fail"), ("b", "pass")]
    line, numbers = found.arguments[0].mistakes
    assert (line.name, numbers.name) == ("regularisation", "regularisation")
    assert "the term 2 * self.reg * W is missing in `X.T @ d`" in line.text
    assert "W is all 1 when it is made: checked at random values" in found.notes


def test_a_notebook_runs_only_its_definitions(tmp_path: Path) -> None:
    """Imports, functions and constants; not the cells that compute, plot or call the shell."""
    cells = [
        "import numpy as np\n%matplotlib inline\n!ls\nC = 3.0",
        "def f(x):\n    return C * np.sum(x), C * np.ones_like(x)",
        "raise RuntimeError('a cell that computes')",
    ]
    path = tmp_path / "hw.ipynb"
    sources = [{"cell_type": "code", "source": c} for c in cells]
    import json

    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "# hi"}, *sources]}))
    assert examined(str(path), "f", {"x": (3,)}).verdict == "pass"


def test_an_installed_module() -> None:
    """package.module:NAME."""
    found = run(Job("scipy.optimize:rosen,rosen_der", Given(shapes={"x": (4,)})))
    assert found.verdict == "pass"


def test_labels_are_whole_numbers(write: Write) -> None:
    """Floats are tried first; where the code indexes with them they are integers, and have no gradient."""
    code = """
        def pick(x, y):
            d = np.zeros_like(x)
            d[np.arange(len(y)), y] = 1
            return x[np.arange(len(y)), y].sum(), d
    """
    found = examined(write(code), "pick", typed={"x": "randn(4,3)", "y": "[0,2,1,2]"})
    assert found.verdict == "pass"
    assert [a.name for a in found.arguments] == ["x"]


def test_parameters(write: Write) -> None:
    """A dictionary takes --param; a plain argument too."""
    code = """
        def scale_forward(x, scale_param, power=1):
            return scale_param["by"] * x**power, (x, scale_param, power)

        def scale_backward(dz, cache):
            x, p, n = cache
            return dz * p["by"] * n * x ** (n - 1)
    """
    path = write(code)
    assert examined(path, "scale", {"x": (3,)}, params={"by": 3, "power": 2}).verdict == "pass"
    with pytest.raises(GradcalcError, match="affine takes no parameter stride"):
        examined(write(AFFINE.format(db="dout.sum(0)"), "b.py"), "affine", SHAPES, params={"stride": 1})


# -- what is said ----------------------------------------------------------------------------------

WRONG = {
    "mutates": (
        "def f(x):\n    g = 2 * x\n    v = np.sum(x**2)\n    x += 1\n    return v, g",
        "the forward writes into its input x",
    ),
    "not deterministic": (
        "def f(x):\n    r = np.random.randn(*x.shape)\n    return np.sum(r * x), r",
        "not deterministic: the same input gives different values",
    ),
    "upstream written": (
        "def f_forward(x): return 2 * x, None\ndef f_backward(d, c):\n    d *= 2\n    return d",
        "the backward writes into the upstream gradient",
    ),
    "backward fails": (
        "def f_forward(x): return 2 * x, None\ndef f_backward(d, c): raise KeyError('oops')",
        "the backward fails: KeyError: 'oops'",
    ),
    "nan": (
        "def f(x): return np.sum(x), x * np.nan",
        None,
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_fails(write: Write, case: str) -> None:
    """Exit 1, with a sentence."""
    code, said = WRONG[case]
    found = examined(write(code), "f", {"x": (3,)})
    assert found.verdict == "fail"
    assert said is None or said in found.notes


ERRORS = {
    "forward fails": ("def f(x): return np.zeros(3) @ np.zeros(4), x", "the forward fails: ValueError"),
    "no gradient": ("def f(x): return np.sum(x)", "f returns one value, not a value and its gradient"),
    "nothing": ("def f(x): pass", "f returns nothing, not a value and its gradient"),
    "exits": ("import os\ndef f(x): os._exit(7)", "the code ended the process itself, with exit status 7"),
    "sys.exit": ("import sys\ndef f(x): sys.exit(3)", "the code ends the program: SystemExit(3)"),
    "crashes": ("import ctypes\ndef f(x): ctypes.string_at(0)", "the process was ended by SIGSEGV"),
    "recursion": ("def f(x): return f(x)", "RecursionError"),
    "syntax": ("def f(x) return x", "SyntaxError"),
    "import": ("import no_such_module\ndef f(x): return x, x", "No module named 'no_such_module'"),
    "input": ("def f(x): return input('?'), x", "EOFError"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_what_cant_be_checked(write: Write, case: str) -> None:
    """Whatever the code does, it is a message."""
    code, said = ERRORS[case]
    found = examined(write(code), "f", {"x": (3,)})
    assert found.verdict == "error"
    assert said in found.notes[0]


def test_a_traceback_shows_only_their_file(write: Write) -> None:
    """No line of ours."""
    path = write("def g(x):\n    return x.no\n\ndef f(x):\n    return g(x), x")
    found = examined(path, "f", {"x": (3,)})
    assert found.trace == (f"{path}:6 in f", "  return g(x), x", f"{path}:3 in g", "  return x.no")


def test_time_and_memory_are_limited(write: Write) -> None:
    """A hang in the forward can't be checked, one in the backward fails; so does too much memory."""
    path = write("""
        def a(x):
            while True: pass

        def b_forward(x): return x * 2, None

        def b_backward(d, c):
            while True: pass

        def c(x): return np.ones(2 * 10**8).sum(), x
    """)
    slow, hangs = (examined(path, n, {"x": (3,)}, timeout=1.5) for n in "ab")
    assert (slow.verdict, hangs.verdict) == ("error", "fail")
    assert slow.notes[0] == "the forward fails: it did not end within 1.5 s"
    assert hangs.notes[0] == "the backward fails: it did not end within 1.5 s"
    greedy = examined(path, "c", {"x": (3,)}, memory=2**29)
    assert (greedy.verdict, "MemoryError" in greedy.notes[0]) == ("error", True)


def test_integers_that_truncate(write: Write) -> None:
    """Typed whole numbers are checked as floats; that integers would be cut is said."""
    code = """
        def f(x):
            g = np.zeros_like(x)
            for i in range(len(x)):
                g[i] = 2 * x[i] + 0.5
            return np.sum(x * x) + 0.5 * np.sum(x), g
    """
    found = examined(write(code), "f", typed={"x": "[1, 2, 3]"})
    assert found.verdict == "pass"
    assert "with integers in x, dx is cut to whole numbers (as by zeros_like)" in found.notes


def test_prints_are_kept_away(write: Write, capfd: pytest.CaptureFixture[str]) -> None:
    """Megabytes of prints cost little and show nowhere."""
    path = write("def f(x):\n    for _ in range(20000): print('x' * 100)\n    return np.sum(x * x), 2 * x")
    assert examined(path, "f", {"x": (3,)}).verdict == "pass"
    assert capfd.readouterr() == ("", "")


def test_kinks_pass_between_their_slopes() -> None:
    """At zero relu' may be 0, 1 or between; 2 is wrong."""
    x = np.array([-1.0, 0.0, 2.0])

    def slope(at_zero: float) -> Callable[[Any], Any]:
        return lambda x: np.where(x > 0, 1.0, np.where(x == 0, at_zero, 0.0))

    def relu(x: Any) -> Any:
        return np.sum(np.maximum(x, 0))

    for value in (0.0, 0.5, 1.0):
        assert check(relu, slope(value), x).verdict == "kink"
    assert check(relu, slope(2.0), x).verdict == "fail"
    assert check(relu, slope(-0.1), x).verdict == "fail"


def test_vacuous_and_nonfinite() -> None:
    """A gradient of nothing but zeros tests nothing; a value that is not finite has no slope."""
    assert check(lambda x: 0.0 * x, lambda x: 0.0 * x, 2.0).verdict == "vacuous"
    assert check(lambda x: np.log(x), lambda x: 1 / x, -2.0).verdict == "nonfinite"


def test_variations_find_what_a_friendly_point_hides(write: Write) -> None:
    """`[pad:-pad]` is empty at pad 0: right at the given point, wrong at another."""
    code = """
        def pad_forward(x, pad_param):
            p = pad_param["pad"]
            return np.pad(x, p) ** 2, (np.pad(x, p), p)

        def pad_backward(dout, cache):
            x, p = cache
            return (2 * x * dout)[p:-p]
    """
    path = write(code)
    friendly = examined(path, "pad", {"x": (4,)}, params={"pad": 1})
    varied = examined(path, "pad", {"x": (4,)}, params={"pad": 1}, vary=True)
    assert (friendly.verdict, varied.verdict, varied.case) == ("pass", "fail", "pad=0")
    assert varied.tried > 2


def test_a_declared_exception_does_not_fail(write: Write) -> None:
    """A straight-through estimator is reported as what it is."""
    path = write("def f(x): return np.sum(np.round(x)), np.ones_like(x)")
    found = examined(path, "f", {"x": (3,)}, exception="straight-through")
    assert (found.verdict, found.ok) == ("fail", True)
    found.assert_ok()


def test_a_reference(write: Write) -> None:
    """Compared with a trusted implementation: values and gradients."""
    path = write("""
        def mine(x): return np.sum(x**2), 2 * x
        def theirs(z): return np.sum(z * z), z + z
        def other(x): return np.sum(x**2), 2.1 * x
    """)
    same = examined(path, "mine", {"x": (3,)}, reference=f"{path}:theirs")
    off = examined(path, "mine", {"x": (3,)}, reference=f"{path}:other")
    assert (same.verdict, off.verdict) == ("pass", "fail")
    assert [a.name for a in off.arguments if a.verdict == "fail"] == ["x"]


def test_as_a_library() -> None:
    """One line in a test: functions, pairs, classes and objects of this process."""

    class Double:
        def forward(self, x: Any) -> Any:
            return 2 * x

        def backward(self, dz: Any) -> Any:
            return 2 * dz

    def forward(x: Any, w: Any) -> Any:
        return x @ w, (x, w)

    def backward(dz: Any, cache: Any) -> Any:
        x, w = cache
        return dz @ w.T, x.T @ dz

    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((4, 3)), rng.standard_normal((3, 2))
    check((forward, backward), x=x, w=w).assert_ok()
    check((forward, backward), x, w, vary=True).assert_ok()
    check(Double, x).assert_ok()
    check(Double(), x=x).assert_ok()
    with pytest.raises(AssertionError, match="dx is exactly 2 times the true gradient"):
        check(lambda x: x**2, lambda x: 4 * x, 3.0).assert_ok()
