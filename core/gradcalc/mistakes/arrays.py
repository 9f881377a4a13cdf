"""Mistakes of one step that only arrays know: transposed, averaged, 1/N forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .mutant import Mutant
from .step import Step


def array_mistakes(step: Step) -> Iterator[Mutant]:
    """The mistakes about axes at this step."""
    shape, out, at, to, gate = step.shape, step.out, step.at, step.to, step.gate
    if gate.vjp and len(shape) == 2 and shape[0] == shape[1]:
        text = f"when what goes to {to} is transposed {at}"
        yield step.mutant("transposed", text, 1.2, lambda dz, z, xs: np.transpose(step.right(dz, z, xs)))
    if gate.local and shape != out:
        share = np.prod(out, dtype=float) / max(np.prod(shape, dtype=float), 1.0)
        text = f"when {to}, which is broadcast at {step.gate_word}, gets the mean instead of the sum"
        yield step.mutant("mean for sum", text, 1.4, step.times(1 / share))
    if not gate.local and len(out) < len(shape):
        for n in counts(shape):
            text = f"with a factor {n} too many {at}: a sum for a mean"
            yield step.mutant(f"factor {n}", text, 1.4, step.times(float(n)))
            text = f"with a factor 1/{n} too many {at}: a mean for a sum"
            yield step.mutant(f"factor 1/{n}", text, 1.4, step.times(1 / n))


def counts(shape: tuple[int, ...]) -> list[int]:
    """The numbers that a mean may divide by: rows, and all entries."""
    return [n for n in dict.fromkeys((shape[0], int(np.prod(shape)))) if n > 2]
