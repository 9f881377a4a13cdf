"""Scalar graphs node by node: building, forward and backward, against micrograd and a plain loop."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import gradcalc
from gradcalc.build import build
from gradcalc.syntax import parse

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PEER_SIZES = (1_000, 10_000, 100_000)


def chain(n: int) -> str:
    """n/2 steps of s*y + x, one after the other."""
    return "s = x\n" + "s = s*y + x\n" * (n // 2)


def wide(n: int) -> str:
    """A sum of n/2 products."""
    return "+".join(["x*y"] * (n // 2))


def network(n: int) -> str:
    """Layers of 10 relu neurons with 10 inputs each, about n gates, weights shared."""
    layers = max(1, n // 210)
    weights = [f"w{i}" for i in range(10)]
    lines = [f"{w} = {0.01 * (i + 1)}" for i, w in enumerate(weights)]
    names = ["x"] * 10
    for layer in range(layers):
        made = []
        for k in range(10):
            terms = " + ".join(f"{weights[(i + k) % 10]}*{name}" for i, name in enumerate(names))
            made.append(f"h{layer}_{k}")
            lines.append(f"h{layer}_{k} = relu({terms} + y)")
        names = made
    return "\n".join([*lines, " + ".join(names)])


def ours(text: str) -> tuple[float, float, int]:
    """Seconds to parse, seconds from the tree to the gradients, and the number of nodes."""
    start = time.perf_counter()
    program = parse(text, bound=("x", "y"))
    parsed = time.perf_counter()
    graph = build(program, {"x": 1.0, "y": 0.5})
    graph.forward()
    graph.backward()
    return parsed - start, time.perf_counter() - parsed, len(graph)


def peer(kind: str, n: int) -> tuple[float, int]:
    """Seconds that micrograd takes to build the same circuit and run it backward, and its nodes."""
    from micrograd.engine import Value

    x, y = Value(1.0), Value(0.5)
    start = time.perf_counter()
    if kind == "chain":
        s, nodes = x, 0
        for _ in range(n // 2):
            s = s * y + x
        nodes = n
    elif kind == "wide":
        s = x * y
        for _ in range(n // 2 - 1):
            s = s + x * y
        nodes = n
    else:
        layers = max(1, n // 210)
        weights = [Value(0.01 * (i + 1)) for i in range(10)]
        values: list[Any] = [x] * 10
        for _ in range(layers):
            made = []
            for k in range(10):
                total = weights[k % 10] * values[0]
                for i in range(1, 10):
                    total = total + weights[(i + k) % 10] * values[i]
                made.append((total + y).relu())
            values = made
        s = values[0]
        for v in values[1:]:
            s = s + v
        nodes = layers * 210
    s.backward()
    return time.perf_counter() - start, nodes


def plain(n: int) -> float:
    """Seconds of a hand-written loop over lists for the chain: the least that Python can do."""
    start = time.perf_counter()
    x, y = 1.0, 0.5
    values = [x]
    for _ in range(n // 2):
        product = values[-1] * y
        values.append(product)
        values.append(product + x)
    dx = dy = 0.0
    ds = 1.0
    for k in range(len(values) - 3, -1, -2):
        dx += ds
        dy += ds * values[k]
        ds *= y
    assert math.isfinite(dx + dy + ds)
    return time.perf_counter() - start


def runs(n: int) -> int:
    """How often a circuit of n nodes is measured in one process."""
    return 9 if n <= 10_000 else 3


def one(what: str, kind: str, n: int) -> None:
    """Print the median run of one side, in this process: seconds to parse, seconds for the rest, nodes."""
    if what == "ours":
        text = CIRCUITS[kind](n)
        found = [ours(text) for _ in range(runs(n))]
    elif what == "loop":
        found = [(0.0, plain(n), n) for _ in range(runs(n))]
    else:
        found = [(0.0, *peer(kind, n)) for _ in range(runs(n))]
    found.sort(key=lambda run: run[1])
    print(*found[len(found) // 2])


def alone(what: str, kind: str, n: int) -> tuple[float, float, int]:
    """The same in a process of its own, as its users run it: the sides share no garbage collector."""
    code = [sys.executable, __file__, what, kind, str(n)]
    answer = subprocess.run(code, capture_output=True, text=True, check=True).stdout.split()
    return float(answer[0]), float(answer[1]), int(answer[2])


def measure() -> None:
    """Print a table for each circuit and size."""
    peers = importlib.util.find_spec("micrograd") is not None
    if not peers:
        print("micrograd is not installed: its column is left out")
    print(f"gradcalc {gradcalc.__version__}; microseconds a node; 'tree' is building + forward + backward")
    print("each side in processes of its own, in turn; the median of three of them (one for 10^6 nodes)")
    print(f"{'circuit':8} {'nodes':>9} {'parse':>7} {'tree':>7} {'micrograd':>10} {'ratio':>6} {'loop':>6}")
    totals: dict[tuple[str, int], float] = {}
    for kind in CIRCUITS:
        for n in SIZES:
            sides = [
                "ours",
                *(["peer"] if peers and n in PEER_SIZES else []),
                *(["loop"] * (kind == "chain")),
            ]
            found: dict[str, list[tuple[float, float, int]]] = {side: [] for side in sides}
            for side in sides * (3 if n in PEER_SIZES else 1):
                found[side].append(alone(side, kind, n))
            parse_s, tree_s, nodes = middle(found["ours"])
            totals[kind, n] = parse_s + tree_s
            row = f"{kind:8} {nodes:9,} {parse_s / nodes * 1e6:7.2f} {tree_s / nodes * 1e6:7.2f}"
            if "peer" in found:
                _, seconds, count = middle(found["peer"])
                row += f" {seconds / count * 1e6:10.2f} {tree_s / nodes / (seconds / count):6.2f}"
            if "loop" in found:
                row += f"{'' if 'peer' in found else ' ' * 18} {middle(found['loop'])[1] / n * 1e6:6.2f}"
            print(row, flush=True)
    for kind in CIRCUITS:
        growth = totals[kind, 10**6] / totals[kind, 10**5]
        print(f"{kind}: from text to gradients, 10^6 nodes take {growth:.1f} times 10^5")


def middle(found: list[tuple[float, float, int]]) -> tuple[float, float, int]:
    """The run with the median time."""
    return sorted(found, key=lambda run: run[1])[len(found) // 2]


def main(args: Sequence[str] = ()) -> None:
    """Measure everything; with arguments one side, in a thread with a large stack: micrograd recurses."""
    if not args:
        measure()
        return
    sys.setrecursionlimit(10**7)
    threading.stack_size(1 << 30)
    thread = threading.Thread(target=one, args=(args[0], args[1], int(args[2])))
    thread.start()
    thread.join()


CIRCUITS: dict[str, Callable[[int], str]] = {"chain": chain, "wide": wide, "network": network}

if __name__ == "__main__":
    main(sys.argv[1:])
