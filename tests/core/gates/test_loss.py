"""Losses: pinned numbers, extreme scores, ties, complex steps, labels that do not fit, and torch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from elementwise import f
from gradcalc.errors import GradcalcError
from gradcalc.gate import Gate
from gradcalc.gates.loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_similarity,
    cross_entropy,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
    svm_loss,
)

H = 1e-100
inf = np.inf
PAIRED = [mse_loss, l1_loss, huber_loss, smooth_l1_loss]
CLASSED = [cross_entropy, nll_loss, svm_loss]
CATS = [[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]  # cat, car, frog: the course's own scores


def sample(*shape: int, seed: int = 7) -> Any:
    """Random entries of both signs."""
    return f(np.random.default_rng([seed, *shape]).normal(size=shape))


def gradient(gate: Gate, x: Any, y: Any, name: str | None = None, dz: Any = 1.0, **params: Any) -> Any:
    """What goes down to the first input, or to `name`."""
    x, y = f(x), f(y)
    z = gate.forward(x, y, **params)
    return gate.backward(np.broadcast_to(f(dz), np.shape(z))[()], z, x, y, **params)[name or gate.inputs[0]]


def moved(gate: Gate, xs: tuple[Any, Any], k: int, place: tuple[int, ...], **params: Any) -> Any:
    """The slopes of the outputs with respect to one entry of input k, by a complex step."""
    function: Any = gate.forward if gate.complex is True else gate.complex
    z = np.array(xs[k], dtype=complex)
    h = H * min(1.0, abs(z[place]) or 1.0)
    z[place] += 1j * h
    return np.imag(function(*xs[:k], z[()], *xs[k + 1 :], **params)) / h


def agree(gate: Gate, x: Any, y: Any, near: float = 1e-13, **params: Any) -> None:
    """Every differentiable input's gradient is, entry by entry, what a complex step says."""
    xs = f(x), f(y)
    z = gate.forward(*xs, **params)
    assert type(z) is np.float64 if np.ndim(z) == 0 else z.dtype == np.float64
    dz = sample(*np.shape(z))
    down = gate.backward(dz, z, *xs, **params)
    for k, name in enumerate(gate.inputs):
        if name not in gate.vjp:
            continue
        assert type(down[name]) is np.float64 if np.ndim(xs[k]) == 0 else down[name].dtype == np.float64
        want = np.empty(np.shape(xs[k]))
        for place in np.ndindex(want.shape):
            want[place] = np.sum(dz * moved(gate, xs, k, place, **params))
        np.testing.assert_allclose(down[name], want, rtol=near, atol=near * 1e-2, err_msg=name)


def refused(gate: Gate, x: Any, y: Any, **params: Any) -> tuple[str, str]:
    """The kind and the message of the refusal."""
    with pytest.raises(GradcalcError) as caught:
        gate.forward(f(x), f(y), **params)
    return caught.value.kind, caught.value.message


# -- numbers -----------------------------------------------------------------------------------------------


def test_losses_of_numbers_by_hand() -> None:
    """Errors 0, -1 and 2: values and slopes of all four."""
    x, y = [1, 2, 4], [1, 3, 2]
    assert mse_loss.forward(f(x), f(y)) == 5 / 3
    assert mse_loss.forward(f(x), f(y), reduction="sum") == 5
    assert mse_loss.forward(f(x), f(y), reduction="none").tolist() == [0, 1, 4]
    assert gradient(mse_loss, x, y, reduction="sum").tolist() == [0, -2, 4]
    assert gradient(mse_loss, x, y, "y", dz=3).tolist() == [0, 2, -4]
    assert l1_loss.forward(f(x), f(y)) == 1
    assert gradient(l1_loss, x, y, dz=3).tolist() == [0, -1, 1]
    assert huber_loss.forward(f(x), f(y), reduction="none", delta=1.5).tolist() == [0, 0.5, 1.875]
    assert gradient(huber_loss, x, y, reduction="none", delta=1.5).tolist() == [0, -1, 1.5]
    assert smooth_l1_loss.forward(f(x), f(y), reduction="none", beta=2).tolist() == [0, 0.25, 1]
    assert gradient(smooth_l1_loss, x, y, reduction="none", beta=2).tolist() == [0, -0.5, 1]


@pytest.mark.parametrize("gate", PAIRED)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    ("one", "two"), [((), ()), ((3,), (3,)), ((2, 3), ()), ((3,), (2, 3)), ((2, 1), (2, 3))]
)
def test_losses_of_numbers_agree_with_complex_steps(
    gate: Gate, reduction: str, one: tuple[int, ...], two: tuple[int, ...]
) -> None:
    """Both inputs get gradients in their own shapes, whichever is stretched to the other."""
    agree(gate, 2 * sample(*one), 2 * sample(*two, seed=8), reduction=reduction)


@pytest.mark.parametrize("size", [1e-12, 1e-3, 1.0, 1e6, 1e12])
def test_losses_of_numbers_at_any_size(size: float) -> None:
    """Tiny and huge errors have exact slopes."""
    cut = min(size, 1)
    for gate, slope in ((mse_loss, 2 * size), (l1_loss, 1), (huber_loss, cut), (smooth_l1_loss, cut)):
        for sign in (1, -1):
            assert gradient(gate, sign * size, 0) == sign * slope
            assert gradient(gate, sign * size, 0, "y") == -sign * slope
        agree(gate, size, 0)


def test_the_kink_of_l1() -> None:
    """At a tie the slope is 0, the margin exactly 0, and a complex step takes its own side."""
    assert gradient(l1_loss, [2, 3], [2, 5], reduction="sum").tolist() == [0, -1]
    assert l1_loss.kink is not None
    assert l1_loss.kink.margin(None, f([2, 3]), f([2, 5])).tolist() == [0, -2]
    for side in (H, -H):
        assert l1_loss.forward(2 + 1j * side, f(2)).imag == H
        assert l1_loss.forward(f(2), 2 + 1j * side).imag == H
        assert smooth_l1_loss.forward(2 + 1j * side, f(2), beta=0).imag == H


def test_smooth_l1_has_a_kink_only_without_beta() -> None:
    """beta = 0 is l1_loss, kink and all; any other has none."""
    x, y = f([1.0, 3.0]), f([1.0, 1.0])
    assert smooth_l1_loss.kink is not None
    margin = smooth_l1_loss.kink.margin
    assert margin(None, x, y).tolist() == [inf, inf]
    assert margin(None, x, y, beta=0.0).tolist() == [0, 2]
    assert smooth_l1_loss.forward(x, y, beta=0) == l1_loss.forward(x, y) == 1
    assert gradient(smooth_l1_loss, x, y, beta=0).tolist() == [0, 0.5]


@pytest.mark.parametrize(("gate", "name"), [(huber_loss, "delta"), (smooth_l1_loss, "beta")])
def test_where_the_parabola_ends_it_is_smooth(gate: Gate, name: str) -> None:
    """Value and slope are the same from both sides, on the seam too."""
    for x in (0.5, -0.5, math.nextafter(0.5, 0), math.nextafter(0.5, 1)):
        agree(gate, x, 0, **{name: 0.5})
    inside, outside = (gate.forward(f(x), f(0), **{name: 0.5}) for x in (math.nextafter(0.5, 0), 0.5))
    assert abs(inside - outside) <= 2**-52


def test_mse_knows_the_missing_factor() -> None:
    """The mistake is half of the gradient."""
    x, y = sample(2, 3), sample(2, 3, seed=8)
    z = mse_loss.forward(x, y)
    for mistake in mse_loss.mistakes:
        right = mse_loss.backward(1.0, z, x, y)[mistake.input]
        np.testing.assert_allclose(2 * mistake.code(np.float64(1), z, x, y), right, rtol=1e-15)


def test_two_shapes_that_would_both_be_stretched() -> None:
    """(3,1) against (3,) would compare all 9 pairs: refused, as are sizes that do not fit at all."""
    for gate in PAIRED:
        message = f"{gate.name} compares entry by entry: (3,1) and (3,) differ"
        assert refused(gate, np.zeros((3, 1)), np.zeros(3)) == ("shape", message)
        message = f"{gate.name} compares entry by entry: (2,) and (3,) differ"
        assert refused(gate, np.zeros(2), np.zeros(3)) == ("shape", message)


@pytest.mark.parametrize("gate", [*PAIRED, kl_div, binary_cross_entropy_with_logits])
def test_nothing_to_compare(gate: Gate) -> None:
    """The sum of no losses is 0, their mean is not a number, and gradients are empty."""
    x = np.zeros((0, 3))
    assert gate.forward(x, x, reduction="sum") == 0
    assert np.isnan(gate.forward(x, x))
    assert gradient(gate, x, x).shape == (0, 3)


@pytest.mark.parametrize(
    ("gate", "params", "message"),
    [
        (mse_loss, {"reduction": "average"}, "reduction must be 'mean', 'sum' or 'none', not 'average'"),
        (mse_loss, {"reduction": "batchmean"}, "reduction must be 'mean', 'sum' or 'none', not 'batchmean'"),
        (huber_loss, {"delta": 0.0}, "delta must be greater than 0, not 0"),
        (huber_loss, {"delta": "x"}, "delta must be a number, not 'x'"),
        (smooth_l1_loss, {"beta": -1.0}, "beta must be at least 0, not -1"),
        (kl_div, {"reduction": None}, "reduction must be 'mean', 'sum' or 'none', not None"),
    ],
)
def test_parameters_that_do_not_fit(gate: Gate, params: dict[str, Any], message: str) -> None:
    """Each refusal says what would do."""
    assert refused(gate, [1, 2], [1, 2], **params) == ("value", message)


# -- classes -----------------------------------------------------------------------------------------------


def test_the_courses_example() -> None:
    """CS231n, lecture 3: SVM losses 2.9, 0 and 12.9; softmax loss of the first example 2.04."""
    labels = f([0, 1, 2])
    losses = svm_loss.forward(f(CATS), labels, reduction="none")
    np.testing.assert_allclose(losses, [2.9, 0, 12.9], rtol=1e-14)
    np.testing.assert_allclose(svm_loss.forward(f(CATS), labels), 15.8 / 3, rtol=1e-14)
    assert gradient(svm_loss, CATS, labels, dz=3).tolist() == [[-1, 1, 0], [0, 0, 0], [1, 1, -2]]
    np.testing.assert_allclose(cross_entropy.forward(f(CATS[0]), f(0)), 2.04, atol=5e-3)


def test_cross_entropy_by_hand() -> None:
    """Scores log 1, log 2, log 5: probabilities 1/8, 1/4, 5/8."""
    s = np.log([1.0, 2.0, 5.0])
    np.testing.assert_allclose(cross_entropy.forward(s, f(1)), math.log(4), rtol=1e-15)
    np.testing.assert_allclose(gradient(cross_entropy, s, 1), [0.125, -0.75, 0.625], rtol=1e-15)
    soft = cross_entropy.forward(s, f([0.5, 0.25, 0.25]))
    np.testing.assert_allclose(soft, (math.log(8) / 2 + math.log(4) / 4 + math.log(1.6) / 4), rtol=1e-15)
    np.testing.assert_allclose(gradient(cross_entropy, s, [0.5, 0.25, 0.25]), [-0.375, 0, 0.375], atol=1e-16)
    smooth = cross_entropy.forward(s, f(1), label_smoothing=0.75)
    np.testing.assert_allclose(smooth, cross_entropy.forward(s, f([0.25, 0.5, 0.25])), rtol=1e-15)


def test_the_most_certain_scores() -> None:
    """Scores of +-1000 neither overflow nor lose the digits of a tiny loss."""
    s = [1000, 0, -1000]
    assert [cross_entropy.forward(f(s), f(k)) for k in range(3)] == [0, 1000, 2000]
    assert gradient(cross_entropy, s, 0).tolist() == [0, 0, 0]
    assert gradient(cross_entropy, s, 1).tolist() == [1, -1, 0]
    tiny = math.exp(-40)
    assert cross_entropy.forward(f([40, 0]), f(0)) == pytest.approx(tiny, rel=1e-15)
    np.testing.assert_allclose(gradient(cross_entropy, [40, 0], 0), [-tiny, tiny], rtol=1e-15)
    for label in (0, 1):
        agree(cross_entropy, [40, 0], label, near=1e-14)
        agree(cross_entropy, [700, -40, -700], label)
    assert cross_entropy.forward(f([5, -inf]), f(0)) == 0
    assert gradient(cross_entropy, [5, -inf], 0).tolist() == [0, 0]


SHAPES = [(3,), (4, 3), (1, 1), (2, 3, 2), (2, 3, 2, 2)]


@pytest.mark.parametrize("gate", CLASSED)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", SHAPES)
def test_losses_of_classes_agree_with_complex_steps(
    gate: Gate, reduction: str, shape: tuple[int, ...]
) -> None:
    """One example, a batch, and images of scores with their classes on the second axis."""
    classes = shape[1] if len(shape) > 1 else shape[0]
    places = (shape[0], *shape[2:]) if len(shape) > 1 else ()
    y = np.random.default_rng(3).integers(classes, size=places)
    assert np.shape(gate.forward(sample(*shape), f(y), reduction=reduction)) == (
        places if reduction == "none" else ()
    )
    agree(gate, 3 * sample(*shape), y, reduction=reduction)


@pytest.mark.parametrize("shape", SHAPES)
def test_targets_between_the_classes(shape: tuple[int, ...]) -> None:
    """Probabilities as targets, label smoothing, and both."""
    target = np.abs(sample(*shape, seed=9))
    target /= target.sum(axis=min(1, len(shape) - 1), keepdims=True)
    agree(cross_entropy, sample(*shape), target)
    agree(cross_entropy, sample(*shape), target, label_smoothing=0.25, reduction="none")
    labels = target.argmax(axis=min(1, len(shape) - 1))
    agree(cross_entropy, sample(*shape), labels, label_smoothing=0.25)


def test_labels_have_no_gradient() -> None:
    """Labels are taken as given."""
    for gate in [*CLASSED, binary_cross_entropy, binary_cross_entropy_with_logits]:
        assert "y" not in gate.vjp


def test_ties_of_the_margin() -> None:
    """A class exactly at the margin adds nothing and gets nothing; a step that raises it counts."""
    s, y = f([3, 2, 0, 3.5]), f(0)
    assert svm_loss.forward(s, y) == 1.5
    assert gradient(svm_loss, s, 0).tolist() == [-1, 0, 0, 1]
    assert svm_loss.kink is not None
    assert svm_loss.kink.margin(None, s, y).tolist() == [-inf, 0, -2, 1.5]
    up = s + 1j * H * f([0, 1, 0, 0])
    assert svm_loss.forward(up, y).imag == H
    assert svm_loss.forward(up.conj(), y).imag == 0
    assert svm_loss.forward(s, y, margin=2.5).tolist() == 4.5


def test_nll_by_hand() -> None:
    """Minus the log probabilities at the labels."""
    logp = [[-0.5, -1, -3], [-2, -0.25, -1.5]]
    assert nll_loss.forward(f(logp), f([0, 2])) == 1
    assert gradient(nll_loss, logp, [0, 2], dz=2).tolist() == [[-1, 0, 0], [0, 0, -1]]


def test_mistakes_that_people_make_with_classes() -> None:
    """The one-hot forgotten or subtracted everywhere; the label's own gradient lost or counted once."""
    s, y = f([1.0, 2.5, 3.0]), f(0)
    p = np.exp(s) / np.exp(s).sum()
    one = np.float64(1)
    forgotten, everywhere = (m.code(one, None, s, y) for m in cross_entropy.mistakes)
    np.testing.assert_allclose(forgotten, p, rtol=1e-15)
    np.testing.assert_allclose(everywhere, p - 1, rtol=1e-15)
    lost, once = (m.code(one, None, s, y) for m in svm_loss.mistakes)
    assert lost.tolist() == [0, 1, 1]
    assert once.tolist() == [-1, 1, 1]
    assert gradient(svm_loss, s, y).tolist() == [-2, 1, 1]


TEN = np.zeros((5, 10))


@pytest.mark.parametrize("gate", CLASSED)
@pytest.mark.parametrize(
    ("scores", "y", "kind", "message"),
    [
        (TEN, [0, 1, 2, 10, 11], "value",
         "label 10 at position 3 is out of range: there are 10 classes, 0 to 9"),
        (TEN, [-1, 0, 0, 0, 0], "value",
         "label -1 at position 0 is out of range: there are 10 classes, 0 to 9"),
        (TEN, [0, 1.5, 0, 0, 0], "value", "label 1.5 at position 1 is not a whole number"),
        (TEN, [0, 1, np.nan, 0, 0], "value", "label nan at position 2 is not a whole number"),
        (TEN[0], 12, "value", "label 12 is out of range: there are 10 classes, 0 to 9"),
        (np.zeros((2, 3, 2)), [[0, 1], [2, 3]], "value",
         "label 3 at position (1,1) is out of range: there are 3 classes, 0 to 2"),
        (TEN, [0, 1, 2], "shape",
         "{}: scores of shape (5,10) need 5 labels, shape (5,), but y has shape (3,)"),
        (TEN, [[0], [1], [2], [3], [4]], "shape",
         "{}: scores of shape (5,10) need 5 labels, shape (5,), but y has shape (5,1)"),
        (TEN[0], [3], "shape", "{}: scores of shape (10,) need one label, a number, but y has shape (1,)"),
        (1.0, 0, "shape", "{} takes scores of shape (N,C), or (C,) for one example, not a number"),
    ],
)  # fmt: skip
def test_labels_that_do_not_fit(gate: Gate, scores: Any, y: Any, kind: str, message: str) -> None:
    """The first bad label is named with its place; counts that differ are both named."""
    assert refused(gate, scores, y) == (kind, message.format(gate.name))


def test_smoothing_that_does_not_fit() -> None:
    """A share of the probability lies between 0 and 1."""
    message = "label_smoothing must be at most 1, not 1.5"
    assert refused(cross_entropy, TEN, np.zeros(5), label_smoothing=1.5) == ("value", message)
    message = "label_smoothing must be at least 0, not -0.5"
    assert refused(cross_entropy, TEN, np.zeros(5), label_smoothing=-0.5) == ("value", message)


# -- probabilities -----------------------------------------------------------------------------------------


def test_binary_cross_entropy_by_hand() -> None:
    """-log of the probability given to what happened."""
    p, y = [0.5, 0.25, 0.5], [1, 0, 0.5]
    losses = binary_cross_entropy.forward(f(p), f(y), reduction="none")
    np.testing.assert_allclose(losses, [math.log(2), -math.log(0.75), math.log(2)], rtol=1e-15)
    np.testing.assert_allclose(gradient(binary_cross_entropy, p, y, dz=3), [-2, 4 / 3, 0], rtol=1e-15)


def test_binary_cross_entropy_at_its_ends() -> None:
    """Certainty that is right costs 0, with the true slope; that is wrong, infinitely much."""
    for y in (0, 1):
        right = binary_cross_entropy.forward(f(y), f(y))
        assert right == 0
        assert math.copysign(1, right) == 1
        assert gradient(binary_cross_entropy, y, y) == 1 - 2 * y
        assert moved(binary_cross_entropy, (f(y), f(y)), 0, ()) == 1 - 2 * y
        assert binary_cross_entropy.forward(f(1 - y), f(y)) == inf
    assert binary_cross_entropy.domain is not None
    assert binary_cross_entropy.domain.holds(f([-1e-9, 0, 0.5, 1, 1.1]), f(1)).tolist() == [0, 1, 1, 1, 0]


@pytest.mark.parametrize("y", [0, 1, 0.25])
def test_binary_losses_agree_with_complex_steps(y: float) -> None:
    """From one end to the other, for both answers and in between."""
    p = np.array([1e-200, 1e-12, 0.01, 0.5, 0.99, 1 - 1e-12])
    agree(binary_cross_entropy, p, np.full(6, y), reduction="none")
    agree(binary_cross_entropy, p, y)
    x = np.array([-1000, -700, -40, -1, -1e-12, 0, 1e-12, 2, 40, 700, 1000])
    agree(binary_cross_entropy_with_logits, x, np.full(11, y), reduction="none")
    agree(binary_cross_entropy_with_logits, x, y, reduction="sum")
    agree(binary_cross_entropy_with_logits, 1.5, y)


def test_logits_keep_their_digits() -> None:
    """A loss of exp(-40) is that, and its slope too; 1000 does not overflow."""
    tiny = math.exp(-40)
    gate = binary_cross_entropy_with_logits
    assert gate.forward(f(40), f(1)) == pytest.approx(tiny, rel=1e-15)
    assert gradient(gate, 40, 1) == pytest.approx(-tiny, rel=1e-15)
    assert gradient(gate, -40, 0) == pytest.approx(tiny, rel=1e-15)
    assert gate.forward(f([1000, -1000]), f([0, 0]), reduction="none").tolist() == [1000, 0]
    assert gradient(gate, [1000, -1000], [0, 0], reduction="sum").tolist() == [1, 0]
    wrong = gate.mistakes[0].code(np.float64(1), None, f([0.0, 0.0]), f([1.0, 0.0]))
    assert wrong.tolist() == [0.25, 0.25]


def test_kl_div_by_hand() -> None:
    """Two coins: log 2 less the entropy; all four reductions; 0*log(0) is 0."""
    logp, q = np.log([[0.5, 0.5], [0.5, 0.5]]), f([[1, 0], [0.5, 0.5]])
    half: float = math.log(2)
    losses = kl_div.forward(logp, q, reduction="none")
    np.testing.assert_allclose(losses, f([[half, 0], [0, 0]]), atol=1e-16)
    for reduction, count in (("mean", 4), ("batchmean", 2), ("sum", 1)):
        np.testing.assert_allclose(kl_div.forward(logp, q, reduction=reduction), half / count, rtol=1e-15)
        np.testing.assert_allclose(gradient(kl_div, logp, q, reduction=reduction), -q / count, rtol=1e-15)
    down = gradient(kl_div, logp, q, "q", reduction="sum")
    np.testing.assert_allclose(down, f([[1 + half, -inf], [1, 1]]), rtol=1e-15)
    wrong = kl_div.mistakes[0].code(np.float64(1), None, logp, q, reduction="sum")
    np.testing.assert_allclose(wrong, down - 1, atol=1e-15)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none", "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
def test_kl_div_agrees_with_complex_steps(reduction: str, log_target: bool) -> None:
    """Both inputs have gradients, with targets given as they are or as logarithms."""
    q = sample(2, 3, seed=8) if log_target else np.abs(sample(2, 3, seed=8))
    agree(kl_div, sample(2, 3), q, reduction=reduction, log_target=log_target)
    agree(kl_div, sample(2, 3), q[0], reduction=reduction, log_target=log_target)
    agree(kl_div, -0.5, 0.25, reduction=reduction)


# -- directions --------------------------------------------------------------------------------------------


def test_cosine_by_hand() -> None:
    """3-4-5 and 5-12-13: a cosine of 63/65; the gradient is at a right angle to its own vector."""
    x, y = f([3, 4]), f([5, 12])
    z = cosine_similarity.forward(x, y)
    assert z == pytest.approx(63 / 65, rel=1e-15)
    down = gradient(cosine_similarity, x, y)
    np.testing.assert_allclose(down, [-64 / 1625, 48 / 1625], rtol=1e-13)
    assert abs(down @ x) < 1e-16


@pytest.mark.parametrize(
    ("one", "two", "axis"),
    [
        ((3,), (3,), -1),
        ((2, 3), (2, 3), 0),
        ((2, 3), (3,), 1.0),
        ((2, 3, 4), (2, 3, 4), -2),
        ((2, 1), (2, 3), 1),
    ],
)
def test_cosine_agrees_with_complex_steps(one: tuple[int, ...], two: tuple[int, ...], axis: float) -> None:
    """Any axis, and vectors that are stretched to the others' shape."""
    agree(cosine_similarity, sample(*one), sample(*two, seed=8), near=1e-12, axis=axis)


def test_a_vector_without_direction() -> None:
    """Shorter than eps it is divided by eps, so that a zero vector has cosine 0 and a finite gradient."""
    x, y = [0, 0], [3, 4]
    assert cosine_similarity.forward(f(x), f(y)) == 0
    np.testing.assert_allclose(gradient(cosine_similarity, x, y, eps=0.5), [1.2, 1.6], rtol=1e-15)
    agree(cosine_similarity, x, y, eps=0.5)


# -- torch -------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
def test_torch_agrees() -> None:
    """Values and gradients are torch's, in float64, for every gate, reduction and parameter."""
    torch = pytest.importorskip("torch", reason="torch is the reference for these numbers")
    functional = torch.nn.functional
    x, y = 2 * sample(4, 3), 2 * sample(4, 3, seed=8)
    labels, p, q = f([2, 0, 1, 1]), 1 / (1 + np.exp(-x)), np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    answers = f(y > 0)
    cases: list[tuple[Gate, Any, Any, dict[str, Any]]] = [
        (mse_loss, x, y, {}), (l1_loss, x, y, {}), (smooth_l1_loss, x, y, {}), (huber_loss, x, y, {}),
        (smooth_l1_loss, x, y, {"beta": 0.5}), (smooth_l1_loss, x, y, {"beta": 0.0}),
        (huber_loss, x, y, {"delta": 0.5}), (cross_entropy, x, labels, {}), (cross_entropy, x[0], f(2), {}),
        (cross_entropy, x, labels, {"label_smoothing": 0.2}), (cross_entropy, x, q, {}),
        (cross_entropy, x, q, {"label_smoothing": 0.2}), (cross_entropy, 500 * x, labels, {}),
        (cross_entropy, sample(2, 3, 2), f([[0, 2], [1, 1]]), {}), (nll_loss, x, labels, {}),
        (binary_cross_entropy, p, answers, {}), (binary_cross_entropy, p, q, {}),
        (binary_cross_entropy_with_logits, 300 * x, answers, {}),
        (binary_cross_entropy_with_logits, x, q, {}), (kl_div, x, q, {}),
        (kl_div, x, y, {"log_target": True}),
    ]  # fmt: skip
    for gate, one, two, params in cases:
        for reduction in ("mean", "sum", "none", *(("batchmean",) if gate is kl_div else ())):
            given = {**params, "reduction": reduction}
            a = torch.tensor(one, requires_grad=True)
            b = torch.tensor(two, requires_grad="y" in gate.vjp or "q" in gate.vjp)
            if gate in CLASSED and np.shape(one) != np.shape(two):
                b = b.long()
            out = getattr(functional, gate.name)(a, b, **given)
            z = gate.forward(one, two, **given)
            near: dict[str, Any] = {"rtol": 1e-11, "atol": 1e-12, "err_msg": f"{gate} {given}"}
            np.testing.assert_allclose(z, out.detach().numpy(), **near)
            dz = sample(*np.shape(z))
            wanted = [t for t in (a, b) if t.requires_grad]
            grads = torch.autograd.grad(out, wanted, torch.tensor(dz))
            down = gate.backward(dz, z, one, two, **given)
            for have, want in zip(down.values(), grads, strict=True):
                np.testing.assert_allclose(have, want.numpy(), **near)


def test_torch_agrees_on_margins_and_angles() -> None:
    """svm_loss is the number of classes times torch's multi_margin_loss; cosines are torch's."""
    torch = pytest.importorskip("torch", reason="torch is the reference for these numbers")
    functional = torch.nn.functional
    x, y, labels = sample(4, 3), sample(4, 3, seed=8), f([2, 0, 1, 1])
    one, two = torch.tensor(x, requires_grad=True), torch.tensor(y, requires_grad=True)
    out = 3 * functional.multi_margin_loss(one, torch.tensor(labels).long(), margin=0.5)
    np.testing.assert_allclose(svm_loss.forward(x, labels, margin=0.5), out.item(), rtol=1e-13)
    (want,) = torch.autograd.grad(out, one)
    np.testing.assert_allclose(gradient(svm_loss, x, labels, margin=0.5), want.numpy(), rtol=1e-13)
    for axis in (0, 1):
        out = functional.cosine_similarity(one, two, dim=axis)
        z = cosine_similarity.forward(x, y, axis=axis)
        dz = sample(*z.shape)
        np.testing.assert_allclose(z, out.detach().numpy(), rtol=1e-13)
        wanted = torch.autograd.grad(out, (one, two), torch.tensor(dz))
        down = cosine_similarity.backward(dz, z, x, y, axis=axis)
        for have, want in zip(down.values(), wanted, strict=True):
            np.testing.assert_allclose(have, want.numpy(), rtol=1e-11, atol=1e-13)
