"""Checking products with a Jacobian that is never formed: v'J and Ju."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from numeric.arrays import Point, real_array, real_point
from numeric.checks.cotangents import COUNT, FAR, directions, same
from numeric.checks.jacobian import check_jacobian, finished
from numeric.checks.narrowing import narrow, only
from numeric.checks.pullback import check_pullback
from numeric.checks.remembered import Remembered
from numeric.checks.slopes import check_slopes
from numeric.differences import point_scale
from numeric.gradient_check import SMALL
from numeric.outcome import GradientCheck
from symbolic.errors import DataError, ShapeError, UnsupportedError
from symbolic.sizes import shape_text

Array = Any
Product = Callable[[Array], Array]  # of one vector

_DIRECTIONS = 4


def check_vjp(
    f: Callable[[Any], Any],
    vjp: Callable[..., Any],
    x: Any,
    *,
    takes_point: bool | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Whether `vjp(v)` or `vjp(x, v)` is the vector-Jacobian product v'J of f at x.

    Formula: (v'J)_i = sum_k v_k d f_k / d x_i, the gradient of sum(v * f(x)) in x, for random v
    (signs, and signs times powers of two); linearity in v is tested.
    Shapes: v as f(x), the product as x; `entries` are (output, input) indices of J.
    Conditions: which of the two forms is read off the signature, or said by `takes_point`.
    Errors: `ShapeError`, `DataError`, `UnsupportedError` for another signature.
    Numerical error: as for `check_gradient`; one wrong entry of J always shows, other errors are
    missed with the probability that `reason` states.

    >>> A = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> x = np.array([1.0, -1.0])
    >>> check_vjp(lambda x: A @ x, lambda v: A.T @ v, x).verdict
    'pass'
    >>> found = check_vjp(lambda x: A @ x, lambda v: A @ v, x)
    >>> found.verdict, found.mistakes
    ('fail', ('transposed',))
    """
    remembered = Remembered(f, real_point(x))
    apply = product_of(vjp, remembered.point, remembered.point.values.shape, takes_point, "vjp")
    found, v = check_pullback(remembered, apply, seed=seed)
    if found.verdict == "fail" and not any("cotangent" in each for each in found.mistakes):
        found = _locate_outputs(remembered, apply, found, v, seed)
    elif found.verdict == "fail":
        found = replace(found, entries=())
    return finished(found, remembered)


def _locate_outputs(
    f: Remembered, apply: Product, found: GradientCheck, v: Array, seed: int
) -> GradientCheck:
    """The wrong (output, input) entries of the Jacobian behind a product v'J."""
    if f.start.size <= SMALL:
        rows = [apply(_unit(k, v)) for k in range(f.start.size)]
        jac = np.array(rows).reshape(f.start.shape + f.point.values.shape)
        return _detailed(found, check_jacobian(f, jac, f.x, seed=seed))

    def fails(outputs: Array) -> bool:
        part = only(outputs, v)
        check = check_slopes(f, f.weighted(part), apply(part), seed=seed)
        return check.verdict == "fail"

    if found.mistakes:
        return replace(found, entries=())
    entries = []
    for k in narrow(f.start.size, fails):
        unit = _unit(k, v)
        row = check_slopes(f, f.weighted(unit), apply(unit), seed=seed)
        entries += [(*_index(k, f.start), *entry) for entry in row.entries]
    return replace(found, entries=tuple(entries))


def check_jvp(
    f: Callable[[Any], Any],
    jvp: Callable[..., Any],
    x: Any,
    *,
    takes_point: bool | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Whether `jvp(u)` or `jvp(x, u)` is the Jacobian-vector product Ju of f at x.

    Formula: (Ju)_k = d f_k(x + t u)/dt at t = 0, for random directions u; linearity is tested.
    Shapes: u as x, the product as f(x); `entries` are (output, input) indices of J.
    Conditions, errors and numerical error: as for `check_vjp`.

    >>> x = np.array([0.5, 1.0, 2.0])
    >>> check_jvp(np.sin, lambda x, u: np.cos(x) * u, x).verdict
    'pass'
    >>> found = check_jvp(np.sin, lambda x, u: -np.cos(x) * u, x)
    >>> found.verdict, found.mistakes
    ('fail', ('sign',))
    """
    remembered = Remembered(f, real_point(x))
    apply = product_of(jvp, remembered.point, remembered.start.shape, takes_point, "jvp")
    x_values = remembered.point.values
    tried = directions(x_values, point_scale(x_values), _DIRECTIONS, seed)
    checks = []
    for u in tried + _suspicious(apply, tried, remembered.eps):
        check = _along(remembered, apply, u, seed)
        if check.verdict == "fail":
            return finished(_located(remembered, apply, check, u, seed), remembered)
        checks.append(check)
    return finished(_decided(checks, remembered), remembered)


def _along(f: Remembered, apply: Product, u: Array, seed: int) -> GradientCheck:
    """The product with u against the slope of t -> f(x + t u), output by output."""
    x = f.point.values
    origin = np.zeros((), dtype=x.dtype)

    def moved(t: Array) -> Array:
        return f(f.point.native((x + t * u).astype(x.dtype)))

    return check_jacobian(moved, apply(u), origin, seed=seed)


def _suspicious(apply: Product, tried: list[Array], eps: float) -> list[Array]:
    """Directions at which the product does not follow from others by linearity."""
    u, w = tried[:2]
    at_u, at_w = apply(u), apply(w)
    expected = [(u / FAR, at_u / FAR), (u + w, at_u + at_w), (0 * u, 0 * at_u)]
    return [each for each, value in expected if not same(apply(each), value, eps)]


def _located(
    f: Remembered, apply: Product, check: GradientCheck, u: Array, seed: int
) -> GradientCheck:
    """The misuse of the direction, or the wrong (output, input) entries of the Jacobian."""
    at_u = apply(u)
    if not np.all(np.isfinite(at_u)):
        reason = "The product is not finite, where f has a finite slope."
        return replace(check, entries=(), mistakes=("not finite",), reason=reason)
    if np.any(at_u) and same(at_u, apply(-2 * u), f.eps):
        reason = "The product is the same for every direction."
        return replace(check, entries=(), mistakes=("direction ignored",), reason=reason)
    if not all(same(apply(c * u), c * at_u, f.eps) for c in (-1, 1 / FAR)):
        reason = "The product is not linear in the direction."
        return replace(check, entries=(), mistakes=("not linear in the direction",), reason=reason)
    check = replace(check, reason=f"Along a random direction: {check.reason}")
    size = f.point.values.size
    if size <= SMALL:
        columns = [apply(_unit(i, u)).ravel() for i in range(size)]
        jac = np.stack(columns, axis=1).reshape(f.start.shape + u.shape)
        return _detailed(check, check_jacobian(f, jac, f.x, seed=seed))

    def fails(inputs: Array) -> bool:
        return _along(f, apply, only(inputs, u), seed).verdict == "fail"

    if check.mistakes:
        return replace(check, entries=())
    entries = []
    for i in narrow(size, fails):
        column = _along(f, apply, only(np.array([i]), u), seed)
        entries += [(*entry, *_index(i, u)) for entry in column.entries]
    return replace(check, entries=tuple(entries))


def product_of(
    product: Callable[..., Any],
    point: Point,
    shape: tuple[int, ...],
    takes_point: bool | None,
    name: str,
) -> Product:
    """`product` as a function of the vector alone, its result a NumPy array of the right shape."""
    with_point = _takes_point(product, name) if takes_point is None else takes_point

    def apply(vector: Array) -> Array:
        given = (point.native(vector),)
        result = product(*((point.native(point.values), *given) if with_point else given))
        if isinstance(result, tuple) and len(result) == 1:
            result = result[0]
        array = np.array(real_array(result, f"the {name}"))  # copied: it may be a buffer
        if array.shape != shape:
            raise ShapeError(
                f"the {name}",
                f"shape {shape_text(array.shape)} where {shape_text(shape)} is needed",
                "return v'J in the shape of x, or Ju in the shape of f(x)",
            )
        return array

    return apply


def _takes_point(product: Callable[..., Any], name: str) -> bool:
    advice = "say takes_point=True for a function of (x, v), False for one of v alone"
    if not callable(product):
        kind = type(product).__name__
        raise DataError(f"the {name}", f"{kind} is not callable", "give a function")
    try:
        parameters = list(inspect.signature(product).parameters.values())
    except (TypeError, ValueError):
        raise UnsupportedError(f"the {name}", "its signature cannot be read", advice) from None
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in parameters if p.kind in positional and p.default is p.empty]
    rest = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    named = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    if rest or named or len(needed) not in (1, 2):
        found = f"its signature is {inspect.signature(product)}"
        raise UnsupportedError(f"the {name}", found, advice)
    return len(needed) == 2


def _unit(place: int, like: Array) -> Array:
    return only(np.array([place]), np.ones_like(like))


def _index(place: int, of: Array) -> tuple[int, ...]:
    return tuple(int(k) for k in np.unravel_index(place, of.shape)) if of.ndim else ()


def _detailed(found: GradientCheck, whole: GradientCheck) -> GradientCheck:
    """The outcome with entries and mistakes from the whole Jacobian, if that shows the error."""
    if whole.verdict != "fail":
        return found
    return replace(found, entries=whole.entries, mistakes=whole.mistakes, reason=whole.reason)


def _decided(checks: list[GradientCheck], f: Remembered) -> GradientCheck:
    for check in checks:
        if check.verdict != "pass":
            return replace(check, reason=f"Along a random direction: {check.reason}")
    hidden = 0.5**COUNT if f.start.size > SMALL else 0.0
    missed = (0.5 + hidden / 2) ** len(checks) if f.point.values.size > 1 else 0.0
    others = f", other errors are missed with probability at most {missed:.2g}" if missed else ""
    reason = (
        f"The products with {len(checks)} random directions agree with differences; one wrong "
        f"entry always shows{others}."
    )
    notes = tuple(dict.fromkeys(note for check in checks for note in check.notes))
    bar, step = max(check.bar for check in checks), max(check.step for check in checks)
    return replace(checks[0], reason=reason, notes=notes, bar=bar, step=step)
