"""Mistakes in losses."""

from __future__ import annotations

from planting import Planted, planter

svm = planter("layers.py", "svm_loss")
softmax = planter("layers.py", "softmax_loss")
naive = planter("losses.py", "svm_loss_naive")
vectorized = planter("losses.py", "softmax_loss_vectorized")
mse = planter("losses.py", "mse_loss")
huber = planter("losses.py", "huber_loss")
bce = planter("losses.py", "bce_loss")
cross_entropy = planter("losses.py", "cross_entropy_loss")

END_SVM = "-= num_pos\n    dx /= N\n"
SVM: tuple[Planted, ...] = (
    svm(END_SVM, "-= num_pos\n", "x", "factor", "1/N forgotten"),
    svm("    dx[np.arange(N), y] -= num_pos\n", "", "x", "label-term lost-term", "correct class forgotten"),
    svm("y] -= num_pos", "y] -= 1", "x", "label-term", "number of margins forgotten"),
    svm("y] -= num_pos", "y] += num_pos", "x", "label-term sign", "sign of the correct class"),
    svm("y] -= num_pos", "y] = num_pos", "x", "label-term sign", "= for -="),
    svm("dx[margins > 0] = 1", "dx[margins >= 0] = 1", "x", "mask", ">= for >: every entry counts"),
    svm(
        "num_pos = (margins > 0).sum(axis=1)",
        "num_pos = margins.sum(axis=1)",
        "x",
        "label-term",
        "sum of margins for their number",
    ),
    svm(
        "dx[margins > 0] = 1", "dx[margins > 0] = margins[margins > 0]", "x", "extra-factor", "margins for 1"
    ),
    svm(END_SVM, "-= num_pos\n    dx *= 2 / N\n", "x", "factor", "2 of a squared hinge"),
    svm(
        END_SVM,
        "-= num_pos\n    dx = dx.astype(int) // N\n",
        "x",
        "",
        "integer division",
    ),
    svm("dx[np.arange(N), y] -= num_pos", "dx[:, y] -= num_pos", "x", "label-term", "columns for entries"),
    svm(
        "dx[np.arange(N), y] -= num_pos",
        "dx[np.arange(N), x.argmax(axis=1)] -= num_pos",
        "x",
        "label-term",
        "the best class for the correct one",
    ),
    svm(END_SVM, "-= num_pos\n    dx /= -N\n", "x", "sign", "sign lost"),
    svm(END_SVM, "-= num_pos\n    dx /= x.shape[1]\n", "x", "factor", "number of classes for number of rows"),
    svm("dx[margins > 0] = 1", "dx[x > 0] = 1", "x", "mask", "mask of the scores"),
    svm(END_SVM, "-= num_pos\n    dx = dx.T / N\n", "x", "transposed", "returned transposed"),
)

END_SOFTMAX = "    dx[np.arange(N), y] -= 1\n    dx /= N\n"
SOFTMAX: tuple[Planted, ...] = (
    softmax(END_SOFTMAX, "    dx[np.arange(N), y] -= 1\n", "x", "factor", "1/N forgotten"),
    softmax(END_SOFTMAX, "    dx /= N\n", "x", "label-term lost-term", "-1 at the labels forgotten"),
    softmax(
        END_SOFTMAX,
        "    dx[np.arange(N), y] += 1\n    dx /= N\n",
        "x",
        "label-term sign",
        "+1 for -1 at the labels",
    ),
    softmax(END_SOFTMAX, "    dx[np.arange(N), y] -= 1\n    dx /= -N\n", "x", "sign", "sign lost"),
    softmax(END_SOFTMAX, "    dx[np.arange(N), y] -= 1\n    dx /= x.shape[1]\n", "x", "factor", "/C for /N"),
    softmax(
        "dx = np.exp(log_probs)",
        "dx = np.exp(shifted)",
        "x",
        "missing-factor",
        "not normalised",
    ),
    softmax(
        "dx = np.exp(log_probs)",
        "dx = np.exp(shifted) / np.exp(shifted).sum(axis=0)",
        "x",
        "not-summed",
        "normalised over the batch",
    ),
    softmax("dx = np.exp(log_probs)", "dx = log_probs.copy()", "x", "wrong-point", "log p for p"),
    softmax(END_SOFTMAX, "    dx[:, y] -= 1\n    dx /= N\n", "x", "label-term", "columns for entries"),
    softmax(END_SOFTMAX, "    dx[np.arange(N), y] = -1\n    dx /= N\n", "x", "label-term", "= for -="),
    softmax(END_SOFTMAX, "    dx -= 1\n    dx /= N\n", "x", "mask label-term extra-term", "-1 everywhere"),
    softmax(
        END_SOFTMAX,
        "    dx /= N\n    dx[np.arange(N), y] -= 1\n",
        "x",
        "label-term",
        "1/N before the labels",
    ),
    softmax(
        END_SOFTMAX,
        "    dx[np.arange(N), x.argmax(axis=1)] -= 1\n    dx /= N\n",
        "x",
        "label-term",
        "the best class for the correct one",
    ),
    softmax(END_SOFTMAX, END_SOFTMAX + "    dx *= 2\n", "x", "factor", "a factor 2"),
    softmax(
        END_SOFTMAX,
        "    keep = np.zeros_like(x)\n    keep[np.arange(N), y] = 1\n    dx = (dx - 1) * keep / N\n",
        "x",
        "mask lost-term",
        "the correct class only",
    ),
    softmax(
        END_SOFTMAX, "    dx = dx * (1 - dx) / N\n", "x", "extra-factor lost-term", "the slope of sigmoid"
    ),
)

NAIVE: tuple[Planted, ...] = (
    naive("    dW += 2 * reg * W\n", "", "W", "regularisation lost-term", "regularisation forgotten"),
    naive("dW += 2 * reg * W", "dW += reg * W", "W", "regularisation", "half of it: the loss has no 1/2"),
    naive("dW += 2 * reg * W", "dW += 2 * reg", "W", "regularisation missing-factor", "W forgotten"),
    naive("    dW /= num_train\n", "", "W", "factor", "1/N of the data term forgotten"),
    naive(
        "                dW[:, y[i]] -= X[i]\n", "", "W", "lost-term label-term", "correct class forgotten"
    ),
    naive("dW[:, y[i]] -= X[i]", "dW[:, y[i]] += X[i]", "W", "sign label-term", "sign of the correct class"),
    naive("dW[:, j] += X[i]", "dW[:, j] = X[i]", "W", "overwritten", "= for +="),
    naive(
        "                dW[:, j] += X[i]\n                dW[:, y[i]] -= X[i]\n",
        "                dW[:, j] += X[i]\n            dW[:, y[i]] -= X[i]\n",
        "W",
        "mask label-term",
        "correct class even where the margin is not positive",
    ),
    naive(
        "    dW /= num_train\n    dW += 2 * reg * W\n",
        "    dW += 2 * reg * W\n    dW /= num_train\n",
        "W",
        "regularisation",
        "regularisation averaged too",
    ),
    naive("dW[:, j] += X[i]", "dW[:, j] += X[i] * margin", "W", "extra-factor", "margin for its slope"),
    naive("dW += 2 * reg * W", "dW -= 2 * reg * W", "W", "regularisation sign", "sign of regularisation"),
)

VECTORIZED: tuple[Planted, ...] = (
    vectorized(
        " + reg * W\n    return loss, dW",
        "\n    return loss, dW",
        "W",
        "regularisation lost-term",
        "regularisation forgotten",
    ),
    vectorized("+ reg * W\n", "+ 2 * reg * W\n", "W", "regularisation", "twice: the loss has 1/2"),
    vectorized("+ reg * W\n", "+ reg * W.sum()\n", "W", "regularisation", "summed to one number"),
    vectorized("    dscores /= N\n", "", "W", "factor", "1/N of the data term forgotten"),
    vectorized("    dscores[range(N), y] -= 1\n", "", "W", "label-term lost-term", "-1 forgotten"),
    vectorized("dW = X.T.dot(dscores)", "dW = dscores.T.dot(X).T / N", "W", "factor averaged", "/N twice"),
    vectorized(
        "dW = X.T.dot(dscores) + reg * W",
        "dW = dscores.T.dot(X) + reg * W.T",
        "W",
        "transposed",
        "product transposed",
    ),
    vectorized("+ reg * W\n", "- reg * W\n", "W", "regularisation sign", "sign of regularisation"),
    vectorized(
        "scores = X.dot(W)\n    scores -=",
        "W *= 1 - reg\n    scores = X.dot(W)\n    scores -=",
        "W",
        "mutates factor",
        "weight decay in place: the gradient belongs to other weights",
    ),
    vectorized("dscores[range(N), y] -= 1", "dscores[range(N), y] += 1", "W", "label-term sign", "+1 for -1"),
    vectorized("+ reg * W\n", "+ 0.5 * reg * W**2\n", "W", "regularisation", "not differentiated"),
)

MSE: tuple[Planted, ...] = (
    mse("dpred = 2 * diff / diff.size", "dpred = diff / diff.size", "pred", "factor", "2 forgotten"),
    mse("dpred = 2 * diff / diff.size", "dpred = 2 * diff", "pred", "factor", "1/size forgotten"),
    mse("dpred = 2 * diff / diff.size", "dpred = 2 * diff / len(diff)", "pred", "factor", "rows for entries"),
    mse(
        "dpred = 2 * diff / diff.size",
        "dpred = 2 * (target - pred) / diff.size",
        "pred",
        "sign swapped",
        "sign lost",
    ),
    mse(
        "dpred = 2 * diff / diff.size",
        "dpred = 2 * np.mean(diff)",
        "pred",
        "shape averaged",
        "mean of the gradient",
    ),
    mse(
        "dpred = 2 * diff / diff.size",
        "dpred = 2 * np.abs(diff) / diff.size",
        "pred",
        "sign",
        "abs hides the sign",
    ),
    mse(
        "dpred = 2 * diff / diff.size",
        "dpred = diff**2 / diff.size",
        "pred",
        "extra-factor",
        "not differentiated",
    ),
    mse(
        "dpred = 2 * diff / diff.size",
        "dpred = 2 * pred / diff.size",
        "pred",
        "lost-term",
        "target forgotten",
    ),
)

HUBER: tuple[Planted, ...] = (
    huber("error, delta * np.sign(error))", "error, delta)", "pred", "sign", "sign outside forgotten"),
    huber(
        "error, delta * np.sign(error))",
        "error, error)",
        "pred",
        "mask extra-factor",
        "linear part not clipped",
    ),
    huber(
        "grad = np.where(small, error,",
        "grad = np.where(small, 2 * error,",
        "pred",
        "factor",
        "2 of a square without 1/2",
    ),
    huber("grad = np.where(small,", "grad = np.where(~small,", "pred", "mask", "branches exchanged"),
    huber(
        "grad = np.where(small, error,",
        "grad = np.where(small, 0.5 * error**2,",
        "pred",
        "extra-factor",
        "not differentiated",
    ),
    huber("    return loss, grad", "    return loss, -grad", "pred", "sign", "sign lost"),
    huber(
        "    return loss, grad",
        "    return loss, grad / len(pred)",
        "pred",
        "factor averaged",
        "averaged over the batch",
    ),
    huber("error, delta * np.sign(error))", "error, 0)", "pred", "mask", "nothing outside"),
)

BCE: tuple[Planted, ...] = (
    bce("dlogits = (p - labels) / len(labels)", "dlogits = p - labels", "logits", "factor", "1/N forgotten"),
    bce(
        "dlogits = (p - labels) / len(labels)",
        "dlogits = (labels - p) / len(labels)",
        "logits",
        "sign",
        "sign lost",
    ),
    bce(
        "dlogits = (p - labels) / len(labels)",
        "dlogits = (p - labels) * p * (1 - p) / len(labels)",
        "logits",
        "extra-factor",
        "slope of sigmoid twice",
    ),
    bce(
        "dlogits = (p - labels) / len(labels)",
        "dlogits = (-labels / p + (1 - labels) / (1 - p)) / len(labels)",
        "logits",
        "missing-factor",
        "gradient of p: slope of sigmoid forgotten",
    ),
    bce(
        "dlogits = (p - labels) / len(labels)",
        "dlogits = p / len(labels)",
        "logits",
        "lost-term label-term",
        "labels forgotten",
    ),
    bce(
        "dlogits = (p - labels) / len(labels)",
        "dlogits = (logits - labels) / len(labels)",
        "logits",
        "wrong-point",
        "logits for probabilities",
    ),
    bce(
        "dlogits = (p - labels) / len(labels)",
        "dlogits = np.mean(p - labels)",
        "logits",
        "shape averaged",
        "one number for all logits",
    ),
)

CROSS_ENTROPY: tuple[Planted, ...] = (
    cross_entropy(
        "dprobs = -targets / probs / n", "dprobs = targets / probs / n", "probs", "sign", "sign lost"
    ),
    cross_entropy(
        "dprobs = -targets / probs / n", "dprobs = -targets / probs", "probs", "factor", "1/n forgotten"
    ),
    cross_entropy(
        "dprobs = -targets / probs / n", "dprobs = -1 / probs / n", "probs", "mask", "targets forgotten"
    ),
    cross_entropy(
        "dprobs = -targets / probs / n",
        "dprobs = (probs - targets) / n",
        "probs",
        "mask",
        "gradient of logits",
    ),
    cross_entropy(
        "dprobs = -targets / probs / n", "dprobs = -targets / n", "probs", "missing-factor", "1/p forgotten"
    ),
    cross_entropy(
        "dprobs = -targets / probs / n",
        "dprobs = -targets / probs / probs.size",
        "probs",
        "factor",
        "size for rows",
    ),
    cross_entropy(
        "dprobs = -targets / probs / n",
        "dprobs = -targets * np.log(probs) / n",
        "probs",
        "missing-factor extra-factor",
        "log p for 1/p",
    ),
    cross_entropy(
        "dprobs = -targets / probs / n",
        "probs[targets == 0] = 1\n    dprobs = -targets / probs / n",
        "",
        "mutates",
        "right, but in place",
    ),
)

MISTAKES: tuple[Planted, ...] = SVM + SOFTMAX + NAIVE + VECTORIZED + MSE + HUBER + BCE + CROSS_ENTROPY
