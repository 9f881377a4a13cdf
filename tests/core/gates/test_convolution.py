"""Convolutions: pinned numbers, the definition in loops, complex steps, banding, errors, and torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcalc.errors import GradcalcError
from gradcalc.gate import Gate
from gradcalc.gates import convolution
from gradcalc.gates.convolution import conv1d, conv2d, conv_transpose2d

H = 1e-100


def sample(*shape: int, seed: int = 7) -> Any:
    """Random entries of both signs."""
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def f(x: object) -> Any:
    """A nested list as a float64 array."""
    return np.asarray(x, dtype=np.float64)


def refused(gate: Gate, *xs: Any, **params: Any) -> tuple[str, str]:
    """The kind and the message of the refusal."""
    with pytest.raises(GradcalcError) as caught:
        gate.forward(*xs, **params)
    return caught.value.kind, caught.value.message


def agree(gate: Gate, *xs: Any, **params: Any) -> None:
    """Each input's gradient is what a complex step of every one of its entries says."""
    assert gate.complex is True
    z = gate.forward(*xs, **params)
    assert z.dtype == np.float64
    dz = sample(*z.shape)
    down = gate.backward(dz, z, *xs, **params)
    for k, (name, x) in enumerate(zip(gate.inputs, xs, strict=False)):
        want = np.empty(x.shape)
        for place in np.ndindex(x.shape):
            moved = x.astype(complex)
            moved[place] += 1j * H
            want[place] = np.sum(dz * gate.forward(*xs[:k], moved, *xs[k + 1 :], **params).imag) / H
        assert down[name].flags.c_contiguous
        np.testing.assert_allclose(down[name], want, rtol=1e-12, atol=1e-12, err_msg=name)


def by_definition(x: Any, w: Any, stride: int, padding: int, dilation: int, groups: int) -> Any:
    """The sum over channels and kernel entries, in loops."""
    n, _, rows, columns = x.shape
    filters, each, kh, kw = w.shape
    out = [
        (size + 2 * padding - dilation * (k - 1) - 1) // stride + 1 for size, k in ((rows, kh), (columns, kw))
    ]
    z = np.zeros((n, filters, *out))
    for image, filt, r, c, ch, i, j in np.ndindex(*z.shape, each, kh, kw):
        y0, x0 = r * stride + i * dilation - padding, c * stride + j * dilation - padding
        if 0 <= y0 < rows and 0 <= x0 < columns:
            channel = filt // (filters // groups) * each + ch
            z[image, filt, r, c] += w[filt, ch, i, j] * x[image, channel, y0, x0]
    return z


SWEEPS = [(s, p, d, g) for s in (1, 2, 3) for p in (0, 1, 2) for d in (1, 2) for g in (1, 2)]


def test_a_kernel_by_hand() -> None:
    """The numbers of a 3x3 image under a 2x2 kernel, and all three gradients."""
    x, w, b = f([[[1, 2, 0], [3, 4, 1], [0, 1, 2]]]), f([[[[1, -1], [2, 0]]]]), f([0.5])
    z = conv2d.forward(x, w, b)
    assert z.tolist() == [[[5.5, 10.5], [-0.5, 5.5]]]
    down = conv2d.backward(f([[[1, 2], [3, -1]]]), z, x, w, b)
    assert down["x"].tolist() == [[[1, 1, -2], [5, 0, 1], [6, -2, 0]]]
    assert down["w"].tolist() == [[[[10, 13], [10, 7]]]]
    assert down["b"].tolist() == [5]


def test_a_sequence_by_hand() -> None:
    """conv1d slides without turning the kernel round."""
    z = conv1d.forward(f([[1, 2, 4, 8]]), f([[[1, -1]], [[0, 2]]]), f([0.5, 0]))
    assert z.tolist() == [[-0.5, -1.5, -3.5], [4, 8, 16]]


def test_a_transposed_kernel_by_hand() -> None:
    """conv_transpose2d stamps the kernel, times each pixel."""
    z = conv_transpose2d.forward(f([[[1, 2], [3, 4]]]), f([[[[1, -1], [2, 0]]]]), stride=2)
    assert z.tolist() == [[[1, -1, 2, -2], [2, 0, 4, 0], [3, -3, 4, -4], [6, 0, 8, 0]]]


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), SWEEPS)
def test_conv2d_is_its_definition(stride: int, padding: int, dilation: int, groups: int) -> None:
    """Forward and gradients for every mixture of steps, on an image that the steps do not divide."""
    x, w, b = sample(2, 4, 7, 6), sample(6, 4 // groups, 3, 2), sample(6)
    params = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    want = by_definition(x, w, stride, padding, dilation, groups)
    np.testing.assert_allclose(conv2d.forward(x, w, **params), want, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        conv2d.forward(x, w, b, **params), want + b[:, None, None], rtol=1e-12, atol=1e-12
    )
    if (stride, padding, dilation) in ((1, 0, 1), (2, 1, 1), (3, 2, 2), (2, 0, 2)):
        agree(conv2d, x, w, b, **params)
        agree(conv2d, x, w, **params)


def test_small_bands_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same numbers whether the patches are laid out at once, by rows, or by images."""
    x, w = sample(5, 2, 6, 7), sample(3, 2, 3, 3)
    z = conv2d.forward(x, w, padding=1, stride=(1, 2))
    dz = sample(*z.shape)
    whole = conv2d.backward(dz, z, x, w, padding=1, stride=(1, 2))
    for patches, wide in ((1, 1), (2 * 9 * 4 * 4, 1 << 10), (2 * 9 * 24 * 2, 1 << 10), (1 << 22, 60)):
        monkeypatch.setattr(convolution, "PATCHES", patches)
        monkeypatch.setattr(convolution, "WIDE", wide)
        plan = convolution.plan(x.shape, w.shape, 2, padding=1, stride=(1, 2))
        assert len(list(plan.bands())) > 1
        np.testing.assert_allclose(conv2d.forward(x, w, padding=1, stride=(1, 2)), z, rtol=1e-13, atol=1e-13)
        parts = conv2d.backward(dz, z, x, w, padding=1, stride=(1, 2))
        for name, gradient in parts.items():
            np.testing.assert_allclose(gradient, whole[name], rtol=1e-12, atol=1e-12)


def test_many_kernels_on_few_places() -> None:
    """More kernels than outputs takes the product the other way round, and gives the same."""
    x, w = sample(1, 2, 3, 3), sample(12, 2, 2, 2)
    np.testing.assert_allclose(conv2d.forward(x, w), by_definition(x, w, 1, 0, 1, 1), rtol=1e-13)
    agree(conv2d, x, w)


@pytest.mark.parametrize("gate", [conv2d, conv_transpose2d])
def test_one_image_needs_no_batch_axis(gate: Gate) -> None:
    """(C,H,W) is a batch of one, without its axis; gradients come in that shape too."""
    x, w, b = sample(3, 5, 4), sample(3, 3, 2, 3), sample(3)
    z = gate.forward(x, w, b, stride=2)
    np.testing.assert_array_equal(gate.forward(x[None], w, b, stride=2)[0], z)
    agree(gate, x, w, b, stride=2)


def test_pairs_and_words() -> None:
    """Rows and columns have steps of their own; "same" puts the odd row or column after."""
    x, w = sample(1, 1, 6, 7), sample(1, 1, 3, 2)
    z = conv2d.forward(x, w, stride=(2, 1), padding=f([1, 0]), dilation=(1.0, 2.0))
    padded = np.zeros((1, 1, 8, 7))
    padded[:, :, 1:-1] = x
    np.testing.assert_allclose(z, by_definition(padded, np.insert(w, 1, 0, axis=3), 1, 0, 1, 1)[:, :, ::2])
    same = conv2d.forward(x, w, padding="same")
    assert same.shape == x.shape
    padded = np.zeros((1, 1, 8, 8))
    padded[:, :, 1:-1, :-1] = x
    np.testing.assert_allclose(same, by_definition(padded, w, 1, 0, 1, 1), rtol=1e-13)
    np.testing.assert_array_equal(conv2d.forward(x, w, padding="valid"), conv2d.forward(x, w))
    agree(conv2d, x, w, padding="same", dilation=2)


@pytest.mark.parametrize(
    ("stride", "padding", "extra", "dilation", "groups"),
    [(1, 0, 0, 1, 1), (2, 1, 1, 1, 2), (3, 0, 2, 2, 1), (2, (0, 1), (1, 0), 1, 1)],
)
def test_conv_transpose2d_is_the_transpose(
    stride: Any, padding: Any, extra: Any, dilation: int, groups: int
) -> None:
    """<conv(y), x> = <y, transpose(x)> for every y; its gradients agree with complex steps."""
    x, w, b = sample(2, 4, 3, 2), sample(4, 3, 3, 2), sample(3 * groups)
    params = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    z = conv_transpose2d.forward(x, w, output_padding=extra, **params)
    y = sample(*z.shape)
    np.testing.assert_allclose(np.sum(conv2d.forward(y, w, **params) * x), np.sum(y * z), rtol=1e-12)
    agree(conv_transpose2d, x, w, b, output_padding=extra, **params)


@pytest.mark.parametrize("params", [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "groups": 2}])
def test_conv1d_is_conv2d_of_one_row(params: dict[str, Any]) -> None:
    """A sequence is an image of one row."""
    x, w, b = sample(2, 4, 9), sample(6, 4 // params.get("groups", 1), 3), sample(6)
    rows: dict[str, Any] = {
        "stride": (1, params.get("stride", 1)), "padding": (0, params.get("padding", 0)),
        "dilation": (1, params.get("dilation", 1)), "groups": params.get("groups", 1),
    }  # fmt: skip
    want = conv2d.forward(x[:, :, None], w[:, :, None], b, **rows)[:, :, 0]
    np.testing.assert_array_equal(conv1d.forward(x, w, b, **params), want)
    agree(conv1d, x, w, b, **params)
    agree(conv1d, x[0], w, **params)


def test_complex_on_both_sides() -> None:
    """The product rule holds: a complex image under a complex kernel is the four real convolutions."""
    x, u, w, v = (
        sample(1, 2, 4, 4),
        sample(1, 2, 4, 4, seed=1),
        sample(3, 2, 2, 2),
        sample(3, 2, 2, 2, seed=1),
    )
    z = conv2d.forward(x + 1j * u, w + 1j * v)
    real = conv2d.forward(x, w) - conv2d.forward(u, v)
    imag = conv2d.forward(u, w) + conv2d.forward(x, v)
    np.testing.assert_allclose(z, real + 1j * imag, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(
        conv2d.forward(x + 1j * u, w), conv2d.forward(x, w) + 1j * conv2d.forward(u, w)
    )


def test_any_memory_layout() -> None:
    """Transposed, stretched and reversed arrays give what their copies give."""
    x, w = sample(6, 5, 2).transpose(2, 0, 1)[None], sample(2, 2, 2, 3)[:, :, ::-1]
    z = conv2d.forward(x, w)
    np.testing.assert_array_equal(z, conv2d.forward(x.copy(), w.copy()))
    dz = np.broadcast_to(np.float64(2.0), z.shape)
    one, two = conv2d.backward(dz, z, x, w), conv2d.backward(dz.copy(), z, x.copy(), w.copy())
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])


def test_nothing_in_nothing_out() -> None:
    """An empty batch has an empty output, and kernels that got no gradient from it."""
    x, w, b = np.zeros((0, 2, 4, 4)), sample(3, 2, 2, 2), sample(3)
    z = conv2d.forward(x, w, b)
    assert z.shape == (0, 3, 3, 3)
    down = conv2d.backward(z, z, x, w, b)
    assert down["x"].shape == x.shape
    assert not down["w"].any()
    assert not down["b"].any()


def test_the_inputs_stay_as_they_are() -> None:
    """Neither pass writes into its inputs."""
    x, w, b = sample(1, 2, 4, 4), sample(3, 2, 2, 2), sample(3)
    copies = x.copy(), w.copy(), b.copy()
    z = conv2d.forward(x, w, b, padding=1)
    conv2d.backward(z, z, x, w, b, padding=1)
    for now, then in zip((x, w, b), copies, strict=True):
        np.testing.assert_array_equal(now, then)


IMAGE, KERNEL = np.zeros((1, 3, 4, 4)), np.zeros((2, 3, 3, 3))


@pytest.mark.parametrize(
    ("xs", "params", "kind", "message"),
    [
        ((IMAGE, np.zeros((2, 3, 5, 5))), {}, "shape",
         "the kernel (5,5) is larger than the image (4,4) with padding 0"),
        ((IMAGE, np.zeros((2, 3, 5, 9))), {"padding": (1, 2)}, "shape",
         "the kernel (5,9) is larger than the image (4,4) with padding (1,2)"),
        ((IMAGE, KERNEL), {"dilation": 2}, "shape",
         "the kernel (3,3) spans (5,5) with its dilation, which is larger than the image (4,4) "
         "with padding 0"),
        ((IMAGE, np.zeros((2, 3, 0, 3))), {}, "shape", "the kernel (0,3) is empty"),
        ((IMAGE, np.zeros((2, 4, 3, 3))), {}, "shape", "x has 3 channels but each kernel has 4"),
        ((np.zeros((4, 5, 5)), KERNEL), {"groups": 2}, "shape",
         "x has 4 channels in 2 groups, 2 in each, but each kernel has 3"),
        ((IMAGE, KERNEL), {"groups": 2}, "shape", "3 channels can't be split into 2 groups"),
        ((IMAGE, KERNEL), {"groups": 3}, "shape", "2 kernels can't be split into 3 groups"),
        ((np.zeros((4, 4)), KERNEL), {}, "shape", "conv2d takes x of shape (C,H,W) or (N,C,H,W), not (4,4)"),
        ((IMAGE, np.zeros((3, 3))), {}, "shape", "conv2d takes kernels of shape (F,C,KH,KW), not (3,3)"),
        ((IMAGE, KERNEL, np.zeros(3)), {}, "shape", "2 kernels need 2 biases: b has shape (3,)"),
        ((IMAGE, KERNEL, np.float64(1)), {}, "shape", "2 kernels need 2 biases: b has shape ()"),
        ((IMAGE, KERNEL), {"stride": 1.5}, "value", "stride must be a whole number, not 1.5"),
        ((IMAGE, KERNEL), {"stride": 0}, "value", "stride must be at least 1, not 0"),
        ((IMAGE, KERNEL), {"padding": -1.0}, "value", "padding must be at least 0, not -1"),
        ((IMAGE, KERNEL), {"padding": (1, 2, 3)}, "value",
         "padding must be one number or a pair, not 3 numbers"),
        ((IMAGE, KERNEL), {"padding": "full"}, "value",
         "padding must be a number, 'same' or 'valid', not 'full'"),
        ((IMAGE, KERNEL), {"padding": "same", "stride": 2}, "value", 'padding="same" needs stride 1'),
    ],
)  # fmt: skip
def test_conv2d_refuses(xs: tuple[Any, ...], params: dict[str, Any], kind: str, message: str) -> None:
    """What does not fit is named with both sizes."""
    assert refused(conv2d, *xs, **params) == (kind, message)


@pytest.mark.parametrize(
    ("gate", "xs", "params", "kind", "message"),
    [
        (conv1d, (np.zeros(4), np.zeros((1, 1, 2))), {}, "shape",
         "conv1d takes x of shape (C,L) or (N,C,L), not (4,)"),
        (conv1d, (np.zeros((1, 4)), np.zeros((1, 1, 5))), {"padding": 0}, "shape",
         "the kernel (5,) is larger than the image (4,) with padding 0"),
        (conv1d, (np.zeros((1, 4)), np.zeros((1, 1, 2))), {"stride": (1, 2)}, "value",
         "stride must be one number, not 2 numbers"),
        (conv_transpose2d, (IMAGE, KERNEL), {}, "shape", "x has 3 channels but w has kernels for 2"),
        (conv_transpose2d, (np.zeros((4, 4)), KERNEL), {}, "shape",
         "conv_transpose2d takes x of shape (C,H,W) or (N,C,H,W), not (4,4)"),
        (conv_transpose2d, (IMAGE, np.zeros(3)), {}, "shape",
         "conv_transpose2d takes kernels of shape (C,F,KH,KW), not (3,)"),
        (conv_transpose2d, (IMAGE, np.zeros((3, 1, 2, 2))), {"stride": 2, "output_padding": 2}, "value",
         "output_padding must be smaller than stride or dilation"),
        (conv_transpose2d, (np.zeros((3, 1, 1)), np.zeros((3, 1, 2, 2))), {"padding": 1}, "shape",
         "conv_transpose2d would make an image of shape (0,0)"),
        (conv_transpose2d, (IMAGE, np.zeros((3, 1, 2, 2))), {"groups": 2}, "shape",
         "3 kernels can't be split into 2 groups"),
    ],
)  # fmt: skip
def test_the_others_refuse(
    gate: Gate, xs: tuple[Any, ...], params: dict[str, Any], kind: str, message: str
) -> None:
    """The other two gates name what does not fit in the same way."""
    assert refused(gate, *xs, **params) == (kind, message)


def test_the_mistake_is_one() -> None:
    """A bias gradient averaged over the batch is off by the number of images."""
    x, w, b = sample(3, 2, 4, 4), sample(2, 2, 2, 2), sample(2)
    z = conv2d.forward(x, w, b)
    dz = sample(*z.shape)
    wrong = conv2d.mistakes[0].code(dz, z, x, w, b)
    np.testing.assert_allclose(3 * wrong, conv2d.backward(dz, z, x, w, b)["b"], rtol=1e-12)


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), SWEEPS)
def test_torch_agrees(stride: int, padding: int, dilation: int, groups: int) -> None:
    """Forward and all gradients of conv2d and conv_transpose2d are torch's, in float64."""
    torch = pytest.importorskip("torch", reason="torch is the reference for these numbers")
    functional = torch.nn.functional
    params = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    for gate, theirs, x, w, b in (
        (conv2d, functional.conv2d, sample(3, 4, 9, 8), sample(6, 4 // groups, 3, 3), sample(6)),
        (
            conv_transpose2d,
            functional.conv_transpose2d,
            sample(3, 4, 5, 4),
            sample(4, 3, 3, 3),
            sample(3 * groups),
        ),
    ):  # fmt: skip
        z = gate.forward(x, w, b, **params)
        dz = sample(*z.shape)
        tensors = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
        out = theirs(*tensors, **params)
        np.testing.assert_allclose(z, out.detach().numpy(), rtol=1e-10, atol=1e-10)
        down = gate.backward(dz, z, x, w, b, **params)
        for name, want in zip("xwb", torch.autograd.grad(out, tensors, torch.tensor(dz)), strict=True):
            np.testing.assert_allclose(down[name], want.numpy(), rtol=1e-10, atol=1e-10)
