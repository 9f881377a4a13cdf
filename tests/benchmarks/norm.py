"""The full check of ||W@x||^2 with 930 inputs: every entry of every node, against torch's gradcheck.

Both in this process, in float64, taking turns; the fastest run of each counts. torch's slow mode moves
every entry, its fast mode one projection of all.
"""

from __future__ import annotations

import numpy as np
from arrays import fastest, line

from gradcalc.build import build
from gradcalc.checks import check
from gradcalc.syntax import parse
from gradcalc.verdicts import Verdict

TEXT = "||W@x||^2"


def main() -> None:
    """The whole of ours, parsing included, beside both modes of torch."""
    rng = np.random.default_rng(0)
    given = {"W": rng.normal(size=(30, 30)), "x": rng.normal(size=30)}

    def ours() -> int:
        graph = build(parse(TEXT, bound=tuple(given)), given)
        graph.forward()
        graph.backward()
        found = check(graph)
        assert found.verdict is Verdict.PASS
        assert all(c.checked == "entries" for c in found.nodes.values())
        return len(found.nodes)

    print(f"{TEXT}, W 30 x 30, x 30: {ours()} nodes, every entry moved and judged by its error bars")
    try:
        import torch
    except ImportError:
        print(f"torch is not installed; ours takes {fastest(ours)[0] * 1e3:.1f} ms")
        return
    leaves = tuple(torch.tensor(x, requires_grad=True) for x in given.values())

    def squared(W: torch.Tensor, x: torch.Tensor) -> torch.Tensor:  # noqa: N803
        return torch.linalg.vector_norm(W @ x) ** 2

    def slow() -> bool:
        return bool(torch.autograd.gradcheck(squared, leaves, check_undefined_grad=False))

    def whole() -> bool:
        return bool(torch.autograd.gradcheck(squared, leaves))

    def quick() -> bool:
        return bool(torch.autograd.gradcheck(squared, leaves, fast_mode=True))

    mine, *theirs = fastest(ours, slow, whole, quick)
    for words, seconds in zip(
        ("slow, inputs", "slow, all of it", "fast, one projection"), theirs, strict=True
    ):
        line("every entry of every node", mine, f"torch gradcheck, {words}", seconds)


if __name__ == "__main__":
    main()
