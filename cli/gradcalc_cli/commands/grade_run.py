"""One run of gradcalc grade: submissions in, results out, one after another."""

import gc
from collections import Counter
from collections.abc import Generator, Sequence, Set
from contextlib import closing
from importlib import import_module
from itertools import chain
from typing import Any

from gradcalc.errors import GradcalcError

from ..console import Console, err
from ..expression import standard_input
from ..progress import Bar
from ..show import Show
from .results_file import results, students

STREAMED = ("jsonl", "csv")  # formats of which every student's part stands by itself
VIEWS = {
    "table": ("grade_table", "Table"), "json": ("grade_records", "Json"), "jsonl": ("grade_records", "Lines"),
    "csv": ("grade_records", "Csv"), "junit": ("grade_ci", "Junit"), "gradescope": ("grade_ci", "Gradescope"),
    "github": ("grade_ci", "Github"), "markdown": ("grade_ci", "Markdown"),
}  # fmt: skip


class Run:
    """A run, and where its results go."""

    def __init__(
        self, sheet: Any, paths: Sequence[str], kind: str, output: str | None, console: Console,
        resume: bool = False, jobs: int = 1, scheduler: str | None = None, hint: int | None = None,
    ) -> None:  # fmt: skip
        self.sheet, self.paths, self.kind, self.output, self.console = sheet, paths, kind, output, console
        self.resume, self.jobs, self.scheduler = resume, jobs, scheduler
        self.hint = sheet.hint if hint is None else hint

    def all(self) -> int:
        """Grade everything; the exit code."""
        # What is remembered grows and makes no cycles: looking through it often is a fifth of the time.
        gc.set_threshold(20_000, 20, 50)
        if self.output is None:
            return self.write(self.console)
        streamed = self.kind in STREAMED
        done = students(self.output, self.kind, self.sheet) if self.resume else None
        with results(self.output, streamed, append=bool(done)) as file:
            code = self.write(file, done or frozenset())
        err().text(f"wrote {self.output}\n")
        return code

    def write(self, to: Any, done: Set[str] = frozenset()) -> int:
        """Grade and write as it goes, but for the students that are `done`."""
        from gradcalc.sheets.hints import hinted
        from gradcalc.sheets.statistics import Statistics

        view = self.view()
        statistics = Statistics(self.sheet)
        bar = Bar(err(), None, self.output is not None or self.kind == "table", "students")
        names: Counter[str] = Counter()
        try:
            with closing(self.graded(done)) as results:
                first = next(results, None)
                if first is None and not done:
                    raise GradcalcError(f"nobody is in {', '.join(self.paths)}", kind="file")
                to.text("" if done else view.start())
                for graded in chain([] if first is None else [first], results):
                    statistics.add(graded)
                    names[graded.student] += 1
                    to.text(view.student(hinted(graded, self.hint)))
                    bar.show(statistics.students, statistics.students)
        except KeyboardInterrupt:
            bar.clear()
            again = "; --resume goes on" if self.output and self.kind in STREAMED else ""
            err().text(f"interrupted: {statistics.students:,} graded{again}\n")
            raise
        bar.clear()
        to.text(view.end(statistics))
        self.remarks(names)
        return statistics.code

    def remarks(self, names: "Counter[str]") -> None:
        """Say what is odd about who was graded."""
        twice = [name for name, times in names.items() if times > 1]
        if twice:
            say(f"graded more than once: {', '.join(twice[:8])}{', ...' * (len(twice) > 8)}")
        if self.kind == "gradescope" and len(names) > 1:
            say(f"Gradescope takes a file for each student: here are {len(names):,}")

    def view(self) -> Any:
        """The view of this format."""
        module, name = VIEWS[self.kind]
        made = getattr(import_module(f"gradcalc_cli.views.{module}"), name)
        look = Show(self.kind, 4, self.console).look
        return (
            made(self.sheet, look, self.console.painted) if self.kind == "table" else made(self.sheet, look)
        )

    def graded(self, done: Set[str]) -> Generator[Any]:
        """The results in the order of the submissions."""
        from gradcalc.sheets.collect import collect
        from gradcalc.sheets.parallel import graded

        found = collect(self.paths, self.sheet, standard_input(), say, lenient=self.kind == "gradescope")
        left = (submission for submission in found if submission.student not in done)
        yield from graded(self.sheet, left, self.jobs, self.scheduler)


def say(text: str) -> None:
    """A remark on standard error."""
    err().text(f"{text}\n")
