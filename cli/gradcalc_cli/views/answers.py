"""What `check` says of answers: a verdict for each, and what is behind those that are wrong."""

import re
from collections.abc import Sequence
from typing import Any

from .footer import evidence, notes, paragraph
from .number import number, one_line, shape_of
from .styled import Line, pad, shorten, width, wrap

MOST_MISTAKES = 5  # that are shown for one group of answers
GOOD = {"right": "good", "rounded": "good", "digits": "warn"}


def answers_table(report: Any, key: Any, marked: Any, look: Any, judging: Any) -> list[Line]:
    """One line for each answer, the diagnoses or as much of them as a hint may tell, and the score."""
    said = diagnoses(marked, look) if judging.hint is None else hinted(key, marked, look, judging.hint)
    return [
        *rows(marked.answers, look, judging.reveal),
        [],
        *said,
        *score(marked, look),
        *[line for text in marked.notes for line in paragraph(text, "dim", look)],
        *notes(report, look),
        *evidence(report, look),
    ]


def rows(answers: Sequence[Any], look: Any, reveal: bool) -> list[Line]:
    """The table: what was asked, what was given, the verdict and a note on it."""
    heads = ["answer", "given", *(["true value"] if reveal else []), "verdict"]
    table = []
    for found in answers:
        given = shorten(look.glyphs.text(found.given), max(look.width // 3, 12), look.glyphs)
        true = [one_line(found.value, max(look.precision, digits(found.given)))] if reveal else []
        table.append([look.glyphs.text(found.name), given, *true, found.verdict])
    widths = [max(width(row[k]) for row in [heads, *table]) for k in range(len(heads))]
    gap = f" {look.glyphs.bar} "
    if reveal and sum(widths) + 3 * len(widths) > look.width:
        told = (f"{row[0]} is {row[2]}" for row in table)
        return [*rows(answers, look, False), [], *(x for text in told for x in paragraph(text, "", look))]
    head = gap.join(pad(text, w) for text, w in zip(heads, widths, strict=True))
    lines: list[Line] = [
        [(" " + head, "dim")],
        [(look.glyphs.rule * min(look.width, width(head) + 2), "dim")],
    ]
    for row, found in zip(table, answers, strict=True):
        start = " " + "".join(pad(text, w) + gap for text, w in zip(row[:-1], widths, strict=False))
        style = "warn" if found.follows else GOOD.get(found.verdict, "bad")
        text = look.glyphs.text(note(found))
        room = look.width - width(start) - widths[-1] - 2
        if width(text) > room >= 24 or not text:
            first, *rest = wrap(text.split(" "), room) if text else [""]
        else:
            first, rest = text, []
        if text and room < 24:
            first, rest = "", wrap(text.split(" "), look.width - 6)
        lines.append(
            [
                (start, ""),
                (pad(row[-1], widths[-1]) if first else row[-1], style),
                (f"  {first}" if first else "", ""),
            ]
        )
        indent = width(start) + widths[-1] + 2 if room >= 24 else 6
        lines += [[(" " * indent + line, "")] for line in rest]
    return lines


def note(found: Any) -> str:
    """What stands behind a verdict."""
    if found.follows:
        return f"but it follows from your {joined(found.follows)}"
    return str(found.note)


def diagnoses(marked: Any, look: Any) -> list[Line]:
    """Every mistake that gives these numbers, those for the same answers together."""
    lines: list[Line] = []
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for mistake in marked.mistakes:
        groups.setdefault(mistake.answers, []).append(mistake)
    more = marked.more
    for group in groups.values():
        first, *rest = group
        more += len(group[MOST_MISTAKES:])
        if not rest:
            lines += [*paragraph(first.text, "", look), []]
            continue
        lines += paragraph(first.text.removesuffix(first.kind).rstrip(), "", look)
        for k, mistake in enumerate(group[:MOST_MISTAKES]):
            lines += item(("or " if k else "") + mistake.kind, look)
        lines.append([])
    if more:
        what = "mistake gives" if more == 1 else "mistakes give"
        lines = [*lines[:-1], *paragraph(f"and {more} more {what} these numbers", "dim", look), []]
    if any(found.follows for found in marked.answers):
        lines += [*paragraph(carried(marked), "", look), []]
    return lines


def carried(marked: Any) -> str:
    """Where it goes wrong first, and what follows from that."""
    first, verb = joined(marked.first_wrong), "is" if len(marked.first_wrong) == 1 else "are"
    after = [found.name for found in marked.answers if found.follows]
    follow = "follows" if len(after) == 1 else "follow"
    return f"{first} {verb} where it goes wrong; {joined(after)} {follow} correctly from what you wrote"


def item(text: str, look: Any) -> list[Line]:
    """One of several readings."""
    first, *rest = wrap(look.glyphs.text(text).split(" "), look.width - 6)
    return [[("   - ", "dim"), (first, "")], *([("     " + line, "")] for line in rest)]


def hinted(key: Any, marked: Any, look: Any, level: int) -> list[Line]:
    """As much as a hint of this level may tell: 1 where, 2 what kind, 3 the answer."""
    from gradcalc.hints import hints, step

    lines: list[Line] = []
    for hint in hints(marked):
        names, verb = joined(hint.names), "is" if len(hint.names) == 1 else "are"
        if level == 1:
            where = f": look at {joined(hint.places[:3], 'or')}" if hint.places else ": do this step again"
            lines += paragraph(f"{names} {verb} wrong{where}", "", look)
        elif level == 2 and hint.kinds:
            lines += paragraph(f"{names} {verb} what you get {hint.kinds[0]}", "", look)
            for kind in hint.kinds[1:MOST_MISTAKES]:
                lines += item(f"or {kind}", look)
        elif level == 2:
            others = any(
                a.verdict == "wrong" and not a.follows and a.name not in hint.names for a in marked.answers
            )
            together = " together with what else is wrong" if others else ""
            lines += paragraph(
                f"no single mistake that is known gives {names}{together}: do this step again", "", look
            )
        else:
            for name in hint.names:
                shown = step(key, name)
                lines += paragraph(worked(shown, look), "", look)
                if shown.legend:
                    lines += paragraph(f"where {', '.join(shown.legend)}", "dim", look)
    if any(found.follows for found in marked.answers):
        lines += paragraph(carried(marked), "dim", look)
    return [*lines, []] if lines else []


def worked(step: Any, look: Any) -> str:
    """A right answer, as it multiplies out: dx = dq*1 + df*q = 3*1 + 1*-1 = 2."""
    value = one_line(step.value, look.precision)
    if step.equation:
        return f"{step.name} = {step.equation} = {value}"
    times = look.glyphs.times
    formulas, numbers = [], []
    for label, term in zip(step.uses, step.terms, strict=True):
        if term.local is None:
            formulas.append(re.sub(r"\bdz\b", f"d{label}", term.formula))
            continue
        formulas.append(f"d{label} {times} {bracketed(term.formula)}")
        if not shape_of(term.product) and not shape_of(term.local):
            factors = (bracketed(number(x, look.precision)) for x in (term.upstream, term.local))
            numbers.append(f" {times} ".join(factors))
    parts = [step.name, " + ".join(formulas), value]
    if len(numbers) == len(formulas):
        parts.insert(2, " + ".join(numbers))
    return " = ".join(part for part in parts if part)


def bracketed(text: str) -> str:
    """A factor as it stands in a product."""
    return text if re.fullmatch(r"[\w.]+|\w+\([^()]*\)", text) else f"({text})"


def score(marked: Any, look: Any) -> list[Line]:
    """How many are right, and how many follow."""
    answers = marked.answers
    right = sum(found.verdict in ("right", "rounded") for found in answers)
    follow = sum(bool(found.follows) for found in answers)
    text = f" {right} of {len(answers)} right"
    if follow:
        text += f", {follow} more {'follows' if follow == 1 else 'follow'}"
    return [[(text, "good" if right == len(answers) else "bad")]]


def joined(words: Sequence[str], last: str = "and") -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def digits(text: str) -> int:
    """How many digits somebody wrote, so that the true value is shown with as many."""
    return min(sum(c.isdigit() for c in text.lower().partition("e")[0].lstrip("-+0.")), 17)
