"""The circuit as a tree: the output on top, every node with its value and its gradient."""

from typing import Any

from .number import one_line
from .styled import Line, Span, fold, line_width, shorten, width, wrap

INDENTS = 24  # a deeper node is not indented further
LEFT = 32  # columns for what stands behind the indents
LEAST = 8  # columns of an equation beside its numbers


def tree(report: Any, look: Any) -> list[Line]:
    """The nodes below the output, each once; a shared node is shown in full where it comes first."""
    glyphs = look.glyphs
    rows = {row.id: row for row in report.rows}
    head = f"the circuit, from the output down: value, {glyphs.partial}gradient"
    lines: list[Line] = [[(line, "dim")] for line in wrap(head.split(" "), look.width, " ")]
    above, deepest = len(lines), min(INDENTS, (look.width - LEFT) // 4)
    todo: list[tuple[str, str, str, int]] = [(report.output, " ", " ", 0)]
    seen: set[str] = set()
    while todo:
        if 0 < look.max_rows <= len(lines) - above:
            lines.append([(f" {glyphs.ellipsis} more nodes (--max-rows 0 shows them)", "dim")])
            break
        key, lead, below, depth = todo.pop()
        row = rows[key]
        again = key in seen and any(k in rows for k in row.inputs)
        lines += node(row, lead, below, again, look)
        if key in seen:
            continue
        seen.add(key)
        inputs = [k for k in dict.fromkeys(row.inputs) if k in rows and rows[k].gate != "constant"]
        for at in range(len(inputs) - 1, -1, -1):
            last = at == len(inputs) - 1
            if depth >= deepest:
                step = (below + glyphs.corner, below)
            else:
                step = (
                    below + (glyphs.corner if last else glyphs.tee),
                    below + ("    " if last else glyphs.pipe),
                )
            todo.append((inputs[at], *step, depth + 1))
    return lines


def node(row: Any, lead: str, below: str, again: bool, look: Any) -> list[Line]:
    """One node: its equation, its value, its gradient; on more lines where one is too short."""
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
    numbers: list[Span] = [(value, "forward"), ("  ", ""), (gradient, "gradient"), (note, "dim")]
    if room >= min(width(equation), LEAST):
        return [[(lead, "dim"), (shorten(equation, room, glyphs) + "  ", ""), *numbers]]
    named: Line = [(lead, "dim"), (shorten(equation, max(look.width - width(lead), LEAST), glyphs), "")]
    start, columns = (below + "  ", "dim"), look.width - width(below) - 2
    if line_width([start, *numbers]) <= look.width:
        return [named, [start, *numbers]]
    parts = [(part, style) for text, style in (*numbers[:1], *numbers[2:]) for part in fold(text, columns)]
    return [named, *([start, part] for part in parts)]
