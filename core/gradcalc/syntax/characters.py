"""What the characters of paper, slides and word processors stand for."""

from __future__ import annotations

import re
import unicodedata

# One character for one character, so that spans in the plain text are spans in the original.
PLAIN = {
    **dict.fromkeys("×·⋅∙•∗✕✖\u2062", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("−–—‐‑‒―﹣", "-"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‘’‚‛′", "'"),
    **dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000\u2060\u2061\u2063\ufeff", " "),
    **dict.fromkeys((chr(c) for c in range(0x2000, 0x200E)), " "),
    **dict.fromkeys("\x85\u2028\u2029", "\n"),
    **dict.fromkeys("∣￨", "|"),
    "、": ",",
    "﹦": "=",
    "﹢": "+",
    "ˆ": "^",
    "∶": ":",
    "⊤": "ᵀ",
    "∥": "‖",
    **{chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)},  # full-width forms of ASCII
}

# Raised and lowered characters keep their height: x² is a power, x₁ a name.
RAISED = {**dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))}
RAISE = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

# What \w would take into a name, though it can't stand in one: ², ⁿ, ʰ, ½, and the subscript letters.
# Lowered digits are not here: they are part of a name.
OFF_LINE = "²³¹ªº¼-¾⅐-⅞⁰ⁱ⁴-⁹ⁿₐ-ₜ\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d6a\u1d78\u1d9b-\u1dbf"

POWER = re.compile("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def plain(text: str) -> str:
    """`text` with every character that has a plain equivalent replaced by it, one for one.

    >>> plain("２×（x−y）")
    '2*(x-y)'
    """
    if text.isascii():
        return text
    return text.translate({ord(c): equivalent(c) for c in set(text) if not c.isascii()})


def equivalent(c: str) -> str:
    """The plain character for `c`, or `c` itself: 𝑥 is x, ϵ is ε, ٣ is 3, and ² stays ²."""
    if c in PLAIN:
        return PLAIN[c]
    digit = unicodedata.decimal(c, None)
    if digit is not None:
        return str(int(digit))
    if c.isalpha() and unicodedata.decomposition(c).startswith("<font>"):
        return unicodedata.normalize("NFKC", c)
    return c


def described(c: str) -> str:
    """`c` in a message: itself where it can be seen, else its code point.

    >>> described("$"), described("\\0")
    ('"$"', 'the character U+0000')
    """
    return f'"{c}"' if c.isprintable() and not c.isspace() else f"the character U+{ord(c):04X}"


def height(c: str) -> str:
    """Whether `c` is a "superscript", a "subscript" or, if it is empty, on the line."""
    form = unicodedata.decomposition(c)
    return "superscript" if form.startswith("<super>") else "subscript" if form.startswith("<sub>") else ""
