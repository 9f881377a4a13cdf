"""`--rows` on a million rows of (x+y)*z, against the same work with numpy by hand, in one run.

By hand is what one writes in a notebook: loadtxt, three lines of calculus, savetxt with every digit. It
checks nothing and looks for no bad row.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 1_000_000
RUNS = 3
HAND = """
import sys
import numpy as np
x, y, z = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1, unpack=True)
value = (x + y) * z
table = np.column_stack([x, y, z, value, z, z, x + y])
np.savetxt(sys.argv[2], table, delimiter=",", fmt="%.17g", header="x,y,z,value,dx,dy,dz", comments="")
"""


def make(path: Path, rows: int) -> None:
    """A table of normal numbers with every digit."""
    import numpy as np

    table = np.random.default_rng(0).normal(size=(rows, 3))
    with path.open("w") as file:
        file.write("x,y,z\n")
        file.writelines(",".join(map(repr, row)) + "\n" for row in table.tolist())


def seconds(command: list[str]) -> float:
    """How long a process takes, start included."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def peak(command: list[str]) -> float:
    """The largest memory of a process, in MiB."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    ran = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True)
    return int(ran.stdout) / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Print seconds, ratios, and the memory at two sizes."""
    with tempfile.TemporaryDirectory() as folder:
        table, small, result = (Path(folder) / name for name in ("rows.csv", "small.csv", "out.csv"))
        make(table, ROWS)
        make(small, ROWS // 10)
        hand = [sys.executable, "-c", HAND, str(table), str(result)]
        ours = [sys.executable, "-m", "gradcalc", "eval", "(x+y)*z", "--output", str(result), "--rows"]
        commands = {
            "numpy by hand": hand,
            "gradcalc": [*ours, str(table)],
            "gradcalc --no-check": [*ours, str(table), "--no-check"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                times[name].append(seconds(command))
        by_hand = sorted(times["numpy by hand"])[RUNS // 2]
        print(f"{ROWS:,} rows of (x+y)*z, CSV in and out, median of {RUNS}, with start-up")
        for name, runs in times.items():
            middle = sorted(runs)[RUNS // 2]
            print(f"{name:20} {middle:6.2f} s   {middle / by_hand:5.2f} of by hand")
        large, little = peak([*ours, str(table)]), peak([*ours, str(small)])
        print(f"memory: {large:.0f} MiB at {ROWS:,} rows, {little:.0f} MiB at {ROWS // 10:,}")


if __name__ == "__main__":
    main()
