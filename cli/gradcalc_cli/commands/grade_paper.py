"""What a teacher prints from an assignment: a student's own sheet, and the look-up sheet for marking."""

from typing import Any

from gradcalc.errors import GradcalcError

from ..console import Console, err
from ..views import grade_paper as views
from .results_file import results

FORMATS = ("table", "markdown", "csv", "json")


class Paper:
    """A sheet or a rubric, and where it goes."""

    def __init__(
        self, sheet: Any, student: str | None, rubric: bool, kind: str, output: str | None, console: Console
    ) -> None:
        if kind not in FORMATS:
            what = "--rubric" if rubric else "--variant"
            raise GradcalcError(f"{what} is written as markdown, csv or json, not {kind}")
        self.sheet, self.student, self.rubric, self.kind = sheet, student, rubric, kind
        self.output, self.console = output, console

    def write(self) -> None:
        """Write it to the file or to standard output."""
        text = self.table() if self.rubric else self.problems()
        if self.output is None:
            self.console.text(text)
            return
        with results(self.output, streamed=False) as file:
            file.text(text)
        err().text(f"wrote {self.output}\n")

    def problems(self) -> str:
        """The problems with a student's own numbers."""
        from gradcalc.sheets.marker import Marker

        marker, student = Marker(self.sheet), self.student or ""
        drawn = [
            (p, None if p.question is None else marker.question(p, student)) for p in self.sheet.problems
        ]
        return views.problems(self.sheet.title, student, drawn, self.kind)

    def table(self) -> str:
        """The numbers that each mistake gives."""
        from gradcalc.sheets.marker import Marker
        from gradcalc.sheets.rubric import rubric
        from gradcalc.weak import weak

        marker = Marker(self.sheet)
        lines: list[Any] = []
        for problem in self.sheet.problems:
            if problem.question is None:
                err().text(f"{problem.id} asks for code, which has no numbers to look up\n")
                continue
            if problem.variant and self.student is None:
                err().text(f"{problem.id} has other numbers for each student: --rubric --variant STUDENT\n")
                continue
            question = marker.question(problem, self.student or "")
            key = marker.key(problem.number, self.student or "")
            for said in weak(question, key.graph).notes:
                err().text(f"{problem.id}: {said}\n")
            found = list(rubric(problem, key))
            arrays = [name for name in problem.points if name not in {line.name for line in found}]
            if arrays:
                err().text(f"{problem.id}: an array is too much to look up: {', '.join(arrays)}\n")
            lines += found
        if not lines:
            raise GradcalcError(f"{self.sheet.title} has no problem for a rubric", kind="assignment")
        return views.rubric(lines, self.kind)
