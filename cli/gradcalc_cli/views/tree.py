"""The circuit as a tree: the output on top, every node with its value and its gradient."""

from typing import Any

from .number import one_line
from .styled import Line, shorten, width

INDENTS = 24  # a deeper node is not indented further


def tree(report: Any, look: Any) -> list[Line]:
    """The nodes below the output, each once; a shared node is shown in full where it comes first."""
    glyphs = look.glyphs
    rows = {row.id: row for row in report.rows}
    lines: list[Line] = [
        [(" the circuit, from the output down: value, ", "dim"), (f"{glyphs.partial}gradient", "dim")]
    ]
    todo: list[tuple[str, str, str, int]] = [(report.output, " ", " ", 0)]
    seen: set[str] = set()
    while todo:
        if 0 < look.max_rows < len(lines):
            lines.append([(f" {glyphs.ellipsis} more nodes (--max-rows 0 shows them)", "dim")])
            break
        key, lead, below, depth = todo.pop()
        row = rows[key]
        again = key in seen and any(k in rows for k in row.inputs)
        lines.append(node(row, lead, again, look))
        if key in seen:
            continue
        seen.add(key)
        inputs = [k for k in dict.fromkeys(row.inputs) if k in rows and rows[k].gate != "constant"]
        for at in range(len(inputs) - 1, -1, -1):
            last = at == len(inputs) - 1
            if depth >= INDENTS:
                step = (below + glyphs.corner, below)
            else:
                step = (
                    below + (glyphs.corner if last else glyphs.tee),
                    below + ("    " if last else glyphs.pipe),
                )
            todo.append((inputs[at], *step, depth + 1))
    return lines


def node(row: Any, lead: str, again: bool, look: Any) -> Line:
    """One node: its equation, its value, its gradient."""
    glyphs = look.glyphs
    equation = glyphs.text(row.equation)
    note = "  (see above)" if again else ""
    for most in (4, 0):
        value = one_line(row.value, look.precision, most)
        slope = "no gradient" if row.upstream is None else one_line(row.upstream, look.precision, most)
        gradient = slope if row.upstream is None else f"{glyphs.partial} {slope}"
        room = look.width - width(lead) - width(value) - width(gradient) - len(note) - 4
        if room >= width(equation):
            break
    equation = shorten(equation, max(room, 8), glyphs)
    return [
        (lead, "dim"),
        (equation + "  ", ""),
        (value, "forward"),
        ("  ", ""),
        (gradient, "gradient"),
        (note, "dim"),
    ]
