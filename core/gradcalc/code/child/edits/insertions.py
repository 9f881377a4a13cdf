"""Edits that put in what is missing: a factor, a mask, the upstream gradient, a term, a sum."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from ..naming import STRENGTHS
from .sites import COUNTS, Edit, Site, parsed, text_of, times

# What may multiply, the plainest first: {} is a name.
FACTORS = ("{}", "(1 - {})", "{}**2", "(1 - {}**2)", "(1 + {})")
TESTS = ("({} > 0)", "({} < 0)")
AXES = ("0", "-1", "(0, 1)", "(0, 2, 3)")


def insertions(
    every: Sequence[Site], names: Sequence[str], upstream: Sequence[str], masks: Sequence[str] = ()
) -> Iterator[Edit]:
    """The plainest insertions at every place before the next ones at any."""
    roots = [s for s in every if s.root and not isinstance(s.node, (ast.Tuple, ast.List, ast.Dict))]
    inner = [s for s in every if not s.root and (_is_inner(s.parent) or _is_operand(s))]
    for group in (roots, inner):
        for site in group:
            yield from _factors(site, names, upstream, FACTORS[:1], masks)
    for site in roots:
        yield from _masks(site, names)
    for site in roots:
        yield from _terms(site, names)
        yield from _penalties(site, names)
        yield from _sums(site)
    for group in (roots, inner):
        for site in group:
            yield from _factors(site, names, upstream, FACTORS[1:], masks)
    for site in inner:
        yield from _masks(site, names)
        yield from _summands(site, names)
    for site in roots:
        yield from _paths(site, names)
    for site in (*roots, *inner):
        yield from _products(site, names)


def _is_inner(parent: Any) -> bool:
    """Whether a factor may be missing in what stands there: in a product, or before a method is called."""
    return isinstance(parent, (ast.BinOp, ast.Slice)) or (
        isinstance(parent, ast.Attribute) and parent.attr in ("reshape", "sum", "mean", "transpose", "dot")
    )


def _is_operand(site: Site) -> bool:
    """Whether it goes into a function: np.sum(t) for np.sum(t * x)."""
    return isinstance(site.parent, ast.Call) and site.field == "args"


def _edit(site: Site, new: Any, kind: str, says: str) -> Edit:
    return Edit((site.parent, site.field, site.at), site.node, new, kind, says, 6)


def _factors(
    site: Site, names: Sequence[str], upstream: Sequence[str], forms: Sequence[str], masks: Sequence[str]
) -> Iterator[Edit]:
    for name in names:
        kind = (
            "upstream-ignored"
            if name in upstream
            else "mask"
            if name in masks or "mask" in name.lower()
            else "missing-factor"
        )
        kind = "factor" if name in COUNTS else kind
        if kind == "upstream-ignored" and _is_summand(site):
            kind = "missing-factor"  # the other summands have it
        for form in forms:
            text = form.format(name)
            yield _edit(site, times(site.node, parsed(text)), kind, f"the factor {text} is missing in {{}}")
            if form == "{}":
                new = ast.BinOp(site.node, ast.Div(), parsed(text))
                yield _edit(site, new, kind, f"the factor 1/{text} is missing in {{}}")


def _products(site: Site, names: Sequence[str]) -> Iterator[Edit]:
    """Two factors at once, as in b / (|a| |b|)."""
    for a, b in itertools.combinations([n for n in names if n != text_of(site.node)], 2):
        text = f"({a} * {b})"
        says = f"the factor {{}}{text} is missing in {{{{}}}}"
        for sign, op in (("1/", ast.Div()), ("", ast.Mult())):
            new = ast.BinOp(site.node, op, parsed(text))
            yield _edit(site, new, "missing-factor", says.format(sign))


def _is_summand(site: Site) -> bool:
    return isinstance(getattr(site.parent, "op", None), (ast.Add, ast.Sub))


def _masks(site: Site, names: Sequence[str]) -> Iterator[Edit]:
    for name in names:
        for test in TESTS:
            text = test.format(name)
            yield _edit(site, times(site.node, parsed(text)), "mask", f"the mask {text} is missing in {{}}")


def _terms(site: Site, names: Sequence[str]) -> Iterator[Edit]:
    here = text_of(site.node)
    for name in names:
        if name == here:
            continue
        v = parsed(name)
        yield _edit(
            site, ast.BinOp(site.node, ast.Add(), v), "lost-term", f"the term {name} is missing in {{}}"
        )
        yield _edit(
            site, ast.BinOp(site.node, ast.Sub(), v), "lost-term", f"the term -{name} is missing in {{}}"
        )
        for text in (
            f"({here}) @ {name}",
            f"({here}) @ {name}.T",
            f"{name} @ ({here})",
            f"{name}.T @ ({here})",
        ):
            yield _edit(site, parsed(text), "missing-factor", f"the factor {name} is missing in {{}}")


def _summands(site: Site, names: Sequence[str]) -> Iterator[Edit]:
    """A name that is missing in a sum in brackets."""
    for name in (n for n in names if n != text_of(site.node)):
        for op, sign in ((ast.Add(), ""), (ast.Sub(), "-")):
            new = ast.BinOp(site.node, op, parsed(name))
            yield _edit(site, new, "lost-term", f"the term {sign}{name} is missing in {{}}")


def _penalties(site: Site, names: Sequence[str]) -> Iterator[Edit]:
    """The gradient of a regularisation term: 2 * reg * W."""
    for strength in names:
        if strength.rpartition(".")[2].lower() not in (*STRENGTHS, "beta"):
            continue
        for weights in names:
            for text in (f"2 * {strength} * {weights}", f"{strength} * {weights}"):
                new = ast.BinOp(site.node, ast.Add(), parsed(text))
                yield _edit(site, new, "regularisation", f"the term {text} is missing in {{}}")


def _sums(site: Site) -> Iterator[Edit]:
    here = text_of(site.node)
    for axis in (*AXES, "1", "2"):
        for keep in ("", ", keepdims=True"):
            text = f"({here}).sum(axis={axis}{keep})"
            yield _edit(site, parsed(text), "not-summed", f"{{}} is not summed over axis {axis}")
    yield _edit(site, parsed(f"({here}).sum()"), "not-summed", "{} is not summed")


def _paths(site: Site, names: Sequence[str]) -> Iterator[Edit]:
    """The way through a mean, a length or a sum of all, which every entry takes part in."""
    here = text_of(site.node)
    for axis in AXES[:2]:
        mean = f"({here}) - ({here}).mean(axis={axis}, keepdims=True)"
        yield _edit(
            site, parsed(mean), "lost-term", f"the path through the mean over axis {axis} is lost in {{}}"
        )
        for v in names:
            for how in ("sum", "mean"):
                inner = f"(({here}) * {v}).{how}(axis={axis}, keepdims=True)"
                for text in (f"({here}) - {v} * {inner}", f"({here}) - {inner}"):
                    says = f"the path through a {how} over axis {axis} of {v} is lost in {{}}"
                    yield _edit(site, parsed(text), "lost-term", says)
