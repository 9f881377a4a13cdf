"""One gate: the local picture, its derivatives, what it does to gradients, and a worked step."""

from typing import Any

from .footer import paragraph
from .gates import family_of
from .styled import Glyphs, Line, Span, line_width, width
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
        lines: list[Line] = [[head[0], head[2]], *formula, *paragraph(doc, "", look)]
    else:
        lines = [head, *paragraph(doc, "", look)]
    lines += [[], *picture(gate, glyphs), []]
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
        found.append(("jump" if gate.kink.jump else "kink", f"at {gate.kink.where}; {gate.kink.rule}"))
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
    from .styled import wrap

    margin = 15
    first, *rest = wrap(look.glyphs.text(text).split(" "), look.width - margin - 1) or [""]
    style = "gradient" if name.startswith("d") and name not in ("domain", "distributor") else ""
    lines: list[Line] = [[(f" {name}".ljust(margin), "dim"), (first, style)]]
    return [*lines, *([(" " * margin + line, style)] for line in rest)]


def picture(gate: Any, glyphs: Glyphs) -> list[Line]:
    """x, y -> z, with dL/dz coming in and dL/dz dz/dx going out."""
    names = [name.lstrip("*") for name in gate.inputs]
    sign = gate.symbol if gate.symbol and gate.symbol != "neg" else gate.name
    back = [outgoing(gate, k, glyphs) for k in range(len(names))]
    room = max(max(map(width, back)), 12) + 2
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
            stop = "no gradient" in text
            arrow = (" " if stop else left) + text + (" " if stop else line) * (room - width(text))
            spans = [(" " * margin, ""), (arrow, "gradient")]
        spans += [(side, "dim"), (inside.center(wide), "bold"), (side, "dim")]
        if row == middle:
            spans += [(line * 9 + right, "forward"), (" z", "")]
        elif row == middle + 1:
            spans += [(left + line * 9, "gradient"), (" dL/dz", "gradient")]
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
