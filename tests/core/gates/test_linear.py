"""matmul, dot, outer, einsum and their relatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcalc.gate import Gate
from gradcalc.gates import linear
from structural import assert_backward, refused, sample


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3, 4)),
        ((1, 1), (1, 1)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((5, 1, 2, 3), (4, 3, 2)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 2)),
        ((3,), (1, 3, 2)),
        ((0, 3), (3, 2)),
        ((2, 0), (0, 3)),
    ],
)
def test_matmul_backward(one: tuple[int, ...], two: tuple[int, ...]) -> None:
    """Every pair of vectors, matrices and batches that numpy multiplies has the right gradients."""
    assert_backward(linear.matmul, sample(one), sample(two))
    np.testing.assert_array_equal(linear.matmul.forward(sample(one), sample(two)), sample(one) @ sample(two))


def test_matmul_by_hand() -> None:
    """The lecture's rule: da = dz @ b.T, db = a.T @ dz."""
    a, b, dz = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [7, 8]]), np.array([[1.0, 0], [0, -1]])
    down = linear.matmul.backward(dz, a @ b, a, b)
    assert down["a"].tolist() == [[5.0, 7.0], [-6.0, -8.0]]
    assert down["b"].tolist() == [[1.0, -3.0], [2.0, -4.0]]


@pytest.mark.parametrize(
    ("gate", "one", "two", "message"),
    [
        ("matmul", (2, 3), (2, 4), "matmul needs the inner sizes to agree: (2,3) @ (2,4)"),
        ("matmul", (3,), (2,), "matmul needs the inner sizes to agree: (3,) @ (2,)"),
        ("matmul", (2, 2, 3), (5, 3, 4),
         "matmul needs the leading sizes to agree or be 1: (2,2,3) @ (5,3,4)"),
        ("matmul", (), (2, 2), "matmul multiplies vectors and matrices, not numbers"),
        ("matmul", (), (), "matmul multiplies vectors and matrices, not numbers"),
        ("dot", (2, 3), (2, 4), "dot needs the inner sizes to agree: (2,3) and (2,4)"),
        ("inner", (2, 3), (3, 2), "inner needs the sizes that it sums over to agree: (2,3) and (3,2)"),
        ("vdot", (2, 3), (5,), "vdot needs as many entries in both: (2,3) and (5,)"),
        ("tensordot", (2, 3), (2, 4),
         "tensordot needs the sizes that it sums over to agree: (2,3) and (2,4)"),
        ("tensordot", (2,), (2,), "tensordot cannot sum over 2 axes of (2,) and (2,)"),
    ],
)  # fmt: skip
def test_products_that_do_not_fit(
    gate: str, one: tuple[int, ...], two: tuple[int, ...], message: str
) -> None:
    """Shapes that do not fit are refused with both shapes."""
    error = refused(getattr(linear, gate), sample(one), sample(two))
    assert error.message == message
    assert error.kind == ("value" if "cannot sum" in message else "shape")


@pytest.mark.parametrize("gate", ["dot", "inner"])
@pytest.mark.parametrize(
    ("one", "two"),
    [((), ()), ((), (2, 3)), ((3, 2), ()), ((3,), (3,)), ((2, 3), (3,)), ((1,), (1,)), ((0,), (0,))],
)
def test_dot_and_inner(gate: str, one: tuple[int, ...], two: tuple[int, ...]) -> None:
    """Numbers scale, vectors give one number, a matrix times a vector a vector, as in numpy."""
    a, b = sample(one), sample(two)
    assert_backward(getattr(linear, gate), a, b)
    np.testing.assert_allclose(getattr(linear, gate).forward(a, b), getattr(np, gate)(a, b), rtol=1e-14)


def test_dot_of_many_axes() -> None:
    """dot sums over the last axis of a and the second to last of b; inner over both last ones."""
    a, b = sample((2, 4, 3)), sample((5, 3, 2))
    assert linear.dot.forward(a, b).shape == (2, 4, 5, 2)
    assert_backward(linear.dot, a, b)
    assert_backward(linear.dot, sample(3), sample((2, 3, 4)))
    c = sample((5, 2, 3))
    assert_backward(linear.inner, a, c)
    # In which order numpy adds hangs on the machine; entries that cancel show it, by an ulp of their terms.
    gaps = np.abs(linear.inner.forward(a, c) - np.inner(a, c))
    assert np.all(gaps <= 2 * np.finfo(float).eps * np.inner(np.abs(a), np.abs(c)))


@pytest.mark.parametrize(
    ("one", "two", "axes"),
    [
        ((2, 3), (2, 3), 2),
        ((2, 3), (3, 4), 1.0),
        ((2, 3), (4,), 0),
        ((2, 3, 4), (4, 3, 5), ((1, 2), (1, 0))),
        ((2, 3, 4), (4, 3, 5), ((2.0, 1.0), (0.0, 1.0))),
        ((2, 3, 4), (5, 3), (1, -1)),
        ((2, 3), (3, 4), ([1], [0])),
        ((2, 3, 4), (2, 4, 5, 3), np.array([[0.0, 2.0, 1.0], [0.0, 1.0, 3.0]])),
    ],
)
def test_tensordot(one: tuple[int, ...], two: tuple[int, ...], axes: Any) -> None:
    """Axes are contracted as numpy does it, in whatever order they are named."""
    a, b = sample(one), sample(two)
    whole = axes if isinstance(axes, tuple) and isinstance(axes[0], int) else np.array(axes, dtype=int)
    want = np.tensordot(a, b, int(axes) if np.ndim(axes) == 0 else tuple(whole))
    np.testing.assert_allclose(linear.tensordot.forward(a, b, axes=axes), want, rtol=1e-13)
    assert_backward(linear.tensordot, a, b, axes=axes)


@pytest.mark.parametrize("axes", [((0, 1), (1,)), ((0,), (1,), (2,))])
def test_tensordot_axes_refused(axes: Any) -> None:
    """Unequal lists of axes are refused."""
    error = refused(linear.tensordot, sample((2, 2, 2)), sample((2, 2, 2)), axes=axes)
    assert error.message.startswith("the axes of tensordot are a number, or as many axes of the first")


@pytest.mark.parametrize("gate", ["outer", "vdot", "kron"])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,)])
def test_outer_vdot_kron_of_one_shape(gate: str, shape: tuple[int, ...]) -> None:
    """They flatten or pair up their inputs as numpy does."""
    a, b = sample(shape), sample(shape, 8)
    assert_backward(getattr(linear, gate), a, b)
    np.testing.assert_allclose(getattr(linear, gate).forward(a, b), getattr(np, gate)(a, b), rtol=1e-14)


@pytest.mark.parametrize(("one", "two"), [((2, 2), (3,)), ((), (2, 3)), ((2, 3), (4, 2)), ((2,), (2, 1, 3))])
def test_outer_and_kron_of_two_shapes(one: tuple[int, ...], two: tuple[int, ...]) -> None:
    """The inputs need not have the same number of axes."""
    a, b = sample(one), sample(two)
    for gate in ("outer", "kron"):
        assert_backward(getattr(linear, gate), a, b)
        np.testing.assert_allclose(getattr(linear, gate).forward(a, b), getattr(np, gate)(a, b), rtol=1e-14)


@pytest.mark.parametrize(
    ("shape", "params"),
    [
        ((3, 3), {}),
        ((2, 3), {"offset": 1.0}),
        ((3, 2), {"offset": -2}),
        ((2, 2), {"offset": 5}),
        ((2, 3, 4), {"axis1": -1, "axis2": 0}),
        ((2, 3, 4), {}),
        ((0, 0), {}),
    ],
)
def test_trace(shape: tuple[int, ...], params: dict[str, Any]) -> None:
    """Any diagonal, along any two axes."""
    x = sample(shape)
    assert_backward(linear.trace, x, **params)
    whole: dict[str, Any] = {k: int(v) for k, v in params.items()}
    np.testing.assert_allclose(linear.trace.forward(x, **params), np.trace(x, **whole), rtol=1e-14, atol=0)


def test_trace_by_hand() -> None:
    """Only the diagonal gets the upstream gradient."""
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert linear.trace.backward(3.0, 5.0, x)["x"].tolist() == [[3.0, 0.0], [0.0, 3.0]]
    assert refused(linear.trace, sample(3)).message == "trace needs a matrix, not shape (3,)"


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("ij,jk", [(2, 3), (3, 4)]),
        ("ij, jk -> ki", [(2, 3), (3, 4)]),
        ("ba", [(2, 3)]),
        ("ij->", [(2, 3)]),
        ("ij->j", [(2, 3)]),
        ("i,i->", [(3,), (3,)]),
        ("i,j->ij", [(3,), (2,)]),
        (",ij->ji", [(), (2, 3)]),
        (",", [(), ()]),
        ("ii", [(3, 3)]),
        ("ii->i", [(3, 3)]),
        ("iij->ji", [(3, 3, 2)]),
        ("iji,j->", [(2, 3, 2), (3,)]),
        ("ij,ij->ij", [(2, 3), (2, 1)]),
        ("ij,kj->i", [(2, 3), (4, 1)]),
        ("ij,j->", [(1, 3), (3,)]),
        ("i,ij->j", [(1,), (4, 2)]),
        ("...ij,...jk->...ik", [(5, 2, 3), (3, 4)]),
        ("...ij,...jk", [(5, 1, 2, 3), (4, 3, 2)]),
        ("...,...->...", [(2, 3), (3,)]),
        ("i...->...", [(2, 3, 4)]),
        ("i...,i->...i", [(2, 3), (2,)]),
        ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]),
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]),
        ("ij,ij,i->j", [(2, 3), (2, 3), (2,)]),
        ("ij,jk->ik", [(0, 3), (3, 2)]),
        ("aB,Bc->ac", [(2, 3), (3, 4)]),
        ("ab,bc->ac", [(40, 30), (30, 50)]),
    ],
)
def test_einsum(subscripts: str, shapes: list[tuple[int, ...]]) -> None:
    """Sums, products, diagonals, stretched axes and dots: numpy's values, and gradients for every operand."""
    xs = [sample(shape, 5 + k) for k, shape in enumerate(shapes)]
    np.testing.assert_allclose(
        linear.einsum.forward(*xs, subscripts=subscripts), np.einsum(subscripts, *xs), rtol=1e-12, atol=1e-13
    )
    assert_backward(linear.einsum, *xs, subscripts=subscripts)


def test_einsum_sums_over_dots_that_the_output_leaves_out() -> None:
    """As in torch, dots that the output does not have are summed over."""
    x = sample((4, 2, 3))
    np.testing.assert_allclose(linear.einsum.forward(x, subscripts="...i->i"), x.sum(axis=(0, 1)), rtol=1e-14)
    assert_backward(linear.einsum, x, subscripts="...i->i")


@pytest.mark.parametrize(
    ("subscripts", "shapes", "message"),
    [
        ("ij,jk->ik", [(2, 3)], 'einsum: "ij,jk->ik" is for 2 operands, not 1'),
        ("ij->i", [(2,)], 'einsum: "ij" names 2 axes, its operand has 1'),
        ("i->i", [(2, 3)], 'einsum: "i" names 1 axes, its operand has 2'),
        ("ij...->i", [(2,)], 'einsum: "ij..." names 2 axes, its operand has 1'),
        ("ij,jk->ik", [(2, 3), (4, 5)], 'einsum: index "j" has size 3 in one place and 4 in another'),
        ("ii->i", [(2, 3)], 'einsum: index "i" has size 2 in one place and 3 in another'),
        ("ii->i", [(1, 3)], 'einsum: index "i" has size 1 in one place and 3 in another'),
        ("ij->ii", [(2, 3)], 'einsum: the output names "i" twice'),
        ("ij->ik", [(2, 3)], 'einsum: the output has an index "k" that no operand has'),
        ("i1->i", [(2, 3)], 'einsum: "i1" should be letters, one for each axis'),
        ("ij->i->j", [(2, 3)], 'einsum: "i->j" should be letters, one for each axis'),
        (None, [(2, 3)], "einsum: the first argument is the quoted subscripts, not nothing"),
        (2.0, [(2, 3)], "einsum: the first argument is the quoted subscripts, not 2"),
    ],
)
def test_einsum_refusals(subscripts: Any, shapes: list[tuple[int, ...]], message: str) -> None:
    """Subscripts that do not fit are refused in words."""
    error = refused(linear.einsum, *(sample(shape) for shape in shapes), subscripts=subscripts)
    assert error.message == message
    assert error.hint == 'for example einsum("ij,jk->ik", A, B)'


def test_no_digits_are_lost_in_complex_products() -> None:
    """An entry of 1e12 beside one of 1e-12 keeps both slopes."""
    assert_backward(linear.matmul, [[1e12, 1e-12]], [[1e-12], [1e12]], near=1e-15)


@pytest.mark.parametrize(
    ("gate", "of", "params"),
    [(linear.trace, (3, 3), {}), (linear.trace, (2, 3, 4), {"axis1": -1, "axis2": 0})],
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
