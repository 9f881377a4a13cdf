"""What a one-line circuit costs as a process, against importing the libraries that it stands on."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

RUNS = 25
FLOOR = [sys.executable, "-c", "import typer, rich.table, numpy"]
COMMAND = [sys.executable, "-m", "gradcalc", "eval", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4"]


def seconds(command: list[str]) -> float:
    """The wall time of one run of a command whose output nobody reads."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)
    return time.perf_counter() - start


def main() -> None:
    """Print the ratio, run for run in turn, so that a machine that slows down slows both."""
    seconds(FLOOR), seconds(COMMAND)  # caches
    pairs = [(seconds(COMMAND), seconds(FLOOR)) for _ in range(RUNS)]
    ratios = sorted(mine / floor for mine, floor in pairs)
    mine, floor = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
    print(f"one circuit {mine:.0f} ms, imports alone {floor:.0f} ms")
    print(f"ratio: median {statistics.median(ratios):.2f}, quartiles {ratios[6]:.2f} to {ratios[18]:.2f}")


if __name__ == "__main__":
    main()
