"""gradcalc check with answers: is what somebody wrote right?"""

from collections.abc import Mapping
from typing import Any

from ..show import Show


def run(
    asked: Any,
    answers: Mapping[str, str],
    show: Show,
    method: str,
    step: float | None,
    *,
    rtol: float | None,
    atol: float | None,
    reveal: bool,
) -> int:
    """Judge the answers and show a verdict for each; the exit code."""
    from gradcalc.answers import exit_code, judge
    from gradcalc.session import answer

    report = answer(asked, method=method, step=step)
    judged = judge(report, answers, rtol=rtol, atol=atol)
    if show.format == "json":
        from ..views.answers import answers_json

        show.console.text(answers_json(report, judged))
    else:
        from ..views.answers import answers_table

        show.console.lines(answers_table(report, judged, show.look, reveal))
    return exit_code(judged)
