"""Sums in canonical form: equal terms added, and what terms have in common written once.

`X.T @ p/n - X.T @ y/n` is `X.T @ (p - y)/n`.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

import sympy

from symbolic.algebra.contractions import Product
from symbolic.algebra.orientation import turned
from symbolic.algebra.weights import length
from symbolic.nodes import Contraction, Expression, Iverson, Sum

SHORT = 5  # operands; in a longer product only those at its ends are taken out
MOST_TRIES = 6  # operands that are tried as a common factor before a sum stays as it is
MOST_TERMS = 512  # a longer sum stays nested, so that flattening stays linear

Canonical = Callable[[Expression], Expression]
Place = tuple[Expression, tuple[int, ...]]  # an operand, and the output axis of each of its axes


def factored(terms: list[Expression], canonical: Canonical) -> Expression:
    """A sum of canonical terms with what they have in common written once, where that is shorter."""
    common, rest = common_coefficient(terms)
    rest = collect(rest, canonical)
    if len(rest) == 1:
        return times(common, rest[0])
    total = Sum(sorted(rest, key=lambda term: term.key))
    return total if common == 1 else times(common, total)


def opened_terms(node: Sum) -> list[Expression]:
    """The terms of a sum with sums inside it, and multiples of sums, opened."""
    found: list[Expression] = []
    stack = list(reversed(node.terms))
    while stack:
        term = stack.pop()
        if isinstance(term, Sum) and len(term.terms) <= MOST_TERMS:
            stack.extend(reversed(term.terms))
            continue
        inner = _multiple_of_sum(term)
        if inner is not None and len(found) + len(stack) < MOST_TERMS:
            coefficient, whole = inner
            stack.extend(times(coefficient, each) for each in reversed(whole.terms))
            continue
        found.append(term)
    return found


def _multiple_of_sum(term: Expression) -> tuple[sympy.Expr, Sum] | None:
    if isinstance(term, Contraction) and len(term.operands) == 1:
        (operand,) = term.operands
        axes = tuple(range(operand.rank))
        if isinstance(operand, Sum) and term.labels[0] == term.output == axes:
            return term.coefficient, operand
    return None


def times(coefficient: sympy.Expr, node: Expression) -> Expression:
    product = Product(coefficient, dict(enumerate(node.shape)))
    axes = tuple(range(node.rank))
    product.multiply(node, axes, whole=True)
    return product.finish(axes)


_bare_keys: WeakKeyDictionary[Expression, bytes] = WeakKeyDictionary()


def common_coefficient(terms: list[Expression]) -> tuple[sympy.Expr, list[Expression]]:
    """The coefficient that all terms share, with the sign that makes the first term positive."""
    parts = [coefficient_of(term) for term in terms]
    if any(part == 0 for part in parts):
        return sympy.S.One, terms
    first = min(range(len(terms)), key=lambda i: _bare_key(terms[i]))
    ratios = [part / parts[first] for part in parts]
    sign = -1 if parts[first].is_negative else 1
    if all(ratio.is_Rational for ratio in ratios):
        content = sympy.gcd_list([abs(ratio) for ratio in ratios])
        common = abs(parts[first]) * content * sign
    else:
        common = sign * _common_factor(parts)
    if common == 1:
        return common, terms
    return common, [times(1 / common, term) for term in terms]


def _common_factor(parts: list[sympy.Expr]) -> sympy.Expr:
    """The number and the powers of sizes that coefficients share: 2/n of 2/n and -2/n**2."""
    numbers = {abs(part.as_coeff_Mul()[0]) for part in parts}
    common = numbers.pop() if len(numbers) == 1 else sympy.S.One
    powers = [part.as_powers_dict() for part in parts]
    for size in sorted(powers[0].keys() & set().union(*powers[1:]), key=str):
        exponents = [sympy.sympify(each[size]) for each in powers]
        if size.is_Symbol and all(e.is_Integer for e in exponents):
            least = min(exponents, key=abs)
            common *= size**least if all(e * least > 0 for e in exponents) else 1
    return common


def _bare_key(term: Expression) -> bytes:
    """A key that all multiples of a canonical term share, and of a matrix its transpose."""
    found = _bare_keys.get(term)
    if found is None:
        bare = times(1 / coefficient_of(term), term)
        found = min(bare.key, turned(bare).key) if bare.rank == 2 else bare.key
        _bare_keys[term] = found
    return found


def coefficient_of(term: Expression) -> sympy.Expr:
    """The coefficient in front of a canonical term."""
    return term.coefficient if isinstance(term, Contraction) else sympy.S.One


def collect(terms: list[Expression], canonical: Canonical) -> list[Expression]:
    """The terms with common outer factors taken out, as long as that makes the sum shorter."""
    while len(terms) > 1:
        shared = sorted(_shared_places(terms).items(), key=_gain, reverse=True)
        for place, members in shared[:MOST_TRIES]:
            together = _together(terms, place, members, canonical)
            if together is None:
                continue
            if length(together) + 3 <= sum(length(terms[i]) + 3 for i in members):
                terms = [term for i, term in enumerate(terms) if i not in members] + [together]
                break
        else:
            return terms
    return terms


def _gain(shared: tuple[Place, list[int]]) -> tuple[int, bytes, tuple[int, ...]]:
    """About how much shorter a sum becomes when an operand is taken out of its members."""
    (operand, axes), members = shared
    return (len(members) - 1) * (length(operand) + 3), operand.key, axes


def _shared_places(terms: list[Expression]) -> dict[Place, list[int]]:
    """Operands that stand at the same output axes in several terms; -1 marks a summed axis."""
    found: dict[Place, list[int]] = {}
    for i, term in enumerate(terms):
        if not isinstance(term, Contraction) or len(set(term.output)) < len(term.output):
            continue
        if any(isinstance(operand, Iverson) for operand in term.operands):
            continue  # x[1:] - x[:-1] stays a difference of slices
        for operand, labels in zip(term.operands, term.labels, strict=True):
            axes = tuple(term.output.index(x) if x in term.output else -1 for x in labels)
            if len(set(labels)) == len(labels) and _is_outer(term, axes):
                members = found.setdefault((operand, axes), [])
                if not members or members[-1] != i:
                    members.append(i)
    return {place: members for place, members in found.items() if len(members) > 1}


def _is_outer(term: Contraction, axes: tuple[int, ...]) -> bool:
    """Whether an operand is at an end of a product, where people take out common factors."""
    short = len(term.operands) <= SHORT
    return short or len(axes) < 2 or (max(axes) >= 0 and bool(term.output))


def _together(
    terms: list[Expression], place: Place, members: list[int], canonical: Canonical
) -> Expression | None:
    """The members as one product: the shared operand times the sum of what remains of each."""
    shared, axes = place
    remains = []
    outside: tuple[int, ...] | None = None
    for i in members:
        term = terms[i]
        assert isinstance(term, Contraction)
        which = next(
            k
            for k, (operand, labels) in enumerate(zip(term.operands, term.labels, strict=True))
            if operand is shared
            and axes == tuple(term.output.index(x) if x in term.output else -1 for x in labels)
        )
        rest = [k for k in range(len(term.operands)) if k != which]
        held = {label for k in rest for label in term.labels[k]}
        inner = [x for x, axis in zip(term.labels[which], axes, strict=True) if axis == -1]
        outer = tuple(axis for axis, label in enumerate(term.output) if label in held)
        if outside is None:
            outside = outer
        if outer != outside:
            return None
        product = Product(term.coefficient, dict(enumerate(term.sizes)))
        for k in rest:
            product.multiply(term.operands[k], term.labels[k], whole=True)
        if not term.output and len(rest) > 1 and any(len(term.labels[k]) > 1 for k in rest):
            return None  # x @ A @ x + b @ x stays a quadratic and a linear form
        if len(inner) + len(outer) > max(2, term.rank):
            return None  # no notation for what would remain
        remains.append(product.finish([*inner, *(term.output[axis] for axis in outer)]))
    rank = terms[members[0]].rank
    sizes = dict(enumerate(terms[members[0]].shape))
    inner_labels = []
    labels = []
    for axis, size in zip(axes, shared.shape, strict=True):
        if axis == -1:
            inner_labels.append(len(sizes))
            labels.append(len(sizes))
            sizes[len(sizes)] = size
        else:
            labels.append(axis)
    product = Product(sympy.S.One, sizes)
    product.multiply(shared, labels, whole=True)
    total = canonical(Sum(remains))
    product.multiply(total, [*inner_labels, *(outside or ())], whole=True)
    return product.finish(tuple(range(rank)))
