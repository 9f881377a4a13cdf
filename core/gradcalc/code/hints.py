"""How much is told of a wrong gradient: where, or also what kind of mistake, or everything."""

from __future__ import annotations

from .record import Argument, Examined, Mistake


def hinted(found: Examined, level: int | None) -> Examined:
    """A verdict as a hint: level 1 says which gradients are wrong, 2 also what kind; None says all.

    Neither shows a number or a line of the code.
    """
    if level is None or level >= 3 or found.verdict != "fail":
        return found
    return found._replace(arguments=tuple(_hint(a, level) for a in found.arguments))


def _hint(a: Argument, level: int) -> Argument:
    if a.verdict != "fail":
        return a
    less = a._replace(worst=None, error=None, analytic=None, numeric=None, wrong=None, bars=None)
    if level == 1:
        return less._replace(mistakes=(), notes=(f"d{a.name} is wrong: look at it again",))
    kinds = [k for k in dict.fromkeys(m.name for m in a.mistakes) if k in KINDS]
    mistakes = tuple(Mistake(k, f"d{a.name}: {KINDS[k]}") for k in kinds)
    return less._replace(mistakes=mistakes, notes=() if mistakes else (f"d{a.name} is wrong",))


KINDS = {
    "factor": "a constant factor is wrong",
    "sign": "a sign is wrong",
    "zero": "nothing arrives",
    "transposed": "something is transposed",
    "not-summed": "something is summed over the wrong axes, or not at all",
    "averaged": "a mean stands where a sum belongs, or the reverse",
    "regularisation": "the regularisation term",
    "upstream-ignored": "the upstream gradient is not used",
    "mask": "a mask",
    "permuted": "the order of entries",
    "swapped": "one thing is taken for another",
    "lost-term": "a term is missing",
    "extra-term": "there is a term too many",
    "missing-factor": "a factor is missing",
    "extra-factor": "there is a factor too many",
    "overwritten": "= for +=",
    "region": "only some entries are wrong",
    "flipped": "something is reversed",
    "label-term": "the term of the right class",
    "output-lost": "the part of one output",
    "wrong-point": "a slope is taken at the wrong point",
    "shape": "its shape",
}
