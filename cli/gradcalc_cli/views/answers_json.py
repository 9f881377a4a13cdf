"""The verdicts on answers as JSON. Schema gradcalc.check/1."""

from typing import Any

from .check import check_record
from .json import dumps, value

ANSWER = 3  # the hint that gives the answer away


def answers_json(report: Any, key: Any, marked: Any, hint: int | None) -> str:
    """The check with the verdicts on the answers, as one JSON object.

    With a hint below 3 the true values are null, and mistakes say what the hint may.
    """
    record = check_record(report)
    record["answers"] = [answer(found, hint) for found in marked.answers]
    record["credit"] = marked.credit
    record["mistakes"] = [mistake(found, hint) for found in marked.mistakes if shown(hint)]
    record["more_mistakes"] = marked.more
    if hint is not None:
        from gradcalc.hints import hints

        record["hint"] = hint
        record["hints"] = [
            {
                "answers": list(found.names),
                "where": list(found.places),
                "kinds": list(found.kinds) if shown(hint) else [],
            }
            for found in hints(marked)
        ]
    if marked.notes:
        record["notes"] = list(marked.notes)
    return dumps(record)


VERDICTS = {"right": "pass", "rounded": "pass", "digits": "noise", "unreadable": "error"}


def answers_record(report: Any, marked: Any, hint: int | None) -> dict[str, Any]:
    """The answers as a check whose arguments they are, for the formats that other programs read."""
    arguments = [
        {
            "name": found.name,
            "label": found.name,
            "shape": [],
            "verdict": VERDICTS.get(found.verdict, "fail"),
            "worst": None,
            "said": f"{found.name} = {found.given}: {found.verdict}",
            "mistakes": [{"name": m.name, "text": text(m, hint)} for m in found.mistakes if shown(hint)],
            "notes": [found.note] if found.note else [],
        }
        for found in marked.answers
    ]
    given = [argument["verdict"] for argument in arguments]
    worst = next((verdict for verdict in ("fail", "error", "noise") if verdict in given), "pass")
    return {
        "schema": "gradcalc.check/1",
        "target": report.expression,
        "verdict": worst,
        "arguments": arguments,
        "notes": list(marked.notes),
    }


def shown(hint: int | None) -> bool:
    """Whether mistakes may be told."""
    return hint is None or hint > 1


def answer(found: Any, hint: int | None) -> dict[str, Any]:
    """One answer."""
    return {
        "name": found.name,
        "given": found.given,
        "value": value(found.value) if hint is None or hint >= ANSWER else None,
        "verdict": found.verdict,
        "mistakes": [{"name": m.name, "text": text(m, hint)} for m in found.mistakes if shown(hint)],
        "note": found.note,
        "follows": list(found.follows),
        "credit": found.credit,
    }


def mistake(found: Any, hint: int | None) -> dict[str, Any]:
    """One mistake, with the answers that it explains and those that are the same here."""
    return {
        "name": found.name,
        "text": text(found, hint),
        "where": found.where,
        "answers": list(found.answers),
        "sure": found.sure,
        "also": [{"name": name, "text": kind} for name, kind in found.also],
    }


def text(found: Any, hint: int | None) -> str:
    """The whole sentence; with a hint, no number in it."""
    return str(found.text if hint is None else found.kind)
