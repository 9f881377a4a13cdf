"""inv, det, solve and cholesky."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcalc.gate import Gate, downstream
from gradcalc.gates import linalg
from structural import H, assert_backward, refused, sample


@pytest.mark.parametrize("gate", ["inv", "det", "logdet", "slogdet"])
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 3), (4, 4), (7, 7), (5, 3, 3), (2, 1, 4, 4)])
def test_backward(gate: str, shape: tuple[int, ...]) -> None:
    """One matrix or a batch of them: the gradient is that of the forward pass in complex numbers."""
    assert_backward(getattr(linalg, gate), sample(shape))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((2, 2), (2,)),
        ((3, 3), (3, 2)),
        ((1, 1), (1,)),
        ((4, 3, 3), (3,)),
        ((3, 3), (4, 3, 2)),
        ((4, 3, 3), (4, 3, 3)),
        ((5, 1, 2, 2), (4, 2, 3)),
        ((4, 3, 3), (3, 2)),
        ((2, 3, 3), (3, 3)),
    ],
)
def test_solve_backward(one: tuple[int, ...], two: tuple[int, ...]) -> None:
    """A vector or a matrix on the right, either side stretched over a batch."""
    a, b = sample(one), sample(two)
    assert_backward(linalg.solve, a, b)
    x = linalg.solve.forward(a, b)
    product = (a @ x[..., None])[..., 0] if len(two) == 1 else a @ x
    np.testing.assert_allclose(product, np.broadcast_to(b, product.shape), rtol=1e-12)


def test_inv_by_hand() -> None:
    """dx = -z.T @ dz @ z.T."""
    x, dz = np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    z = linalg.inv.forward(x)
    assert z.tolist() == [[0.5, 0.0], [0.0, 0.25]]
    assert linalg.inv.backward(dz, z, x)["x"].tolist() == [[-0.25, -0.25], [-0.375, -0.25]]


def test_det_of_whole_numbers_is_exact() -> None:
    """The gradient of a determinant holds the cofactors; up to three rows nothing is rounded."""
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert linalg.det.forward(x) == -2.0
    assert linalg.det.backward(1.0, -2.0, x)["x"].tolist() == [[4.0, -3.0], [-2.0, 1.0]]
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    assert linalg.det.forward(x) == 0.0
    assert linalg.det.backward(1.0, 0.0, x)["x"].tolist() == [
        [-3.0, 6.0, -3.0], [6.0, -12.0, 6.0], [-3.0, 6.0, -3.0]]  # fmt: skip


def test_det_of_singular_matrices_has_its_gradient() -> None:
    """Where det is 0 the gradient is still there: the cofactors, all 0 only if two rows depend on others."""
    x = sample((5, 5))
    x[4] = x[0] + 2 * x[1]
    assert_backward(linalg.det, x, near=1e-11)
    down = linalg.det.backward(1.0, linalg.det.forward(x), x)["x"]
    np.testing.assert_allclose(down[4, 0], np.linalg.det(x[:4, 1:]), rtol=1e-12)
    assert_backward(linalg.det, np.diag([0.0, 2.0, 3.0, 4.0, 5.0]))
    assert linalg.det.backward(1.0, 0.0, np.diag([0.0, 2.0, 3.0, 4.0]))["x"].tolist() == np.diag(
        [24.0, 0.0, 0.0, 0.0]).tolist()  # fmt: skip
    assert not linalg.det.backward(1.0, 0.0, np.diag([0.0, 0.0, 3.0, 4.0]))["x"].any()


def test_det_of_a_batch_with_singular_members() -> None:
    """A singular matrix in a batch does not spoil the gradient of the others."""
    x = sample((3, 4, 4))
    x[1, 3] = 0.0
    assert_backward(linalg.det, x)


def test_det_with_unequal_units() -> None:
    """Rows of size 1e12 and 1e-12 cost no digits: each cofactor is right on its own scale."""
    x = sample((5, 5)) * np.array([[1e12], [1.0], [1e-12], [1e6], [1.0]])
    down = linalg.det.backward(1.0, linalg.det.forward(x), x)["x"]
    for row in range(5):
        minors = [np.linalg.det(np.delete(np.delete(x, row, 0), k, 1)) * (-1) ** (row + k) for k in range(5)]
        np.testing.assert_allclose(down[row], minors, rtol=1e-11)


def test_logdet_and_slogdet_by_hand() -> None:
    """log|det| of a matrix with determinant -2, and the sign beside it."""
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert linalg.logdet.forward(x) == pytest.approx(0.6931471805599453, rel=1e-15)
    np.testing.assert_allclose(linalg.slogdet.forward(x), [-1.0, 0.6931471805599453], rtol=1e-15)
    down = linalg.slogdet.backward(np.array([100.0, 1.0]), linalg.slogdet.forward(x), x)["x"]
    np.testing.assert_allclose(down, [[-2.0, 1.5], [1.0, -0.5]], rtol=1e-14)


def test_logdet_of_a_singular_matrix_is_outside_its_domain() -> None:
    """Its value is -inf, which the engine reports with the domain; no exception."""
    x = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert linalg.logdet.domain is not None
    assert not linalg.logdet.domain.holds(x)
    assert linalg.logdet.domain.holds(np.eye(2))
    with np.errstate(all="ignore"):
        assert linalg.logdet.forward(x) == -np.inf
        assert np.isnan(linalg.logdet.backward(1.0, -np.inf, x)["x"]).all()


@pytest.mark.parametrize(
    "rows", [[[1, 2], [2, 4]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[0]], [[1e-200, 0], [0, 0]]]
)
def test_singular_matrices_are_refused(rows: list[list[float]]) -> None:
    """Also those of which rounding leaves a pivot of 1e-16."""
    error = refused(linalg.inv, np.array(rows, dtype=float))
    assert (error.kind, error.message) == ("domain", "the matrix is singular: inv does not exist")
    error = refused(linalg.solve, np.array(rows, dtype=float), np.ones(len(rows)))
    assert (error.kind, error.message) == ("domain", "the matrix is singular: solve has no unique answer")


def test_units_do_not_make_a_matrix_singular() -> None:
    """diag(1e-200, 1e200) has an exact inverse, and so has a matrix with rows and columns rescaled."""
    assert linalg.inv.forward(np.diag([1e-200, 1e200])).tolist() == np.diag([1e200, 1e-200]).tolist()
    rows, columns = np.array([[1e30], [1e-30]]), np.array([[1e20, 1e-20]])
    scaled = np.array([[1.0, 2.0], [3.0, 4.0]]) * rows * columns
    want = np.array([[-2.0, 1.0], [1.5, -0.5]]) / rows.T / columns.T
    np.testing.assert_allclose(linalg.inv.forward(scaled), want, rtol=1e-14)


def test_what_is_not_finite_stays_so() -> None:
    """A nan in the matrix gives nan, not an exception."""
    x = np.array([[np.nan, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    with np.errstate(all="ignore"):
        assert np.isnan(linalg.det.forward(x))
        assert np.isnan(linalg.det.backward(1.0, np.nan, x)["x"]).all()
        assert np.isnan(linalg.inv.forward(x)).any()


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (5, 5), (3, 2, 2)])
def test_cholesky_backward(shape: tuple[int, ...]) -> None:
    """Also where an entry is moved without its mirror image: the symmetric part counts."""
    x = sample(shape)
    assert_backward(linalg.cholesky, x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1]))


def test_cholesky_by_hand() -> None:
    """sqrt for one entry; the gradient is symmetric, as torch's."""
    x = np.array([[4.0, 2.0], [2.0, 5.0]])
    z = linalg.cholesky.forward(x)
    assert z.tolist() == [[2.0, 0.0], [1.0, 2.0]]
    down = linalg.cholesky.backward(np.array([[1.0, 0.0], [0.0, 0.0]]), z, x)["x"]
    assert down.tolist() == [[0.25, 0.0], [0.0, 0.0]]
    down = linalg.cholesky.backward(np.array([[0.0, 7.0], [1.0, 0.0]]), z, x)["x"]
    assert down.tolist() == [[-0.125, 0.25], [0.25, 0.0]]


def test_cholesky_needs_a_positive_definite_matrix() -> None:
    """Refused in words."""
    error = refused(linalg.cholesky, np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert (error.kind, error.message) == (
        "domain", "the matrix is not positive definite: cholesky does not exist")  # fmt: skip
    assert linalg.cholesky.domain is not None
    assert not linalg.cholesky.domain.holds(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert linalg.cholesky.domain.holds(np.array([[1.0, 0.5], [0.5, 1.0]]))


@pytest.mark.parametrize("gate", ["inv", "det", "logdet", "slogdet", "cholesky"])
@pytest.mark.parametrize(("shape", "text"), [((2, 3), "(2,3)"), ((3,), "(3,)"), ((), "()")])
def test_only_square_matrices(gate: str, shape: tuple[int, ...], text: str) -> None:
    """Everything else is refused with its shape."""
    error = refused(getattr(linalg, gate), np.ones(shape))
    assert (error.kind, error.message) == ("shape", f"{gate} needs a square matrix, not shape {text}")


@pytest.mark.parametrize(
    ("one", "two", "message"),
    [
        ((2, 3), (2,), "solve needs a square matrix, not shape (2,3)"),
        ((2, 2), (3,), "solve needs as many rows on both sides: (2,2) and (3,)"),
        ((2, 2), (3, 2), "solve needs as many rows on both sides: (2,2) and (3,2)"),
        ((2, 2), (), "solve needs as many rows on both sides: (2,2) and ()"),
        ((3, 2, 2), (4, 2, 1), "solve cannot pair the batches of (3,2,2) and (4,2,1)"),
    ],
)
def test_equations_that_do_not_fit(one: tuple[int, ...], two: tuple[int, ...], message: str) -> None:
    """Refused with both shapes."""
    error = refused(linalg.solve, sample(one), sample(two))
    assert (error.kind, error.message) == ("shape", message)


def test_empty_matrices() -> None:
    """A matrix without rows has determinant 1 and is its own inverse."""
    x = np.zeros((0, 0))
    assert linalg.det.forward(x) == 1.0
    assert linalg.inv.forward(x).shape == (0, 0)
    assert linalg.det.backward(1.0, 1.0, x)["x"].shape == (0, 0)
    assert linalg.solve.forward(x, np.zeros(0)).shape == (0,)


def test_large_matrices_keep_their_digits_in_complex_numbers() -> None:
    """Fifty rows, where a sloppy complex product would show."""
    x = sample((50, 50)) / 50 + np.eye(50)
    for gate in (linalg.inv, linalg.logdet):
        v = sample((50, 50), 3)
        dz = np.asarray(sample(np.shape(gate.forward(x)), 4))[()]
        step = gate.complex if callable(gate.complex) else gate.forward
        want = np.sum(dz * np.imag(step(x + 1j * H * v)) / H)
        assert np.sum(downstream(gate, 0, dz, gate.forward(x), (x,)) * v) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize(
    ("gate", "of", "params"),
    [(linalg.inv, (3, 3), {}), (linalg.det, (3, 3), {}), (linalg.logdet, (2, 3, 3), {})],
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
