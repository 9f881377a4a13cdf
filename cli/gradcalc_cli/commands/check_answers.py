"""gradcalc check with answers: is what somebody wrote right, and if not, what went wrong?"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from gradcalc.errors import GradcalcError

from ..show import Show


class Judging(NamedTuple):
    """The options that decide how answers are judged, and how much is told about them."""

    rtol: float | None = None
    atol: float | None = None
    strict: bool = False
    reveal: bool = False
    hint: int | None = None


def run(
    asked: Any, answers: Mapping[str, str], show: Show, method: str, step: float | None, judging: Judging
) -> int:
    """Judge the answers, say what is behind those that are wrong, and return the exit code."""
    from gradcalc.key import Key
    from gradcalc.session import prepare, reported

    graph = prepare(asked._replace(wrt=()))
    key = Key(graph, files=True)
    try:
        marked = key.judge(answers, strict=judging.strict, rtol=judging.rtol, atol=judging.atol)
    except GradcalcError as error:
        raise error.located(asked.text, asked.origin) from None
    report = reported(graph, asked, method=method, step=step)
    if show.format == "json":
        from ..views.answers_json import answers_json

        show.console.text(answers_json(report, key, marked, judging.hint))
    elif show.format != "table":
        from ..views.answers_json import answers_record
        from ..views.records import document

        show.console.text(document([answers_record(report, marked, judging.hint)], show.format))
    else:
        from ..views.answers import answers_table

        show.console.lines(answers_table(report, key, marked, show.look, judging))
    return marked.exit_code
