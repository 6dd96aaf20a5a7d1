"""Matrices that provably equal their transpose, and those that are positive semidefinite as well.

| expression                                  | symmetric | positive semidefinite            |
|---------------------------------------------|-----------|----------------------------------|
| a variable                                  | by its domain                                |
| diag(v), c*eye(n)                           | yes       | if v and c are nonnegative       |
| X.T @ X, X.T @ diag(w) @ X, X.T @ S @ X     | if S is   | if w is nonnegative and S is so  |
| A + B                                       | if both are, or A is B.T | if both are       |
| f(A, B) entry by entry                      | if A and B are | not known                   |
| inv(A), expm(A)                             | if A is   | inv(A) if A is, expm(A) always   |

A product is symmetric where exchanging its two axes only renames the labels that are summed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

from symbolic.algebra.signs import nonnegative
from symbolic.domains import domain_of
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Named, Sum, Variable
from symbolic.traverse import postorder

Labels = tuple[int, ...]
Factor = tuple[Expression, Labels]
Known = WeakKeyDictionary[Expression, bool]

MOST_FACTORS = 8  # longer products are not searched for symmetry
SEMIDEFINITE = frozenset({"spd", "psd"})

_symmetric: Known = WeakKeyDictionary()
_semidefinite: Known = WeakKeyDictionary()


def is_symmetric(matrix: Expression) -> bool:
    """Whether a matrix provably equals its transpose; False also means that it is not known.

    >>> from symbolic.variables import dims, matrix, scalar
    >>> n, d = dims("n d")
    >>> X = matrix("X", n, d)
    >>> is_symmetric(X.T @ X), is_symmetric(X @ X.T + 1), is_symmetric(matrix("A", n, n))
    (True, True, False)
    """
    return _found(matrix, _symmetric, _is_symmetric)


def is_semidefinite(matrix: Expression) -> bool:
    """Whether a matrix is provably symmetric with no negative eigenvalue.

    >>> from symbolic.operations import eye
    >>> from symbolic.variables import dims, matrix, scalar
    >>> n, d = dims("n d")
    >>> X, lam = matrix("X", n, d), scalar("lam", domain="positive")
    >>> is_semidefinite(X.T @ X + lam * eye(d)), is_semidefinite(X.T @ X - lam * eye(d))
    (True, False)
    """
    return _found(matrix, _semidefinite, _is_semidefinite)


def _found(matrix: Expression, known: Known, decide: Callable[[Expression], bool]) -> bool:
    if not _is_square(matrix):
        return False
    if matrix not in known:
        for node in postorder(matrix, known):
            known[node] = _is_square(node) and decide(node)
    return known[matrix]


def _is_square(node: Expression) -> bool:
    return node.rank == 2 and node.shape[0] == node.shape[1]


def _is_symmetric(node: Expression) -> bool:
    match node:
        case Variable():
            return domain_of(node.domain).symmetric
        case Named():
            return _symmetric[node.meaning]
        case Sum():
            turned = [term for term in node.terms if not _symmetric[term]]
            return len(turned) <= MOST_FACTORS and all(
                sum(_is_transpose(term, other) for other in turned) == 1 for term in turned
            )
        case Elementwise():
            return all(_symmetric[operand] for operand in node.operands)
        case Apply():
            return node.function in ("inv", "expm") and _symmetric[node.operand]
        case Contraction():
            return node.output[0] == node.output[1] or any(_exchanges(node, node))
        case _:
            return False


def _is_semidefinite(node: Expression) -> bool:
    match node:
        case Variable():
            return node.domain in SEMIDEFINITE
        case Named():
            return _semidefinite[node.meaning]
        case Sum():
            return all(_semidefinite[term] for term in node.terms)
        case Apply(function="inv"):
            return _semidefinite[node.operand]
        case Apply(function="expm"):
            return is_symmetric(node.operand)
        case Contraction():
            return bool(node.coefficient.is_nonnegative) and _is_square_form(node)
        case _:
            return False


def _is_transpose(term: Expression, other: Expression) -> bool:
    """Whether one term of a sum is the transpose of another."""
    first, second = _as_product(term), _as_product(other)
    return first.coefficient == second.coefficient and any(_exchanges(first, second))


def _as_product(node: Expression) -> Contraction:
    return node if isinstance(node, Contraction) else Contraction([node], [(0, 1)], (0, 1))


# --- products ------------------------------------------------------------------------------------


def _factors(node: Contraction) -> Counter[Factor]:
    """The factors of a product with how often each occurs, products of products multiplied out."""
    factors: Counter[Factor] = Counter()
    fresh = len(node.sizes)
    waiting = list(zip(node.operands, node.labels, strict=True))
    while waiting and len(factors) <= MOST_FACTORS:
        factor, at = waiting.pop()
        if not isinstance(factor, Contraction) or not _opens(factor):
            factors[factor, at] += 1
            continue
        outside = dict(zip(factor.output, at, strict=True))
        for label in range(len(factor.sizes)):
            if label not in outside:
                outside[label], fresh = fresh, fresh + 1
        waiting.extend(
            (each, tuple(outside[label] for label in inside))
            for each, inside in zip(factor.operands, factor.labels, strict=True)
        )
    return factors


def _opens(factor: Contraction) -> bool:
    """Whether a factor is a product whose coefficient does not change a sign."""
    return len(set(factor.output)) == len(factor.output) and bool(factor.coefficient.is_positive)


def _exchanges(node: Contraction, other: Contraction) -> Iterator[dict[int, int]]:
    """The renamings of the labels of one product that make it the transpose of the other."""
    factors, twins = _factors(node), _factors(other)
    if len(factors) > MOST_FACTORS or len(factors) != len(twins):
        return
    order = list(factors)
    waiting: list[dict[int, int]] = [dict(zip(node.output, other.output[::-1], strict=True))]
    done = [0]
    while waiting:
        renamed, count = waiting.pop(), done.pop()
        if count == len(order):
            yield renamed
            continue
        factor, at = order[count]
        for (twin, there), times in twins.items():
            if twin is not factor or times != factors[factor, at]:
                continue
            for way in {there, there[::-1]} if is_symmetric(twin) else {there}:
                extended = _extended(renamed, at, way)
                if extended is not None:
                    waiting.append(extended)
                    done.append(count + 1)


def _extended(renamed: dict[int, int], at: Labels, way: Labels) -> dict[int, int] | None:
    """A renaming that also takes the labels of one factor to those of another."""
    extended = dict(renamed)
    for label, other in zip(at, way, strict=True):
        if extended.setdefault(label, other) != other:
            return None
    return extended if len(set(extended.values())) == len(extended) else None


def _is_square_form(node: Contraction) -> bool:
    """Whether a product is `sum_k w_k * U_k.T @ S_k @ U_k`, w nonnegative and S semidefinite."""
    if node.output[0] == node.output[1]:
        return all(nonnegative(factor) for factor in node.operands)
    return any(_is_mirrored(node, renamed) for renamed in _exchanges(node, node))


def _is_mirrored(node: Contraction, renamed: dict[int, int]) -> bool:
    """Whether the factors are weights, pairs of mirror images, and semidefinite ones between them."""
    if any(renamed[other] != label for label, other in renamed.items()):
        return False
    parts: list[set[int]] = []  # labels that factors tie to each other
    for factor, at in _factors(node):
        moving = {label for label in at if renamed[label] != label}
        if not moving:
            if not nonnegative(factor):
                return False
        elif len(at) == 2 and renamed[at[0]] == at[1]:
            if not is_semidefinite(factor):
                return False
        else:
            tied = [part for part in parts if part & moving]
            parts = [part for part in parts if part not in tied] + [moving.union(*tied)]
    return all(part.isdisjoint(renamed[label] for label in part) for part in parts)
