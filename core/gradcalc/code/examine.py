"""A verdict on people's code: is the gradient that it gives the slope of the value that it gives?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import GradcalcError, nearest
from ..gate import Array
from ..verdicts import Verdict, heaviest
from .allowance import allow
from .child.broken import UNCLEAR, Broken
from .diagnosis import diagnose
from .given import Given, Point
from .guess import resolved
from .precision import EPS, PRECISION, shown
from .record import Argument, Examined
from .rounding import Beside
from .weighing import AGREE, Direction, weigh_direction, weigh_entries
from .witness import Entries, Runner, Witness

PATIENCE = 6.0  # seconds that the entries of all arguments may take together
FEW = 50
LONGEST = 20_000  # entries looked at one by one in one array


class Asked(NamedTuple):
    """One target, and how it is to be looked at.

    `wrt` are the arguments to check (all, if empty), `exception` a declared one: why the gradient is not that
    of the value (straight-through, gradient reversal). `rtol` and `atol` are errors to accept; `strict`
    accepts no gradient that leaves a guard out (see allowance). `fixed` are inputs that are never moved,
    `allow` is what is no failure: "mutation", writing into inputs and upstream gradients.
    """

    target: str
    given: Given = Given()
    wrt: tuple[str, ...] = ()
    exception: str = ""
    dtype: str | None = None
    mend: bool = True
    rtol: float | None = None
    atol: float | None = None
    strict: bool = False
    fixed: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


def examine(
    runner: Runner, described: Mapping[str, Any], asked: Asked, point: Point | None = None
) -> tuple[Examined, Point]:
    """Examine the code that `runner` has loaded, at `point` or else at the point that is asked for.

    `described` is the worker's answer to `load`. Failures of the forward raise Broken; those of the backward
    are the verdict. Raises GradcalcError where values are missing or fit nothing.
    """
    if point is None:
        point, shapes = resolved(runner, described["arguments"], asked.given, asked.target)
        if shapes:
            listed = " ".join(f"{n}={'x'.join(map(str, s)) or 'scalar'}" for n, s in shapes.items())
            point = point._replace(notes=(*point.notes, f"no values are given: drawn with --shapes {listed}"))
    return Examination(runner, described, asked, point).run(), point


class Examination:
    """One target at one point."""

    def __init__(self, runner: Runner, described: Mapping[str, Any], asked: Asked, point: Point) -> None:
        self.runner = runner
        self.asked = asked
        self.point = point
        self.described = described
        self.words = str(described["words"])
        self.notes: list[str] = list(point.notes)
        self.bad: list[str] = []  # what fails the whole, whatever the numbers say
        self.drifts = False  # whether no two calls give the same
        self.rng = np.random.default_rng([asked.given.seed, 97])

    def run(self) -> Examined:
        """All of it: the verdict, argument by argument."""
        self.begin()
        if any(not np.all(np.isfinite(v)) for v in self.outputs):
            return self.done((), Verdict.NONFINITE, "the value is not finite at this point")
        self.upstreams = [self.drawn(v) for v in self.outputs]
        self.steady()
        if self.drifts:
            return self.done((), Verdict.FAIL)
        try:
            self.analytic()
        except Broken as error:
            if error.kind in UNCLEAR:
                raise
            said = f"the backward fails: {error.message}" if error.stage == "backward" else error.message
            return self.done((), Verdict.FAIL, said)._replace(trace=tuple(error.trace))
        if self.drifts:
            return self.done((), Verdict.FAIL)
        names = self.chosen()
        arguments = self.judge(names)
        verdict = heaviest(Verdict(a.verdict) for a in arguments)
        if arguments and verdict is Verdict.PASS and not any(np.any(self.found.get(n, 0)) for n in names):
            verdict = Verdict.VACUOUS
            self.notes.append("every gradient is zero here: nothing was tested; try another point")
        self.whole(names)
        return self.done(arguments, verdict)

    def whole(self, names: Sequence[str]) -> None:
        """What becomes of the gradients where inputs that are whole numbers come as integers."""
        whole = [n for n in self.point.whole if n in names and n not in self.integers]
        whole = [n for n in whole if n not in self.point.drawn and np.ndim(self.values[n])]
        if not whole:
            return
        answer = self.runner.ask("as_integers", "backward", names=whole, upstreams=self.upstreams)
        listed = ", ".join(whole)
        for name, gradient in answer["found"].items():
            if not np.allclose(gradient, self.found.get(name, gradient), rtol=1e-6, atol=1e-9):
                self.notes.append(
                    f"with integers in {listed}, d{name} is cut to whole numbers (as by zeros_like)"
                )
        if answer["error"]:
            self.notes.append(f"with integers in {listed} it fails: {answer['error']}")

    def done(self, arguments: tuple[Argument, ...], verdict: Verdict, said: str = "") -> Examined:
        notes = [*self.bad, *([said] if said else []), *self.notes]
        if self.bad:
            verdict = Verdict.FAIL
        return Examined(
            self.asked.target, str(verdict), self.words, arguments, tuple(dict.fromkeys(notes)),
            exception=self.asked.exception,
        )  # fmt: skip

    # -- running it --------------------------------------------------------------------------------

    def begin(self) -> None:
        """Run the forward for the first time, and put the code's own arrays where they show something."""
        ask = self.runner.ask
        values = {n: self.cast(v) for n, v in self.point.values.items()}
        whole, drawn = list(self.point.whole), list(self.point.drawn)
        fixed = list(self.asked.fixed)
        started = ask("start", "forward", values=values, whole=whole, drawn=drawn, fixed=fixed)
        self.words = str(started["words"])
        self.inputs: list[str] = started["inputs"]
        self.values: dict[str, Any] = {**self.point.values, **started["labels"], **started["held"]}
        self.integers = set(started["integers"])
        self.outputs: list[Array] = started["values"]
        self.dtypes: list[str] = [o["dtype"] for o in started["outputs"]]
        self.cost = float(started["seconds"])
        if started["silent"]:
            listed = ", ".join(started["silent"])
            self.notes.append(f"no gradient of {listed} is kept: not checked")
        moved = dict(self.point.held)
        for name, array in started["held"].items():
            if (
                name not in moved
                and name not in fixed
                and np.ptp(array, axis=None if np.size(array) else ()) == 0
            ):
                # Weights that are all equal hide what multiplies or adds them.
                moved[name] = array + 0.5 * self.rng.standard_normal(np.shape(array))
                self.notes.append(f"{name} is all {_short(array)} when it is made: checked at random values")
        self._known({**moved, **dict.fromkeys(fixed)})
        if moved:
            ask("move_to", "forward", values=moved)
            self.values.update(moved)
            self.outputs = ask("outputs", "forward")["values"]

    def cast(self, value: Any) -> Any:
        """An input in the precision that is asked for."""
        if (
            self.asked.dtype in (None, "float64")
            or not isinstance(value, np.ndarray)
            or value.dtype.kind != "f"
        ):
            return value
        return value.astype(np.float32)  # torch and jax make bfloat16 of it

    def _known(self, moved: Mapping[str, Any]) -> None:
        for name in moved:
            if name not in self.values:
                known = [*self.values]
                near = nearest(name, known)
                hint = f"it takes {', '.join(known)}" if known else None
                if any(a["kind"] == "dict" for a in self.described["arguments"]):
                    hint = f"{hint}; a parameter has an option of its own: --param {name}=VALUE"
                raise GradcalcError(
                    f"{self.asked.target} takes no {name}",
                    kind="unused",
                    hint=f"did you mean {near}?" if near else hint,
                )

    def drawn(self, like: Array) -> Array:
        """A random upstream gradient of mixed signs, short enough in binary for any precision."""
        size = np.shape(like)
        return self.rng.choice([-1.0, 1.0], size) * self.rng.integers(8, 25, size) / 16.0

    def steady(self) -> None:
        """Whether the same point gives the same value, and the forward leaves its inputs alone."""
        ask = self.runner.ask
        first, second = (ask("outputs", "forward", seeded=False) for _ in range(2))
        if not _same(first["values"], second["values"]):
            again = ask("outputs", "forward")["values"]
            seeded = _same(again, ask("outputs", "forward")["values"])
            if not seeded:
                self.drift("the same input gives different values", first["values"], second["values"])
            elif not self.described["remembers"]:
                self.bad.append("not deterministic: the same input gives different values")
            if seeded:
                self.notes.append(
                    "it draws from a global random generator; for this check that is seeded before each call"
                )
        for name in first["changed"]:
            self.mutation(f"the forward writes into its input {name}")

    def analytic(self) -> None:
        """Ask for the gradients, twice; and how far they move when the inputs move by an ulp."""
        ask = self.runner.ask
        answer = ask("gradients", "backward", upstreams=self.upstreams)
        if not answer["seeded"]:
            self.upstreams = [np.ones(np.shape(v)) for v in self.outputs]
            if answer["elementwise"]:
                self.notes.append("the gradient is taken to be the local one, entry by entry")
            answer = ask("gradients", "backward", upstreams=self.upstreams)
        elif answer["ends"] and not self.asked.strict and all(np.ndim(v) == 0 for v in self.outputs):
            end = [np.ones(()) for _ in self.outputs]
            other = ask("gradients", "backward", upstreams=end)
            names = [*answer["found"]]
            if _same([answer["found"][n] for n in names], [other["found"].get(n) for n in names]):
                self.upstreams, answer = end, other
                self.notes.append(
                    "the backward ignores its upstream gradient: checked as the end of a network, at 1"
                )
        self.found: dict[str, Array] = answer["found"]
        self.notes += answer["lost"]
        self.surplus(answer)
        for name in answer["changed"]:
            if not any(f"the forward writes into its input {name}" in s for s in (*self.bad, *self.notes)):
                self.mutation(f"the backward writes into {name}")
        if answer["upstream_changed"]:
            self.mutation("the backward writes into the upstream gradient")
        again = ask("gradients", "backward", upstreams=self.upstreams)["found"]
        if not _same([self.found[n] for n in self.found], [again.get(n) for n in self.found]):
            gaps = [(self.found[n], again[n]) for n in self.found if n in again]
            self.drift("the backward gives different gradients at the same point", *zip(*gaps, strict=True))
        dtypes = {**{f"output {k}": d for k, d in enumerate(self.dtypes)}, **answer["dtypes"]}
        low = {d for d in dtypes.values() if d in PRECISION}
        if not low and self.asked.dtype in (None, "float64"):
            values = {n: np.asarray(self.values[n], dtype=float) for n in self.inputs}
            inside = shown(self.runner, values, list(self.found.values()))
            low = {inside} if inside else set()
        self.eps = max((PRECISION[d] for d in low), default=EPS)
        if low:
            listed = ", ".join(sorted(low))
            self.notes.append(f"it computes in {listed}, and is judged by that precision")
        self.own = self.jitter()

    def mutation(self, said: str) -> None:
        """Something is changed in place, and put back before each call: a failure, unless it is allowed."""
        if "mutation" in self.asked.allow:
            self.notes.append(f"{said}, which is allowed")
        else:
            self.bad.append(said)

    def drift(self, said: str, first: Sequence[Array], second: Sequence[Array]) -> None:
        """Two calls at one point differ, whatever is seeded: there is nothing to compare with anything."""
        self.drifts = True
        pairs = [(a, b) for a, b in zip(first, second, strict=False) if np.shape(a) == np.shape(b)]
        gap = max((float(np.max(np.abs(np.subtract(a, b)), initial=0.0)) for a, b in pairs), default=0.0)
        self.bad.append(
            f"not deterministic: {said} (by up to {gap:.2g}), also with the global generators seeded before "
            "each call; no gradient can be checked while that is so"
        )

    def surplus(self, answer: Mapping[str, Any]) -> None:
        """Whether a backward returns more gradients than there are inputs."""
        lost = [said for said in answer["lost"] if said.startswith("a gradient of shape")]
        takes = len({a["name"] for a in self.described["arguments"]} | set(self.inputs))
        returns = len(self.found) + len(lost)
        if answer["seeded"] and lost and returns > takes:
            self.bad.append(f"the backward returns {returns} gradients, but there are {takes} inputs")

    def jitter(self) -> dict[str, Array]:
        """The analytic side's error bar, by input; see rounding."""
        beside = Beside(self.runner, self.upstreams, self.values, self.found, self.eps, self.rng)
        self.typical, bars = beside.bars([n for n in self.inputs if n in self.values])
        return bars

    def chosen(self) -> list[str]:
        """The arguments to judge: those that are asked for, or all that a gradient is due for."""
        if self.asked.wrt:
            both = [n for n in self.asked.wrt if n in self.asked.fixed]
            if both:
                raise GradcalcError(f"{both[0]} is fixed, and can't be differentiated", kind="usage")
            self._known(dict.fromkeys(self.asked.wrt, 0))
            return list(self.asked.wrt)
        names = [n for n in self.inputs if n in self.found]
        labels = {a["name"] for a in self.described["arguments"] if a["label"]}
        rest = [n for n in self.inputs if n not in names and n not in labels and np.ndim(self.values[n])]
        given_one = self.words.endswith("its value and its gradient") or "its gradient" in self.words
        silent = [n for n in self.inputs if n not in names and n in labels and np.ndim(self.values[n])]
        if rest and given_one:
            rest, silent = [], [*rest, *silent]
        if silent:
            self.notes.append(f"no gradient is given for {', '.join(silent)}: not checked")
        return [n for n in self.inputs if n in names or n in rest]

    # -- judging it --------------------------------------------------------------------------------

    def judge(self, names: Sequence[str]) -> tuple[Argument, ...]:
        """The verdict on each argument's gradient."""
        self.witness = self.witnessed()
        total = sum(np.size(self.values[n]) for n in names) or 1
        judged: dict[str, Argument] = {}
        for name in names:
            size = np.size(self.values[name])
            judged[name] = self.argument(name, size / total)
        failing = [a.name for a in judged.values() if a.verdict == "fail"]
        if failing:
            failing = [n for n in allow(self, judged, failing) if not judged[n].mistakes]
        if not failing:
            return tuple(judged.values())
        diagnose(self, judged, failing)
        return tuple(judged.values())

    def witnessed(self) -> Witness:
        """The numeric side at this point."""
        return Witness(self.runner, self.upstreams, self.values, self._cost(), self.eps)

    def _cost(self) -> float:
        import time

        started = time.perf_counter()
        self.runner.ask("outputs", "forward")
        return min(self.cost, time.perf_counter() - started)

    def argument(self, name: str, share: float) -> Argument:
        value = np.asarray(self.values[name], dtype=float)
        gradient = self.found.get(name)
        base = Argument(name, value.shape, str(Verdict.PASS), analytic=gradient)
        if gradient is None:
            return base._replace(verdict=str(Verdict.FAIL), notes=(f"no gradient comes back for {name}",))
        if gradient.dtype.kind == "c":
            return base._replace(verdict=str(Verdict.FAIL), notes=(f"the gradient of {name} is complex",))
        gradient = np.asarray(gradient, dtype=float)
        if not value.size:
            return base._replace(notes=(f"{name} is empty",))
        if gradient.shape != value.shape:
            return self.misshapen(base, gradient, value, share)
        return self.shaped(base, gradient, value, share)

    def misshapen(self, base: Argument, gradient: Array, value: Array, share: float) -> Argument:
        """A gradient of another shape; the slopes are looked at for the sake of the mistake's name."""
        said = f"d{base.name} is {_shape(gradient.shape)}, {base.name} is {_shape(value.shape)}"
        entries = self.looked(base.name, value, np.full(value.shape, np.nan), share)
        numeric = None if entries is None else entries.numeric.reshape(value.shape)
        return base._replace(verdict=str(Verdict.FAIL), notes=(said,), numeric=numeric)

    def looked(self, name: str, value: Array, expected: Array, share: float) -> Any:
        """The slopes of all entries, or None where that would take too long."""
        size = value.size
        quick = size * self.witness.moves(name) * self.witness.cost
        # A busy machine must not decide how a few entries are looked at.
        patience = PATIENCE if size <= FEW else max(PATIENCE * share, 0.2)
        if size > LONGEST or quick > patience or quick > self.runner.left / 4:
            return None
        own = (
            np.broadcast_to(self.own.get(name, 0.0), np.shape(value)) if np.isfinite(expected).all() else 0.0
        )
        own = np.asarray(own if np.ndim(own) else np.zeros(size)).reshape(-1)
        floor = 1e-6 * float(np.max(np.abs(expected), initial=0.0)) if np.isfinite(expected).all() else np.inf
        return self.witness.entries(name, np.arange(size), expected.reshape(-1), own, floor)

    def shaped(self, base: Argument, gradient: Array, value: Array, share: float) -> Argument:
        name, own = base.name, self.own[base.name]
        if not np.all(np.isfinite(gradient)):
            at = (
                np.unravel_index(int(np.argmax(~np.isfinite(gradient))), gradient.shape) if value.ndim else ()
            )
            return self.infinite(base, gradient, tuple(int(k) for k in at))
        scale = _typical(value)
        tries = []
        for _ in range(2):
            u = self.rng.uniform(0.5, 1.5, value.shape) * self.rng.choice([-1.0, 1.0], value.shape) * scale
            u = np.where(value == 0, u, np.abs(value) * u / scale) if _spread(value) else u
            slope = self.witness.along(name, u)
            if slope.step and not self.witness.takes_complex.get(name):
                # The moved point is rounded, which a slope far from 0 turns into a difference.
                rounded = EPS * float(np.abs(gradient * value).sum()) / slope.step
                slope = slope._replace(bar=slope.bar + rounded)
            tries.append(weigh_direction(slope, gradient, own, u, self.eps))
        entries = self.looked(name, value, gradient, share)
        if entries is not None:
            together = self.together(name, value, gradient, own, entries, scale)
            total = sum(
                float(np.sum(np.abs(u * v))) for u, v in zip(self.upstreams, self.outputs, strict=True)
            )
            beneath = self.eps * total / np.maximum(1.0, np.abs(value).reshape(-1))
            return weigh_entries(
                base, gradient, entries, own, tries, together, self.eps, self.typical[name], beneath
            )
        worst = min(tries, key=lambda t: list(Verdict).index(t.verdict))
        size = max(abs(worst.analytic), abs(worst.numeric))
        limit = AGREE * worst.bar / size if size and np.isfinite(worst.bar) else None
        found = base._replace(
            verdict=str(worst.verdict), checked="directions", error=worst.error, limit=limit
        )
        if worst.verdict is not Verdict.FAIL:
            return found
        return self.hunted(found, gradient, value, own)

    def together(
        self, name: str, value: Array, gradient: Array, own: Array, entries: Entries, scale: float
    ) -> list[Direction]:
        """Directions that move all entries with a kink of one kind at once.

        Where right slopes are the larger ones the function bends up, like max at a tie; then the gradient's
        share along such a move must lie between its slopes: (1, 1) at a tie of two is caught by that.
        """
        found = []
        with np.errstate(invalid="ignore"):
            turn = entries.right - entries.left
        for sense in (1.0, -1.0):
            bends = np.isfinite(turn) & (sense * turn > AGREE * entries.bar)
            if bends.sum() < 2:
                continue
            for low in (1.0, 0.5):
                u = np.where(bends, self.rng.uniform(low, 1.0, value.size), 0.0).reshape(value.shape) * scale
                slope = self.witness.along(name, u)
                if sense * (slope.right - slope.left) >= -AGREE * slope.bar:
                    found.append(weigh_direction(slope, gradient, own, u, self.eps))
        return found

    def infinite(self, base: Argument, gradient: Array, at: tuple[int, ...]) -> Argument:
        """A gradient that is not finite where the code's value is."""
        flat = int(np.ravel_multi_index(at, gradient.shape)) if at else 0
        self.witness.along(
            base.name, np.where(np.arange(gradient.size).reshape(gradient.shape) == flat, 1.0, 0.0)
        )
        slope = self.witness.entry(base.name, flat)
        where = f"d{base.name}{list(at) if at else ''} is {gradient[at]:g}"
        if slope.side == "both" and np.isfinite(slope.bar) and slope.bar <= 1e-3 * max(1.0, abs(slope.value)):
            return base._replace(
                verdict=str(Verdict.FAIL), notes=(f"{where}, but the slope there is {slope.value:.6g}",)
            )
        return base._replace(verdict=str(Verdict.NONFINITE), notes=(f"{where}, and the slope is not finite",))

    def hunted(self, found: Argument, gradient: Array, value: Array, own: Array) -> Argument:
        """The guilty entries of a large array, by halving: the half whose direction fails holds one."""
        name = found.name
        todo = [(0, value.size)]
        guilty: list[int] = []
        scale = _typical(value)
        while todo and len(guilty) < 8 and self.runner.left > 2 + 100 * self.witness.cost:
            start, stop = todo.pop()
            if stop - start == 1:
                guilty.append(start)
                continue
            middle = (start + stop) // 2
            for a, b in ((middle, stop), (start, middle)):
                u = np.zeros(value.size)
                u[a:b] = self.rng.uniform(0.5, 1.5, b - a) * self.rng.choice([-1.0, 1.0], b - a) * scale
                tried = weigh_direction(
                    self.witness.along(name, u.reshape(value.shape)),
                    gradient,
                    own,
                    u.reshape(value.shape),
                    self.eps,
                )
                if tried.verdict is Verdict.FAIL:
                    todo.append((a, b))
        return self.sampled(found, gradient, value, own, guilty)

    def sampled(
        self, found: Argument, gradient: Array, value: Array, own: Array, guilty: Sequence[int]
    ) -> Argument:
        """Guilty entries and a sample of others, one by one."""
        rest = self.rng.choice(value.size, min(value.size, 400), replace=False)
        flat = np.unique(np.concatenate([np.asarray(guilty, dtype=int), rest]))
        entries = self.witness.entries(
            found.name, flat, gradient.reshape(-1)[flat], np.asarray(own).reshape(-1)[flat], 0.0
        )
        part = weigh_entries(
            found._replace(shape=flat.shape),
            gradient.reshape(-1)[flat],
            entries,
            np.asarray(own).reshape(-1)[flat],
            [],
            eps=self.eps,
        )
        said = f"{len(flat):,} of {value.size:,} entries were looked at one by one"
        if part.wrong is None or not part.wrong.any():
            return found._replace(notes=(f"{said}: none of them alone is wrong beyond its error bar",))
        numeric, wrong = np.full(value.size, np.nan), np.zeros(value.size, dtype=bool)
        numeric[flat] = entries.numeric
        wrong[flat] = part.wrong
        bars = np.full(value.size, np.nan)
        bars[flat] = part.bars
        worst = part.worst
        if worst is not None:
            index = np.unravel_index(int(flat[worst.place[0]]), value.shape)
            worst = worst._replace(place=tuple(int(k) for k in index))
        return found._replace(
            worst=worst, numeric=numeric.reshape(value.shape), wrong=wrong.reshape(value.shape),
            bars=bars.reshape(value.shape), error=part.error, notes=(said,),
        )  # fmt: skip


def _same(first: Sequence[Any], second: Sequence[Any]) -> bool:
    return len(first) == len(second) and all(
        a is not None and b is not None and np.array_equal(a, b, equal_nan=True)
        for a, b in zip(first, second, strict=True)
    )


def _typical(value: Array) -> float:
    """The root mean square of the entries, also where their squares underflow; 1 where all are 0."""
    largest = float(np.max(np.abs(value), initial=0.0))
    return largest * float(np.sqrt(np.mean((value / largest) ** 2))) if largest else 1.0


def _spread(value: Array) -> bool:
    """Whether the entries' sizes differ so much that each needs a move on its own scale."""
    sizes = np.abs(value[value != 0])
    return bool(sizes.size) and bool(sizes.max() > 1e4 * sizes.min())


def _short(array: Array) -> str:
    return f"{float(np.asarray(array).reshape(-1)[0]):g}"


def _shape(shape: tuple[int, ...]) -> str:
    from ..diagnose import word

    return word(shape)


__all__ = ["Asked", "Examination", "examine"]
