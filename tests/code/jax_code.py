"""Functions with a custom_vjp."""

import jax
import jax.numpy as jnp


@jax.custom_vjp
def log1pexp(x):
    """log(1 + exp(x)), entry by entry."""
    return jnp.logaddexp(x, 0.0)


def log1pexp_fwd(x):
    """Keep x."""
    return log1pexp(x), x


def log1pexp_bwd(x, g):
    """The logistic function."""
    return (g * jax.nn.sigmoid(x),)


log1pexp.defvjp(log1pexp_fwd, log1pexp_bwd)


@jax.custom_vjp
def affine(x, w, b):
    """x: (N, D), w: (D, M), b: (M,)."""
    return x @ w + b


def affine_fwd(x, w, b):
    """Keep x and w."""
    return affine(x, w, b), (x, w)


def affine_bwd(saved, g):
    """A gradient for each of the three."""
    x, w = saved
    dx = g @ w.T
    dw = x.T @ g
    db = g.sum(axis=0)
    return dx, dw, db


affine.defvjp(affine_fwd, affine_bwd)


@jax.custom_vjp
def unit(x):
    """x over its length."""
    return x / jnp.linalg.norm(x)


def unit_fwd(x):
    """Keep the result and the length."""
    length = jnp.linalg.norm(x)
    return x / length, (x / length, length)


def unit_bwd(saved, g):
    """Without the part along x."""
    u, length = saved
    grad = (g - u * jnp.vdot(u, g)) / length
    return (grad,)


unit.defvjp(unit_fwd, unit_bwd)
