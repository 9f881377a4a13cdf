"""One dash is a variable, two dashes are an option: every command line that was ever read wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from gradcalc.errors import GradcalcError
from gradcalc_cli.splitting import Splitter, Words, plain_name

TAKES = {"--format", "--precision", "--get", "--color"}
FLAGS = {"--help", "--tree", "--summary", "--no-check"}


def split(*args: str) -> Words:
    return Splitter("eval", TAKES, FLAGS).split(args)


READ: list[tuple[list[str], str, dict[str, str]]] = [
    (["(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4"], "(x+y)*z", {"x": "-2", "y": "5", "z": "-4"}),
    (["x*2", "-x", "-1e-3"], "x*2", {"x": "-1e-3"}),
    (["x*2", "-x=-2"], "x*2", {"x": "-2"}),
    (["x", "-w0", ".5"], "x", {"w0": ".5"}),
    (["x", "-x", "-inf"], "x", {"x": "-inf"}),
    (["x", "-x", "-pi"], "x", {"x": "-pi"}),
    (["x", "-x", "-e", "-y", "-π"], "x", {"x": "-e", "y": "-π"}),
    (["x", "-x=-pi"], "x", {"x": "-pi"}),
    (["x", "-x", "-2*pi"], "x", {"x": "-2*pi"}),
    (["x", "-x", "-exp(1)"], "x", {"x": "-exp(1)"}),
    (["W@x", "-W", "[[1,2],[3,4]]", "-x", "[1,2]"], "W@x", {"W": "[[1,2],[3,4]]", "x": "[1,2]"}),
    (["-x", "3", "x*2"], "x*2", {"x": "3"}),
    (["-x*2", "-x", "3"], "-x*2", {"x": "3"}),
    (["-exp(p)", "-p", "3"], "-exp(p)", {"p": "3"}),
    (["-2*x", "-x", "3"], "-2*x", {"x": "3"}),
    (["--x*2", "-x", "3"], "--x*2", {"x": "3"}),
    (["-x", "3", "--", "-x"], "-x", {"x": "3"}),
    (["--", "-x", "x=3"], "-x", {"x": "3"}),
    (["h*f", "-h", "3", "-f", "4"], "h*f", {"h": "3", "f": "4"}),
    (["alpha*2", "-alpha", "3"], "alpha*2", {"alpha": "3"}),
    (["path*2", "-path", "3"], "path*2", {"path": "3"}),
    (["vf*2", "-vf", "3"], "vf*2", {"vf": "3"}),
    (["θ*2", "-θ", "5"], "θ*2", {"θ": "5"}),
    (["x₁*2", "-x₁", "5"], "x₁*2", {"x1": "5"}),
    (["𝑥*2", "-𝑥", "5"], "𝑥*2", {"x": "5"}),
    (["x*2", "−x", "−3"], "x*2", {"x": "−3"}),
    (["x*y", "x=2", "y=-3"], "x*y", {"x": "2", "y": "-3"}),
    (["x*y", "x=2", "-y", "-3"], "x*y", {"x": "2", "y": "-3"}),
    (["x=3; x*2"], "x=3; x*2", {}),
    (["x==y", "x=1", "y=1"], "x==y", {"x": "1", "y": "1"}),
    (["q*z", "-dq5", "-0.20"], "q*z", {"dq5": "-0.20"}),
    (["x*2", "-x", ""], "x*2", {"x": ""}),
    (["x*2", "-x="], "x*2", {"x": ""}),
    (["-", "-x", "2"], "-", {"x": "2"}),
    (["x", "-x", "@data.npy"], "x", {"x": "@data.npy"}),
    (["x", "-x", "a=b"], "x", {"x": "a=b"}),
]


@pytest.mark.parametrize(("args", "expression", "bindings"), READ, ids=lambda v: str(v))
def test_a_command_line_is_taken_apart(args: list[str], expression: str, bindings: dict[str, str]) -> None:
    """The expression and the variables come out whole, wherever they stand."""
    words = split(*args)
    assert words.words == [expression]
    assert words.bindings == bindings
    assert words.options == []


@pytest.mark.parametrize("at", [0, 1, 3])
def test_options_stand_anywhere(at: int) -> None:
    """Options go before, between and behind the rest, with a blank or with =."""
    for option in (["--format", "json"], ["--format=json"]):
        args = ["x*2", "-x", "3"]
        args[at:at] = option
        assert split(*args) == Words(["--format=json"], ["x*2"], {"x": "3"})


def test_an_option_is_glued_to_its_value() -> None:
    """A value that looks like a variable or an expression stays the option's."""
    assert split("x", "--get", "-x", "--tree").options == ["--get=-x", "--tree"]


@pytest.mark.parametrize("args", [["-h"], ["-help"], ["x*h", "-h"], ["x", "-h", "--tree"], ["--help"]])
def test_h_without_a_value_is_help(args: list[str]) -> None:
    """-h is help where it has no value, and a variable where it has one."""
    assert split(*args).help


REFUSED: list[tuple[list[str], str, str | None]] = [
    (["x", "-x"], "-x needs a value", "write -x 2 or -x=-2"),
    (["-x"], "-x needs a value", "write -x 2 or -x=-2; an expression that is just -x goes after --"),
    (["x*y", "-x", "-y", "3"], "-x needs a value", "write -x 2 or -x=-2; if -y is its value, write -x=-y"),
    (["x*y", "-x", "--format", "json"], "-x needs a value", "write -x 2 or -x=-2"),
    (["x", "-x", "1", "-x", "2"], "-x is given twice", "its values are 1 and 2"),
    (["x", "-x", "1", "x=2"], "-x is given twice", "its values are 1 and 2"),
    (["x", "-x₁", "1", "-x1", "2"], "-x1 is given twice", "its values are 1 and 2"),
    (["x", "--formt", "json"], "there is no option --formt", "did you mean --format?"),
    (["x", "--x=5"], "there is no option --x", "a variable takes one dash: -x=5"),
    (["x", "--lr", "3"], "there is no option --lr", "a variable takes one dash: -lr VALUE"),
    (
        ["x", "--from-file-x"],
        "there is no option --from-file-x",
        "gradcalc eval --help lists the options",
    ),
    (["x", "--format"], "--format needs a value", "gradcalc eval --help shows how it is used"),
    (["x", "--format", "--tree"], "--format needs a value", "gradcalc eval --help shows how it is used"),
    (["x", "--tree=yes"], "--tree takes no value", None),
    (
        ["x*2", "-x=0", ".5"],
        ".5 is left over",
        'PowerShell splits -x=0.5 at the point: write -x 0.5 or "-x=0.5"',
    ),
    (
        ["x", "y", "-x", "1"],
        "two expressions are given: x and y",
        'quote an expression that has blanks in it: gradcalc eval "x y"',
    ),
    (
        ["x", "+", "y"],
        "two expressions are given: x and +",
        'quote an expression that has blanks in it: gradcalc eval "x + y"',
    ),
    (
        ["W*x", "-W", "[[1,", "2],[3,4]]"],
        "two expressions are given: W*x and 2],[3,4]]",
        'quote a value that has blanks in it: -W "[[1, 2],[3,4]]"',
    ),
    (["W*x", "-W", "1", "2"], "two expressions are given: W*x and 2", 'quote a list: -W "[1, 2]"'),
    (["x^2", "-x²", "3"], "two expressions are given: x^2 and -x²", "-x² is no name of a variable"),
    (
        ["--", "-x*2", "-x", "3"],
        "-x is left over after --",
        "variables and options come before --: -x 3 -- -x",
    ),
    (
        ["--", "-x", "--tree"],
        "--tree is left over after --",
        "variables and options come before --: -x 3 -- -x",
    ),
]


@pytest.mark.parametrize(("args", "message", "hint"), REFUSED, ids=lambda v: str(v))
def test_a_command_line_is_refused(args: list[str], message: str, hint: str | None) -> None:
    """The message says what is wrong, and the hint what to type."""
    with pytest.raises(GradcalcError) as caught:
        split(*args)
    assert (caught.value.message, caught.value.hint, caught.value.kind) == (message, hint, "usage")


def test_an_unquoted_star_became_files(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word too many that is a file here was a * once."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(GradcalcError) as caught:
        split("x", "notes.txt", "y", "-x", "1")
    assert caught.value.hint == (
        'notes.txt is a file here: the shell turns an unquoted * into file names; write "x * y"'
    )


def test_names_are_those_of_expressions() -> None:
    """Subscripts are digits, and mathematical letters are letters."""
    assert [plain_name(name) for name in ("x₁₂", "𝜎", "θ", "x")] == ["x12", "σ", "θ", "x"]


def test_completion_refuses_nothing() -> None:
    """While a shell asks what may follow, half a command line is no error."""
    half = Splitter("eval", TAKES, FLAGS, forgiving=True)
    assert half.split(["x*y", "-x", "1", "-y"]).bindings == {"x": "1"}
