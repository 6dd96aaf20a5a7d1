"""Questions about a claim: is it this gradient, this Jacobian, this Hessian, equal to that?

The right answer is derived; a claim that differs from it at a rational point is refuted there, and its
slip named; otherwise equality is proved, or verified by enclosures. The derivative itself is enclosed
at the same time, by jets that share no rule with the symbolic one: a right answer that they
contradict settles nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from derivations.verification.claims import Claims, read_claims
from derivations.verification.functions.callables import is_function, verify_numerically
from derivations.verification.judging import explained, judge
from derivations.verification.result import Verification
from derivations.verification.sympy_inputs import (
    aligned,
    by_symbols,
    is_symbols,
    is_sympy,
    with_symbols_of,
    without_columns,
)
from derivations.verification.vectorized import fits_vectorized, vectorized
from symbolic import Derivative, Expression, gradient, hessian, jacobian, simplify
from symbolic.calculus.gradients import place_of
from symbolic.errors import IndependentWarning, ShapeError
from symbolic.reading.declarations import Given, is_latex
from symbolic.reading.parser import read

_TEXT = 60  # characters of an expression that a question quotes


def verify_gradient(
    f: Any, wrt: Any, claim: Any, given: Given | None = None, *, seed: int = 0
) -> Verification:
    """Whether a claim is the gradient of a scalar: G_i = df/dx_i, in the shape of x.

    `f` and `claim` are text, LaTeX, expressions (ours or SymPy's) or functions of arrays, for which
    the evidence is numeric only. A LaTeX claim may be a whole formula, `\\nabla_w L = ... = ...`: then
    each of its sides is checked. `given` declares the variables; entries of x count as independent.
    At a kink of f every choice of a slope is right, and noted where it is not the one taken here.

    Raises the errors of `parse` for what cannot be read, and those of `gradient` for f. A claim that
    is no expression for its shapes is refuted.

    >>> given = {"X": "n d", "w": "d", "y": "n: unit"}
    >>> loss = "mean(softplus(X @ w) - y*(X @ w))"
    >>> found = verify_gradient(loss, "w", "X.T @ (sigmoid(X @ w) - y)", given)
    >>> found.verdict, found.mistakes[0].detail
    ('refuted', 'claim = n * correct')
    >>> verify_gradient(loss, "w", "X.T @ (sigmoid(X @ w) - y)/n", given).verdict
    'proved'
    """
    return _verify_derivative(_GRADIENT, f, wrt, claim, given, seed)


def verify_jacobian(
    f: Any, wrt: Any, claim: Any, given: Given | None = None, *, seed: int = 0
) -> Verification:
    """Whether a claim is the Jacobian of an array: J[i, j] = df_i/dx_j, of shape(f) + shape(x).

    Arguments and errors are those of `verify_gradient`.

    >>> given = {"W": "h d", "x": "d"}
    >>> verify_jacobian("tanh(W @ x)", "x", "diag(1 - tanh(W @ x)**2) @ W", given).verdict
    'proved'
    """
    return _verify_derivative(_JACOBIAN, f, wrt, claim, given, seed)


def verify_hessian(
    f: Any, wrt: Any, claim: Any, given: Given | None = None, *, seed: int = 0
) -> Verification:
    """Whether a claim is the Hessian of a scalar: H[i, j] = d2f/dx_i dx_j, of shape(x) + shape(x).

    Arguments and errors are those of `verify_gradient`.

    >>> verify_hessian("x @ A @ x", "x", "2*A", {"A": "n n", "x": "n"}).right_if
    ('A is symmetric',)
    """
    return _verify_derivative(_HESSIAN, f, wrt, claim, given, seed)


def equivalent(a: Any, b: Any, given: Given | None = None, *, seed: int = 0) -> Verification:
    """Whether two expressions are equal wherever both are defined.

    Arguments and errors are those of `verify_gradient`.

    >>> given = {"X": "n d", "lam": ": positive"}
    >>> equivalent("inv(X.T @ X + lam*eye(d)) @ X.T", "X.T @ inv(X @ X.T + lam*eye(n))", given).verdict
    'proved'
    >>> equivalent("sqrt(x**2)", "x", {"x": ""}).verdict
    'refuted'
    """
    if is_function(a) or is_function(b):
        return verify_numerically("equality", a, None, b, given, seed)
    given = with_symbols_of(given, a, b)
    left = read_claims(a, (), given).sides[-1].expression
    claims = read_claims(b, left.shape, given)
    right = claims.sides[-1].expression
    left = aligned(left, right.shape) if is_sympy(a) else left
    return _judge(f"{_short(left)} = {_short(right)}", left, claims, seed)


@dataclass(frozen=True)
class _Kind:
    """What is asked of a function: its name, the derivative, and the same as an inert node."""

    name: str
    derive: Callable[[Expression, Any], Expression]
    inert: Callable[[Expression, Expression], Expression]


_GRADIENT = _Kind("gradient", gradient, Derivative)
_JACOBIAN = _Kind("jacobian", jacobian, Derivative)
_HESSIAN = _Kind("hessian", hessian, lambda f, x: Derivative(Derivative(f, x), x))


def _verify_derivative(
    kind: _Kind, f: Any, wrt: Any, claim: Any, given: Given | None, seed: int
) -> Verification:
    if is_function(f) or is_function(claim):
        return verify_numerically(kind.name, f, wrt, claim, given, seed)
    given = with_symbols_of(given, f, claim)
    whole = without_columns(read(f, given)) if is_sympy(f) else read(f, given)
    if is_symbols(wrt):
        by = by_symbols(kind.name, whole, wrt)
        question = f"the {kind.name} of {_short(whole)} by {by.name}"
        claims = read_claims(claim, by.correct.shape, given)
        return _judge(question, by.correct, claims, seed, by.inert)
    place = place_of(_named(wrt, given), whole, given)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", IndependentWarning)
        correct = kind.derive(whole, place)
    notes = tuple(str(each.message) for each in caught)
    named = kind.name if kind is _GRADIENT else kind.name.capitalize()  # after Jacobi and Hesse
    question = f"the {named} of {_short(whole)} by {place.name}"
    try:
        claims = read_claims(claim, correct.shape, given, place.name)
    except ShapeError as error:
        reason = f"the shapes within the claim do not fit: {error}"
        return Verification("refuted", "shapes", reason, question, None, correct, notes=notes)
    slope = kind.inert(whole, place)
    parts = (place.shape if kind is _HESSIAN else whole.shape, place.shape)
    if kind is not _GRADIENT and fits_vectorized(claims.sides[-1].expression.shape, parts):
        correct, slope = simplify(vectorized(correct, parts)), vectorized(slope, parts)
        notes = (*notes, f"read as the {named} by vec({place.name}): columns stacked")
    found = _judge(question, correct, claims, seed, slope)
    return replace(found, notes=(*notes, *found.notes))


def _named(wrt: Any, given: Given | None) -> Any:
    """A variable that is named by LaTeX, `\\theta`, as the variable; everything else as it is."""
    return read(wrt, given) if isinstance(wrt, str) and is_latex(wrt) else wrt


def _judge(
    question: str, correct: Expression, claims: Claims, seed: int, slope: Expression | None = None
) -> Verification:
    """The verdict of the first side that is wrong, or of the one that is known least well."""
    order = ("proved", "verified", "undecided", "refuted")
    worst: Verification | None = None
    for side in claims.sides:
        found = _judge_side(question, correct, side.expression, seed, slope)
        if len(claims.sides) > 1:
            found = replace(found, notes=(*found.notes, f"the side judged: {side.text}"))
        if worst is None or order.index(found.verdict) > order.index(worst.verdict):
            worst = found
    assert worst is not None
    return replace(worst, notes=(*claims.notes, *worst.notes))


def _judge_side(
    question: str, correct: Expression, claim: Expression, seed: int, slope: Expression | None
) -> Verification:
    found = judge(question, correct, claim, seed, slope)
    if found.verdict != "refuted":
        return found
    found = explained(found, slope if isinstance(slope, Derivative) else None, seed)
    return replace(found, reason=f"{found.mistakes[0].detail}.") if found.mistakes else found


def _short(expression: Expression) -> str:
    shown = str(expression)
    return shown if len(shown) <= _TEXT else shown[: _TEXT - 3] + "..."
