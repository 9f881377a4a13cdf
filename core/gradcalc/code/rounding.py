"""The analytic side's error bar: how far a gradient moves by rounding alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..gate import Array
from .child.broken import Broken
from .precision import EPS, PRECISION
from .witness import Runner


class Beside(NamedTuple):
    """The backward of one point, asked again a little beside it; `found` are the gradients there."""

    runner: Runner
    upstreams: Sequence[Array]
    values: Mapping[str, Any]
    found: Mapping[str, Array]
    eps: float
    rng: np.random.Generator

    def bars(self, moving: Sequence[str]) -> tuple[dict[str, float], dict[str, Array]]:
        """The size of each gradient nearby, and how far it moves when every input moves by an ulp.

        Upstream gradients are nudged too: that shows the size of the terms which cancel in a sum.
        """
        scale = {n: float(np.max(np.abs(g), initial=0.0)) for n, g in self.found.items()}
        typical = self.nearby(moving, scale)
        bars = {
            n: self.eps * (4 * np.abs(np.asarray(g, dtype=float)) + 2 * scale[n])
            for n, g in self.found.items()
        }
        for kind in ("up", "down", "mixed"):
            shift = {}
            for name in moving:
                value = np.asarray(self.values[name], dtype=float)
                signs = self.rng.choice([-2.0, -1.0, 1.0, 2.0], value.shape) if kind == "mixed" else 2.0
                shift[name] = value * (self.eps * (signs if kind != "down" else -2.0))
            ups = [
                u * (1 + self.eps * self.rng.choice([-2.0, 2.0], np.shape(u))) if kind == "mixed" else u
                for u in self.upstreams
            ]
            try:
                answer = self.runner.ask("gradients", "backward", upstreams=ups, shift=shift)
            except Broken:
                continue
            for name, g in self.found.items():
                other = answer["found"].get(name)
                if other is None or np.shape(other) != np.shape(g):
                    continue
                with np.errstate(invalid="ignore"):
                    gap = np.abs(np.asarray(other, dtype=float) - g)
                # A nudge may change sides at a tie; that is no rounding.
                gap = np.where(gap > 1e3 * self.eps**0.5 * typical[name], 0.0, gap)
                bars[name] = np.fmax(bars[name], gap)
        for name, gap in self.cancelled().items():
            bars[name] = np.fmax(bars[name], gap)
        return typical, bars

    def cancelled(self) -> dict[str, Array]:
        """How many digits each gradient lost on its way, by running the backward in another precision.

        s*(1 - s) far to the right is off by as much as s is: no nudge of x shows that, as s stays where it
        is. A longer float tells the error itself, a shorter one its size.
        """
        if self.eps != EPS:
            return {}
        longer = float(np.finfo(np.longdouble).eps) < EPS
        dtype, share = ("longdouble", 1.0) if longer else ("float32", 4 * EPS / PRECISION["float32"])
        try:
            found = self.runner.ask("gradients", "backward", upstreams=self.upstreams, dtype=dtype)["found"]
        except Broken:
            return {}
        gaps = {}
        for name, g in self.found.items():
            other = found.get(name)
            if other is None or np.shape(other) != np.shape(g) or np.asarray(g).dtype.kind != "f":
                continue
            with np.errstate(all="ignore"):
                gap = share * np.abs(np.asarray(other, dtype=float) - g)
            gaps[name] = np.where(np.isfinite(gap), gap, 0.0)
        return gaps

    def nearby(self, moving: Sequence[str], scale: Mapping[str, float]) -> dict[str, float]:
        """The size of each gradient here or a thousandth beside: tells zero from small."""
        shift = {}
        for name in moving:
            value = np.asarray(self.values[name], dtype=float)
            signs = self.rng.choice([-1e-3, 1e-3], value.shape)
            shift[name] = signs * np.where(value == 0, 1.0, value)
        try:
            found = self.runner.ask("gradients", "backward", upstreams=self.upstreams, shift=shift)["found"]
        except Broken:
            return dict(scale)
        sizes = {
            n: np.abs(np.asarray(g, dtype=float)) for n, g in found.items() if np.asarray(g).dtype.kind != "c"
        }
        return {
            n: max(s, float(np.max(sizes[n], initial=0.0, where=np.isfinite(sizes[n])))) if n in sizes else s
            for n, s in scale.items()
        }
