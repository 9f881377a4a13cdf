"""The gates that take a whole matrix: inv, det, logdet, solve, cholesky."""

from __future__ import annotations

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Domain, Mistake, Pattern, gate, unbroadcast
from .indexing import shown

# Formulas: M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
# differentiation", 2008; for cholesky: I. Murray, "Differentiation of the Cholesky decomposition", 2016.


def _square(x: Array, caller: str) -> Array:
    shape = np.shape(x)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise GradcalcError(f"{caller} needs a square matrix, not shape {shown(shape)}", kind="shape")
    return x


def _turned(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _lost(x: Array, inverse: Array) -> Array:
    """For each matrix, how many times larger than 1 the terms are that cancel in (inverse @ x)[i, i] = 1.

    Unlike the usual condition number it does not depend on the units of rows and columns.
    """
    return (abs(inverse) * abs(_turned(x))).sum(axis=-1).max(axis=-1, initial=0)


def _inverse(x: Array, caller: str) -> Array:
    try:
        inverse = np.linalg.inv(_square(x, caller))
        if not np.any(_lost(x, inverse) > 2.0**52):
            return inverse
    except np.linalg.LinAlgError:
        pass
    what = "inv does not exist" if caller == "inv" else "solve has no unique answer"
    raise GradcalcError(f"the matrix is singular: {what}", kind="domain")


def _regular(x: Array) -> Array:
    """Whether each matrix has an inverse."""
    return np.linalg.slogdet(x)[0] != 0


@gate("inv(x)", pattern=Pattern.MIXER, complex=True, structure={"x": "dense"},
      names=("inverse",), frameworks="np.linalg.inv, torch.linalg.inv",
      domain=Domain("x not singular", _regular, {"x": (-2.0, 2.0)}),
      examples=("inv([[1, 2], [3, 4]])",),
      mistakes=(Mistake("x", "inv' = -1/x^2 entry by entry", lambda dz, z, x: -dz * z * z),
                Mistake("x", "not transposed", lambda dz, z, x: -z @ dz @ z)),
      vjp={"x": ("-z.T @ dz @ z.T", lambda dz, z, x: -_turned(z) @ dz @ _turned(z))})
def inv(x: Array) -> Array:
    """The upstream gradient is multiplied by the transposed inverse from both sides, and negated."""
    return _inverse(x, "inv")


# --- determinants ------------------------------------------------------------------------------------


def _small_cofactors(x: Array) -> Array:
    """The derivative of det for up to 3 rows, exact for whole numbers and for singular matrices."""
    if x.shape[-1] == 3:
        rows = [x[..., k, :] for k in range(3)]
        return np.stack([np.cross(rows[1], rows[2]), np.cross(rows[2], rows[0]), np.cross(rows[0], rows[1])],
                        axis=-2)
    if x.shape[-1] == 2:
        return x[..., ::-1, ::-1] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return np.ones(x.shape)


def _cofactors(x: Array) -> Array:
    """The derivative of det, entry by entry: det(x) inv(x).T, and its limit where x is singular."""
    if x.shape[-1] <= 3:
        return _small_cofactors(x)
    if not np.isfinite(x).all():
        return np.full(x.shape, np.nan)
    safe = np.zeros(x.shape[:-2], dtype=bool)
    result = np.zeros(x.shape)
    try:
        inverse = np.linalg.inv(x)
        safe = np.asarray(_lost(x, inverse) < 1e6)
        result = np.linalg.det(x)[..., None, None] * _turned(inverse)
    except np.linalg.LinAlgError:
        pass
    if safe.all():
        return result
    # x = u s v: the cofactors of u and v are themselves but for sign, those of s leave out one factor.
    u, s, v = np.linalg.svd(x)
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([ones, s[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, s[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    sign = np.round(np.linalg.det(u) * np.linalg.det(v))
    limit = (u * (before * after)[..., None, :]) @ v * sign[..., None, None]
    return np.where(safe[..., None, None], result, limit)


def _small_det(x: Array) -> Array:
    if x.shape[-1] == 3:
        return (x[..., 0, :] * np.cross(x[..., 1, :], x[..., 2, :])).sum(axis=-1)
    if x.shape[-1] == 2:
        return x[..., 0, 0] * x[..., 1, 1] - x[..., 0, 1] * x[..., 1, 0]
    return x[..., 0, 0][()] if x.shape[-1] else np.ones(x.shape[:-2])[()]


def _eliminated_det(x: Array) -> Array:
    """det by elimination in complex numbers; LAPACK's way through logarithms loses digits near 0."""
    _square(x, "det")
    a = np.array(x, dtype=complex)
    det = np.ones(a.shape[:-2], dtype=complex)
    size = a.shape[-1]
    for k in range(size):
        best = k + np.argmax(abs(a[..., k:, k].real) + abs(a[..., k:, k].imag), axis=-1)[..., None, None]
        order = np.where(np.arange(size) == best[..., 0], k, np.arange(size))[..., None]
        order[..., k, :] = best[..., 0]
        a = np.take_along_axis(a, order, axis=-2)
        pivot = a[..., k, k]
        det = det * np.where(best[..., 0, 0] == k, pivot, -pivot)
        factors = a[..., k + 1:, k] / np.where(pivot == 0, 1, pivot)[..., None]
        a[..., k + 1:, :] -= factors[..., None] * a[..., None, k, :]
    return det[()]


@gate("det(x)", pattern=Pattern.MIXER, complex=_eliminated_det, structure={"x": "dense"},
      frameworks="np.linalg.det, torch.linalg.det",
      examples=("det([[1, 2], [3, 4]])", "det([[1, 2], [2, 4]])"),
      mistakes=(Mistake("x", "the factor det(x) forgotten",
                        lambda dz, z, x: np.asarray(dz / z)[..., None, None] * _cofactors(x)),
                Mistake("x", "not transposed",
                        lambda dz, z, x: np.asarray(dz)[..., None, None] * _turned(_cofactors(x)))),
      vjp={"x": ("dz * z * inv(x).T", lambda dz, z, x: np.asarray(dz)[..., None, None] * _cofactors(x))})
def det(x: Array) -> Array:
    """Each entry gets the upstream gradient times its cofactor, the det without its row and column."""
    return _small_det(x) if _square(x, "det").shape[-1] <= 3 else np.linalg.det(x)


def _log_back(dz: Array, x: Array) -> Array:
    try:
        return np.asarray(dz)[..., None, None] * _turned(np.linalg.inv(x))
    except np.linalg.LinAlgError:
        return np.full(x.shape, np.nan)


def _complex_slogdet(x: Array) -> tuple[Array, Array]:
    """The sign, and log|det| continued: what LAPACK gives as a phase is the logarithm's imaginary part."""
    phase, size = np.linalg.slogdet(_square(x, "logdet"))
    return np.sign(phase.real), size + 1j * (phase.imag / phase.real)


@gate("log(abs(det(x)))", pattern=Pattern.MIXER, complex=lambda x: _complex_slogdet(x)[1],
      names=("logabsdet",), frameworks="np.linalg.slogdet(x)[1], torch.logdet", structure={"x": "dense"},
      domain=Domain("x not singular", _regular, {"x": (-2.0, 2.0)}),
      examples=("logdet([[2, 1], [1, 3]])",),
      mistakes=(Mistake("x", "not transposed", lambda dz, z, x: _turned(_log_back(dz, x))),),
      vjp={"x": ("dz * inv(x).T", lambda dz, z, x: _log_back(dz, x))})
def logdet(x: Array) -> Array:
    """Each entry gets the upstream gradient times its entry of the transposed inverse."""
    return np.linalg.slogdet(_square(x, "logdet"))[1]


@gate("stack([sign(det(x)), logdet(x)])", pattern=Pattern.MIXER, structure={"x": "dense"},
      complex=lambda x: np.stack(_complex_slogdet(x)), frameworks="np.linalg.slogdet, torch.linalg.slogdet",
      domain=Domain("x not singular", _regular, {"x": (-2.0, 2.0)}),
      examples=("slogdet([[2, 1], [1, 3]])[1]",),
      vjp={"x": ("dz[1] * inv(x).T; the sign has no gradient", lambda dz, z, x: _log_back(dz[1], x))})
def slogdet(x: Array) -> Array:
    """The logarithm passes its upstream gradient times the transposed inverse; the sign passes none."""
    return np.stack(np.linalg.slogdet(_square(x, "slogdet")))


# --- equations ---------------------------------------------------------------------------------------


def _solved(a: Array, b: Array) -> Array:
    """The x of a @ x = b, where a one-dimensional b is one vector, whatever the batch (as in numpy 2)."""
    if np.ndim(b) == 1:
        return np.linalg.solve(a, b.reshape((1,) * (np.ndim(a) - 2) + (-1, 1)))[..., 0]
    # With fewer axes than a, numpy 1.26 would take b for a batch of vectors.
    return np.linalg.solve(a, b.reshape((1,) * (np.ndim(a) - np.ndim(b)) + b.shape))


def _solve_b(dz: Array, a: Array, b: Array) -> Array:
    """inv(a).T @ dz, before batches that b was stretched over are summed."""
    if np.ndim(b) == 1:
        return np.linalg.solve(_turned(a), dz[..., None])[..., 0]
    return np.linalg.solve(_turned(a), dz)


def _solve_a(dz: Array, z: Array, a: Array, b: Array) -> Array:
    down = _solve_b(dz, a, b)
    pairs = down[..., :, None] * z[..., None, :] if np.ndim(b) == 1 else down @ _turned(z)
    return unbroadcast(-pairs, np.shape(a))


@gate("inv(a) @ b", pattern=Pattern.MIXER, complex=lambda a, b: _solved(a, b),
      structure={"a": "dense", "b": "block"}, frameworks="np.linalg.solve, torch.linalg.solve",
      domain=Domain("a not singular", lambda a, b: _regular(a), {"a": (-2.0, 2.0), "b": (-2.0, 2.0)}),
      examples=("solve([[2, 1], [1, 3]], [3, 5])",),
      vjp={"a": ("-db @ z.T", _solve_a),
           "b": ("solve(a.T, dz)", lambda dz, z, a, b: unbroadcast(_solve_b(dz, a, b), np.shape(b)))})
def solve(a: Array, b: Array) -> Array:
    """The right side gets the solution of the transposed equations for dz; the matrix minus that times z."""
    one, two = np.shape(_square(a, "solve")), np.shape(b)
    if not two or two[-2 if len(two) > 1 else 0] != one[-1]:
        raise GradcalcError(f"solve needs as many rows on both sides: {shown(one)} and {shown(two)}",
                            kind="shape")
    _inverse(a, "solve")  # refuses what LAPACK would solve with nothing but rounding errors
    try:
        return _solved(a, b)
    except ValueError:
        raise GradcalcError(f"solve cannot pair the batches of {shown(one)} and {shown(two)}",
                            kind="shape") from None


# --- factors -----------------------------------------------------------------------------------------


def _complex_cholesky(x: Array) -> Array:
    """The factor without conjugation, column by column (LAPACK's is for Hermitian matrices)."""
    _square(x, "cholesky")
    a = np.array(x + _turned(x), dtype=complex) / 2
    for k in range(a.shape[-1]):
        a[..., k, k] = np.sqrt(a[..., k, k])
        a[..., k + 1:, k] /= a[..., None, k, k]
        column = a[..., k + 1:, k]
        a[..., k + 1:, k + 1:] -= column[..., :, None] * column[..., None, :]
    return np.tril(a)


def _cholesky_back(dz: Array, z: Array, x: Array) -> Array:
    half = np.tril(_turned(z) @ dz) * (1 - np.eye(z.shape[-1]) / 2)
    down = _turned(np.linalg.solve(_turned(z), _turned(np.linalg.solve(_turned(z), half))))
    return (down + _turned(down)) / 2


def _positive(x: Array) -> Array:
    return np.linalg.eigvalsh((x + _turned(x)) / 2).min(axis=-1, initial=np.inf) > 0


@gate("cholesky(x)", pattern=Pattern.MIXER, complex=_complex_cholesky, structure={"x": "dense"},
      frameworks="np.linalg.cholesky, torch.linalg.cholesky",
      domain=Domain("x symmetric and positive definite", _positive, {}),
      examples=("cholesky([[4, 2], [2, 5]])",),
      vjp={"x": ("the symmetric part of inv(z).T @ P @ inv(z), P the lower triangle of z.T @ dz, "
                 "its diagonal halved", _cholesky_back)})
def cholesky(x: Array) -> Array:
    """The upstream gradient passes back through the factor from both sides; mirrored entries get the same."""
    try:
        return np.linalg.cholesky((_square(x, "cholesky") + _turned(x)) / 2)
    except np.linalg.LinAlgError:
        raise GradcalcError("the matrix is not positive definite: cholesky does not exist",
                            kind="domain") from None
