"""Independent gradients: differences at 60 digits with mpmath, and JAX in float64."""

from __future__ import annotations

from types import SimpleNamespace

import mpmath
import numpy as np

from tests.numeric.gradient_suite.case import Array, Case

DIGITS = 60
MOST_COORDINATES = 12


def _each(function):
    return np.vectorize(function, otypes=[object])


MPMATH = SimpleNamespace(
    sum=np.sum, mean=np.mean, prod=np.prod, abs=np.abs, maximum=np.maximum, minimum=np.minimum,
    diagonal=np.diagonal, swapaxes=np.swapaxes, max=np.max, round=_each(mpmath.nint),
    **{name: _each(getattr(mpmath, name)) for name in (
        "exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "tanh", "cosh", "sinh",
        "loggamma",
    )},
    arcsin=_each(mpmath.asin), arctanh=_each(mpmath.atanh),
)  # fmt: skip


def by_mpmath(case: Case, rng: np.random.Generator) -> tuple[Array, Array]:
    """Some coordinates, and the slopes along them at 60 digits."""
    f = case.exact or case.f
    n = case.x.size
    places = np.arange(n) if n <= MOST_COORDINATES else rng.choice(n, 4, replace=False)
    with mpmath.workdps(DIGITS):
        x = np.array([mpmath.mpf(float(value)) for value in case.x.ravel()], dtype=object)
        h = mpmath.mpf(10) ** -25
        slopes = []
        for place in places:
            h_here = h * (abs(x[place]) or 1)
            ends = []
            for sign in (1, -1):
                moved = x.copy()
                moved[place] = moved[place] + sign * h_here
                value = f(moved.reshape(case.x.shape), MPMATH)
                ends.append(value[()] if isinstance(value, np.ndarray) else value)
            slopes.append(float((ends[0] - ends[1]) / (2 * h_here)))
    return places, np.array(slopes)


def by_jax(case: Case) -> tuple[Array, Array]:
    """All coordinates, and the gradient by reverse mode."""
    import jax

    with jax.enable_x64(True):
        f = case.exact or case.f
        xp = _jax_names()
        gradient = jax.grad(lambda x: f(x, xp))(case.x.astype(np.float64))
    return np.arange(case.x.size), np.asarray(gradient).ravel()


def _jax_names():
    import jax.numpy as jnp
    from jax.scipy.linalg import expm

    return SimpleNamespace(**{name: getattr(jnp, name) for name in dir(jnp)}, expm=expm)
