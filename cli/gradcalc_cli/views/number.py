"""Numbers as people read them: four significant digits, integers bare, arrays whole where they are small."""

from collections.abc import Sequence
from typing import Any

Array = Any

PRECISION = 4
MOST_DIGITS = 17
BARE = 1e7  # from here on integers are shortened too
CLOSE = 1e-13  # nearer than this to an integer is rounding, not a value


def number(x: Any, precision: int = PRECISION) -> str:
    """One number: 3 stays 3, 0.1966119 is 0.1966, and 2.0000001 is 2.000.

    >>> [number(x) for x in (3.0, -0.0, 0.19661193324148185, 1.2e-5, 2.0000001, float("-inf"))]
    ['3', '0', '0.1966', '1.2e-05', '2.000', '-inf']
    """
    x = float(x)
    if x != x or x in (float("inf"), float("-inf")):
        return "nan" if x != x else "inf" if x > 0 else "-inf"
    nearest = round(x)
    if abs(x - nearest) <= CLOSE * abs(x) and abs(nearest) < BARE:
        return str(nearest)
    text = f"{x:.{precision}g}"
    if "." not in text and "e" not in text:
        text = f"{x:#.{precision}g}".rstrip(".")
    return text


def apart(a: Any, b: Any, precision: int = PRECISION) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart, if they differ."""
    a, b = float(a), float(b)
    one, other = number(a, precision), number(b, precision)
    while one == other and a != b and precision < MOST_DIGITS and a == a and b == b:
        precision += 1
        one, other = f"{a:.{precision}g}", f"{b:.{precision}g}"
    return one, other


def bare(x: Any) -> str:
    """One number for a shell: every digit that it takes to get it back, and no .0."""
    text = repr(float(x))
    return text.removesuffix(".0")


def shape_of(value: Array) -> tuple[int, ...]:
    """The shape of an array; () for a number."""
    return tuple(getattr(value, "shape", ()))


def shape_text(shape: Sequence[int]) -> str:
    """A shape as it is said: (3,4), (5,)."""
    return f"({shape[0]},)" if len(shape) == 1 else "(" + ",".join(map(str, shape)) + ")"


def is_small(value: Array, most: int) -> bool:
    """Whether an array is shown whole: a vector of up to `most` entries, or a matrix near square."""
    shape = shape_of(value)
    return value.size <= most and len(shape) <= 2 and all(shape)


def brief(value: Array, precision: int = PRECISION) -> str:
    """A large array in a line: its shape, and its smallest and largest entry."""
    shape = shape_text(shape_of(value))
    if not value.size:
        return f"{shape}  empty"
    flat = value.ravel()
    finite = flat[flat == flat]
    holes = "" if finite.size == flat.size else f", {flat.size - finite.size} nan"
    if not finite.size:
        return f"{shape}  all nan"
    low, high = finite.min(), finite.max()
    if low == high:
        return f"{shape}  all {number(low, precision)}{holes}"
    one, other = apart(low, high, precision)
    return f"{shape}  {one} .. {other}{holes}"


def lines_of(value: Array, precision: int = PRECISION, most: int = 9) -> list[str]:
    """A value as the lines of a cell: a number, a small array row by row, a large one in brief."""
    shape = shape_of(value)
    if not shape:
        return [number(value, precision)]
    if not is_small(value, most):
        return [brief(value, precision)]
    if len(shape) == 1:
        return ["[" + " ".join(number(x, precision) for x in value.tolist()) + "]"]
    texts = [[number(x, precision) for x in row] for row in value.tolist()]
    widths = [max(len(row[k]) for row in texts) for k in range(shape[1])]
    rows = [" ".join(text.rjust(widths[k]) for k, text in enumerate(row)) for row in texts]
    last = len(rows) - 1
    return [("[[" if k == 0 else " [") + row + ("]]" if k == last else "]") for k, row in enumerate(rows)]


def one_line(value: Array, precision: int = PRECISION, most: int = 9) -> str:
    """A value on one line: small arrays in full."""
    return " ".join(line.strip() for line in lines_of(value, precision, most))


def apart_lines(a: Array, b: Array, precision: int = PRECISION, most: int = 9) -> tuple[list[str], list[str]]:
    """Two values as the lines of two cells, with as many digits as it takes to tell them apart."""
    one, other = lines_of(a, precision, most), lines_of(b, precision, most)
    if shape_of(a) == shape_of(b) == ():
        first, second = apart(a, b, precision)
        return [first], [second]
    while one == other and precision < MOST_DIGITS and bool((a != b).any()):
        precision += 1
        one, other = lines_of(a, precision, most), lines_of(b, precision, most)
    return one, other
