"""Machine-made derivations: the rules of calculus applied one after the other, each shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derivations.derivation import Derivation, Step, equals
from derivations.statements import equation
from symbolic import Derivative, Expression, Variable, derivative_of, gradient, jacobian, rules
from symbolic.algebra.normal import equal_by_algebra
from symbolic.algebra.simplification import arrange
from symbolic.calculus.execution import Reason, leads_to
from symbolic.calculus.gradients import Place, place_of
from symbolic.calculus.rules import function_name, see_through
from symbolic.errors import UnsupportedError
from symbolic.reading.parser import read
from symbolic.traverse import postorder, variables

MOST_LINES = 200


def derive(
    f: Expression | str, wrt: Place, given: Mapping[str, str | Variable] | None = None
) -> Derivation:
    """The derivative of an expression as a derivation with machine-made steps.

    Each line applies one rule wherever it applies; the last line is what `gradient` (or `jacobian`)
    gives, found on another way. Errors are those of `gradient`.

    >>> print(derive("norm(X @ w - y)**2", "w", {"X": "n d", "w": "d", "y": "n"}).steps[-1].line)
    2*X.T @ (X @ w - y)
    """
    whole = read(f, given)
    place = place_of(wrt, whole, given)
    result = jacobian(whole, place) if whole.rank else gradient(whole, place)
    start = Derivative(whole, place)
    steps = tuple(_steps(start, result))
    return Derivation(
        given=tuple(dict.fromkeys((*variables(whole), *variables(place)))),
        claim=equation(start, steps[-1].line if steps else start),
        steps=steps,
        name="derived",
        about=f"The derivative of {_short(whole)} by {place.name}\n\nMade by applying one rule a line.",
    )


def _steps(line: Expression, result: Expression) -> Iterator[Step]:
    for _ in range(MOST_LINES):
        found = _next(line)
        if found is None:
            break
        reason, after = found
        yield equals(after, by=reason)
        line = after
    else:
        raise UnsupportedError(
            "deriving step by step", f"more than {MOST_LINES} lines", "name the intermediates first"
        )
    yield from _finish(line, result)


def _next(line: Expression) -> tuple[Reason, Expression] | None:
    """The first rule that applies to a line, and the line it gives."""
    for law in (rules.log_of_softmax, rules.log_of_sigmoid):
        before = law.once(line)
        if before is not line:
            return law, arrange(before)
    for reason in _candidates(line):
        after = reason.exhausted(line)
        if after is not line:
            return reason, arrange(after)
    return None


def _candidates(line: Expression) -> Iterator[Reason]:
    """Rules in the order a person applies them: split sums and products, then functions, then x."""
    yield rules.independent
    yield rules.linearity
    yield rules.product_rule
    names = dict.fromkeys(
        name
        for node in postorder(line)
        if isinstance(node, Derivative)
        and (name := function_name(see_through(node.expression, node.variable))) is not None
    )
    for name in sorted(names, key=lambda name: (name != "power", name)):
        yield derivative_of(name)
    yield rules.chain_rule
    yield rules.linear_map


def _finish(line: Expression, result: Expression) -> Iterator[Step]:
    """The law, or the algebra, that leads from the last line to the simplified derivative."""
    if line is result:
        return
    if equal_by_algebra(line, result):
        yield equals(result, by=rules.algebra)
        return
    for law in rules.SIMPLIFYING:
        if leads_to(line, result, (law,)):
            yield equals(result, by=law)
            return


def _short(expression: Expression) -> str:
    shown = str(expression)
    return shown if len(shown) <= 50 else shown[:47] + "..."
