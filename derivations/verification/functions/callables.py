"""Claims that are Python functions, or are about them: judged in floating point, never proved.

Functions are called at random points of several sizes, all letters different and all 1 among them,
of both signs and several scales; branches that an expression on either side tells of are sought out.
The derivative of an expression is enclosed, that of a function measured by differences with bars.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from derivations.verification.claims import read_claims
from derivations.verification.functions.calling import Called
from derivations.verification.functions.float_points import (
    Point,
    Sizes,
    float_points,
    ladder_points,
    large_points,
    points_on_branches,
    special_points_of,
)
from derivations.verification.functions.float_sides import FloatPoint, Side, expressions_of
from derivations.verification.functions.numeric_answers import numeric_answer, worst
from derivations.verification.functions.numeric_slips import Asked
from derivations.verification.functions.point_checks import Finding, check_derivative, check_values
from derivations.verification.result import Verification
from derivations.verification.sympy_inputs import (
    declared_variables,
    is_sympy,
    with_symbols_of,
    without_columns,
)
from numeric.branches import Branch, branches, taken
from numeric.seeds import generator
from symbolic import gradient, hessian, jacobian
from symbolic.errors import IndependentWarning, NameUnknownError
from symbolic.nodes import Expression, Variable
from symbolic.reading.declarations import Given, identifier
from symbolic.reading.parser import read
from symbolic.traverse import variables

Variables = dict[str, Variable]

_OUTCOMES = ("right", "wrong", "open", "failed")
_STREAM = 1  # other points than those of moderate size

_DERIVE: dict[str, Callable[[Expression, Variable], Expression]] = {
    "gradient": gradient,
    "jacobian": jacobian,
    "hessian": hessian,
}


def verify_numerically(
    kind: str, f: Any, wrt: Any, claim: Any, given: Given | None, seed: int
) -> Verification:
    """Whether a claim is a derivative of f, or equal to it, when either is a Python function.

    `kind` is "gradient", "jacobian", "hessian" or "equality" (then `wrt` is None). Functions take and
    give arrays of NumPy, PyTorch or JAX. Their arguments are matched with the declared variables by
    name; when no name is declared, in the order of `given`, or, for one argument, with `wrt` alone.
    The answer is "verified" at best, by "finite differences" or by "floating point".

    Raises `NameUnknownError` for arguments that cannot be matched, `ShapeError` for an f that is no
    scalar. What a function raises at a point leaves the answer undecided, with the reason.

    >>> given = {"X": "n d", "w": "d"}
    >>> found = verify_numerically(
    ...     "gradient", "norm(X @ w)**2", "w", lambda X, w: X.T @ X @ w, given, 0
    ... )
    >>> found.verdict, found.mistakes[0].kind
    ('refuted', 'factor')
    """
    given = with_symbols_of(given, f, claim)
    declared = declared_variables(given)
    if kind == "equality":
        left = _side(f, "the left side", declared, given, "")
        sides = _claims(claim, "the right side", declared, given, (), "")
        return worst(_equality(left, side, declared, seed) for side in sides)
    place = _place(wrt, f, declared, given)
    declared.setdefault(place.name, place)
    whole = _side(f, "f", declared, given, place.name)
    alone = _other_variables(whole, place)
    sides = _claims(claim, "the claim", declared, given, place.shape, "" if alone else place.name)
    return worst(_derivative(kind, whole, side, place, declared, seed) for side in sides)


# --- the two sides -------------------------------------------------------------------------------


def _side(value: Any, what: str, declared: Variables, given: Any, alone: str) -> Side:
    if is_function(value):
        return Called(value, what, list(declared), alone)
    found = read(value, given)
    return without_columns(found) if is_sympy(value) else found


def _claims(
    value: Any,
    what: str,
    declared: Variables,
    given: Any,
    shape: tuple[Any, ...],
    alone: str,
) -> tuple[Side, ...]:
    if is_function(value):
        return (Called(value, what, list(declared), alone),)
    return tuple(side.expression for side in read_claims(value, shape, given, alone).sides)


def is_function(value: Any) -> bool:
    """Whether a value is a Python function, and no expression of ours or of SymPy."""
    return callable(value) and not isinstance(value, (Expression, sympy.Basic))


def _place(wrt: Any, f: Any, declared: Variables, given: Any) -> Variable:
    """The variable that is differentiated by."""
    name = identifier(wrt) if isinstance(wrt, str) else getattr(wrt, "name", None)
    inside = () if is_function(f) else variables(read(f, given))
    known = {**declared, **{variable.name: variable for variable in inside}}
    if name in known:
        return known[name]
    if isinstance(wrt, Variable):
        return wrt
    raise NameUnknownError(
        f"a derivative by {wrt}",
        f"declared are {', '.join(known) or 'no variables'}",
        f'declare its sizes, as in given={{"{name}": "n"}}',
    )


def _other_variables(whole: Side, place: Variable) -> bool:
    if isinstance(whole, Expression):
        return any(variable is not place for variable in variables(whole))
    return isinstance(whole, Called) and whole.arguments != (place.name,)


# --- answers -------------------------------------------------------------------------------------


def _equality(left: Side, right: Side, declared: Variables, seed: int) -> Verification:
    def check(point: FloatPoint, finite: bool) -> Finding:
        return check_values(left, right, point, finite=finite)

    found, unseen = _findings(check, [left, right], declared.values(), seed)
    asked = Asked(_expression(right), _expression(left))
    notes = _notes(left, right)
    question = f"whether {_named(left)} equals {_named(right)}"
    return numeric_answer(
        found, question, asked, "the other side", seed, unseen=unseen, notes=notes,
        ranged=declared.values(),
    )  # fmt: skip


def _derivative(
    kind: str, f: Side, claim: Side, place: Variable, declared: Variables, seed: int
) -> Verification:
    correct, whole = None, f
    if isinstance(f, Expression):
        correct = _derived(_DERIVE[kind], f, place)
        whole = _derived(gradient, f, place) if kind == "hessian" else f

    def check(point: FloatPoint, finite: bool) -> Finding:
        return check_derivative(kind, whole, claim, place, point, seed, finite=finite)

    found, unseen = _findings(check, [f, claim], [*declared.values(), place], seed)
    order = 2 if kind == "hessian" else 1
    asked = Asked(_expression(claim), correct, _expression(f), place, order)
    question = f"the {kind} of {_named(f)} by {place.name}"
    reference = "differences of f" if correct is None else f"the enclosed {kind}"
    return numeric_answer(
        found, question, asked, reference, seed, unseen=unseen, notes=_notes(f, claim),
        ranged=[place],
    )  # fmt: skip


def _derived(derive: Callable[..., Expression], f: Expression, place: Variable) -> Expression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IndependentWarning)
        return derive(f, place)


def _expression(side: Side) -> Expression | None:
    return side if isinstance(side, Expression) else None


def _named(side: Side) -> str:
    return str(side) if isinstance(side, Expression) else "a Python function"


def _notes(*sides: Side) -> list[str]:
    return [note for side in sides if isinstance(side, Called) for note in side.notes]


def _findings(
    check: Callable[[FloatPoint, bool], Finding],
    sides: Sequence[Side],
    wanted: Iterable[Variable],
    seed: int,
) -> tuple[list[Finding], set[Branch]]:
    """What the points have shown, and the branches that none of them takes."""
    rng, others = generator(seed), generator(seed, _STREAM)
    inside = expressions_of(sides)
    names = {variable.name: variable for variable in (*wanted, *variables(inside))}
    exact = list(float_points(tuple(names.values()), inside, rng))
    unseen = branches(inside)
    found: list[Finding] = []

    def look(located: tuple[Point, Sizes], counted: Collection[str], finite: bool = False) -> None:
        """Looks at a point, and keeps what is counted there; once a claim is wrong, at those all are."""
        point, sizes = located
        if counted is not _OUTCOMES and any(each.outcome == "wrong" for each in found):
            return
        floats = FloatPoint({v: np.asarray(a, dtype=np.float64) for v, a in point.items()}, sizes)
        with np.errstate(all="ignore"):
            finding = check(floats, finite)
        if finding.outcome == "right":
            unseen.difference_update(taken(unseen, point, sizes))
        if finding.outcome in counted or finding.says_nothing:
            found.append(replace(finding, generic=counted is _OUTCOMES))

    for located in exact:
        look(located, _OUTCOMES)
    for located in large_points(exact, rng):
        look(located, ("right", "wrong"))
    for located in special_points_of(exact, others):
        look(located, ("right", "wrong"), finite=True)
    for located in ladder_points(exact, tuple(names.values()), others):
        look(located, ("right", "wrong"))
    for located in points_on_branches(exact, lambda: unseen, rng):
        look(located, ("wrong",))
    return found, unseen
