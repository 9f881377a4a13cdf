"""How much a result tells its student: where it goes wrong, or also what kind of mistake, or everything."""

from __future__ import annotations

from ..code.hints import KINDS
from .result import Graded, Item, Named

WRONG = ("wrong", "shape")


def hinted(graded: Graded, level: int | None) -> Graded:
    """A result as a hint: level 1 says where to look, 2 what kind of mistake it is; None or 3 says all.

    Neither shows a right number, or a line of code that is mended. Verdicts and points stay.
    """
    if level is None or level >= 3:
        return graded
    parts = tuple(
        p._replace(items=tuple(_less(i, level, bool(p.file)) for i in p.items)) for p in graded.parts
    )
    return graded._replace(parts=parts)


def _less(item: Item, level: int, code: bool) -> Item:
    if item.verdict not in WRONG or item.follows:
        return item
    if level == 1:
        places = dict.fromkeys(m.where for m in item.mistakes if m.where)
        where = f"look at {' or '.join(list(places)[:3])}" if places and not code else "do this step again"
        return item._replace(note=where, mistakes=())
    if code:
        kinds = dict.fromkeys(m.name for m in item.mistakes if m.name in KINDS)
        found = tuple(Named(k, f"{item.name}: {KINDS[k]}", KINDS[k]) for k in kinds)
    else:
        found = tuple(m._replace(text=f"{item.name} is what you get {m.kind}") for m in item.mistakes)
    return item._replace(note="" if found else "do this step again", mistakes=found)
