"""What the shell offers on TAB: names without a value, labels, choices. Nothing here may fail or print."""

import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

from .expression import read
from .names import unbound


def names(meta: Mapping[str, Any]) -> list[str]:
    """The names of the expression that have no value yet."""
    words, bindings = meta.get("gradcalc.words"), meta.get("gradcalc.bindings") or {}
    if not words or words[0] == "-":
        return []
    try:
        text = read(words[0]).text
        return [name for name in unbound(text, tuple(bindings)) if name not in bindings]
    except Exception:
        return []


def labels(meta: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The labels of all nodes, and the names of the inputs that can be differentiated."""
    words, bindings = meta.get("gradcalc.words"), meta.get("gradcalc.bindings") or {}
    if not words or words[0] == "-":
        return [], []
    try:
        from gradcalc.session import Question, answer

        text = read(words[0]).text
        inputs = {**dict.fromkeys(unbound(text, tuple(bindings)), "1"), **bindings}
        report = answer(Question(text, inputs), check=False)
        return [row.label for row in report.rows if row.gate != "constant"], list(report.gradients)
    except Exception:
        return [], []


def offer(find: Callable[[Mapping[str, Any]], Sequence[str]]) -> Callable[[Any, str], list[str]]:
    """An option's completion: what `find` finds, as far as it begins as typed."""

    def complete(ctx: Any, incomplete: str) -> list[str]:
        return [word for word in find(ctx.meta) if word.startswith(incomplete)]

    return complete


complete_node = offer(lambda meta: labels(meta)[0])
complete_input = offer(lambda meta: labels(meta)[1])
complete_get = offer(lambda meta: ["output", *(d + name for name in labels(meta)[0] for d in ("d", ""))])


def choices(*words: str) -> Callable[[Any, str], list[str]]:
    """An option's completion from a fixed list."""
    return offer(lambda meta: words)


def gates(meta: Mapping[str, Any]) -> list[str]:
    """The names of all gates, and of their families."""
    from gradcalc import GATES
    from gradcalc.gates import FAMILIES

    return [*FAMILIES, *GATES]


complete_gate = offer(gates)


def complete_gates(ctx: Any, incomplete: str) -> list[str]:
    """Names of gates with commas between them: the last one is completed."""
    before, comma, last = incomplete.rpartition(",")
    return [before + comma + word for word in complete_gate(ctx, last)]


def files(incomplete: str) -> list[str]:
    """What @ and the beginning of a file's name may become: files, and folders with a slash."""
    folder, slash, begin = incomplete[1:].rpartition("/")
    found = []
    try:
        with os.scandir((folder or slash) or ".") as entries:
            for entry in sorted(entries, key=lambda e: e.name):
                if entry.name.startswith(begin) and (begin or not entry.name.startswith(".")):
                    found.append(f"@{folder}{slash}{entry.name}{'/' if entry.is_dir() else ''}")
    except OSError:
        pass
    return found


def rejoin(env: MutableMapping[str, str]) -> None:
    """Mend what bash asks with: it takes --format=js and x=3 apart at the =."""
    words = env.get("COMP_WORDS", "")
    if env["_GRADCALC_COMPLETE"] != "complete_bash" or "\n" not in words:
        return
    typed = int(env["COMP_CWORD"])  # the word that is being typed
    place, parts = typed, [""]
    for k, part in enumerate(words.split("\n")):
        if k < typed and (part == "=" or parts[-1].endswith("=")):
            # The value of an option or a variable is a word of its own; x=3 is one word.
            place -= 1
            if part != "=" or not parts[-1].startswith("-"):
                parts[-1] += part
        else:
            parts.append(part)
    env.update(COMP_WORDS="\n".join(parts[1:]), COMP_CWORD=str(place))
