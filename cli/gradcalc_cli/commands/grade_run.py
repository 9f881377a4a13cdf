"""One run of gradcalc grade: submissions in, results out, one after another."""

import gc
from collections.abc import Iterator, Sequence, Set
from importlib import import_module
from typing import Any

from ..console import Console, err
from ..expression import standard_input
from ..progress import Bar
from ..show import Show
from .results_file import Results, students

VIEWS = {
    "table": ("grade_table", "Table"), "json": ("grade_records", "Json"), "jsonl": ("grade_records", "Lines"),
    "csv": ("grade_records", "Csv"), "junit": ("grade_ci", "Junit"), "gradescope": ("grade_ci", "Gradescope"),
    "github": ("grade_ci", "Github"), "markdown": ("grade_ci", "Markdown"),
}  # fmt: skip


class Run:
    """A run, and where its results go."""

    def __init__(
        self, sheet: Any, paths: Sequence[str], kind: str, output: str | None, console: Console,
        resume: bool = False, jobs: int = 1, scheduler: str | None = None,
    ) -> None:  # fmt: skip
        self.sheet, self.paths, self.kind, self.output, self.console = sheet, paths, kind, output, console
        self.resume, self.jobs, self.scheduler = resume, jobs, scheduler

    def all(self) -> int:
        """Grade everything; the exit code."""
        # What is remembered grows and makes no cycles: looking through it often is a fifth of the time.
        gc.set_threshold(20_000, 20, 50)
        if self.output is None:
            return self.write(self.console)
        streamed = self.kind in ("jsonl", "csv")
        done = students(self.output, self.kind) if self.resume else None
        with Results(self.output, streamed, append=bool(done)) as file:
            code = self.write(file, done or frozenset())
        err().text(f"wrote {self.output}\n")
        return code

    def write(self, to: Any, done: Set[str] = frozenset()) -> int:
        """Grade and write as it goes, but for the students that are `done`."""
        from gradcalc.sheets.statistics import Statistics

        view = self.view()
        statistics = Statistics(self.sheet)
        bar = Bar(err(), None, self.output is not None or self.kind == "table", "students")
        to.text("" if done else view.start())
        for graded in self.graded(done):
            statistics.add(graded)
            to.text(view.student(graded))
            bar.show(statistics.students, statistics.students)
        bar.clear()
        to.text(view.end(statistics))
        return statistics.code

    def view(self) -> Any:
        """The view of this format."""
        module, name = VIEWS[self.kind]
        made = getattr(import_module(f"gradcalc_cli.views.{module}"), name)
        look = Show(self.kind, 4, self.console).look
        return (
            made(self.sheet, look, self.console.painted) if self.kind == "table" else made(self.sheet, look)
        )

    def graded(self, done: Set[str]) -> Iterator[Any]:
        """The results in the order of the submissions."""
        from gradcalc.sheets.collect import collect
        from gradcalc.sheets.parallel import graded

        found = collect(self.paths, self.sheet, standard_input(), self.ignored)
        left = (submission for submission in found if submission.student not in done)
        yield from graded(self.sheet, left, self.jobs, self.scheduler)

    def ignored(self, name: str, columns: Sequence[str]) -> None:
        """Say which columns of a class are none of answers."""
        listed = ", ".join(columns[:8]) + (", ..." if len(columns) > 8 else "")
        err().text(f"{name}: passed over the column{'s' * (len(columns) > 1)} {listed}\n")
