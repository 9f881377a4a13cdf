"""gradcalc check of code: is the gradient that somebody wrote the slope of their value?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gradcalc.errors import GradcalcError

from ..console import err
from ..show import Show

Outcome = tuple[int, dict[str, Any]]  # an exit code and a record


def run(
    targets: Sequence[str],
    given: Mapping[str, Any],
    how: Mapping[str, Any],
    show: Show,
    undecided: str | None,
) -> int:
    """Examine the targets one after another and show what was found; the exit code."""
    from gradcalc.code.given import Given
    from gradcalc.code.job import Job

    return show_all((Job(target, Given(**given), **how) for target in targets), show, undecided, len(targets))


def run_listed(show: Show, undecided: str | None, method: str) -> int:
    """Run the checks that pyproject.toml lists; the exit code."""
    from gradcalc.code.config import listed

    found = listed()
    if found is None:
        raise GradcalcError(
            "there is nothing to check",
            hint='gradcalc check "(x+y)*z" -x -2 -y 5 -z -4, or [[tool.gradcalc.check]] in pyproject.toml',
        )
    return show_all(found.checks, show, undecided or found.undecided, len(found.checks), method)


def show_all(
    checks: Iterable[Any], show: Show, undecided: str | None, count: int, method: str = "auto"
) -> int:
    """Each check in turn, shown as soon as it is done where a table is asked for; the heaviest exit code."""
    outcomes: list[Outcome] = []
    for check in checks:
        if show.format == "table" and outcomes:
            show.console.lines([[]])
        expression = not hasattr(check, "target")
        outcomes.append(
            of_expression(check[0], check[1], show, undecided, method)
            if expression
            else of_code(check, show, undecided, count)
        )
    if show.format != "table":
        from ..views.records import document

        show.console.text(document([record for _, record in outcomes], show.format))
    elif count > 1:
        agreed = sum(code == 0 for code, _ in outcomes)
        show.console.lines(
            [[], [(f" {agreed} of {count} checks agree", "good" if agreed == count else "bad")]]
        )
    return next((code for code in (1, 2, 3) if any(code == c for c, _ in outcomes)), 0)


def of_code(job: Any, show: Show, undecided: str | None, count: int) -> Outcome:
    """One target of code."""
    from gradcalc.code.job import run as examine

    from ..views.code import examined_lines, record

    found = examine(job)
    alone = found.verdict == "error" and count == 1  # no result, but a message
    if alone and (show.format == "json" or (show.format == "table" and not found.trace)):
        raise GradcalcError(found.notes[0], kind="code", hint="; ".join(found.notes[1:]) or None)
    if show.format == "table":
        console = err() if alone else show.console
        console.lines(examined_lines(found, show.look))
        console.flush()
    return code(found, undecided), record(found)


def of_expression(asked: Any, other: str | None, show: Show, undecided: str | None, method: str) -> Outcome:
    """One expression of a project's list."""
    from gradcalc.session import answer
    from gradcalc.verdicts import exit_code

    from ..views.check import check_record, check_table
    from ..views.same import same_lines, same_record
    from .check_expression import decided

    if other is not None:
        from gradcalc.same import same

        compared = same(asked, other)
        if show.format == "table":
            show.console.lines(same_lines(compared, show.look))
        return (0 if compared.verdict == "pass" else 1), same_record(compared)
    report = answer(asked, method=method)
    assert report.check is not None
    if show.format == "table":
        show.console.lines(
            [[(f" {show.look.glyphs.text(asked.text)}", "bold")], [], *check_table(report, show.look)]
        )
    return decided(exit_code(report.check.verdict), undecided), check_record(report)


def code(found: Any, undecided: str | None) -> int:
    """The exit code of one target; a declared exception does not fail."""
    from gradcalc.verdicts import exit_code

    from .check_expression import decided

    if found.verdict == "error":
        return 2
    status = exit_code(found.verdict)
    return 0 if status == 1 and found.exception else decided(status, undecided)
