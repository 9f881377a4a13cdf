"""Jacobians: one line for each input, what its structure means, and entries. Schema gradcalc.jacobian/1."""

from collections.abc import Iterator, Sequence
from typing import Any

from .json import dumps, value
from .number import number, shape_text
from .styled import Line, pad, shorten, width, wrap
from .table import Look

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")
HEADS = ("input", "Jacobian", "structure", "nonzeros", "dense, in f64")


def jacobian_json(found: Any) -> str:
    """The Jacobians as one JSON object; entries only where they were formed."""
    return dumps(
        {
            "schema": "gradcalc.jacobian/1",
            "output": {"text": found.text, "shape": list(found.shape)},
            "jacobians": [record(jacobian) for jacobian in found.jacobians],
        }
    )


def record(jacobian: Any) -> dict[str, Any]:
    """One Jacobian as data."""
    data = {
        "input": jacobian.input,
        "shape": list(jacobian.shape),
        "structure": jacobian.structure.word,
        "nonzeros": jacobian.nonzeros,
        "dense_bytes": jacobian.dense_bytes,
    }
    if jacobian.entries is not None:
        data["entries"] = value(jacobian.entries)
    if jacobian.rows:
        data["rows"] = [
            {"row": row.number, "index": list(row.at), "entries": value(row.entries)} for row in jacobian.rows
        ]
    return data


def jacobian_table(found: Any, look: Look) -> list[Line]:
    """One line for each input, each structure explained once, and the entries that were formed."""
    lines: list[Line] = [title(found, look), []]
    if not found.jacobians:
        return [*lines[:1], [(" there is no input to differentiate", "dim")]]
    lines += overview(found.jacobians, look)
    said: set[str] = set()
    for jacobian in found.jacobians:
        if jacobian.structure.word not in said:
            said.add(jacobian.structure.word)
            lines += [[], *meaning(found, jacobian, look)]
    alone = False
    for jacobian in found.jacobians:
        if jacobian.entries is not None:
            drawn = matrix(found, jacobian, look)
            lines += drawn if alone and len(drawn) == 1 else [[], *drawn]  # numbers stand together
            alone = len(drawn) == 1
        if jacobian.rows:
            lines += [[], *single_rows(found, jacobian, look)]
    return lines


def title(found: Any, look: Look) -> Line:
    """The output and its shape."""
    text, label = look.glyphs.text(found.text), look.glyphs.text(found.label)
    name = text if label == text else f"{label} = {text}"
    shape = f", shape {shape_text(found.shape)}" if found.shape else ", a number"
    return [(" " + shorten(name, max(look.width - len(shape) - 1, 12), look.glyphs), "bold"), (shape, "")]


def overview(jacobians: Sequence[Any], look: Look) -> list[Line]:
    """The table proper."""
    rows = [
        (
            shorten(look.glyphs.text(j.input), max(look.width // 4, 8), look.glyphs),
            f"{j.shape[0]:,} {look.glyphs.times} {j.shape[1]:,}",
            j.structure.word,
            f"{j.nonzeros:,}",
            memory(j.dense_bytes),
        )
        for j in jacobians
    ]
    heads, gap = HEADS, f" {look.glyphs.bar} "
    widths = [max(width(row[k]) for row in (heads, *rows)) for k in range(len(heads))]
    if sum(widths) + len(gap) * (len(heads) - 1) + 1 > look.width:
        heads, gap = (*HEADS[:-1], "dense"), " "
        widths = [max(width(row[k]) for row in (heads, *rows)) for k in range(len(heads))]
    if sum(widths) + len(gap) * (len(heads) - 1) + 1 > look.width:
        return [line for row in rows for line in sentence(row, look)]
    head = gap.join(pad(text, w) for text, w in zip(heads, widths, strict=True)).rstrip()
    lines: list[Line] = [[(" " + head, "dim")], [(look.glyphs.rule * min(look.width, len(head) + 2), "dim")]]
    for row in rows:
        name, shape, word, nonzeros, size = row
        lines.append(
            [
                (" " + pad(name, widths[0]) + gap + pad(shape, widths[1]) + gap, ""),
                (pad(word, widths[2]), "gradient"),
                (gap + nonzeros.rjust(widths[3]) + gap + size, ""),
            ]
        )
    return lines


def sentence(row: Sequence[str], look: Look) -> Iterator[Line]:
    """A row where the table is too wide: x: 4,096 x 4,096, diagonal, 4,096 nonzeros, 128 MiB dense."""
    name, shape, word, nonzeros, size = row
    parts = (f" {name}:", f"{shape},", f"{word},", f"{nonzeros} nonzeros,", f"{size} dense")
    for at, line in enumerate(wrap(parts, look.width - 3)):
        yield [("   " * bool(at) + line, "")]


def memory(count: int) -> str:
    """A number of bytes as people say it.

    >>> memory(24), memory(134217728), memory(8 * 409600**2)
    ('24 bytes', '128 MiB', '1.22 TiB')
    """
    size, unit = float(count), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.3g} {UNITS[unit]}" if size < 1000 else f"{size:.0f} {UNITS[unit]}"


def meaning(found: Any, jacobian: Any, look: Look) -> list[Line]:
    """What a structure says, in a paragraph."""
    sentence = jacobian.structure.sentence
    m, n = jacobian.shape
    if jacobian.structure.word == "diagonal" and n > 1:
        sentence += f": {jacobian.nonzeros:,} numbers instead of {m * n:,}"
    if m == n == 1 and jacobian.nonzeros:
        sentence = "one number in, one number out: the matrix is a single slope"
    elif jacobian.structure.word == "dense" and m == 1:
        sentence = "the output is a number: this one row is the gradient"
    words = look.glyphs.text(f"{jacobian.structure.word}: {sentence}").split(" ")
    return [[(line, "dim")] for line in wrap(words, look.width, " ")]


def matrix(found: Any, jacobian: Any, look: Look) -> list[Line]:
    """All entries: a row for each output entry, a column for each input entry."""
    m, n = jacobian.shape
    across, down = look.glyphs.text(jacobian.input), look.glyphs.text(found.label)
    lines: list[Line] = [[(f" d{down}/d{across}", "bold")]]
    if not found.shape and not jacobian.input_shape:
        return [[*lines[0], (" = ", ""), (number(jacobian.entries[0, 0], look.precision), "gradient")]]
    if not m or not n:
        return [*lines, [(" empty", "dim")]]
    rows, cut = list(range(m)), 0
    if 0 < look.max_rows < m:
        cut = m - look.max_rows
        rows = rows[: look.max_rows - look.max_rows // 2] + rows[m - look.max_rows // 2 :]
    shown = min(n, look.width // 2)
    texts = [[number(x, look.precision) for x in jacobian.entries[k, :shown].tolist()] for k in rows]
    heads = [place(across, k, jacobian.input_shape) for k in range(shown)]
    names = [place(down, k, found.shape) for k in rows]
    widths = [max(width(row[k]) for row in (heads, *texts)) for k in range(shown)]
    margin = max(map(width, names))
    fits = fitting(widths, look.width - margin - 3, len(look.glyphs.ellipsis) + 2, n)
    more = f"  {look.glyphs.ellipsis}" if fits < n else ""
    head = "".join("  " + heads[k].rjust(widths[k]) for k in range(fits))
    lines.append([(" " * (margin + 1) + head + more, "dim")])
    for at, (name, row) in enumerate(zip(names, texts, strict=True)):
        if cut and at == len(rows) - look.max_rows // 2:
            dots = look.glyphs.ellipsis
            lines.append([(f" {dots} {cut:,} more rows: --max-rows 0", "dim")])
        cells = "".join("  " + row[k].rjust(widths[k]) for k in range(fits))
        lines.append([(" " + pad(name, margin), "dim"), (cells + more, "gradient")])
    if fits < n:
        lines.append([(f" {n - fits:,} more columns: --format json", "dim")])
    return lines


def fitting(widths: Sequence[int], room: int, rest: int, n: int) -> int:
    """How many columns fit, at least one; if not all, there is room for the ellipsis, too."""
    if len(widths) == n and sum(widths) + 2 * n <= room:
        return n
    used, count = rest, 0
    for w in widths:
        used += w + 2
        if used > room:
            break
        count += 1
    return max(count, 1)


def single_rows(found: Any, jacobian: Any, look: Look) -> Iterator[Line]:
    """Rows that were asked for, each by its nonzero entries."""
    across, down = look.glyphs.text(jacobian.input), look.glyphs.text(found.label)
    for row in jacobian.rows:
        yield [(f" d{place(down, row.number, found.shape)}/d{across}", "bold"), (counted(row), "dim")]
        parts = [
            f"{indexed(across, at)} = {number(entry, look.precision)}" + (";" if k < row.total - 1 else "")
            for k, (at, entry) in enumerate(row.nonzero)
        ]
        if row.total > len(row.nonzero):
            parts.append(f"{look.glyphs.ellipsis} {row.total - len(row.nonzero):,} more (--format json)")
        for line in wrap(parts, look.width, "   ", "  "):
            yield [(line, "gradient")]


def counted(row: Any) -> str:
    """How many entries of a row are not zero."""
    return f": {row.total:,} of {len(row.entries):,} entries {'is' if row.total == 1 else 'are'} not zero"


def place(name: str, k: int, shape: Sequence[int]) -> str:
    """The name of entry number k: `x[0,2]`, or `x` alone if it is a number."""
    index: list[int] = []
    for size in reversed(shape):
        k, part = divmod(k, size)
        index.insert(0, part)
    return indexed(name, index)


def indexed(name: str, index: Sequence[int]) -> str:
    """`x[0,2]`."""
    return f"{name}[{','.join(map(str, index))}]" if len(index) else name
