"""One worked step of a gate: its first example, with its inputs made variables."""

from typing import Any, NamedTuple

from gradcalc.errors import GradcalcError


class Worked(NamedTuple):
    """An example as a question, and its report."""

    text: str
    inputs: dict[str, str]
    report: Any


def worked(gate: Any) -> Worked | None:
    """The first example of a gate that has an input to differentiate, run and checked."""
    from gradcalc.session import Question, answer

    for example in gate.examples:
        text, inputs = opened(gate, example)
        if not inputs:
            continue
        try:
            return Worked(text, inputs, answer(Question(text, inputs)))
        except GradcalcError:
            continue
    return None


def opened(gate: Any, example: str) -> tuple[str, dict[str, str]]:
    """`mul(3, -4)` as `mul(x, y)` with x = 3 and y = -4."""
    from gradcalc.syntax import parse

    program = parse(example)
    root = program.items[program.statements[-1].value.root]  # type: ignore[union-attr]
    arguments = root.args[: len(root.args) - len(root.keys)]
    if gate.variadic and len(arguments) == 1 and program.items[arguments[0]].kind == "list":
        arguments = program.items[arguments[0]].args
    names = [name for name in gate.inputs if not name.startswith("*")]
    found: list[tuple[int, int, str]] = []
    for position, k in enumerate(arguments):
        if k < 0 or gate.derivative(position) is None or (position >= len(gate.inputs) and not gate.variadic):
            continue
        item = program.items[k]
        if item.kind in ("slice", "all", "text"):
            continue
        starred = gate.inputs[-1].lstrip("*") + str(position + 1)
        start, end = widened(example, item.start, item.end)
        found.append((start, end, names[position] if position < len(names) else starred))
        if root.kind == "index":
            break
    text = example
    for start, end, name in reversed(found):
        text = text[:start] + name + text[end:]
    return text, {name: example[start:end] for start, end, name in found}


def widened(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the brackets around it."""
    while (
        text[start - 1 : start] == "("
        and text[end : end + 1] == ")"
        and text[: start - 1].rstrip()[-1:] in "+-*/@^%"
    ):
        start, end = start - 1, end + 1
    return start, end
