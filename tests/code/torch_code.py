"""torch.autograd.Functions with a backward of their own, and a module that uses two of them."""

import torch


class Cube(torch.autograd.Function):
    """x^3."""

    @staticmethod
    def forward(ctx, x):
        """Keep x."""
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, grad_output):
        """3 x^2."""
        (x,) = ctx.saved_tensors
        return grad_output * 3 * x**2


class Linear(torch.autograd.Function):
    """x W^T + b, where b may be None."""

    @staticmethod
    def forward(ctx, x, weight, bias=None):
        """x: (N, D), weight: (M, D), bias: (M,)."""
        ctx.save_for_backward(x, weight)
        ctx.has_bias = bias is not None
        out = x.mm(weight.t())
        return out + bias if ctx.has_bias else out

    @staticmethod
    def backward(ctx, grad_output):
        """A gradient for each of the three, or None."""
        x, weight = ctx.saved_tensors
        grad_x = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_x = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(x)
        if ctx.has_bias and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_x, grad_weight, grad_bias


class SoftmaxCrossEntropy(torch.autograd.Function):
    """Mean cross-entropy of logits: (N, C) with integer labels: (N,)."""

    @staticmethod
    def forward(ctx, logits, labels):
        """Labels have no gradient."""
        log_probs = logits - torch.logsumexp(logits, dim=1, keepdim=True)
        ctx.save_for_backward(log_probs, labels)
        rows = torch.arange(len(labels))
        return -log_probs[rows, labels].mean()

    @staticmethod
    def backward(ctx, grad_output):
        """p - one-hot, over N."""
        log_probs, labels = ctx.saved_tensors
        grad = log_probs.exp()
        grad[torch.arange(len(labels)), labels] -= 1
        return grad_output * grad / len(labels), None


class ScaledTanh(torch.autograd.Function):
    """scale tanh(x) with a fixed scale."""

    @staticmethod
    def forward(ctx, x, scale):
        """scale is a plain number."""
        t = torch.tanh(x)
        ctx.save_for_backward(t)
        ctx.scale = scale
        return scale * t

    @staticmethod
    def backward(ctx, grad_output):
        """scale (1 - tanh^2); nothing for scale."""
        (t,) = ctx.saved_tensors
        grad_x = grad_output * ctx.scale * (1 - t * t)
        return grad_x, None


class Dense(torch.nn.Module):
    """A layer with parameters: 1.5 tanh(x W^T + b)."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(out_features, in_features) / in_features**0.5)
        self.bias = torch.nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        """x: (N, in_features)."""
        return ScaledTanh.apply(Linear.apply(x, self.weight, self.bias), 1.5)
