"""The value of an expression graph over any arithmetic, node by node, children before parents.

`Derivative` is worked out here by forward differentiation (`numeric.jets`), without any symbolic
derivative, so that the two can be checked against each other. A derivative by a named intermediate
cuts the graph there: its value is taken at the point, and everything above it is evaluated again
with a nilpotent added.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from numbers import Rational
from typing import Any

import numpy as np
import sympy
from flint import fmpq

from numeric import brackets, jets
from numeric.arithmetic import Arithmetic
from numeric.binding import bind_sizes, shape_of
from numeric.brackets import Selection
from numeric.errors import Undecided
from numeric.interpreter import run
from numeric.jets import STILL, Array, Jet, as_array, with_zeros
from numeric.kernels import compile_kernel, compile_scalar, fixed_coefficients
from numeric.structured import apply_structured
from symbolic.calculus.expectation_rules import degree_in
from symbolic.errors import DataError, NameUnknownError
from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expectation,
    Expression,
    Iverson,
    Named,
    Sum,
    Unspecified,
    Variable,
)
from symbolic.traverse import postorder, variables

Values = Mapping[Variable, Any] | Mapping[str, Any] | Mapping[str | Variable, Any]
_HALF = sympy.Rational(1, 2)
LARGEST_NESTING = 4  # derivatives inside derivatives

_Known = MutableMapping[Expression, Jet]
_MOST_ENTRIES = 10**7  # of an array
_MOST_TERMS = 10**10  # of a sum over indices, in all entries together


@dataclass(frozen=True)
class _Setting:
    """What every node's rule needs: the sizes, the arithmetic, the data and the nesting."""

    sizes: Mapping[sympy.Symbol, int]
    over: Arithmetic
    values: Mapping[Variable, Array]
    level: int = 0


def walk(
    roots: Iterable[Expression],
    values: Values,
    sizes: Mapping[sympy.Symbol, int] | None,
    over: Arithmetic,
) -> list[Array]:
    """The value of every root as an object array of scalars of the arithmetic `over`.

    Shapes: `values[v]` has the shape of v, which may be given by its name; its entries are rational
    (floats count as the rationals they are). Conditions: every size letter occurs in a value's shape or
    in `sizes`. Scalars that have no value come out as `over.undefined`. Raises `DataError` for what is no
    finite number, `NameUnknownError` for unknown or missing names.
    """
    wanted = list(roots)
    arrays = _arrays(values, wanted)
    bound = bind_sizes({variable: array.shape for variable, array in arrays.items()}, sizes)
    setting = _Setting(bound, over, arrays)
    known: _Known = {}
    for node in postorder(wanted):
        _check_size(node, bound)
        known[node] = _RULES[type(node)](node, known, setting)
    return [np.array(known[root].value, dtype=object) for root in wanted]


def _check_size(node: Expression, sizes: Mapping[sympy.Symbol, int]) -> None:
    """Raise `Undecided` for an array, or a sum over indices, that is too large to work out."""
    count = prod(shape_of(node.sizes if isinstance(node, Contraction) else node.shape, sizes))
    if prod(shape_of(node.shape, sizes)) > _MOST_ENTRIES or count > _MOST_TERMS:
        raise Undecided(
            f"an array with {count} terms", "too large to be worked out", "choose smaller sizes"
        )


def _arrays(values: Values, roots: Sequence[Expression]) -> dict[Variable, Array]:
    """The data by variable."""
    if not isinstance(values, Mapping):
        raise DataError("the values", f"{values!r} is no mapping", "map each variable to its value")
    named: dict[str, Variable] = {}
    if any(isinstance(key, str) for key in values):
        named = {variable.name: variable for variable in variables(roots)}
    arrays = {}
    for key, value in values.items():
        variable = named.get(key) if isinstance(key, str) else key
        if not isinstance(variable, Variable):
            raise NameUnknownError(
                f"a value for {key!r}",
                "no variable of the expression has that name",
                "give values for " + (", ".join(named) or "variables"),
            )
        arrays[variable] = as_array(value)
    return arrays


def _variable(node: Variable, known: _Known, setting: _Setting) -> Jet:
    if node not in setting.values:
        raise NameUnknownError(
            f"the variable {node.name}",
            "no value was given for it",
            f"pass one of shape ({', '.join(map(str, node.shape))})",
        )
    array = setting.values[node]
    numbers = np.empty(array.size, dtype=object)
    numbers[:] = [setting.over.number(_fraction(entry, node)) for entry in array.flat]
    return Jet({0: numbers.reshape(array.shape)})


def _fraction(entry: Any, variable: Variable) -> Fraction:
    """A number as the fraction it is."""
    try:
        if isinstance(entry, np.floating):
            return Fraction(*entry.as_integer_ratio())
        if isinstance(entry, fmpq):
            return Fraction(int(entry.p), int(entry.q))
        if isinstance(entry, Rational):
            entry = Fraction(int(entry.numerator), int(entry.denominator))
        return Fraction(entry)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise DataError(
            f"the value of {variable.name}",
            f"an entry is {entry!r:.60}",
            "give finite numbers: fractions, integers or floats",
        ) from None


def _named(node: Named, known: _Known, setting: _Setting) -> Jet:
    return known[node.meaning]


def _contraction(node: Contraction, known: _Known, setting: _Setting) -> Jet:
    over = setting.over
    lengths = shape_of(node.sizes, setting.sizes)
    placed, others = brackets.split(node)
    found = brackets.selections(placed, lengths, setting.sizes)
    operands = [_gathered(known[operand], at, found) for operand, at in others]
    labels = [brackets.gathered_labels(at, found) for _, at in others]
    output = brackets.gathered_labels(node.output, found)
    if found:
        output = list(dict.fromkeys(output))
    for each in found:
        if each.label not in {*output, *(label for at in labels for label in at)}:
            operands.append(Jet({0: as_array(over.number(Fraction(each.count)))}))
            labels.append([])
    if not operands:
        operands, labels = [Jet({0: as_array(over.number(Fraction(1)))})], [[]]
    if all(each.count for each in found):
        inner = [*lengths, *(each.count for each in found)]
        product = jets.contract(operands, labels, output, inner, over.zero)
        result = _scattered(product, output, node.output, lengths, found, over)
    else:
        empty = np.full(tuple(lengths[label] for label in node.output), over.zero, dtype=object)
        result = Jet({0: empty})
    if node.coefficient == 1:
        return result
    program = compile_scalar(node.coefficient, setting.sizes, foreign=over.foreign is not None)
    coefficient = run(program, (), (), setting.sizes, over).value.item()
    return jets.scale(coefficient, result)


def _gathered(jet: Jet, labels: Sequence[int], found: Sequence[Selection]) -> Jet:
    if not found:
        return jet
    return Jet({mask: brackets.gathered(part, labels, found) for mask, part in jet.parts.items()})


def _scattered(
    jet: Jet,
    labels: Sequence[int],
    output: Sequence[int],
    lengths: Sequence[int],
    found: Sequence[Selection],
    over: Arithmetic,
) -> Jet:
    if list(labels) == list(output):
        return jet
    return Jet(
        {
            mask: brackets.scattered(
                part, labels, output, lengths, found, STILL if mask else over.zero
            )
            for mask, part in jet.parts.items()
        }
    )


def _iverson(node: Iverson, known: _Known, setting: _Setting) -> Jet:
    one = setting.over.number(Fraction(1))
    return Jet({0: as_array(np.where(brackets.mask(node, setting.sizes), one, setting.over.zero))})


def _sum(node: Sum, known: _Known, setting: _Setting) -> Jet:
    total = known[node.terms[0]]
    for term in node.terms[1:]:
        total = jets.add(total, known[term])
    return total


def _elementwise(node: Elementwise, known: _Known, setting: _Setting) -> Jet:
    operands = [known[operand] for operand in node.operands]
    shape, over = operands[0].shape, setting.over
    program = compile_kernel(node.kernel, setting.sizes, foreign=over.foreign is not None)
    return run(program, operands, shape, setting.sizes, over)


def _apply(node: Apply, known: _Known, setting: _Setting) -> Jet:
    operands = [known[operand] for operand in node.operands]
    return apply_structured(node.function, operands, node.axis, setting.over)


def _unspecified(node: Unspecified, known: _Known, setting: _Setting) -> Jet:
    r"""A fixed generic cubic: sum_i (a_i u_i + b_i u_i^2/2 + c_i u_i^3/3) + (sum_i d_i u_i)^2/2."""
    operand, over = known[node.operand], setting.over
    rows = [fixed_coefficients(node.name, place, 4) for place in range(operand.value.size)]
    a, b, c, d = (_weights([row[k] for row in rows], operand, over) for k in range(4))
    half, third = over.number(Fraction(1, 2)), over.number(Fraction(1, 3))
    square = jets.multiply(operand, operand)
    terms = jets.add(
        jets.multiply(a, operand),
        jets.add(
            jets.scale(half, jets.multiply(b, square)),
            jets.scale(third, jets.multiply(c, jets.multiply(operand, square))),
        ),
    )
    cross = _total(jets.multiply(d, operand), over)
    return jets.add(_total(terms, over), jets.scale(half, jets.multiply(cross, cross)))


def _weights(numbers: Sequence[Fraction], like: Jet, over: Arithmetic) -> Jet:
    array = np.empty(len(numbers), dtype=object)
    array[:] = [over.number(number) for number in numbers]
    return Jet({0: array.reshape(like.shape)})


def _total(jet: Jet, over: Arithmetic) -> Jet:
    labels = tuple(range(len(jet.shape)))
    return jets.contract([jet], [labels], (), jet.shape, over.zero)


def _derivative(node: Derivative, known: _Known, setting: _Setting) -> Jet:
    if setting.level >= LARGEST_NESTING:
        raise Undecided(
            "a derivative inside derivatives",
            f"more than {LARGEST_NESTING} of them are nested",
            "work out some of them first",
        )
    variable = known[node.variable]
    bit, count = 1 << setting.level, prod(variable.shape)
    identity = np.full((count, count), STILL, dtype=object)
    np.fill_diagonal(identity, setting.over.number(Fraction(1)))
    perturbed = Jet({**variable.parts, bit: identity.reshape(*variable.shape, count)})
    inner: _Known = ChainMap({node.variable: perturbed}, known)
    deeper = _Setting(setting.sizes, setting.over, setting.values, setting.level + 1)
    for each in _above(node.expression, node.variable):
        inner[each] = _RULES[type(each)](each, inner, deeper)
    return _slope(inner[node.expression], variable.shape, bit, setting.over)


def _expectation(node: Expectation, known: _Known, setting: _Setting) -> Jet:
    """f(m) + sum(S * H)/2, with the Hessian H of f at the mean m: exact for degrees up to 3."""
    f, x = node.expression, node.variable
    degree = degree_in(f, x)
    if degree is None or degree > 3:
        raise Undecided(
            f"an expectation over {x.name}",
            "it is not of a polynomial of degree 3 or less",
            "work it out first",
        )
    inner: _Known = ChainMap({x: known[node.mean]}, known)
    for each in _above(f, x):
        inner[each] = _RULES[type(each)](each, inner, setting)
    axes = tuple(range(2 * x.rank))
    slopes = Derivative(Derivative(f, x), x)
    spread = Contraction([slopes, node.covariance], [axes, axes], (), coefficient=_HALF)
    inner[slopes] = _derivative(slopes, inner, setting)
    return jets.add(inner[f], _contraction(spread, inner, setting))


def _above(root: Expression, target: Expression) -> list[Expression]:
    """The nodes of `root` whose value changes with `target`, children first, `target` left out."""
    found = {target}
    order = []
    for node in postorder(root):
        if node is not target and any(child in found for child in node.children):
            found.add(node)
            order.append(node)
    return order


def _slope(jet: Jet, shape: tuple[int, ...], bit: int, over: Arithmetic) -> Jet:
    """The parts with the given level, its batch axis unfolded behind the value's axes.

    What has no value has no derivative either.
    """
    rank = len(jet.shape)
    parts = {}
    for mask, part in jet.parts.items():
        if mask & bit:
            moved = np.moveaxis(part, -1, rank)
            parts[mask ^ bit] = moved.reshape(jet.shape + shape + moved.shape[rank + 1 :])
    value = parts.pop(0, np.full(jet.shape + shape, over.zero, dtype=object))
    value = with_zeros(value, over.zero)
    for entry, scalar in np.ndenumerate(jet.value):
        if not over.is_defined(scalar):
            value[entry] = over.undefined
    return Jet({0: value, **parts})


_RULES: dict[type, Callable[[Any, _Known, _Setting], Jet]] = {
    Variable: _variable,
    Named: _named,
    Contraction: _contraction,
    Sum: _sum,
    Elementwise: _elementwise,
    Iverson: _iverson,
    Apply: _apply,
    Unspecified: _unspecified,
    Derivative: _derivative,
    Expectation: _expectation,
}
