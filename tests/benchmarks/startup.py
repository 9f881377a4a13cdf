"""What a one-line circuit costs as a process, against importing the libraries that it stands on."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

RUNS = 25
FLOOR = [sys.executable, "-c", "import typer, rich.table, numpy"]
COMMAND = [sys.executable, "-m", "gradcalc", "eval", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4"]


class Cost(NamedTuple):
    """What one run took: wall time and, less shaken by whatever else the machine does, processor time."""

    wall: float
    cpu: float


def cost(command: list[str]) -> Cost:
    """One run of a command whose output nobody reads."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Print the ratio, run for run in turn, so that a machine that slows down slows both."""
    cost(FLOOR), cost(COMMAND)  # caches
    pairs = [(cost(COMMAND), cost(FLOOR)) for _ in range(RUNS)]
    for kind in Cost._fields:
        times = [(getattr(mine, kind), getattr(floor, kind)) for mine, floor in pairs]
        ratios = sorted(mine / floor for mine, floor in times)
        mine, floor = (statistics.median(column) * 1e3 for column in zip(*times, strict=True))
        print(f"{kind}: one circuit {mine:.0f} ms, imports alone {floor:.0f} ms")
        middle = statistics.median(ratios)
        print(f"{kind} ratio: median {middle:.2f}, quartiles {ratios[6]:.2f} to {ratios[18]:.2f}")


if __name__ == "__main__":
    main()
