"""reshape, stack, pad, roll, diag and their relatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcalc.gate import Gate
from gradcalc.gates import shape
from structural import assert_backward, refused, sample

CASES: list[tuple[str, list[tuple[int, ...]], dict[str, Any]]] = [
    ("reshape", [(2, 3)], {"shape": (3.0, 2.0)}),
    ("reshape", [(2, 3)], {"shape": (-1.0, 2)}),
    ("reshape", [(2, 3)], {"shape": -1.0}),
    ("reshape", [(2, 3)], {"shape": np.array([1.0, 6.0])}),
    ("reshape", [()], {"shape": (1, 1)}),
    ("reshape", [(1, 1)], {"shape": ()}),
    ("reshape", [(0, 3)], {"shape": (3, 0)}),
    ("ravel", [(2, 3)], {}),
    ("ravel", [()], {}),
    ("ravel", [(2, 3, 4)], {"start_dim": 1.0}),
    ("ravel", [(2, 3, 4)], {"start_dim": 0, "end_dim": -2}),
    ("squeeze", [(1, 3, 1)], {}),
    ("squeeze", [(1, 3, 1)], {"axis": -1.0}),
    ("squeeze", [(1, 3, 1)], {"axis": (0, 2)}),
    ("squeeze", [(1, 1)], {}),
    ("squeeze", [()], {}),
    ("expand_dims", [(3,)], {"axis": 0}),
    ("expand_dims", [(2, 3)], {"axis": -1.0}),
    ("expand_dims", [(2, 3)], {"axis": (0, 2)}),
    ("expand_dims", [(2, 3)], {"axis": (-1, 1)}),
    ("expand_dims", [()], {"axis": 0}),
    ("atleast_1d", [()], {}),
    ("atleast_1d", [(2, 3)], {}),
    ("atleast_2d", [()], {}),
    ("atleast_2d", [(3,)], {}),
    ("transpose", [(2, 3)], {}),
    ("transpose", [(3,)], {}),
    ("transpose", [()], {}),
    ("transpose", [(2, 3, 4)], {}),
    ("transpose", [(2, 3, 4)], {"axes": (1.0, 2.0, 0.0)}),
    ("transpose", [(2, 3, 4)], {"axes": (-1, 0, 1)}),
    ("swapaxes", [(2, 3, 4)], {"axis1": 0, "axis2": -1.0}),
    ("swapaxes", [(2, 3)], {"axis1": 1, "axis2": 1}),
    ("moveaxis", [(2, 3, 4)], {"source": 0, "destination": -1.0}),
    ("moveaxis", [(2, 3, 4)], {"source": (0, 1), "destination": (-1, 0)}),
    ("roll", [(4,)], {"shift": 1.0}),
    ("roll", [(2, 3)], {"shift": -2}),
    ("roll", [(2, 3)], {"shift": 7, "axis": -1.0}),
    ("roll", [(2, 3)], {"shift": (1, 2), "axis": (0, 1)}),
    ("roll", [(2, 3)], {"shift": 1, "axis": (0, 1)}),
    ("roll", [(2, 3)], {"shift": (1, 1), "axis": 1}),
    ("roll", [()], {"shift": 3}),
    ("roll", [(0,)], {"shift": 3}),
    ("flip", [(2, 3)], {}),
    ("flip", [(2, 3)], {"axis": -1.0}),
    ("flip", [(2, 3, 2)], {"axis": (0, 2)}),
    ("flip", [()], {}),
    ("flipud", [(3,)], {}),
    ("flipud", [(2, 3)], {}),
    ("fliplr", [(2, 3)], {}),
    ("concatenate", [(2,), (3,)], {}),
    ("concatenate", [(2, 1), (2, 3), (2, 0)], {"axis": -1.0}),
    ("concatenate", [(2, 3), (1, 3)], {}),
    ("concatenate", [(2, 3), (), (2,)], {"axis": None}),
    ("concatenate", [(2, 3)], {}),
    ("stack", [(), (), ()], {}),
    ("stack", [(), ()], {"axis": -1}),
    ("stack", [(2, 3), (2, 3)], {}),
    ("stack", [(2, 3), (2, 3)], {"axis": -1.0}),
    ("stack", [(2, 3), (2, 3)], {"axis": 1}),
    ("stack", [()], {}),
    ("vstack", [(3,), (3,)], {}),
    ("vstack", [(3,), (2, 3)], {}),
    ("vstack", [(), ()], {}),
    ("hstack", [(2,), (3,)], {}),
    ("hstack", [(), (3,)], {}),
    ("hstack", [(2, 1), (2, 3)], {}),
    ("broadcast_to", [(3,)], {"shape": (2.0, 3.0)}),
    ("broadcast_to", [(2, 1)], {"shape": (4, 2, 3)}),
    ("broadcast_to", [()], {"shape": (2, 3)}),
    ("broadcast_to", [()], {"shape": ()}),
    ("broadcast_to", [(2, 3)], {"shape": (2, 3)}),
    ("broadcast_to", [(1, 3)], {"shape": (0, 3)}),
    ("repeat", [(3,)], {"repeats": 2.0}),
    ("repeat", [(2, 3)], {"repeats": 2}),
    ("repeat", [(2, 3)], {"repeats": (0.0, 2.0, 1.0), "axis": 1.0}),
    ("repeat", [(2, 3)], {"repeats": 3, "axis": -2}),
    ("repeat", [(2, 3)], {"repeats": 0, "axis": 0}),
    ("repeat", [()], {"repeats": 3}),
    ("tile", [(2,)], {"reps": 3.0}),
    ("tile", [(2, 3)], {"reps": (2, 1)}),
    ("tile", [(2, 3)], {"reps": 2}),
    ("tile", [(3,)], {"reps": (2, 2)}),
    ("tile", [(2, 2)], {"reps": (3, 1, 2)}),
    ("tile", [()], {"reps": 2}),
    ("tile", [()], {"reps": ()}),
    ("tile", [(2,)], {"reps": 0}),
    ("pad", [(3,)], {"pad_width": 1.0}),
    ("pad", [(3,)], {"pad_width": (0.0, 2.0), "constant_values": 7.0}),
    ("pad", [(2, 3)], {"pad_width": ((0, 1), (2, 0))}),
    ("pad", [(2, 3)], {"pad_width": 0}),
    ("pad", [(3,)], {"pad_width": 2, "mode": "edge"}),
    ("pad", [(3, 2)], {"pad_width": ((4, 5), (1, 1)), "mode": "reflect"}),
    ("pad", [(3,)], {"pad_width": (4, 2), "mode": "symmetric"}),
    ("pad", [(3, 2)], {"pad_width": ((1, 7), (0, 3)), "mode": "wrap"}),
    ("pad", [()], {"pad_width": 1}),
    ("diag", [(3,)], {}),
    ("diag", [(2,)], {"k": 1.0}),
    ("diag", [(2,)], {"k": -2}),
    ("diag", [(0,)], {}),
    ("diag", [(2, 3)], {}),
    ("diag", [(2, 3)], {"k": 2}),
    ("diag", [(2, 3)], {"k": -1.0}),
    ("diag", [(2, 3)], {"k": 9}),
    ("diagonal", [(3, 3)], {"offset": 1.0}),
    ("diagonal", [(2, 3, 4)], {"axis1": 2, "axis2": -3}),
    ("tril", [(3, 3)], {}),
    ("tril", [(2, 3)], {"k": 1.0}),
    ("tril", [(2, 3, 3)], {"k": -1}),
    ("triu", [(3, 3)], {}),
    ("triu", [(3, 2)], {"k": -1}),
]


def whole(value: Any) -> Any:
    """A parameter as numpy wants it."""
    if isinstance(value, tuple):
        return tuple(whole(v) for v in value)
    if isinstance(value, np.ndarray):
        return tuple(int(v) for v in value)
    return int(value) if isinstance(value, float) else value


def by_numpy(name: str, xs: list[Any], params: dict[str, Any]) -> Any:
    """What numpy answers."""
    given = {key: whole(value) for key, value in params.items()}
    if name == "ravel":
        start, end = given.get("start_dim", 0), given.get("end_dim", -1) % max(np.ndim(xs[0]), 1)
        shape = np.shape(xs[0])
        return np.reshape(xs[0], (*shape[:start], -1, *shape[end + 1 :]))
    if name in ("concatenate", "stack", "vstack", "hstack"):
        return getattr(np, name)(xs, **given)
    if name == "tile":
        return np.tile(xs[0], given["reps"])
    if name == "reshape":
        return np.reshape(xs[0], given["shape"])
    return getattr(np, name)(*xs, **given)


@pytest.mark.parametrize(("name", "shapes", "params"), CASES)
def test_as_numpy_and_back(name: str, shapes: list[tuple[int, ...]], params: dict[str, Any]) -> None:
    """The values are numpy's, and each entry's gradient comes back in the input's own shape."""
    xs = [sample(s, 5 + k) for k, s in enumerate(shapes)]
    z, want = getattr(shape, name).forward(*xs, **params), by_numpy(name, xs, params)
    assert np.shape(z) == np.shape(want)
    np.testing.assert_array_equal(z, want)
    assert_backward(getattr(shape, name), *xs, **params)


def test_every_gate_of_the_family_is_among_the_cases() -> None:
    """No gate goes untested."""
    declared = {g.name for g in vars(shape).values() if isinstance(g, Gate)}
    assert declared == {name for name, _, _ in CASES}


@pytest.mark.parametrize(
    ("name", "shapes", "params", "message"),
    [
        ("reshape", [(2, 3)], {"shape": (4.0, 2.0)}, "cannot reshape 6 entries of shape (2,3) to (4,2)"),
        ("reshape", [(2, 3)], {"shape": (-1, 4)}, "cannot reshape 6 entries of shape (2,3) to (-1,4)"),
        ("reshape", [(2, 3)], {"shape": (-1, -1)}, "cannot reshape 6 entries of shape (2,3) to (-1,-1)"),
        ("reshape", [(2, 3)], {"shape": (-2, -3)}, "cannot reshape 6 entries of shape (2,3) to (-2,-3)"),
        ("reshape", [()], {"shape": (2,)}, "cannot reshape 1 entry of shape () to (2,)"),
        ("reshape", [(2, 3)], {}, "the shape of reshape is missing"),
        ("reshape", [(2, 3)], {"shape": 1.5}, "the shape of reshape must be a whole number, not 1.5"),
        ("squeeze", [(2, 1)], {"axis": 0}, "cannot squeeze axis 0 of shape (2,1): its size is 2, not 1"),
        ("squeeze", [(2, 1)], {"axis": 2}, "axis 2 is out of range: shape (2,1) has 2 axes"),
        ("ravel", [(2, 3)], {"start_dim": 1, "end_dim": 0}, "start_dim 1 comes after end_dim 0"),
        ("ravel", [(2, 3)], {"start_dim": 2}, "start_dim 2 is out of range: shape (2,3) has 2 axes"),
        ("expand_dims", [(2,)], {"axis": 2}, "axis 2 is out of range: shape (2,1) has 2 axes"),
        ("transpose", [(2, 3)], {"axes": (0,)}, "transpose of shape (2,3) needs 2 axes, not 1"),
        ("transpose", [(2, 3)], {"axes": (0, 0)}, "axis 0 is named twice"),
        ("swapaxes", [(2, 3)], {"axis1": 0, "axis2": 2}, "axis2 2 is out of range: shape (2,3) has 2 axes"),
        ("moveaxis", [(2, 3)], {"source": (0, 1), "destination": 0},
         "moveaxis: 2 axes cannot go to 1 places"),
        ("moveaxis", [(2, 3)], {"source": 0}, "destination is missing"),
        ("roll", [(2, 3)], {"shift": (1, 2, 3), "axis": (0, 1)}, "roll: 3 shifts for 2 axes"),
        ("roll", [(3,)], {"shift": 0.5}, "shift must be a whole number, not 0.5"),
        ("fliplr", [(3,)], {}, "axis 1 is out of range: shape (3,) has 1 axis"),
        ("flip", [(3,)], {"axis": 1}, "axis 1 is out of range: shape (3,) has 1 axis"),
        ("concatenate", [(2, 3), (2, 4)], {},
         "concatenate along axis 0 needs the other sizes to agree: (2,3) and (2,4)"),
        ("concatenate", [(2, 3), (3,)], {},
         "concatenate along axis 0 needs as many axes in each: (2,3) and (3,)"),
        ("concatenate", [(2,), (3,)], {"axis": 1}, "axis 1 is out of range: shape (2,) has 1 axis"),
        ("concatenate", [(), ()], {}, "concatenate cannot join numbers along an axis"),
        ("concatenate", [], {}, "concatenate needs at least one array"),
        ("hstack", [(2, 1), (3, 1)], {},
         "hstack along axis 1 needs the other sizes to agree: (2,1) and (3,1)"),
        ("hstack", [], {}, "hstack needs at least one array"),
        ("vstack", [(2,), (3,)], {}, "vstack along axis 0 needs the other sizes to agree: (1,2) and (1,3)"),
        ("stack", [(2,), (3,)], {}, "stack needs inputs of one shape: (2,) and (3,)"),
        ("stack", [(), (3,)], {}, "stack needs inputs of one shape: () and (3,)"),
        ("stack", [], {}, "stack needs at least one input"),
        ("broadcast_to", [(3,)], {"shape": (2, 4)}, "cannot broadcast shape (3,) to (2,4)"),
        ("broadcast_to", [(2, 3)], {"shape": (3,)}, "cannot broadcast shape (2,3) to (3,)"),
        ("broadcast_to", [(3,)], {}, "the shape of broadcast_to is missing"),
        ("repeat", [(3,)], {}, "repeats is missing"),
        ("repeat", [(3,)], {"repeats": -1}, "repeats cannot be negative: -1"),
        ("repeat", [(2, 3)], {"repeats": (1, 2), "axis": 1}, "repeat: 2 counts for 3 entries along axis 1"),
        ("repeat", [(2, 3)], {"repeats": (1, 2)}, "repeat: 2 counts for 6 entries"),
        ("tile", [(3,)], {"reps": -1}, "reps cannot be negative: -1"),
        ("tile", [(3,)], {}, "reps is missing"),
        ("pad", [(3,)], {}, "pad_width is missing"),
        ("pad", [(3,)], {"pad_width": -1}, "pad_width cannot be negative: -1"),
        ("pad", [(3,)], {"pad_width": 0.5}, "pad_width must be a whole number, not 0.5"),
        ("pad", [(3,)], {"pad_width": (1, 1, 1)}, "this pad_width does not fit shape (3,)"),
        ("pad", [(3, 3)], {"pad_width": ((1, 2), (1,))}, "this pad_width does not fit shape (3,3)"),
        ("pad", [(3,)], {"pad_width": "same"}, "this pad_width does not fit shape (3,)"),
        ("pad", [(3,)], {"pad_width": 1, "mode": "mirror"},
         "pad has no mode 'mirror': it knows constant, edge, reflect, symmetric, wrap"),
        ("pad", [(0,)], {"pad_width": 1, "mode": "edge"}, "pad: axis 0 has no entry to repeat"),
        ("pad", [(3,)], {"pad_width": 1, "constant_values": (1, 2)},
         "constant_values must be one number, not an array of shape (2,)"),
        ("diag", [()], {}, "diag needs a vector or a matrix, not shape ()"),
        ("diag", [(2, 2, 2)], {}, "diag needs a vector or a matrix, not shape (2,2,2)"),
        ("diag", [(2,)], {"k": 0.5}, "k must be a whole number, not 0.5"),
        ("diagonal", [(3,)], {}, "diagonal needs a matrix, not shape (3,)"),
        ("diagonal", [(3, 3)], {"axis1": 1}, "axis 1 is named twice"),
        ("tril", [(3,)], {}, "tril needs a matrix, not shape (3,)"),
        ("triu", [()], {}, "triu needs a matrix, not shape ()"),
    ],
)  # fmt: skip
def test_refusals(name: str, shapes: list[tuple[int, ...]], params: dict[str, Any], message: str) -> None:
    """What does not fit is refused in words, with the shapes."""
    error = refused(getattr(shape, name), *(sample(s) for s in shapes), **params)
    assert error.message == message
    assert error.kind in ("shape", "value")


def test_reshape_by_hand() -> None:
    """The gradient keeps its order, in the old shape."""
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    z = shape.reshape.forward(x, shape=(3, 2))
    assert z.tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    down = shape.reshape.backward(z * 10, z, x, shape=(3, 2))["x"]
    assert down.tolist() == [[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]]


def test_broadcast_to_by_hand() -> None:
    """Copies add up: two rows of dz come back as one; -1 keeps a size, as torch's expand."""
    x = np.array([1.0, 2.0, 3.0])
    z = shape.broadcast_to.forward(x, shape=(2, -1))
    assert z.tolist() == [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]
    dz = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    assert shape.broadcast_to.backward(dz, z, x, shape=(2, 3))["x"].tolist() == [11.0, 22.0, 33.0]


def test_pad_by_hand() -> None:
    """With mode edge the outer entries also get what their copies got."""
    x, dz = np.array([1.0, 2.0]), np.array([1.0, 10.0, 100.0, 1000.0, 10000.0])
    z = shape.pad.forward(x, pad_width=(1, 2), mode="edge")
    assert z.tolist() == [1.0, 1.0, 2.0, 2.0, 2.0]
    assert shape.pad.backward(dz, z, x, pad_width=(1, 2), mode="edge")["x"].tolist() == [11.0, 11100.0]
    assert shape.pad.backward(dz, z, x, pad_width=(1, 2))["x"].tolist() == [10.0, 100.0]


def test_a_variadic_gate_names_its_gradients() -> None:
    """Each input of a concatenation gets its own stretch."""
    down = shape.concatenate.backward(np.array([1.0, 2.0, 3.0]), np.zeros(3), np.zeros(1), np.zeros(2))
    assert {key: value.tolist() for key, value in down.items()} == {"xs0": [1.0], "xs1": [2.0, 3.0]}


def test_a_transposed_vector_is_itself() -> None:
    """As in numpy: .T turns no row into a column."""
    assert shape.transpose.forward(np.array([1.0, 2.0])).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("gate", "of", "params"), [(shape.roll, (4,), {}), (shape.roll, (2, 3), {"shift": 1, "axis": 1})]
)
def test_mistakes_are_wrong(gate: Gate, of: tuple[int, ...], params: dict[str, Any]) -> None:
    """Each recorded mistake has the input's shape, and is not the gradient."""
    x = sample(of)
    z = gate.forward(x, **params)
    dz = sample(np.shape(z), 3)
    assert gate.mistakes
    for mistake in gate.mistakes:
        wrong = mistake.code(dz, z, x, **params)
        assert np.shape(wrong) == of
        assert np.abs(wrong - gate.backward(dz, z, x, **params)["x"]).max() > 1e-3
