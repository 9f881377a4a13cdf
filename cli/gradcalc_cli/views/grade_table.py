"""A class's results as a table: a line a student, what went wrong, and how each item went."""

from typing import Any

from .footer import paragraph
from .grade_records import points
from .styled import Line, pad, shorten, width

FEW = 3  # so many students are told in full
MOST_MISTAKES = 3  # of one item that are named
STYLES = {"right": "good", "rounded": "good", "digits": "warn", "undecided": "warn", "follows": "warn"}
STATISTICS = ("right", "rounded", "follows", "digits", "wrong", "missing")


class Table:
    """Rows are kept until the end, so that their columns fit."""

    def __init__(self, assignment: Any, look: Any, paint: Any) -> None:
        self.assignment, self.look, self.paint = assignment, look, paint
        self.rows: list[list[str]] = []
        self.told: list[Any] = []
        self.errors: list[tuple[str, str]] = []

    def start(self) -> str:
        """Nothing is shown before the end."""
        return ""

    def student(self, graded: Any) -> str:
        """Keep one student's row."""
        text = self.look.glyphs.text
        scores = [f"{show(part.score)}/{show(part.points)}" for part in graded.parts]
        self.rows.append([text(graded.student), *scores, f"{show(graded.score)}/{show(graded.points)}"])
        if len(self.rows) <= FEW:
            self.told.append(graded)
        if graded.error:
            self.errors.append((graded.student, graded.error))
        return ""

    def end(self, statistics: Any) -> str:
        """The whole."""
        lines: list[Line] = []
        if len(self.rows) <= FEW:
            for graded in self.told:
                lines += [*details(graded, self.look), []]
        else:
            for student, error in self.errors:
                lines += paragraph(f"{student}: {error}", "bad", self.look)
            lines += [[]] if self.errors else []
        heads = ["student", *(p.id for p in self.assignment.problems), "total"]
        lines += [*ruled(heads, self.rows, self.look), []]
        if statistics.students > 1:
            lines += [*class_lines(statistics, self.look), []]
        many = f"{statistics.students:,} student{'s' * (statistics.students != 1)}"
        mean = (
            f", mean {statistics.mean:.4g} of {show(self.assignment.worth)}"
            if statistics.students > 1
            else ""
        )
        lines.append([(f" {many}{mean}", "good" if statistics.code == 0 else "")])
        return "".join(self.paint(line) + "\n" for line in lines)


def show(x: float) -> str:
    """Points with at most two decimals."""
    return str(points(round(x, 2)))


def ruled(heads: list[str], rows: list[list[str]], look: Any) -> list[Line]:
    """A table with a line under its head; the first column is cut where the window is narrow."""
    widths = [max(width(row[k]) for row in [heads, *rows]) for k in range(len(heads))]
    rest = sum(widths[1:]) + 3 * len(widths[1:]) + 1
    widths[0] = max(min(widths[0], look.width - rest), 7)
    gap = f" {look.glyphs.bar} "
    lines: list[Line] = []
    for row in [heads, *rows]:
        cells = [shorten(row[0], widths[0], look.glyphs), *row[1:]]
        lines.append([(" " + gap.join(pad(c, w) for c, w in zip(cells, widths, strict=True)), "")])
    rule = look.glyphs.rule * min(look.width, sum(widths) + 3 * (len(widths) - 1) + 2)
    lines[0] = [(lines[0][0][0], "dim")]
    return [lines[0], [(rule, "dim")], *lines[1:]]


def details(graded: Any, look: Any) -> list[Line]:
    """One student's answers, and what is behind those that are not right."""
    text = look.glyphs.text
    lines: list[Line] = [[(f" {text(graded.student)}", "bold")]]
    if graded.error:
        return [*lines, *paragraph(graded.error, "bad", look)]
    for note in graded.notes:
        lines += paragraph(note, "warn", look)
    items = [(part, item) for part in graded.parts for item in part.items]
    names = [f"{part.problem}.{item.name}" for part, item in items]
    first = max(map(width, names), default=0)
    given = min(max((width(text(item.given)) for _, item in items), default=0), 24)
    worth = max((len(f"{show(i.score)}/{show(i.points)}") for _, i in items), default=5)
    said: set[str] = set()
    for name, (part, item) in zip(names, items, strict=True):
        score = f"{show(item.score)}/{show(item.points)}"
        shown = pad(shorten(text(item.given), given, look.glyphs), given)
        line = [
            (f"   {pad(name, first)}  {shown}  {pad(score, worth)}  ", ""),
            (item.word, STYLES.get(item.word, "bad")),
        ]
        if item.follows:
            line.append((f" from {', '.join(item.follows)}", ""))
        lines.append(line)
        for sentence in [item.note, *(m.text for m in item.mistakes[:MOST_MISTAKES])]:
            if sentence and sentence not in said:
                said.add(sentence)
                lines += indented(sentence, look)
        if item is part.items[-1]:
            for note in part.notes:
                lines += indented(note, look)
    return lines


def indented(sentence: str, look: Any) -> list[Line]:
    """A sentence below its item."""
    return [[("    ", ""), *line] for line in paragraph(sentence, "dim", look._replace(width=look.width - 4))]


def class_lines(statistics: Any, look: Any) -> list[Line]:
    """How often each verdict was given, item by item, and the mistakes that people fell for."""
    items = statistics.items()
    used = [word for word in STATISTICS if any(item.counts[word] for item in items)]
    rows = [
        [
            f"{item.problem}.{item.name}",
            *(f"{item.counts[word]:,}" for word in used),
            f"{item.mean:.3g}/{show(item.points)}",
        ]
        for item in items
    ]
    lines = ruled(["item", *("coarse" if word == "digits" else word for word in used), "mean"], rows, look)
    for item in items:
        if item.mistakes:
            lines += [[], [(f" {item.problem}.{item.name}", "bold")]]
        for mistake in item.mistakes[:MOST_MISTAKES]:
            what = f"{mistake.times:,} of {statistics.students:,}: {mistake.name}, {mistake.text}"
            lines += paragraph(what, "", look)
        left = len(item.mistakes) - MOST_MISTAKES
        if left > 0:
            lines += paragraph(f"and {left} more mistake{'s' * (left > 1)}", "dim", look)
    return lines
