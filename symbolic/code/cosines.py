"""Inner products of vectors over their norms, as inner products of unit vectors.

| written                             | computed, with u = x/norm(x) and v = y/norm(y)  |
|-------------------------------------|-------------------------------------------------|
| `x @ y/(norm(x)*norm(y))`           | `u @ y/norm(y)`, or `u @ v` where v is needed   |
| `x/sum(x*x)`, norm(x) being computed | `u/norm(x)`                                     |
| `(y - (u @ y)*u)/norm(y)`           | `v - (u @ v)*u`                                 |

Products of entries overflow, or are 0, long before the cosine does.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import count

import sympy

from symbolic.code.cancellation import meaning
from symbolic.code.norms import norm_over, sum_of_squares
from symbolic.code.power_products import powers_of_operands
from symbolic.code.readings import Readings
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.sizes import Size
from symbolic.traverse import postorder, with_children

MOST_FACTORS = 8  # of a product that is read
DEEPEST = 8  # products in products that are read

_x, _y = kernel_symbol(0), kernel_symbol(1)
Labels = tuple[Hashable, ...]
Factor = tuple[Expression, Labels]


def with_cosines(stable: Mapping[Expression, Expression]) -> dict[Expression, Expression]:
    """What each node has become, with such products.

    >>> from symbolic.reductions import norm
    >>> from symbolic.variables import vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> e = (x @ y) / (norm(x) * norm(y))
    >>> with_cosines({e: e})[e]
    einsum("i,i,->", x*(1/norm(x)), y, 1/norm(y))
    """
    order = postorder(dict.fromkeys(stable.values()))
    norms = {node for node in order if isinstance(node, Apply) and node.function == "norm"}
    if not norms:
        return dict(stable)
    first = _Units(norms, set())
    for node in order:
        first.visit(node)
    second = _Units(norms, first.needed)
    for node in order:
        second.visit(node)
    return {node: second.new[found] for node, found in stable.items()}


class _Product:
    """A product taken apart: a number, factors, and norms below the line."""

    def __init__(
        self,
        output: Labels,
        sizes: Mapping[Hashable, Size],
        norms: set[Apply],
        units: set[Expression],
    ) -> None:
        self.output = output
        self.sizes = dict(sizes)
        self.number: sympy.Expr = sympy.S.One
        self.factors: list[Factor] = []
        self.below: dict[tuple[Apply, Labels], int] = {}
        self._norms = norms
        self._units = units
        self._fresh = count()

    def multiply(self, node: Expression, at: Labels, exponent: int = 1, depth: int = 0) -> None:
        """Multiply by a power of an array; products and powers of products are taken apart."""
        inner = meaning(node)
        read = depth < DEEPEST
        product = inner if read and isinstance(inner, Contraction) else None
        if product is not None and self._multiply_product(product, at, exponent, depth):
            return
        if read and isinstance(inner, Elementwise) and inner not in self._units:
            powers = powers_of_operands(inner.kernel)
            if powers is not None and all(power in (1, -1, -2, -3) for _, power in powers):
                for place, power in powers:
                    self.multiply(inner.operands[place], at, exponent * int(power), depth + 1)
                return
        if exponent < 0 and isinstance(inner, Apply) and inner in self._norms:
            self.below[inner, at] = self.below.get((inner, at), 0) - exponent
        elif exponent == 1:
            self.factors.append((node, at))
        else:
            self.factors.append((_power(node, exponent), at))

    def _multiply_product(self, inner: Contraction, at: Labels, exponent: int, depth: int) -> bool:
        """Multiply by a product; False where it is none to take apart."""
        square = self._square_of_norm(inner) if exponent < 0 else None
        if square is not None:
            norm, coefficient = square
            self.number *= coefficient**exponent
            self.below[norm, at] = self.below.get((norm, at), 0) - 2 * exponent
            return True
        held = {label for labels in inner.labels for label in labels}
        names: dict[int, Hashable] = dict(zip(inner.output, at, strict=True))
        repeated = {names[label] for label in set(inner.output) - held if inner.sizes[label] != 1}
        known = {*self.output, *(label for _, there in self.factors for label in there)}
        whole = len(set(inner.output)) < len(inner.output) or not repeated <= known
        if whole or not inner.operands or (exponent != 1 and inner.summed):
            return False
        if len(inner.operands) + len(self.factors) > MOST_FACTORS:
            return False
        for label in inner.summed:
            names[label] = ("summed", next(self._fresh))
            self.sizes[names[label]] = inner.sizes[label]
        self.number *= inner.coefficient**exponent
        for operand, labels in zip(inner.operands, inner.labels, strict=True):
            self.multiply(operand, tuple(names[label] for label in labels), exponent, depth + 1)
        return True

    def _square_of_norm(self, inner: Contraction) -> tuple[Apply, sympy.Expr] | None:
        """The norm that is known and whose square, times a number, a sum of squares is."""
        found = sum_of_squares(inner)
        if found is None:
            return None
        coefficient, vector, summed = found
        if not summed:
            return None
        norm = norm_over(vector, summed)
        return (norm, coefficient) if norm in self._norms else None

    def built(self) -> Expression:
        """The product as a node."""
        factors = [*self.factors, *((_power(n, -k), at) for (n, at), k in self.below.items() if k)]
        if self.number == 1 and len(factors) == 1 and factors[0][1] == self.output:
            return factors[0][0]
        operands, labels = [each for each, _ in factors], [at for _, at in factors]
        return Contraction(operands, labels, self.output, self.sizes, self.number)


class _Units:
    """What nodes have become; `needed` are the norms whose unit vectors stand more than once."""

    def __init__(self, norms: set[Apply], needed: set[Apply]) -> None:
        self.new: dict[Expression, Expression] = {}
        self.needed: set[Apply] = set()
        self._norms = norms
        self._wanted = needed
        self._units: set[Expression] = set()
        self._readings = Readings()

    def visit(self, node: Expression) -> None:
        """Rewrite a node whose children have been visited."""
        built = with_children(node, tuple(self.new[child] for child in node.children))
        if isinstance(built, Apply) and node in self._norms:
            self._norms.add(built)
        if isinstance(built, Contraction) and built.operands:
            rewritten = self._rewritten(built)
            built = built if rewritten is None else rewritten
        self.new[node] = built

    def _rewritten(self, node: Contraction) -> Expression | None:
        product = _Product(node.output, dict(enumerate(node.sizes)), self._norms, self._units)
        if len(set(node.output)) < len(node.output):
            return None
        product.number = node.coefficient
        for operand, at in zip(node.operands, node.labels, strict=True):
            product.multiply(operand, at)
        return product.built() if self._divide(product) else None

    def _divide(self, product: _Product, *, always: bool = False) -> bool:
        """Divide vectors by their norms; whether anything was divided that matters."""
        changed = False
        for norm, at in list(product.below):
            places = self._places(product, norm, at)
            summed = [k for k in places if _is_summed(product, k, at)]
            left = product.below[norm, at]
            if not places:
                changed = self._into_sum(product, norm, at) or changed
                continue
            twice = left > 1
            if not (always or twice or (summed and (not changed or norm in self._wanted))):
                continue
            if always or twice:
                self.needed.add(norm)
            for k in [*summed, *(k for k in places if k not in summed)][:left]:
                unit = _unit(norm)
                self._units.add(unit)
                product.factors[k] = unit, product.factors[k][1]
                product.below[norm, at] -= 1
            changed = True
        return changed

    def _places(self, product: _Product, norm: Apply, at: Labels) -> list[int]:
        """Where the vector of a norm stands, and may be divided at no great cost."""
        vector, axes = norm.operand, tuple(range(norm.operand.rank))
        kept = [axis for axis in axes if norm.axis is not None and axis != norm.axis]
        whole = self._readings.of(vector, axes)
        found = []
        for k, (factor, labels) in enumerate(product.factors):
            if factor.rank != vector.rank or tuple(labels[axis] for axis in kept) != at:
                continue
            if len(set(labels)) == len(labels) and self._readings.of(factor, axes) == whole:
                inner = set(labels) - set(product.output) - set(at)
                beside = [set(there) for j, (_, there) in enumerate(product.factors) if j != k]
                partners = [there for there in beside if there & inner]
                if all(set(labels) <= there or there - set(labels) for there in partners):
                    found.append(k)
        return found

    def _into_sum(self, product: _Product, norm: Apply, at: Labels) -> bool:
        """Divide the terms of a sum by a norm, where its vector stands in each of them."""
        for k, (factor, labels) in enumerate(product.factors):
            total = meaning(factor)
            if not isinstance(total, Sum) or not set(at) <= set(labels) or not labels:
                continue
            if len(set(labels)) < len(labels):
                continue
            terms = []
            for term in total.terms:
                sizes = dict(zip(labels, total.shape, strict=True))
                inside = _Product(labels, sizes, self._norms, self._units)
                inside.multiply(term, labels)
                inside.below[norm, at] = inside.below.get((norm, at), 0) + 1
                if not self._places(inside, norm, at) or not self._divide(inside, always=True):
                    break
                terms.append(inside.built())
            if len(terms) == len(total.terms):
                product.factors[k] = Sum(terms), labels
                product.below[norm, at] -= 1
                return True
        return False


def _is_summed(product: _Product, place: int, at: Labels) -> bool:
    """Whether a vector stands in an inner product."""
    return not set(product.factors[place][1]) <= {*product.output, *at}


def _unit(norm: Apply) -> Expression:
    """The vector of a norm divided by it."""
    axes = tuple(range(norm.operand.rank))
    kept = tuple(axis for axis in axes if norm.axis is not None and axis != norm.axis)
    sizes = dict(enumerate(norm.operand.shape))
    inverse = Contraction([_power(norm, -1)], [kept], axes, sizes)
    # as a kernel, because planning takes products apart and would multiply the entries first
    return Elementwise(sympy.Lambda((_x, _y), _x * _y), [norm.operand, inverse])


def _power(node: Expression, exponent: int) -> Expression:
    return Elementwise(sympy.Lambda((_x,), _x**exponent), [node])
