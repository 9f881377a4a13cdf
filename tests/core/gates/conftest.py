"""Non-finite numbers are quiet in the tests of gates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Non-finite numbers flow, as they do in the engine."""
    with np.errstate(all="ignore"):
        yield
