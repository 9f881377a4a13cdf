"""Text to tree and back: the grammar of expressions and programs. It knows no gates."""

from .parser import parse
from .printer import write
from .simplify import simplify
from .tree import Bind, Define, For, Item, Part, Program, Statement

__all__ = ["Bind", "Define", "For", "Item", "Part", "Program", "Statement", "parse", "simplify", "write"]
