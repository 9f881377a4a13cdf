"""The rows of a report as the texts of a table: what is said of a node, and of each of its uses."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from .number import PRECISION, apart_lines, lines_of, number, one_line, shape_of
from .styled import Glyphs

WORDS = {"pass": "ok", "fail": "FAIL", "unchecked": "-"}
STYLES = {"pass": "good", "fail": "bad", "kink": "warn", "unchecked": "dim"}


class Detail(NamedTuple):
    """How much a table shows: digits, the largest array that is shown whole, and which columns."""

    precision: int = PRECISION
    most: int = 9
    extra: bool = False  # also gate, pattern and error
    numbers: bool = True  # the numeric gradient itself, not only its verdict
    uses: int = 0  # how many uses of a fork have a line; 0: all


class Use(NamedTuple):
    """One line of a node: the gate that it went into, and what came back.

    `times` is the multiplication sign, `note` says that broadcast axes were summed back, or why an
    infinite slope counts for nothing.
    """

    into: str
    upstream: list[str]
    times: str
    formula: str
    local: str
    product: list[str]
    note: str = ""

    @property
    def tail(self) -> str:
        """The note as it stands behind the product."""
        return f", {self.note}" if self.note else ""


class Block(NamedTuple):
    """One node: its equation and value, its uses, and what the check says."""

    equation: str
    gate: str
    pattern: str
    forward: list[str]
    uses: list[Use]
    numeric: list[str]
    error: str
    verdict: str
    style: str


def verdict_word(verdict: str | None) -> str:
    """A verdict as it stands in the table."""
    return WORDS.get(verdict or "", verdict or "")


def verdict_style(verdict: str | None) -> str:
    """A verdict's colour; its word says the same."""
    return STYLES.get(verdict or "", "warn")


def blocks(report: Any, rows: Sequence[Any], detail: Detail, glyphs: Glyphs) -> list[Block]:
    """The rows of a report as blocks of text."""
    labels = {row.id: row.label for row in report.rows}
    return [block(report, row, labels, detail, glyphs) for row in rows]


def block(report: Any, row: Any, labels: dict[str, str], detail: Detail, glyphs: Glyphs) -> Block:
    """One row of a report as text."""
    precision, most = detail.precision, detail.most
    gradient: list[str] = []
    numeric: list[str] = []
    if row.upstream is not None:
        gradient = lines_of(row.upstream, precision, most)
        if row.numeric is not None and row.verdict != "pass":
            gradient, numeric = apart_lines(row.upstream, row.numeric, precision, most)
        elif row.numeric is not None:
            numeric = lines_of(row.numeric, precision, most)
    if row.checked == "directions":
        numeric = ["directions"]
    hidden = not detail.numbers and row.verdict == "pass"
    return Block(
        equation=glyphs.text(row.equation),
        gate=row.gate,
        pattern=row.pattern,
        forward=lines_of(row.value, precision, most),
        uses=uses(report, row, labels, gradient, detail, glyphs),
        numeric=[] if hidden else numeric,
        error="" if row.error is None else number(row.error, 2),
        verdict=verdict_word(row.verdict),
        style=verdict_style(row.verdict),
    )


def uses(
    report: Any, row: Any, labels: dict[str, str], gradient: list[str], detail: Detail, glyphs: Glyphs
) -> list[Use]:
    """What every use of a node sent back to it, and their sum."""
    if row.upstream is None:
        return [Use("", [], "", "a parameter" if row.parameter else "not asked for", "", [])]
    if row.id == report.output:
        name = glyphs.text(row.label)
        said = (
            "all ones" if row.shape and report.default_seed else "as given" if not report.default_seed else ""
        )
        return [Use("", [], "", f"start, {said or f'd{name}/d{name}'}", "", gradient)]
    if not row.terms:
        idle = "no gradient" if row.silent else f"not used by {glyphs.text(labels[report.output])}"
        return [Use("", [], "", idle, "", gradient)]
    terms, many = row.terms, len(row.terms)
    if many == 1:
        return [use(terms[0], labels, detail, glyphs)._replace(product=gradient)]
    head = tail = many
    if 0 < detail.uses < many:
        head, tail = detail.uses - detail.uses // 2, detail.uses // 2
    found = [use(term, labels, detail, glyphs) for term in terms[:head]]
    if head < many:
        found.append(Use(glyphs.ellipsis, [], "", f"{many - head - tail:,} more uses", "", []))
        found += [use(term, labels, detail, glyphs) for term in terms[many - tail :]]
    return [
        *found,
        Use("", [], "", f"sum of {many:,} uses" if many < 100 else f"{many:,} uses", "", gradient),
    ]


def use(term: Any, labels: dict[str, str], detail: Detail, glyphs: Glyphs) -> Use:
    """One term: upstream x local gradient = product."""
    precision, most = detail.precision, detail.most
    formula, local, times = glyphs.text(term.formula), "", ""
    if term.local is not None:
        times = glyphs.times
        local = one_line(term.local, precision, min(most, 4))
        if formula == local or (not shape_of(term.local) and is_number(formula, term.local)):
            formula = ""
        if term.stopped and not shape_of(term.local):
            formula = ""  # what counts is that nothing came
    return Use(
        into=glyphs.text(labels.get(term.into, term.into)),
        upstream=lines_of(term.upstream, precision, most),
        times=times,
        formula=formula,
        local=local,
        product=lines_of(term.product, precision, most),
        note=", ".join(word for word in (term.stopped, "summed" if term.summed else "") if word),
    )


def is_number(text: str, value: Any) -> bool:
    """Whether a formula is nothing but this number."""
    try:
        return float(text) == float(value)
    except ValueError:
        return False


def factor(formula: str) -> str:
    """A formula as it stands after a multiplication sign: x > 0 needs brackets, -1/x^2 does not."""
    depth = 0
    for at, c in enumerate(formula):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and (c in "<>=!" or (c in "+-" and at and formula[at - 1] not in "eE*/^(")):
            return f"({formula})"
    return formula
