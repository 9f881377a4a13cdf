"""Mistakes in torch.autograd.Functions and in rules of a custom_vjp."""

from __future__ import annotations

from planting import Planted, planter

cube = planter("torch_code.py", "Cube")
linear = planter("torch_code.py", "Linear")
softmax = planter("torch_code.py", "SoftmaxCrossEntropy")
tanh = planter("torch_code.py", "ScaledTanh")
dense = planter("torch_code.py", "Dense")
log1pexp = planter("jax_code.py", "log1pexp")
affine = planter("jax_code.py", "affine")
unit = planter("jax_code.py", "unit")

CUBE: tuple[Planted, ...] = (
    cube("grad_output * 3 * x**2", "grad_output * x**2", "x", "factor", "3 forgotten"),
    cube("grad_output * 3 * x**2", "3 * x**2", "x", "upstream-ignored", "upstream ignored"),
    cube("grad_output * 3 * x**2", "grad_output * 3 * x", "x", "missing-factor", "x for x^2"),
    cube("save_for_backward(x)\n", "save_for_backward(x**3)\n", "x", "wrong-point", "the output is kept"),
    cube("grad_output * 3 * x**2", "-grad_output * 3 * x**2", "x", "sign", "sign lost"),
    cube(
        "grad_output * 3 * x**2", "grad_output * x**3", "x", "extra-factor wrong-point", "not differentiated"
    ),
)

LINEAR: tuple[Planted, ...] = (
    linear(
        "grad_weight = grad_output.t().mm(x)",
        "grad_weight = grad_output.t().mm(x) / len(x)",
        "weight",
        "averaged factor",
        "averaged over the batch",
    ),
    linear(
        "grad_bias = grad_output.sum(0)",
        "grad_bias = grad_output.mean(0)",
        "bias",
        "averaged factor",
        "mean for sum",
    ),
    linear(
        "grad_x = grad_output.mm(weight)",
        "grad_x = torch.ones_like(grad_output).mm(weight)",
        "x",
        "upstream-ignored",
        "ones for the upstream gradient",
    ),
    linear(
        "grad_bias = grad_output.sum(0)",
        "grad_bias = grad_output.sum()",
        "x weight bias",
        "not-summed crash",
        "everything summed: torch refuses the shape",
    ),
    linear(
        "grad_weight = grad_output.t().mm(x)",
        "grad_weight = x.t().mm(grad_output)",
        "x weight bias",
        "transposed crash",
        "product: torch refuses the shape",
    ),
    linear(
        "grad_weight = grad_output.t().mm(x)",
        "grad_weight = -grad_output.t().mm(x)",
        "weight",
        "sign",
        "sign lost",
    ),
    linear(
        "return grad_x, grad_weight, grad_bias",
        "return grad_x, grad_weight, torch.zeros_like(weight[:, 0])",
        "bias",
        "zero",
        "no gradient for the bias",
    ),
)

SOFTMAX: tuple[Planted, ...] = (
    softmax(
        "grad_output * grad / len(labels), None",
        "grad_output * grad, None",
        "logits",
        "factor",
        "1/N forgotten",
    ),
    softmax(
        "grad_output * grad / len(labels), None",
        "grad / len(labels), None",
        "logits",
        "upstream-ignored factor",
        "upstream ignored",
    ),
    softmax(
        "        grad[torch.arange(len(labels)), labels] -= 1\n",
        "",
        "logits",
        "label-term lost-term",
        "-1 forgotten",
    ),
    softmax("labels] -= 1", "labels] += 1", "logits", "label-term sign", "+1 for -1 at the labels"),
    softmax(
        "grad_output * grad / len(labels), None",
        "None, grad_output * grad / len(labels)",
        "logits",
        "swapped zero",
        "returned in another order",
    ),
    softmax("grad = log_probs.exp()", "grad = log_probs.clone()", "logits", "wrong-point", "log p for p"),
)

TANH: tuple[Planted, ...] = (
    tanh("ctx.scale * (1 - t * t)", "ctx.scale * (1 - t)", "x", "missing-factor", "1 - t for 1 - t^2"),
    tanh("ctx.scale * (1 - t * t)", "(1 - t * t)", "x", "factor", "scale forgotten"),
    tanh("grad_output * ctx.scale", "ctx.scale", "x", "upstream-ignored", "upstream ignored"),
    tanh("save_for_backward(t)", "save_for_backward(x)", "x", "wrong-point", "the input is kept"),
    tanh(
        "save_for_backward(t)",
        "save_for_backward(scale * t)",
        "x",
        "wrong-point extra-factor",
        "the scaled output",
    ),
    tanh("return grad_x, None", "return grad_x", "x", "crash shape", "one gradient for two inputs"),
)

DENSE: tuple[Planted, ...] = (
    dense("(1 - t * t)", "(1 - t)", "x weight bias", "missing-factor", "1 - t in the activation"),
    dense(
        "grad_bias = grad_output.sum(0)",
        "grad_bias = grad_output.mean(0)",
        "bias",
        "averaged factor",
        "mean for sum",
    ),
    dense(
        "grad_x = grad_output.mm(weight)", "grad_x = grad_output.mm(weight) * 2", "x", "factor", "a factor 2"
    ),
    dense(
        "Linear.apply(x, self.weight, self.bias)",
        "Linear.apply(x.detach(), self.weight, self.bias)",
        "x",
        "zero",
        "the input is detached",
    ),
    dense(
        "Linear.apply(x, self.weight, self.bias)",
        "Linear.apply(x, self.weight.data, self.bias)",
        "weight",
        "zero",
        ".data cuts the graph",
    ),
)

LOG1PEXP: tuple[Planted, ...] = (
    log1pexp("(g * jax.nn.sigmoid(x),)", "(g * jax.nn.sigmoid(-x),)", "x", "sign", "sign of the exponent"),
    log1pexp("(g * jax.nn.sigmoid(x),)", "(jax.nn.sigmoid(x),)", "x", "upstream-ignored", "upstream ignored"),
    log1pexp(
        "(g * jax.nn.sigmoid(x),)",
        "(g * jax.nn.sigmoid(x) * (1 - jax.nn.sigmoid(x)),)",
        "x",
        "extra-factor",
        "slope of sigmoid",
    ),
    log1pexp(
        "return log1pexp(x), x\n",
        "return log1pexp(x), log1pexp(x)\n",
        "x",
        "wrong-point",
        "the output is kept",
    ),
    log1pexp("(g * jax.nn.sigmoid(x),)", "(g * (x > 0),)", "x", "mask", "the mask of relu"),
    log1pexp("(g * jax.nn.sigmoid(x),)", "(2 * g * jax.nn.sigmoid(x),)", "x", "factor", "a factor 2"),
)

AFFINE: tuple[Planted, ...] = (
    affine("db = g.sum(axis=0)", "db = g.mean(axis=0)", "b", "averaged factor", "mean for sum"),
    affine("db = g.sum(axis=0)", "db = g", "x w b", "not-summed crash", "not summed: jax refuses the shape"),
    affine("dw = x.T @ g", "dw = x.T @ g / len(x)", "w", "averaged factor", "averaged over the batch"),
    affine("dw = x.T @ g", "dw = (g.T @ x)", "x w b", "transposed crash", "product: jax refuses the shape"),
    affine(
        "dx = g @ w.T",
        "dx = jnp.ones_like(g) @ w.T",
        "x",
        "upstream-ignored",
        "ones for the upstream gradient",
    ),
    affine("db = g.sum(axis=0)", "db = jnp.zeros(w.shape[1])", "b", "zero", "never filled"),
)

UNIT: tuple[Planted, ...] = (
    unit(
        "grad = (g - u * jnp.vdot(u, g)) / length",
        "grad = g / length",
        "x",
        "lost-term",
        "path of the length",
    ),
    unit(
        "grad = (g - u * jnp.vdot(u, g)) / length",
        "grad = g - u * jnp.vdot(u, g)",
        "x",
        "factor missing-factor",
        "1/length forgotten",
    ),
    unit(
        "grad = (g - u * jnp.vdot(u, g)) / length",
        "grad = (g + u * jnp.vdot(u, g)) / length",
        "x",
        "sign",
        "sign lost",
    ),
    unit(
        "grad = (g - u * jnp.vdot(u, g)) / length",
        "grad = (g - u * u * g) / length",
        "x",
        "lost-term not-summed",
        "not summed",
    ),
    unit(
        "return x / length, (x / length, length)",
        "return x / length, (x, length)",
        "x",
        "wrong-point extra-factor missing-factor",  # unit is x/length: in the cache 1/length is missing
        "x for u",
    ),
)

MISTAKES: tuple[Planted, ...] = CUBE + LINEAR + SOFTMAX + TANH + DENSE + LOG1PEXP + AFFINE + UNIT
