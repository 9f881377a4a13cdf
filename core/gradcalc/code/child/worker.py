"""The one who runs people's code: loads it, calls it at a point, and moves it."""

from __future__ import annotations

import inspect
import io
import itertools
import os
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .arrays import changed, copied, dtype_of, to_array
from .broken import Broken, broken
from .loading import load
from .naming import is_label, undecorated
from .resolve import candidates, nameable
from .subject import CUSTOMARY, Subject, Values

if TYPE_CHECKING:
    from .called import Called
    from .guards import Unguarded

Message = dict[str, Any]


class Worker:
    """Holds one subject at one point. Every method takes and gives plain values and arrays only.

    Raises Broken, whose `stage` says whether loading, the forward or the backward failed.
    """

    def __init__(self) -> None:
        self.home = ""
        self.choices: list[Subject] = []
        self.subject: Subject = Subject()
        self.base: Values = {}
        self.quiet = True
        self.bare: Unguarded | None = None

    # -- finding out -----------------------------------------------------------------------------------

    def load(self, kind: str, where: str, names: Sequence[str], shown: str, home: str = "") -> Message:
        """Bring a file, module or notebook in, and find the subject that `names` stands for."""
        if kind != "module":
            self.home = os.path.dirname(os.path.abspath(where))
        module = load(kind, where, shown, home)
        if not self.home:
            self.home = os.path.dirname(os.path.abspath(getattr(module, "__file__", "") or os.curdir))
        return self.take(candidates(module, names, shown))

    def ready(self) -> bool:
        """Whether the worker can work."""
        return True

    def names(self, kind: str, where: str, shown: str, home: str = "") -> list[str]:
        """What a file has that could be checked."""
        return nameable(load(kind, where, shown, home))

    def reference(
        self, kind: str, where: str, names: Sequence[str], shown: str, values: Values, whole: Sequence[str],
        upstreams: Sequence[Any],
    ) -> Message:  # fmt: skip
        """Values and gradients of another implementation at the same point."""
        other = Worker()
        other.load(kind, where, names, shown)
        mine = other.start(_renamed(values, other.subject, self.subject), whole)
        answer = other.gradients(upstreams)
        back = dict(zip([a.name for a in other.subject.arguments], [a.name for a in self.subject.arguments]))
        return {
            "values": mine["values"],
            "dtypes": [o["dtype"] for o in mine["outputs"]],
            "found": {back.get(n, n) if n not in self.base else n: g for n, g in answer["found"].items()},
        }

    def take(self, choices: list[Subject]) -> Message:
        """Stand before these subjects; what the likeliest of them needs."""
        self.choices = choices
        self.subject = choices[0]
        place = written(self.subject.gradient)
        if not self.home and place and place[0]:
            self.home = os.path.dirname(os.path.abspath(place[0]))
        return {
            "words": self.subject.words,
            "place": place,
            "remembers": self.subject.remembers,
            "arguments": [
                {
                    "name": a.name,
                    "kind": a.kind,
                    "required": a.required,
                    "default": _simple(a.default),
                    "label": is_label(a.name),
                    "customary": CUSTOMARY.get(a.name),
                }
                for a in self.subject.arguments
            ],
        }

    def start(
        self, values: Values, whole: Sequence[str], drawn: Sequence[str] = (), fixed: Sequence[str] = ()
    ) -> Message:
        """Go to a point: `values` by name, of which the arrays in `whole` hold whole numbers.

        Whole numbers go in as floats, and where the code can't take them (labels, indices) as integers:
        the first way in which it runs holds. Labels that were `drawn` may be too many for the code: then
        there are two of them. No gradient belongs to what is `fixed`.
        """
        first: Broken | None = None
        for subject, integers, most in itertools.product(
            self.choices, _ways(whole), (0, 2) if drawn else (0,)
        ):
            subject.take([n for n in values if n not in {a.name for a in subject.arguments}])
            subject.fixed = frozenset(fixed)
            point = {n: v % most if most and n in drawn else v for n, v in values.items()}
            point = {n: v.astype(np.int64) if n in integers else _floats(v) for n, v in point.items()}
            point = {n: int(v) if n in integers and v.ndim == 0 else v for n, v in point.items()}
            try:
                return self._begin(subject, point, integers)
            except Broken as error:
                first = first or error
                if error.stage == "backward":
                    raise
        assert first is not None
        raise first

    def _begin(self, subject: Subject, point: Values, integers: Sequence[str]) -> Message:
        self.subject, self.base = subject, point
        started = time.perf_counter()
        self._guarded("forward", lambda: subject.begin(copied(point)))
        held = {n: np.array(v, dtype=np.float64) for n, v in subject.held.items()}
        self.base = {**point, **held}
        outputs, _, _ = self._forward()
        return {
            "words": subject.words,
            "outputs": [{"shape": list(np.shape(o)), "dtype": dtype_of(o)} for o in outputs],
            "values": [to_array(o) for o in outputs],
            "inputs": [
                n
                for n in subject.inputs(self.base)
                if isinstance(self.base[n], (np.ndarray, np.floating)) and self.base[n].dtype.kind == "f"
            ],
            "held": held,
            "silent": list(subject.silent),
            "integers": list(integers),
            "labels": {n: v for n, v in point.items() if n in integers},
            "seconds": time.perf_counter() - started,
        }

    def move_to(self, values: Values) -> None:
        """Change some of the point's arrays."""
        self.base = {**self.base, **{n: _floats(v) for n, v in values.items()}}

    # -- calling ---------------------------------------------------------------------------------------

    def outputs(self, seeded: bool = True, shift: Values | None = None) -> Message:
        """The outputs at the point, `shift` added; `changed` names inputs that the forward wrote into."""
        moved = {n: self.base[n] + s for n, s in (shift or {}).items()}
        outputs, values, _ = self._forward(seeded, moved)
        return {
            "values": [to_array(o) for o in outputs],
            "changed": list(changed({**self.base, **moved}, values)),
            "dtypes": [dtype_of(o) for o in outputs],
        }

    def gradients(
        self,
        upstreams: Sequence[Any],
        shift: Values | None = None,
        seeded: bool = True,
        dtype: str | None = None,
    ) -> Message:
        """What the backward gives for these upstream gradients, by input; `shift` is added to the point.

        With `dtype` floating-point inputs come in another precision.
        """
        base = self.base
        if dtype is not None:
            self.base = {n: np.asarray(v).astype(dtype)[()] if _is_double(v) else v for n, v in base.items()}
        if shift:
            self.base = {n: v + shift[n] if n in shift else v for n, v in self.base.items()}
        try:
            outputs, values, state = self._forward(seeded)
            seeds = _seeds(upstreams, outputs)
            given = [np.array(u) for u in seeds]
            before = copied(values)
            if seeded:
                # What the forward drew is remembered; what a backward draws anew is something else.
                _reseed(1 if self.subject.remembers else 0)
            gradients = self._guarded("backward", lambda: self.subject.backward(state, seeds, values))
        finally:
            self.base = base
        found: dict[str, Any] = {}
        for name, value in gradients.found.items():
            try:
                found[name] = to_array(value)
            except (TypeError, ValueError):
                raise Broken(
                    "backward", "convention",
                    f"what comes back as the gradient of {name} is a {type(value).__name__}, not an array: "
                    "an array for each input is looked for, or one dictionary of arrays by name",
                ) from None  # fmt: skip
        if dtype is not None:
            found = {
                n: v if v is None or v.dtype.kind != "f" else v.astype(np.float64) for n, v in found.items()
            }
        return {
            "found": {n: v for n, v in found.items() if v is not None},
            "dtypes": {n: dtype_of(gradients.found[n]) for n in found},
            "lost": gradients.lost,
            "changed": list(changed(before, values)),
            "upstream_changed": any(
                not np.array_equal(a, np.asarray(b), equal_nan=True) for a, b in zip(given, seeds)
            ),
            "seeded": self.subject.seeded,
            "elementwise": self.subject.elementwise,
            "ends": self.subject.ends,
        }

    def repair(
        self, upstreams: Sequence[Any], right: Values, slack: Values, seconds: float, eps: float = 2.0**-52
    ) -> list[dict[str, Any]]:
        """Edits of the code that give its gradients their numeric values; see repair."""
        from .repair import Search, editable

        def run() -> Any:
            outputs, values, state = self._forward()
            seeds = _seeds(upstreams, outputs)
            found = self.subject.backward(state, seeds, values).found
            return [to_array(o) for o in outputs], {n: to_array(v) for n, v in found.items()}

        targets = editable(self.functions(upstreams)[0], self.home)
        if not targets:
            return []
        outputs = [to_array(o) for o in self._forward()[0]]
        labels = [n for n, v in self.base.items() if np.asarray(v).dtype.kind in "iu" and np.ndim(v) == 1]
        arguments = [a.arg for a in targets[0].tree.args.args if a.arg not in ("self", "cls")]
        known = [a.name for a in self.subject.arguments]
        upstream = [a for a in arguments if a not in known and a != "cache"][:1]
        sizes = [f"{a}.shape[{k}]" for a in (*upstream, *arguments[:1]) for k in (0, 1)]
        search = Search(
            run, right, slack, outputs, lambda: self.elsewhere(run, list(right), upstreams, eps), seconds
        )
        return [r._asdict() for r in search.repairs(targets, upstream, sizes, labels)]

    def elsewhere(
        self, run: Callable[[], Any], names: Sequence[str], upstreams: Sequence[Any], eps: float
    ) -> bool:
        """Whether the gradients of these inputs are the slopes at another point, along one direction.

        `eps` is the precision in which the code computes.
        """
        base, rng = self.base, np.random.default_rng(5)
        moving = [n for n in names if n in base]
        near = max(1e-4, 1e3 * eps ** (2 / 3))
        try:
            for _ in range(2):  # one point may lie beside a kink
                signs = {n: rng.choice([-1.0, 1.0], np.shape(base[n])) for n in moving}
                point = {n: base[n] + signs[n] * (0.1 + 0.2 * np.abs(base[n])) for n in moving}
                ways = {n: rng.uniform(0.5, 1.0, np.shape(base[n])) * signs[n] for n in moving}
                step = max(1e-6, eps ** (1 / 3)) * max(
                    [1.0, *(float(np.max(np.abs(v), initial=0.0)) for v in point.values())]
                )
                totals = []
                for t in (step, -step):
                    self.base = {**base, **{n: point[n] + t * ways[n] for n in moving}}
                    totals.append(_dot(self._forward()[0], upstreams)[0])
                self.base = {**base, **point}
                terms = [float(np.sum(g * ways[n])) for n, g in run()[1].items() if n in ways]
                slope = (totals[0] - totals[1]) / (2 * step)
                if not np.isfinite(slope) or abs(slope - sum(terms)) <= near * sum(map(abs, terms)):
                    return True
        finally:
            self.base = base
        return False

    def functions(self, upstreams: Sequence[Any]) -> tuple[list[Any], list[Called]]:
        """The functions that gradient and value come from, those of the gradient first, and how they ran."""
        from .called import called

        (outputs, values, state), ahead = called(self._forward, self.home)
        seeds = _seeds(upstreams, outputs)
        _, back = called(lambda: self.subject.backward(state, seeds, values), self.home)
        own = [f for f in (self.subject.gradient, self.subject.value) if f is not None]
        ran = [*back, *ahead]
        return [*own, *(one.function for one in ran if one.function is not None)], ran

    def unguard(self, only: Sequence[int], upstreams: Sequence[Any]) -> list[dict[str, Any]]:
        """Take guards out of the code, by their number in the list of all, which is returned; the others are
        put back.
        """
        from .guards import Unguarded

        if self.bare is not None:
            self.bare.restore()
        starts, ran = self.functions(upstreams)
        self.bare = Unguarded(starts, ran, self.home, self.base, only)
        return [g._asdict() for g in self.bare.guards]

    def guard(self) -> None:
        """Put the guards back."""
        if self.bare is not None:
            self.bare.restore()
            self.bare = None

    def as_integers(self, names: Sequence[str], upstreams: Sequence[Any]) -> Message:
        """What the backward gives where these inputs come as whole numbers, or what goes wrong then."""
        base = self.base
        self.base = {n: v.astype(np.int64) if n in names else v for n, v in base.items()}
        try:
            return {"found": self.gradients(upstreams)["found"], "error": ""}
        except Broken as error:
            return {"found": {}, "error": error.message}
        finally:
            self.base = base

    # -- moving ----------------------------------------------------------------------------------------

    def along(self, name: str, direction: Any, steps: Any, upstreams: Sequence[Any]) -> Message:
        """The output, weighed by the upstream gradients, at x + t·direction for each t in `steps`.

        `values` has a number for each step (nan where the code fails there), `sizes` the sum of the
        absolute terms, which bounds the rounding.
        """
        base = self.base[name]
        return self._weighed(name, (base + t * direction for t in np.asarray(steps)), upstreams)

    def entries(self, name: str, flat: Any, steps: Any, upstreams: Sequence[Any]) -> Message:
        """The same for single entries: `flat` are their places, `steps[k]` the moves of entry flat[k]."""
        base = np.asarray(self.base[name], dtype=np.float64)

        def points() -> Iterator[Any]:
            for e, moves in zip(np.asarray(flat), np.asarray(steps)):
                for t in moves:
                    moved = base.copy()
                    moved.reshape(-1)[e] += t
                    yield moved if moved.ndim else moved[()]

        found = self._weighed(name, points(), upstreams)
        shape = np.shape(steps)
        return {"values": found["values"].reshape(shape), "sizes": found["sizes"].reshape(shape)}

    def entries_each(self, name: str, flat: Any, steps: Any, sets: Sequence[Sequence[Any]]) -> Any:
        """Moves of single entries, their outputs weighed by several sets of upstream gradients: values only,
        shape (sets, entries, moves).
        """
        base = np.asarray(self.base[name], dtype=np.float64)
        flat, steps = np.asarray(flat), np.asarray(steps)
        values = np.full((len(sets), *steps.shape), np.nan)
        for i, e in enumerate(flat):
            for j, t in enumerate(steps[i]):
                moved = base.copy()
                moved.reshape(-1)[e] += t
                outputs, _, _ = self._forward(moved={name: moved if moved.ndim else moved[()]})
                values[:, i, j] = [_dot(outputs, upstreams)[0] for upstreams in sets]
        return values

    def imaginary(self, name: str, directions: Any, step: float, upstreams: Sequence[Any]) -> Message:
        """Slopes by complex steps along each of `directions` (leading axis), forth and back.

        `right` and `left` are the one-sided slopes; none where the code does not take complex numbers.
        """
        base = self.base[name]
        right: list[float] = []
        left: list[float] = []
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for direction in np.asarray(directions):
                for sign, slopes in ((1.0, right), (-1.0, left)):
                    slope = self._complex(name, base + 1j * (sign * step) * direction, upstreams)
                    if slope is None:
                        return {"right": None, "left": None}
                    slopes.append(sign * slope / step)
        return {"right": np.array(right), "left": np.array(left)}

    def imaginary_entries(self, name: str, flat: Any, step: float, upstreams: Sequence[Any]) -> Message:
        """The same for single entries."""
        size, shape = np.size(self.base[name]), np.shape(self.base[name])

        def unit(e: int) -> Any:
            u = np.zeros(size)
            u[e] = 1.0
            return u.reshape(shape)

        return self.imaginary(name, [unit(e) for e in np.asarray(flat).tolist()], step, upstreams)

    def _complex(self, name: str, point: Any, upstreams: Sequence[Any]) -> float | None:
        try:
            outputs, _, _ = self._forward(moved={name: point})
            total = 0.0
            for out, up in zip(outputs, upstreams):
                array = np.asarray(out)
                if array.dtype.kind != "c" or array.shape != np.shape(up):
                    return None
                total += float(np.sum(array.imag * up))
        except (Broken, TypeError, ValueError, Warning):
            return None
        return total if np.isfinite(total) else None

    def _weighed(self, name: str, points: Iterator[Any], upstreams: Sequence[Any]) -> Message:
        values: list[float] = []
        sizes: list[float] = []
        for point in points:
            try:
                outputs, _, _ = self._forward(moved={name: point})
                value, size = _dot(outputs, upstreams)
            except Broken as error:
                if error.kind in ("MemoryError", "KeyboardInterrupt"):
                    raise
                value, size = np.nan, 0.0
            values.append(value)
            sizes.append(size)
        return {"values": np.array(values), "sizes": np.array(sizes)}

    def _forward(self, seeded: bool = True, moved: Values | None = None) -> tuple[list[Any], Values, Any]:
        values = copied({**self.base, **(moved or {})})
        if seeded:
            _reseed()
        outputs, state = self._guarded("forward", lambda: self.subject.forward(values))
        if not self.quiet:
            # What it prints is kept once; a thousand moves would say the same a thousand times.
            self.quiet = True
            sys.stdout = Nowhere()
        return outputs, values, state

    def _guarded(self, stage: str, run: Callable[[], Any]) -> Any:
        try:
            return run()
        except Broken as error:
            error.stage = stage
            raise
        except SystemExit as error:
            raise Broken(stage, "exit", f"the code ends the program: SystemExit({error.code})") from None
        except RecursionError as error:
            raise broken(stage, error.with_traceback(None), self.home) from None
        except BaseException as error:
            raise broken(stage, error, self.home) from None


def _renamed(values: Values, other: Subject, mine: Subject) -> Values:
    """Values under the names of another implementation: its own where they fit, else in order."""
    names = [a.name for a in other.arguments]
    found = {n: v for n, v in values.items() if n in names}
    for a, b in zip(mine.arguments, other.arguments):
        if a.name in values and a.name not in found and b.name not in found:
            found[b.name] = values[a.name]
    return found


def written(function: Any) -> Any:
    """The file and the line of a function, or None."""
    try:
        function = undecorated(function)
        return [inspect.getsourcefile(function), inspect.getsourcelines(function)[1]]
    except (TypeError, OSError, ValueError):
        return None


class Nowhere(io.TextIOBase):
    """A stream that keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


def _dot(outputs: Sequence[Any], upstreams: Sequence[Any]) -> tuple[float, float]:
    value = size = 0.0
    for out, up in zip(outputs, upstreams):
        array = to_array(out)
        if array.shape != np.shape(up):
            return np.nan, 0.0
        terms = np.asarray(array, dtype=np.float64) * up
        value += float(terms.sum())
        size += float(np.abs(terms).sum())
    return value, size


def _ways(whole: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Which whole-numbered arguments to try as integers: none first, then those that sound like labels."""
    likely = tuple(n for n in whole if is_label(n))
    yield ()
    if likely:
        yield likely
    rest = [n for n in whole if n not in likely]
    for count in range(1, len(rest) + 1):
        for more in itertools.combinations(rest[:8], count):
            yield (*likely, *more)


def _floats(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "iu":
        value = value.astype(np.float64)
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def _is_double(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.floating)) and value.dtype == np.float64


def _seeds(upstreams: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
    """Upstream gradients in the precisions of the outputs."""
    return [np.array(u, dtype=_like(o))[()] for u, o in zip(upstreams, outputs)]


def _like(output: Any) -> Any:
    dtype = np.dtype(dtype_of(output)) if dtype_of(output) in ("float32", "float16") else np.dtype(np.float64)
    return dtype


def _reseed(seed: int = 0) -> None:
    """Every call sees the same random numbers, whatever global generator they come from."""
    np.random.seed(seed)
    random.seed(seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def random_state() -> tuple[Any, Any, Any]:
    """Where the global generators are: those of numpy, of Python, and of torch if it is there."""
    torch = sys.modules.get("torch")
    return np.random.get_state(), random.getstate(), torch and torch.get_rng_state()


def put_back(state: tuple[Any, Any, Any]) -> None:
    """Set the global generators to where they were."""
    np.random.set_state(state[0])
    random.setstate(state[1])
    torch = sys.modules.get("torch")
    if torch is not None and state[2] is not None:
        torch.set_rng_state(state[2])


def _simple(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)[:80]
