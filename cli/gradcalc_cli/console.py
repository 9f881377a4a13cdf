"""Where output goes: the one place that decides colour, width, and Unicode or ASCII."""

import codecs
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from .views.styled import ASCII, UNICODE, Glyphs, Line

NARROWEST = 40
FALLBACK = 80
PIECE = 1 << 15
SGR = {"forward": "32", "gradient": "31", "good": "32", "bad": "1;31", "warn": "33", "dim": "2", "bold": "1"}
SPELT = str.maketrans(
    {
        "×": "*",
        "·": "*",
        "−": "-",
        "–": "-",
        "÷": "/",
        "√": "sqrt",
        "…": "...",
        "→": "->",
        "∂": "d",
        "∞": "inf",
    }
)


class Console:
    """One output stream and what it can show."""

    def __init__(
        self,
        stream: TextIO | None,
        color: str = "auto",
        width: int | None = None,
        env: Mapping[str, str] = os.environ,
    ) -> None:
        self.stream = stream
        self.color = stream is not None and wants_color(stream, color, env)
        self.width = width or columns(stream, env)
        encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
        self.unicode = encoding.replace("_", "-").startswith(("utf-", "utf8", "cp65001"))
        self.glyphs: Glyphs = UNICODE if self.unicode else ASCII._replace(encoding=encoding)
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="gradcalc")
        if self.color and os.name == "nt":
            os.system("")  # switches the escape codes of the Windows console on

    def lines(self, lines: Iterable[Line]) -> None:
        """Write styled lines."""
        self.text("".join(self.painted(line) + "\n" for line in lines))

    def text(self, text: str) -> None:
        """Write text as it is."""
        if self.stream is None:
            return
        # In pieces: an unbuffered stream swallows what a reader who went away left of a single write.
        for at in range(0, len(text), PIECE):
            self.stream.write(text[at : at + PIECE])

    def flush(self) -> None:
        """Let what is written so far be seen."""
        if self.stream is not None:
            self.stream.flush()

    def painted(self, line: Line) -> str:
        """A line with its colours, without spaces at its end."""
        if not self.color:
            return "".join(text for text, _ in line).rstrip()
        spans = list(line)
        while spans and not spans[-1][0].strip():
            spans.pop()
        if spans:
            spans[-1] = (spans[-1][0].rstrip(), spans[-1][1])
        painted = []
        for text, style in spans:
            codes = ";".join(SGR[word] for word in style.split())
            painted.append(f"\x1b[{codes}m{text}\x1b[0m" if codes and text.strip() else text)
        return "".join(painted)


def wants_color(stream: TextIO, choice: str, env: Mapping[str, str]) -> bool:
    """--color, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then whether this is a terminal."""
    if choice != "auto":
        return choice == "always"
    if env.get("NO_COLOR"):
        return False
    if any(env.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and env.get("TERM") != "dumb"


def columns(stream: TextIO | None, env: Mapping[str, str]) -> int:
    """COLUMNS, or the terminal's width, or 80."""
    asked = env.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return max(NARROWEST, int(asked))
    try:
        found = 0 if stream is None else os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        found = 0
    # A terminal that does not know its width (a serial line, an editor's pane) says 0.
    return max(NARROWEST, found) if found else FALLBACK


def spelt(error: UnicodeError) -> tuple[str, int]:
    """An encoding's error handler: σ becomes \\sigma, × becomes *, the rest an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(spell(c) for c in text), error.end


def spell(c: str) -> str:
    """One character in ASCII; a letter as no name can be spelt, so that α and alpha stay two."""
    written = c.translate(SPELT)
    if written.isascii():
        return written
    name = unicodedata.name(c, "").split()
    if len(name) == 4 and name[0] == "GREEK" and name[2] == "LETTER":
        return "\\" + (name[3].capitalize() if name[1] == "CAPITAL" else name[3].lower())
    form = unicodedata.normalize("NFKD", c)
    raised = "^" if unicodedata.decomposition(c).startswith("<super>") else ""
    if form.isascii() and form.isprintable():
        return raised + form
    return c.encode("ascii", "backslashreplace").decode("ascii")


codecs.register_error("gradcalc", spelt)


def out(settings: Mapping[str, Any] | None = None) -> Console:
    """Standard output, with the settings that the options gave."""
    settings = settings or {}
    return Console(sys.stdout, settings.get("color") or "auto", settings.get("width"))


def err(settings: Mapping[str, Any] | None = None) -> Console:
    """Standard error, with the settings that the options gave."""
    settings = settings or {}
    return Console(sys.stderr, settings.get("color") or "auto", settings.get("width"))
