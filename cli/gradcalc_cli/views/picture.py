"""A picture of where a gradient is wrong: a cell an entry, the darker the worse."""

from typing import Any

from .styled import Line

ROWS, COLUMNS = 24, 64
UNICODE = "·░▒▓█"
ASCII = ".-+*#"


def heat(argument: Any, look: Any) -> list[Line]:
    """The picture of one argument; nothing where it has fewer than two rows or too few entries are known."""
    a, n, wrong = argument.analytic, argument.numeric, argument.wrong
    if wrong is None or a is None or n is None or a.shape != n.shape or a.ndim < 2 or a.size < 6:
        return []
    if not (n == n).all():
        return []
    gaps = abs(a - n).reshape(-1, a.shape[-1])
    bad = wrong.reshape(-1, a.shape[-1])
    rows, columns = gaps.shape
    tall, wide = -(-rows // ROWS), -(-columns // min(COLUMNS, max(8, look.width - 16)))
    shades = UNICODE if look.glyphs.encoding is None else ASCII
    worst = float(gaps.max()) or 1.0
    lines: list[Line] = [[], [(f"  where d{argument.name} is wrong{scale(tall, wide, a.shape)}", "dim")]]
    for top in range(0, rows, tall):
        cells = []
        for left in range(0, columns, wide):
            part = gaps[top : top + tall, left : left + wide]
            hit = bad[top : top + tall, left : left + wide]
            cells.append(shades[level(float(part.max()) / worst)] if hit.any() else shades[0])
        lines.append(
            [
                (f"  {label(top, a.shape):>8}  ", "dim"),
                ("".join(cells), "bad" if set(cells) - {shades[0]} else ""),
            ]
        )
    lines.append([(f"  {shades[0]} right   {shades[1]} to {shades[4]} wrong, up to {worst:.2g}", "dim")])
    return lines


def level(share: float) -> int:
    """Four shades, a factor of ten apart."""
    return 4 if share > 0.1 else 3 if share > 0.01 else 2 if share > 0.001 else 1


def scale(tall: int, wide: int, shape: tuple[int, ...]) -> str:
    """What a cell stands for, where it is more than an entry."""
    more = f"; a cell is {tall} x {wide} entries" if tall > 1 or wide > 1 else ""
    return f" (rows: all axes but the last){more}" if len(shape) > 2 else more


def label(row: int, shape: tuple[int, ...]) -> str:
    """The leading indices of a row."""
    place: list[int] = []
    for size in reversed(shape[:-1]):
        row, here = divmod(row, size)
        place.insert(0, here)
    return ",".join(map(str, place))
