"""Exercises as JSON, schema gradcalc.quiz/1."""

from collections.abc import Sequence
from typing import Any

from .json import dumps, value
from .quiz_sheet import solved

SCHEMA = "gradcalc.quiz/1"


def quiz_json(exercises: Sequence[Any], kinds: Sequence[str], key: bool) -> str:
    """All exercises with what there is to find; with `key` also the values."""
    return dumps({"schema": SCHEMA, "exercises": [record(e, kinds, key) for e in exercises]})


def record(exercise: Any, kinds: Sequence[str], key: bool) -> dict[str, Any]:
    """One exercise; its inputs as they are typed."""
    from gradcalc.blanks import blanks
    from gradcalc.key import Key

    answers = Key.of(exercise.question)
    steps = []
    for blank in blanks(answers, kinds):
        step: dict[str, Any] = {"name": blank.name, "kind": blank.kind}
        if key:
            step["value"] = value(answers.true[blank.quantity] + 0.0)
        steps.append(step)
    gates = [row.equation for row in solved(exercise).rows if row.inputs]
    return {"expression": exercise.text, "inputs": dict(exercise.inputs), "gates": gates, "steps": steps}
