"""Checks for other programs to read: JSON, JUnit XML, GitHub annotations, Markdown; from plain records."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .json import dumps

GOOD = ("pass", "kink", "unchecked")


def document(records: Sequence[dict[str, Any]], kind: str) -> str:
    """The records in one of the formats that are not the table."""
    if kind == "json":
        return dumps(records[0] if len(records) == 1 else together(records))
    return {"junit": junit, "github": github, "markdown": markdown}[kind](records)


def together(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several checks as one object."""
    order = ("fail", "error", "domain", "nonfinite", "noise", "vacuous", "jump", "kink", "pass")
    verdicts = [r["verdict"] for r in records]
    worst = min(verdicts, key=lambda v: order.index(v) if v in order else len(order))
    return {"schema": "gradcalc.checks/1", "verdict": worst, "checks": list(records)}


def failing(record: dict[str, Any]) -> bool:
    """Whether a record says that something is wrong, and nobody declared it."""
    return record["verdict"] not in GOOD and not record.get("exception")


def said(record: dict[str, Any], only: dict[str, Any] | None = None) -> str:
    """All that is to be said of a check that does not pass, or of one argument of it."""
    lines = [n for n in record.get("notes", ()) if n] if only is None else []
    for a in record["arguments"] if only is None else [only]:
        if a["verdict"] in GOOD:
            continue
        worst = a["worst"]
        at = f" at {worst['index']}" if worst and worst["index"] else ""
        numbers = f": {worst['analytic']} given, {worst['numeric']} numerically{at}" if worst else ""
        lines.append(a.get("said") or f"d{a['name']} {a['verdict']}{numbers}")
        lines += [m["text"] for m in a["mistakes"]] + list(a["notes"])
    return "\n".join([*lines, *(record.get("trace", ()) if only is None else ())])


def clean(text: str) -> str:
    """Text without the characters that XML can't hold."""
    return "".join(
        c
        for c in text
        if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
    )


def junit(records: Sequence[dict[str, Any]]) -> str:
    """JUnit XML: a suite a target, a case an argument."""
    totals = dict.fromkeys(("tests", *TAGS), 0)
    suites = []
    for record in records:
        counts = dict.fromkeys(("tests", *TAGS), 0)
        cases = []
        for a in record["arguments"] or [None]:
            tag, text = outcome(record, a)
            counts["tests"] += 1
            counts[tag] = counts.get(tag, 0) + 1
            name = quoteattr(clean(a.get("label", f"d{a['name']}") if a else "check"))
            start = f"    <testcase classname={quoteattr(clean(record['target']))} name={name}"
            cases.append(
                f"{start}/>" if not tag else f"{start}>\n      {element(tag, text)}\n    </testcase>"
            )
        suites.append(f"  <testsuite name={quoteattr(clean(record['target']))} {counted(counts)}>")
        suites += [*cases, "  </testsuite>"]
        totals = {key: totals[key] + counts[key] for key in totals}
    head = f'<testsuites name="gradcalc" {counted(totals)}>'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>"]) + "\n"


TAGS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def outcome(record: dict[str, Any], a: dict[str, Any] | None) -> tuple[str, str]:
    """What becomes of one case: nothing, or a failure, an error or a skip, with its text."""
    whole = record["verdict"] not in GOOD and all(x["verdict"] in GOOD for x in record["arguments"])
    verdict = record["verdict"] if a is None or whole else a["verdict"]
    if verdict in GOOD:
        return "", ""
    text = clean(said(record, None if whole else a)) or verdict
    if record.get("exception"):
        return "skipped", f"{record['exception']}: {text}"
    return {"fail": "failure", "error": "error", "domain": "error", "nonfinite": "error"}.get(
        verdict, "skipped"
    ), text


def element(tag: str, text: str) -> str:
    """What stands in a case that did not pass."""
    first = quoteattr(text.splitlines()[0])
    return (
        f"<skipped message={first}/>"
        if tag == "skipped"
        else f"<{tag} message={first}>{escape(text)}</{tag}>"
    )


def counted(counts: dict[str, int]) -> str:
    """tests="3" failures="1" errors="0" skipped="0"."""
    return " ".join(
        [f'tests="{counts["tests"]}"', *(f'{word}="{counts[tag]}"' for tag, word in TAGS.items())]
    )


def github(records: Sequence[dict[str, Any]]) -> str:
    """Workflow commands that GitHub shows beside the code."""
    lines = []
    for record in records:
        if record["verdict"] in GOOD:
            continue
        level = (
            "notice"
            if record.get("exception")
            else "error"
            if record["verdict"] in ("fail", "error")
            else "warning"
        )
        place = {}
        if record.get("file"):
            edits = [m["line"] for a in record["arguments"] for m in a["mistakes"] if m.get("line")]
            place = {"file": record["file"], "line": str((edits or [record.get("line") or 1])[0])}
        place["title"] = f"gradcalc: {record['target']}"
        properties = ",".join(f"{k}={escaped(v, True)}" for k, v in place.items())
        lines.append(f"::{level} {properties}::{escaped(said(record) or record['verdict'])}")
    return "".join(line + "\n" for line in lines)


def escaped(text: str, inside: bool = False) -> str:
    """Text as a workflow command takes it; properties also hide their separators."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if inside else text


def markdown(records: Sequence[dict[str, Any]]) -> str:
    """A table for a job's summary."""
    lines = ["| target | gradient of | verdict | what |", "|---|---|---|---|"]
    for record in records:
        for a in record["arguments"] or [
            {"name": "", "verdict": record["verdict"], "mistakes": [], "notes": []}
        ]:
            what = (
                [m["text"] for m in a["mistakes"]]
                + list(a["notes"])
                + ([] if record["arguments"] else record["notes"])
            )
            cells = [f"`{record['target']}`", a["name"], a["verdict"], "; ".join(what)]
            lines.append("| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |")
    return "\n".join(lines) + "\n"
