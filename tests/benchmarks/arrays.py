"""Arrays: a classifier against numpy by hand, convolutions and AlexNet against torch, backward by forward.

Every graph is built anew for each run; parsing is done before. Both sides take turns, as often as `TURNS`
says, and the fastest run of each counts. Both take OMP_NUM_THREADS and OPENBLAS_NUM_THREADS.
"""

from __future__ import annotations

import re
import resource
import shlex
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))

import numpy as np

from gradcalc.build import build
from gradcalc.session import Question, prepare
from gradcalc.syntax import parse

Array = Any
SAMPLES = Path(__file__).parents[2] / "samples"
TURNS = 15
SVM = {
    "svm_loss(X @ W, y) + 0.1*sum(W*W)": "one gate",
    """
    s = X @ W
    m = maximum(0, s - s[arange(500), y][:, None] + 1)
    sum(m)/500 - 1 + 0.1*sum(W*W)
    """: "by steps",
}
CONV2 = "sum(conv2d(x, w, b, padding=2, groups=2) * u)"


def fastest(*sides: Callable[[], object], turns: int = TURNS) -> list[float]:
    """Seconds of the fastest run of each, taking turns."""
    best = [float("inf")] * len(sides)
    for _ in range(turns):
        for k, side in enumerate(sides):
            start = time.perf_counter()
            side()
            best[k] = min(best[k], time.perf_counter() - start)
    return best


def line(words: str, ours: float, peer: str, theirs: float) -> None:
    """One result."""
    print(f"{words:28} {ours * 1e3:9.2f} ms   {peer:36} {theirs * 1e3:9.2f} ms   {ours / theirs:.2f}x")


def passes(text: str, inputs: Mapping[str, Array], wrt: tuple[str, ...] = ()) -> Callable[[], Any]:
    """Forward and backward of a program; what it returns are the value and the gradients."""
    program = parse(text, bound=tuple(inputs))

    def run() -> tuple[Array, dict[str, Array]]:
        graph = build(program, inputs)
        value = graph.forward()
        if wrt:
            graph.want([graph.names[name] for name in wrt])
        return value, graph.backward()

    return run


def by_hand(X: Array, W: Array, y: Array) -> tuple[Array, Array]:  # noqa: N803
    """The SVM loss with its gradient, as a course's solution has it."""
    rows = np.arange(len(X))
    scores = X @ W
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    mask = (margins > 0).astype(float)
    mask[rows, y] = -mask.sum(axis=1)
    return margins.sum() / len(X) + 0.1 * np.sum(W * W), X.T @ mask / len(X) + 0.2 * W


def classifier() -> None:
    """SVM loss and gradient for W alone, 500 x 3073 x 10."""
    rng = np.random.default_rng(0)
    given = {
        "X": rng.normal(size=(500, 3073)),
        "W": rng.normal(size=(3073, 10)) * 0.01,
        "y": rng.integers(0, 10, 500),
    }
    for text, words in SVM.items():
        ours = passes(text, given, ("W",))
        value, slopes = ours()
        true, slope = by_hand(**given)
        assert abs(value - true) < 1e-10 * true
        assert np.max(np.abs(slopes["W"] - slope)) < 1e-10 * np.max(np.abs(slope))
        mine, theirs = fastest(ours, lambda: by_hand(**given), turns=100)
        line(f"SVM loss, dW, {words}", mine, "numpy by hand", theirs)


def convolution(torch: Any) -> None:
    """conv2d at the size of AlexNet's second layer, forward and backward."""
    rng = np.random.default_rng(1)
    shapes = {"x": (1, 96, 27, 27), "w": (256, 48, 5, 5), "b": (256,), "u": (1, 256, 27, 27)}
    given = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    leaves = {name: torch.tensor(given[name], requires_grad=True) for name in ("x", "w", "b")}
    upstream = torch.tensor(given["u"])

    def theirs() -> Any:
        out = torch.nn.functional.conv2d(leaves["x"], leaves["w"], leaves["b"], padding=2, groups=2)
        return torch.autograd.grad((out * upstream).sum(), list(leaves.values()))

    ours = passes(CONV2, given, ("x", "w", "b"))
    for name, slope in zip(leaves, theirs(), strict=True):
        assert np.max(np.abs(ours()[1][name] - slope.numpy())) < 1e-10 * np.max(np.abs(slope.numpy()))
    mine, other = fastest(ours, theirs)
    line("conv2d of AlexNet's layer 2", mine, "torch", other)


def alexnet(torch: Any) -> None:
    """The whole of AlexNet, one image, forward and backward."""
    import torch_programs

    text = (SAMPLES / "alexnet.grad").read_text(encoding="utf-8")
    graph = prepare(Question(text))
    inputs = {name: graph.values[i] for name, i in graph.variables.items()}
    leaves = {name: torch.tensor(x, requires_grad=True) for name, x in inputs.items()}

    def theirs() -> Any:
        output = torch_programs.values_in_torch(graph, leaves)
        return torch.autograd.grad(output, list(leaves.values()))

    def ours() -> Any:
        graph.forward()
        return graph.backward()

    for name, slope in zip(leaves, theirs(), strict=True):
        gap = np.max(np.abs(graph.gradients[name] - slope.numpy()))
        assert gap < 1e-10 * np.max(np.abs(slope.numpy()))
    mine, other = fastest(ours, theirs, turns=5)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    line("AlexNet, one image", mine, "torch", other)
    count = sum(x.size for x in inputs.values())
    print(f"   {count:,} numbers move; peak memory of both together {peak:.1f} GiB")


def samples() -> None:
    """Backward against forward on every sample program, by the command in its comment."""
    print("backward / forward of the samples")
    for path in sorted(SAMPLES.glob("*.grad")):
        text = path.read_text(encoding="utf-8")
        words = shlex.split("".join(re.findall(r"^# +gradcalc eval \S+ (-[^-].*)$", text, re.M)[:1]))
        given = dict(zip(words[::2], words[1::2], strict=True))
        wrt = tuple(given.pop("--wrt", "").split(",")) if "--wrt" in given else ()
        inputs = {name[1:]: value.replace("@samples", f"@{SAMPLES}") for name, value in given.items()}
        graph = prepare(Question(text, inputs, wrt=wrt))
        forward, backward = fastest(graph.forward, graph.backward, turns=5 if path.stem == "alexnet" else 30)
        print(
            f"   {path.stem:18} {forward * 1e3:9.3f} ms {backward * 1e3:9.3f} ms   {backward / forward:.2f}x"
        )


def main() -> None:
    """All of it; torch is left out where it is not installed."""
    classifier()
    try:
        import torch
    except ImportError:
        print("torch is not installed: no convolutions, no AlexNet")
    else:
        convolution(torch)
        alexnet(torch)
    samples()


if __name__ == "__main__":
    main()
