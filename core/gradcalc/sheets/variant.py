"""Numbers of one's own: each student's inputs, drawn from the student's id.

The rule, so that anybody can draw them again: candidate k of a problem is taken from the SHA-256 of
`title \\0 problem \\0 student \\0 k` (UTF-8; the student's id without blanks around it, in lower case), which
seeds a stream of numbers by SHA-256 of it and a counter. Every input that the assignment sets, entry by entry
in their order, keeps its sign and its decimals: with d decimals and size n units of the last place it becomes
one of the sizes from 1 to max(2n, 5) if d = 0, else from ceil(n/2) to 2n. The first candidate (k = 0, 1, ...)
counts at which everything is finite, no router stands at a tie, no input's gradient is zero that is not zero
for the numbers of the assignment, the inputs have different sizes where theirs are different, and no number
on the way is 1 or -1 where theirs is not: at such a point to multiply and to divide are the same. Where none
of 200 candidates is so, the last condition falls.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import numpy as np

from ..errors import GradcalcError
from ..gate import Array
from ..graphs import Graph
from ..probe import ties
from ..session import Question, prepare
from .assignment import Assignment, Problem

TRIES = 200
DECIMALS = 3  # numbers with more of them are no example: pi/2, or data from a file
LARGEST = 400  # so are arrays of more entries
SMALLEST_RANGE = 5


def variant(assignment: Assignment, problem: Problem, student: str) -> Question:
    """The problem with this student's numbers; raises GradcalcError where none are found that will do."""
    assert problem.question is not None
    question = problem.question
    base = prepare(question)
    free = {
        name: base.values[i]
        for name, i in base.variables.items()
        if name not in problem.fixed and i not in base.parameters and drawable(base.values[i])
    }
    start = f"{assignment.title}\0{problem.id}\0{student.strip().lower()}"
    for plain, k in ((plain, k) for plain in (True, False) for k in range(TRIES)):
        drawn = draw(stream(f"{start}\0{k}"), free)
        found = question._replace(inputs={**question.inputs, **drawn})
        try:
            graph = prepare(found)
        except GradcalcError:
            continue
        if suits(graph, base, drawn, free) and not (plain and blurs(graph, base)):
            return found
    raise GradcalcError(
        f"problem {problem.id}: no numbers of their own were found for {student}",
        kind="assignment",
        hint='set other inputs, or keep some of them with fixed = ["x"]',
    )


def stream(seed: str) -> Iterator[int]:
    """Numbers without end, from a text."""
    start, k = sha256(seed.encode()).digest(), 0
    while True:
        block = sha256(start + k.to_bytes(8, "big")).digest()
        yield from (int.from_bytes(block[at : at + 8], "big") for at in range(0, 32, 8))
        k += 1


def drawable(value: Array) -> bool:
    """Whether an input is an example, and not data."""
    return np.size(value) <= LARGEST and max(map(decimals, np.ravel(value).tolist()), default=9) <= DECIMALS


def decimals(x: float) -> int:
    """How many decimals a number is written with."""
    text = repr(float(x))
    return 99 if "e" in text or "n" in text else len(text.partition(".")[2].rstrip("0"))


def draw(numbers: Iterator[int], free: dict[str, Array]) -> dict[str, str]:
    """New values for the free inputs, as they are typed."""
    found = {}
    for name, value in free.items():
        places = max(map(decimals, np.ravel(value).tolist()), default=0)
        entries = [redrawn(next(numbers), x, places) for x in np.ravel(value).tolist()]
        found[name] = nested(entries, np.shape(value)) if np.ndim(value) else entries[0]
    return found


def redrawn(number: int, x: float, places: int) -> str:
    """One number of the same sign and decimals."""
    units = round(abs(x) * 10**places)
    low, high = (
        (1, max(2 * units, SMALLEST_RANGE)) if places == 0 else (max(-(-units // 2), 1), max(2 * units, 1))
    )
    size = low + number % (high - low + 1)
    return f"{'-' if x < 0 else ''}{size / 10**places:.{places}f}"


def nested(entries: list[str], shape: tuple[int, ...]) -> str:
    """The entries as a list of lists."""
    if len(shape) == 1:
        return f"[{', '.join(entries)}]"
    step = len(entries) // shape[0]
    return f"[{', '.join(nested(entries[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0]))}]"


def blurs(graph: Graph, base: Graph) -> bool:
    """Whether a number or all entries of an array are 1 or -1 that are not in the assignment."""
    return any(
        bool(np.all(np.abs(value) == 1) and not np.all(np.abs(before) == 1))
        or (np.size(value) > 1 and bool(np.ptp(value) == 0 != np.ptp(before)))
        for i, (value, before) in enumerate(zip(graph.values, base.values, strict=True))
        if i <= graph.output and np.size(value)
    )


def suits(graph: Graph, base: Graph, drawn: dict[str, str], free: dict[str, Array]) -> bool:
    """Whether these numbers teach what those of the assignment do."""
    before = [abs(float(v)) for v in free.values() if not np.ndim(v)]
    after = [abs(float(drawn[name])) for name, v in free.items() if not np.ndim(v)]
    if len(set(after)) < min(len(set(before)), SMALLEST_RANGE):
        return False
    if ties(graph) and not ties(base):
        return False
    gradients, true = graph.gradients, base.gradients
    return all(
        np.isfinite(gradients[name]).all() and (np.any(gradients[name]) or not np.any(true[name]))
        for name in true
    )
