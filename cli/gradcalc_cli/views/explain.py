"""The two passes in sentences: one story, told as text, Markdown or LaTeX."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from .answers import bracketed
from .cells import factor
from .latex import escape as latex_escape
from .markdown import code, escape
from .number import lines_of, number, one_line, shape_of, shape_text
from .styled import Line, Span, width

NEGATIVE = re.compile(r"([(\[]*)(-[\d.]+(?:e[+-]?\d+)?)([)\].,]*)")
MOST = 9  # entries of an array that is shown whole


class Passage(NamedTuple):
    """A sentence: how far it is set in, its number in a list or "", and its words with their styles.

    Styles are those of a line, and "code" for formulas.
    """

    level: int
    item: str
    spans: tuple[Span, ...]


def story(told: Any, precision: int, times: str, max_rows: int = 0) -> list[Passage]:
    """All sentences, in order."""
    if not (told.inputs or told.forward):
        words = " is a constant: there is nothing to differentiate."
        return [Passage(0, "", ((told.output, "code"), (words, "")))]
    said = [Passage(0, "", (("Forward: ", "bold"), (f"from the inputs to {told.output}.", "")))]
    given: list[Span] = []
    for name, value in told.inputs:
        given += [
            *([(", ", "")] if given else []),
            (f"{name} = ", "code"),
            (show(value, precision), "forward"),
        ]
    if given:
        said.append(Passage(1, "", (*given, (".", ""))))
    for equation, value in cut(told.forward, max_rows):
        said.append(Passage(1, "", ((f"{equation} = ", "code"), (show(value, precision), "forward"))))
    out = told.output
    start: tuple[Span, ...] = (
        ("Backward: ", "bold"),
        ("each gate multiplies what arrives by its own slope, and sends that to its input. ", ""),
        ("It starts with ", ""),
        (f"d{out}/d{out} = ", "code"),
        (show(told.seed, precision), "gradient"),
        (".", ""),
    )
    said.append(Passage(0, "", start))
    for k, stage in enumerate(cut(told.backward, max_rows), 1):
        said += stage_passages(stage, k, precision, times)
    hidden = max(len(told.backward) - max_rows, 0) if max_rows else 0
    if hidden:
        said.append(Passage(0, "", ((f"and {hidden:,} more gates (--max-rows 0 tells all of them)", "dim"),)))
    if told.still:
        verb = "is a parameter and has" if len(told.still) == 1 else "are parameters and have"
        said.append(Passage(0, "", ((f"{', '.join(told.still)} {verb} no gradient.", "dim"),)))
    return said


def cut(parts: Sequence[Any], most: int) -> Sequence[Any]:
    """The first of many."""
    return parts[:most] if most else parts


def stage_passages(stage: Any, k: int, precision: int, times: str) -> list[Passage]:
    """One gate: what kind it is, what arrives, what goes where."""
    head: list[Span] = [(stage.equation, "code"), (" ", "")]
    if stage.pattern == "function":
        head.append((f"{stage.sentence}.", ""))
    else:
        kind = f"the {stage.gate} gate, {article(stage.pattern)}" if stage.gate else article(stage.pattern)
        head.append((f"is {kind}: it {stage.sentence}.", ""))
    up = show(stage.upstream, precision)
    arrives = ((f"d{stage.label} = ", "code"), (up, "gradient"), (" arrives.", ""))
    said = [Passage(1, f"{k}.", tuple(head)), Passage(2, "", arrives)]
    for share in stage.shares:
        said.append(Passage(2, "-", share_spans(stage, share, precision, times)))
    for total in stage.sums:
        first, *rest = (show(part, precision) for part in total.parts)
        parts = " + ".join([first, *map(signed, rest)])
        said.append(
            Passage(2, "=", (
                (total.label, "code"), (f" is a fork: its {len(total.parts)} shares add, ", ""),
                (f"d{total.label} = ", "code"), (f"{parts} = ", ""),
                (show(total.total, precision), "gradient"), (".", ""),
            ))
        )  # fmt: skip
    return said


def share_spans(stage: Any, share: Any, precision: int, times: str) -> tuple[Span, ...]:
    """to q: df/dq = z = -4, and 1 x (-4) = -4 goes back."""
    to: list[Span] = [("to ", ""), (share.to, "code"), (": ", "")]
    sent = show(share.product, precision)
    if share.local is None:
        shapes = ", ".join(f"{name} {shape_text(shape)}" for name, shape in share.shapes if shape)
        to += [(share.formula, "code")]
        if shapes:
            to.append((f", with {shapes}", ""))
        shape = shape_of(share.product)
        to.append((f", is {shape_text(shape)}: " if shape and shapes else " = ", ""))
        return (*to, (sent, "gradient"), (".", ""))
    local = show(share.local, precision)
    slope = f"d{stage.label}/d{share.to} = "
    to.append((slope if share.formula == local else f"{slope}{factor(share.formula)} = ", "code"))
    to.append((local, ""))
    ups = shape_of(stage.upstream) or shape_of(share.local)
    if share.stopped:
        to.append((f", {share.stopped}: ", ""))
    elif ups:
        entries = "times the upstream gradient, entry by entry"
        to.append((f", {entries}{', summed over the broadcast axes' if share.summed else ''}: ", ""))
    else:
        up = number(stage.upstream, precision)
        to.append((f", so {up} {times} {bracketed(local)} = ", ""))
    return (*to, (sent, "gradient"), (".", ""))


def signed(text: str) -> str:
    """A number further on in a sum: a negative one in brackets."""
    return f"({text})" if text.startswith("-") else text


def show(value: Any, precision: int) -> str:
    """A value on one line; an array that is too large by its shape and range."""
    if shape_of(value) and len(lines_of(value, precision, MOST)) == 1:
        return lines_of(value, precision, MOST)[0]
    return one_line(value, precision, MOST)


def article(word: str) -> str:
    """a switcher"""
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def as_lines(said: Sequence[Passage], look: Any) -> list[Line]:
    """The story as the lines of a terminal."""
    lines: list[Line] = []
    for passage in said:
        if not passage.level and lines:
            lines.append([])
        lead = " " if not passage.level else "     "
        first = f" {passage.item:>3} " if passage.level == 1 and passage.item else lead
        if passage.level == 2 and passage.item:
            first, lead = lead + ("- " if passage.item == "-" else "  "), lead + "  "
        lines += flowed(passage.spans, first, lead, look)
    return lines


def flowed(spans: Sequence[Span], first: str, lead: str, look: Any) -> list[Line]:
    """Styled words broken into lines that fit."""
    lines: list[list[Span]] = [[(first, "dim")]]
    used = width(first)
    for text, style in spans:
        shown = "" if style == "code" else style
        for word in pieces(look.glyphs.text(text)):
            if used + width(word.rstrip()) > look.width - 1 and used > width(lead):
                lines.append([(lead, "")])
                used = width(lead)
                word = word.lstrip()
            lines[-1].append((word, shown))
            used += width(word)
    return list(lines)


def pieces(text: str) -> list[str]:
    """A text as its words, each with the blank behind it."""
    words = text.split(" ")
    return [word + " " for word in words[:-1]] + ([words[-1]] if words[-1] else [])


def as_markdown(said: Sequence[Passage]) -> str:
    """The story as Markdown: numbered gates, what they send below them."""
    lines: list[str] = []
    for passage in said:
        text = "".join(
            f"{code(t.rstrip())}{' ' * (len(t) - len(t.rstrip()))}" if style == "code" and t.strip()
            else f"**{escape(t.strip())}** " if style == "bold"
            else escape(t)
            for t, style in passage.spans
        )  # fmt: skip
        if not passage.level:
            lines += [*([""] if lines else []), text, ""]
        elif passage.level == 1:
            lines.append(f"{passage.item or '-'} {text}")
        else:
            lines.append(f"   - {text}")
    return "\n".join(lines).rstrip() + "\n"


def as_latex(said: Sequence[Passage]) -> str:
    r"""The story as LaTeX: an itemize for the forward and an enumerate for the backward pass."""
    lines: list[str] = []
    open_: list[str] = []

    def close(level: int) -> None:
        while len(open_) > level:
            lines.append(rf"\end{{{open_.pop()}}}")

    for passage in said:
        close(passage.level)
        kinds = {1: "enumerate" if passage.item else "itemize", 2: "itemize"}
        if len(open_) < passage.level:
            open_.append(kinds[passage.level])
            lines.append(rf"\begin{{{open_[-1]}}}")
        text = "".join(
            rf"\texttt{{{latex_escape(t)}}}{' ' * (len(t) - len(t.rstrip()))}" if style == "code"
            else rf"\textbf{{{latex_escape(t)}}} " if style == "bold"
            else spaced(t)
            for t, style in passage.spans
        )  # fmt: skip
        lines.append((r"\item " if passage.level else "") + text)
    close(0)
    return "\n".join(lines) + "\n"


def spaced(text: str) -> str:
    """Escaped text that keeps the blanks at its ends; a minus sign is one."""
    if not text.strip():
        return text
    lead, tail = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    words = (NEGATIVE.sub(r"\1$\2$\3", w) if NEGATIVE.fullmatch(w) else latex_escape(w) for w in text.split())
    return " " * bool(lead) + " ".join(words) + " " * bool(tail)
