"""Losses that return their value and its gradient."""

import numpy as np


def svm_loss_naive(W, X, y, reg):
    """Multiclass hinge loss of a linear classifier with loops; W: (D, C), X: (N, D), y: (N,)."""
    dW = np.zeros(W.shape)
    num_classes = W.shape[1]
    num_train = X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss /= num_train
    loss += reg * np.sum(W * W)
    dW /= num_train
    dW += 2 * reg * W
    return loss, dW


def softmax_loss_vectorized(W, X, y, reg):
    """Softmax loss of a linear classifier without loops; W: (D, C), X: (N, D), y: (N,)."""
    N = X.shape[0]
    scores = X.dot(W)
    scores -= scores.max(axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= probs.sum(axis=1, keepdims=True)
    loss = -np.log(probs[range(N), y]).mean() + 0.5 * reg * np.sum(W**2)
    dscores = probs
    dscores[range(N), y] -= 1
    dscores /= N
    dW = X.T.dot(dscores) + reg * W
    return loss, dW


def mse_loss(pred, target):
    """Mean of the squared differences over all entries; the gradient of pred."""
    diff = pred - target
    loss = np.mean(diff**2)
    dpred = 2 * diff / diff.size
    return loss, dpred


def huber_loss(pred, target, delta=1.0):
    """Quadratic within delta and linear outside, summed; the gradient of pred."""
    error = pred - target
    small = np.abs(error) <= delta
    loss = np.sum(np.where(small, 0.5 * error**2, delta * (np.abs(error) - 0.5 * delta)))
    grad = np.where(small, error, delta * np.sign(error))
    return loss, grad


def bce_loss(logits, labels):
    """Binary cross-entropy of logits: (N,) with labels 0 or 1, averaged; the gradient of logits."""
    p = 1 / (1 + np.exp(-logits))
    loss = -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))
    dlogits = (p - labels) / len(labels)
    return loss, dlogits


def cross_entropy_loss(probs, targets):
    """Cross-entropy of probabilities with one-hot targets, both (N, C), averaged over rows."""
    n = probs.shape[0]
    value = -np.sum(targets * np.log(probs)) / n
    dprobs = -targets / probs / n
    return value, dprobs
