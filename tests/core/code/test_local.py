"""What a check in this process leaves behind: nothing."""

from __future__ import annotations

import cProfile
import pstats
import random
from typing import Any

import numpy as np
import pytest

import gradcalc


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_the_process_is_left_as_it_was(factor: float) -> None:
    def helper() -> None:
        pass

    def backward(p: Any) -> Any:
        return -factor / p

    def loss(p: Any) -> Any:
        return np.sum(-np.log(p + 1e-8))

    codes = loss.__code__, backward.__code__
    np.random.seed(7)
    random.seed(7)
    before = random.getstate()
    profile = cProfile.Profile()
    profile.enable()
    try:
        found = gradcalc.check(loss, backward, np.array([0.2, 0.9]))
        helper()
    finally:
        profile.disable()
    assert found.verdict == ("pass" if factor == 1.0 else "fail")
    assert (loss.__code__, backward.__code__) == codes
    assert random.getstate() == before
    assert np.random.random() == np.random.RandomState(7).random()
    assert "helper" in {name for _, _, name in pstats.Stats(profile).stats}  # type: ignore[attr-defined]
