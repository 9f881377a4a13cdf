"""gradcalc check with answers: verdicts, diagnoses, hints."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
LECTURE = ("check", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")
STEPS = ("check", "q = x+y; q*z", "-x", "-2", "-y", "5", "-z", "-4")
FORK = ("check", "(x+sigmoid(y))/(sigmoid(x)+(x+y)^2)", "-x", "3", "-y", "-4", "-dx", "0.512", "-dy", "1.59")


def test_right_answers(run: Run) -> None:
    """A verdict for each, and nothing else."""
    ran = run(*LECTURE, "-dx", "-4", "-dy", "-4.0", "-q", "3")
    assert ran.code == 0
    assert ran.out == (
        " answer │ given │ verdict\n"
        "──────────────────────────\n"
        " dx     │ -4    │ right\n"
        " dy     │ -4.0  │ right\n"
        " q      │ 3     │ right\n"
        "\n"
        " 3 of 3 right\n"
    )


def test_a_wrong_answer_is_diagnosed(run: Run) -> None:
    """Without the true value."""
    ran = run(*FORK)
    assert ran.code == 1
    assert ran.out == (
        " answer │ given │ verdict\n"
        "──────────────────────────\n"
        " dx     │ 0.512 │ wrong\n"
        " dy     │ 1.59  │ right\n"
        "\n"
        " dx = 0.512 is what you get when only the branch through `x+sigmoid(y)`\n"
        "   arrives at the fork x; the branches through `x+y` and `sigmoid(x)` are lost\n"
        "\n"
        " 1 of 2 right\n"
    )
    assert "2.06" not in ran.out


def test_hints_come_in_stages(run: Run) -> None:
    """Where; what kind, without a number; the answer."""
    first, second, third = (run(*FORK, "--hint", level).out for level in "123")
    assert " dx is wrong: look at the fork x\n" in first
    assert "branch" not in first
    assert " dx is what you get when only the branch through" in second
    assert "dx = " not in second
    assert "2.06" not in first + second
    assert " dx = dq2 × 1 + dq3 × (q3*(1-q3)) + dq4 × 1 = 0.5121 × 1 +" in third
    assert "= 2.06\n where q2 = x+q1, q3 = sigmoid(x), q4 = x+y\n" in third


def test_hints_where_no_mistake_is_known(run: Run) -> None:
    """Then only the place can be told."""
    wrong = ("check", "q = x+y; q*z", "-x", "1.1", "-y", "2", "-z", "3.3", "-q", "3.97", "-dz", "3.97")
    assert " q is wrong: do this step again\n" in run(*wrong, "--hint", "1").out
    assert " no single mistake that is known gives q: do this step again\n" in run(*wrong, "--hint", "2").out
    assert " q = x+y = 3.1\n" in run(*wrong, "--hint", "3").out
    assert " q is where it goes wrong; dz follows correctly from what you wrote\n" in run(*wrong).out


def test_a_hint_for_an_array(run: Run) -> None:
    """The rule of the gate, and the answer."""
    ran = run(
        "check", "sum((W@x)^2)", "-W", "[[1,2],[3,4]]", "-x", "[1,-1]", "-dW", "[[2,4],[6,8]]", "--hint", "3"
    )
    assert " dW = dq1@x.T = [[-2 2] [-2 2]]\n where q1 = W@x\n" in ran.out


def test_what_follows_is_said(run: Run) -> None:
    """dx and dy follow from a wrong dq."""
    ran = run(*STEPS, "-dz", "3", "-dq", "4", "-dx", "4", "-dy", "4")
    assert ran.code == 1
    assert " dx     │ 4     │ wrong    but it follows from your dq\n" in ran.out
    assert " dq is where it goes wrong; dx and dy follow correctly from what you wrote\n" in ran.out
    assert ran.out.endswith(" 1 of 4 right, 2 more follow\n")


def test_several_candidates_are_listed(run: Run) -> None:
    """One below the other, each as a sentence that goes on."""
    ran = run("check", "(x+y)*z", "-x", "-2.06", "-y", "5.1", "-z", "-4.18", "-dx", "-2.1")
    assert ran.code == 1
    assert (
        " dx = -2.1 is what you get\n"
        "   - when the value of x is given instead of its gradient\n"
        "   - or with a factor 1/2 too many at `x+y`, on the way to x\n"
    ) in ran.out


def test_true_values_on_demand(run: Run) -> None:
    """--reveal shows them."""
    assert "4     │ -4         │ wrong" in run(*LECTURE, "-dy", "4", "--reveal").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["df/dx=-4"], 0),
        (["∂f/∂x=-4"], 0),
        (["x.grad=-4"], 0),
        (["df/dx = -4"], 0),
        (["-df/dx", "-4"], 0),
        (["-df/dx=-4"], 0),
        (["-x.grad", "-4"], 0),
        (["−∂f/∂x", "−4"], 0),
        (["dL/dx=4"], 1),
        (["dq/dx=1", "dq=-4", "-q", "3"], 0),
        (["grad_x=-4"], 0),
    ],
)
def test_names_that_people_write(run: Run, words: list[str], code: int) -> None:
    """Bare words after the expression, with a dash or without."""
    ran = run(*LECTURE, *words)
    assert (ran.code, ran.err) == (code, "")


def test_an_expression_may_look_like_a_gradient(run: Run) -> None:
    """The first word is the expression, even if it is df/dx."""
    assert run("check", "df/dx", "-df", "6", "-dx", "3", "-f", "2").code == 0


def test_a_variable_called_dx_wins(run: Run) -> None:
    """dx in the expression is no answer."""
    ran = run("check", "dx*x", "-dx", "5", "-x", "2", "-ddx", "2")
    assert ran.code == 0
    assert " ddx    │ 2     │ right" in ran.out


def test_values_of_computed_names(run: Run) -> None:
    """-q is an answer where the program computes q, and a value where it only declares it."""
    assert " q      │ 3" in run("check", "q = x+y; q*2", "-x", "1", "-y", "2", "-q", "3").out
    assert run("check", "q = 1; q*2", "-q", "3", "-dq", "2").code == 0


def test_labels_of_unnamed_nodes(run: Run) -> None:
    """As the table of eval shows them."""
    sigmoid = ("check", "1/(1+exp(-(w*x+b)))", "-w", "2", "-x", "-1", "-b", "3", "-dq2", "0.20", "-q1", "-2")
    assert run(*sigmoid).code == 0


def test_rounding_on_the_way(run: Run) -> None:
    """Right with a note; --strict makes it wrong."""
    slide = ("check", "1/(1+exp(-(w*x+b)))", "-w", "2", "-x", "-1", "-b", "3", "-dx", "0.40")
    ran = run(*slide)
    assert ran.code == 0
    assert "rounded  intermediate results rounded to 2 decimals on the way\n" in ran.out
    assert run(*slide, "--strict").code == 1


def test_a_tolerance(run: Run) -> None:
    """--rtol replaces the digits rule."""
    assert run("check", "x/3", "-x", "1", "-f", "0.34").code == 1
    assert run("check", "x/3", "-x", "1", "-f", "0.34", "--rtol", "0.05").code == 0


@pytest.mark.parametrize(("text", "code"), [("4", 3), ("3.6", 0), ("3.7", 1), ("3,6", 0), ("three", 2)])
def test_exit_codes(run: Run, text: str, code: int) -> None:
    """0 right, 1 wrong, 2 unreadable, 3 too coarse."""
    assert run("check", "x^2", "-x", "1.8", "-dx", text).code == code


def test_unreadable_answers_say_why(run: Run) -> None:
    """On standard output: it is a verdict, not an error."""
    ran = run(*LECTURE, "-dx", "1,234.5")
    assert (ran.code, ran.err) == (2, "")
    assert " 1,234.5 │ unreadable  1,234.5 has two readings: write 1234.5 for one" in ran.out


def test_as_json(run: Run) -> None:
    """Schema gradcalc.check/1, with keys that are only ever added."""
    record = json.loads(run(*LECTURE, "-dx", "-4", "--format", "json").out)
    assert record["schema"] == "gradcalc.check/1"
    assert record["target"] == "(x+y)*z"
    (answer,) = record["answers"]
    assert {key: answer[key] for key in ("name", "given", "value", "verdict", "mistakes")} == {
        "name": "dx",
        "given": "-4",
        "value": -4.0,
        "verdict": "right",
        "mistakes": [],
    }
    assert (record["credit"], record["mistakes"]) == (1, [])


def test_mistakes_as_json(run: Run) -> None:
    """With their sentences, the answers that they explain, and those that are the same here."""
    record = json.loads(run(*STEPS, "-dz", "3", "-dq", "4", "-dx", "4", "--format", "json").out)
    assert [a["verdict"] for a in record["answers"]] == ["right", "wrong", "wrong"]
    assert [a["follows"] for a in record["answers"]] == [[], [], ["dq"]]
    assert [a["credit"] for a in record["answers"]] == [1, 0, 1]
    (mistake,) = record["mistakes"]
    assert set(mistake) == {"name", "text", "where", "answers", "sure", "also"}
    assert mistake["answers"] == ["dq", "dx"]
    assert record["answers"][1]["mistakes"] == [{"name": mistake["name"], "text": mistake["text"]}]
    assert {"name": "sign lost", "text": "when the sign turns at `q*z`, on the way to q"} in mistake["also"]


def test_hints_as_json_hold_nothing_back_that_they_should_not(run: Run) -> None:
    """Neither the true value nor the mistake is there before its stage."""
    one, two, three = (json.loads(run(*FORK, "--hint", n, "--format", "json").out) for n in "123")
    assert one["answers"][0]["value"] is None
    assert two["answers"][0]["value"] is None
    assert three["answers"][0]["value"] == pytest.approx(2.0595697955721652)
    assert one["mistakes"] == one["answers"][0]["mistakes"] == one["hints"][0]["kinds"] == []
    assert one["hints"][0]["where"] == ["the fork x"]
    assert "0.512" not in json.dumps(two["mistakes"])
    assert [m["name"] for m in two["mistakes"]] == ["branch lost"]


def test_an_ascii_terminal(run: Run) -> None:
    """No sign that it can't show."""
    ran = run(*FORK, "--hint", "3", PYTHONIOENCODING="ascii")
    assert ran.code == 1


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_it_fits_the_width(run: Run, width: int) -> None:
    """No line is longer than the terminal, whatever has to be said."""
    words = ("-ds", "[[1,2],[3,4]]", "-db", "[4,6]", "-dW", "[[10,14],[-1,0]]", "-dX", "[[9,9],[9,9]]")
    points = ("-X", "[[1,2],[3,-1]]", "-W", "[[.5,-.2],[.3,.8]]", "-b", "[.1,.2]")
    ran = run("check", "s = X@W + b; sum(s^2)", *points, *words, "--width", str(width))
    assert max(map(len, ran.out.splitlines())) <= width
    ran = run(*FORK, "--width", str(width))
    assert max(map(len, ran.out.splitlines())) <= width


def test_no_mistake_gives_infinity(run: Run) -> None:
    """What is no number of any mistake is explained by none."""
    for answer in ("inf", "-inf"):
        ran = run("check", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4", "-dz", answer)
        assert ran.code == 1
        assert "what you get" not in ran.out


def test_zero_is_not_rounded_to_no_digits(run: Run) -> None:
    """0.00 for 0.0082 is wrong: no digits are left."""
    assert "rounded" not in run("check", "exp(x) - exp(y)", "-x", "1.004", "-y", "1.001", "-f", "0.00").out


def test_a_tolerance_takes_the_place_of_rounding(run: Run) -> None:
    """What is 5.8 % off is not within 1 %, however it was rounded."""
    text = "(x+sigmoid(y))/(sigmoid(x)+(x+y)^2)"
    asked = (
        "check",
        text,
        "-x",
        "3",
        "-y",
        "-4",
        "-dx",
        "2.05",
        "-dy",
        "1.5",
        "--rtol",
        "0.01",
        "--format",
        "json",
    )
    verdicts = [answer["verdict"] for answer in json.loads(run(*asked).out)["answers"]]
    assert verdicts == ["right", "wrong"]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("junit", '    <testcase classname="x*sigmoid(x*y)" name="dy"/>'),
        (
            "github",
            "::error title=gradcalc%3A x*sigmoid(x*y)::dx = 0.119: wrong%0Adx = 0.119 is what you get",
        ),
        (
            "markdown",
            "| `x*sigmoid(x*y)` | dx | fail | dx = 0.119 is what you get when only the branch through",
        ),
    ],
)
def test_answers_for_servers(run: Run, kind: str, line: str) -> None:
    """Each answer is a case; with --hint 1 no mistake is told."""
    asked = (
        "check",
        "x*sigmoid(x*y)",
        "-x",
        "2",
        "-y",
        "-1",
        "-dx",
        "0.119",
        "-dy",
        "0.42",
        "--format",
        kind,
    )
    ran = run(*asked)
    assert ran.code == 1
    assert any(found.startswith(line) for found in ran.out.splitlines())
    assert "what you get" not in run(*asked, "--hint", "1").out


def test_unreadable_answers_speak_of_answers(run: Run) -> None:
    """No option of a command line, and no lesson in syntax."""
    for text in ("4 m", "-4 (approx.)", "-4 or 4", "33.3%", "<b>&", "about 2"):
        ran = run("check", "x*y", "-x", "2", "-y", "-1", "-dx", text)
        assert ran.code == 2
        assert "an answer is a number, such as" in " ".join(ran.out.split())


def test_a_thousand_with_a_comma(run: Run) -> None:
    """It is said how it was read."""
    out = run("check", "x*y", "-x", "1234", "-y", "2", "-dy", "1,234").out
    assert "read as 1.234, with a decimal comma: write 1234 for the other" in " ".join(out.split())
    assert "read as" not in run("check", "x*y", "-x", "1.234", "-y", "2", "-dy", "1,234").out
