"""One program at many points: every row of a table gives its value, its gradients, and a verdict.

A chunk of rows is one run of both passes, with arrays of the chunk's length for the scalar inputs: every
gate of a program of scalars works entry by entry, so an upstream gradient of all ones brings each row its
own gradients. The check moves each input by a complex step, in all rows at once. Programs that are not of
that kind (one with a sum over a list, say, or a column used as an index) run row by row.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from .build import Limits, build
from .calls import spellings
from .checks import check as check_graph
from .chunks import Chunk, Table
from .diagnose import entries_needed, refuse_infinite
from .errors import GradcalcError
from .gate import Array, Gate
from .gates import GATES, MAKERS
from .graphs import INPUT, Graph, careful_backward, steady
from .jitter import Chance, bars
from .judge import weigh
from .probe import complex_ok, slopes
from .session import Question, find, read, upstream, wanted
from .verdicts import EXIT, Verdict

VALUES_AT_ONCE = 4_000_000  # of all nodes together
MOST_ROWS = 16_384  # at once: the arrays of a small program stay in the processor's cache
LARGER_STEP = 2.0**40
REMEMBERED = 4096  # verdicts on points that took a closer look
ENTRYWISE = {"where"}  # works entry by entry, but with a vjp
CONVINCED = 1000  # so many failed rows, each looked at closely, and the rest are believed
UNREADABLE, OVERFLOW = "unreadable", "overflow"
WORDS = (*map(str, Verdict), OVERFLOW, UNREADABLE)
CODE = {word: k for k, word in enumerate(WORDS)}
PASS, UNCHECKED = CODE["pass"], CODE["unchecked"]


class Batch(NamedTuple):
    """Some rows with their answers, in the order of the table.

    `lines` are the rows as they were written, `inputs` the columns that the program takes. Where `blank`,
    there is neither value nor gradients. `read` counts bytes of the table up to here.
    """

    lines: list[str]
    inputs: dict[str, Array]
    value: Array
    gradients: dict[str, Array]
    verdicts: list[str]
    blank: Array
    read: int


class First(NamedTuple):
    """The first row of its verdict: where it stands (the line of the table) and why it has it."""

    line: int
    evidence: str


class Answer(NamedTuple):
    """One row's answer, when it is asked by itself; without a value where it has none."""

    value: Any
    gradients: tuple[Any, ...]
    verdict: str
    evidence: str


class Rows:
    """The answers of a program at every row of a table, batch by batch: iterate once.

    The columns are inputs by their names; the question's own inputs are the same in all rows. Columns
    that the program does not take are let through. `counts` and `first` tell, as far as the rows were read,
    how often each verdict was given, and where first. Memory does not grow with the number of rows.
    """

    def __init__(
        self,
        question: Question,
        stream: BinaryIO,
        name: str,
        *,
        check: bool = True,
        method: str = "auto",
        step: float | None = None,
        gates: Mapping[str, Gate] = GATES,
    ) -> None:
        self.question = question
        self.check, self.method, self.step, self.gates = check, method, step, gates
        self.counts: Counter[str] = Counter()
        self.first: dict[str, First] = {}
        self.confirmed: Counter[int] = Counter()  # rows in a row of one verdict that were right
        self.known: dict[tuple[float, ...], str] = {}
        self.table = Table(stream, name)
        try:
            self._open()
        except GradcalcError as error:
            raise error.located(question.text, question.origin) from None

    # -- the program --------------------------------------------------------------------------------

    def _open(self) -> None:
        question, names = self.question, self.table.names
        self.limits = Limits(question.max_nodes, question.max_elements)
        # A column called max does not take max(...) away.
        functions = {*spellings(self.gates).all(), *(s for m in MAKERS.values() for s in (m.name, *m.names))}
        also = tuple(name for name in names if name not in functions)
        self.program, self.fixed = read(question, self.limits, also=also, gates=self.gates)
        taken, _ = wanted(self.program, tuple(names))
        self.columns = [name for name in dict.fromkeys(names) if name in taken]
        self._refuse_doubles(names)
        self.places = [names.index(name) for name in self.columns]
        self.chunks = self.table.chunks(self.places, MOST_ROWS)
        self.head = next(self.chunks, None)
        point = self._readable(self.head)
        self.graph = self._build(point)
        self.upstream = 1.0 if question.upstream is None else upstream(question, self.limits)
        if np.ndim(self.upstream):
            raise GradcalcError("--upstream takes one number with --rows", kind="shape")
        self.variables = self._variables()
        self.static = bool(self.graph.static & {self.graph.names[name] for name in self.columns})
        self.together = self._elementwise()
        taken_names = set(names)
        self.value_name, self.verdict_name = (
            word if word not in taken_names else f"({word})" for word in ("value", "verdict")
        )
        self.gradient_names = [
            f"d{name}" if f"d{name}" not in taken_names else f"d({name})" for name in self.variables
        ]

    def _refuse_doubles(self, names: Sequence[str]) -> None:
        for name in self.columns:
            if names.count(name) > 1:
                raise GradcalcError(f"{self.table.name} has two columns {name}", kind="file")
            if name in self.question.inputs or name in self.question.loads:
                raise GradcalcError(
                    f"{name} is given twice: -{name}, and as a column of {self.table.name}", kind="usage"
                )
            self.fixed.pop(name, None)  # a column is closer than --inputs
        if not self.columns:
            shown = ", ".join(names[:12])
            raise GradcalcError(
                f"the expression uses no column of {self.table.name}",
                kind="name",
                hint=f"its columns are {shown}",
            )

    @staticmethod
    def _readable(chunk: Chunk | None) -> Sequence[float] | None:
        if chunk is None:
            return None
        rows = (k for k in range(len(chunk.lines)) if k not in chunk.faults)
        k = next(rows, None)
        return None if k is None else [np.float64(x) for x in chunk.values[k]]

    def _build(self, point: Sequence[float] | None) -> Graph:
        values = [np.float64(1.0)] * len(self.columns) if point is None else point
        inputs = {**self.fixed, **dict(zip(self.columns, values, strict=True))}
        graph = build(self.program, inputs, gates=self.gates, seed=self.question.seed, limits=self.limits)
        if self.question.of is not None:
            graph.output = find(graph, self.question.of, "--of")
        with steady():
            graph.run(0)
        shape = np.shape(graph.values[graph.output])
        if shape:
            raise GradcalcError(
                f"the output has shape {shape}, but --rows needs one number for each row",
                kind="shape",
                span=graph.span(graph.output),
                hint="take the sum of it, or an entry: f[0]",
            )
        return graph

    def _variables(self) -> dict[str, int]:
        """The inputs to differentiate."""
        graph = self.graph
        with steady():
            graph.upstreams = careful_backward(graph, np.float64(1.0))
        variables = graph.variables
        for name in self.question.wrt:
            if name not in variables:
                raise GradcalcError(
                    f"--wrt: {name} is not an input that can be differentiated",
                    kind="name",
                    hint=f"there are {', '.join(variables)}",
                )
        arrays = [name for name, i in variables.items() if np.ndim(graph.values[i])]
        named = [name for name in self.question.wrt if name in arrays]
        if named:
            raise GradcalcError(
                f"--wrt: {named[0]} is an array, and a row has room for numbers only", kind="shape"
            )
        if self.question.wrt:
            return {name: variables[name] for name in self.question.wrt}
        return {name: i for name, i in variables.items() if name not in arrays}

    def _elementwise(self) -> bool:
        """Whether a chunk of rows can run at once, and be checked at once."""
        graph = self.graph
        if self.static or any(np.ndim(value) for value in graph.values):
            return False
        for gate, ins in zip(graph.gates, graph.inputs, strict=True):
            if ins and not gate.local and gate.name not in ENTRYWISE:
                return False
        if not self.check:
            return True
        by_complex = complex_ok(graph)
        return (
            self.step is None
            and self.method != "central"
            and all(by_complex[i] for i in self.variables.values())
        )

    # -- the rows -----------------------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        """The names of all columns of the result: the table's own, the value, the gradients, the verdict."""
        return [*self.table.names, self.value_name, *self.gradient_names, self.verdict_name]

    @property
    def exit_code(self) -> int:
        """1 where a row failed its check, else 2 where one has no answer, else 3 where one is undecided."""
        codes = {EXIT[Verdict(word)] if word in list(Verdict) else 2 for word in self.counts}
        return next((code for code in (1, 2, 3) if code in codes), 0)

    def __iter__(self) -> Iterator[Batch]:
        most = max(1, VALUES_AT_ONCE // len(self.graph))
        chunk = self.head
        while chunk is not None:
            for at in range(0, len(chunk.lines), most):
                yield self._batch(_part(chunk, at, at + most))
            chunk = next(self.chunks, None)

    def _batch(self, chunk: Chunk) -> Batch:
        found = None
        if self.together:
            try:
                found = self._together(chunk)
            except (GradcalcError, ValueError, TypeError):
                found = None  # a gate that refuses a whole chunk is asked row by row
        value, gradients, codes, blank = found if found is not None else self._one_by_one(chunk)
        for code in np.unique(codes):
            word = WORDS[code]
            here = codes == code
            self.counts[word] += int(np.count_nonzero(here))
            if word not in self.first and word not in ("pass", "unchecked"):
                k = int(np.argmax(here))
                evidence = chunk.faults[k] if k in chunk.faults else self.ask(chunk.values[k]).evidence
                self.first[word] = First(chunk.places[k], evidence)
        return Batch(
            chunk.lines,
            {name: chunk.values[:, k] for k, name in enumerate(self.columns)},
            value,
            dict(zip(self.gradient_names, gradients, strict=True)),
            [WORDS[code] for code in codes.tolist()],
            blank,
            chunk.read,
        )

    # -- row by row ---------------------------------------------------------------------------------

    def ask(self, point: Sequence[float]) -> Answer:
        """One row by itself, judged as `gradcalc eval` judges it."""
        point = [np.float64(x) for x in point]
        try:
            graph = self._build(point) if self.static else self._moved(point)
            graph.forward()
            refuse_infinite(graph)
            graph.backward(self.upstream)
        except GradcalcError as error:
            return Answer(None, (), error.kind if error.kind in CODE else "domain", error.message)
        gradients = tuple(graph[name].upstream for name in self.variables)
        value = graph.values[graph.output]
        if not self.check:
            lost = not all(np.isfinite(gradients))
            return Answer(value, gradients, "nonfinite" if lost else "unchecked", "a gradient is not finite")
        wrt = tuple(graph.names[name] for name in self.variables)
        found = check_graph(
            graph, method=self.method, step=self.step, seed=self.question.seed, wrt=wrt or None
        )
        words = [c.evidence for c in found.nodes.values() if c.verdict is found.verdict and c.evidence]
        return Answer(value, gradients, str(found.verdict), words[0] if words else "")

    def _moved(self, point: Sequence[float]) -> Graph:
        graph = self.graph
        for name, x in zip(self.columns, point, strict=True):
            graph.values[graph.names[name]] = x
        return graph

    def _one_by_one(self, chunk: Chunk) -> tuple[Array, list[Array], Array, Array]:
        n = len(chunk.lines)
        value, codes, blank = np.full(n, np.nan), np.full(n, CODE[UNREADABLE]), np.ones(n, dtype=bool)
        gradients = [np.full(n, np.nan) for _ in self.variables]
        for k in range(n):
            if k in chunk.faults:
                continue
            answer = self.ask(chunk.values[k])
            codes[k] = CODE[answer.verdict]
            if answer.value is not None:
                value[k], blank[k] = answer.value + 0.0, False
                for column, gradient in zip(gradients, answer.gradients, strict=True):
                    column[k] = gradient + 0.0
        return value, gradients, codes, blank

    # -- a chunk at once ----------------------------------------------------------------------------

    def _together(self, chunk: Chunk) -> tuple[Array, list[Array], Array, Array]:
        n = len(chunk.lines)
        values = chunk.values
        blank = np.zeros(n, dtype=bool)
        if chunk.faults:
            blank[list(chunk.faults)] = True
            rows = np.flatnonzero(~blank)
            if not len(rows):
                return self._one_by_one(chunk)
            values = values.copy()
            values[blank] = values[rows[0]]
        with steady():
            graph = self._run(values, n)
            codes = np.where(blank, CODE[UNREADABLE], UNCHECKED)
            broken = _broken(graph, n)
            if broken is not None:
                codes = np.where(blank | (broken < 0), codes, broken)
                blank = blank | (broken >= 0)
            # Adding 0 leaves no negative zeros in what people read.
            gradients = [_full(graph.upstreams[i], n) + 0.0 for i in self.variables.values()]
            self._judge(graph, values, gradients, codes, blank)
        value = graph.values[graph.output] + 0.0
        if blank.any():
            value = np.where(blank, np.nan, value)
            gradients = [np.where(blank, np.nan, gradient) for gradient in gradients]
        return value, gradients, codes, blank

    def _run(self, values: Array, n: int) -> Graph:
        """Both passes over all rows of a chunk."""
        graph = copy.copy(self.graph)
        graph.values = list(self.graph.values)
        columns = {graph.names[name]: k for k, name in enumerate(self.columns)}
        for i, gate in enumerate(graph.gates):
            if i in columns:
                graph.values[i] = np.ascontiguousarray(values[:, columns[i]])
            elif gate is INPUT and i not in graph.static:
                graph.values[i] = np.full(n, graph.values[i])
        graph.run(0)
        if not np.ndim(graph.values[graph.output]):
            graph.values[graph.output] = np.full(n, graph.values[graph.output])
        graph.upstreams = careful_backward(graph, np.full(n, float(self.upstream)))
        return graph

    def _judge(self, graph: Graph, values: Array, gradients: list[Array], codes: Array, blank: Array) -> None:
        """Write a verdict into `codes` for every row that has a value."""
        good = np.flatnonzero(~blank)
        lost = np.zeros(len(blank), dtype=bool)
        for gradient in gradients:
            lost |= ~np.isfinite(gradient)
        if not self.check:
            codes[lost & ~blank] = CODE["nonfinite"]
            return
        tied = _ties(graph, len(blank))
        for rows, is_tied in ((good[~tied[good]], False), (good[tied[good]], True)):
            if len(rows):
                part = graph if len(rows) == len(blank) else _taken(graph, rows)
                codes[rows] = self._weighed(part, len(rows), is_tied)
        # Before anybody is accused, and for infinite slopes: such a row is asked by itself.
        doubtful = (codes == CODE["fail"]) | (codes == CODE["noise"]) | self._at_a_jump(graph, codes)
        for k in np.flatnonzero(doubtful & ~blank).tolist():
            point, code = tuple(values[k].tolist()), int(codes[k])
            if self.confirmed[code] >= CONVINCED:
                continue
            if point not in self.known:
                if len(self.known) >= REMEMBERED:
                    self.known.clear()
                self.known[point] = self.ask(point).verdict
                self.confirmed[code] = self.confirmed[code] + 1 if CODE[self.known[point]] == code else 0
            codes[k] = CODE[self.known[point]]

    def _at_a_jump(self, graph: Graph, codes: Array) -> Array:
        """Which rows stand on a jump that slopes alone say little of (see moves)."""
        n = len(codes)
        found = _ties(graph, n, jumps=True)
        if not found.any():
            return found
        finite = np.ones(n, dtype=bool)
        for value in graph.values:
            finite &= np.isfinite(value)
        return found & ~(finite & (codes == CODE["jump"]))

    def _weighed(self, graph: Graph, n: int, tied: bool) -> Array:
        """The verdicts on n rows, all of which stand on a kink or none; FAIL means: look closer."""
        rng = Chance(self.question.seed)
        seed = graph.upstreams[graph.output]
        own = bars(graph, [seed], rng, tied)[0]
        verdicts = np.full(n, PASS)
        output = graph.values[graph.output]
        for i in self.variables.values():
            a = _full(graph.upstreams[i], n)
            right, jumped = _slope(graph, i, n, 1.0)
            left, fell = _slope(graph, i, n, -1.0) if tied else (right, jumped)
            right, left = right * seed, left * seed
            x = np.abs(_full(graph.values[i], n))
            scale = np.where(x > 0, np.abs(output * seed) / x, 0.0)
            w = weigh(a, right, left, _full(own.bar[i], n), None, _full(own.size[i], n), scale)
            away = _differs(jumped, output) | _differs(fell, output)
            mine = np.where(w.kinked, CODE["kink"], PASS)
            mine = np.where(away, CODE["jump"], mine)
            mine = np.where(w.noisy & ~away, CODE["noise"], mine)
            mine = np.where(w.wrong & ~away, CODE["fail"], mine)
            finite = np.isfinite(a)
            if not finite.all():
                further = _slope(graph, i, n, 1.0, LARGER_STEP)[0] * seed
                settled = np.abs(right - further) <= 1e-2 * np.maximum(np.abs(right), np.abs(further))
                unlike = np.where(np.isnan(a) & np.isnan(right), CODE["domain"], CODE["nonfinite"])
                steep = np.where(settled | (np.isnan(a) & ~np.isnan(right)), CODE["fail"], unlike)
                mine = np.where(finite, mine, steep)
            verdicts = np.minimum(verdicts, mine)
        return verdicts


def _part(chunk: Chunk, start: int, stop: int) -> Chunk:
    if start == 0 and stop >= len(chunk.lines):
        return chunk
    here = slice(start, stop)
    faults = {k - start: words for k, words in chunk.faults.items() if start <= k < stop}
    return chunk._replace(
        lines=chunk.lines[here], places=chunk.places[here], values=chunk.values[here], faults=faults
    )


def _full(x: Any, n: int) -> Array:
    """A column of n numbers; nothing came back is 0."""
    if x is None:
        return np.zeros(n)
    return x if np.ndim(x) else np.full(n, x)


def _differs(value: Array | None, output: Array) -> Any:
    return False if value is None else value != output


def _slope(graph: Graph, i: int, n: int, sign: float, gain: float = 1.0) -> tuple[Array, Array | None]:
    """The output's slope in every row as node i moves, and its value where something jumped."""
    lanes = slopes(graph, {i: np.full((1, n), sign)}, 1, gain)
    slope = np.zeros(n) if lanes.slope is None else sign * lanes.slope[0]
    return slope, None if lanes.value is None else lanes.value[0]


def _ties(graph: Graph, n: int, *, jumps: bool = False) -> Array:
    """Which rows stand exactly on a kink or a jump of some gate; or on a jump only."""
    tied = np.zeros(n, dtype=bool)
    for i, (gate, ins) in enumerate(zip(graph.gates, graph.inputs, strict=True)):
        if gate.kink is not None and i <= graph.output and (gate.kink.jump or not jumps):
            tied |= np.asarray(gate.kink.margin(graph.values[i], *[graph.values[j] for j in ins])) == 0
    return tied


def _taken(graph: Graph, rows: Array) -> Graph:
    """The graph at some of its rows."""
    part = copy.copy(graph)
    part.values = [v[rows] if np.ndim(v) else v for v in graph.values]
    part.upstreams = [u[rows] if np.ndim(u) else u for u in graph.upstreams]
    return part


def _broken(graph: Graph, n: int) -> Array | None:
    """For each row, the code of what went wrong in the forward pass, -1 where nothing did; None: nowhere."""
    values = graph.values
    if all(np.isfinite(v).all() for v in values):
        return None
    codes = np.full(n, -1)
    needed = entries_needed(graph)
    for i, (gate, ins) in enumerate(zip(graph.gates, graph.inputs, strict=True)):
        if not ins or needed[i] is None or np.isfinite(values[i]).all():
            continue
        bad = ~np.isfinite(values[i]) & needed[i] & (codes < 0)
        for j in ins:
            bad = bad & np.isfinite(values[j])
        if not np.any(bad):
            continue
        outside = np.isnan(values[i])
        if gate.domain is not None:
            outside = outside | ~np.asarray(gate.domain.holds(*[values[j] for j in ins]), dtype=bool)
        codes = np.where(bad, np.where(outside, CODE["domain"], CODE[OVERFLOW]), codes)
    # An input that is not finite itself.
    return np.where((codes < 0) & ~np.isfinite(values[graph.output]), CODE["domain"], codes)
