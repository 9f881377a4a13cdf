"""0 false alarms on the right gradients, 0 wrong ones passed, kinks called kinks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcalc
from hard import RIGHT, WRONG, Case


def of(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


def programmed(case: Case) -> Any:
    inputs: dict[str, Any] = dict(case.inputs())
    return gradcalc.check(case.program(), **inputs)


def called(case: Case) -> Any:
    point: Any = np.array(case.x) if isinstance(case.x, tuple) else case.x
    return gradcalc.check(case.f, case.gradient, point)


def test_as_many_as_in_the_study() -> None:
    """21 right ones and 8 wrong ones."""
    assert (len(RIGHT), len(WRONG)) == (21, 8)


@of(RIGHT)
def test_a_right_program_passes(case: Case) -> None:
    """No false alarm; a kink is called one, and nothing else is."""
    assert programmed(case).verdict == ("kink" if case.kink else "pass")


@of(RIGHT)
def test_a_right_function_passes(case: Case) -> None:
    """The same of Python functions, of which only values can be had; a gradient that is 0 tests nothing."""
    flat = not np.any(case.gradient(np.asarray(case.x)))
    assert called(case).verdict == ("kink" if case.kink else "vacuous" if flat else "pass")


@of(WRONG)
def test_a_wrong_program_fails(case: Case) -> None:
    """Every one is caught."""
    assert programmed(case).verdict == "fail"


@of(WRONG)
def test_a_wrong_function_fails(case: Case) -> None:
    """The same of Python functions."""
    assert called(case).verdict == "fail"
