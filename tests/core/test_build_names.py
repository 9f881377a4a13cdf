"""Which names are inputs, read off the text."""

from __future__ import annotations

import pytest

from gradcalc import GradcalcError
from gradcalc.build import Names
from gradcalc.syntax import parse


def names(text: str, *given: str) -> Names:
    """The names of a program."""
    return Names(parse(text, bound=given), set(given))


PROGRAMS = [
    ("x*y + x", ("x",), ["x"], ["y"]),
    ("x = 2; y = x*3; y + z", (), ["x"], ["z"]),
    ("y = x*3; x = 2; y", (), ["x"], []),
    ("s = x; s = s*y + x; s", ("x", "y"), ["x", "y"], []),
    ("f(t) = t*w; f(x)", ("x",), ["x"], ["w"]),
    ("s = 0\nfor t in range(3):\n  s = s*t + x", ("x",), ["s", "x"], []),
    ("2*pi*e", (), [], []),
    ("e*2", ("e",), ["e"], []),
]


@pytest.mark.parametrize(("text", "given", "inputs", "unbound"), PROGRAMS)
def test_inputs_and_what_has_no_value(
    text: str, given: tuple[str, ...], inputs: list[str], unbound: list[str]
) -> None:
    """In the order in which the program names them."""
    found = names(text, *given)
    assert (list(found.inputs), list(found.unbound)) == (inputs, unbound)


@pytest.mark.parametrize(("text", "given"), [case[:2] for case in PROGRAMS if ";" in case[0]])
def test_a_long_program_is_read_like_a_short_one(text: str, given: tuple[str, ...]) -> None:
    """Statements that say nothing new of names are passed over, and nothing changes."""
    short = names(text, *given)
    last = text.rpartition(";")[2]
    long = names(text + f"; r = {last}" + "; r = r*2" * 20, *given)
    assert (long.inputs, long.unbound) == (short.inputs, short.unbound)
    assert long.defaults == short.defaults
    assert names("; ".join(["a = 1", *["a = a*2"] * 20, "b = 3; a*b + c"])).unbound.keys() == {"c"}


def test_a_computed_name_takes_no_value() -> None:
    """Whatever its place in the program."""
    with pytest.raises(GradcalcError, match="q is computed by the program, so -q can't set it"):
        names("x = 1; " + "x = x*2; " * 20 + "q = x*2; q", "q")
