"""The line that is wrong, and what the mistake in it is called: by how the names of a function are made."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gradcalc.code.child.edits.derived import derivations
from gradcalc.code.given import Given
from gradcalc.code.job import Job, run
from gradcalc.code.record import Examined

NET = """
import numpy as np

def net(W1, b1, W2, X, y, reg):
    N = X.shape[0]
    z = X @ W1 + b1
    h = np.maximum(0, z)
    scores = h @ W2
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(N), y]).sum() / N + 0.5 * reg * np.sum(W2 * W2)
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    dW2 = h.T @ dscores + reg * W2
    dh = dscores @ W2.T
    dz = dh * (z > 0)
    dW1 = X.T @ dz
    db1 = dz.sum(axis=0)
    return loss, {"W1": dW1, "b1": db1, "W2": dW2}
"""
SHAPES = {"W1": (5, 6), "b1": (6,), "W2": (6, 3), "X": (7, 5)}


def examined(tmp_path: Path, old: str, new: str) -> Examined:
    """The verdict on the network with one line written in another way."""
    assert NET.count(old) == 1
    path = tmp_path / "hw.py"
    path.write_text(NET.replace(old, new), encoding="utf-8")
    given = Given(typed={"y": "[0,1,2,0,1,2,0]"}, shapes=SHAPES, params={"reg": 0.3})
    return run(Job(f"{path}:net", given, wrt=("W1", "b1", "W2")))


@pytest.mark.parametrize(
    ("old", "new", "name", "told"),
    [
        ("dz = dh * (z > 0)", "dz = dh", "mask", "the mask (z > 0) is missing"),
        ("db1 = dz.sum(axis=0)", "db1 = dh.sum(axis=0)", "mask", "the mask z > 0 is left out"),
        ("dh = dscores @", "dh = probs @", "label-term", "`dscores[np.arange(N), y] -= 1` and "),
        (
            "dh = dscores @",
            "dh = np.ones_like(dscores) @",
            "upstream-ignored",
            "dscores itself belongs",
        ),
        ("    dscores /= N\n", "", "factor", "dscores is not divided by N"),
        ("+ reg * W2\n", "+ reg * W2.sum()\n", "regularisation", "in the regularisation term, `W2.sum()`"),
        ("+ reg * W2\n", "+ 0.5 * reg * W2**2\n", "regularisation", "`W2 ** 2` is not differentiated"),
    ],
)
def test_the_mistake_in_a_line(tmp_path: Path, old: str, new: str, name: str, told: str) -> None:
    """The edit that mends the gradients has the name that a teacher would give it."""
    found = examined(tmp_path, old, new)
    first = next(a for a in found.arguments if a.verdict == "fail").mistakes[0]
    assert first.name == name
    assert told in first.text
    assert first.line


def test_two_mistakes_have_no_single_line(tmp_path: Path) -> None:
    """No edit mends both, and none is told."""
    found = examined(tmp_path, "dz = dh * (z > 0)", "dz = np.sin(dh) * np.abs(z) ** 1.3")
    assert all(not m.line for a in found.arguments for m in a.mistakes)


def test_how_names_are_made() -> None:
    """One step between two names is known; several at once are another thing."""
    code = """
def f(x, c, mu):
    xmu = x - mu
    y = np.tanh(xmu)
    z = y * c
    n = c * x + mu
    d = y.copy()
    d[c > 0] = 0
"""
    steps = derivations([ast.parse(code)])
    assert steps["x", "xmu"] == ("lost-term", "the term mu")
    assert steps["xmu", "y"] == ("wrong-point", "`np.tanh(xmu)`")
    assert steps["y", "z"] == ("missing-factor", "the factor c")
    assert steps["y", "d"] == ("mask", "`d[c > 0] = 0`")
    assert ("x", "n") not in steps
    assert ("mu", "n") in steps


UNIT = """
import numpy as np

def cosine(x, t):
    n, m = np.sqrt(x @ x), np.sqrt(t @ t)
    return x @ t / (n * m), {dx}

def softmax_forward(x):
    e = np.exp(x - x.max(axis=0))
    s = e / e.sum(axis=0)
    return s, s

def softmax_backward(dout, s):
    return dout * s * (1 - s)
"""


@pytest.mark.parametrize(
    ("target", "dx", "name", "told"),
    [
        ("cosine", "t / (n * m)", "lost-term", "the path through its length"),
        ("cosine", "t - (x @ t) * x / (n * m) / n**2", "missing-factor", "1/(n * m)"),
        ("softmax", "0", "lost-term", "the paths to the others"),
    ],
)
def test_paths_that_are_lost(tmp_path: Path, target: str, dx: str, name: str, told: str) -> None:
    """A length and a sum are ways through which every entry moves every other; no regularisation."""
    path = tmp_path / "hw.py"
    path.write_text(UNIT.format(dx=dx), encoding="utf-8")
    given = Given(shapes={"x": (5,), "t": (5,)} if target == "cosine" else {"x": (5,)})
    found = run(Job(f"{path}:{target}", given, wrt=("x",)))
    assert found.verdict == "fail"
    first = found.arguments[0].mistakes[0]
    assert first.name == name
    assert told in first.text
    assert all(m.name != "regularisation" for m in found.arguments[0].mistakes)


LOOPS = """
import numpy as np

def svm(W, X, y):
    num_train, num_classes = X.shape[0], W.shape[1]
    dW, loss = np.zeros_like(W), 0.0
    for i in range(num_train):
        scores = X[i] @ W
        for j in range(num_classes):
            margin = scores[j] - scores[y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    dW /= num_train
    return loss / num_train, dW

def leaky_forward(x, alpha):
    return np.where(x > 0, x, alpha * x), (x, alpha)

def leaky_backward(dout, cache):
    x, alpha = cache
    return dout * np.where(x > 0, 1.0, alpha)

def product(U, V):
    return np.sum((1 - U @ V) ** 2), {"U": -2 * (1 - U @ V) @ V.T, "V": -2 * U.T @ (1 - U @ V)}

def lookup_forward(W, words):
    return W[words], (W, words)

def lookup_backward(dout, cache):
    W, words = cache
    dW = np.zeros_like(W)
    for k, word in enumerate(words):
        dW[word] += dout[k]
    return dW
"""


@pytest.mark.parametrize(
    ("target", "old", "new", "name", "told"),
    [
        ("svm", "    dW /= num_train\n", "", "factor", "is not divided by num_train"),
        ("svm", "                dW[:, y[i]] -= X[i]\n", "", "label-term", "dW[:, y[i]] -= X[i]"),
        ("leaky", "1.0, alpha)", "1.0, 0.01)", "factor", "`0.01` stands where alpha belongs"),
        ("lookup", "dW[word] +=", "dW[k] +=", "permuted", "`k` stands where word belongs in the index"),
        ("product", "-2 * (1 - U @ V) @ V.T", "-(1 - U @ V) @ V.T", "factor", "lacks the factor 2"),
        ("leaky", "x > 0, 1.0, alpha)", "x > 0, alpha, 1.0)", "mask", "the branches of"),
        ("lookup", "+= dout[k]", "+= dout[0]", "permuted", "`0` stands in the index where k belongs"),
    ],
)
def test_mistakes_in_loops(tmp_path: Path, target: str, old: str, new: str, name: str, told: str) -> None:
    """Statements that are missing after or inside a loop, and wrong names in an index."""
    assert LOOPS.count(old) == 1
    path = tmp_path / "hw.py"
    path.write_text(LOOPS.replace(old, new), encoding="utf-8")
    given = {
        "svm": Given(typed={"y": "[0,1,2,0,1]"}, shapes={"W": (4, 3), "X": (5, 4)}),
        "product": Given(shapes={"U": (3, 2), "V": (2, 3)}),
        "leaky": Given(shapes={"x": (6,)}, params={"alpha": 0.1}),
        "lookup": Given(typed={"words": "[1,3,1,0]"}, shapes={"W": (5, 3)}),
    }[target]
    found = run(Job(f"{path}:{target}", given))
    first = next(a for a in found.arguments if a.verdict == "fail").mistakes[0]
    assert first.name == name
    assert told in first.text
