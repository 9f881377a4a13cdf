"""Precedence as data: one table, which the parser reads and the printer writes by."""

from __future__ import annotations

from typing import NamedTuple

# Levels, from the loosest to the tightest.
FLOOR = -1  # under the operators of one pair of brackets
LOOSEST = 0
COMPARE = 1
SUM = 2
PRODUCT = 3
DOUBTFUL = 4  # a product that has two readings; it is refused as soon as its right side is known
MINUS = 5  # below the power: -x^2 is -(x^2)
POWER = 6
ROOT = 7  # √ binds like a call
NUMBER = 8  # below postfix, because "2.T" would read as 2. and T
POSTFIX = 9


class Operator(NamedTuple):
    """An operator as it waits for its right operand.

    `reduces` is the lowest level that an operator before it must have to be done first; `operands` tells
    infix from prefix; `place` is where a prefix operator stands, or where a doubtful product's left ends.
    """

    level: int
    symbol: str
    reduces: int
    operands: int = 2
    place: int = -1


def infix(level: int, *symbols: str, right: bool = False) -> dict[str, Operator]:
    """The infix operators of one level, grouped to the left unless `right`."""
    return {symbol: Operator(level, symbol, level + right) for symbol in symbols}


INFIX = {
    # A comparison does not group at all, so one never completes another: 0<x<1 is refused.
    **infix(COMPARE, "<", "<=", ">", ">=", "==", "!=", right=True),
    **infix(SUM, "+", "-"),
    **infix(PRODUCT, "*", "/", "@", "%"),
    **infix(POWER, "**", right=True),
}
TIMES = INFIX["*"]
BASE = Operator(FLOOR, "", LOOSEST)
