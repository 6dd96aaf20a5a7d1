"""What the parameters of a distribution have to be, where it is not known of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from symbolic.algebra.signs import nonnegative
from symbolic.algebra.simplification import canonical
from symbolic.calculus.definiteness_rules import (
    is_positive,
    is_positive_definite,
    is_positive_semidefinite,
)
from symbolic.calculus.origins import Assumption
from symbolic.domains import domain_of
from symbolic.errors import DomainError
from symbolic.nodes import Apply, Expression, Variable
from symbolic.traverse import unfold

_AT_MOST_ONE = ("unit", "binary")


def about_parameters(name: str, parameters: Sequence[Expression]) -> list[Assumption]:
    """The conditions on the parameters of a distribution that do not follow from their domains.

    Raises `DomainError` for parameters that no distribution has.

    >>> from symbolic.variables import scalar
    >>> [str(each) for each in about_parameters("bernoulli", [scalar("w")])]
    ['w: between 0 and 1, as a probability']
    """
    match name:
        case "gaussian":
            return _about_covariance(parameters[1])
        case "bernoulli":
            return _about_probability(parameters[0])
        case "categorical":
            return _about_probabilities(parameters[0])
        case _:
            return []


def _about_covariance(covariance: Expression) -> list[Assumption]:
    wanted = "symmetric positive semidefinite" if covariance.rank else "not negative"
    if (is_positive_definite if covariance.rank else is_positive)(-covariance):
        _refuse("gaussian", covariance, "it is negative", f"give a covariance that is {wanted}")
    known = is_positive_semidefinite(covariance) if covariance.rank else nonnegative(covariance)
    return [] if known else [Assumption(covariance, f"{wanted}, as a covariance")]


def _about_probability(p: Expression) -> list[Assumption]:
    if is_positive(-p) or is_positive(p - 1):
        _refuse("bernoulli", p, "it is not between 0 and 1", "give a probability")
    either = (unfold(p), canonical(unfold(1 - p)))
    known = any(map(_is_share, either)) or all(map(nonnegative, either))
    return [] if known else [Assumption(p, "between 0 and 1, as a probability")]


def _is_share(node: Expression) -> bool:
    """Whether the entries of a node lie between 0 and 1 by its domain."""
    by_domain = isinstance(node, Variable) and node.domain in _AT_MOST_ONE
    return by_domain or _is_distribution(node)


def _about_probabilities(p: Expression) -> list[Assumption]:
    if is_positive(-p):
        _refuse("categorical", p, "its entries are negative", "give probabilities that sum to 1")
    known = _is_distribution(unfold(p))
    wanted = "entries not negative with the sum 1, as probabilities"
    return [] if known else [Assumption(p, wanted)]


def _is_distribution(node: Expression) -> bool:
    """Whether the entries of a node, or of its rows or columns, are known to be probabilities."""
    if isinstance(node, Variable):
        return domain_of(node.domain).sums_to_one is not None
    return isinstance(node, Apply) and node.function == "softmax"


def _refuse(name: str, parameter: Expression, found: str, advice: str) -> NoReturn:
    raise DomainError(f"{name} with the parameter {parameter}", found, advice)
