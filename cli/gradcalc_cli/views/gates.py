"""The gates as a list, family by family, and as JSON (schema gradcalc.gates/1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from .json import dumps
from .styled import Glyphs, Line, Span, fold, line_width, pad, shorten, width, wrap

LONG = 18
LEAST = 20  # columns for a formula, else it has a line of its own


def by_family(gates: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The gates by the module that declares them, in the order of the modules."""
    from gradcalc.gates import FAMILIES

    families: dict[str, list[Any]] = {family: [] for family in FAMILIES}
    for gate in gates.values():
        families.setdefault(family_of(gate), []).append(gate)
    return {family: found for family, found in families.items() if found}


def family_of(gate: Any) -> str:
    """The family of a gate."""
    return str(gate.forward.__module__).rpartition(".")[2]


def by_name(gates: Mapping[str, Any], name: str) -> Any:
    """A gate by its name, another spelling of it, or its operator."""
    operator = {"**": "^", "^": "**"}.get(name)
    return gates.get(name) or next(
        (g for g in gates.values() if name in g.names or (g.symbol and g.symbol in (name, operator))), None
    )


def listing(
    families: Mapping[str, Sequence[Any]], makers: Sequence[Any], columns: int, glyphs: Glyphs
) -> list[Line]:
    """One line a gate: its name, its formula, its pattern, its other names."""
    every = [gate for gates in families.values() for gate in gates]
    name = max((width(gate.name) for gate in every if len(gate.name) <= LONG), default=LONG)
    pattern = max(width(gate.pattern.word) for gate in every)
    formula = min(max(width(gate.formula) for gate in every), 28, columns - name - pattern - 8)
    slim = formula < LEAST
    lines: list[Line] = []
    for family, gates in families.items():
        lines.append([(f" {family}", "bold")])
        for gate in gates:
            called, shown = gate.name, glyphs.text(gate.formula)
            if slim:
                lines.append([(f"   {called}", ""), (f"  {gate.pattern.word}", "gradient")])
                if line_width(lines[-1]) > columns:
                    lines[-1:] = [[span] for span in lines[-1]]
                lines += [[("      " + text, "forward")] for text in fold(shown, columns - 6)]
                continue
            if len(called) > LONG:  # it gets a line of its own
                lines.append([("   " + called, "")])
                called = ""
            start: list[Span] = [
                ("   " + pad(called, name) + "  ", ""),
                (pad(shorten(shown, formula, glyphs), formula) + "  ", "forward"),
                (pad(gate.pattern.word, pattern) + "  ", "gradient"),
            ]
            left = columns - name - formula - pattern - 9
            others = [gate.symbol] if gate.symbol not in (None, "neg", gate.name) else []
            also = ", ".join([*others, *gate.names])
            lines.append([*start, (shorten(also, left, glyphs), "dim")] if left > 3 else start)
        lines.append([])
    if makers:
        lines.append([(" constants", "bold"), ("  nothing flows back", "dim")])
        words = [part for maker in makers for part in fold(maker.signature, columns - 3)]
        lines += [[(line, "")] for line in wrap(words, columns, "   ", "  ")]
        lines.append([])
    count = f"{len(every)} gates; gradcalc gates NAME shows one"
    return [*lines, *([(line, "dim")] for line in wrap(count.split(" "), columns, " "))]


def gates_json(families: Mapping[str, Sequence[Any]]) -> str:
    """The records of gates as JSON."""
    return dumps(
        {"schema": "gradcalc.gates/1", "gates": [record(g) for found in families.values() for g in found]}
    )


def record(gate: Any) -> dict[str, Any]:
    """One gate as data."""
    return {
        "name": gate.name,
        "family": family_of(gate),
        "names": list(gate.names),
        "symbol": gate.symbol,
        "formula": gate.formula,
        "text": gate.doc,
        "inputs": list(gate.inputs),
        "parameters": {name: plain(default) for name, default in gate.params.items()},
        "pattern": gate.pattern.word,
        "elementwise": gate.elementwise,
        "gradients": {name: found.text for name, found in (gate.local or gate.vjp).items()},
        "domain": gate.domain.text if gate.domain else None,
        "kink": {"where": gate.kink.where, "rule": gate.kink.rule, "jump": gate.kink.jump}
        if gate.kink
        else None,
        "frameworks": gate.frameworks,
        "mistakes": [{"input": m.input, "text": m.text} for m in gate.mistakes],
        "examples": list(gate.examples),
    }


def plain(default: Any) -> Any:
    """A parameter's default as JSON can hold it."""
    return default if default is None or isinstance(default, (bool, int, float, str)) else repr(default)
