"""The numeric side for people's code: moves it, and gives slopes with error bars.

Complex steps only sharpen a central difference that they agree with: code may take complex numbers and
answer wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..gate import Array
from ..kinks import kink, steep
from ..numeric import Slope, differentiate

EPS = float(np.finfo(np.float64).eps)
TINY = 1e-100
LEFT_BEHIND = 1e-90  # so small a slope is a power of the step that x·|x| leaves behind
BATCH = 0.3  # seconds that one request may take


class Runner(Protocol):
    """Whoever runs the code: a process of its own, or this one."""

    def ask(self, do: str, stage: str, **given: Any) -> Any:
        """Call a method of the worker."""

    @property
    def left(self) -> float:
        """Seconds until it has to be done."""


class Entries(NamedTuple):
    """Numeric slopes of every entry of an argument (flat): both one-sided ones, and the error bar."""

    right: Array
    left: Array
    bar: Array

    @property
    def numeric(self) -> Array:
        with np.errstate(invalid="ignore"):  # slopes that are not finite have no mean
            return np.where(self.right == self.left, self.right, (self.right + self.left) / 2)


class Witness:
    """Moves the code at one point, weighing its outputs by fixed upstream gradients.

    `cost` is what one forward takes in seconds.
    """

    def __init__(
        self,
        runner: Runner,
        upstreams: Sequence[Array],
        values: dict[str, Any],
        cost: float,
        eps: float = EPS,
    ) -> None:
        self.runner = runner
        self.eps = eps  # of the precision that the code computes in
        self.upstreams = list(upstreams)
        self.values = values
        self.cost = max(cost, 2e-5)
        self.steps: dict[str, float] = {}
        self.takes_complex: dict[str, bool] = {}
        self.floor = 0.0 if eps <= EPS else max((self.noise(n) for n in values), default=0.0)

    def noise(self, name: str) -> float:
        """How far the value moves when an array moves by an ulp of the code's precision: sums of many terms
        round by more than their total shows.
        """
        value = self.values[name]
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or not value.size:
            return 0.0
        signs = np.random.default_rng(5).choice([-1.0, 1.0], value.shape)
        steps = self.eps * np.array([0.0, 1.0, -1.0, 2.0, -2.0, 3.0])
        found = self._ask("along", name, direction=value * signs, steps=steps)["values"]
        return float(np.nan_to_num(np.ptp(found)))

    # -- directions --------------------------------------------------------------------------------

    def along(self, name: str, direction: Array) -> Slope:
        """The slope along a direction: central, sharpened by a complex step that agrees."""

        def f(points: Array) -> Array:
            return self._ask("along", name, direction=direction, steps=points)["values"]

        known = self._again(name, direction, f)
        if known is not None:
            return known
        slope = differentiate(f, 0.0, eps=self.eps, floor=self.floor)
        self.steps[name] = slope.step
        if not np.isfinite(slope.bar):
            return slope
        exact = self._complex(name, direction)
        if exact is not None and abs(exact - slope.value) <= 10 * slope.bar:
            self.takes_complex.setdefault(name, True)
            return slope._replace(
                value=exact, bar=16 * self.eps * abs(exact) + LEFT_BEHIND, left=exact, right=exact
            )
        self.takes_complex[name] = False
        return self._sided(slope, f, 0.0)

    def _again(self, name: str, direction: Array, f: Callable[[Array], Array]) -> Slope | None:
        """Another direction of an argument that takes complex steps: two differences vouch for it."""
        if not self.takes_complex.get(name):
            return None
        exact, h = self._complex(name, direction), self.steps[name]
        if exact is None:
            return None
        v = f(np.array([2 * h, -2 * h, h, -h]))
        wide, near = (v[0] - v[1]) / (4 * h), (v[2] - v[3]) / (2 * h)
        bar = abs(near - wide) + (4 * self.eps * float(np.max(np.abs(v))) + self.floor) / h
        if not abs(exact - (near + (near - wide) / 3)) <= 10 * bar or bar > 1e-3 * abs(exact):
            return None
        return Slope(exact, 16 * self.eps * abs(exact) + LEFT_BEHIND, exact, exact, "both", h)

    def _complex(self, name: str, direction: Array) -> float | None:
        if self.takes_complex.get(name) is False:
            return None
        found = self._ask("imaginary", name, directions=np.asarray(direction)[None], step=TINY)
        if found["right"] is None or found["right"][0] != found["left"][0]:
            return None
        return float(_unstepped(found["right"])[0])

    # -- entries -----------------------------------------------------------------------------------

    def moves(self, name: str) -> int:
        """How many forwards a quick look at one entry takes."""
        return 2 if self.takes_complex.get(name) else 4

    def entries(self, name: str, flat: Array, expected: Array, own: Array, floor: float) -> Entries:
        """The slopes of these entries. Entries that do not confirm `expected` within their bars (`own` is the
        analytic side's, `floor` the least that counts) are moved again with all care.
        """
        quick = self.quick(name, flat)
        right, left, bar = (a.copy() for a in quick)
        with np.errstate(all="ignore"):
            off = np.abs(quick.numeric - expected) > 10 * (bar + own)
            wide = bar > np.maximum(1e-3 * np.maximum(np.abs(expected), np.abs(quick.numeric)), floor)
            split = np.abs(right - left) > 10 * bar
        doubtful = np.flatnonzero(off | wide | split | ~np.isfinite(bar))
        certain = off & ~split & np.isfinite(bar) & ~wide
        # Where many entries are plainly wrong, a few looked at with all care vouch for the others.
        careful = [k for k in doubtful if not certain[k]] + [k for k in doubtful if certain[k]][:16]
        for k in careful:
            if self.runner.left < 2 + 100 * self.cost:
                break
            slope = self.entry(name, int(flat[k]))
            if quick_agrees(slope, right[k], bar[k]) and self.takes_complex.get(name):
                continue
            right[k], left[k], bar[k] = slope.right, slope.left, slope.bar
        return Entries(right, left, bar)

    def quick(self, name: str, flat: Array) -> Entries:
        """The slopes of these entries by few moves each: right where the code is smooth."""
        found = self._by_complex(name, flat) if self.takes_complex.get(name) else None
        return found or self._by_steps(name, flat)

    def entry(self, name: str, flat: int) -> Slope:
        """The slope of one entry, over a whole ladder of steps; left and right differ at a kink only."""
        x = float(np.asarray(self.values[name]).reshape(-1)[flat])

        def f(points: Array) -> Array:
            moves = np.asarray(points) - x
            return self._ask("entries", name, flat=np.array([flat]), steps=moves[None])["values"][0]

        return self._sided(differentiate(f, x, eps=self.eps, floor=self.floor), f, x)

    def _sided(self, slope: Slope, f: Callable[[Array], Array], x: float) -> Slope:
        """The slope with its one-sided slopes where they really differ, and else twice the same."""
        found = kink(f, x, self.eps, self.floor)
        if found is None:
            endless = steep(f, x, self.eps) if self.eps <= EPS else None
            if endless is not None:
                return slope._replace(value=np.nan, bar=np.inf, left=endless[0], right=endless[1])
            slope = slope.settled()
            return slope._replace(left=slope.value, right=slope.value)
        left, right, bar = found
        return slope._replace(value=(left + right) / 2, left=left, right=right, bar=bar)

    def _by_complex(self, name: str, flat: Array) -> Entries | None:
        rights, lefts = [], []
        for part in self._batches(flat, 2):
            found = self._ask("imaginary_entries", name, flat=part, step=TINY)
            if found["right"] is None:
                self.takes_complex[name] = False
                return None
            rights.append(_unstepped(found["right"]))
            lefts.append(_unstepped(found["left"]))
        right, left = np.concatenate(rights), np.concatenate(lefts)
        return Entries(right, left, 16 * self.eps * np.maximum(np.abs(right), np.abs(left)) + LEFT_BEHIND)

    def _by_steps(self, name: str, flat: Array) -> Entries:
        """Central differences at two steps that the directions showed to be good ones."""
        values = np.asarray(self.values[name], dtype=float).reshape(-1)
        every = self._step(name, values)
        found = []
        here, _ = self._value(name)
        for part in self._batches(flat, 4):
            h = every[part]
            steps = np.stack([2 * h, -2 * h, h, -h], axis=1)
            answer = self._ask("entries", name, flat=part, steps=steps)
            v, sizes = answer["values"], answer["sizes"].max(axis=1, initial=0.0)
            wide, near = (v[:, 0] - v[:, 1]) / (4 * h), (v[:, 2] - v[:, 3]) / (2 * h)
            value = near + (near - wide) / 3
            bar = np.abs(near - wide) + (4 * self.eps * sizes + self.floor) / h
            # Twice the curvature in twice the step, or a kink.
            gap, gap2 = (v[:, 2] + v[:, 3] - 2 * here) / h, (v[:, 0] + v[:, 1] - 2 * here) / (2 * h)
            bent = (np.abs(gap) > (40 * self.eps * sizes + 10 * self.floor) / h) & (
                np.abs(gap2) < 1.5 * np.abs(gap)
            )
            found.append((value, np.where(bent | ~np.isfinite(value), np.inf, bar)))
        value, bar = (np.concatenate([f[k] for f in found]) for k in (0, 1))
        return Entries(value, value.copy(), bar)

    def each(self, name: str, sets: Sequence[Sequence[Array]]) -> Array:
        """Slopes of every entry for several sets of upstream gradients, shape (sets, *the input's)."""
        values = np.asarray(self.values[name], dtype=float)
        h = self._step(name, values.reshape(-1))
        found = []
        for part in self._batches(np.arange(values.size), 4):
            k = h[part]
            steps = np.stack([2 * k, -2 * k, k, -k], axis=1)
            v = self.runner.ask("entries_each", "forward", name=name, flat=part, steps=steps, sets=list(sets))
            wide, near = (v[..., 0] - v[..., 1]) / (4 * k), (v[..., 2] - v[..., 3]) / (2 * k)
            found.append(near + (near - wide) / 3)
        return np.concatenate(found, axis=1).reshape(len(sets), *values.shape)

    def _step(self, name: str, values: Array) -> Array:
        """A good step for every entry, as the directions showed; a power of two, so that moves are exact."""
        typical = float(np.sqrt(np.mean(values**2))) or 1.0
        share = min(max(self.steps.get(name, 1e-4), 1e-6), max(1e-2, self.eps ** (1 / 3)))
        return np.asarray(2.0 ** np.round(np.log2(np.maximum(np.abs(values), 0.1 * typical) * share)))

    def _value(self, name: str) -> tuple[float, float]:
        answer = self._ask("entries", name, flat=np.array([0]), steps=np.zeros((1, 1)))
        return float(answer["values"][0, 0]), float(answer["sizes"][0, 0])

    def _batches(self, flat: Array, moves: int) -> list[Array]:
        size = max(1, int(BATCH / (moves * self.cost)))
        return [flat[at : at + size] for at in range(0, len(flat), size)]

    def _ask(self, do: str, name: str, **given: Any) -> Any:
        return self.runner.ask(do, "forward", name=name, upstreams=self.upstreams, **given)


def quick_agrees(slope: Slope, value: float, bar: float) -> bool:
    """Whether a sharper slope stands: the careful one confirms it, and sees no kink."""
    return slope.left == slope.right and abs(slope.value - value) <= 10 * (slope.bar + bar)


def _unstepped(found: Array) -> Array:
    return np.where(np.abs(found) < LEFT_BEHIND, 0.0, found)
