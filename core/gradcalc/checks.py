"""Analytic against numeric, node by node: every value is pinned and moved, and a verdict given.

Both witnesses round, so a difference is judged against an error bar of both sides, never against a
fixed tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .blame import conventions, guilty
from .effort import plan
from .gate import as_value
from .graphs import CONSTANT, INPUT, Graph, steady, stretch
from .jitter import Chance, bars
from .judge import Checked
from .moves import by_complex_step, by_differences, by_directions
from .probe import complex_ok, ties
from .task import Task
from .verdicts import Verdict, heaviest

BUDGET = 30_000_000  # values moved in all; beyond it nodes are sampled


class Check(NamedTuple):
    """The verdict over all nodes, the method in words, and what was found node by node."""

    verdict: Verdict
    method: str
    nodes: dict[int, Checked]
    guilty: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> tuple[int, float] | None:
        """The node with the largest error, and that error."""
        errors = [(c.error, -i) for i, c in self.nodes.items() if c.checked]
        if not errors:
            return None
        error, index = max(errors)
        return -index, error


def check(
    graph: Graph,
    *,
    method: str = "auto",
    step: float | None = None,
    seed: int = 0,
    max_items: int = 1000,
    budget: int = BUDGET,
    wrt: Sequence[int] | None = None,
) -> Check:
    """Check the gradients that `graph.backward()` left behind, at every node.

    `method` is "auto" (complex step where the gates allow it), "complex" or "central"; `step` fixes the step
    of central differences. Arrays of more than `max_items` entries are checked in random
    directions. Where moving every node would cost more than `budget`, the inputs come first (in directions
    where their entries would cost too much) and then a sample of the rest.
    """
    with steady():
        return _check(graph, method, step, Chance(seed), max_items, budget, wrt)


def _check(
    graph: Graph,
    method: str,
    step: float | None,
    rng: Chance,
    max_items: int,
    budget: int,
    wrt: Sequence[int] | None,
) -> Check:
    output = graph.values[graph.output]
    seeds = [as_value(graph.upstreams[graph.output])]
    analytic = [graph.upstreams]
    if np.ndim(output):
        # All ones alone would pass a softmax whose backward returns zero.
        drawn = rng.generator.uniform(0.5, 1.5, np.shape(output)) * rng.generator.choice(
            [-1.0, 1.0], np.shape(output)
        )
        seeds.append(stretch(as_value(drawn), np.shape(output)))
        analytic.append(graph.rerun_backward(seeds[1]))
    tied = ties(graph)
    task = Task(graph, seeds, analytic, bars(graph, seeds, rng, bool(tied)), bool(tied), step)
    by_complex = complex_ok(graph) if method != "central" else np.zeros(len(graph), dtype=bool)
    if method == "complex":
        by_complex[:] = True
    nodes = [i for i in range(graph.output + 1) if _movable(graph, i)]
    inputs = [i for i in nodes if graph.gates[i] is INPUT and (wrt is None or i in wrt)]
    if wrt is not None:
        nodes = [i for i in nodes if graph.gates[i] is not INPUT or i in wrt]
    effort = plan(graph, nodes, inputs, by_complex, max_items=max_items, budget=budget)
    chosen = [*effort.entries, *effort.directions]
    found: dict[int, Checked] = {}
    found.update(by_complex_step(task, [i for i in effort.entries if by_complex[i]]))
    for i in effort.entries:
        if not by_complex[i]:
            found[i] = by_differences(task, i)
    for i in effort.directions:
        found[i] = by_directions(task, i, rng.generator, bool(by_complex[i]))
    for i in nodes:
        if i not in found:
            found[i] = Checked(i, None, 0.0, 0.0, Verdict.UNCHECKED, "")
    verdict = heaviest(
        [_finite(c) for i, c in found.items() if graph.gates[i] is INPUT]
        + [
            c.verdict
            for i, c in found.items()
            if (graph.gates[i] is not INPUT and c.verdict not in (Verdict.KINK, Verdict.JUMP)) or not inputs
        ]
    )
    names: tuple[str, ...] = ()
    kinked = [i for i, c in found.items() if c.verdict in (Verdict.KINK, Verdict.JUMP)]
    if kinked and verdict is not Verdict.FAIL and guilty(graph, rng.generator):
        # Between two slopes there is room for a wrong gate: at a kink each gate answers for itself.
        found[kinked[0]] = found[kinked[0]]._replace(verdict=Verdict.FAIL)
        verdict = Verdict.FAIL
    if verdict is Verdict.FAIL:
        found, names = _explain(task, found, tied, rng)
    if verdict is Verdict.UNCHECKED:
        verdict = Verdict.PASS
    words = [
        w
        for w, here in (
            ("complex step", any(by_complex[i] for i in chosen)),
            ("central differences", any(not by_complex[i] for i in chosen)),
        )
        if here
    ]
    notes = [
        f"that is no slope of {graph.text(i)}: {why}"
        for i, why in (guilty(graph, rng.generator, asked=True) if kinked else {}).items()
    ]
    left_out = sum(c.verdict is Verdict.UNCHECKED for c in found.values())
    if left_out:
        notes.append(
            f"{left_out:,} of {len(found):,} nodes were not checked one by one: it would take too long"
        )
    return Check(verdict, " and ".join(words) or "none", dict(sorted(found.items())), names, tuple(notes))


def _finite(c: Checked) -> Verdict:
    """An input's verdict for the whole: a kink is no answer where the backward pass has no number."""
    return Verdict.NONFINITE if c.verdict is Verdict.KINK and c.error == np.inf else c.verdict


def _movable(graph: Graph, i: int) -> bool:
    asked = graph.wanted is None or graph.wanted[i]
    return graph.gates[i] is not CONSTANT and i not in graph.parameters and asked


def _explain(
    task: Task, found: dict[int, Checked], tied: list[int], rng: Chance
) -> tuple[dict[int, Checked], tuple[str, ...]]:
    """Name the gates whose local gradients are wrong, or say that conventions at ties add up to it."""
    blamed = guilty(task.graph, rng.generator)
    first = next(i for i, c in found.items() if c.verdict is Verdict.FAIL)
    if blamed:
        words = "; ".join(blamed.values())
    elif task.graph.upstreams[first] is not None and np.isnan(task.graph.upstreams[first]).any():
        words = "every gate's own derivative is right: an infinite one times 0, or less another, is nan"
    elif tied:
        words = conventions(task.graph, tied)
    elif any(task.graph.inputs[i].count(j) > 1 for i in found for j in task.graph.inputs[i]) or len(
        {j for ins in task.graph.inputs for j in ins}
    ) < sum(len(ins) for ins in task.graph.inputs):
        words = "every gate's own derivative is right: the gradients of a fork are not summed"
    else:
        words = "no gate's own derivative is wrong here"
    found = {**found, first: found[first]._replace(evidence=f"{found[first].evidence}; {words}")}
    return found, tuple(sorted({task.graph.gates[i].name for i in blamed}))
