r"""Expectations of polynomials (and, for Gaussians, exponentials) of a random variable, by their rules.

Linearity takes a sum apart; a product of entries becomes its moment:

    Gaussian      E[x_a x_b ...] = sum over pairings of products of m_a and S_ab      (Isserlis)
                  E[p(x) exp(b.x)] = exp(b.m + b.S.b/2) E'[p(x)],  x' ~ N(m + S b, S)
    Bernoulli     independent entries: E[x_a x_b] = p_a p_b + [a = b] p_a (1 - p_a), and so on
    categorical   one-hot y: y_a y_b = [a = b] y_a, so every moment is p_a with all indices equal
    finite sum    rows X_i of weight 1/n: E[x_a x_b] = (1/n) sum_i X_ia X_ib
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

import sympy

from symbolic.algebra.contractions import Factor, Product
from symbolic.algebra.factoring import factored
from symbolic.algebra.identities import SIMPLIFYING_LAWS
from symbolic.algebra.normal import expand
from symbolic.algebra.simplification import Canonicalizer, canonical
from symbolic.calculus.accumulation import accumulate, zero
from symbolic.calculus.distribution_parameters import about_parameters
from symbolic.calculus.gradients import Function, place_of
from symbolic.calculus.origins import remember
from symbolic.domains import domain_of
from symbolic.errors import DomainError, ShapeError, UnsupportedError
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol
from symbolic.operations import exp, multiply
from symbolic.reading.declarations import Given
from symbolic.reading.parser import read
from symbolic.sizes import Shape, Size, shape_text
from symbolic.traverse import depends_on, substitute

__all__ = ["Distribution", "bernoulli", "categorical", "expectation", "finite", "gaussian"]

HIGHEST_MOMENT = 8
_WITH_SQUARES = Canonicalizer(SIMPLIFYING_LAWS | {"squared norm"})


@dataclass(frozen=True)
class Moment:
    """One term of a moment: a coefficient, factors at labels, and labels that have to be equal."""

    coefficient: sympy.Expr
    factors: tuple[Factor, ...]
    equal: tuple[tuple[int, int], ...] = ()


Moments = Callable[[Sequence[tuple[int, ...]], int], Iterator[Moment]]


@dataclass(frozen=True)
class Distribution:
    """A distribution: its name and its parameters (expressions, or text with `given`)."""

    name: str
    parameters: tuple[Function, ...]


def gaussian(mean: Function, covariance: Function) -> Distribution:
    """The normal distribution of a scalar (mean, variance) or of a vector (mean, covariance)."""
    return Distribution("gaussian", (mean, covariance))


def bernoulli(p: Function) -> Distribution:
    """Independent entries that are 1 with probability p, else 0."""
    return Distribution("bernoulli", (p,))


def categorical(p: Function) -> Distribution:
    """A one-hot vector whose 1 stands at a with probability p_a."""
    return Distribution("categorical", (p,))


def finite(rows: Function) -> Distribution:
    """A vector drawn uniformly from the rows of a matrix."""
    return Distribution("finite", (rows,))


def expectation(
    f: Function, x: Variable | str, distribution: Distribution, given: Given | None = None
) -> Expression:
    """E[f(x)] for a random x, worked out and simplified.

    Shapes: that of f. Conditions: the parameters do not depend on x; `assumptions` of the result says that
    a covariance is positive semidefinite, or that numbers are probabilities, where that does not follow
    from their domains. Raises `DomainError` for a negative variance or probability, and for an x whose
    domain has not all values of the distribution; `ShapeError` when parameters do not fit x; and
    `UnsupportedError`, with the factor named, where f is not of a form that the rules reach. Nothing is
    left unevaluated.

    >>> given = {"x": "d", "A": "d d", "m": "d", "S": "d d: spd"}
    >>> expectation("x @ A @ x", "x", gaussian("m", "S"), given)
    m @ A @ m + trace(A @ S)
    """
    whole = read(f, given)
    place = place_of(x, whole, given)
    if not isinstance(place, Variable):
        raise UnsupportedError(
            f"an expectation over {place.name}", "no variable", "take it over a variable"
        )
    parameters = [read(parameter, given) for parameter in distribution.parameters]
    _check(distribution.name, parameters, place)
    stated = about_parameters(distribution.name, parameters)
    if distribution.name == "bernoulli" and not place.rank:
        (p,) = parameters
        one, none = (substitute(whole, {place: read(value)}) for value in (1, 0))
        return remember(multiply(p, one) + multiply(1 - p, none), stated)
    return remember(_in_moments(whole, place, distribution.name, parameters), stated)


def in_gaussian_moments(
    f: Expression, x: Variable, mean: Expression, covariance: Expression
) -> Expression:
    """E[f(x)] for x ~ N(mean, covariance), as it comes out of the rules: nothing is simplified."""
    return _in_moments(f, x, "gaussian", [mean, covariance])


def _in_moments(
    whole: Expression, place: Variable, name: str, parameters: list[Expression]
) -> Expression:
    """The expectation, term by term of the expression multiplied out."""
    spread = expand(_WITH_SQUARES.canonical(whole))
    terms = spread.terms if isinstance(spread, Sum) else (spread,)
    found = [part for term in terms for part in _of_term(term, place, name, parameters)]
    return Sum(found) if len(found) > 1 else found[0]


_CONTAINING = {  # the domains that have all values of a distribution
    "gaussian": {"real"},
    "bernoulli": {"real", "nonnegative", "unit", "binary"},
    "categorical": {"real", "nonnegative", "unit", "binary", "prob", "onehot"},
    "finite": {"real"},
}


def _check(name: str, parameters: list[Expression], place: Variable) -> None:
    for parameter in parameters:
        if parameter in depends_on(parameter, place):
            raise UnsupportedError(
                f"{place.name} ~ {name} with the parameter {parameter}",
                f"the parameter depends on {place.name}, which is random",
                "name the random variable otherwise than what its distribution depends on",
            )
    if place.domain not in _CONTAINING[name]:
        raise DomainError(
            f"{place.name} ~ {name}",
            f"{place.name} was declared {domain_of(place.domain).meaning}, which its values need not be",
            f"declare {place.name} real",
        )
    shape = place.shape
    wanted: dict[str, list[Shape]] = {
        "gaussian": [shape, shape + shape],
        "bernoulli": [shape],
        "categorical": [shape],
        "finite": [(parameters[0].shape[:1] or (1,)) + shape],
    }
    for parameter, right in zip(parameters, wanted[name], strict=True):
        if parameter.shape != right or (name != "bernoulli" and place.rank > 1):
            raise ShapeError(
                f"{place.name} ~ {name}",
                f"{place.name} has shape {shape_text(shape)}, a parameter {shape_text(parameter.shape)}",
                f"give one of shape {shape_text(right)}; {place.name} has at most one axis",
            )


def _of_term(
    term: Expression, place: Variable, name: str, parameters: list[Expression]
) -> Iterator[Expression]:
    """The expectation of one flat product."""
    if term not in depends_on(term, place):
        yield term
        return
    axes = tuple(range(term.rank))
    flat = term if isinstance(term, Contraction) else Contraction([term], [axes], axes)
    random = depends_on(flat, place)
    at: list[tuple[int, ...]] = []
    others: list[Factor] = []
    tilted: list[Factor] = []
    for operand, labels in zip(flat.operands, flat.labels, strict=True):
        if operand is place:
            at.append(labels)
        elif operand not in random:
            others.append((operand, labels))
        elif name == "gaussian" and _is_exponential(operand) and not tilted:
            tilted.append((operand, labels))
        else:
            _refuse(operand, name)
    if len(at) > HIGHEST_MOMENT:
        _refuse(term, name)
    sizes: dict[int, Size] = dict(enumerate(flat.sizes))
    mean: Factor = (parameters[0], ())
    if tilted:
        growth, mean = _tilted(*tilted[0], place, parameters)
        others.append(growth)
    for moment in _moments(name, at, parameters, mean, len(sizes), place):
        product = Product(flat.coefficient * moment.coefficient, dict(sizes))
        if name == "finite":
            product.fresh(parameters[0].shape[0])
        for node, labels in (*others, *moment.factors):
            product.multiply(node, labels, whole=True)
        product.touched |= {label for labels in at for label in labels}
        for a, b in moment.equal:
            product.equate(a, b)
        yield product.finish(flat.output)


def _refuse(factor: Expression, name: str) -> NoReturn:
    shown = str(factor)
    raise UnsupportedError(
        f"the expectation of {shown if len(shown) < 80 else shown[:77] + '...'}",
        f"no rule for a {name} variable inside it",
        f"the rules take polynomials up to degree {HIGHEST_MOMENT}"
        + (", times one exp of a linear form" if name == "gaussian" else ""),
    )


def _moments(
    name: str,
    at: list[tuple[int, ...]],
    parameters: list[Expression],
    mean: Factor,
    row: int,
    place: Variable,
) -> Iterator[Moment]:
    """The terms of the moment of entries of x at the given labels; `row` is a label not used."""
    one = sympy.S.One
    match name:
        case "gaussian":
            for blocks in _partitions(list(range(len(at))), largest=2):
                factors: list[Factor] = []
                for block in blocks:
                    joined = tuple(label for k in block for label in at[k])
                    if len(block) == 1:
                        factors.append((mean[0], mean[1] + joined))
                    else:
                        factors.append((parameters[1], joined))
                yield Moment(one, tuple(factors))
        case "bernoulli":
            for blocks in _partitions(list(range(len(at))), largest=len(at)):
                factors = [(_cumulant(len(block), parameters[0]), at[block[0]]) for block in blocks]
                pairs = [
                    pair for block in blocks for k in block[1:]
                    for pair in zip(at[block[0]], at[k], strict=True)
                ]  # fmt: skip
                yield Moment(one, tuple(factors), tuple(pairs))
        case "categorical":
            equal = tuple((at[0][0], labels[0]) for labels in at[1:])
            yield Moment(one, ((parameters[0], at[0]),), equal)
        case _:
            rows = parameters[0]
            factors = [(rows, (row, *labels)) for labels in at]
            yield Moment(1 / sympy.sympify(rows.shape[0]), tuple(factors))


def _partitions(items: list[int], largest: int) -> Iterator[list[list[int]]]:
    """All partitions of items into blocks of at most the given size."""
    if not items:
        yield []
        return
    first, *rest = items
    for count in range(min(largest, len(items))):
        for chosen in itertools.combinations(rest, count):
            left = [item for item in rest if item not in chosen]
            for blocks in _partitions(left, largest):
                yield [[first, *chosen], *blocks]


def _cumulant(order: int, p: Expression) -> Expression:
    """The cumulant of a Bernoulli variable: k_1 = p, k_(n+1) = p (1 - p) dk_n/dp."""
    q = kernel_symbol(0)
    kernel: sympy.Expr = q
    for _ in range(order - 1):
        kernel = factored(q * (1 - q) * kernel.diff(q))
    return p if order == 1 else Elementwise(sympy.Lambda((q,), kernel), [p])


def _is_exponential(node: Expression) -> bool:
    return isinstance(node, Elementwise) and node.kernel.expr == sympy.exp(kernel_symbol(0))


def _tilted(
    factor: Expression, labels: tuple[int, ...], place: Variable, parameters: list[Expression]
) -> tuple[Factor, Factor]:
    """exp(c + b.x): the factor exp(c + b.m + b.S.b/2), and the mean m + S b that the rest has then."""
    (argument,) = factor.children
    (slope,) = accumulate(argument, [place])
    linear = canonical(slope)
    if linear in depends_on(linear, place):
        _refuse(factor, "gaussian")
    mean, covariance = parameters
    constant = substitute(argument, {place: zero(place.shape)})
    front: list[object] = list(range(argument.rank))
    axis: list[object] = [("x", k) for k in range(place.rank)]
    other: list[object] = [("y", k) for k in range(place.rank)]
    shift = Contraction([linear, mean], [front + axis, axis], front)
    half = Contraction(
        [linear, covariance, linear],
        [front + axis, axis + other, front + other],
        front,
        coefficient=sympy.Rational(1, 2),
    )
    growth = exp(Sum([constant, shift, half]))
    whole = [*front, *axis]
    sizes: dict[object, Size] = dict(zip(whole, argument.shape + place.shape, strict=True))
    moved = Contraction([linear, covariance], [front + other, other + axis], whole)
    centre = Contraction([mean], [axis], whole, sizes)
    return (growth, labels), (Sum([centre, moved]), labels)
