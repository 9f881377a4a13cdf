"""A class of 10,000 students, 10 problems and 3 answers each, from CSV: seconds and memory of the process.

And 40 submissions in Python, with one job and with two.
"""

from __future__ import annotations

import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STUDENTS = 10_000
SUBMISSIONS, PAIRS = 40, 3
HOMEWORK = Path(__file__).parents[2] / "samples" / "homework"
PROBLEMS = [
    ("(x+y)*z", {"x": "-2", "y": "5", "z": "-4"}),
    ("x*sigmoid(x*y) + z", {"x": "2", "y": "-1", "z": "3"}),
    ("2*(x*y + max(z, y))", {"x": "3", "y": "-4", "z": "2"}),
    ("exp(x*y)/z", {"x": "0.5", "y": "0.8", "z": "2"}),
    ("(x+y)^2*tanh(z)", {"x": "1", "y": "2", "z": "0.3"}),
    ("1/(1+exp(-(x*y+z)))", {"x": "2", "y": "-1", "z": "-3"}),
    ("log(x*x + y*y)*z", {"x": "1.5", "y": "2", "z": "0.7"}),
    ("x*y*z + x/y", {"x": "3", "y": "2", "z": "-1"}),
    ("sqrt(x)*sin(y)+z*y", {"x": "4", "y": "1", "z": "0.5"}),
    ("max(x*y, z)*x", {"x": "2", "y": "3", "z": "5"}),
]


def assignment() -> str:
    """The homework."""
    lines = ['title = "A large class"']
    for k, (text, values) in enumerate(PROBLEMS, 1):
        inputs = ", ".join(f"{name} = {value}" for name, value in values.items())
        lines += ["[[problem]]", f'id = "p{k}"', f'expression = "{text}"', f"inputs = {{ {inputs} }}"]
        lines += ["points = { dx = 1, dy = 1, dz = 1 }"]
    return "\n".join(lines) + "\n"


def write_class(path: Path, mistakes: float, noise: float) -> None:
    """Answers of which such shares are mistakes of people, and any number at all; the rest is right."""
    from gradcalc.key import Key
    from gradcalc.session import Question

    rng = random.Random(0)
    columns = []
    for text, values in PROBLEMS:
        key = Key.of(Question(text, values))
        table = key.table([key.quantity(f"d{n}") for n in "xyz"])
        for name in "xyz":
            quantity = key.quantity(f"d{name}")
            wrong = [float(v) for row in table.rows if (v := row.numbers.get(quantity)) is not None]
            columns.append((float(key.true[quantity]), wrong))
    with open(path, "w", encoding="utf-8") as file:
        heads = [f"p{k}.d{name}" for k in range(1, 11) for name in "xyz"]
        file.write(",".join(["student", *heads]) + "\n")
        for student in range(STUDENTS):
            cells = [f"s{student:05}"]
            for true, wrong in columns:
                luck = rng.random()
                value = (
                    rng.gauss(0, 3)
                    if luck < noise
                    else rng.choice(wrong or [true])
                    if luck < noise + mistakes
                    else true
                )
                cells.append(f"{value:.3g}")
            file.write(",".join(cells) + "\n")


def grade(*args: object) -> float:
    """The seconds that a process takes to grade."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "gradcalc", "grade", *map(str, args), "--exit-zero"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def classes() -> None:
    """Each class of numbers once."""
    for mistakes, noise in ((0.2, 0.05), (0.0, 0.3)):
        with tempfile.TemporaryDirectory() as folder:
            homework, table, grades = (Path(folder) / name for name in ("hw.toml", "class.csv", "grades.csv"))
            homework.write_text(assignment(), encoding="utf-8")
            write_class(table, mistakes, noise)
            seconds = grade(homework, table, "--output", grades)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            rows = grades.read_text(encoding="utf-8").count("\n") - 1
        print(
            f"{STUDENTS:,} students x 10 problems x 3 answers, {mistakes:.0%} mistakes, {noise:.0%} noise: "
            f"{seconds:.1f} s, {peak:.0f} MB, {rows:,} rows"
        )


def code() -> None:
    """One job and two in turn, since other programs may want the machine too."""
    good = (HOMEWORK / "ada_layers.py").read_text(encoding="utf-8")
    kinds = [
        good,
        good.replace("np.sum(", "np.mean("),
        good.replace("w.T", "w.T*2"),
        good.replace("w.T", "w"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for k in range(SUBMISSIONS):
            (Path(folder) / f"s{k}_layers.py").write_text(kinds[k % len(kinds)], encoding="utf-8")
        pairs = [
            [grade(HOMEWORK / "layers.toml", folder, "--jobs", jobs) for jobs in (1, 2)] for _ in range(PAIRS)
        ]
    one, two = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        f"{SUBMISSIONS} submissions in Python: {one:.1f} s, with --jobs 2 {two:.1f} s, "
        f"{ratio:.2f} times as fast"
    )


def main() -> None:
    """Classes of numbers, and one of code."""
    classes()
    code()


if __name__ == "__main__":
    main()
