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
        lines.append(f"d{a['name']} {a['verdict']}{numbers}")
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
    suites, tests, failures, errors, skipped = [], 0, 0, 0, 0
    for record in records:
        cases = []
        arguments = record["arguments"] or [None]
        counts = [0, 0, 0]
        for a in arguments:
            name = f"d{a['name']}" if a else "check"
            verdict = a["verdict"] if a else record["verdict"]
            start = (
                f"    <testcase classname={quoteattr(clean(record['target']))} name={quoteattr(clean(name))}"
            )
            whole = record["verdict"] == "fail" and all(x["verdict"] in GOOD for x in record["arguments"])
            if verdict in GOOD and not whole:
                cases.append(f"{start}/>")
                continue
            text = clean(said(record, a))
            tag = (
                "failure"
                if verdict == "fail" or whole
                else "error"
                if verdict in ("error", "domain", "nonfinite")
                else "skipped"
            )
            tag = "skipped" if record.get("exception") else tag
            counts[("failure", "error", "skipped").index(tag)] += 1
            first = (text.splitlines() or [verdict])[0]
            inner = f"<{tag} message={quoteattr(first)}" + (
                "/>" if tag == "skipped" else f">{escape(text)}</{tag}>"
            )
            cases.append(f"{start}>\n      {inner}\n    </testcase>")
        suites.append(
            f'  <testsuite name={quoteattr(clean(record["target"]))} tests="{len(arguments)}" '
            f'failures="{counts[0]}" errors="{counts[1]}" skipped="{counts[2]}">\n'
            + "\n".join(cases)
            + "\n  </testsuite>"
        )
        tests, failures = tests + len(arguments), failures + counts[0]
        errors, skipped = errors + counts[1], skipped + counts[2]
    counted = f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    head = f'<testsuites name="gradcalc" {counted}>'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>"]) + "\n"


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
            place = {"file": record["file"], "line": str(record.get("line") or 1)}
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
