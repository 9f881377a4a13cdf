"""The mistakes that people make in a backward pass: every one at every node, and which ones answers show."""

from .catalogue import Catalogue
from .evidence import Given
from .find import Candidate, Finding, find
from .mutant import Mutant, Place
from .table import Table

__all__ = ["Candidate", "Catalogue", "Finding", "Given", "Mutant", "Place", "Table", "find"]
