"""Pooling: pinned numbers, the definition in loops, ties, complex steps, errors, and torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcalc.errors import GradcalcError
from gradcalc.gate import Gate
from gradcalc.gates.pooling import adaptive_avg_pool2d, avg_pool1d, avg_pool2d, max_pool1d, max_pool2d

H = 1e-100
inf = np.inf


def sample(*shape: int) -> Any:
    """Random entries of both signs."""
    return np.random.default_rng([7, *shape]).normal(size=shape)


def f(x: object) -> Any:
    """A nested list as a float64 array."""
    return np.asarray(x, dtype=np.float64)


def agree(gate: Gate, x: Any, **params: Any) -> None:
    """The gradient is what a complex step of every entry says."""
    assert gate.complex is True
    z = gate.forward(x, **params)
    assert z.dtype == np.float64
    dz = sample(*z.shape)
    down = gate.backward(dz, z, x, **params)["x"]
    want = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[place] += 1j * H
        want[place] = np.sum(dz * gate.forward(moved, **params).imag) / H
    np.testing.assert_allclose(down, want, rtol=1e-12, atol=1e-14)


def margin(gate: Gate, x: Any, **params: Any) -> Any:
    """Each window's lead, by the gate's kink."""
    assert gate.kink is not None
    return np.asarray(gate.kink.margin(gate.forward(x, **params), x, **params)).tolist()


def windows(x: Any, kernel: int, stride: int, padding: int, dilation: int = 1) -> Any:
    """What lies under each window, with nan for the padding: (N,C,rows,columns,entries)."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=np.nan)
    reach = dilation * (kernel - 1) + 1
    rows = range(0, padded.shape[2] - reach + 1, stride)
    columns = range(0, padded.shape[3] - reach + 1, stride)
    seen = [[padded[:, :, r : r + reach : dilation, c : c + reach : dilation] for c in columns] for r in rows]
    return np.array(seen).reshape(len(rows), len(columns), *x.shape[:2], -1).transpose(2, 3, 0, 1, 4)


SWEEPS = [(2, 2, 0), (3, 2, 1), (3, 1, 0), (2, 3, 1), (1, 1, 0)]


def test_the_largest_by_hand() -> None:
    """A 2x4 image under the default window of 2x2: values, gradient and leads."""
    x = f([[[1, 2, 5, 0], [4, 3, -1, 6]]])
    z = max_pool2d.forward(x)
    assert z.tolist() == [[[4, 6]]]
    assert max_pool2d.backward(f([[[10, 20]]]), z, x)["x"].tolist() == [[[0, 0, 0, 0], [10, 0, 0, 20]]]
    assert margin(max_pool2d, x) == [[[1, 1]]]


def test_an_entry_that_wins_twice_gets_both() -> None:
    """Overlapping windows add up; writing instead of adding is the mistake that the gate knows."""
    x = f([[[0, 1, 0], [0, 9, 0], [0, 2, 0]]])
    params = {"kernel_size": 2, "stride": 1}
    z = max_pool2d.forward(x, **params)
    dz = f([[[1, 2], [4, 8]]])
    assert max_pool2d.backward(dz, z, x, **params)["x"].tolist() == [[[0, 0, 0], [0, 15, 0], [0, 0, 0]]]
    wrong = max_pool2d.mistakes[0].code(dz, z, x, **params)
    assert wrong[0, 1, 1] in (1, 2, 4, 8)
    assert np.count_nonzero(wrong) == 1


def test_ties_share() -> None:
    """k tied entries get 1/k each, their lead is exactly 0, and a complex step takes its own side."""
    x = f([[[3, 3, 1, 0], [3, 2, 0, 1]]])
    z = max_pool2d.forward(x)
    dz = f([[[6, 6]]])
    assert max_pool2d.backward(dz, z, x)["x"].tolist() == [[[2, 2, 3, 0], [2, 0, 0, 3]]]
    assert margin(max_pool2d, x) == [[[0, 0]]]
    up, down = x.astype(complex), x.astype(complex)
    up[0, 0, 1] += 1j * H
    down[0, 0, 1] -= 1j * H
    assert max_pool2d.forward(up)[0, 0, 0] == 3 + 1j * H
    assert max_pool2d.forward(down)[0, 0, 0] == 3


def test_a_window_of_one_entry_has_no_rival() -> None:
    """Its lead is inf; so it is where all others are padding."""
    x = f([[[3, 3]]])
    assert margin(max_pool2d, x, kernel_size=1) == [[[inf, inf]]]
    assert margin(max_pool2d, x, kernel_size=2, padding=1) == [[[inf, inf]]]


def test_padding_never_wins() -> None:
    """All entries negative, and the zeros that are not there do not win."""
    x = -1 - np.arange(9.0).reshape(1, 3, 3)
    z = max_pool2d.forward(x, kernel_size=3, stride=2, padding=1)
    assert z.tolist() == [[[-1, -2], [-4, -5]]]
    agree(max_pool2d, x, kernel_size=3, stride=2, padding=1)


@pytest.mark.parametrize(("kernel", "stride", "padding"), SWEEPS)
def test_pooling_is_its_definition(kernel: int, stride: int, padding: int) -> None:
    """Largest and average of each window, with and without the padding; gradients by complex steps."""
    x = sample(2, 3, 7, 6)
    params = {"kernel_size": kernel, "stride": stride, "padding": padding}
    seen = windows(x, kernel, stride, padding)
    np.testing.assert_array_equal(max_pool2d.forward(x, **params), np.nanmax(seen, axis=-1))
    lead = np.sort(np.nan_to_num(seen, nan=-inf))
    gap = lead[..., -1] - lead[..., -2] if kernel > 1 else np.full(lead.shape[:-1], inf)
    np.testing.assert_array_equal(margin(max_pool2d, x, **params), gap)
    for inside, want in ((True, np.nansum(seen, axis=-1) / kernel**2), (False, np.nanmean(seen, axis=-1))):
        z = avg_pool2d.forward(x, **params, count_include_pad=inside)
        np.testing.assert_allclose(z, want, rtol=1e-13, atol=1e-15)
    agree(max_pool2d, x, **params)
    agree(avg_pool2d, x[0], **params)
    agree(avg_pool2d, x, **params, count_include_pad=False)


def test_dilated_windows() -> None:
    """A window may skip entries."""
    x = sample(1, 2, 6, 7)
    params = {"kernel_size": 2, "stride": 1, "dilation": 3}
    np.testing.assert_array_equal(max_pool2d.forward(x, **params), windows(x, 2, 1, 0, 3).max(axis=-1))
    agree(max_pool2d, x, **params)


def test_pairs() -> None:
    """Rows and columns have windows of their own, and the stride is the window's unless given."""
    x = f([[[1, 2, 5, 0, 7, 3]]])
    assert max_pool2d.forward(x, kernel_size=(1, 3)).tolist() == [[[5, 7]]]
    assert avg_pool2d.forward(x, kernel_size=f([1, 2]), stride=(1.0, 4.0)).tolist() == [[[1.5, 5]]]
    agree(max_pool2d, x, kernel_size=(1, 3), padding=(0, 1))


@pytest.mark.parametrize(("one", "two"), [(max_pool1d, max_pool2d), (avg_pool1d, avg_pool2d)])
def test_a_sequence_is_an_image_of_one_row(one: Gate, two: Gate) -> None:
    """The gates for sequences give what the gates for images give on one row."""
    x = sample(2, 3, 8)
    z = one.forward(x, kernel_size=3, stride=2, padding=1)
    rows = two.forward(x[:, :, None], kernel_size=(1, 3), stride=(1, 2), padding=(0, 1))
    np.testing.assert_array_equal(z, rows[:, :, 0])
    agree(one, x, kernel_size=3, stride=2, padding=1)
    agree(one, x[0])


def test_the_average_by_hand() -> None:
    """Corners of a padded 2x2 image see one entry: a quarter of it, or all of it."""
    x = f([[[1, 2], [3, 4]]])
    params = {"stride": 2, "padding": 1}
    assert avg_pool2d.forward(x, **params).tolist() == [[[0.25, 0.5], [0.75, 1]]]
    z = avg_pool2d.forward(x, **params, count_include_pad=False)
    assert z.tolist() == x.tolist()
    assert avg_pool2d.backward(z, z, x, **params)["x"].tolist() == [[[0.25, 0.5], [0.75, 1]]]


def test_cells() -> None:
    """One cell is the mean of the image; cells that do not divide it overlap."""
    x = f([[[1, 2, 5], [4, 3, -1]]])
    z = adaptive_avg_pool2d.forward(x)
    np.testing.assert_allclose(z, [[[14 / 6]]], rtol=1e-15)
    assert adaptive_avg_pool2d.forward(x, output_size=(1, 2)).tolist() == [[[2.5, 2.25]]]
    assert adaptive_avg_pool2d.forward(x, output_size=(3, 3))[0, 1].tolist() == [2.5, 2.5, 2]
    down = adaptive_avg_pool2d.backward(f([[[6]]]), z, x)["x"]
    np.testing.assert_allclose(down, np.ones((1, 2, 3)), rtol=1e-15)
    agree(adaptive_avg_pool2d, sample(2, 2, 5, 4), output_size=(3, 2))
    agree(adaptive_avg_pool2d, sample(2, 5, 4), output_size=7)


@pytest.mark.parametrize("gate", [max_pool2d, avg_pool2d, adaptive_avg_pool2d])
def test_an_empty_batch(gate: Gate) -> None:
    """No images in, none out."""
    x = np.zeros((0, 2, 4, 4))
    z = gate.forward(x)
    assert z.shape[:2] == (0, 2)
    assert gate.backward(z, z, x)["x"].shape == x.shape


@pytest.mark.parametrize(
    ("gate", "shape", "params", "kind", "message"),
    [
        (max_pool2d, (4, 4), {}, "shape", "pooling takes x of shape (C,H,W) or (N,C,H,W), not (4,4)"),
        (avg_pool1d, (4,), {}, "shape", "pooling takes x of shape (C,L) or (N,C,L), not (4,)"),
        (adaptive_avg_pool2d, (4, 4), {}, "shape",
         "pooling takes x of shape (C,H,W) or (N,C,H,W), not (4,4)"),
        (max_pool2d, (1, 4, 4), {"kernel_size": 5}, "shape",
         "the kernel (5,5) is larger than the image (4,4) with padding 0"),
        (avg_pool2d, (1, 4, 4), {"kernel_size": 3, "padding": 2}, "value",
         "padding must be at most half of the kernel (3,3), not (2,2)"),
        (max_pool2d, (1, 4, 4), {"kernel_size": 0}, "value", "kernel_size must be at least 1, not 0"),
        (max_pool2d, (1, 4, 4), {"kernel_size": 1.5}, "value",
         "kernel_size must be a whole number, not 1.5"),
        (max_pool2d, (1, 4, 4), {"padding": "same"}, "value", "padding must be a whole number, not 'same'"),
        (adaptive_avg_pool2d, (1, 4, 4), {"output_size": (1, 2, 3)}, "value",
         "output_size must be one number or a pair, not 3 numbers"),
        (adaptive_avg_pool2d, (1, 4, 4), {"output_size": 0}, "value",
         "output_size must be at least 1, not 0"),
    ],
)  # fmt: skip
def test_pooling_refuses(
    gate: Gate, shape: tuple[int, ...], params: dict[str, Any], kind: str, message: str
) -> None:
    """What does not fit is named."""
    with pytest.raises(GradcalcError) as caught:
        gate.forward(np.zeros(shape), **params)
    assert (caught.value.kind, caught.value.message) == (kind, message)


@pytest.mark.parametrize(("kernel", "stride", "padding"), SWEEPS)
def test_torch_agrees(kernel: int, stride: int, padding: int) -> None:
    """Forward and gradient are torch's, in float64, for an image without ties."""
    torch = pytest.importorskip("torch", reason="torch is the reference for these numbers")
    functional = torch.nn.functional
    x = sample(2, 3, 8, 9)
    steps: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "padding": padding}
    for gate, theirs, params in (
        (max_pool2d, functional.max_pool2d, steps),
        (avg_pool2d, functional.avg_pool2d, steps),
        (avg_pool2d, functional.avg_pool2d, {**steps, "count_include_pad": False}),
        (adaptive_avg_pool2d, functional.adaptive_avg_pool2d, {"output_size": (kernel, stride + 3)}),
    ):
        z = gate.forward(x, **params)
        dz = sample(*z.shape)
        tensor = torch.tensor(x, requires_grad=True)
        out = theirs(tensor, **params)
        np.testing.assert_allclose(z, out.detach().numpy(), rtol=1e-12, atol=1e-13)
        (want,) = torch.autograd.grad(out, tensor, torch.tensor(dz))
        down = gate.backward(dz, z, x, **params)["x"]
        np.testing.assert_allclose(down, want.numpy(), rtol=1e-12, atol=1e-13)
