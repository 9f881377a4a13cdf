"""How far long work has come: one line on standard error that is drawn anew, and taken away at the end."""

import sys
import time

from .console import Console

OFTEN = 0.2  # seconds between two looks


class Bar:
    """The progress on standard error, where that is a terminal and the output goes elsewhere or comes last.

    `total` is what `done` runs up to; None where nobody knows. `things` is what is counted.
    """

    def __init__(self, console: Console, total: int | None, quiet: bool, things: str = "rows") -> None:
        stream = console.stream
        self.on = stream is not None and stream.isatty() and (quiet or not sys.stdout.isatty())
        self.console = console
        self.total = total
        self.things = things
        self.start = self.last = time.monotonic()

    def show(self, done: int, count: int) -> None:
        """Draw the bar anew, if the last time is long enough ago."""
        now = time.monotonic()
        if self.on and now - self.last >= OFTEN:
            self.last = now
            seconds = now - self.start
            line = progress(done, self.total, count, seconds, self.console.width, self.things)
            self.draw(f"\r{line.ljust(self.console.width - 1)}")

    def clear(self) -> None:
        """Take the bar away."""
        if self.on and self.last > self.start:
            self.draw(f"\r{' ' * (self.console.width - 1)}\r")

    def draw(self, text: str) -> None:
        """Write at once: no newline flushes it."""
        self.console.text(text)
        self.console.flush()


def progress(
    done: int, total: int | None, count: int, seconds: float, width: int, things: str = "rows"
) -> str:
    """How far it has come, on one line: a bar where the end is known, how many things, and how fast."""
    speed = f"{count:,} {things}, {count / max(seconds, 1e-9):,.0f} a second"
    if not total:
        return speed[: width - 1]
    share = min(1.0, done / total)
    room = max(0, min(40, width - len(speed) - 10))
    filled = int(share * room)
    return f"[{'#' * filled}{'.' * (room - filled)}] {share:4.0%} {speed}"[: width - 1]
