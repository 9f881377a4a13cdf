"""What a check in this process leaves behind: nothing."""

from __future__ import annotations

import cProfile
import pstats
import random
import signal
from concurrent.futures import ThreadPoolExecutor
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
    assert "helper" in pstats.Stats(profile).get_stats_profile().func_profiles


def cube(x: Any) -> Any:
    return np.sum(x**3)


def grad_cube(x: Any) -> Any:
    return 2 * x**2


def test_threads_may_check_the_same_functions() -> None:
    codes = cube.__code__, grad_cube.__code__
    point = np.array([1.5, -0.7])
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: gradcalc.check(cube, grad_cube, point), range(8)))
    assert {f.verdict for f in found} == {"fail"}
    assert len({f.arguments[0].mistakes for f in found}) == 1
    assert (cube.__code__, grad_cube.__code__) == codes


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no such timers")
def test_a_timer_that_runs_goes_on() -> None:
    before = signal.signal(signal.SIGPROF, lambda *_: None)
    signal.setitimer(signal.ITIMER_PROF, 1000, 500)
    try:
        gradcalc.check(cube, grad_cube, np.array([1.5, -0.7]))
        left, interval = signal.getitimer(signal.ITIMER_PROF)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    assert 900 < left < 1001
    assert interval == 500
