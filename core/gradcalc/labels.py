"""Short labels for nodes that have no name, valid wherever a name is."""

from __future__ import annotations

from .graphs import CONSTANT, Graph


def labels(graph: Graph, hidden: frozenset[int] = frozenset()) -> dict[int, str]:
    """A unique label for every node that is not a constant.

    A named node's is its name; the unnamed output's is `f`, other unnamed nodes are `q` if there is one,
    else `q1`, `q2` ... in forward order. Labels that are taken as names are skipped, and `hidden` nodes
    (those inside a function that is shown as one node) get none.
    """
    taken = set(graph.names) | graph.functions
    result: dict[int, str] = {}
    for i, name in graph.names_by_index.items():
        # A name that was bound again belongs to its last node; the earlier ones are numbered.
        if graph.names.get(name) == i:
            result[i] = name
    unnamed = [
        i
        for i, gate in enumerate(graph.gates)
        if gate is not CONSTANT and i not in result and i not in hidden
    ]
    rebound: dict[str, int] = {}
    rest: list[int] = []
    for i in unnamed:
        earlier = graph.names_by_index.get(i)
        if earlier is not None:
            number = rebound.get(earlier, 0) + 1
            while f"{earlier}_{number}" in taken:
                number += 1
            rebound[earlier] = number
            result[i] = f"{earlier}_{number}"
        elif i == graph.output:
            result[i] = _free("f", taken)
            taken.add(result[i])
        else:
            rest.append(i)
    if len(rest) == 1 and "q" not in taken:
        result[rest[0]] = "q"
        return result
    number = 0
    for i in rest:
        number += 1
        while f"q{number}" in taken:
            number += 1
        result[i] = f"q{number}"
    return result


def _free(label: str, taken: set[str]) -> str:
    if label not in taken:
        return label
    number = 1
    while f"{label}{number}" in taken:
        number += 1
    return f"{label}{number}"
