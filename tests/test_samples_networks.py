"""The networks of samples/, each by the command in its first comment, against numpy written by hand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import gradcalc
from gradcalc import GATES
from gradcalc.graphs import Graph
from readme import ROOT, run

SAMPLES = ROOT / "samples"
Array = np.ndarray[Any, np.dtype[Any]]
Arrays = dict[str, Array]

# By hand below, and here in figures: values of nodes, and gradients of inputs after a d.
NUMBERS: dict[str, dict[str, Any]] = {
    "linear_svm": {
        "data_loss": 0.51233333, "regularisation": 0.206, "loss": 0.71833333,
        "dW": [[2.102, -0.89333333, -1.18866667], [1.08666667, -0.51533333, -0.51133333],
               [1.34066667, -0.38733333, -0.97333333], [0.41666667, -0.11533333, -0.32133333]],
    },
    "linear_softmax": {
        "data_loss": 0.55447798, "regularisation": 0.206, "loss": 0.76047798,
        "dW": [[0.513414, 0.32006524, -0.81347924], [0.27556301, 0.14006553, -0.35562854],
               [0.31921424, 0.23823854, -0.57745278], [0.10570191, 0.01549416, -0.14119607]],
    },
    "two_layer": {"loss": 1.06533112, "db2": [-0.11561094, -0.06236223, 0.17797317]},
    "rnn": {
        "loss": 0.850507, "h": [0.29525206, 0.66600935], "dh0": [3.75380487e-05, -6.73270479e-04],
        "db": [-1.29923749, 0.16637764], "dW": [[-0.58991273, -0.32166737], [0.18835976, -0.16581164]],
    },
    "lstm": {
        "loss": 0.6051532, "h": [0.72450199, 0.35534135], "c": [1.93482055, 1.86857695],
        "dh0": [-0.01049168, 0.00505891], "dc0": [-0.04578313, -0.01504874],
    },
    "ntm": {
        "loss": 0.67878235, "scores": [-0.08748953, -0.17911423, -0.18994889, 0.24743999],
        "read_w": [0.21171807, 0.20374144, 0.18703096, 0.19009249, 0.20741704],
        "dw0": [1.75545130e-03, -4.60935123e-05, -1.96186087e-04, -1.74350647e-03, -2.22636739e-03],
    },
}  # fmt: skip
NAMES = {*NUMBERS, "alexnet"}


class Shown(NamedTuple):
    """What a command answers: the values of all nodes, and the gradients, by label."""

    values: Arrays
    upstream: Arrays
    gradients: Arrays
    verdict: str


def command(name: str) -> str:
    """The command in the comment of a sample."""
    text = (SAMPLES / f"{name}.grad").read_text(encoding="utf-8")
    (found,) = re.findall(r"^#   (gradcalc eval .*)$", text, re.M)
    return str(found)


def show(name: str) -> Shown:
    """Run the command of a sample."""
    output, code = run(f"{command(name)} --format json --max-items 1000000")
    assert code == 0, output
    answer = json.loads(output)
    nodes = answer["nodes"]
    return Shown(
        {n["label"]: np.array(n["value"]) for n in nodes},
        {n["label"]: np.array(n["upstream"]) for n in nodes if n["upstream"] is not None},
        {key: np.array(value) for key, value in answer["gradients"].items()},
        answer["check"]["verdict"],
    )


# -- by hand: each returns values of nodes, and gradients, by label ----------------------------------


def softmax(s: Array) -> Array:
    """Rows of scores to rows of probabilities."""
    p = np.exp(s - s.max(axis=-1, keepdims=True))
    return np.asarray(p / p.sum(axis=-1, keepdims=True))


def sigmoid(x: Array) -> Array:
    """The logistic function, of complex numbers too."""
    return np.asarray(1 / (1 + np.exp(-x)))


def svm(v: Arrays) -> tuple[Arrays, Arrays]:
    """The loss of CS231n's notes, example by example."""
    x, y, w = v["iris"][:, :4], v["y"].astype(int), v["W"]
    n, (_, classes) = len(y), w.shape
    losses, dw = np.zeros(n), np.zeros_like(w)
    for i in range(n):
        s = x[i] @ w
        for j in range(classes):
            margin = s[j] - s[y[i]] + 1
            if j != y[i] and margin > 0:
                losses[i] += margin
                dw[:, j] += x[i] / n
                dw[:, y[i]] -= x[i] / n
    penalty = 0.1 * (w**2).sum()
    values = {"losses": losses, "data_loss": losses.mean(), "regularisation": penalty}
    values |= {"scores": x @ w, "loss": losses.mean() + penalty}
    return values, {"W": dw + 0.1 * 2 * w}


def softmax_classifier(v: Arrays) -> tuple[Arrays, Arrays]:
    """The same scores, the other loss."""
    x, y, w = v["iris"][:, :4], v["y"].astype(int), v["W"]
    n = len(y)
    p = softmax(x @ w)
    data = -np.log(p[np.arange(n), y]).mean()
    ds = p.copy()
    ds[np.arange(n), y] -= 1
    penalty = 0.1 * (w**2).sum()
    values = {"scores": x @ w, "data_loss": data, "regularisation": penalty, "loss": data + penalty}
    return values, {"W": x.T @ ds / n + 0.2 * w}


def two_layer(v: Arrays) -> tuple[Arrays, Arrays]:
    """Forward and backward of two affine layers with a ReLU between them."""
    y = v["y"].astype(int)
    n = len(y)
    x = (v["iris"][:, :4] - np.array([5.8, 3.1, 3.8, 1.2])) / np.array([0.8, 0.4, 1.8, 0.8])
    hidden = x @ v["W1"] + v["b1"]
    hidden[hidden < 0] = 0
    scores = hidden @ v["W2"] + v["b2"]
    p = softmax(scores)
    data = -np.log(p[np.arange(n), y]).mean()
    penalty = 0.01 * ((v["W1"] ** 2).sum() + (v["W2"] ** 2).sum())
    ds = p.copy()
    ds[np.arange(n), y] -= 1
    ds /= n
    dh = ds @ v["W2"].T
    dh[hidden == 0] = 0
    values = {"X": x, "hidden": hidden, "scores": scores, "data_loss": data, "loss": data + penalty}
    gradients = {"W2": hidden.T @ ds + 0.02 * v["W2"], "b2": ds.sum(axis=0)}
    return values, gradients | {"W1": x.T @ dh + 0.02 * v["W1"], "b1": dh.sum(axis=0)}


def steps(name: str, values: list[Array]) -> Arrays:
    """A name bound in each round of a loop: x_1, x_2, ..., and x, the last."""
    return {f"{name}_{t}": value for t, value in enumerate(values[:-1], 1)} | {name: values[-1]}


def answered(v: Arrays, h: Array, d: Arrays) -> tuple[Array, Array]:
    """The loss of the last state's scores, and its gradient on that state; dV goes into `d`."""
    p = softmax(v["V"] @ h)
    ds = p.copy()
    ds[int(v["answer"])] -= 1
    d["V"] = np.outer(ds, h)
    return np.asarray(-np.log(p[int(v["answer"])])), np.asarray(v["V"].T @ ds)


def rnn(v: Arrays) -> tuple[Arrays, Arrays]:
    """Backpropagation through time."""
    letters = v["letters"].astype(int)
    hs = [v["h0"]]
    for letter in letters:
        hs.append(np.tanh(v["W"] @ hs[-1] + v["U"][:, letter] + v["b"]))
    d = {key: np.zeros_like(v[key]) for key in ("U", "W", "b")}
    loss, dh = answered(v, hs[-1], d)
    back = [dh]
    for t in reversed(range(len(letters))):
        da = dh * (1 - hs[t + 1] ** 2)
        d["W"] += np.outer(da, hs[t])
        d["U"][:, letters[t]] += da
        d["b"] += da
        dh = v["W"].T @ da
        back.append(dh)
    d["h0"] = back.pop()
    return steps("h", hs[1:]) | {"loss": loss}, d | steps("h", back[::-1])


def lstm(v: Arrays) -> tuple[Arrays, Arrays]:
    """Backpropagation through time, with the cell beside the state."""
    letters = v["letters"].astype(int)
    hs, cs, kept = [v["h0"]], [v["c0"]], []
    for letter in letters:
        a = v["W"] @ hs[-1] + v["U"][:, letter] + v["b"]
        i, f, o, g = sigmoid(a[:2]), sigmoid(a[2:4]), sigmoid(a[4:6]), np.tanh(a[6:])
        cs.append(f * cs[-1] + i * g)
        hs.append(o * np.tanh(cs[-1]))
        kept.append((i, f, o, g))
    d = {key: np.zeros_like(v[key]) for key in ("U", "W", "b")}
    loss, dh = answered(v, hs[-1], d)
    dc = np.zeros(2)
    dhs, dcs = [dh], []
    for t in reversed(range(len(letters))):
        i, f, o, g = kept[t]
        th = np.tanh(cs[t + 1])
        dc = dc + dh * o * (1 - th**2)
        dcs.append(dc)
        parts = (dc * g * i * (1 - i), dc * cs[t] * f * (1 - f), dh * th * o * (1 - o), dc * i * (1 - g**2))
        da = np.concatenate(parts)
        d["W"] += np.outer(da, hs[t])
        d["U"][:, letters[t]] += da
        d["b"] += da
        dh, dc = v["W"].T @ da, dc * f
        dhs.append(dh)
    d["h0"], d["c0"] = dhs.pop(), dc
    values = steps("h", hs[1:]) | steps("c", cs[1:]) | {"loss": loss}
    return values, d | steps("h", dhs[::-1]) | steps("c", dcs[::-1])


def machine(v: Arrays) -> Arrays:
    """The forward pass of the neural Turing machine, with the equations of the paper index by index."""
    rows = len(v["w0"])

    def address(memory: Array, w: Array, p: Array) -> Array:
        key, strength, gate = p[:4], np.log(1 + np.exp(p[4])), sigmoid(p[5])
        shifts, sharpness = np.exp(p[6:9]) / np.exp(p[6:9]).sum(), 1 + np.log(1 + np.exp(p[9]))
        norms = np.sqrt((memory**2).sum(axis=1)) * np.sqrt((key**2).sum())
        content = np.exp(strength * (memory @ key) / norms)
        w = gate * content / content.sum() + (1 - gate) * w
        # w~(i) = sum over j of w(j) s(i - j), around the circle
        w = np.array([sum(w[(i - j) % rows] * shifts[j + 1] for j in (-1, 0, 1)) for i in range(rows)])
        return np.asarray(w**sharpness / (w**sharpness).sum())

    memory, write_w, read_w, r = v["M0"], v["w0"], v["w0"], v["r0"]
    kept: dict[str, list[Array]] = {key: [] for key in ("h", "write_w", "read_w", "M", "r")}
    for x in v["input"]:
        h = np.tanh(v["C"] @ np.concatenate([x, r]) + v["c"])
        write_w = address(memory, write_w, v["A"] @ h + v["a"])
        erased = memory * (1 - write_w[:, None] * sigmoid(v["E"] @ h))
        memory = erased + write_w[:, None] * np.tanh(v["D"] @ h)
        read_w = address(memory, read_w, v["B"] @ h + v["b"])
        r = sum(read_w[i] * memory[i] for i in range(rows))
        for key, value in zip(kept, (h, write_w, read_w, memory, r), strict=True):
            kept[key].append(value)
    scores = v["V"] @ np.concatenate([h, r]) + v["v"]
    values = {key: value for name, each in kept.items() for key, value in steps(name, each).items()}
    return values | {"scores": scores, "loss": (np.log(1 + np.exp(scores)) - v["bits"] * scores).mean()}


def ntm(v: Arrays) -> tuple[Arrays, Arrays]:
    """Each entry's gradient by a complex step through the forward pass above: exact, and no chain rule."""
    gradients = {}
    for name in ("input", "C", "c", "A", "a", "B", "b", "E", "D", "V", "v", "M0", "w0", "r0"):
        gradients[name] = np.zeros(v[name].shape)
        for at in np.ndindex(v[name].shape):
            moved = v[name].astype(complex)
            moved[at] += 1e-30j
            gradients[name][at] = machine(v | {name: moved})["loss"].imag / 1e-30
    return machine(v), gradients


BY_HAND: dict[str, Callable[[Arrays], tuple[Arrays, Arrays]]] = {
    "linear_svm": svm,
    "linear_softmax": softmax_classifier,
    "two_layer": two_layer,
    "rnn": rnn,
    "lstm": lstm,
    "ntm": ntm,
}


@pytest.mark.parametrize("name", NUMBERS)
def test_network(name: str) -> None:
    """Values and gradients are numpy's and the pinned ones, and the check passes."""
    shown = show(name)
    values, gradients = BY_HAND[name](shown.values)
    for key, value in values.items():
        np.testing.assert_allclose(shown.values[key], value, rtol=1e-12, atol=1e-14, err_msg=key)
    for key, value in gradients.items():
        np.testing.assert_allclose(shown.upstream[key], value, rtol=1e-10, atol=1e-14, err_msg=f"d{key}")
    assert set(shown.gradients) <= set(gradients)
    for key, value in NUMBERS[name].items():
        node = shown.values[key] if key in values else shown.gradients[key[1:]]
        np.testing.assert_allclose(node, value, rtol=1e-7, atol=1e-8, err_msg=key)
    assert shown.verdict == "pass"


def test_the_gradient_vanishes_in_the_one_and_not_in_the_other() -> None:
    """A thousandth of the last state's gradient reaches the first; the cell's stays as it was."""
    h, c = show("rnn").upstream, show("lstm").upstream
    sizes = [np.linalg.norm(h[key]) for key in ("h0", *(f"h_{t}" for t in range(1, 8)), "h")]
    assert sizes[0] < 1e-3 * sizes[-1]
    assert sizes[0] < sizes[3] / 10 < sizes[5] / 20 < sizes[-1] / 40
    assert np.linalg.norm(c["c0"]) > np.linalg.norm(c["c"])


# -- AlexNet -----------------------------------------------------------------------------------------

# At 67 x 67 one pixel is left after layer 5; the fully connected layers are cut down with it.
SMALL: dict[str, Any] = {
    "image": "randn(1,3,67,67)",
    "W6": "randn(64,256)*0.09", "b6": "ones(64)*0.1",
    "W7": "randn(64,64)*0.18", "b7": "ones(64)*0.1",
    "W8": "randn(10,64)*0.1", "b8": "zeros(10)",
}  # fmt: skip


@pytest.fixture(scope="module")
def small() -> Graph:
    """AlexNet on a small image, both passes run."""
    graph = gradcalc.graph((SAMPLES / "alexnet.grad").read_text(encoding="utf-8"), **SMALL)
    graph.forward()
    graph.backward()
    return graph


def test_alexnet_has_its_published_size() -> None:
    """60,965,224 weights and biases, as the shapes in the program say."""
    text = (SAMPLES / "alexnet.grad").read_text(encoding="utf-8")
    shapes = re.findall(r"[Wb]\d = (?:randn|zeros|ones)\(([\d, ]+)\)", text)
    assert len(shapes) == 16
    assert sum(int(np.prod([int(n) for n in shape.split(",")])) for shape in shapes) == 60_965_224


def test_alexnet_s_layers_on_the_published_image() -> None:
    """227 x 227 shrinks to 27, 13 and 6, as published (with few neurons behind)."""
    few: dict[str, Any] = {"W6": "randn(8,9216)", "b6": "zeros(8)", "W7": "randn(8,8)", "b7": "zeros(8)"}
    text = (SAMPLES / "alexnet.grad").read_text(encoding="utf-8")
    graph = gradcalc.graph(text, **few, W8="randn(10,8)", b8="zeros(10)")
    graph.forward()
    shapes = [graph[f"a{n}"].shape for n in range(1, 6)]
    assert shapes == [(1, 96, 27, 27), (1, 256, 13, 13), (1, 384, 13, 13), (1, 384, 13, 13), (1, 256, 6, 6)]


def test_alexnet_in_figures(small: Graph) -> None:
    """The loss, and some norms of gradients, as torch gave them once."""
    assert float(small["loss"].value) == pytest.approx(2.84877822, rel=1e-8)
    norms = {
        "image": 0.5450948995,
        "W1": 7.44144002,
        "b2": 0.5042901095,
        "W5": 35.41596807,
        "W8": 14.64970659,
    }
    for name, norm in norms.items():
        assert np.linalg.norm(np.ravel(small[name].upstream)) == pytest.approx(norm, rel=1e-7), name


def test_alexnet_against_torch(small: Graph) -> None:
    """Every layer's value and gradient, and every parameter's, is torch's."""
    torch = pytest.importorskip("torch", reason="torch is the reference for whole convolutional networks")
    functional = torch.nn.functional

    names = ["image"] + [f"{kind}{n}" for n in range(1, 9) for kind in "Wb"]
    t = {name: torch.tensor(np.asarray(small[name].value), requires_grad=True) for name in names}
    kept = {}

    def layer(n: int, x: Any, *, after: str = "", **options: int) -> Any:
        x = functional.relu(functional.conv2d(x, t[f"W{n}"], t[f"b{n}"], **options))
        if "n" in after:
            # As in the paper, whose alpha is not divided by the size: a / (k + alpha * sum of squares)^beta
            squares = functional.pad(x * x, (0, 0, 0, 0, 2, 2)).unfold(1, 5, 1).sum(-1)
            x = x / (2 + 1e-4 * squares) ** 0.75
        kept[f"a{n}"] = functional.max_pool2d(x, 3, 2) if "p" in after else x
        kept[f"a{n}"].retain_grad()
        return kept[f"a{n}"]

    x = layer(1, t["image"], after="np", stride=4)
    x = layer(2, x, after="np", padding=2, groups=2)
    x = layer(3, x, padding=1)
    x = layer(4, x, padding=1, groups=2)
    x = layer(5, x, after="p", padding=1, groups=2).flatten(1)
    for n in (6, 7):
        mask = GATES["dropout"].bind(p=0.5, seed=n).forward(np.ones((1, 64)))
        assert set(np.unique(mask)) == {0, 2}
        x = functional.relu(x @ t[f"W{n}"].T + t[f"b{n}"]) * torch.tensor(mask)
    loss = functional.cross_entropy(x @ t["W8"].T + t["b8"], torch.tensor([7]))
    loss.backward()
    assert float(small["loss"].value) == pytest.approx(loss.item(), rel=1e-12)
    for name, tensor in (t | kept).items():
        value, gradient = tensor.detach().numpy(), tensor.grad.numpy()
        np.testing.assert_allclose(small[name].value, value, rtol=1e-10, atol=1e-12, err_msg=name)
        size = np.abs(gradient).max()
        np.testing.assert_allclose(
            small[name].upstream, gradient, rtol=1e-9, atol=1e-12 * size, err_msg=f"d{name}"
        )


# -- from Python -------------------------------------------------------------------------------------


def test_the_multiplication_gate_from_python() -> None:
    """The lecture's first circuit by hand, gate by gate."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "core")}
    done = subprocess.run(
        [sys.executable, str(SAMPLES / "multiply_gate.py")],
        capture_output=True, text=True, env=environment, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "forward:  q = x + y = 3, f = q * z = -12",
        "backward: df/dq = -4, df/dz = 3, df/dx = -4, df/dy = -4",
    ]


def test_the_irises_are_fisher_s() -> None:
    """150 rows, 50 of a kind, with the paper's means, and the two rows that other copies have wrong."""
    data = np.loadtxt(SAMPLES / "iris.csv", delimiter=",", skiprows=1)
    assert data.shape == (150, 5)
    np.testing.assert_array_equal(np.bincount(data[:, 4].astype(int)), [50, 50, 50])
    means = [data[data[:, 4] == kind, :4].mean(axis=0) for kind in range(3)]
    paper = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]]
    np.testing.assert_allclose(means, paper, rtol=1e-12)
    np.testing.assert_array_equal(data[34, :4], [4.9, 3.1, 1.5, 0.2])
    np.testing.assert_array_equal(data[37, :4], [4.9, 3.6, 1.4, 0.1])
