"""One gate, many moves at once: how its output moves when its inputs do, by the complex step.

The gate is handed x + ih·dx with a tiny h, and the imaginary part of its answer over h is the slope in
that direction, with nothing cancelled (Squire and Trapp, SIAM Review 40, 1998).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .gate import Array, Gate, Pattern

TINY = 2.0**-332
NEAR = (-84, -40, -30, -20)  # powers of two: steps that are small beside a value
SMALLEST = 1e-280  # an imaginary part below it may have lost digits to underflow
FAR = (-84, -40, -30, -20, -10, 0, 60, 200)  # and steps that need not be
SAME = 2.0**-30  # two steps agree to this
SHARP = 2.0**-50
QUANTUM = 5e-324
LEAST = 2.0**-1040
BENDING = (Pattern.SCALER, Pattern.MIXER, Pattern.SWITCHER)


class Move(NamedTuple):
    """A gate with its inputs' nominal values, tangents and values in all lanes (None: nominal, unmoved).

    No tangent is larger than 2.
    """

    gate: Gate
    nominal: tuple[Array, ...]
    tangents: tuple[Array | None, ...]
    values: tuple[Array | None, ...]
    lanes: int
    z: Array

    @property
    def rank(self) -> int:
        return max((np.ndim(x) for x in self.nominal), default=0)

    @property
    def moved(self) -> list[tuple[Array, Array]]:
        """Nominal value and tangent of each input that moves."""
        return [(x, t) for x, t in zip(self.nominal, self.tangents, strict=True) if t is not None]


def through(
    gate: Gate,
    ins: Sequence[int],
    nominal: Sequence[Any],
    tangents: Mapping[int, Array],
    values: Mapping[int, Array],
    count: int,
    z: Array,
    gain: float = 1.0,
) -> tuple[Array | None, Array | None]:
    """One gate in all lanes: the tangent of its output, and its value where that leaves the nominal one."""
    moving = [tangents.get(j) for j in ins]
    if gate.elementwise and gain == 1.0 and not values:
        plain = _through_numbers(gate, [nominal[j] for j in ins], moving, z)
        if plain is not None:
            return plain, None
    unit = _unit(moving, count)
    move = Move(
        gate,
        tuple([nominal[j] for j in ins]),
        tuple([None if t is None else t / unit.reshape(count, *(1,) * (t.ndim - 1)) for t in moving]),
        tuple([values.get(j) for j in ins]),
        count,
        z,
    )
    step = np.full(count, gain * _step(move.moved))
    out = _evaluated(move, step.reshape(count, *(1,) * move.rank) if gate.elementwise else step)
    tangent = None
    if np.iscomplexobj(out):
        tangent = out.imag / step.reshape(count, *(1,) * np.ndim(z))
        if gain == 1.0 and gate.pattern in BENDING:
            tangent = _resolved(move, out.imag, tangent, step[0])
        if not np.isfinite(tangent).all():
            tangent = np.where(_active(move), tangent, 0.0)
        tangent = tangent * unit.reshape(count, *(1,) * np.ndim(z))
    return tangent, _left(move, out)


def _through_numbers(
    gate: Gate, nominal: Sequence[Any], moving: Sequence[Array | None], z: Array
) -> Array | None:
    """What `through` finds where every value is a number; None where that needs a closer look.

    The same steps without the care that arrays, jumps, underflow and infinite slopes need: most gates of
    most circuits are such, and this runs once for each of a hundred thousand nodes.
    """
    if type(z) is not np.float64 or (gate.kink is not None and gate.kink.jump):
        return None
    size, smallest = None, 1.0
    for x, t in zip(nominal, moving, strict=True):
        if type(x) is not np.float64:
            return None
        if t is not None:
            size = np.abs(t) if size is None else np.maximum(size, np.abs(t))
            smallest = min(smallest, abs(float(x)) or 1.0)
    if size is None or not size.max() < np.inf:
        return None
    active = size > 0
    unit = _power_of_two(np.where(active, size, 1.0))
    step = float(_power_of_two(max(TINY * smallest, min(1e-250, smallest * 2.0**-60))))
    function: Any = gate.forward if gate.complex is True else gate.complex
    xs = [x if t is None else x + 1j * (step * (t / unit)) for x, t in zip(nominal, moving, strict=True)]
    out = function(*xs)
    if not np.iscomplexobj(out) or np.shape(out) != size.shape:
        return None
    imag = out.imag
    if gate.pattern in BENDING and ((np.abs(imag) < SMALLEST) & active).any():
        return None
    tangent: Array = imag / step
    return tangent * unit if np.isfinite(tangent).all() else None


def _left(move: Move, out: Array) -> Array | None:
    """The output's value in all lanes, or None where every lane has the nominal one."""
    gate, z = move.gate, move.z
    jumps = gate.kink is not None and gate.kink.jump
    carried = any(v is not None for v in move.values)
    if not (jumps or carried):
        return None
    real = np.array(out.real, dtype=np.float64)
    left: Any = False
    if jumps:
        # Of the entries whose inputs are nominal only those exactly on the jump leave the nominal value.
        assert gate.kink is not None
        margin = gate.kink.margin(z, *move.nominal)
        left = np.broadcast_to(np.asarray(margin) == 0, np.shape(z))
    if carried:
        left = left | _where(move, move.values, lambda v, x: v != x)
    real = np.where(left, real, z)
    return real if np.any(real != z) else None


def _evaluated(move: Move, step: Array) -> Array:
    """The gate's complex answer in all lanes: lanes first, for elementwise gates with a step an entry."""
    gate, count = move.gate, move.lanes
    function: Any = gate.forward if gate.complex is True else gate.complex
    if gate.elementwise:
        xs = [
            lifted(x, t, v, step, move.rank, count)
            for x, t, v in zip(move.nominal, move.tangents, move.values, strict=True)
        ]
        out = np.asarray(function(*xs))
        shape = (count, *np.shape(move.z))
        return np.broadcast_to(out, shape) if out.shape != shape else out
    if gate.lanes is not None and gate.complex is True:
        out = np.asarray(gate.lanes(*_abreast(move, step)))
        return np.broadcast_to(out, (count, *np.shape(move.z)))
    rows = []
    for k in range(count):
        xs = []
        for x, t, v in zip(move.nominal, move.tangents, move.values, strict=True):
            base = x if v is None else v[k]
            xs.append(base if t is None else base + 1j * step[k] * t[k])
        rows.append(np.asarray(function(*xs)))
    return np.stack(rows)


def _abreast(move: Move, step: Array) -> list[Array]:
    """The inputs with the lanes in front; one lane for an input that does not move."""
    found = []
    for x, t, v in zip(move.nominal, move.tangents, move.values, strict=True):
        rank = np.ndim(x)
        own = step.reshape(move.lanes, *(1,) * rank)
        still = t is None and v is None
        found.append(np.asarray(x)[None] if still else lifted(x, t, v, own, rank, move.lanes))
    return found


def lifted(
    nominal: Array, tangent: Array | None, value: Array | None, step: Array, rank: int, count: int
) -> Array:
    """An input in all lanes, its own axes aligned to the right so that broadcasting stays numpy's."""
    if tangent is None and value is None:
        return nominal
    ndim = np.ndim(nominal)
    shape = (count, *(1,) * (rank - ndim), *np.shape(nominal))
    x = nominal if value is None else value.reshape(shape)
    return x if tangent is None else x + 1j * (step * tangent.reshape(shape))


def _unit(moving: Sequence[Array | None], count: int) -> Array:
    """For each lane the size of its largest tangent, as a power of two: scaling by it rounds nothing."""
    largest = np.zeros(count)
    for t in moving:
        if t is not None:
            sizes = np.abs(t).reshape(count, -1).max(axis=1, initial=0.0)
            largest = np.maximum(largest, np.where(np.isfinite(sizes), sizes, 0.0))
    return _power_of_two(np.where(largest > 0, largest, 1.0))


def _step(moved: list[tuple[Array, Array]]) -> float:
    """An h so small that it vanishes beside any value that moves."""
    smallest = 1.0
    for value, _ in moved:
        sizes = np.abs(value)
        if np.ndim(sizes):
            sizes = sizes[sizes > 0].min(initial=1.0)
        if sizes > 0:
            smallest = min(smallest, float(sizes))
    return float(_power_of_two(max(TINY * smallest, min(1e-250, smallest * 2.0**-60))))


def _power_of_two(size: Array) -> Array:
    return np.ldexp(1.0, np.frexp(np.maximum(size, LEAST))[1] - 1)


def _where(move: Move, moved: Sequence[Array | None], test: Any) -> Array:
    """Where `test(moved, nominal)` holds of any input: by entry of the output, or by lane."""
    found: Any = False
    for x, m in zip(move.nominal, moved, strict=True):
        if m is None:
            continue
        if move.gate.elementwise:
            shape = (move.lanes, *(1,) * (move.rank - np.ndim(x)), *np.shape(x))
            found = found | test(m, x).reshape(shape)
        else:
            here = test(m, x).reshape(move.lanes, -1).any(axis=1)
            found = found | here.reshape(move.lanes, *(1,) * np.ndim(move.z))
    return np.broadcast_to(found, (move.lanes, *np.shape(move.z)))


def _active(move: Move) -> Array:
    """Where any input moves: a slope that nothing moves along is 0, whatever the gate makes of it."""
    return _where(move, move.tangents, lambda t, x: t != 0)


def _resolved(move: Move, imag: Array, tangent: Array, tiny: float) -> Array:
    """The tangent with larger steps where the tiny one may have underflowed in the gate.

    A larger step counts where it agrees with the next one: the slope of a power at 0 is nothing but a
    power of the step, and stays what the tiny step makes of it.
    """
    small = np.abs(imag) < SMALLEST
    if not small.any():
        return tangent
    small &= _active(move)
    if not move.gate.elementwise:
        # An exact zero beside other numbers is an entry that the move does not reach.
        flat = small.reshape(move.lanes, -1)
        some = (flat & (imag.reshape(move.lanes, -1) != 0)).any(axis=1) | flat.all(axis=1)
        small &= some.reshape(move.lanes, *(1,) * np.ndim(move.z))
    if not small.any():
        return tangent
    before, lost, last = tangent, QUANTUM / np.maximum(np.abs(imag), QUANTUM), 0.0
    open_ = small.copy()
    scale, widest = _scales(move)
    sizes = [s * 2.0**k for s in (scale, widest) for k in NEAR]
    sizes += [np.full_like(scale, 2.0**k) for k in FAR]
    for size in np.sort(np.stack(sizes), axis=0):
        step = _power_of_two(size)
        out = _evaluated(move, step)
        wide = step if move.gate.elementwise else step.reshape(move.lanes, *(1,) * np.ndim(move.z))
        now = out.imag / wide
        close = np.abs(now - before) <= (SAME + 2 * lost) * np.abs(now)
        agreed = open_ & close & (wide > last) & (now != 0) & (before != 0) & np.isfinite(now)
        # A step that is not small beside the values shows the slope of what is straight all the way.
        least = (step <= scale * 2.0 ** NEAR[-1]) | (step <= widest * 2.0 ** NEAR[0])
        least = least if move.gate.elementwise else least.reshape(wide.shape)
        agreed &= least | (np.abs(now) * tiny <= np.abs(imag) + 4 * QUANTUM)
        tangent = np.where(agreed, np.where(lost < SHARP, before, now), tangent)
        open_ &= ~agreed
        if not open_.any():
            break
        before, lost, last = now, QUANTUM / np.maximum(np.abs(out.imag), QUANTUM), wide
    return tangent


def _scales(move: Move) -> tuple[Array, Array]:
    """The smallest value that moves (of all, where those are 0) and the largest of all, by entry or lane."""
    shape = (move.lanes, *np.shape(move.z)) if move.gate.elementwise else (move.lanes,)
    moved, least, most = np.full(shape, np.inf), np.full(shape, np.inf), np.zeros(shape)
    for x, t in zip(move.nominal, move.tangents, strict=True):
        moves: Any = False if t is None else t != 0
        size = np.abs(x)
        if move.gate.elementwise:
            if t is not None:
                moves = moves.reshape(move.lanes, *(1,) * (move.rank - np.ndim(x)), *np.shape(x))
            small, mine = np.where(size > 0, size, np.inf), np.where(moves & (size > 0), size, np.inf)
        else:
            size = np.reshape(size, (1, -1))
            moves = moves if t is None else moves.reshape(move.lanes, -1)
            small = np.where(size > 0, size, np.inf).min(axis=1, initial=np.inf)
            mine = np.where(moves & (size > 0), size, np.inf).min(axis=1, initial=np.inf)
            size = size.max(axis=1, initial=0.0)
        moved, least, most = np.minimum(moved, mine), np.minimum(least, small), np.maximum(most, size)
    scale = np.where(np.isfinite(moved), moved, np.where(np.isfinite(least), least, 1.0))
    return scale, np.where((most > 0) & np.isfinite(most), most, 1.0)
