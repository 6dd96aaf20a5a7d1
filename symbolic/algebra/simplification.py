"""Simplification: one canonical form for what is equal by algebra, then textbook notation.

`canonical` works from the leaves up, each node once: products are flattened, entrywise factors that
share a tensor are fused into one kernel and shortened, sums collect equal terms and common
factors, and the facts of the variables' domains are used. `simplify` presents the result as a
person would write it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from weakref import WeakKeyDictionary

import sympy

from symbolic.algebra.brackets import use_brackets, use_unit_axes
from symbolic.algebra.centring import keeps_centred
from symbolic.algebra.contractions import Factor, Product, unnested
from symbolic.algebra.definitions import log_of_sum, use_softmax
from symbolic.algebra.identities import (
    SIMPLIFYING_LAWS,
    kernel_identity,
    node_identity,
    use_facts,
)
from symbolic.algebra.inverses import matrix_identity, use_inverses
from symbolic.algebra.kernels import shortest
from symbolic.algebra.presentation import present, shown_sum
from symbolic.algebra.regions import Region
from symbolic.algebra.squared_norms import with_norms_squared
from symbolic.algebra.sums import coefficient_of, factored, opened_terms, times
from symbolic.algebra.weights import length
from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expression,
    Iverson,
    Sum,
    Variable,
)
from symbolic.operations import subtract
from symbolic.sizes import Size
from symbolic.traverse import has_more_nodes, postorder, substitute, with_children


def simplify(
    expression: Expression | str, given: Mapping[str, str | Variable] | None = None
) -> Expression:
    """The expression in textbook form: equal to it wherever it is defined.

    With a `given` mapping the expression may be text.

    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> X, w, y = matrix("X", n, d), vector("w", d), vector("y", n)
    >>> str(simplify(2 * X.T @ X @ w - 2 * X.T @ y))
    '2*X.T @ (X @ w - y)'
    """
    from symbolic.reading.parser import read

    return _settled(read(expression, given), SIMPLIFICATION)


def arrange(expression: Expression) -> Expression:
    """The expression in textbook form by algebra alone: no identity of a function, no fact of a domain."""
    return _settled(expression, ALGEBRA)


def _settled(expression: Expression, laws: Canonicalizer) -> Expression:
    """The textbook form that is its own textbook form."""
    form = laws.canonical(expression)
    for _ in range(MOST_ROUNDS):
        shown = _shortest_shown(form, laws)
        again = laws.canonical(shown)
        if again is form:
            break
        form = again
    return shown


def _shortest_shown(form: Expression, laws: Canonicalizer) -> Expression:
    """A canonical form in textbook notation, with sums of squares as those of norms where that is shorter."""
    shown = _shortest_of(form, laws)
    squared = with_norms_squared(form) if "definition of the norm" in laws.laws else form
    if squared is form:
        return shown
    return min(shown, _shortest_of(laws.canonical(squared), laws), key=lambda each: len(str(each)))


def _shortest_of(form: Expression, laws: Canonicalizer) -> Expression:
    """A canonical form in textbook notation: as it is, multiplied out, or that collected again."""
    from symbolic.algebra.normal import expand, term_count

    shown = _presented(form, laws)
    if has_more_nodes(form, SMALL) or not 1 < term_count(form) <= MOST_SPREAD:
        return shown
    spread = expand(form, laws)
    candidates = [shown]
    if spread is not form and keeps_centred(form, spread, laws.canonical):
        candidates.append(_presented(laws.canonical(spread), laws))
        if isinstance(spread, Sum):
            apart = [_presented(laws.canonical(term), laws) for term in spread.terms]
            candidates.append(shown_sum(Sum(apart)))
    return min(candidates, key=lambda each: len(str(each)))


def _presented(form: Expression, laws: Canonicalizer) -> Expression:
    """A canonical form in textbook notation, or as it is where the notation cannot be confirmed.

    What is shown may itself have a shorter canonical form; that one is shown then.
    """
    from symbolic.algebra.normal import expand, is_zero

    for _ in range(MOST_ROUNDS):
        shown = present(form)
        again = laws.canonical(shown)
        if again is form:
            break
        if unnested(again) is not unnested(form):
            difference = laws.canonical(subtract(shown, form))
            if not (is_zero(difference) or is_zero(expand(difference, laws))):
                return form
        form = again
    return shown


def canonical(expression: Expression) -> Expression:
    """The canonical form: flat products in a fixed order, independent of how it was written."""
    return SIMPLIFICATION.canonical(expression)


SMALL = 60  # nodes of a form that is tried in more than one way
MOST_SPREAD = 10  # terms of a form that is also tried multiplied out
MOST_ROUNDS = 4  # of showing a form and simplifying what is shown


class Canonicalizer:
    """Canonical forms by algebra and the laws of the given names, each node once."""

    def __init__(self, laws: frozenset[str]) -> None:
        self.laws = laws
        self._known: WeakKeyDictionary[Expression, Expression] = WeakKeyDictionary()

    def canonical(self, expression: Expression) -> Expression:
        """The canonical form of an expression."""
        for node in postorder(expression, self._known):
            if node not in self._known:
                children = tuple(self._known[child] for child in node.children)
                if isinstance(node, Derivative):
                    result = self._derivative(node)
                else:
                    result = self._node(with_children(node, children))
                self._known[node] = self._kept(result)
        return self._known[expression]

    def _kept(self, form: Expression) -> Expression:
        """A form found, as the one that it and what it is a multiple of stand by from now on.

        Without that, what is known of -S could be -(T) and of T be -S: a law that takes the sign out of
        inv(-S) would take it out for ever.
        """
        coefficient = coefficient_of(form)
        if form not in self._known and coefficient not in (0, 1):
            bare = times(1 / coefficient, form)
            known = self._known.setdefault(bare, bare)
            form = form if known is bare else times(coefficient, known)
        return self._known.setdefault(form, form)

    def _node(self, node: Expression) -> Expression:
        match node:
            case Contraction():
                return self._contraction(node)
            case Sum():
                return self._sum(node)
            case Elementwise():
                return self._elementwise(node)
            case Apply():
                found = matrix_identity(node, self.laws, self.canonical)
                return node if found is None else self.canonical(found)
            case _:
                return node

    def _derivative(self, node: Derivative) -> Expression:
        """A derivative with its function in canonical form, without the facts of its place.

        What holds on the domain of x, such as sum(x) = 1, does not hold around it, where D(f, x) looks.
        """
        place = node.variable
        if isinstance(place, Variable) and place.domain == "real":
            return Derivative(self._known[node.expression], place)
        free = Variable(f"place_{place.key.hex()}", place.shape)
        inner = self.canonical(substitute(node.expression, {place: free}))
        return Derivative(substitute(inner, {free: place}), place)

    def _region(self, sizes: dict[int, Size]) -> Region:
        return Region(sizes, self._total, self.laws)

    def _total(self, terms: list[Expression]) -> Expression:
        return factored(terms, self.canonical)

    # --- elementwise ---

    def _elementwise(self, node: Elementwise) -> Expression:
        found = node_identity(node, self.laws)
        if found is None and "definition of logsumexp" in self.laws:
            found = log_of_sum(node)
        if found is not None:
            return self.canonical(found)
        if _stays(node, self.laws):
            return node
        region = self._region(dict(enumerate(node.shape)))
        axes = tuple(range(node.rank))
        return _written(
            region,
            shortest(region.with_facts(region.read(node, axes)), region.weights, self.laws),
            axes,
        )

    # --- products ---

    def _contraction(self, node: Contraction) -> Expression:
        if node.coefficient == 0:
            return Product(sympy.S.Zero, dict(enumerate(node.sizes))).finish(node.output)
        product = Product.of(node, whole=False)
        self._fuse(product)
        use_facts(product, node.output, self.laws)
        self._distributed(product, node.output)
        moved = self._moved(product, node)
        if moved is not None:
            return moved
        factors, product.factors = product.factors, []
        for factor, at in factors:
            product.multiply(factor, at, whole=True)
        use_unit_axes(product, node.output)
        use_brackets(product, node.output)
        use_inverses(product, node.output, self.laws)
        use_softmax(product, self.laws)
        if product.merged:
            product.factors = product.resolved()
            self._fuse(product)
        return product.finish(node.output)

    def _distributed(self, product: Product, output: tuple[int, ...]) -> None:
        """A sum over an index that only one sum of terms has, term by term, when that is shorter."""
        if product.merged:
            return
        for place, (whole, at) in enumerate(product.factors):
            others = {
                x for i, (_, labels) in enumerate(product.factors) if i != place for x in labels
            }
            kept = [axis for axis, label in enumerate(at) if label in others or label in output]
            if not isinstance(whole, Sum) or len(kept) == len(at) or len(set(at)) < len(at):
                continue
            axes = tuple(range(whole.rank))
            terms = [Contraction([term], [axes], kept) for term in whole.terms]
            reduced = self.canonical(Sum(terms))
            if length(reduced) <= length(whole) - 2:
                product.factors[place] = (reduced, tuple(at[axis] for axis in kept))
                product.touched -= {at[axis] for axis in axes if axis not in kept}

    def _moved(self, product: Product, node: Contraction) -> Expression | None:
        """A move of a sum of moves, term by term, as in concatenate(x, y)[:n] = x."""
        factors = product.resolved()
        sums = [i for i, (each, _) in enumerate(factors) if isinstance(each, Sum)]
        if len(sums) != 1 or len(sums) == len(factors) or product.merged:
            return None
        whole, at = factors[sums[0]]
        others = [factor for i, factor in enumerate(factors) if i != sums[0]]
        if not all(isinstance(each, Iverson) for each, _ in others):
            return None
        assert isinstance(whole, Sum)
        if not any(_has_bracket(term) for term in whole.terms):
            return None
        nodes, labels = [each for each, _ in others], [place for _, place in others]
        terms = [
            Contraction([term, *nodes], [at, *labels], node.output, product.sizes)
            for term in whole.terms
        ]
        found = self.canonical(Sum(terms))
        if length(found) > length(whole) + sum(length(each) for each in nodes):
            return None
        return times(product.coefficient, found)

    def _fuse(self, product: Product) -> None:
        """Multiply factors that share a tensor at the same place into one kernel, and shorten it."""
        region = self._region(product.sizes)
        factors = product.resolved()
        read = [region.read(node, at) for node, at in factors]
        groups: list[tuple[set[sympy.Symbol], list[int]]] = []
        for place, expression in enumerate(read):
            mine = {s for s in expression.free_symbols if region.holds(s)}
            joined = [place]
            rest = []
            for symbols, places in groups:
                if mine & symbols:
                    mine |= symbols
                    joined = places + joined
                else:
                    rest.append((symbols, places))
            groups = [*rest, (mine, joined)]
        new: list[Factor] = []
        for _, places in sorted(groups, key=lambda group: min(group[1])):
            if len(places) == 1:
                new.append(factors[places[0]])
                continue
            product_of = region.with_facts(sympy.Mul(*(read[place] for place in places)))
            fused = shortest(product_of, region.weights, self.laws)
            coefficient, written = region.factors(fused)
            product.coefficient = product.coefficient * coefficient
            new.extend(written)
        product.factors = new

    # --- sums ---

    def _sum(self, node: Sum) -> Expression:
        region = self._region(dict(enumerate(node.shape)))
        axes = tuple(range(node.rank))
        expression = sympy.Add(*(region.read(term, axes) for term in opened_terms(node)))
        expression = shortest(region.with_facts(expression), region.weights, self.laws)
        if not expression.is_Add:
            return _written(region, expression, axes)
        written: list[Expression] = []
        for term in expression.args:
            part = _written(region, term, axes)
            written.extend(part.terms if isinstance(part, Sum) else [part])
        return self._total(written)


def _has_bracket(term: Expression) -> bool:
    return isinstance(term, Contraction) and any(isinstance(o, Iverson) for o in term.operands)


def _stays(node: Elementwise, laws: frozenset[str]) -> bool:
    """Whether a function of one operand cannot combine with the function below it."""
    kernel, (operand, *others) = node.kernel, node.operands
    if others or not isinstance(kernel.expr, sympy.Function):
        return False
    if isinstance(operand, Elementwise):
        return len(operand.operands) == 1 and _composes_plainly(kernel, operand.kernel, laws)
    return not isinstance(operand, (Contraction, Sum, Variable))


@lru_cache(maxsize=4096)
def _composes_plainly(outer: sympy.Lambda, inner: sympy.Lambda, laws: frozenset[str]) -> bool:
    composed = outer(inner.expr)
    if kernel_identity(composed, laws) != composed:
        return False
    plain = isinstance(inner.expr, sympy.Function) and not isinstance(inner.expr, sympy.exp)
    return plain and composed.func is outer.expr.func and composed.args == (inner.expr,)


def _written(region: Region, expression: sympy.Expr, axes: tuple[int, ...]) -> Expression:
    node, at = region.write(expression)
    return region.spread(node, at, axes)


SIMPLIFICATION = Canonicalizer(SIMPLIFYING_LAWS)
ALGEBRA = Canonicalizer(frozenset())
