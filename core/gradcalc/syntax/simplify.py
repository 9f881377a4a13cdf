"""Formulas of derivatives made short for display: 2*x^(2-1) is 2*x."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from .tree import Item

FOLD: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
LARGEST = 1e15


def simplify(items: Sequence[Item], root: int) -> tuple[list[Item], int]:
    """The expression at `root` with constants folded and 0 and 1 left out; its items alone, in an arena.

    For display: 0*x is 0 even where x is not finite, and a number stands for an array of it. Spans stay
    those of the items that the new ones come from.

    >>> from .parser import parse
    >>> from .printer import write
    >>> write(*simplify(parse("2*x^(2-1)+0").items, 8))
    '2*x'
    """
    arena = Arena()
    done: dict[int, int] = {}
    for at in reachable(items, root):
        item = items[at]
        args = tuple(done[arg] if arg >= 0 else arg for arg in item.args)
        done[at] = arena.reduced(item if args == item.args else item._replace(args=args))
    kept = reachable(arena.items, done[root])
    place = {at: new for new, at in enumerate(kept)}
    place[-1] = -1
    result = []
    for at in kept:
        item = arena.items[at]
        args = tuple(place[arg] for arg in item.args)
        result.append(item if args == item.args else item._replace(args=args))
    return result, len(result) - 1


def reachable(items: Sequence[Item], root: int) -> list[int]:
    """The positions of an expression's items, in order."""
    seen = []
    stack = [root]
    while stack:
        at = stack.pop()
        seen.append(at)
        stack.extend(arg for arg in items[at].args if arg >= 0)
    return sorted(seen)


class Arena:
    """The new items; every rule gives the position of what an operation comes to."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def put(self, item: Item) -> int:
        """Add an item."""
        self.items.append(item)
        return len(self.items) - 1

    def reduced(self, item: Item) -> int:
        """An item whose arguments are simple already."""
        if item.kind != "op":
            return self.put(item)
        symbol = str(item.value)
        if symbol == "neg":
            return self.negated(item, item.args[0])
        if symbol not in FOLD:
            return self.put(item)
        left, right = item.args
        a, b = self.number(left), self.number(right)
        if a is not None and b is not None:
            value = folded(symbol, a, b)
            if value is not None:
                return self.put(item._replace(kind="number", value=value, args=()))
        short = self.RULES[symbol](self, item, left, right, a, b)
        return self.put(item) if short is None else short

    def number(self, at: int) -> float | None:
        """The value of a number."""
        value = self.items[at].value
        return value if self.items[at].kind == "number" and isinstance(value, float) else None

    def negated(self, item: Item, at: int) -> int:
        """Minus something: --x is x."""
        inner = self.items[at]
        if inner.kind == "op" and inner.value == "neg":
            return inner.args[0]
        value = self.number(at)
        if value is not None:
            return self.put(item._replace(kind="number", value=-value if value else 0.0, args=()))
        return self.put(item._replace(value="neg", args=(at,)))

    def opposite(self, at: int) -> int | None:
        """What `at` is minus of, if it is a minus."""
        item = self.items[at]
        return item.args[0] if item.kind == "op" and item.value == "neg" else None

    def total(self, item: Item, left: int, right: int, a: float | None, b: float | None) -> int | None:
        """0+x, x+0, x+-y."""
        if a == 0:
            return right
        if b == 0:
            return left
        return self.swapped(item, left, right, b, "-")

    def difference(self, item: Item, left: int, right: int, a: float | None, b: float | None) -> int | None:
        """x-0, 0-x, x--y."""
        if b == 0:
            return left
        if a == 0:
            return self.negated(item, right)
        return self.swapped(item, left, right, b, "+")

    def swapped(self, item: Item, left: int, right: int, b: float | None, sign: str) -> int | None:
        """x + -y as x-y, and x - -y as x+y."""
        inner = self.opposite(right)
        if b is not None and b < 0:
            inner = self.put(self.items[right]._replace(value=-b))
        return None if inner is None else self.put(item._replace(value=sign, args=(left, inner)))

    def product(self, item: Item, left: int, right: int, a: float | None, b: float | None) -> int | None:
        """0*x, 1*x, -1*x, 2*(3*x), x*(1/y)."""
        if a == 0 or b == 1:
            return left
        if b == 0 or a == 1:
            return right
        if a == -1 or b == -1:
            return self.negated(item, right if a == -1 else left)
        other = self.items[right]
        if other.kind != "op" or len(other.args) != 2:
            return None
        first = self.number(other.args[0])
        if a is not None and first is not None and other.value == "*":
            value = folded("*", a, first)
            if value is not None:
                factor = self.put(item._replace(kind="number", value=value, args=()))
                rest = other.args[1]
                return self.put(item._replace(args=(factor, rest)))
        if other.value == "/" and first == 1:
            return self.put(item._replace(value="/", args=(left, other.args[1])))
        return None

    def quotient(self, item: Item, left: int, right: int, a: float | None, b: float | None) -> int | None:
        """x/1, x/-1, 0/x."""
        if b == 1:
            return left
        if b == -1:
            return self.negated(item, left)
        return left if a == 0 and b != 0 else None

    def power(self, item: Item, left: int, right: int, a: float | None, b: float | None) -> int | None:
        """x^1, x^0, 1^x."""
        if b == 1 or a == 1:
            return left
        if b == 0:
            return self.put(item._replace(kind="number", value=1.0, args=()))
        return None

    RULES = {"+": total, "-": difference, "*": product, "/": quotient, "**": power}  # noqa: RUF012


def folded(symbol: str, a: float, b: float) -> float | None:
    """a symbol b, where it is as short to write: 2-1 is 1, but 1/3 stays."""
    try:
        value = FOLD[symbol](a, b)
    except (ArithmeticError, ValueError):
        return None
    if isinstance(value, complex) or not abs(value) < LARGEST:
        return None
    if symbol in ("/", "**"):
        return value if value == int(value) else None
    longest = max(len(repr(a)), len(repr(b)))
    return value + 0.0 if value == int(value) or len(repr(value)) <= longest + 1 else None
