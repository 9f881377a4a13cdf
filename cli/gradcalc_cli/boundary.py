"""The one place where errors end: each becomes a message, a hint, and an exit code; never a traceback."""

import errno
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from gradcalc.errors import GradcalcError, nearest

from .console import err

USAGE, BUG, INTERRUPTED, READER_GONE = 2, 70, 130, 141
# Typer's own exceptions, whichever Click they come from.
UsageError: Any = typer.BadParameter.__mro__[1]
ClickException: Any = typer.BadParameter.__mro__[2]


@contextmanager
def guard(meta: Mapping[str, Any]) -> Iterator[None]:
    """Turn whatever goes wrong inside into a message and typer.Exit with its code."""
    code = 0
    try:
        yield
        flush()
    except (typer.Exit, typer.Abort, KeyboardInterrupt):
        flush()
        raise
    except GradcalcError as error:
        code = refused(error, meta)
    except ClickException as error:
        code = complained(error, meta)
    except MemoryError:
        code = refused(GradcalcError("there is not enough memory for this", kind="limit"), meta)
    except OSError as error:
        code = system(error, meta)
    except Exception as error:
        code = bug(error, meta)
    if code:
        raise typer.Exit(code)


def outcome(run: Callable[[], Any]) -> int:
    """The exit code of a whole run, and standard output flushed."""
    try:
        code = run()
        flush()
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except ClickException as error:
        return complained(error, {})
    except GradcalcError as error:
        return refused(error, {})
    except OSError as error:
        return system(error, {})


def flush() -> None:
    """Write what is still in the buffer, so that a reader who went away is noticed here."""
    if sys.stdout is not None:
        sys.stdout.flush()


def refused(error: GradcalcError, meta: Mapping[str, Any]) -> int:
    """A question that can't be answered: a message on stderr, and JSON on stdout if that was asked for."""
    from .views.error import error_lines, error_record

    if error.origin is None and error.source is not None and error.source == meta.get("gradcalc.text"):
        error.origin = meta.get("gradcalc.origin")
        if error.origin and not error.source.strip():  # no line to point at
            error.message, error.span = f"{error.origin}: {error.message}", None
    hint = pasteable(error, meta)
    try:
        if meta.get("gradcalc.format") == "json" and sys.stdout is not None:
            from .views.json import error_json

            sys.stdout.write(error_json(error_record(error, hint)))
            flush()
        console = err({"color": meta.get("gradcalc.color")})
        console.lines(error_lines(error, hint, console.glyphs, console.width))
    except OSError:
        silence()
    return USAGE


def complained(error: Any, meta: Mapping[str, Any]) -> int:
    """Typer refused the command line, or there is none and help is shown."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return USAGE
    return refused(usage(error), meta)


def pasteable(error: GradcalcError, meta: Mapping[str, Any]) -> str | None:
    """The hint of an error; for a name without a value, the whole command line with it."""
    word = (meta.get("gradcalc.words") or [""])[0]
    if error.kind in ("syntax", "name") and "." in word and os.path.isfile(word) and word[-5:] != ".grad":
        return f"{word} is a file, but only names that end in .grad are read: gradcalc COMMAND - < {word}"
    names, args = getattr(error, "names", ()), meta.get("gradcalc.args", ())
    if not names or not args or not (error.hint or "").startswith("give") or sum(map(len, args)) > 300:
        return error.hint
    values = [word for name in names for word in (f"-{name}", "1")]
    at = args.index("--") if "--" in args else len(args)
    words = ["gradcalc", *map(quoted, args[:at]), *values, *map(quoted, args[at:])]
    return f"give {'it a value' if len(names) == 1 else 'them values'}: {' '.join(words)}"


def quoted(word: str) -> str:
    """A word as every shell takes it, where that is possible."""
    if word and all(c.isalnum() or c in "-_.,/:=+@" for c in word):
        return word
    if not any(c in '"$`\\!' for c in word):
        return f'"{word}"'
    import shlex

    return shlex.quote(word)


def usage(error: Any) -> GradcalcError:
    """Typer's complaint in our form."""
    message = " ".join(error.format_message().split()).rstrip(".")
    found = re.search(r"'(--[\w-]+)'.*?: '(.*)' is not a valid (int|float)", message)
    if found is not None:
        what = "a whole number" if found[3] == "int" else "a number"
        return GradcalcError(f"{found[1]} takes {what}, not {found[2]}")
    missing = re.match(r"No such option:? '?(-[\w-]+)", message)
    if missing is not None:
        message = f"there is no option {missing[1]}"
        near = nearest(missing[1], ("--version", "--help", "--install-completion", "--show-completion"))
        if near is not None and missing[1].startswith("--"):
            return GradcalcError(message, hint=f"did you mean {near}?")
    return GradcalcError(message[:1].lower() + message[1:], hint="gradcalc --help lists what there is")


def no_command(args: Sequence[str], known: Sequence[str]) -> GradcalcError:
    """The first word is no command: misspelt, or an expression whose command was forgotten."""
    near = nearest(args[0], known)
    if near is not None:
        hint = f"did you mean {near}?"
    elif args[0].isalpha() and len(args[0]) > 1:
        hint = f"the commands are {', '.join(known)}"
    else:
        hint = "gradcalc eval " + " ".join(map(quoted, args))
    return GradcalcError(f"there is no command {args[0]}", kind="usage", hint=hint)


def system(error: OSError, meta: Mapping[str, Any]) -> int:
    """The operating system refused: mostly the reader of a pipe that went away."""
    if error.errno in (errno.EPIPE, errno.EINVAL if os.name == "nt" else errno.EPIPE):
        silence()
        return READER_GONE
    what = (
        f"{error.filename}: "
        if error.filename
        else "can't write the output: "
        if error.errno == errno.ENOSPC
        else ""
    )
    code = refused(GradcalcError(f"{what}{error.strerror or error}", kind="file"), meta)
    silence()
    return code


def silence() -> None:
    """Send what is still in the buffer nowhere, so that the interpreter does not complain at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        pass


def bug(error: Exception, meta: Mapping[str, Any]) -> int:
    """A fault of gradcalc's own: one line that says so, and what to send."""
    from gradcalc import __version__

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace is not None else None
    place = (
        f"{os.path.basename(code.co_filename)}:{trace.tb_lineno}"
        if code is not None and trace is not None
        else "?"
    )
    command = " ".join(map(quoted, ["gradcalc", *meta.get("gradcalc.args", ())]))
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    record = GradcalcError(
        f"a bug in gradcalc {__version__}, not in your question: {said} ({place})",
        kind="bug",
        hint=f"please report this line with the command: {command[:500]}",
    )
    refused(record, meta)
    return BUG
