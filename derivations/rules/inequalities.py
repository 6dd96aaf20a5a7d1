"""Rules for inequalities: why one scalar is at most another.

Most of them know something that is never negative, a gap; a step is proved when the line after minus the
line before is a nonnegative factor times such a gap.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy

from derivations.languages import Side
from derivations.lemma import Earlier, Lemma, lemma
from derivations.statements import Inequality
from symbolic import Expression, Variable
from symbolic.algebra.contractions import Factor, Product
from symbolic.algebra.normal import equal_by_algebra, expand
from symbolic.algebra.regions import Region
from symbolic.algebra.signs import nonnegative
from symbolic.algebra.simplification import ALGEBRA
from symbolic.calculus.rules import function_name
from symbolic.errors import ShapeError, UnsupportedError
from symbolic.indexing import index
from symbolic.matrices import spectral_norm
from symbolic.nodes import Apply, Contraction, Sum
from symbolic.operations import add, log, matmul, multiply, power, subtract, sum, transpose
from symbolic.reductions import norm
from symbolic.scalars.facts import Facts
from symbolic.traverse import postorder, unfold, variables

if TYPE_CHECKING:
    from derivations.derivation import Derivation


@dataclass(frozen=True)
class InequalityRule:
    """A reason for `before <= after`: its name, what it says, and the proof it carries out."""

    name: str
    statement: str
    condition: str
    source: str
    holds: Callable[[Expression, Expression], bool]

    def exhausted(self, expression: Expression) -> Expression:
        """An inequality rule rewrites nothing."""
        return expression

    once = exhausted

    def renamed(self, replace: Callable[[Expression], Expression]) -> InequalityRule:
        """An inequality rule is about no expression in particular."""
        return self

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.statement}>"


Gaps = Callable[[Expression, Expression], Iterator[Expression]]


def _with_gaps(gaps: Gaps) -> Callable[[Expression, Expression], bool]:
    """Whether the difference of two lines is a nonnegative multiple of a gap that they have."""

    def holds(before: Expression, after: Expression) -> bool:
        small, large = unfold(before), unfold(after)
        return any(is_multiple(small, large, gap) for gap in gaps(small, large))

    return holds


def is_multiple(before: Expression, after: Expression, gap: Expression) -> bool:
    """Whether after - before is provably a nonnegative factor times the gap.

    What the factor divides by, the lines divide by as well, so that it is defined where they are.

    >>> from symbolic import norm, vector
    >>> a, b = norm(vector("a", "n")), norm(vector("b", "n"))
    >>> is_multiple(a / b, (a + b) / b, b), is_multiple(a, a - b, b)
    (True, False)
    """
    if equal_by_algebra(subtract(after, before), gap):
        return True
    forms = [ALGEBRA.canonical(unfold(each)) for each in (before, after, gap)]
    return _is_multiple(*forms) or _is_multiple(*map(expand, forms))


def _is_multiple(before: Expression, after: Expression, gap: Expression) -> bool:
    """Whether forms as they are show that after - before is a nonnegative factor times the gap."""
    region = Region({}, Sum, frozenset())
    small, large, wanted = (region.read(each, ()) for each in (before, after, gap))
    if wanted == 0:
        return False
    terms = (*sympy.Add.make_args(small), *sympy.Add.make_args(large))
    divided = {base for term in terms for base in _bases(sympy.fraction(term)[1])}
    factor = sympy.factor(sympy.cancel((large - small) / wanted))
    if not _bases(sympy.fraction(factor)[1]) <= divided:
        return False
    signs = {
        symbol: sympy.Dummy(**{"positive" if symbol in divided else "nonnegative": True})
        for symbol in factor.free_symbols
        if region.holds(symbol) and _is_nonnegative(region.write(symbol)[0])
    }
    return bool(factor.xreplace(signs).is_nonnegative)


def _bases(product: sympy.Expr) -> set[sympy.Expr]:
    """The factors of a product that are no numbers, without their powers."""
    factors = sympy.Mul.make_args(sympy.factor(product))
    return {factor.as_base_exp()[0] for factor in factors if not factor.is_number}


def _is_nonnegative(node: Expression) -> bool:
    if isinstance(node, Apply) and node.function == "max" and node.axis is None:
        return isinstance(node.operand, Apply) and node.operand.function == "svdvals"
    return nonnegative(node)


def _operator_norms(before: Expression, after: Expression) -> Iterator[Expression]:
    """norm(A) norm(x) - norm(A @ x) for each product of a matrix and a vector whose norm is taken.

    Also for all matrices and vectors whose norms stand in the lines: A may be a sum or a product.
    """
    for matrix, vector in itertools.product(*_normed(before, after)):
        if matrix.shape[1:] == vector.shape:
            bound = multiply(spectral_norm(matrix), norm(vector))
            yield subtract(bound, norm(matmul(matrix, vector)))
    for node in postorder([before, after]):
        if not (isinstance(node, Apply) and node.function == "norm" and node.operand.rank == 1):
            continue
        product = _matrix_and_vector(node.operand)
        if product is not None:
            matrix, vector = product
            yield subtract(multiply(spectral_norm(matrix), norm(vector)), node)


def _normed(before: Expression, after: Expression) -> tuple[list[Expression], list[Expression]]:
    """The matrices whose spectral norm, and the vectors whose norm, stands in the lines."""
    nodes = [each for each in postorder([before, after]) if isinstance(each, Apply)]
    matrices = [each.operand for each in nodes if each.function == "svdvals"]
    vectors = [each.operand for each in nodes if each.function == "norm" and each.axis is None]
    return (
        [each for each in matrices if each.rank == 2],
        [each for each in vectors if each.rank == 1],
    )


def _matrix_and_vector(vector: Expression) -> tuple[Expression, Expression] | None:
    """A vector that is a matrix times a vector, as both."""
    whole = ALGEBRA.canonical(vector)
    if not isinstance(whole, Contraction):
        return None
    product = Product.of(whole, whole=True)
    (end,) = (product.root(label) for label in whole.output)
    ahead = [factor for factor in product.resolved() if end in factor[1]]
    rest = [factor for factor in product.resolved() if end not in factor[1]]
    if len(ahead) != 1 or not rest or len(set(ahead[0][1])) != 2 or len(ahead[0][1]) != 2:
        return None
    matrix, at = ahead[0]
    inner = at[1] if at[0] == end else at[0]
    return (matrix if at[0] == end else transpose(matrix)), _of(rest, product, (inner,))


def _of(factors: list[Factor], product: Product, output: tuple[int, ...]) -> Expression:
    """Some of the factors of a product, with its coefficient."""
    part = Product(product.coefficient, product.sizes)
    part.factors = factors
    return part.finish(output)


def _bessel(before: Expression, after: Expression) -> Iterator[Expression]:
    """sum(a[:k]) - sum(a * w) for a = s or s**2 descending and w the squared rows of U.T @ Q.

    Each of the weights is at most 1, because Q has orthonormal columns and those of U have length one; they
    add up to at most k, the number of columns of Q, because U has orthonormal columns.
    """
    inside = variables([before, after])
    orthonormal = [each for each in inside if each.domain == "orthogonal" and each.rank == 2]
    for s, U, Q in itertools.product(_descending(inside), orthonormal, orthonormal):
        if U.shape != (Q.shape[0], s.shape[0]):
            continue
        try:
            head = index(s, slice(None, Q.shape[1]))
        except ShapeError:
            continue
        weights = sum(power(matmul(transpose(U), Q), 2), axis=1)
        for exponent in (1, 2):
            weighted = sum(multiply(power(s, exponent), weights))
            yield subtract(sum(power(head, exponent)), weighted)


def _descending(inside: tuple[Variable, ...]) -> list[Variable]:
    return [each for each in inside if each.domain == "descending" and each.rank == 1]


def _largest_entry(before: Expression, after: Expression) -> Iterator[Expression]:
    """max(a) sum(w) - sum(a * w) for each vector a of which the maximum is taken, and weights w >= 0."""
    for node in postorder([before, after]):
        if not (isinstance(node, Apply) and node.function == "max" and node.operand.rank == 1):
            continue
        for weighted in postorder(ALGEBRA.canonical(before)):
            weights = _weights(weighted, node.operand)
            if weights is not None and nonnegative(weights):
                yield subtract(multiply(node, sum(weights)), sum(multiply(node.operand, weights)))


def _weights(node: Expression, values: Expression) -> Expression | None:
    """The w of sum(values * w), a flat product."""
    if not isinstance(node, Contraction) or node.rank:
        return None
    product = Product.of(node, whole=True)
    factors = product.resolved()
    place = next((i for i, (each, _) in enumerate(factors) if each is values), None)
    if place is None:
        return None
    _, at = factors[place]
    others = [factor for i, factor in enumerate(factors) if i != place]
    return _of(others, product, at) if any(at[0] in labels for _, labels in others) else None


def _logarithms(before: Expression, after: Expression) -> Iterator[Expression]:
    """sum(u * (log(u) - log(v))) - sum(u) + sum(v) for all u and v whose logarithms stand in the lines."""
    logs = (each for each in postorder([before, after]) if function_name(each) == "log")
    inside = filter(nonnegative, dict.fromkeys(each.children[0] for each in logs))
    for u, v in itertools.permutations(inside, 2):
        if u.shape == v.shape:
            yield subtract(add(sum(multiply(u, subtract(log(u), log(v)))), sum(v)), sum(u))


# --- results that are known: another page, an earlier claim ---------------------------------------


@dataclass(frozen=True)
class ScaledLemma(Lemma):
    """The inequality of another page, both sides multiplied by one nonnegative factor."""

    def holds(self, smaller: Side, larger: Side, facts: Facts) -> bool:
        """Whether larger - smaller is a nonnegative multiple of a gap that the page knows."""
        if not (isinstance(smaller, Expression) and isinstance(larger, Expression)):
            return False
        return any(
            is_multiple(smaller, larger, gap)
            for node in postorder([unfold(smaller), unfold(larger)])
            for gap in self._gaps(node)
        )

    def _gaps(self, node: Expression) -> Iterator[Expression]:
        """The gap where the node is the smaller side of the page, or the larger one."""
        low, high = self.proved.left, self.proved.right
        if not (isinstance(low, Expression) and isinstance(high, Expression)):
            return
        for pattern, other, sign in ((unfold(low), high, 1), (unfold(high), low, -1)):
            found = self.instance(pattern, other, node) if type(node) is type(pattern) else None
            if found is not None:
                yield multiply(sign, subtract(found, node))


def scaled(
    derivation: Derivation, claim: int = 1, values: Mapping[Variable, object] | None = None
) -> ScaledLemma:
    """The inequality of a page, times any nonnegative factor that both lines have.

    `claim` counts from 1; `values` says what stands for variables that its left side does not have.
    Raises `UnsupportedError` for a claim that is no inequality left <= right.
    """
    found = lemma(derivation, values, claim)
    if not isinstance(found.proved, Inequality) or found.proved.relation != "<=":
        raise UnsupportedError(
            f"scaled({derivation.title!r}, claim={claim})",
            f"it is {found.proved}",
            "use a claim left <= right",
        )
    return ScaledLemma(derivation, found.proved, found.values)


@dataclass(frozen=True)
class ComparedSquares(Earlier):
    """x**2 <= y**2, claimed above, as abs(x) <= y for y >= 0."""

    @property
    def name(self) -> str:
        """What is compared."""
        return "comparing squares"

    @property
    def statement(self) -> str:
        """What it says."""
        return f"abs(x) <= y when x**2 <= y**2 and y >= 0, and {self.claim}"

    def holds(self, smaller: Side, larger: Side, facts: Facts) -> bool:
        """Whether the squares of both sides are those of the claim, and the larger is nonnegative."""
        if not (isinstance(smaller, Expression) and isinstance(larger, Expression)):
            return False
        if not isinstance(self.claim, Inequality) or self.claim.relation != "<=":
            return False
        sides = ((smaller, self.claim.left), (larger, self.claim.right))
        squares = all(
            isinstance(square, Expression) and equal_by_algebra(power(root, 2), square)
            for root, square in sides
        )
        return squares and nonnegative(larger)

    def renamed(self, replace: Callable[[Side], Side]) -> ComparedSquares:
        """The claim about other expressions."""
        earlier = super().renamed(replace)
        return ComparedSquares(earlier.claim)


def comparing_squares(claim: Inequality) -> ComparedSquares:
    """abs(x) <= y by the earlier claim that x**2 <= y**2."""
    return ComparedSquares(claim)


adding_nonnegative = InequalityRule(
    "adding a nonnegative term",
    "a <= a + b when b >= 0",
    "b is a sum of products of squares and nonnegative factors",
    "the laws of arithmetic",
    lambda before, after: nonnegative(subtract(after, before)),
)
operator_norm = InequalityRule(
    "norm of a product",
    "norm(A @ x) <= spectral_norm(A) norm(x)",
    "A is a matrix and x a vector",
    "Golub, Van Loan, Matrix Computations (2013), section 2.3",
    _with_gaps(_operator_norms),
)
log_below_tangent = InequalityRule(
    "tangent of the logarithm",
    "sum(u * (log(v) - log(u))) <= sum(v - u), since log(t) <= t - 1",
    "u and v are zero or greater",
    "Cover and Thomas, Elements of Information Theory (2006), section 2.6",
    _with_gaps(_logarithms),
)
weights_at_most_one = InequalityRule(
    "weights of at most 1",
    "sum(a * w) <= sum(a[:k]) for weights 0 <= w <= 1 that add up to at most k",
    "a is descending, w = sum((U.T @ Q)**2, axis=1), U and Q have orthonormal columns, Q has k of them",
    "Horn, Johnson, Matrix Analysis (2013), section 4.3",
    _with_gaps(_bessel),
)
largest_entry = InequalityRule(
    "the largest entry",
    "sum(a * w) <= max(a) sum(w)",
    "w >= 0",
    "the laws of arithmetic",
    _with_gaps(_largest_entry),
)

__all__ = [
    "ComparedSquares",
    "InequalityRule",
    "ScaledLemma",
    "adding_nonnegative",
    "comparing_squares",
    "is_multiple",
    "largest_entry",
    "log_below_tangent",
    "operator_norm",
    "scaled",
    "weights_at_most_one",
]
