"""What came of a self-test: faults by kind, right programs, what is odd. Schema gradcalc.selftest/1."""

from collections.abc import Iterator, Sequence
from typing import Any

from .json import dumps, value
from .number import number
from .styled import Glyphs, Line, hanging, shorten, wrap

HEADS = ("planted", "caught", "named", "equivalent", "below bar", "corner", "missed")
OUTCOMES = ("caught", "equivalent", "below the bar", "at a corner", "missed")
PLACES = {
    "gates": "in each gate",
    "programs": "in random programs of scalars",
    "arrays": "in random programs of arrays",
    "mistakes": "mistakes of people",
}
SHOWN = 10
RULES = "the derivative of a gate, misremembered"


def selftest_json(total: Any, seed: int) -> str:
    """The counts, and whatever was not caught or wrongly accused, as one JSON object."""
    return dumps(
        {
            "schema": "gradcalc.selftest/1",
            "seed": seed,
            "ok": total.ok,
            "planted": total.planted,
            **{outcome.replace(" ", "_"): total.count(outcome) for outcome in OUTCOMES},
            "named": sum(total.named.values()),
            "right_programs": total.programs,
            "verdicts": {f"{kind}: {word}": n for (kind, word), n in sorted(total.verdicts.items())},
            "faults": [
                {"where": place, "fault": fault, **dict(zip(HEADS, row, strict=True))}
                for place, fault, row in counted(total)
            ],
            "missed_faults": [record(found) for found in total.missed],
            "spared_faults": [record(found) for found in total.spared],
            "false_alarms": [record(found) for found in total.alarms],
            "skipped_gates": list(total.skipped),
        }
    )


def record(found: Any) -> dict[str, Any]:
    """One finding, with the program to try it on."""
    plant = found.plant
    return {
        "where": plant.kind,
        "fault": plant.fault,
        "gate": plant.gate,
        "input": plant.where,
        "program": plant.text,
        "inputs": {name: value(x) for name, x in plant.inputs.items()},
        "outcome": found.outcome,
        "effect": value(found.effect),
        "bar": value(found.bar),
        "verdict": found.verdict,
    }


def counted(total: Any) -> Iterator[tuple[str, str, list[int]]]:
    """Where faults were planted, which, and what came of them, in the columns of HEADS."""
    kinds = {(place, fold(fault)) for place, fault, _, _ in total.outcomes}
    for place, fault in sorted(kinds, key=lambda pair: (list(PLACES).index(pair[0]), pair[1])):
        came = dict.fromkeys(OUTCOMES, 0)
        for (at, what, _, outcome), n in total.outcomes.items():
            if (at, fold(what)) == (place, fault):
                came[outcome] += n
        named = sum(n for (at, what, _), n in total.named.items() if (at, fold(what)) == (place, fault))
        caught, *others = came.values()
        yield place, fault, [sum(came.values()), caught, named, *others]


def fold(fault: str) -> str:
    """The rules of single gates, such as tanh' = 1 - z, stand on one line."""
    return RULES if "' = " in fault else fault


def selftest_table(total: Any, columns: int, glyphs: Glyphs) -> list[Line]:
    """Faults by kind, a sum, the right programs, and what is odd."""
    rows: list[tuple[str, list[int] | None]] = []
    sums = [0] * len(HEADS)
    before = ""
    for place, fault, row in counted(total):
        if place != before:
            rows.append((PLACES[place], None))
            before = place
        sums = [a + b for a, b in zip(sums, row, strict=True)]
        rows.append((f"  {fault}", row))
    rows.append(("all", sums))
    return [
        *table(rows, columns, glyphs),
        [],
        *(line for found in paragraphs(total) for line in said(found, columns, glyphs)),
        *odd(total, columns, glyphs),
    ]


def table(rows: Sequence[tuple[str, list[int] | None]], columns: int, glyphs: Glyphs) -> list[Line]:
    """The counts; columns of zeros in narrow terminals are left out last."""
    sums = rows[-1][1] or []
    shown = list(range(len(HEADS)))
    name = max(len(text) for text, _ in rows)
    while name + sum(len(HEADS[k]) + 2 for k in shown) + 2 > columns and any(not sums[k] for k in shown[:-1]):
        shown.remove(next(k for k in reversed(shown[:-1]) if not sums[k]))
    room = max(columns - sum(len(HEADS[k]) + 2 for k in shown) - 2, 12)
    name = min(name, room)
    head = " " + "fault".ljust(name) + "".join("  " + HEADS[k] for k in shown)
    lines: list[Line] = [[(head, "dim")], [(glyphs.rule * (len(head) + 1), "dim")]]
    for text, row in rows:
        if row is None:
            lines.append([(f" {text}", "bold")])
            continue
        if text == "all":
            lines.append([(glyphs.rule * (len(head) + 1), "dim")])
        first, *rest = hanging(text.strip(), name - 2, glyphs) if text.startswith(" ") else [text]
        spans = [(" " + ("  " * text.startswith(" ") + first).ljust(name), "")]
        for k in shown:
            style = {"caught": "good", "missed": "bad"}.get(HEADS[k], "") if row[k] else "dim"
            spans.append((f"{row[k]:,}".rjust(len(HEADS[k]) + 2), style))
        lines += [spans, *([(f"   {line}", "")] for line in rest)]
    return lines


def paragraphs(total: Any) -> Iterator[tuple[str, str]]:
    """What the numbers come to, in sentences, each with its style."""
    missed, alarms = total.count("missed"), len(total.alarms)
    visible = total.count("caught", "missed")
    share = f" and named the gate of {sum(total.named.values()):,}" if total.named else ""
    yield (
        f"the check caught {total.count('caught'):,} of {visible:,} visible faults{share}",
        ("bad" if missed else "good"),
    )
    if total.programs:
        words = ", ".join(
            f"{sum(n for (_, v), n in total.verdicts.items() if v == word):,} {word}"
            for word in sorted({v for _, v in total.verdicts})
        )
        yield (
            f"{alarms:,} false alarms in {total.programs:,} right programs ({words})",
            ("bad" if alarms else "good"),
        )
    equivalent, corner = total.count("equivalent"), total.count("at a corner")
    if equivalent:
        yield f"{equivalent:,} are equivalent: they change no number at all, so nobody can see them", ""
    if corner:
        yield f"{corner:,} stand at a kink or a jump: the check says so, and decides nothing", ""
    if total.skipped:
        yield f"not tried, for they need scipy: {', '.join(total.skipped)}", "warn"


def said(paragraph: tuple[str, str], columns: int, glyphs: Glyphs) -> list[Line]:
    """One paragraph as lines."""
    text, style = paragraph
    return [[(line, style)] for line in wrap(glyphs.text(text).split(" "), columns - 1, " ")]


def where(plant: Any) -> str:
    """A fault and its place in words."""
    if plant.kind == "mistakes":
        return f"{plant.fault} {plant.where}"
    slope = f" in d/d{plant.where}" if plant.where else ""
    return f"{plant.fault}{slope}{' of ' if plant.gate and plant.fault else ''}{plant.gate}" or plant.kind


def odd(total: Any, columns: int, glyphs: Glyphs) -> list[Line]:
    """The faults that were missed, the false alarms and what was spared, with their programs."""
    lines: list[Line] = []
    for title, found, style in (
        ("missed", total.missed, "bad"),
        ("false alarms", total.alarms, "bad"),
        ("not decided", total.spared, "warn"),
    ):
        if not found:
            continue
        lines += [[], [(f" {title}", style)]]
        for one in found[:SHOWN]:
            plant = one.plant
            size = f": {number(one.effect, 3)} off, the bar is {number(one.bar, 3)}" if one.effect else ""
            lines += said((f"{where(plant)}{size}; verdict {one.verdict}", ""), columns, glyphs)
            point = " ".join(f"{name}={value(x)}" for name, x in plant.inputs.items())
            lines.append([(shorten(glyphs.text(f"     {plant.text}   at {point}"), columns, glyphs), "dim")])
        if len(found) > SHOWN:
            lines.append([(f" {len(found) - SHOWN} more: --format json", "dim")])
    return lines
