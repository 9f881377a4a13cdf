"""gradcalc quiz in the terminal: asks blank by blank, and talks about each answer."""

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from ..show import Show
from ..views.quiz_ask import Voice

HINT, SKIP, QUIT = {"?", "h", "hint", "help"}, {"s", "skip", "show"}, {"q", "quit", "exit"}

SAME = 3  # times that one answer is heard: whoever, or whatever, gives it knows no other


class EndedError(Exception):
    """The person has gone: q, or the end of the input."""


def run(exercises: Iterator[Any], kinds: Sequence[str], show: Show) -> int:
    """Ask all exercises; 1 if a wrong answer was left standing, else 0."""
    from gradcalc.key import Key
    from gradcalc.tutor import Tutor

    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")  # what can't be read is no number, and no traceback
    lessons: list[Any] = []
    voice = Voice(show.look)
    try:
        for k, exercise in enumerate(exercises, 1):
            tutor = Tutor(Key.of(exercise.question), kinds)
            lessons.append(tutor)
            show.console.lines(voice.opening(k, exercise, tutor))
            lesson(tutor, voice, show)
            show.console.lines(voice.table(exercise))
    except EndedError:
        pass
    except KeyboardInterrupt:
        show.console.text("\n")
        raise
    show.console.lines(voice.score([tutor.score for tutor in lessons]))
    return int(any(tutor.wrong for tutor in lessons))


def lesson(tutor: Any, voice: Voice, show: Show) -> None:
    """One exercise, until every blank is filled in or skipped."""
    kind, hints, last, times = "", 0, ("", ""), 0
    while (blank := tutor.blank) is not None:
        if blank.kind != kind:
            kind = blank.kind
            show.console.lines(voice.part(kind, tutor))
        text = asked(voice.prompt(blank, tutor), blank.name, show)
        if text.lower() in QUIT:
            raise EndedError
        if text.lower() in HINT:
            hints += 1
            show.console.lines(voice.hint(tutor.hint(), blank, hints))
        elif text.lower() in SKIP:
            show.console.lines(voice.shown(tutor.skip()))
            hints = 0
        elif text:
            reply = tutor.answer(text)
            times = times + 1 if last == (blank.name, text) else 1
            last = blank.name, text
            show.console.lines(voice.reply(reply))
            if times == SAME and not reply.right:
                show.console.lines(voice.same(times))
                show.console.lines(voice.shown(tutor.skip(standing=True)))
            hints = hints if tutor.blank is blank else 0
        else:
            show.console.lines(voice.help())


def asked(prompt: str, name: str, show: Show) -> str:
    """The answer to a prompt, without a repeated `name =`. Raises EndedError at the end of the input."""
    show.console.text(prompt)
    show.console.flush()
    line = ""
    if sys.stdin is not None:
        line = sys.stdin.readline()
        if not sys.stdin.isatty():
            show.console.text(show.console.glyphs.text(line.rstrip("\r\n")) + "\n")
    if not line:
        raise EndedError
    return re.sub(rf"^-?{re.escape(name)}\s*=\s*", "", line.strip())
