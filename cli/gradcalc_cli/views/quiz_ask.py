"""What the tutor says, line by line."""

from collections.abc import Sequence
from typing import Any

from .answers import joined, worked
from .footer import paragraph
from .number import one_line
from .quiz_sheet import expression, given, solved
from .styled import Line

PARTS = {
    "value": "Forward: the value of each gate.",
    "local": "Local gradients: the slope of each gate in each of its inputs.",
    "gradient": "Backward: the gradient of {f} with respect to each node, from d{f}/d{f} = 1.",
}
HELP = "write a number; ? gives a hint, s shows the answer and goes on, q ends"


class Voice:
    """The tutor's lines, for one terminal."""

    def __init__(self, look: Any) -> None:
        self.look = look
        self.equations: dict[str, str] = {}

    def opening(self, number_: int, exercise: Any, tutor: Any) -> list[Line]:
        """The circuit and its point."""
        report = solved(exercise)
        self.equations = {row.label: row.equation for row in report.rows}
        head = f"{expression(exercise, report)}" + (f"   at {given(exercise)}" if exercise.inputs else "")
        lines: list[Line] = [] if number_ == 1 else [[]]
        lines += paragraph(f"Exercise {number_}:  {head}", "bold", self.look)
        return lines + (paragraph(HELP, "dim", self.look) if number_ == 1 else [])

    def part(self, kind: str, tutor: Any) -> list[Line]:
        """What is asked from here on."""
        label = tutor.key.names.shown(tutor.key.graph.output)
        return [[], *paragraph(PARTS[kind].format(f=label), "bold", self.look)]

    def prompt(self, blank: Any, tutor: Any) -> str:
        """The text before the cursor."""
        name = self.equations.get(blank.name, blank.name) if blank.kind == "value" else blank.name
        return f" {self.look.glyphs.text(name)} = "

    def reply(self, reply: Any) -> list[Line]:
        """The verdict on an answer, and the mistakes that give it."""
        answer = reply.answer
        if reply.right:
            note = f" ({answer.note})" if answer.note else ""
            return self.said(f"right{note}", "good")
        if answer.verdict == "unreadable":
            return self.said("no number can be read there: -0.53, 1/3 and 2e-3 are some", "warn")
        if answer.verdict == "digits":
            return self.said(answer.note, "warn")
        if not reply.mistakes:
            return self.said(
                f"wrong{': ' + answer.note if answer.note else ''}; try again, or ? for a hint", "bad"
            )
        first, *others = reply.mistakes
        lines = self.said(f"wrong: {first.text}", "bad")
        for mistake in others[:2]:
            lines += self.said(f"or {mistake.kind}", "bad")
        return lines

    def hint(self, hint: Any, blank: Any, stage: int) -> list[Line]:
        """Help, more with each stage."""
        if blank.kind == "gradient":
            return self.gradient_hint(hint, blank, stage)
        if blank.kind == "local" and stage == 1:
            over, _, under = blank.name.partition("/")
            above, below = over[1:], under[1:]
            return self.said(
                f"how fast does {self.equations.get(above, above)} move when only {below} moves?"
            )
        takes = joined(
            [f"{label} = {one_line(v, self.look.precision)}" for label, v in hint.takes] or ["nothing"]
        )
        if blank.kind == "local":
            return self.said(f"{blank.name} = {hint.step.equation}, at {takes}")
        return self.said(f"put in {takes}")

    def gradient_hint(self, hint: Any, blank: Any, stage: int) -> list[Line]:
        """How the gates above treat the gradient; the formula; the numbers."""
        if stage == 1:
            lines: list[Line] = []
            for label, sentence in hint.patterns:
                lines += self.said(f"the gate {self.equations.get(label, label)} {sentence}")
            if len(hint.step.terms) > 1:
                lines += self.said(
                    f"{blank.name[1:]} is used {len(hint.step.terms)} times: what comes back adds up"
                )
            return lines or self.said("look at the gates that this value goes into")
        text = worked(hint.step, self.look)
        parts = text.split(" = ")
        return self.said(" = ".join(parts[: 2 if stage == 2 else max(len(parts) - 1, 2)]))

    def shown(self, step: Any) -> list[Line]:
        """The answer, as it comes about."""
        return self.said(worked(step, self.look), "gradient" if step.terms else "forward")

    def same(self, times: int) -> list[Line]:
        """For somebody who gives one answer again and again."""
        return self.said(f"the same answer {times} times: here is how it comes about", "dim")

    def help(self) -> list[Line]:
        """For somebody who pressed Enter."""
        return self.said(HELP, "dim")

    def table(self, exercise: Any) -> list[Line]:
        """The whole table, at the end of an exercise."""
        from .table import table

        lines = table(solved(exercise), self.look)
        return [[], *(line for line in lines if not any("--no-check" in text for text, _ in line))]

    def score(self, scores: Sequence[Any]) -> list[Line]:
        """How it went."""
        asked, right, first = (sum(s[k] for s in scores) for k in range(3))
        text = f"{right} of {asked} right, {first} at the first try without a hint"
        return [[], *paragraph(text, "good" if right == asked else "bad", self.look)]

    def said(self, text: str, style: str = "") -> list[Line]:
        """A sentence, set in."""
        return [[("  ", ""), *line] for line in paragraph(text, style, self.look)]
