"""How a command shows what it found: the format, the digits, and the console."""

from typing import Any, NamedTuple

from .console import Console


class Show(NamedTuple):
    """The options of a command that decide how its results look."""

    format: str
    precision: int
    console: Console

    @property
    def look(self) -> Any:
        """The same, as the views of tables take it."""
        from .views.table import Look

        return Look(self.console.width, self.console.glyphs, self.precision)
