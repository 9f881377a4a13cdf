"""Mistakes that were found, as sentences."""

from __future__ import annotations

from collections.abc import Mapping

from .answers import Diagnosis
from .mistakes import Candidate, Finding

LONGEST = 24
MOST_NAMED = 4
MOST_ALSO = 1


def diagnoses(finding: Finding, texts: Mapping[str, str], literal: bool = False) -> tuple[Diagnosis, ...]:
    """The diagnoses of a finding; `texts` is what was written, by the answer's name.

    `literal` says that none of the answers is wrong: they would be if they were meant as they stand.
    """
    return tuple(diagnosis(candidate, texts, literal) for candidate in finding.candidates)


def diagnosis(candidate: Candidate, texts: Mapping[str, str], literal: bool) -> Diagnosis:
    """One candidate in words.

    "dx = -3.00 is what you get when only the branch through `sigmoid(x)` arrives at the fork x; ..."
    """
    mutant = candidate.mutant
    kind = mutant.text
    seen = {mutant.name}
    others: list[str] = []
    for other in candidate.also:
        if other.name not in seen and len(others) < MOST_ALSO:
            seen.add(other.name)
            others.append(other.text)
    for text in others:
        kind += f"; or, which is the same here, {text}"
    verb = (
        "may also be"
        if literal
        else "may be"
        if not candidate.sure
        else "is"
        if len(candidate.names) == 1
        else "are"
    )
    nearly = ", but for the rounding," if candidate.rounded else ""
    text = f"{listed(candidate.names, texts)} {verb} what you get{nearly} {kind}"
    if candidate.given:
        text = f"given your {' and '.join(candidate.given)}, {text}"
    if candidate.against:
        text += f" (but {' and '.join(candidate.against)} would be wrong as well)"
    also = tuple(dict.fromkeys((m.name, m.text) for m in candidate.also))
    return Diagnosis(
        mutant.name, text, kind, mutant.where, candidate.names, also, candidate.sure and not literal
    )


def listed(names: tuple[str, ...], texts: Mapping[str, str]) -> str:
    """dx = -3.00 and dy = 2."""
    shown = [f"{name} = {short(texts[name])}" for name in names[:MOST_NAMED]]
    left = len(names) - len(shown)
    if left:
        shown.append(f"{left} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]


def short(text: str) -> str:
    """What was written, on one short line."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
