"""gradcalc check of an expression: does every input's gradient hold?"""

from typing import Any

from ..show import Show


def run(asked: Any, show: Show, method: str, step: float | None, undecided: str | None = None) -> int:
    """Check every input's gradient and show what was found; the exit code."""
    from gradcalc.session import prepare, reported
    from gradcalc.verdicts import exit_code
    from gradcalc.weak import weak

    graph = prepare(asked)
    report = reported(graph, asked, method=method, step=step)
    if report.check is not None and exit_code(report.check.verdict) == 0:
        report = report._replace(notes=(*report.notes, *weak(asked, graph).notes))
    if show.format == "table":
        from ..views.check import check_table

        show.console.lines(check_table(report, show.look))
    else:
        from ..views.check import check_record
        from ..views.records import document

        show.console.text(document([check_record(report)], show.format))
    assert report.check is not None
    code = exit_code(report.check.verdict)
    return decided(code, undecided)


def decided(code: int, undecided: str | None) -> int:
    """An exit code, where somebody said what undecided means."""
    return code if code != 3 or undecided is None else 1 if undecided == "fail" else 0


def run_same(asked: Any, other: str, show: Show) -> int:
    """Compare an expression with another one; the exit code."""
    from gradcalc.same import same

    from ..views.same import same_lines, same_record

    found = same(asked, other)
    if show.format == "table":
        show.console.lines(same_lines(found, show.look))
    else:
        from ..views.records import document

        show.console.text(document([same_record(found)], show.format))
    return 0 if found.verdict == "pass" else 1
