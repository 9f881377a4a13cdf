"""Many points at once: every row as if it were asked by itself, in constant memory."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from gradcalc import GATES
from gradcalc.errors import GradcalcError
from gradcalc.gate import with_slopes
from gradcalc.report import Report
from gradcalc.rows import WORDS, Batch, Rows
from gradcalc.session import Question, answer


def ran(text: str, table: str, **options: Any) -> tuple[Rows, list[Batch]]:
    """All batches of a program over a table."""
    keys = ("check", "method", "step", "gates")
    how = {key: options.pop(key) for key in keys if key in options}
    rows = Rows(Question(text, **options), io.BytesIO(table.encode()), "t.csv", **how)
    return rows, list(rows)


def verdicts(text: str, table: str, **options: Any) -> list[str]:
    """The verdict on each row."""
    return [word for batch in ran(text, table, **options)[1] for word in batch.verdicts]


def table_of(names: str, values: Any) -> str:
    """A CSV table."""
    return "\n".join([names, *(",".join(map(repr, row)) for row in np.asarray(values).tolist())]) + "\n"


def test_the_lecture() -> None:
    """(x+y)*z at two points."""
    rows, (batch,) = ran("(x+y)*z", "x,y,z\n-2,5,-4\n1,2,3\n")
    assert rows.names == ["x", "y", "z", "value", "dx", "dy", "dz", "verdict"]
    assert batch.value.tolist() == [-12.0, 9.0]
    assert {k: v.tolist() for k, v in batch.gradients.items()} == {
        "dx": [-4.0, 3.0],
        "dy": [-4.0, 3.0],
        "dz": [3.0, 3.0],
    }
    assert batch.verdicts == ["pass", "pass"]
    assert (rows.counts, rows.first, rows.exit_code) == ({"pass": 2}, {}, 0)


def asked(text: str, inputs: dict[str, float]) -> tuple[str, Report | None]:
    """What eval answers; or the kind of its error."""
    try:
        return "", answer(Question(text, inputs))
    except GradcalcError as error:
        return error.kind, None


PROGRAMS = [
    "(x+y)*z",
    "relu(x) + sqrt(y)*z",
    "log(x)*y/z",
    "x^y + exp(100*z)",
    "abs(x)*max(y, z) + floor(z)",
    "where(x > 0, log(x), z)*y",
    "sin(1e15*x) + tanh(y)*z",
    "sqrt(x^2 + y^2)/z",
    "s(t) = 1/(1+exp(-t)); s(x*y) + s(z)*x",
    "clip(x, -1, 1)*arctan2(y, z)",
    "relu(x) - relu(-x) + y*z",
    "max(x, y, z)*x",
    "sum([x, y*z])",
]
VALUES = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 10.0)


@pytest.mark.parametrize("text", PROGRAMS)
def test_each_row_is_judged_as_eval_judges_it(text: str) -> None:
    """Value, gradients and verdict of a row do not depend on its neighbours, nor on how it ran."""
    points = np.random.default_rng(3).choice(VALUES, size=(60, 3))
    rows, batches = ran(text, table_of("x,y,z", points))
    assert rows.together == (text not in PROGRAMS[-2:])
    (batch,) = batches
    for k, point in enumerate(points):
        kind, report = asked(text, dict(zip("xyz", point, strict=True)))
        if report is None:
            assert batch.verdicts[k] == kind, point
            assert batch.blank[k]
            continue
        assert report.check is not None
        assert batch.verdicts[k] == str(report.check.verdict), point
        assert not batch.blank[k]
        np.testing.assert_allclose(batch.value[k], report.rows[-1].value, rtol=1e-14)
        for name, gradient in report.gradients.items():
            np.testing.assert_allclose(batch.gradients[f"d{name}"][k], gradient, rtol=1e-13, err_msg=name)


def test_bad_rows_do_not_stop_the_others() -> None:
    """Each kind of bad row carries its verdict, and the first of its kind is kept."""
    table = "id,x,y\na,1,2\nb,-1,2\nc,,2\nd,1000,0\ne,1,nan\nf,1\ng,exp,3\n\nh,3,4\n"
    rows, (batch,) = ran("log(x)*y + exp(x)", table)
    assert batch.verdicts == [
        "pass", "domain", "unreadable", "overflow", "unreadable", "unreadable", "unreadable", "pass",
    ]  # fmt: skip
    assert batch.blank.tolist() == [False, True, True, True, True, True, True, False]
    assert np.isnan(batch.value[batch.blank]).all()
    assert rows.exit_code == 2
    assert rows.first["domain"].line == 3
    assert "x = -1" in rows.first["domain"].evidence
    assert rows.first["unreadable"] == (4, "column x: nothing is not a number")


@pytest.mark.parametrize(
    ("text", "table", "code"),
    [
        ("x", "x\n1\n", 0),
        ("abs(x)", "x\n0\n", 0),
        ("floor(x)", "x\n2\n", 3),
        ("sqrt(x)", "x\n0\n1\n", 2),
        ("relu(x)-relu(-x)+sqrt(y)", "x,y\n0,1\n1,-1\n", 1),
        ("x", "x\n", 0),
    ],
)
def test_exit_codes(text: str, table: str, code: int) -> None:
    """A failed check weighs more than a row without an answer, and that more than an undecided one."""
    assert ran(text, table)[0].exit_code == code


def test_a_wrong_gate_is_caught_in_every_row() -> None:
    """A planted fault."""
    broken = with_slopes(GATES["mul"].break_("x", lambda code: lambda z, x, y: -code(z, x, y)))
    words = verdicts("x*y", "x,y\n1,2\n3,4\n", gates={**GATES, "mul": broken})
    assert words == ["fail", "fail"]


def test_a_wrong_declaration_fails_everywhere_and_soon() -> None:
    """A function's declared gradient is checked in each row; after many alike the closer look is spared."""
    points = np.random.default_rng(0).normal(size=(20_000, 1))
    rows, _ = ran("s(t) = t^2 with dt = 3*t; s(x)*2", table_of("x", points))
    assert rows.counts == {"fail": 20_000}
    assert rows.exit_code == 1
    assert "moving it says" in rows.first["fail"].evidence


def test_without_a_check() -> None:
    """Rows are unchecked; bad ones are bad all the same."""
    assert verdicts("sqrt(x)", "x\n1\n0\n-1\nq\n", check=False) == [
        "unchecked",
        "nonfinite",
        "domain",
        "unreadable",
    ]


@pytest.mark.parametrize("text", ["x*y", "sum([x, y])"])
def test_an_infinite_input_has_no_answer(text: str) -> None:
    """In a chunk and by itself: unless the output is finite all the same, there is nothing to check."""
    rows, (batch,) = ran(text, "x,y\n1,2\ninf,2\n3,-inf\n")
    assert batch.verdicts == ["pass", "domain", "domain"]
    assert batch.blank.tolist() == [False, True, True]
    assert rows.first["domain"].evidence.startswith("x is inf, and so ")
    assert verdicts("exp(x)", "x\n-inf\n") == ["pass"]


def test_inputs_that_are_the_same_in_all_rows() -> None:
    """Given ones, defaults and a file's; each has its own gradient in every row."""
    rows, (batch,) = ran("b = 10; w*x + b", "x\n1\n2\n", inputs={"w": "3"})
    assert batch.value.tolist() == [13.0, 16.0]
    assert {k: v.tolist() for k, v in batch.gradients.items()} == {
        "dx": [3.0, 3.0],
        "dw": [1.0, 2.0],
        "db": [1.0, 1.0],
    }
    rows, (batch,) = ran("b = 10; w*x + b", "x,b\n1,0\n", inputs={"w": "3"}, wrt=("w",), upstream="2")
    assert batch.value.tolist() == [3.0]
    assert rows.gradient_names == ["dw"]
    assert batch.gradients["dw"].tolist() == [2.0]


def test_arrays_and_indices_run_row_by_row() -> None:
    """A fixed array has no column of its own; a column may be an index."""
    rows, (batch,) = ran("sum(W*x)", "x\n1\n2\n", inputs={"W": "[1, 2]"})
    assert not rows.together
    assert batch.value.tolist() == [3.0, 6.0]
    assert list(batch.gradients) == ["dx"]
    rows, (batch,) = ran("W[n]*x", "n,x\n0,2\n1,3\n7,1\n", inputs={"W": "[5, 6]"})
    assert batch.value[:2].tolist() == [10.0, 18.0]
    assert batch.gradients["dx"][:2].tolist() == [5.0, 6.0]
    assert batch.blank.tolist() == [False, False, True]


def test_methods_and_steps_are_heard() -> None:
    """Central differences run row by row."""
    for how in ({"method": "central"}, {"step": 1e-5}):
        rows, (batch,) = ran("x*x*y", "x,y\n1,2\n", **how)
        assert not rows.together
        assert batch.verdicts == ["pass"]


@pytest.mark.parametrize(
    ("text", "table", "words"),
    [
        ("x", "", "is empty"),
        ("x", "1\n2\n", "does not begin with the names"),
        ("x", "a\n1\n", "uses no column|has no value"),
        ("x+w", "x\n1\n", "w has no value"),
        ("x*z", "x,z\n1,2\n", "z is given twice"),
        ("x", "x,x\n1,2\n", "two columns x"),
        ("[x, 2*x]", "x\n1\n", "needs one number for each row"),
        ("x +", "x\n1\n", "expected a value"),
        (b"x", b"x\xff\n1\n", "not UTF-8"),
    ],
)
def test_questions_that_can_not_be_answered(text: Any, table: Any, words: str) -> None:
    """What is wrong with all rows is said before the first."""
    data = table if isinstance(table, bytes) else table.encode()
    text = text if isinstance(text, str) else text.decode()
    inputs = {"z": "2"} if "z" in text else {}
    with pytest.raises(GradcalcError, match=words):
        list(Rows(Question(text, inputs), io.BytesIO(data), "t.csv"))


def test_columns_named_as_functions_or_results() -> None:
    """A column called max leaves max(...) alone; a variable wins over a result's name."""
    rows, (batch,) = ran("max(x, value)*e", "max,x,value,e,dx\n9,1,2,3,4\n")
    assert batch.value.tolist() == [6.0]
    assert rows.names == ["max", "x", "value", "e", "dx", "(value)", "d(x)", "dvalue", "de", "verdict"]


def test_a_computed_name_is_no_input() -> None:
    """A column of that name is let through."""
    rows, (batch,) = ran("q = x + 1; q*q", "q,x\n99,2\n")
    assert rows.columns == ["x"]
    assert batch.value.tolist() == [9.0]


@pytest.mark.parametrize(
    "table", ["\ufeffx;y\r\n1;2\r\n", "x\ty\n1\t2\n", '"x", y\n"1", 2\n', "\n\nx,y\n1,2"]
)
def test_separators_and_line_ends(table: str) -> None:
    """As tables come."""
    _, (batch,) = ran("x-y", table)
    assert batch.value.tolist() == [-1.0]


def test_where_forgives_what_it_discards() -> None:
    """log(-1) in the branch that is not taken is nobody's business."""
    assert verdicts("where(x > 0, log(x), 0*x)", "x\n-1\n1\n") == ["pass", "pass"]


class Endless(io.RawIOBase):
    """A table without an end."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read1(self, size: int = -1) -> bytes:
        """A few whole rows, and half of one."""
        self.given += 1
        return b"x,y\n1,2\n3," if self.given == 1 else b"4\n5,6\n1," if self.given % 2 else b"2\n3,"


def test_rows_come_as_they_are_read() -> None:
    """Nothing waits for the end of the table, and lines may be cut anywhere."""
    stream = Endless()
    rows = Rows(Question("x*y"), stream, "stdin")  # type: ignore[arg-type]
    batches = iter(rows)
    values = [value for _ in range(50) for value in next(batches).value.tolist()]
    assert stream.given < 60
    assert values[:5] == [2.0, 6.0, 12.0, 30.0, 2.0] or set(values) <= {2.0, 6.0, 12.0, 30.0}


def test_lines_may_be_cut_anywhere() -> None:
    """Blocks of every size give the same."""
    from gradcalc.chunks import Table

    data = "x,µ\n1,2\r\n3,4\n\n5,six\n7,8".encode()
    for block in range(1, 30):
        table = Table(io.BytesIO(data), "t", block)
        chunks = list(table.chunks([0, 1], 2))
        good = [row for c in chunks for k, row in enumerate(c.values.tolist()) if k not in c.faults]
        assert table.names == ["x", "µ"]
        assert good == [[1.0, 2.0], [3.0, 4.0], [7.0, 8.0]], block
        assert [p for c in chunks for p in c.places] == [2, 3, 5, 6]


def test_a_line_without_an_end() -> None:
    """It is refused before it fills the memory."""

    class Line(io.RawIOBase):
        def read1(self, size: int = -1) -> bytes:
            return b"1" * (1 << 22)

    with pytest.raises(GradcalcError, match="a line of more than"):
        Rows(Question("x"), Line(), "t")  # type: ignore[arg-type]


def test_many_rows() -> None:
    """More than a chunk: each row once, in order, and equal to numpy by hand."""
    points = np.random.default_rng(0).normal(size=(40_000, 3))
    rows, batches = ran("(x+y)*z", table_of("x,y,z", points))
    assert len(batches) > 2
    x, y, z = points.T
    assert np.array_equal(np.concatenate([b.value for b in batches]), (x + y) * z)
    assert np.array_equal(np.concatenate([b.gradients["dz"] for b in batches]), x + y)
    assert rows.counts == {"pass": 40_000}
    assert set(rows.counts) <= set(WORDS)
