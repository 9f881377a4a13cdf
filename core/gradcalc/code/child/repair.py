"""The line that is wrong: which small edit of people's own code makes its gradients right.

Edits are tried one at a time, on the function that gives the gradient and on those of the same file that it
calls; one that leaves the value as it is and gives every gradient its numeric value names the mistake.
"""

from __future__ import annotations

import ast
import copy
import inspect
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import numpy as np

from .edits import edits
from .edits.derived import derivations
from .edits.sites import Edit, variables
from .naming import undecorated
from .own import own

MOST = 20_000
ENOUGH = 4
MOST_FUNCTIONS = 20
LONGER = 1.0  # seconds that the search goes on for others once an edit is found
NUDGE = 1.0 + 2.0**-7


class Repair(NamedTuple):
    """An edit that mends everything: the line, the mistake's name and words, and what belongs there."""

    file: str
    line: int
    kind: str
    says: str
    instead: str


class Target(NamedTuple):
    """A function that can be edited: its tree, and how it is called."""

    function: Any
    tree: Any
    file: str
    first: int


def target(function: Any) -> Target | None:
    """What it takes to edit a function, or None where its source is not to be had."""
    function = undecorated(getattr(function, "__func__", function))
    if not isinstance(function, FunctionType):
        return None
    try:
        lines, first = inspect.getsourcelines(function)
        module = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    tree = next((n for n in module.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))), None)
    if tree is None:
        return None
    tree.decorator_list = []
    return Target(function, tree, inspect.getsourcefile(function) or "", first)


def editable(functions: Iterable[Any], home: str) -> list[Target]:
    """Those of these functions that are people's own and can be edited, each once."""
    found: dict[int, Target] = {}
    for function in functions:
        one = target(function)
        if one is not None and own(one.file, home):
            found.setdefault(id(one.function), one)
    return list(found.values())[:MOST_FUNCTIONS]


def compiled(one: Target) -> CodeType | None:
    """The code of an edited function, for the closure that the function has."""
    free = one.function.__code__.co_freevars
    body: list[Any] = [one.tree]
    path = [*(["_outer"] if free else []), one.tree.name]
    owner = one.function.__qualname__.split(".")[-2:-1]
    if owner and owner != ["<locals>"]:  # self.__x has the name of the class in it
        cls: Any = ast.parse(f"class {owner[0]}:\n    pass").body[0]
        cls.body, body = body, [cls]
        path.insert(-1, owner[0])
    if free:
        outer: Any = ast.parse(f"def _outer({', '.join(free)}):\n    pass").body[0]
        outer.body, body = body, [outer]
    try:
        code = compile(ast.Module(body=body, type_ignores=[]), one.file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, TypeError):
        return None
    for name in path:  # the lambda of a default stands there too
        inner = [c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name]
        if not inner:
            return None
        code = inner[0]
    return code if code.co_freevars == free else None


def kept(one: Target, targets: Sequence[Target]) -> list[str]:
    """What other methods of its class keep for a method: self.x."""
    owner = one.function.__qualname__.rpartition(".")[0]
    others = [t for t in targets if owner and t.function.__qualname__.rpartition(".")[0] == owner]
    return [n for t in others for n in variables(t.tree) if n.startswith("self.")]


class Search:
    """Tries edits until some mend the gradients, or the time is up.

    `run` gives (outputs, gradients) of the code as it stands; `right` the numeric gradients by input, nan
    where they are not known, `slack` how far equal entries may lie apart. `elsewhere` tells whether the
    gradients of these inputs are right at another point: where x = 3 and y = 4, x + 1 is y.
    """

    def __init__(
        self,
        run: Callable[[], Any],
        right: Mapping[str, Any],
        slack: Mapping[str, Any],
        outputs: Sequence[Any],
        elsewhere: Callable[[], bool],
        seconds: float,
    ) -> None:
        self.run, self.right, self.slack, self.elsewhere = run, right, slack, elsewhere
        self.outputs = outputs
        self.deadline = time.perf_counter() + seconds

    def repairs(
        self, targets: Sequence[Target], upstream: Sequence[str], sizes: Sequence[str], labels: Sequence[str]
    ) -> list[Repair]:
        """The edits that mend everything, the simplest first."""
        started = time.perf_counter()
        with np.errstate(all="ignore"):
            self.mended()
        least = 2.0 if "jax" in sys.modules else 0.1  # jax compiles anew what is edited
        self.patience = max(least, 20 * (time.perf_counter() - started))
        steps = derivations([one.tree for one in targets])
        clear = [self.clear(one) for one in targets]
        for suspected in (True, False):
            for one, lines in zip(targets, clear):
                every = edits(one.tree, upstream, sizes, labels, steps, kept(one, targets))
                found = self.tries(
                    one, (e for e in every if (getattr(e.node, "lineno", 0) in lines) is not suspected)
                )
                if found:
                    return found
        return []

    def tries(self, one: Target, every: Iterable[Edit]) -> list[Repair]:
        """Those of these edits that mend everything."""
        found: list[Repair] = []
        best = 99
        for count, edit in enumerate(every):
            late = time.perf_counter() > self.deadline or count > MOST
            if late or len(found) >= ENOUGH or edit.rank > best + 2:
                break
            if self.tried(one, edit):
                best = min(best, edit.rank)
                self.deadline = min(self.deadline, time.perf_counter() + LONGER)
                repair = self.told(one, edit)
                if all((repair.line, repair.kind) != (r.line, r.kind) for r in found):
                    found.append(repair)
        return found

    def clear(self, one: Target) -> set[int]:
        """The lines that are likely right: a nudge of what they compute changes the value, or a gradient that
        is right, or none that is wrong.
        """
        with np.errstate(all="ignore"):
            outputs, gradients = self.run()
        known = {n: np.isfinite(v) for n, v in self.right.items()}
        right = {
            n: np.shape(gradients.get(n)) == np.shape(v)
            and bool(np.all((np.abs(gradients[n] - v) <= self.slack[n])[known[n]]))
            for n, v in self.right.items()
        }
        lines: set[int] = set()
        for node in ast.walk(one.tree):
            if not isinstance(node, (ast.Assign, ast.AugAssign)):
                continue
            nudged = ast.BinOp(node.value, ast.Mult(), ast.Constant(NUDGE))
            edit = Edit((node, "value", None), node.value, nudged, "", "", 0)
            with edited(one, edit) as able:
                nudge = self.attempt(self.run) if able else None
            if nudge is None:
                continue
            after, moved = nudge
            same = len(after) == len(outputs) and all(map(np.array_equal, after, outputs))
            changed = {n for n in right if not np.array_equal(moved.get(n, 0), gradients.get(n, 0))}
            if not same or any(right[n] for n in changed) or not changed:
                lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        return lines

    def tried(self, one: Target, edit: Edit) -> bool:
        """Whether an edit mends everything."""
        with edited(one, edit) as able:
            return able and self.attempt(self.mended) is True and self.attempt(self.elsewhere) is not False

    def attempt(self, run: Callable[[], Any]) -> Any:
        """What this gives, or None where an edit makes it fail or take too long."""
        try:
            with limited(self.patience), np.errstate(all="ignore"):
                return run()
        except Exception:  # an edit may break anything
            return None

    def mended(self) -> bool:
        """Whether value and gradients are what they should be."""
        outputs, gradients = self.run()
        for a, b in zip(outputs, self.outputs):
            if np.shape(a) != np.shape(b) or not np.allclose(a, b, rtol=1e-9, atol=0, equal_nan=True):
                return False
        for name, n in self.right.items():
            a = gradients.get(name)
            if a is None or np.shape(a) != np.shape(n):
                return False
            known = np.isfinite(n)
            if not np.all((np.abs(a - n) <= self.slack[name])[known]) or not known.any():
                return False
        return True

    def told(self, one: Target, edit: Edit) -> Repair:
        """An edit in words."""
        line = one.first + getattr(edit.node, "lineno", 1) - 1
        before, after = _source(edit.node), _source(edit.new)
        return Repair(one.file, line, edit.kind, edit.says.replace("{}", f"`{before}`"), after)


@contextmanager
def edited(one: Target, edit: Edit) -> Iterator[bool]:
    """The function with an edit in it, or False where that is no code."""
    parent, field, index = edit.place
    ast.fix_missing_locations(ast.copy_location(edit.new, edit.node))
    old = getattr(parent, field)
    if index is None:
        setattr(parent, field, edit.new)
    else:
        old = old[index]
        getattr(parent, field)[index] = edit.new
    whole = one.function.__code__
    try:
        code = compiled(one)
        one.function.__code__ = code or whole
        yield code is not None
    finally:
        one.function.__code__ = whole
        if index is None:
            setattr(parent, field, old)
        else:
            getattr(parent, field)[index] = old


class Late(Exception):  # noqa: N818 - an alarm, and no error
    """An edited function takes far longer than the function did."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop what takes longer, where the system can."""
    able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not able:
        yield
        return

    running = True

    def stop(number: int, frame: Any) -> None:
        if running:
            raise Late

    before = signal.signal(signal.SIGPROF, stop)
    # Again and again: what is raised inside a callback of the interpreter is lost.
    timer = signal.setitimer(signal.ITIMER_PROF, seconds, max(10 * seconds, 1.0))
    try:
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL if before is None else before)
        signal.setitimer(signal.ITIMER_PROF, *timer)


def _source(node: Any) -> str:
    if isinstance(node, (ast.For, ast.If)):
        node = node.body[-1] if isinstance(node, ast.If) else node.iter
    text = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node)))
    return text.splitlines()[0] if len(text.splitlines()[0]) <= 60 else text[:57] + "..."
