"""A class's results for course and CI servers: JUnit XML, Gradescope, GitHub annotations, Markdown."""

from typing import Any
from xml.sax.saxutils import quoteattr

from .grade_records import points
from .json import dumps
from .markdown import escape as marked
from .records import TAGS, clean, counted, element, escaped

GOOD = ("right", "rounded")
MOST_NAMES = 8
LONGEST = 200  # characters of an answer that are repeated
UNDECIDED = ("digits", "undecided")


def said(item: Any, part: Any, mistakes: int = 3) -> str:
    """What a student is told about an item: the verdict, and what is behind it."""
    given = item.given if len(item.given) <= LONGEST else f"{item.given[:LONGEST]}..."
    where = " in " if part.file else " = "  # a function is in a file
    head = f"{item.name}{where}{given}: {item.word}" if given else f"{item.name}: {item.word}"
    if item.follows:
        head += f" from your {', '.join(item.follows)}"
    lines = [
        head,
        *([item.note] if item.note else []),
        *(m.text for m in item.mistakes[:mistakes]),
        *part.notes,
    ]
    return "\n".join(dict.fromkeys(lines))


class Junit:
    """A suite a student, a case an item."""

    def __init__(self, assignment: Any, look: Any) -> None:
        self.title = assignment.title

    def start(self) -> str:
        """The XML declaration and the root."""
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name={quoteattr(clean(self.title))}>\n'

    def student(self, graded: Any) -> str:
        """One suite."""
        counts = dict.fromkeys(("tests", *TAGS), 0)
        who = quoteattr(clean(graded.student))
        cases = []
        if graded.error:
            counts |= {"tests": 1, "error": 1}
            cases.append(case(who, '"submission"', "error", graded.error))
        for part in graded.parts if not graded.error else ():
            for item in part.items:
                tag = outcome(item)
                counts["tests"] += 1
                counts[tag] = counts.get(tag, 0) + 1
                cases.append(
                    case(who, quoteattr(clean(f"{part.problem}.{item.name}")), tag, said(item, part))
                )
        return "\n".join([f"  <testsuite name={who} {counted(counts)}>", *cases, "  </testsuite>"]) + "\n"

    def end(self, statistics: Any) -> str:
        """The end of the root."""
        return "</testsuites>\n"


def outcome(item: Any) -> str:
    """What becomes of a case: nothing, a failure, an error, or a skip."""
    if item.verdict in GOOD:
        return ""
    return "skipped" if item.verdict in UNDECIDED else "error" if item.verdict == "error" else "failure"


def case(who: str, name: str, tag: str, text: str) -> str:
    """One case."""
    start = f"    <testcase classname={who} name={name}"
    return f"{start}/>" if not tag else f"{start}>\n      {element(tag, clean(text) or tag)}\n    </testcase>"


class Gradescope:
    """results.json of Gradescope, which is one student's: a test an item. For several it holds no score."""

    def __init__(self, assignment: Any, look: Any) -> None:
        self.students: list[Any] = []

    def start(self) -> str:
        """Nothing is written before the end."""
        return ""

    def student(self, graded: Any) -> str:
        """Keep a student."""
        self.students.append(graded)
        return ""

    def end(self, statistics: Any) -> str:
        """The whole file."""
        if len(self.students) != 1:
            names = ", ".join(graded.student for graded in self.students[:MOST_NAMES])
            more = ", ..." * (len(self.students) > MOST_NAMES)
            said = f"no score: there are {len(self.students):,} submissions here, {names}{more}, not one"
            return dumps({"score": 0, "output": said, "output_format": "text", "tests": []})
        graded = self.students[0]
        said = "\n".join([graded.error] * bool(graded.error) + list(graded.notes))
        score, total = points(graded.score), points(graded.points)
        return dumps(
            {
                "score": score,
                "output": said or f"{score} of {total} points",
                "output_format": "text",
                "tests": gradescope_tests(graded),
            }
        )


def gradescope_tests(graded: Any) -> list[dict[str, Any]]:
    """The tests of one student."""
    tests = []
    for k, part in enumerate(graded.parts, 1):
        for j, item in enumerate(part.items, 1):
            tests.append(
                {
                    "name": f"{part.problem} {item.name}",
                    "number": f"{k}.{j}",
                    "status": "passed" if item.verdict in GOOD else "failed",
                    "score": points(item.score),
                    "max_score": points(item.points),
                    "output": graded.error or said(item, part),
                    "output_format": "text",
                    "tags": [part.problem],
                }
            )
    return tests


class Github:
    """Workflow commands: an annotation for each item that is not right."""

    def __init__(self, assignment: Any, look: Any) -> None:
        self.title = assignment.title

    def start(self) -> str:
        """Nothing."""
        return ""

    def student(self, graded: Any) -> str:
        """One student's annotations."""
        if graded.error:
            return annotation("error", graded.source, 0, graded.student, graded.error)
        lines = []
        for part in graded.parts:
            for item in part.items:
                if item.verdict in GOOD:
                    continue
                level = "warning" if item.verdict in UNDECIDED or item.follows else "error"
                title = f"{graded.student} {part.problem} {item.name}"
                lines.append(
                    annotation(level, part.file or graded.source, part.line, title, said(item, part))
                )
        return "".join(lines)

    def end(self, statistics: Any) -> str:
        """The result in one notice."""
        text = f"{statistics.students} graded, mean {statistics.mean:.4g}"
        return f"::notice title={escaped(self.title, True)}::{escaped(text)}\n"


def annotation(level: str, source: str, line: int, title: str, text: str) -> str:
    """One workflow command; a class's row is its line."""
    file, colon, row = source.rpartition(":")
    if colon and row.isdecimal() and not line:
        source, line = file, int(row)
    place = {} if source in ("", "-", "standard input") else {"file": source, "line": str(line or 1)}
    properties = ",".join(
        f"{key}={escaped(clean(value), True)}" for key, value in {**place, "title": title}.items()
    )
    return f"::{level} {properties}::{escaped(clean(text))}\n"


class Markdown:
    """A table of scores and one of statistics, for a job's summary or a web page."""

    def __init__(self, assignment: Any, look: Any) -> None:
        self.assignment = assignment
        self.notes: list[str] = []

    def start(self) -> str:
        """The title and the heads."""
        heads = ["student", *(marked(p.id) for p in self.assignment.problems), "total", "of"]
        rule = ["---", *["---:"] * (len(heads) - 1)]
        return f"# {marked(self.assignment.title)}\n\n{row(heads)}{row(rule)}"

    def student(self, graded: Any) -> str:
        """One row."""
        who = cell(graded.student)
        if graded.error:
            self.notes.append(f"- {who}: {cell(graded.error)}")
        for part in graded.parts if not graded.error else ():
            for item in part.items:
                if item.verdict not in (*GOOD, "missing"):
                    text = cell(said(item, part, 1).replace("\n", "; "))
                    self.notes.append(f"- {who}, {cell(part.problem)}: {text}")
        scores = (str(points(part.score)) for part in graded.parts)
        return row([who, *scores, str(points(graded.score)), str(points(graded.points))])

    def end(self, statistics: Any) -> str:
        """What went wrong, and how each item went."""
        text = "\n" + "\n".join(self.notes) + "\n" if self.notes else ""
        words = list(next(iter(statistics.items())).counts)
        text += f"\n## Items\n\n{row(['item', *words, 'mean', 'of', 'commonest mistake'])}"
        text += row(["---", *["---:"] * (len(words) + 2), "---"])
        for item in statistics.items():
            first = item.mistakes[0] if item.mistakes else None
            mistake = cell(f"{first.times}: {first.name}, {first.text}") if first else ""
            counts = (str(item.counts[word]) for word in words)
            mean, worth = f"{item.mean:.4g}", str(points(item.points))
            text += row([cell(f"{item.problem}.{item.name}"), *counts, mean, worth, mistake])
        return text


def cell(text: str) -> str:
    """A text on one line in which nothing is markup."""
    return marked(" ".join(text.split()))


def row(cells: Any) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(cells)} |\n"
