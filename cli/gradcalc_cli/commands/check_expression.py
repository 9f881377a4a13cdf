"""gradcalc check of an expression: does every input's gradient hold?"""

from typing import Any

from ..show import Show


def run(asked: Any, show: Show, method: str, step: float | None) -> int:
    """Check every input's gradient and show what was found; the exit code."""
    from gradcalc.session import answer
    from gradcalc.verdicts import exit_code

    report = answer(asked, method=method, step=step)
    if show.format == "json":
        from ..views.check import check_json

        show.console.text(check_json(report))
    else:
        from ..views.check import check_table

        show.console.lines(check_table(report, show.look))
    assert report.check is not None
    return exit_code(report.check.verdict)
