"""What `check` says of code: one line an argument, and for each failure where, how much, and why."""

from typing import Any

from .cells import verdict_style, verdict_word
from .footer import paragraph
from .json import value
from .number import number
from .picture import heat
from .styled import Line, pad, width

WORST = 8
LINES = 2  # places in the code that are told


def examined_lines(found: Any, look: Any) -> list[Line]:
    """All of one target."""
    word, style = headline(found)
    head: Line = [(f" {look.glyphs.text(found.target)}  ", "bold"), (word, style)]
    lines: list[Line] = [head]
    if found.words:
        lines += paragraph(f"{found.words}", "dim", look)
    if found.case:
        lines += paragraph(f"with {found.case}:", "warn", look)
    if found.arguments:
        lines += [[], *arguments_table(found.arguments, look)]
    for argument in found.arguments:
        if argument.verdict not in ("pass", "kink"):
            lines += [[], *failure(argument, look)]
        elif argument.notes:
            lines += [[], *(line for note in argument.notes for line in paragraph(note, "", look))]
    if found.notes or found.trace:
        lines.append([])
    for note in found.notes:
        lines += paragraph(
            note, style if note is found.notes[0] and found.verdict in ("fail", "error") else "dim", look
        )
    lines += [[("   " + look.glyphs.text(line), "dim")] for line in found.trace]
    if found.tried > 1:
        lines += [[], [(f" {found.tried} points and parameters tried", "dim")]]
    return lines


def headline(found: Any) -> tuple[str, str]:
    """The verdict in one word."""
    if found.exception and found.verdict == "fail":
        return f"exception declared: {found.exception}", "warn"
    if found.verdict == "error":
        return "can't be checked", "bad"
    return verdict_word(found.verdict), verdict_style(found.verdict)


def arguments_table(arguments: Any, look: Any) -> list[Line]:
    """One line for each argument: its shape, the error, how it was looked at, the verdict."""
    of = "compared" if any(map(compared, arguments)) else "gradient of"
    heads = [of, "shape", "error", "limit", "checked", ""]
    rows, styles = [], []
    for a in arguments:
        shape = f" {look.glyphs.times} ".join(f"{n:,}" for n in a.shape) or "scalar"
        error, limit = ("" if share is None else number(share, 2) for share in (a.error, a.limit))
        rows.append([look.glyphs.text(titled(a)), shape, error, limit, checked(a), verdict_word(a.verdict)])
        styles.append(verdict_style(a.verdict))
    widths = [max(width(row[k]) for row in [heads, *rows]) for k in range(len(heads))]
    lines: list[Line] = [[("  " + "  ".join(pad(h, w) for h, w in zip(heads, widths, strict=True)), "dim")]]
    for row, style in zip(rows, styles, strict=True):
        *front, last = (pad(text, w) for text, w in zip(row, widths, strict=True))
        lines.append([("  " + "  ".join(front) + "  ", ""), (last, style)])
    return lines


def compared(argument: Any) -> bool:
    """Whether an argument was compared with a reference, and not with differences."""
    return bool(argument.checked == "reference")


def titled(argument: Any) -> str:
    """What a line is about: x, and beside a reference dx or the output."""
    return f"d{argument.name}" if compared(argument) and not is_output(argument) else str(argument.name)


def is_output(argument: Any) -> bool:
    """Whether it is a value that was compared, and no gradient."""
    return compared(argument) and str(argument.name).startswith("output")


def checked(argument: Any) -> str:
    """How an argument was looked at."""
    size = 1
    for n in argument.shape:
        size *= n
    if argument.checked == "entries":
        return "every entry" if size > 1 else "its entry"
    return {"directions": "random directions", "reference": "every entry", "": "not at all"}[argument.checked]


def failure(argument: Any, look: Any) -> list[Line]:
    """Why one argument's gradient does not pass: its mistakes, its worst entries, a picture."""
    style = verdict_style(argument.verdict)
    lines: list[Line] = []
    for mistake in argument.mistakes:
        if not mistake.line:
            lines += paragraph(mistake.text, style, look)
    for mistake in [m for m in argument.mistakes if m.line][:LINES]:
        lines += paragraph(mistake.text, "bold", look)
    for note in argument.notes:
        lines += paragraph(note, "" if argument.mistakes else style, look)
    if not argument.mistakes and not argument.notes and argument.worst is not None:
        said = f"d{argument.name} is not the slope; no single known mistake gives its numbers"
        if compared(argument):
            said = f"{titled(argument)} is not the reference's"
        lines += paragraph(said, style, look)
    return [*lines, *worst_table(argument, look), *heat(argument, look)]


def worst_table(argument: Any, look: Any) -> list[Line]:
    """index, analytic, numeric, error, bar of the worst entries."""
    if argument.worst is None:
        return []
    other = "reference" if compared(argument) else "numeric"
    heads = ["index", "given", other, "error", "bar"]
    rows = [
        [
            index(w.place),
            number(w.analytic, 6),
            number(w.numeric, 6),
            number(abs(w.analytic - w.numeric), 2),
            number(w.bar, 2),
        ]
        for w in worst_entries(argument)
    ]
    widths = [max(width(row[k]) for row in [heads, *rows]) for k in range(len(heads))]
    lines: list[Line] = [
        [],
        [("  " + "  ".join(pad(h, w) for h, w in zip(heads, widths, strict=True)), "dim")],
    ]
    for row in rows:
        lines.append([("  " + "  ".join(pad(text, w) for text, w in zip(row, widths, strict=True)), "")])
    wrong = 0 if argument.wrong is None else int(argument.wrong.sum())
    if wrong > len(rows):
        known = int((argument.numeric == argument.numeric).sum())
        lines.append([(f"  and {wrong - len(rows):,} more of {known:,} entries are wrong", "dim")])
    return lines


def worst_entries(argument: Any) -> list[Any]:
    """The entries that differ most, the worst first."""
    a, n, wrong = argument.analytic, argument.numeric, argument.wrong
    if wrong is None or a is None or n is None or a.shape != n.shape or a.ndim == 0:
        return [argument.worst]
    gaps = abs(a - n)
    flat = [k for k in gaps.reshape(-1).argsort()[::-1].tolist() if wrong.reshape(-1)[k]][:WORST]
    bars = argument.bars
    found = []
    for k in flat:
        place: list[int] = []
        left = k
        for size in reversed(a.shape):
            left, here = divmod(left, size)
            place.insert(0, here)
        bar = argument.worst.bar if bars is None else float(bars.reshape(-1)[k])
        found.append(argument.worst._replace(
            place=tuple(place), analytic=float(a.reshape(-1)[k]), numeric=float(n.reshape(-1)[k]), bar=bar
        ))  # fmt: skip
    return found or [argument.worst]


def index(place: Any) -> str:
    """[1, 2], or nothing for a scalar."""
    return f"[{', '.join(map(str, place))}]" if place else "-"


def mistake(m: Any) -> dict[str, Any]:
    """One likely mistake as plain data."""
    return {"name": m.name, "text": m.text, **({"line": m.line} if m.line else {})}


def record(found: Any) -> dict[str, Any]:
    """One target as plain data: schema gradcalc.check/1."""
    result: dict[str, Any] = {
        "schema": "gradcalc.check/1",
        "target": found.target,
        "verdict": found.verdict,
        "arguments": [
            {
                "name": a.name,
                "shape": list(a.shape),
                "verdict": a.verdict,
                "worst": None
                if a.worst is None
                else {
                    "index": list(a.worst.place),
                    "analytic": value(a.worst.analytic),
                    "numeric": value(a.worst.numeric),
                    "bar": value(a.worst.bar),
                },
                "mistakes": [mistake(m) for m in a.mistakes],
                "notes": list(a.notes),
                "checked": a.checked,
                "error": value(a.error),
                "limit": value(a.limit),
            }
            for a in found.arguments
        ],
        "notes": list(found.notes),
        "trace": list(found.trace),
        "called": found.words,
        "case": found.case,
        "tried": found.tried,
    }
    if found.file:
        result |= {"file": found.file, "line": found.line}
    if found.exception:
        result["exception"] = found.exception
    return result
