"""Guards that a gradient leaves out, and errors that the caller allows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc.code.given import Given
from gradcalc.code.job import Job, run

LOSS = """
import numpy as np
TINY = 1e-7

def log_of(y):
    return np.log(y + 1e-7)

class SoftmaxWithLoss:
    def forward(self, x, t, delta=1e-7):
        e = np.exp(x - np.max(x, axis=1, keepdims=True))
        self.y = e / np.sum(e, axis=1, keepdims=True)
        self.t = t
        return -np.sum(self.t * np.log(GUARDED)) / len(x)

    def backward(self, dout=1):
        return (self.y - self.t) * dout / len(self.t)
"""
T = np.eye(4)[[0, 2, 3]]
GUARDED = ("self.y + 1e-7", "1e-12 + self.y", "self.y + TINY", "self.y + delta", "self.y + 10**-7")


def judged(folder: Path, source: str, target: str, wrt: tuple[str, ...] = (), **how: Any) -> Any:
    path = folder / "code.py"
    path.write_text(source)
    given = how.pop("given", Given({"x": "randn(3,4)", "t": T}))
    return run(Job(f"{path}:{target}", given, wrt=wrt, **how))


@pytest.mark.parametrize("text", GUARDED)
def test_the_guard_of_a_logarithm_may_be_left_out(text: str, tmp_path: Path) -> None:
    found = judged(tmp_path, LOSS.replace("GUARDED", text), "SoftmaxWithLoss", ("x",))
    assert found.verdict == "pass"
    assert found.notes[-1].startswith("dx is right without the 1e-")
    assert f"`{text}` (line 13)" in found.notes[-1]
    assert "(line 6)" not in found.notes[-1], "nobody calls that function"


@pytest.mark.parametrize("text", GUARDED)
def test_strict_names_it_as_the_mistake(text: str, tmp_path: Path) -> None:
    found = judged(tmp_path, LOSS.replace("GUARDED", text), "SoftmaxWithLoss", ("x",), strict=True)
    assert found.verdict == "fail"
    assert [(m.name, m.line) for m in found.arguments[0].mistakes] == [("guard", 13)]


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ("(self.y - self.t) * dout", "factor"),
        ("(self.t - self.y) * dout / len(self.t)", "sign"),
        ("(self.y - self.t) * dout / len(self.t) * 1.00001", ""),
    ],
)
def test_a_guard_hides_no_mistake(wrong: str, name: str, tmp_path: Path) -> None:
    source = LOSS.replace("GUARDED", "self.y + 1e-7")
    source = source.replace("(self.y - self.t) * dout / len(self.t)", wrong)
    found = judged(tmp_path, source, "SoftmaxWithLoss", ("x",))
    assert found.verdict == "fail"
    names = {m.name for m in found.arguments[0].mistakes}
    assert name in names if name else "guard" not in names


ENDS = LOSS.replace("GUARDED", "self.y").replace("* dout ", "")


def test_a_loss_at_the_end_may_ignore_its_upstream_gradient(tmp_path: Path) -> None:
    found = judged(tmp_path, ENDS, "SoftmaxWithLoss", ("x",))
    assert found.verdict == "pass"
    assert "the backward ignores its upstream gradient" in found.notes[0]
    strict = judged(tmp_path, ENDS, "SoftmaxWithLoss", ("x",), strict=True)
    assert strict.verdict == "fail"
    assert "upstream-ignored" in {m.name for m in strict.arguments[0].mistakes}


def test_without_that_default_it_is_a_mistake(tmp_path: Path) -> None:
    found = judged(tmp_path, ENDS.replace("dout=1", "dout"), "SoftmaxWithLoss", ("x",))
    assert found.verdict == "fail"
    wrong = judged(tmp_path, ENDS.replace("self.y - self.t", "self.t - self.y"), "SoftmaxWithLoss", ("x",))
    assert wrong.verdict == "fail"
    assert "sign" in {m.name for m in wrong.arguments[0].mistakes}


def test_guards_are_found_behind_layers_in_a_list(tmp_path: Path) -> None:
    net = LOSS.replace("GUARDED", "self.y + 1e-7") + NET
    given = Given({"x": "randn(3,5)", "t": T})
    found = judged(tmp_path, net, "Net", given=given)
    assert found.verdict == "pass"
    assert [n for n in found.notes if "are right without" in n or "is right without" in n]
    wrong = judged(tmp_path, net.replace("sum(axis=0)", "mean(axis=0)"), "Net", given=given)
    lines = {m.line for a in wrong.arguments for m in a.mistakes if m.name == "averaged"}
    line = 1 + net.splitlines().index("        self.db = dout.sum(axis=0)")
    assert line in lines


NET = """
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T

class Net:
    def __init__(self):
        rng = np.random.default_rng(0)
        self.params = {"W": rng.standard_normal((5, 4)), "b": rng.standard_normal(4)}
        self.layers = [Affine(self.params["W"], self.params["b"])]
        self.last = SoftmaxWithLoss()

    def loss(self, x, t):
        for layer in self.layers:
            x = layer.forward(x)
        return self.last.forward(x, t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.last.backward(1)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return {"W": self.layers[0].dW, "b": self.layers[0].db}
"""
NORM = """
import numpy as np

def norm_forward(x, eps=1e-5):
    c = x - x.mean(axis=0)
    var = (c * c).mean(axis=0)
    return c / np.sqrt(var + eps), (c, var, eps)

def norm_backward(dout, cache):
    c, var, eps = cache
    r = 1 / np.sqrt(GUARDED)
    dc = r * dout - r**3 * c * (c * dout).mean(axis=0)
    return dc - dc.mean(axis=0)
"""


def test_the_constant_of_a_normalisation_is_part_of_it(tmp_path: Path) -> None:
    given = Given(shapes={"x": (5, 3)})
    right = judged(tmp_path, NORM.replace("GUARDED", "var + eps"), "norm", given=given)
    assert right.verdict == "pass"
    assert not right.notes
    wrong = judged(tmp_path, NORM.replace("GUARDED", "var"), "norm", given=given)
    assert wrong.verdict == "fail"
    (mistake,) = wrong.arguments[0].mistakes
    assert mistake.name == "guard"
    assert mistake.text == "dx is right without the 1e-5 of `var + eps` (line 7): it leaves that out"


def test_the_code_is_itself_again_afterwards() -> None:
    def f(x: Any) -> Any:
        return float(np.sum(np.log(x + 1e-7)))

    before = f.__code__
    assert gradcalc.check(f, lambda x: 1 / x, np.array([0.5, 2.0])).verdict == "pass"
    assert f.__code__ is before


@pytest.mark.parametrize(
    ("allowed", "verdict"), [({"rtol": 2e-3}, "pass"), ({"rtol": 5e-4}, "fail"), ({"atol": 5e-3}, "pass")]
)
def test_an_error_may_be_allowed(allowed: dict[str, Any], verdict: str, tmp_path: Path) -> None:
    source = "def f(x):\n    return (x**2).sum()\ndef grad_f(x):\n    return 2.002 * x\n"
    given = Given({"x": np.array([1.0, -2.0])})
    found = judged(tmp_path, source, "f,grad_f", given=given, mend=False, **allowed)
    assert found.verdict == verdict
    if verdict == "pass":
        assert found.arguments[0].notes == ("dx is off by 0.001, which is allowed",)


def test_edits_that_change_nothing_mend_nothing(tmp_path: Path) -> None:
    """A difference of one part in 10^11 must not be explained by what leaves the numbers as they are."""
    source = LOSS.replace("GUARDED", "self.y").replace(
        "dout / len(self.t)", "dout / self.t.shape[0] * (1 + 1e-11)"
    )
    found = judged(tmp_path, source, "SoftmaxWithLoss", ("x",))
    assert found.verdict == "fail"
    assert not [m for m in found.arguments[0].mistakes if m.name in ("permuted", "wrong-point", "transposed")]


TWO = """
import numpy as np
h = 1e-3

def norm_forward(x, w):
    h = np.tanh(w)
    s = np.sqrt(x.var(0) + 1e-5)
    e = np.exp((x - x.mean(0)) / s)
    return np.log(e + 1e-8) + (h + w), (x, h)

def norm_backward(d, cache):
    x, h = cache
    s = np.sqrt(x.var(0) + 1e-5)
    y = (x - x.mean(0)) / s
    return (d - d.mean(0) - y * (d * y).mean(0)) / s, d.sum(0) * (2 - h**2)
"""


@pytest.mark.parametrize("strict", [False, True])
def test_only_guards_that_matter_are_named(strict: bool, tmp_path: Path) -> None:
    given = Given({"x": "randn(5,3)", "w": np.array([0.3, -0.4, 0.8])})
    found = judged(tmp_path, TWO, "norm", given=given, strict=strict)
    said = found.arguments[0].mistakes[0].text if strict else found.notes[-1]
    assert found.verdict == ("fail" if strict else "pass")
    assert said.startswith("dx is right without the 1e-8 of `e + 1e-8` (line 9)")
    assert " and the " not in said
    forgotten = TWO.replace("cache\n    s = np.sqrt(x.var(0) + 1e-5)", "cache\n    s = x.std(0)")
    found = judged(tmp_path, forgotten, "norm", given=given)
    assert found.verdict == "fail"
    assert [m.name for m in found.arguments[0].mistakes] == ["guard"]


FORMS = {
    "an attribute": """
import numpy as np
class log:
    def __init__(self, eps=1e-8):
        self.eps = eps
    def forward(self, p):
        self.p = p
        return np.log(p + self.eps)
    def backward(self, d):
        return d / self.p
""",
    "a class above": """
import numpy as np
class Coarse:
    eps = 1e-2
class Layer(Coarse):
    eps = 1e-8
class log(Layer):
    def forward(self, p):
        self.p = p
        return np.log(p + self.eps)
    def backward(self, d):
        return d / self.p
""",
    "a local constant": """
import numpy as np
def log_forward(p):
    eps = 1e-8
    def inner(v):
        return np.log(v + eps)
    return inner(p), p
def log_backward(d, p):
    return d / p
""",
    "the lambda of a default": """
import numpy as np
def log_forward(p, act=lambda z: z):
    return np.log(act(p) + 1e-8), p
def log_backward(d, p):
    return d / p
""",
    "a private name": """
import numpy as np
class log:
    def forward(self, p):
        self.__p = p
        return np.log(self.__p + 1e-8)
    def backward(self, d):
        return d / self.__p
""",
    "a property": """
import numpy as np
class log:
    @property
    def safe(self):
        return self.p + 1e-8
    def forward(self, p):
        self.p = p
        return np.log(self.safe)
    def backward(self, d):
        return d / self.p
""",
}


@pytest.mark.parametrize("form", FORMS)
def test_guards_are_found_in(form: str, tmp_path: Path) -> None:
    found = judged(tmp_path, FORMS[form], "log", given=Given({"p": np.array([0.2, 0.7])}))
    assert found.verdict == "pass"
    assert "dp is right without the 1e-8" in found.notes[-1]


def test_a_parameter_is_as_large_as_it_is_given(tmp_path: Path) -> None:
    source = """
import numpy as np
def safe(p, eps=1e-8):
    return np.log(p + eps)
def log_forward(p):
    return safe(p, 1e-3), p
def log_backward(d, p):
    return d / p
"""
    found = judged(tmp_path, source, "log", given=Given({"p": np.array([0.2, 0.7])}))
    assert found.verdict == "fail"
    assert found.arguments[0].mistakes[0].text.startswith("dp is right without the 0.001 of `p + eps`")


def test_a_large_attribute_may_not_be_left_out(tmp_path: Path) -> None:
    source = FORMS["an attribute"].replace("eps=1e-8", "eps=1e-3")
    found = judged(tmp_path, source, "log", given=Given({"p": np.array([0.2, 0.7])}))
    assert found.verdict == "fail"
    assert [m.name for m in found.arguments[0].mistakes] == ["guard"]


def test_an_input_is_no_guard(tmp_path: Path) -> None:
    source = """
def line_forward(w, x, b=1e-7):
    return w * x + b, (w, x)
def line_backward(d, cache):
    w, x = cache
    return d * x, d * w, 0.0
"""
    given = Given({"w": np.array([0.3, 2.0]), "x": np.array([0.2, 0.7]), "b": np.array(1e-7)})
    found = judged(tmp_path, source, "line", given=given)
    assert found.verdict == "fail"
    assert all(m.name != "guard" for a in found.arguments for m in a.mistakes)
