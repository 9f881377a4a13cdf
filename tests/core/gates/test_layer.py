"""Layers: pinned numbers, complex steps, what normalisation must not pass on, errors, and torch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from elementwise import f
from gradcalc.errors import GradcalcError
from gradcalc.gate import Gate
from gradcalc.gates.layer import (
    affine,
    batchnorm,
    dropout,
    embedding,
    layernorm,
    linear,
    local_response_norm,
    scaled_dot_product_attention,
)

H = 1e-100


def sample(*shape: int, seed: int = 7) -> Any:
    """Random entries of both signs."""
    return f(np.random.default_rng([seed, *shape]).normal(size=shape))


def agree(gate: Gate, *xs: Any, **params: Any) -> None:
    """Every differentiable input's gradient is, entry by entry, what a complex step says."""
    assert gate.complex is True
    z = gate.forward(*xs, **params)
    assert type(z) is np.float64 if np.ndim(z) == 0 else z.dtype == np.float64
    dz = sample(*np.shape(z))
    down = gate.backward(dz, z, *xs, **params)
    assert set(down) == set(gate.vjp) & set(gate.inputs[: len(xs)])
    for k, name in enumerate(gate.inputs[: len(xs)]):
        if name not in gate.vjp:
            continue
        want = np.empty(np.shape(xs[k]))
        for place in np.ndindex(want.shape):
            moved = np.array(xs[k], dtype=complex)
            moved[place] += 1j * H
            out = gate.forward(*xs[:k], moved[()], *xs[k + 1 :], **params)
            want[place] = np.sum(dz * np.imag(out) / H)
        np.testing.assert_allclose(down[name], want, rtol=1e-12, atol=1e-13, err_msg=name)


def refused(gate: Gate, *xs: Any, **params: Any) -> tuple[str, str]:
    """The kind and the message of the refusal."""
    with pytest.raises(GradcalcError) as caught:
        gate.forward(*(f(x) for x in xs), **params)
    return caught.value.kind, caught.value.message


# -- weights -----------------------------------------------------------------------------------------------


def test_linear_and_affine_by_hand() -> None:
    """The same layer in torch's layout (out,in) and in the course's (in,out)."""
    x, w, b = f([[1, 2], [3, 4]]), f([[1, 0], [0, 1], [1, -1]]), f([0.5, 0, 0])
    dz = f([[1, 0, 2], [0, 1, -1]])
    z = linear.forward(x, w, b)
    assert z.tolist() == [[1.5, 2, -1], [3.5, 4, -1]]
    down = linear.backward(dz, z, x, w, b)
    assert down["x"].tolist() == [[3, -2], [-1, 2]]
    assert down["w"].tolist() == [[1, 2], [3, 4], [-1, 0]]
    assert down["b"].tolist() == [1, 1, 1]
    assert affine.forward(x, w.T.copy(), b).tolist() == z.tolist()
    assert affine.backward(dz, z, x, w.T.copy(), b)["w"].tolist() == down["w"].T.tolist()
    assert linear.mistakes[0].code(dz, z, x, w, b).tolist() == [0.5, 0.5, 0.5]


@pytest.mark.parametrize("shape", [(3,), (1, 3), (4, 3), (2, 4, 3), (0, 3)])
def test_linear_takes_any_leading_axes(shape: tuple[int, ...]) -> None:
    """A vector, one row, a batch, batches of sequences, and nothing; with a bias and without."""
    x, w, b = sample(*shape), sample(2, 3), sample(2)
    np.testing.assert_allclose(linear.forward(x, w, b), x @ w.T + b, rtol=1e-13, atol=1e-14)
    agree(linear, x, w, b)
    agree(linear, x, w)


@pytest.mark.parametrize("shape", [(6,), (1, 6), (4, 6), (4, 2, 3), (0, 2, 3)])
def test_affine_flattens_each_example(shape: tuple[int, ...]) -> None:
    """As in CS231n, an example of any shape is one row; a vector is one example."""
    x, w, b = sample(*shape), sample(6, 2), sample(2)
    want = x.reshape(-1, 6) @ w + b
    np.testing.assert_allclose(affine.forward(x, w, b), want[0] if len(shape) == 1 else want, rtol=1e-13)
    agree(affine, x, w, b)
    agree(affine, x, w)


def test_embedding_by_hand() -> None:
    """Rows in the order of the indices; a row that was taken twice gets both gradients."""
    idx, w = f([2, 0, 2]), f([[1, 2], [3, 4], [5, 6]])
    z = embedding.forward(idx, w)
    assert z.tolist() == [[5, 6], [1, 2], [5, 6]]
    down = embedding.backward(f([[1, 2], [10, 20], [100, 200]]), z, idx, w)
    assert list(down) == ["w"]
    assert down["w"].tolist() == [[10, 20], [0, 0], [101, 202]]


@pytest.mark.parametrize(
    ("idx", "shape"),
    [(1, (3, 2)), (2, (3,)), ([[0, 1], [1, 1]], (3, 2)), ([0, 2], (3, 2, 2)), (np.zeros((0,)), (3, 2))],
)
def test_embedding_of_any_shape(idx: Any, shape: tuple[int, ...]) -> None:
    """One index, a table of indices, none; rows of any shape."""
    assert np.shape(embedding.forward(f(idx), sample(*shape))) == (*np.shape(idx), *shape[1:])
    agree(embedding, f(idx), sample(*shape))


# -- normalisation -----------------------------------------------------------------------------------------


def test_batchnorm_by_hand() -> None:
    """The columns (1, 3) and (2, 10) become (-1, 1), and of two entries no gradient comes through."""
    x, gamma, beta = f([[1, 2], [3, 10]]), f([2, 3]), f([0, 1])
    z = batchnorm.forward(x, gamma, beta, eps=0)
    assert z.tolist() == [[-2, -2], [2, 4]]
    down = batchnorm.backward(f([[1, 2], [5, 3]]), z, x, gamma, beta, eps=0)
    assert down["x"].tolist() == [[0, 0], [0, 0]]
    assert down["gamma"].tolist() == [4, 1]
    assert down["beta"].tolist() == [6, 5]


@pytest.mark.parametrize("shape", [(5, 3), (1, 3), (4, 3, 2), (2, 3, 2, 2)])
@pytest.mark.parametrize("eps", [1e-5, 0.5])
def test_batchnorm_agrees_with_complex_steps(shape: tuple[int, ...], eps: float) -> None:
    """Features of a batch and channels of images; with gamma and beta, one of them, and neither."""
    x, gamma, beta = sample(*shape), sample(3, seed=8), sample(3, seed=9)
    agree(batchnorm, x, gamma, beta, eps=eps)
    agree(batchnorm, x, gamma, eps=eps)
    agree(batchnorm, x, eps=eps)


def test_batchnorm_normalises() -> None:
    """Each channel has mean 0 and variance 1, and shifting or stretching it changes nothing."""
    x = 5 + 3 * sample(4, 3, 2, 2)
    z = batchnorm.forward(x, eps=0)
    np.testing.assert_allclose(z.mean(axis=(0, 2, 3)), 0, atol=1e-14)
    np.testing.assert_allclose((z * z).mean(axis=(0, 2, 3)), 1, rtol=1e-13)
    down = batchnorm.backward(sample(*x.shape, seed=8), z, x, eps=0)["x"]
    np.testing.assert_allclose(down.sum(axis=(0, 2, 3)), 0, atol=1e-13)
    np.testing.assert_allclose((down * x).sum(axis=(0, 2, 3)), 0, atol=1e-12)


def test_batchnorm_knows_the_students_shortcut() -> None:
    """Mean and variance taken for constants: gamma*dz/std, which is not the gradient."""
    x, gamma, beta = sample(4, 3), sample(3, seed=8), sample(3, seed=9)
    dz = sample(4, 3, seed=10)
    z = batchnorm.forward(x, gamma, beta, eps=0)
    wrong = batchnorm.mistakes[0].code(dz, z, x, gamma, beta, eps=0)
    np.testing.assert_allclose(wrong, dz * gamma / x.std(axis=0), rtol=1e-13)
    right = batchnorm.backward(dz, z, x, gamma, beta, eps=0)["x"]
    assert np.abs(wrong - right).max() > 0.1


def test_layernorm_by_hand() -> None:
    """The row (1, 3, 1, 3) becomes (-1, 1, -1, 1); gamma and beta then act entry by entry."""
    x, gamma, beta = f([1, 3, 1, 3]), f([1, 2, 3, 4]), f([0, 0, 1, 1])
    z = layernorm.forward(x, gamma, beta, eps=0)
    assert z.tolist() == [-1, 2, -2, 5]
    down = layernorm.backward(f([1, 1, 1, 1]), z, x, gamma, beta, eps=0)
    assert down["x"].tolist() == [-1, -1, 1, 1]
    assert down["gamma"].tolist() == [-1, 1, -1, 1]
    assert down["beta"].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("shape", "own"), [((4,), (4,)), ((3, 4), (4,)), ((2, 3, 4), (3, 4)), ((2, 3, 1), (1,))]
)
def test_layernorm_agrees_with_complex_steps(shape: tuple[int, ...], own: tuple[int, ...]) -> None:
    """Statistics over as many of the last axes as gamma has; over the last one without it."""
    x, gamma, beta = sample(*shape), sample(*own, seed=8), sample(*own, seed=9)
    agree(layernorm, x, gamma, beta, eps=0.25)
    agree(layernorm, x, gamma)
    agree(layernorm, x)
    want = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(layernorm.forward(x), want, rtol=1e-12, atol=1e-14)


def test_local_response_norm_by_hand() -> None:
    """Three channels 1, 2, -1 with a window of 3: sums of squares 5, 6, 5; alpha is shared by the window."""
    x = f([1, 2, -1]).reshape(1, 3, 1)
    z = local_response_norm.forward(x, size=3, alpha=3.0, beta=1.0, k=2.0)
    np.testing.assert_allclose(z.ravel(), [1 / 7, 2 / 8, -1 / 7], rtol=1e-15)
    one = local_response_norm.forward(x[0], size=3, alpha=3.0, beta=1.0, k=2.0, axis=0)
    np.testing.assert_array_equal(one, z[0])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
def test_local_response_norm_agrees_with_complex_steps(size: int) -> None:
    """Odd and even windows, also wider than there are channels; channels anywhere."""
    agree(local_response_norm, sample(2, 5, 3), size=size, alpha=0.5)
    agree(local_response_norm, sample(5, 2), size=float(size), alpha=2.0, beta=0.5, k=0.1, axis=0)
    agree(local_response_norm, sample(2, 3), size=size, alpha=0.5, axis=-1)


def test_local_response_norm_knows_the_students_shortcut() -> None:
    """The divisor taken for a constant: dz/d^beta."""
    x, dz = sample(2, 4, 3), sample(2, 4, 3, seed=8)
    z = local_response_norm.forward(x, alpha=2.0)
    wrong = local_response_norm.mistakes[0].code(dz, z, x, alpha=2.0)
    np.testing.assert_allclose(wrong, dz * z / x, rtol=1e-13)


# -- noise and attention -----------------------------------------------------------------------------------


def test_dropout_keeps_what_its_seed_keeps() -> None:
    """Entries are 0 or doubled, the same for the same seed; gradients pass where entries did."""
    x, dz = sample(1000), sample(1000, seed=8)
    z = dropout.forward(x)
    kept = z != 0
    assert 400 < kept.sum() < 600
    np.testing.assert_array_equal(z, np.where(kept, 2 * x, 0))
    np.testing.assert_array_equal(dropout.backward(dz, z, x)["x"], np.where(kept, 2 * dz, 0))
    np.testing.assert_array_equal(z, dropout.forward(x, seed=0.0))
    assert (kept != (dropout.forward(x, seed=1) != 0)).any()
    agree(dropout, sample(3, 2), p=0.25)


def test_dropout_of_all_of_nothing_and_in_use() -> None:
    """p = 1 drops all, p = 0 nothing, and outside of training it does nothing."""
    x = sample(2, 3)
    assert not dropout.forward(x, p=1.0).any()
    assert not dropout.backward(x, x, x, p=1.0)["x"].any()
    for params in ({"p": 0.0}, {"train": False}):
        np.testing.assert_array_equal(dropout.forward(x, **params), x)
        np.testing.assert_array_equal(dropout.backward(x, x, x, **params)["x"], x)
    assert dropout.forward(f(3), p=0.5) in (0, 6)
    agree(dropout, f(3))


def test_attention_by_hand() -> None:
    """A query at a right angle to all keys looks at all values alike; causally, at those before it."""
    q, k, v = f([[0, 0], [0, 0]]), sample(2, 2), f([[2], [6]])
    assert scaled_dot_product_attention.forward(q, k, v).tolist() == [[4], [4]]
    assert scaled_dot_product_attention.forward(q, k, v, is_causal=True).tolist() == [[2], [4]]
    one = scaled_dot_product_attention.forward(f([[2.0, 0]]), f([[math.log(3), 0], [0, 5]]), v, scale=0.5)
    np.testing.assert_allclose(one, [[3]], rtol=1e-15)


@pytest.mark.parametrize("lead", [(), (2,), (2, 1)])
@pytest.mark.parametrize("params", [{}, {"is_causal": True}, {"scale": 0.3}])
def test_attention_agrees_with_complex_steps(lead: tuple[int, ...], params: dict[str, Any]) -> None:
    """All three inputs, with any leading axes."""
    q, k, v = sample(*lead, 3, 2), sample(*lead, 4, 2, seed=8), sample(*lead, 4, 3, seed=9)
    agree(scaled_dot_product_attention, q, k, v, **params)


# -- errors ------------------------------------------------------------------------------------------------

X, CHANNELS = np.ones((2, 3)), np.ones((2, 3, 4))


@pytest.mark.parametrize(
    ("gate", "xs", "params", "kind", "message"),
    [
        (linear, (X, np.ones((3, 2))), {}, "shape",
         "linear takes weights of shape (out,in): x has 3 features, w has shape (3,2)"),
        (linear, (X, np.ones(3)), {}, "shape",
         "linear takes weights of shape (out,in): x has 3 features, w has shape (3,)"),
        (affine, (X, np.ones((2, 3))), {}, "shape",
         "affine takes weights of shape (in,out): x has 3 features, w has shape (2,3)"),
        (linear, (X, np.ones((4, 3)), np.ones(3)), {}, "shape", "4 outputs need 4 biases: b has shape (3,)"),
        (linear, (1, np.ones((4, 3))), {}, "shape", "linear takes x of shape (in,) or (N,in), not a number"),
        (affine, (1, np.ones((4, 3))), {}, "shape", "affine takes x of shape (N,in), not a number"),
        (embedding, ([0, 3], X), {}, "value",
         "index 3 at position 1 is out of range: there are 2 rows, 0 to 1"),
        (embedding, (0.5, X), {}, "value", "index 0.5 is not a whole number"),
        (embedding, (0, 1), {}, "shape", "embedding takes a table w of shape (rows,features), not a number"),
        (batchnorm, (np.ones(3),), {}, "shape", "batchnorm takes x of shape (N,D) or (N,C,...), not (3,)"),
        (batchnorm, (X, np.ones(2)), {}, "shape",
         "gamma must have one entry for each of the 3 channels: it has shape (2,)"),
        (batchnorm, (X, np.ones(3), np.ones((1, 3))), {}, "shape",
         "beta must have one entry for each of the 3 channels: it has shape (1,3)"),
        (batchnorm, (X,), {"eps": -1.0}, "value", "eps must be at least 0, not -1"),
        (layernorm, (X, np.ones(2)), {}, "shape",
         "gamma must have the sizes of x's last axes: they have the shapes (2,) and (2,3)"),
        (layernorm, (X, np.ones(3), np.ones((2, 3))), {}, "shape",
         "gamma and beta differ in shape: (3,) and (2,3)"),
        (layernorm, (1,), {}, "shape", "layernorm takes x with a last axis, not a number"),
        (local_response_norm, (CHANNELS,), {"size": 0}, "value", "size must be at least 1, not 0"),
        (local_response_norm, (CHANNELS,), {"size": 2.5}, "value", "size must be a whole number, not 2.5"),
        (local_response_norm, (np.ones(3),), {}, "value", "axis 1 is out of range: shape (3,) has 1 axis"),
        (dropout, (X,), {"p": 1.5}, "value", "p must be at most 1, not 1.5"),
        (dropout, (X,), {"p": -0.5}, "value", "p must be at least 0, not -0.5"),
        (dropout, (X,), {"seed": 0.5}, "value", "seed must be a whole number, not 0.5"),
        (scaled_dot_product_attention, (X, CHANNELS[0], X), {}, "shape",
         "attention takes q (...,L,d), k (...,S,d) and v (...,S,e): (2,3), (3,4) and (2,3) do not fit"),
        (scaled_dot_product_attention, (X, X, np.ones(2)), {}, "shape",
         "attention takes q (...,L,d), k (...,S,d) and v (...,S,e): (2,3), (2,3) and (2,) do not fit"),
    ],
)  # fmt: skip
def test_layers_refuse(
    gate: Gate, xs: tuple[Any, ...], params: dict[str, Any], kind: str, message: str
) -> None:
    """What does not fit is named with both sizes."""
    assert refused(gate, *xs, **params) == (kind, message)


# -- torch -------------------------------------------------------------------------------------------------


def test_torch_agrees() -> None:
    """Values and gradients are torch's, in float64."""
    torch = pytest.importorskip("torch", reason="torch is the reference for these numbers")
    functional = torch.nn.functional
    images, gamma, beta = sample(4, 3, 2, 5), sample(3, seed=8), sample(3, seed=9)
    q, k, v = sample(2, 3, 4), sample(2, 5, 4, seed=8), sample(2, 5, 2, seed=9)
    idx = f([[0, 2], [2, 1]])

    def norm(x: Any, g: Any, b: Any) -> Any:
        return functional.batch_norm(x, None, None, g, b, training=True, eps=1e-3)

    def layer(x: Any, g: Any, b: Any) -> Any:
        return functional.layer_norm(x, g.shape, g, b, eps=1e-3)

    cases: list[tuple[Gate, tuple[Any, ...], dict[str, Any], Any]] = [
        (linear, (sample(2, 4, 3), sample(5, 3), sample(5)), {}, functional.linear),
        (linear, (sample(3), sample(5, 3)), {}, functional.linear),
        (embedding, (idx, sample(3, 4)), {}, functional.embedding),
        (batchnorm, (images, gamma, beta), {"eps": 1e-3}, norm),
        (batchnorm, (images[:, :, 0, 0], gamma, beta), {"eps": 1e-3}, norm),
        (layernorm, (images, sample(2, 5, seed=8), sample(2, 5, seed=9)), {"eps": 1e-3}, layer),
        (layernorm, (images, sample(5, seed=8), sample(5, seed=9)), {"eps": 1e-3}, layer),
        *((local_response_norm, (sample(2, 6, 3, 2),), {"size": n, "alpha": 0.5, "k": 2.0},
           lambda x, n=n: functional.local_response_norm(x, n, alpha=0.5, k=2.0)) for n in (2, 3, 5)),
        (scaled_dot_product_attention, (q, k, v), {}, functional.scaled_dot_product_attention),
        (scaled_dot_product_attention, (q, k[:, :3], v[:, :3]), {"is_causal": True},
         lambda *x: functional.scaled_dot_product_attention(*x, is_causal=True)),
    ]  # fmt: skip
    for gate, xs, params, theirs in cases:
        tensors = [
            torch.tensor(x, requires_grad=n in gate.vjp) for x, n in zip(xs, gate.inputs, strict=False)
        ]
        if gate is embedding:
            tensors[0] = tensors[0].long()
        out = theirs(*tensors)
        z = gate.forward(*xs, **params)
        near: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-12, "err_msg": f"{gate} {params}"}
        np.testing.assert_allclose(z, out.detach().numpy(), **near)
        dz = sample(*z.shape)
        wanted = torch.autograd.grad(out, [t for t in tensors if t.requires_grad], torch.tensor(dz))
        for have, want in zip(gate.backward(dz, z, *xs, **params).values(), wanted, strict=True):
            np.testing.assert_allclose(have, want.numpy(), **near)
