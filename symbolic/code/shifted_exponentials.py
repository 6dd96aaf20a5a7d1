"""Logarithms and quotients of sums of exponentials, which overflow although the whole does not.

| written                      | computed, with m the largest z                   |
|------------------------------|--------------------------------------------------|
| `log(sum(w*exp(z)))`         | `m + log(sum(w*exp(z - m)))`                     |
| `w*exp(z)/sum(w*exp(z))`     | `w*exp(z - m)/sum(w*exp(z - m))`                 |
| `log(exp(a) + exp(b))`       | `max(a, b) + log1p(exp(-abs(a - b)))`            |
| `log(1 + u)`                 | `softplus(log(u))`, where log(u) is one of these |
| `log(1 + exp(a) + exp(b))`   | `m + log1p(exp(-m) - 1 + exp(a - m) + exp(b - m))`, m at least 0 |

Each row is an identity. A node is read as exp(exponent)*rest; exponents add in products, and a sum takes out
its peak (`exponents`). The largest z is taken of the entries whose weight is not 0. What has no logarithm
and no quotient stays as it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy

from symbolic.code.arrangement import is_arrangement
from symbolic.code.cancellation import factor_and_core, meaning, scaled
from symbolic.code.exponents import (
    Exponent,
    Factor,
    Peak,
    added,
    below_peak,
    bounded_exponentials,
    by_weights,
    in_pairs,
    of_sum,
    of_terms,
    placed,
    written,
)
from symbolic.code.linear_combinations import share_combinations
from symbolic.code.orientation import orient
from symbolic.code.readings import Readings
from symbolic.code.repetition import repeat_last
from symbolic.domains import domain_of
from symbolic.functions import log1p, sigmoid, softplus
from symbolic.nodes import (
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Sum,
    Variable,
    kernel_symbol,
)
from symbolic.sizes import Size
from symbolic.traverse import postorder, with_children

MOST_TERMS = 8  # of a sum whose terms have different exponents
MODERATE = 40  # exponentials of numbers up to here stay as they are

_x, _y = kernel_symbol(0), kernel_symbol(1)
_LOGARITHMS = (sympy.log(_x), log1p(_x))
_WITHIN_ONE = (sympy.tanh, sigmoid, sympy.sin, sympy.cos, sympy.erf, sympy.sign)
_NEVER_ZERO = (sympy.exp, sigmoid, softplus, sympy.cosh)


def without_overflow(stable: Mapping[Expression, Expression]) -> dict[Expression, Expression]:
    """What each node has become, with such logarithms and quotients of shifted exponentials.

    >>> from symbolic.operations import exp, log
    >>> from symbolic.variables import dims, vector
    >>> n, = dims("n")
    >>> e = log(vector("p", n, domain="positive") @ exp(vector("z", n)))
    >>> without_overflow({e: e})[e]
    max(z) + log(p @ exp(z + -max(z)))
    """
    if not _used(postorder(dict.fromkeys(stable.values()))):
        return dict(stable)
    below = {child for node in stable for child in node.children}
    turned = orient(share_combinations(stable, [node for node in stable if node not in below]))
    order = postorder(dict.fromkeys(turned.values()))
    rewriting = _Rewriting(_weights(_used(order)), _logged(order))
    for node in order:
        rewriting.visit(node)
    return {node: rewriting.new[found] for node, found in turned.items()}


# --- where it matters ----------------------------------------------------------------------------


def _used(order: Iterable[Expression]) -> list[Expression]:
    """The nodes with exponentials in them that a logarithm is taken of or that something is divided by."""
    with_exponentials: set[Expression] = set()
    found = []
    for node in order:
        below = [child for child in node.children if child in with_exponentials]
        if isinstance(node, Elementwise):
            kernel = node.kernel.expr
            if _exponent(node) is not None:
                with_exponentials.add(node)
            elif kernel in _LOGARITHMS:
                found += below
            elif below and _is_algebraic(node):
                with_exponentials.add(node)
                if any(power.exp.is_negative for power in kernel.atoms(sympy.Pow)):
                    found += below
        elif below and isinstance(node, (Named, Sum, Contraction)):
            with_exponentials.add(node)
    return found


def _logged(order: Iterable[Expression]) -> set[Expression]:
    """The sums that a logarithm is taken of."""
    logarithms = (
        node for node in order if isinstance(node, Elementwise) and node.kernel.expr in _LOGARITHMS
    )
    return {meaning(node.operands[0]) for node in logarithms}


def _weights(used: Iterable[Expression]) -> set[Expression]:
    """The factors of sums and products inside these nodes that may be 0."""
    found: set[Expression] = set()
    stack, seen = list(used), set(used)
    while stack:
        node = stack.pop()
        if isinstance(node, Contraction):
            for place, operand in enumerate(node.operands):
                found.add(_peeled(node, place, operand)[0])
        elif not (
            isinstance(node, (Named, Sum))
            or (isinstance(node, Elementwise) and _is_algebraic(node))
        ):
            continue
        fresh = [child for child in node.children if child not in seen]
        seen.update(fresh)
        stack += fresh
    return {node for node in found if _may_be_zero(node)}


def _is_algebraic(node: Elementwise) -> bool:
    return bool(node.kernel.expr.is_algebraic_expr(*node.kernel.variables))


def _may_be_zero(node: Expression) -> bool:
    node = meaning(node)
    match node:
        case Variable():
            return not domain_of(node.domain).positive
        case Contraction() if not node.summed:
            return any(_may_be_zero(each) for each in node.operands)
        case Elementwise():
            kernel = node.kernel.expr
            reciprocal = kernel.is_Pow and kernel.exp.is_negative
            return not (reciprocal or isinstance(kernel, _NEVER_ZERO))
        case _:
            return not isinstance(node, Iverson)


# --- nodes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scaled:
    """A value as a number times exp(exponent) times factors; all labels are axes.

    `degree` counts the exponentials above a line less those below. Where the value is exp(a) + exp(b),
    a and b are the `pair`.
    """

    exponent: Exponent
    degree: sympy.Expr = sympy.S.One
    factors: tuple[Factor, ...] = ()
    coefficient: sympy.Expr = sympy.S.One
    pair: tuple[Expression, Expression] | None = None


class _Rewriting:
    """What nodes have become: `new` values, and the same as exponentials times something."""

    def __init__(self, weights: set[Expression], logged: set[Expression]) -> None:
        self.new: dict[Expression, Expression] = {}
        self._weights = weights
        self._logged = logged
        self._new_weights: set[Expression] = set()
        self._scaled: dict[Expression, _Scaled] = {}
        self._settled: set[Expression] = set()  # whose new value is bounded already
        self._peaks: dict[Expression, Peak] = {}
        self._readings = Readings()
        self._met: dict[
            int, tuple[Expression, sympy.Expr]
        ] = {}  # exponents with their coefficients

    def visit(self, node: Expression) -> None:
        """Rewrite a node whose children have been visited."""
        if node in self.new:
            return
        self.new[node] = with_children(node, tuple(self.new[child] for child in node.children))
        match node:
            case Named() if node.meaning in self._scaled:
                self._scaled[node] = self._scaled[node.meaning]
                if node.meaning in self._settled:
                    self._settled.add(node)
            case Contraction():
                self._product(node)
            case Sum():
                self._sum(node)
            case Elementwise():
                self._kernel(node)
        self.new[node] = repeat_last(self.new[node])
        if node in self._weights:
            self._new_weights.add(self.new[node])

    def _open(self, node: Expression) -> _Scaled | None:
        """A node as an exponential times something, if its value has not been settled."""
        return None if node in self._settled else self._scaled.get(node)

    def _product(self, node: Contraction) -> None:
        exponents: list[Exponent] = []
        factors: list[Factor] = []
        coefficient, degree = node.coefficient, sympy.S.Zero
        for place, (operand, at) in enumerate(zip(node.operands, node.labels, strict=True)):
            found = self._open(operand)
            if found is None:
                factors.append(_peeled(node, place, self.new[operand]))
                continue
            here: dict[Hashable, Hashable] = dict(enumerate(at))
            exponents.append(placed(found.exponent, here))
            degree = degree + found.degree
            coefficient = coefficient * found.coefficient
            factors += [(each, tuple(here[x] for x in axes)) for each, axes in found.factors]
        exponent = added(exponents)
        if not exponents:
            return
        summed = set(node.summed)
        if any(summed & set(at) for _, at in exponent):
            bounded, exponent, met = bounded_exponentials(exponent, self._peaks, factors)
            factors += bounded
            bounded, exponent = by_weights(exponent, self._peaks, factors, summed, met)
            factors += bounded
        inside = {each: c for each, c in exponent.items() if summed & set(each[1])}
        if inside:
            over = [label for label in node.summed if label in {x for _, at in inside for x in at}]
            beside = [each for each in factors if set(over) & set(each[1])]
            weights = [each for each in beside if each[0] in self._new_weights]
            running = any(isinstance(each, Iverson) for each, _ in beside)
            peak, there = of_sum(inside, over, weights, running=running)
            self._peaks[peak.node] = peak
            over_peak = tuple(there[axis] for axis in range(peak.node.rank))
            factors.append(below_peak(peak, over_peak, peak.summands[0], there, factors))
            outside = {each: c for each, c in exponent.items() if each not in inside}
            exponent = added([outside, {(peak.node, over_peak): sympy.S.One}])
        if not exponent:
            self.new[node] = _multiplied(factors, coefficient, node)
            self._settled.add(node)
            return
        rest = self._by_axes(exponent, factors, coefficient, node)
        self._scaled[node] = replace(rest, degree=degree)
        if self._cancels(exponent):
            bounded, left, _ = bounded_exponentials(exponent, self._peaks, factors)
            factors = [*factors, *bounded, *in_pairs(left, self._peaks)]
            self.new[node] = _multiplied(factors, coefficient, node)
            if degree == 0:
                self._settled.add(node)

    def _by_axes(
        self, exponent: Exponent, factors: list[Factor], coefficient: sympy.Expr, node: Contraction
    ) -> _Scaled:
        """A product with axes for labels; where labels are summed or stand twice, its rest is one array."""
        axes: dict[Hashable, Hashable] = {x: node.output.index(x) for x in node.output}
        by_axes = placed(exponent, axes)
        if len(axes) < len(node.output) or any(x not in axes for _, at in factors for x in at):
            whole = _multiplied(factors, coefficient, node)
            return _Scaled(by_axes, factors=((whole, tuple(range(node.rank))),))
        turned = tuple((each, tuple(axes[label] for label in at)) for each, at in factors)
        return _Scaled(by_axes, factors=turned, coefficient=coefficient)

    def _cancels(self, exponent: Exponent) -> bool:
        """Whether exponents of both signs meet, one of them a peak."""
        if len(exponent) < 2 or not any(z in self._peaks for z, _ in exponent):
            return False
        signs = {self._sign(z) * c > 0 for (z, _), c in exponent.items()}
        below = any(z in self._peaks and c < 0 for (z, _), c in exponent.items())
        return below or len(signs) == 2

    def _sign(self, z: Expression) -> int:
        """Whether an exponent stands for exponentials above or below a line."""
        if z not in self._peaks:
            return 1
        for summand in self._peaks[z].summands:
            for (inner, _), number in summand.exponent:
                return self._sign(inner) * (1 if number > 0 else -1)
        return 1

    def _sum(self, node: Sum) -> None:
        parts = [self._open(term) for term in node.terms]
        if not any(parts) or len(parts) > MOST_TERMS:
            return
        exponents: list[Exponent] = [{} if part is None else part.exponent for part in parts]
        for place, term in enumerate(node.terms):
            alike = [each for each in exponents if _on_diagonal(term, each, exponents[place])]
            exponents[place] = alike[-1] if alike else exponents[place]
        axes = tuple(range(node.rank))
        rests = [
            _Scaled({}, factors=((self.new[term], axes),)) if part is None else part
            for term, part in zip(node.terms, parts, strict=True)
        ]
        degree = max((part.degree for part in parts if part is not None), key=abs)
        if all(each == exponents[0] for each in exponents):
            terms = [_multiplied(each.factors, each.coefficient, node) for each in rests]
            self._scaled[node] = _Scaled(exponents[0], degree, ((Sum(terms), axes),))
            return
        peak = of_terms(exponents, node.shape)
        self._peaks[peak.node] = peak
        same: dict[Hashable, Hashable] = {axis: axis for axis in axes}
        terms = []
        for exponent, rest in zip(exponents, rests, strict=True):
            summand = next(each for each in peak.summands if dict(each.exponent) == exponent)
            below = below_peak(peak, axes, summand, same, ())
            terms.append(_multiplied([below, *rest.factors], rest.coefficient, node))
        ones = [
            place
            for place, term in enumerate(node.terms)
            if not exponents[place] and factor_and_core(term) == (1, None)
        ]
        pair = None
        bare = all(not rest.factors and rest.coefficient == 1 for rest in rests)
        if len(terms) == 2 and bare:
            sizes: dict[Hashable, Size] = dict(enumerate(node.shape))
            first, second = (written(each, axes, sizes) for each in exponents)
            pair = first, second
        total: Expression = Sum(terms)
        if ones and node in self._logged:
            total = _as_one_plus(terms, ones[0])
        whole = ((total, axes),)
        self._scaled[node] = _Scaled({(peak.node, axes): sympy.S.One}, degree, whole, pair=pair)

    def _kernel(self, node: Elementwise) -> None:
        kernel = node.kernel.expr
        exponent = _exponent(node)
        if exponent is not None:
            (((z, at), number),) = exponent.items()
            factor, times = self._known(self.new.get(z, z), at)
            self._scaled[node] = _Scaled({factor: number * times})
        elif not any(child in self._scaled for child in node.children):
            return
        elif kernel in _LOGARITHMS:
            found = self._logarithm(node)
            is_log = kernel == sympy.log(_x)
            self.new[node] = (
                found if is_log else Elementwise(sympy.Lambda((_x,), softplus(_x)), [found])
            )
        elif kernel.is_Pow and kernel.base == _x and kernel.exp.is_number:
            self._power(node)
        elif kernel.is_rational_function(*node.kernel.variables):
            opened = _opened(kernel, node.operands)
            for inner in postorder(opened):
                self.visit(inner)
            if opened in self._scaled:
                self._scaled[node] = self._scaled[opened]
            if opened in self._settled:
                self._settled.add(node)
                self.new[node] = self.new[opened]

    def _known(self, z: Expression, at: tuple[Hashable, ...]) -> tuple[Factor, sympy.Expr]:
        """An array with its labels, as a number times one with the same entries that has been met."""
        places = tuple(range(z.rank))
        coefficient, number = self._readings.of(z, places)
        orders = [places, places[::-1]] if z.rank == 2 else [places]
        for order in orders:
            found = self._met.get(self._readings.of(z, order)[1])
            if found is not None:
                first, there = found
                return (first, tuple(at[place] for place in order)), coefficient / there
        self._met[number] = z, coefficient
        return (z, at), sympy.S.One

    def _power(self, node: Elementwise) -> None:
        found = self._open(node.operands[0])
        if found is not None:
            power = node.kernel.expr.exp
            exponent = {each: power * number for each, number in found.exponent.items()}
            rest = _rest(found, node)
            factors = (
                ()
                if rest is None
                else ((Elementwise(node.kernel, [rest]), tuple(range(node.rank))),)
            )
            self._scaled[node] = _Scaled(exponent, power * found.degree, factors)

    def _logarithm(self, node: Elementwise) -> Expression:
        found = self._scaled[node.operands[0]]
        if found.pair is not None:
            return _log_of_two(*found.pair)
        sizes: dict[Hashable, Size] = dict(enumerate(node.shape))
        total = written(found.exponent, tuple(range(node.rank)), sizes)
        rest = _rest(found, node)
        if rest is None:
            return total
        more = _after_one(rest)
        kernel, inside = (sympy.log(_x), rest) if more is None else (log1p(_x), more)
        return Sum([total, Elementwise(sympy.Lambda((_x,), kernel), [inside])])


def _as_one_plus(terms: Sequence[Expression], place: int) -> Expression:
    """A sum as 1 + rest, where the term at a place is close to 1 when the others are small."""
    less = Elementwise(sympy.Lambda((_x,), _x - 1), [terms[place]])
    rest = Sum([less, *terms[:place], *terms[place + 1 :]])  # in this order
    return Elementwise(sympy.Lambda((_x,), 1 + _x), [rest])


def _after_one(node: Expression) -> Expression | None:
    """u, where the node is 1 + u by `_as_one_plus`."""
    if isinstance(node, Elementwise) and node.kernel.expr == 1 + _x:
        return node.operands[0]
    return None


def _rest(found: _Scaled, like: Expression) -> Expression | None:
    """What stands beside the exponential; None where it is 1."""
    if not found.factors and found.coefficient == 1:
        return None
    return _multiplied(found.factors, found.coefficient, like)


def _on_diagonal(term: Expression, one: Exponent, other: Exponent) -> bool:
    """Whether two exponents are the same on the diagonal, outside of which a term is 0."""
    _, core = factor_and_core(term)
    if not isinstance(core, Contraction) or len(set(core.output)) == len(core.output):
        return False
    first: dict[Hashable, Hashable] = {
        axis: core.output.index(label) for axis, label in enumerate(core.output)
    }
    return placed(one, first) == placed(other, first)


def _log_of_two(a: Expression, b: Expression) -> Expression:
    """`log(exp(a) + exp(b))`."""
    greater = Elementwise(sympy.Lambda((_x, _y), sympy.Max(_x, _y)), [a, b])
    distance = Sum([a, scaled(sympy.S.NegativeOne, b)])
    size = Elementwise(sympy.Lambda((_x,), sympy.Abs(_x)), [distance])
    less = Elementwise(sympy.Lambda((_x,), sympy.exp(_x)), [scaled(sympy.S.NegativeOne, size)])
    return Sum([greater, Elementwise(sympy.Lambda((_x,), log1p(_x)), [less])])


def _exponent(node: Elementwise) -> Exponent | None:
    """The exponent of exp(...), unless it is known to be moderate."""
    kernel = node.kernel.expr
    if not isinstance(kernel, sympy.exp):
        return None
    number, argument = kernel.args[0].as_coeff_Mul()
    z: Expression = node.operands[0]
    if argument != _x:
        z = Elementwise(sympy.Lambda(node.kernel.variables, argument), node.operands)
    factor, core = factor_and_core(z)
    if core is None:
        return None
    if factor.is_number:
        number, z = number * factor, core
    inner = meaning(z)
    head = inner.kernel.expr.func if isinstance(inner, Elementwise) else None
    if head in _WITHIN_ONE and abs(number) <= MODERATE:
        return None
    axes = tuple(range(z.rank))
    while is_arrangement(z) and isinstance(z, Contraction) and z.coefficient == 1:
        axes = tuple(axes[z.output.index(label)] for label in z.labels[0])
        z = z.operands[0]
    return {(z, axes): number}


def _peeled(node: Contraction, place: int, operand: Expression) -> Factor:
    """A factor in the place of an operand with its labels, without transposition and repetition."""
    at = node.labels[place]
    others = {x for k, labels in enumerate(node.labels) if k != place for x in labels}
    while is_arrangement(operand) and isinstance(operand, Contraction):
        inner = tuple(at[operand.output.index(label)] for label in operand.labels[0])
        if operand.coefficient != 1 or not set(at) - set(inner) <= others:
            break
        operand, at = operand.operands[0], inner
    return operand, at


def _multiplied(factors: Sequence[Factor], coefficient: sympy.Expr, like: Expression) -> Expression:
    """The product of factors: with the labels of a contraction, or with axes for labels."""
    output, sizes = tuple(range(like.rank)), dict(enumerate(like.shape))
    if isinstance(like, Contraction):
        output, sizes = like.output, dict(enumerate(like.sizes))
    plain = len(set(output)) == len(output) and coefficient == 1
    if plain and len(factors) == 1 and factors[0][1] == output:
        return factors[0][0]
    nodes, labels = [node for node, _ in factors], [at for _, at in factors]
    return repeat_last(Contraction(nodes, labels, output, sizes, coefficient))


def _opened(expression: sympy.Expr, operands: Sequence[Expression]) -> Expression:
    """A rational kernel as sums, products and powers of its operands."""
    if expression.is_Symbol:
        return operands[[kernel_symbol(k) for k in range(len(operands))].index(expression)]
    like = operands[0]
    axes = tuple(range(like.rank))
    if expression.is_number:
        return Contraction((), (), axes, dict(enumerate(like.shape)), expression)
    if expression.is_Add:
        return Sum([_opened(term, operands) for term in expression.args])
    if expression.is_Pow:
        kernel = sympy.Lambda((_x,), _x**expression.exp)
        return Elementwise(kernel, [_opened(expression.base, operands)])
    number, rest = expression.as_coeff_Mul()
    factors = [_opened(factor, operands) for factor in sympy.Mul.make_args(rest)]
    return Contraction(factors, [axes] * len(factors), axes, coefficient=number)
