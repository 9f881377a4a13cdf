"""Functions that students hand in, graded: each runs in a process of its own."""

from __future__ import annotations

from pathlib import Path

from ..code.job import run
from ..code.place import place
from ..code.record import Examined
from ..errors import GradcalcError
from .assignment import Problem
from .result import Item, Named, Part, nothing, part, rounded
from .submission import Submission

VERDICTS = {"pass": "right", "kink": "right", "fail": "wrong", "noise": "undecided", "vacuous": "undecided"}
MOST = 5  # sentences about one function


def grade_code(problem: Problem, submission: Submission) -> Part:
    """One function of one student; what goes wrong with it is the verdict."""
    assert problem.job is not None
    where = place(problem.job.target)
    assert where is not None
    path = file_of(where.where, submission)
    if path is None:
        folder = Path(submission.folders[0]).name if submission.folders else submission.student
        return nothing(problem, f"there is no {folder}/{where.where}, and no {folder}_{where.where}")
    try:
        # One thread each, so that jobs do not get in each other's way and their number changes nothing.
        found = run(problem.job._replace(target=f"{path}:{','.join(where.names)}", threads=1))
    except GradcalcError as error:
        said = f"{error.message}: {error.hint}" if error.hint else error.message
        found = Examined(problem.job.target, "error", notes=(said,))
    items = [one(problem, name, found, path.name) for name in problem.points]
    return part(problem.id, items)._replace(file=str(path), line=found.line)


def file_of(name: str, submission: Submission) -> Path | None:
    """The student's file of this name: the one that was handed in alone, or the one in their folder."""
    if submission.code:
        return Path(submission.code)
    for folder in submission.folders:
        for path in (Path(folder) / name, Path(f"{folder}_{name}"), Path(folder + Path(name).suffix)):
            if path.is_file():
                return path
    return None


def title(problem: Problem) -> str:
    """What all arguments of a function together are called: its own name."""
    where = place(problem.job.target) if problem.job is not None else None
    return where.names[-1].rpartition(".")[2] if where is not None else ""


def one(problem: Problem, name: str, found: Examined, given: str) -> Item:
    """The verdict on one argument, or for the function's own name on all of them together."""
    worth = problem.points[name]
    named = [a for a in found.arguments if name in (f"d{a.name}", a.name)]
    if named or not found.arguments:
        arguments = named
        whole = not named
    else:
        arguments, whole = list(found.arguments), True
        if name != title(problem):
            known = ", ".join(f"d{a.name}" for a in found.arguments)
            return Item(name, given, "error", 0.0, worth, f"there is no {name}: it has {known}")
    good = sum(VERDICTS.get(a.verdict) == "right" for a in arguments)
    verdict = VERDICTS.get(found.verdict if whole else arguments[0].verdict, "error")
    share = good / len(arguments) if arguments else 0.0
    if verdict == "error" or (verdict != "right" and share == 1.0):
        share = 0.0
    said = [m.text for a in arguments for m in a.mistakes] + [n for a in arguments for n in a.notes]
    said += [*found.notes, *found.trace] if verdict != "right" or whole else []
    mistakes = tuple(dict.fromkeys(Named(m.name, m.text, m.text) for a in arguments for m in a.mistakes))[
        :MOST
    ]
    texts = [text for text in dict.fromkeys(said) if text not in {m.text for m in mistakes}][:MOST]
    return Item(name, given, verdict, rounded(share * worth), worth, "; ".join(texts), mistakes=mistakes)
