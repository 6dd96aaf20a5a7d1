"""The words that losses are written in, in each library: its own stable functions wherever it has them."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

EPS = 1e-5


@cache
def jax_words() -> SimpleNamespace:
    """JAX: `jax.numpy` and `jax.nn`."""
    import jax
    import jax.numpy as jnp
    from jax.scipy.linalg import cho_solve
    from jax.scipy.special import logsumexp

    def quadratic_and_logdet(K: Any, y: Any) -> tuple[Any, Any]:
        L = jnp.linalg.cholesky(K)
        return y @ cho_solve((L, True), y), 2 * jnp.sum(jnp.log(jnp.diagonal(L)))

    return _with_layers(
        dot=jnp.dot,
        exp=jnp.exp,
        log=jnp.log,
        sqrt=jnp.sqrt,
        abs=jnp.abs,
        where=jnp.where,
        sum=jnp.sum,
        mean=jnp.mean,
        eye=jnp.eye,
        softplus=jax.nn.softplus,
        relu=jax.nn.relu,
        tanh=jnp.tanh,
        softmax=jax.nn.softmax,
        log_softmax=jax.nn.log_softmax,
        logsumexp=logsumexp,
        sums_from_here=lambda x: jnp.cumsum(x[::-1])[::-1],
        inverse_quadratic_and_logdet=quadratic_and_logdet,
    )


@cache
def autograd_words() -> SimpleNamespace:
    """autograd: its wrapped NumPy and SciPy."""
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    def log_softmax(x: Any, axis: int) -> Any:
        return x - logsumexp(x, axis=axis, keepdims=True)

    def quadratic_and_logdet(K: Any, y: Any) -> tuple[Any, Any]:
        return y @ anp.linalg.solve(K, y), anp.linalg.slogdet(K)[1]

    return _with_layers(
        dot=anp.dot,
        exp=anp.exp,
        log=anp.log,
        sqrt=anp.sqrt,
        abs=anp.abs,
        where=anp.where,
        sum=anp.sum,
        mean=anp.mean,
        eye=anp.eye,
        softplus=lambda x: anp.logaddexp(0, x),
        relu=lambda x: anp.maximum(x, 0),
        tanh=anp.tanh,
        softmax=lambda x, axis: anp.exp(log_softmax(x, axis)),
        log_softmax=log_softmax,
        logsumexp=logsumexp,
        sums_from_here=lambda x: anp.cumsum(x[::-1])[::-1],
        inverse_quadratic_and_logdet=quadratic_and_logdet,
    )


@cache
def torch_words() -> SimpleNamespace:
    """PyTorch: `torch` and `torch.nn.functional`, with its fused layers."""
    import torch
    from torch.nn import functional

    def reduced(function: Any) -> Any:
        def along(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
            return function(x) if axis is None else function(x, dim=axis, keepdim=keepdims)

        return along

    def quadratic_and_logdet(K: Any, y: Any) -> tuple[Any, Any]:
        L = torch.linalg.cholesky(K)
        solved = torch.cholesky_solve(y[:, None], L)[:, 0]
        return y @ solved, 2 * torch.sum(torch.log(torch.diagonal(L)))

    return SimpleNamespace(
        dot=torch.dot,
        affine=lambda X, W, b: torch.addmm(b, X, W),
        exp=torch.exp,
        log=torch.log,
        sqrt=torch.sqrt,
        abs=torch.abs,
        where=torch.where,
        sum=reduced(torch.sum),
        mean=reduced(torch.mean),
        eye=lambda n: torch.eye(n, dtype=torch.float64),
        softplus=lambda x: functional.softplus(
            x, threshold=1e3
        ),  # its default drops the tail above 20
        relu=torch.relu,
        tanh=torch.tanh,
        softmax=lambda x, axis: torch.softmax(x, dim=axis),
        log_softmax=lambda x, axis: torch.log_softmax(x, dim=axis),
        logsumexp=lambda x, axis: torch.logsumexp(x, dim=axis),
        sums_from_here=lambda x: torch.flip(torch.cumsum(torch.flip(x, (0,)), 0), (0,)),
        inverse_quadratic_and_logdet=quadratic_and_logdet,
        layer_norm=lambda X, gain, bias: functional.layer_norm(X, (X.shape[1],), gain, bias, EPS),
        batch_norm=lambda X, gain, bias: functional.batch_norm(
            X, None, None, gain, bias, training=True, eps=EPS
        ),
        attention=lambda Q, K, V: functional.scaled_dot_product_attention(
            Q[None], K[None], V[None]
        )[0],
    )


@cache
def pytensor_words() -> SimpleNamespace:
    """PyTensor: `pytensor.tensor`."""
    import pytensor.tensor as pt
    from pytensor.tensor import special
    from pytensor.tensor.linalg import cholesky, solve_triangular

    def quadratic_and_logdet(K: Any, y: Any) -> tuple[Any, Any]:
        L = cholesky(K, lower=True)
        half = solve_triangular(L, y, lower=True)
        return half @ half, 2 * pt.sum(pt.log(pt.diagonal(L)))

    return _with_layers(
        dot=pt.dot,
        exp=pt.exp,
        log=pt.log,
        sqrt=pt.sqrt,
        abs=pt.abs,
        where=pt.where,
        sum=pt.sum,
        mean=pt.mean,
        eye=pt.eye,
        softplus=pt.softplus,
        relu=lambda x: pt.maximum(x, 0),
        tanh=pt.tanh,
        softmax=special.softmax,
        log_softmax=special.log_softmax,
        logsumexp=pt.logsumexp,
        sums_from_here=lambda x: pt.cumsum(x[::-1])[::-1],
        inverse_quadratic_and_logdet=quadratic_and_logdet,
    )


@cache
def casadi_words() -> SimpleNamespace:
    """CasADi's matrix expressions: enough for the small cases."""
    import casadi as ca

    def along(x: Any, axis: int | None = None) -> Any:
        return ca.sum1(ca.sum2(x)) if axis is None else (ca.sum1, ca.sum2)[axis](x)

    def log_softmax(x: Any, axis: int) -> Any:
        top = ca.mmax(x)  # one guard for all rows serves small scores
        shifted = ca.exp(x - top)
        return x - top - ca.repmat(ca.log(ca.sum2(shifted)), 1, x.shape[1])

    return SimpleNamespace(
        dot=ca.dot,
        affine=lambda X, W, b: X @ W + ca.repmat(b.T, X.shape[0], 1),
        exp=ca.exp,
        log=ca.log,
        sqrt=ca.sqrt,
        sum=along,
        mean=lambda x, axis=None: along(x, axis) / (x.numel() if axis is None else x.shape[axis]),
        softplus=lambda x: ca.log1p(ca.exp(-ca.fabs(x))) + ca.fmax(x, 0),
        relu=lambda x: ca.fmax(x, 0),
        tanh=ca.tanh,
        log_softmax=log_softmax,
    )


def _with_layers(**words: Any) -> SimpleNamespace:
    """The words, and the layers written with them."""
    o = SimpleNamespace(**words)

    def normal(axis: int) -> Any:
        def layer(X: Any, gain: Any, bias: Any) -> Any:
            centred = X - o.mean(X, axis=axis, keepdims=True)
            spread = o.mean(centred**2, axis=axis, keepdims=True)
            return centred / o.sqrt(spread + EPS) * gain + bias

        return layer

    def attention(Q: Any, K: Any, V: Any) -> Any:
        return o.softmax(Q @ K.T / o.sqrt(1.0 * Q.shape[1]), axis=1) @ V

    o.affine = lambda X, W, b: X @ W + b
    o.layer_norm, o.batch_norm, o.attention = normal(1), normal(0), attention
    return o
