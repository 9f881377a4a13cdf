"""One gate: the local picture, its derivatives, what it does to gradients, and a worked step."""

from collections.abc import Iterator
from typing import Any

from .footer import paragraph
from .gates import family_of
from .styled import Glyphs, Line, Span, fold, line_width, width, wrap
from .table import Look, table

LEFT = 32  # where the box of the picture begins, at most


def one_gate(gate: Any, worked: Any, columns: int, glyphs: Glyphs) -> list[Line]:
    """Everything about one gate."""
    look = Look(columns, glyphs)
    head: Line = [
        (f" {gate.name}", "bold"),
        (f"   z = {glyphs.text(gate.formula)}", "forward"),
        (f"   {family_of(gate)}, {gate.pattern.word}", "dim"),
    ]
    doc = " ".join(gate.doc.split())
    if line_width(head) > columns:
        formula = [
            [(text, "forward") for text, _ in line] for line in paragraph(head[1][0].strip(), "", look)
        ]
        short: Line = [head[0], head[2]]
        first = [short] if line_width(short) <= columns else [[span] for span in short]
        lines: list[Line] = [*first, *formula, *paragraph(doc, "", look)]
    else:
        lines = [head, *paragraph(doc, "", look)]
    drawn = next((d for d in pictures(gate, glyphs) if max(map(line_width, d)) <= columns), [])
    lines += [[], *drawn, []] if drawn else [[]]
    for name, text in facts(gate):
        lines += fact(name, text, look)
    if worked is not None:
        given = " ".join(f"-{name} {quoted(value)}" for name, value in worked.inputs.items())
        lines += [[], [(" one worked step, and its check:", "dim")]]
        lines += [[(f"   gradcalc eval {quoted(worked.text)} {given}", "")], [], *table(worked.report, look)]
    return lines


def facts(gate: Any) -> list[tuple[str, str]]:
    """What there is to say about a gate, in lines."""
    found = [(f"dz/d{name.lstrip('*')}", derivative.text) for name, derivative in gate.local.items()]
    found += [(f"d{name.lstrip('*')}", derivative.text) for name, derivative in gate.vjp.items()]
    still = [name for k, name in enumerate(gate.inputs) if gate.derivative(k) is None]
    if still:
        found.append(("no gradient", f"{', '.join(name.lstrip('*') for name in still)}: never moved"))
    found.append((gate.pattern.word, gate.pattern.sentence))
    if gate.domain:
        found.append(("domain", gate.domain.text))
    if gate.kink:
        found.append(("jump" if gate.kink.jump else "kink", f"where {gate.kink.where}; {gate.kink.rule}"))
    if gate.params:
        found.append(
            ("parameters", ", ".join(f"{name}={default!r}" for name, default in gate.params.items()))
        )
    others = [*([gate.symbol] if gate.symbol and gate.symbol != "neg" else []), *gate.names]
    if others:
        found.append(("also written", ", ".join(others)))
    if gate.frameworks:
        found.append(("elsewhere", gate.frameworks))
    if gate.mistakes:
        found.append(("beware of", "; ".join(dict.fromkeys(mistake.text for mistake in gate.mistakes))))
    if gate.examples:
        found.append(("examples", "   ".join(gate.examples)))
    return found


def fact(name: str, text: str, look: Any) -> list[Line]:
    """A name in the margin, and its text beside it."""
    margin = 15
    room = look.width - margin - 1
    gap = "   " if "   " in text else " "  # examples stay whole
    words = [part for word in look.glyphs.text(text).split(gap) for part in fold(word, room)]
    first, *rest = wrap(words, room, gap=gap) or [""]
    style = "gradient" if name.startswith("d") and name not in ("domain", "distributor") else ""
    lines: list[Line] = [[(f" {name}".ljust(margin), "dim"), (first, style)]]
    return [*lines, *([(" " * margin + line, style)] for line in rest)]


def pictures(gate: Any, glyphs: Glyphs) -> Iterator[list[Line]]:
    """The same picture, ever slimmer."""
    count = range(len(gate.inputs))
    long = [outgoing(gate, k, glyphs) for k in count]
    names = [name.lstrip("*") for name in gate.inputs]
    short = [f" d{name} " if gate.derivative(k) else " none " for k, name in enumerate(names)]
    yield picture(gate, long, 9, glyphs)
    yield picture(gate, long, 4, glyphs)
    yield picture(gate, short, 4, glyphs)


def picture(gate: Any, back: list[str], reach: int, glyphs: Glyphs) -> list[Line]:
    """x, y -> z, with dL/dz coming in and dL/dz dz/dx going out, and arrows that `reach` so far."""
    names = [name.lstrip("*") for name in gate.inputs]
    sign = gate.symbol if gate.symbol and gate.symbol != "neg" else gate.name
    room = max(max(map(width, back)), reach + 3) + 2
    wide = width(sign) + 4
    unicode = glyphs.encoding is None
    right, left, line = (">", "<", "-") if not unicode else ("▶", "◀", "─")
    top, bottom, side = (
        ("+" + "-" * wide + "+",) * 2 + ("|",)
        if not unicode
        else ("┌" + "─" * wide + "┐", "└" + "─" * wide + "┘", "│")
    )
    margin = max(map(width, names)) + 3
    lines: list[Line] = [[(" " * (margin + room + 1) + top, "dim")]]
    height = 2 * len(names)
    middle = (height - 1) // 2
    for row in range(height):
        name, text = names[row // 2], back[row // 2]
        inside = sign if row == middle else ""
        spans: list[Span] = []
        if row % 2 == 0:
            spans = [(f"  {name}".ljust(margin), ""), (line * room + right, "forward")]
        else:
            stop = gate.derivative(row // 2) is None
            arrow = (" " if stop else left) + text + (" " if stop else line) * (room - width(text))
            spans = [(" " * margin, ""), (arrow, "gradient")]
        spans += [(side, "dim"), (inside.center(wide), "bold"), (side, "dim")]
        if row == middle:
            spans += [(line * reach + right, "forward"), (" z", "")]
        elif row == middle + 1:
            spans += [(left + line * reach, "gradient"), (" dL/dz", "gradient")]
        lines.append(spans)
    return [*lines, [(" " * (margin + room + 1) + bottom, "dim")]]


def outgoing(gate: Any, position: int, glyphs: Glyphs) -> str:
    """What goes back to one input."""
    if gate.derivative(position) is None:
        return " no gradient "
    name = gate.inputs[position].lstrip("*")
    return f" dL/dz {glyphs.times} dz/d{name} " if gate.local else f" d{name} from dL/dz "


def quoted(text: str) -> str:
    """A word for the shell."""
    return f'"{text}"' if any(c in " ()[]*^|<>&;,@%'" for c in text) else text
