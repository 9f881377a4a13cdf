"""Losses: one number that says how far predictions are from what they should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Domain, Kink, Mistake, Pattern, as_value, gate, unbroadcast
from .indexing import axis_of, plain, shown

# --- from many losses to one -------------------------------------------------------------------------


def reduced(losses: Array, reduction: object) -> Array:
    """The mean or the sum of the losses, or all of them."""
    if reduction == "mean":
        return losses.sum() / losses.size
    if reduction == "sum":
        return losses.sum()
    if reduction == "none":
        return losses
    raise GradcalcError(f"reduction must be 'mean', 'sum' or 'none', not {plain(reduction)}", kind="value")


def spread(dz: Array, losses: int, reduction: str) -> Array:
    """The upstream gradient of each loss."""
    return dz / losses if reduction == "mean" else dz


def pairs(x: Array, y: Array, caller: str) -> Array:
    """x - y, entry by entry, where one of them has the shape of the result."""
    one, two = np.shape(x), np.shape(y)
    if one != two and np.ndim(x) and np.ndim(y):
        try:
            both = np.broadcast_shapes(one, two)
        except ValueError:
            both = ()
        if both not in (one, two):
            raise GradcalcError(f"{caller} compares entry by entry: {shown(one)} and {shown(two)} differ",
                                kind="shape", hint="reshape one of them" if both else None)
    return x - y


def size_of(x: Array, y: Array) -> int:
    return max(np.size(x), np.size(y)) if np.size(x) and np.size(y) else 0


def magnitude(d: Array) -> Array:
    """|d|; for a complex d the branch on the side of its imaginary part."""
    return np.maximum(d, -d) if np.iscomplexobj(d) else np.abs(d)


# --- numbers: how far x is from y --------------------------------------------------------------------


def difference_slopes(slope: Callable[..., Array]) -> dict[str, Callable[..., Array]]:
    """The vjp codes for x and y of a loss of x - y whose derivative is slope(x - y, **params)."""

    def back(dz: Array, x: Array, y: Array, to: Array, reduction: str, params: dict[str, Any]) -> Array:
        gradient = spread(dz, size_of(x, y), reduction) * slope(x - y, **params)
        return unbroadcast(as_value(gradient), np.shape(to))

    def to_x(dz: Array, z: Array, x: Array, y: Array, *, reduction: str = "mean", **params: Any) -> Array:
        return back(dz, x, y, x, reduction, params)

    def to_y(dz: Array, z: Array, x: Array, y: Array, *, reduction: str = "mean", **params: Any) -> Array:
        return -back(dz, x, y, y, reduction, params)

    return {"x": to_x, "y": to_y}


MSE = difference_slopes(lambda d: 2 * d)
L1 = difference_slopes(np.sign)
HUBER = difference_slopes(lambda d, delta=1.0: np.minimum(np.maximum(d, -delta), delta))
SMOOTH = difference_slopes(
    lambda d, beta=1.0: np.sign(d) if beta == 0 else np.minimum(np.maximum(d / beta, -1.0), 1.0))
HALF_MSE = difference_slopes(lambda d: d)


@gate("mean((x - y)^2)", pattern=Pattern.MIXER, complex=True, structure={"x": "dense", "y": "dense"},
      names=("mean_squared_error", "mse"), frameworks="torch.nn.functional.mse_loss",
      examples=("mse_loss([1, 2, 4], [1, 3, 2])", "mse_loss([1, 2, 4], [1, 3, 2], reduction=\"sum\")"),
      mistakes=(Mistake("x", "the factor 2 forgotten", HALF_MSE["x"]),
                Mistake("y", "the factor 2 forgotten", HALF_MSE["y"])),
      vjp={"x": ("dz*2*(x - y)/n", MSE["x"]),
           "y": ("-dz*2*(x - y)/n", MSE["y"])})
def mse_loss(x: Array, y: Array, *, reduction: str = "mean") -> Array:
    """Each prediction gets twice its own error, divided by their number; targets get the negative."""
    d = pairs(x, y, "mse_loss")
    return reduced(d * d, reduction)


@gate("mean(abs(x - y))", pattern=Pattern.MIXER, complex=True, structure={"x": "dense", "y": "dense"},
      names=("mean_absolute_error", "mae"), frameworks="torch.nn.functional.l1_loss",
      examples=("l1_loss([1, 2, 4], [1.5, 3, 2])",),
      kink=Kink("x = y", "|d|' = 0 at d = 0", lambda z, x, y, reduction="mean": x - y),
      vjp={"x": ("dz*sign(x - y)/n", L1["x"]),
           "y": ("-dz*sign(x - y)/n", L1["y"])})
def l1_loss(x: Array, y: Array, *, reduction: str = "mean") -> Array:
    """Each prediction gets the sign of its error, divided by their number, however large the error is."""
    return reduced(magnitude(pairs(x, y, "l1_loss")), reduction)


def at_least(value: Any, what: str, least: float, beyond: bool = False) -> float:
    """A numeric parameter with a lower bound, which itself is allowed unless `beyond`."""
    if isinstance(value, str) or value is None or np.ndim(value):
        raise GradcalcError(f"{what} must be a number, not {plain(value)}", kind="value")
    if not (value > least if beyond else value >= least):
        bound = f"greater than {least:g}" if beyond else f"at least {least:g}"
        raise GradcalcError(f"{what} must be {bound}, not {plain(value)}", kind="value")
    return float(value)


@gate("mean(where(abs(x - y) <= delta, (x - y)^2/2, delta*(abs(x - y) - delta/2)))", pattern=Pattern.MIXER,
      complex=True, structure={"x": "dense", "y": "dense"}, source="Huber 1964",
      frameworks="torch.nn.functional.huber_loss",
      examples=("huber_loss([1, 2, 4], [1.5, 3.5, 2])", "huber_loss([1, 2, 4], [1.5, 3.5, 2], delta=0.25)"),
      vjp={"x": ("dz*clip(x - y, -delta, delta)/n", HUBER["x"]),
           "y": ("-dz*clip(x - y, -delta, delta)/n", HUBER["y"])})
def huber_loss(x: Array, y: Array, *, reduction: str = "mean", delta: float = 1.0) -> Array:
    """Each prediction gets its own error, cut off at delta, divided by their number."""
    delta = at_least(delta, "delta", 0, beyond=True)
    d = pairs(x, y, "huber_loss")
    a = magnitude(d)
    return reduced(np.where(a.real <= delta, d * d / 2, delta * (a - delta / 2))[()], reduction)


def gap_of_smooth(z: Array, x: Array, y: Array, reduction: str = "mean", beta: float = 1.0) -> Array:
    return x - y if beta == 0 else np.full(np.shape(x - y), np.inf)


@gate("mean(where(abs(x - y) < beta, (x - y)^2/(2*beta), abs(x - y) - beta/2))", pattern=Pattern.MIXER,
      complex=True, structure={"x": "dense", "y": "dense"}, source="Girshick 2015 (Fast R-CNN)",
      frameworks="torch.nn.functional.smooth_l1_loss",
      examples=("smooth_l1_loss([1, 2, 4], [1.5, 3.5, 2])", "smooth_l1_loss([1, 2], [1.5, 3.5], beta=0.25)"),
      kink=Kink("x = y and beta = 0", "|d|' = 0 at d = 0", gap_of_smooth),
      vjp={"x": ("dz*clip((x - y)/beta, -1, 1)/n", SMOOTH["x"]),
           "y": ("-dz*clip((x - y)/beta, -1, 1)/n", SMOOTH["y"])})
def smooth_l1_loss(x: Array, y: Array, *, reduction: str = "mean", beta: float = 1.0) -> Array:
    """Each prediction gets the sign of its error where that is large, and a share of it where it is small."""
    beta = at_least(beta, "beta", 0)
    d = pairs(x, y, "smooth_l1_loss")
    a = magnitude(d)
    if beta == 0:
        return reduced(a, reduction)
    return reduced(np.where(a.real < beta, d * d / (2 * beta), a - beta / 2)[()], reduction)


# --- classes: scores (N,C), or (C,) for one example, against labels ----------------------------------


def last(scores: Array) -> Array:
    """The scores with their class axis last; it is the second, or the only one."""
    return np.moveaxis(scores, 1, -1) if scores.ndim > 2 else scores


def unlast(gradient: Array, scores: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(gradient, -1, 1)) if scores.ndim > 2 else gradient


def whole_numbers(y: Array, n: int, what: str, things: str) -> np.ndarray:
    """Labels or indices as ints from 0 to n - 1; the refusal names the first bad one."""
    values = np.asarray(y, dtype=float)
    bad = ~((values >= 0) & (values < n) & (values == np.floor(values)))
    if bad.any():
        index = tuple(int(k[0]) for k in bad.nonzero()) if values.ndim else ()
        place = f" at position {index[0] if len(index) == 1 else shown(index)}" if index else ""
        value = values[index]
        if np.isfinite(value) and value == np.floor(value):
            most = f"0 to {n - 1}" if n else "none to choose"
            raise GradcalcError(f"{what} {value:.0f}{place} is out of range: there are {n} {things}, {most}",
                                kind="value")
        raise GradcalcError(f"{what} {value:g}{place} is not a whole number", kind="value")
    return values.astype(np.intp)


def labels(scores: Array, y: Array, caller: str) -> np.ndarray:
    """One label for each example, with an axis of size 1 where the scores have their classes."""
    shape = np.shape(scores)
    if not shape:
        raise GradcalcError(f"{caller} takes scores of shape (N,C), or (C,) for one example, not a number",
                            kind="shape")
    wanted = (*shape[:1], *shape[2:]) if len(shape) > 1 else ()
    if np.shape(y) != wanted:
        examples = int(np.prod(wanted))
        need = "one label, a number" if not wanted else f"{examples} labels, shape {shown(wanted)}"
        raise GradcalcError(f"{caller}: scores of shape {shown(shape)} need {need}, "
                            f"but y has shape {shown(np.shape(y))}", kind="shape")
    classes = shape[1] if len(shape) > 1 else shape[0]
    return whole_numbers(y, classes, "label", "classes")[..., None]


def weights(scores: Array, y: Array, label_smoothing: float) -> Array | None:
    """The probability that the target gives to each class; None where each gives 1 to one label."""
    if np.ndim(scores) and np.shape(y) == np.shape(scores):
        target = last(y)
    elif label_smoothing:
        target = np.zeros(last(scores).shape)
        np.put_along_axis(target, labels(scores, y, "cross_entropy"), 1.0, axis=-1)
    else:
        return None
    if not label_smoothing:
        return target
    return (1 - label_smoothing) * target + label_smoothing / target.shape[-1]


def smoothing(value: Any) -> float:
    number = at_least(value, "label_smoothing", 0)
    if number > 1:
        raise GradcalcError(f"label_smoothing must be at most 1, not {plain(value)}", kind="value")
    return number


def log_total(s: Array) -> Array:
    """log(sum(exp(s))) over the last axis: the largest taken out first, which keeps the last digits."""
    rest = np.exp(s - np.max(s.real, axis=-1, keepdims=True))
    if np.iscomplexobj(s):
        return np.log(rest.sum(axis=-1)) + np.max(s.real, axis=-1)
    np.put_along_axis(rest, np.argmax(s, axis=-1)[..., None], 0.0, axis=-1)
    return np.max(s, axis=-1) + np.log1p(rest.sum(axis=-1))


def label_losses(s: Array, label: np.ndarray) -> Array:
    """-log softmax(s) at the label. Taken relative to the label's score, a loss of 1e-18 is not lost."""
    return log_total(s - np.take_along_axis(s, label, axis=-1))[()]


def softmax(s: Array) -> Array:
    e = np.exp(s - np.max(s, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def minus_at(p: Array, label: np.ndarray) -> Array:
    """p, and at the label minus the sum of the others: p - 1 without its loss of digits."""
    np.put_along_axis(p, label, 0.0, axis=-1)
    np.put_along_axis(p, label, -p.sum(axis=-1, keepdims=True), axis=-1)
    return p


def per_example(dz: Array, losses: int, reduction: str) -> Array:
    """The upstream gradient of each example's loss, with an axis for the classes."""
    return np.asarray(spread(dz, losses, reduction))[..., None]


def cross_entropy_back(dz: Array, z: Array, scores: Array, y: Array, *, reduction: str = "mean",
                       label_smoothing: float = 0.0) -> Array:
    s, target = last(scores), weights(scores, y, label_smoothing)
    if target is None:
        gradient = minus_at(softmax(s), labels(scores, y, "cross_entropy"))
    else:
        gradient = softmax(s) * target.sum(axis=-1, keepdims=True) - target
    return unlast(per_example(dz, s[..., 0].size, reduction) * gradient, scores)


def one_hot_forgotten(dz: Array, z: Array, scores: Array, y: Array, *, reduction: str = "mean",
                      label_smoothing: float = 0.0) -> Array:
    s = last(scores)
    return unlast(per_example(dz, s[..., 0].size, reduction) * softmax(s), scores)


def one_subtracted_everywhere(dz: Array, z: Array, scores: Array, y: Array, *, reduction: str = "mean",
                              label_smoothing: float = 0.0) -> Array:
    s = last(scores)
    return unlast(per_example(dz, s[..., 0].size, reduction) * (softmax(s) - 1), scores)


@gate("cross_entropy(scores, y)", pattern=Pattern.MIXER, complex=True, structure={"scores": "dense"},
      names=("softmax_loss", "softmax_cross_entropy"), frameworks="torch.nn.functional.cross_entropy",
      examples=("cross_entropy([[3.2, 5.1, -1.7], [1.3, 4.9, 2]], [0, 1])",
                "cross_entropy([1000, 0, -1000], 1)",
                "cross_entropy([1, 2, 3], 2, label_smoothing=0.1)", "cross_entropy([1, 2], [0.25, 0.75])"),
      mistakes=(Mistake("scores", "p, where the label's is p - 1", one_hot_forgotten),
                Mistake("scores", "p - 1 everywhere, not only at the label", one_subtracted_everywhere)),
      vjp={"scores": ("dz*(p - onehot(y))/n, where p = softmax(scores)", cross_entropy_back)})
def cross_entropy(scores: Array, y: Array, *, reduction: str = "mean", label_smoothing: float = 0.0) -> Array:
    """Each class gets its probability, the label's less 1: a push down for all, and up for the right one.

    y holds labels, or, in the shape of the scores, the probabilities of the classes. Either is taken as
    given: it has no gradient.
    """
    target = weights(scores, y, smoothing(label_smoothing))
    if target is None:
        label = labels(scores, y, "cross_entropy")
        return reduced(label_losses(last(scores), label), reduction)
    s = last(scores)
    losses = (target * (log_total(s)[..., None] - s)).sum(axis=-1)
    return reduced(losses, reduction)


def nll_back(dz: Array, z: Array, logp: Array, y: Array, *, reduction: str = "mean") -> Array:
    gradient = np.zeros(last(logp).shape)
    np.put_along_axis(gradient, labels(logp, y, "nll_loss"), -1.0, axis=-1)
    return unlast(per_example(dz, gradient[..., 0].size, reduction) * gradient, logp)


@gate("nll_loss(logp, y)", pattern=Pattern.SELECTOR, complex=True, structure={"logp": "dense"},
      names=("negative_log_likelihood",), frameworks="torch.nn.functional.nll_loss",
      examples=("nll_loss([[-0.5, -1, -3], [-2, -0.25, -1.5]], [0, 2])",),
      vjp={"logp": ("-dz/n at the labels, 0 elsewhere", nll_back)})
def nll_loss(logp: Array, y: Array, *, reduction: str = "mean") -> Array:
    """Each label's log probability gets -1, divided by the number of examples; the others get nothing."""
    label = labels(logp, y, "nll_loss")
    return reduced(-np.take_along_axis(last(logp), label, axis=-1)[..., 0], reduction)


def margins(scores: Array, y: Array, margin: float) -> tuple[Array, np.ndarray]:
    """s_j - s_y + margin for every class, and -inf at the label itself; and the labels."""
    label, s = labels(scores, y, "svm_loss"), last(scores)
    over = s - np.take_along_axis(s, label, axis=-1) + margin
    np.put_along_axis(over, label, -np.inf, axis=-1)
    return over, label


def svm_back(dz: Array, z: Array, scores: Array, y: Array, *, reduction: str = "mean",
             margin: float = 1.0) -> Array:
    over, label = margins(scores, y, margin)
    gradient = minus_at((over > 0).astype(float), label)
    return unlast(per_example(dz, over[..., 0].size, reduction) * gradient, scores)


def svm_label_forgotten(dz: Array, z: Array, scores: Array, y: Array, *, reduction: str = "mean",
                        margin: float = 1.0) -> Array:
    over, _ = margins(scores, y, margin)
    return unlast(per_example(dz, over[..., 0].size, reduction) * (over > 0), scores)


def svm_counted_once(dz: Array, z: Array, scores: Array, y: Array, *, reduction: str = "mean",
                     margin: float = 1.0) -> Array:
    over, label = margins(scores, y, margin)
    gradient = (over > 0).astype(float)
    np.put_along_axis(gradient, label, -1.0 * (over > 0).any(axis=-1, keepdims=True), axis=-1)
    return unlast(per_example(dz, over[..., 0].size, reduction) * gradient, scores)


@gate("svm_loss(scores, y)", pattern=Pattern.MIXER, complex=True, structure={"scores": "dense"},
      names=("multiclass_hinge", "multiclass_svm_loss"), source="Weston and Watkins 1999",
      frameworks="C times torch.nn.functional.multi_margin_loss",
      examples=("svm_loss([[3.2, 5.1, -1.7], [1.3, 4.9, 2]], [0, 1])",
                "svm_loss([1, 2.5, 0.5], 1, margin=2)"),
      kink=Kink("s_j = s_y - margin", "max(0, m)' = 0 at m = 0",
                lambda z, scores, y, reduction="mean", margin=1.0: margins(scores, y, margin)[0]),
      mistakes=(Mistake("scores", "the label's own gradient forgotten", svm_label_forgotten),
                Mistake("scores", "-1 at the label, however many classes count", svm_counted_once)),
      vjp={"scores": ("dz/n for each class above the margin, minus their number at the label", svm_back)})
def svm_loss(scores: Array, y: Array, *, margin: float = 1.0, reduction: str = "mean") -> Array:
    """Each class that comes within the margin of the label gets 1; the label gets minus their number."""
    over, _ = margins(scores, y, margin)
    return reduced(np.maximum(over, 0.0).sum(axis=-1), reduction)


# --- probabilities -----------------------------------------------------------------------------------


def log_of(q: Array) -> Array:
    """q*log(q), which is 0 at 0."""
    return np.where(q == 0, 0.0, q * np.log(q))


def weighed(y: Array, x: Array) -> Array:
    """y*x, and 0 where y is 0 and x infinite."""
    return np.where(y == 0, 0.0, y * x)


def bce_back(dz: Array, z: Array, p: Array, y: Array, *, reduction: str = "mean") -> Array:
    slope = np.where(y == 0, 1 / (1 - p), np.where(y == 1, -1 / p, (p - y) / (p * (1 - p))))
    return unbroadcast(as_value(spread(dz, size_of(p, y), reduction) * slope), np.shape(p))


@gate("-mean(y*log(p) + (1 - y)*log(1 - p))", pattern=Pattern.MIXER, structure={"p": "dense"},
      names=("bce_loss", "log_loss", "bce"), frameworks="torch.nn.functional.binary_cross_entropy",
      complex=lambda p, y, reduction="mean": reduced(
          (0.0 - weighed(y, np.log(p)) - weighed(1 - y, np.log(1 - p)))[()], reduction),
      domain=Domain("0 <= p <= 1", lambda p, y, reduction="mean": (p >= 0) & (p <= 1), {"p": (0.05, 0.95)}),
      examples=("binary_cross_entropy([0.9, 0.2, 0.6], [1, 0, 1])",),
      vjp={"p": ("dz*(p - y)/(p*(1 - p))/n", bce_back)})
def binary_cross_entropy(p: Array, y: Array, *, reduction: str = "mean") -> Array:
    """Each probability gets -1/p where the answer is yes and 1/(1 - p) where it is no, over their number."""
    pairs(p, y, "binary_cross_entropy")
    return reduced((0.0 - weighed(y, np.log(p)) - weighed(1 - y, np.log1p(-p)))[()], reduction)


def complex_softplus(x: Array) -> Array:
    top = np.maximum(x.real, 0.0)
    return np.log(np.exp(-top) + np.exp(x - top))


def logistic(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def bce_logits_back(dz: Array, z: Array, x: Array, y: Array, *, reduction: str = "mean") -> Array:
    slope = (1 - y) * logistic(x) - y * logistic(-x)
    return unbroadcast(as_value(spread(dz, size_of(x, y), reduction) * slope), np.shape(x))


@gate("mean(log(1 + exp(x)) - x*y)", pattern=Pattern.MIXER, structure={"x": "dense"},
      names=("bce_with_logits", "sigmoid_cross_entropy", "sigmoid_binary_cross_entropy"),
      frameworks="torch.nn.functional.binary_cross_entropy_with_logits",
      complex=lambda x, y, reduction="mean": reduced(
          y * complex_softplus(-x) + (1 - y) * complex_softplus(x), reduction),
      examples=("binary_cross_entropy_with_logits([2, -1, 0.5], [1, 0, 1])",
                "binary_cross_entropy_with_logits([1000, -1000], [0, 0])"),
      mistakes=(Mistake("x", "sigmoid(x), the y not subtracted",
                        lambda dz, z, x, y, reduction="mean": bce_logits_back(dz, z, x, 0 * y,
                                                                              reduction=reduction)),),
      vjp={"x": ("dz*(sigmoid(x) - y)/n", bce_logits_back)})
def binary_cross_entropy_with_logits(x: Array, y: Array, *, reduction: str = "mean") -> Array:
    """Each score gets its probability less the label, divided by their number: never more than 1."""
    pairs(x, y, "binary_cross_entropy_with_logits")
    return reduced(y * np.logaddexp(0.0, -x) + (1 - y) * np.logaddexp(0.0, x), reduction)


def kl_scale(dz: Array, logp: Array, q: Array, reduction: str) -> Array:
    """The upstream gradient of each term: torch's mean is over all entries, batchmean over examples."""
    if reduction == "batchmean":
        return dz / (logp.shape[0] if np.ndim(logp) else 1)
    return spread(dz, size_of(logp, q), reduction)


def kl_logp(dz: Array, z: Array, logp: Array, q: Array, *, reduction: str = "mean",
            log_target: Any = False) -> Array:
    slope = -np.exp(q) if log_target else -q
    return unbroadcast(as_value(kl_scale(dz, logp, q, reduction) * (slope + 0 * logp)), np.shape(logp))


def kl_q(dz: Array, z: Array, logp: Array, q: Array, *, reduction: str = "mean",
         log_target: Any = False) -> Array:
    slope = np.exp(q) * (q - logp + 1) if log_target else np.log(q) + 1 - logp
    return unbroadcast(as_value(kl_scale(dz, logp, q, reduction) * slope), np.shape(q))


@gate("mean(q*(log(q) - logp))", pattern=Pattern.MIXER, complex=True,
      structure={"logp": "dense", "q": "dense"}, source="Kullback and Leibler 1951",
      names=("kl_divergence",), frameworks="torch.nn.functional.kl_div",
      domain=Domain("q >= 0", lambda logp, q, reduction="mean", log_target=False: (q >= 0) | bool(log_target),
                    {"logp": (-3.0, -0.1), "q": (0.05, 0.95)}),
      examples=("kl_div(log([0.5, 0.25, 0.25]), [0.25, 0.25, 0.5], reduction=\"sum\")",),
      mistakes=(Mistake("q", "the 1 of (q*log(q))' = log(q) + 1 forgotten",
                        lambda dz, z, logp, q, reduction="mean", log_target=False: kl_q(
                            dz, z, logp + 1, q, reduction=reduction, log_target=log_target)),),
      vjp={"logp": ("-dz*q/n", kl_logp),
           "q": ("dz*(log(q) + 1 - logp)/n", kl_q)})
def kl_div(logp: Array, q: Array, *, reduction: str = "mean", log_target: Any = False) -> Array:
    """Each log probability gets minus the target's probability, divided by the number of entries."""
    pairs(logp, q, "kl_div")
    terms = np.exp(q) * (q - logp) if log_target else (log_of(q) - q * logp)[()]
    if reduction == "batchmean":
        return terms.sum() / (logp.shape[0] if np.ndim(logp) else 1)
    return reduced(terms, reduction)


# --- directions --------------------------------------------------------------------------------------


def cosine_parts(x: Array, y: Array, axis: Any, eps: float) -> tuple[Array, Array, Array, Array, int]:
    """x and y in their common shape, their lengths along the axis, at least eps, and the axis."""
    x, y = np.broadcast_arrays(x, y)
    along = axis_of(axis, x.shape)

    def length(v: Array) -> Array:
        norm = np.sqrt((v * v).sum(axis=along, keepdims=True))
        return np.where(norm.real > eps, norm, eps)

    return x, y, length(x), length(y), along


def cosine_back(dz: Array, z: Array, x: Array, y: Array, axis: Any, eps: float) -> Array:
    shape = np.shape(x)
    x, y, one, two, along = cosine_parts(x, y, axis, eps)
    dz, z = (np.expand_dims(a, along) for a in (dz, z))
    slope = (y / two - np.where(one > eps, z * x / one, 0.0)) / one
    return unbroadcast(as_value(dz * slope), shape)


@gate("sum(x*y)/(norm(x)*norm(y))", pattern=Pattern.MIXER, complex=True,
      structure={"x": "block", "y": "block"}, frameworks="torch.nn.functional.cosine_similarity",
      examples=("cosine_similarity([1, 2, 2], [2, 0, 1])",),
      vjp={"x": ("dz*(y/|y| - z*x/|x|)/|x|",
                 lambda dz, z, x, y, axis=-1, eps=1e-8: cosine_back(dz, z, x, y, axis, eps)),
           "y": ("dz*(x/|x| - z*y/|y|)/|y|",
                 lambda dz, z, x, y, axis=-1, eps=1e-8: cosine_back(dz, z, y, x, axis, eps))})
def cosine_similarity(x: Array, y: Array, *, axis: Any = -1, eps: float = 1e-8) -> Array:
    """Each vector gets the part of the other's direction that is at a right angle to its own."""
    x, y, one, two, along = cosine_parts(x, y, axis, eps)
    return (x * y / (one * two)).sum(axis=along)
