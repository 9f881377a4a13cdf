"""From a parsed program to a graph: names become nodes, calls become gates."""

from .builder import build
from .names import CONSTANTS, WORDS, Names, UnboundError
from .slots import MAX_NODES, Limits

__all__ = ["CONSTANTS", "MAX_NODES", "WORDS", "Limits", "Names", "UnboundError", "build"]
