"""Variances and covariances from centred data.

| written                      | computed                              |
|------------------------------|---------------------------------------|
| `mean(x**2) - mean(x)**2`    | `mean((x - mean(x))**2)`              |
| `mean(x*y) - mean(x)*mean(y)` | `mean((x - mean(x))*(y - mean(y)))`  |
| `X.T @ X/n - outer(m, m)`    | `(X - m).T @ (X - m)/n`, m the column means |

Each row is an identity. Both factors are centred, because the mean is rounded too. The left side is a
difference of large numbers where the mean is large against the spread, and may come out negative.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import count

import sympy

from symbolic.code.cancellation import meaning
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.sizes import Size

MOST_FACTORS = 4  # of a product that is read

Labels = tuple[Hashable, ...]


@dataclass
class _Product:
    """A flat product: a coefficient, factors with their labels, and the labels of the result."""

    coefficient: sympy.Expr
    factors: list[tuple[Expression, Labels]]
    output: Labels
    sizes: dict[Hashable, Size]

    def summed(self, place: int) -> list[Hashable]:
        """The labels of a factor that are summed over."""
        return [label for label in self.factors[place][1] if label not in self.output]


def centred(total: Sum) -> Expression:
    """A sum with the pairs of terms of the table replaced.

    >>> from symbolic.operations import mean
    >>> from symbolic.variables import vector
    >>> x = vector("x", "n")
    >>> isinstance(centred(mean(x**2) - mean(x)**2), Sum)
    False
    """
    terms = list(total.terms)
    products = [_read(term) for term in terms]
    for place, whole in enumerate(products):
        for other, apart in enumerate(products):
            if whole is None or apart is None or place == other:
                continue
            found = _covariance(whole, apart)
            if found is not None:
                rest = [term for k, term in enumerate(terms) if k not in (place, other)]
                return Sum([*rest, found]) if rest else found
    return total


def _covariance(whole: _Product, apart: _Product) -> Expression | None:
    """`whole` + `apart` as one product, where that is a sum of products less products of sums."""
    if len(whole.factors) != 2 or len(apart.factors) != 2:
        return None
    for order in ((0, 1), (1, 0)):
        turned = [apart.factors[k] for k in order]
        summed = [apart.summed(k) for k in order]
        if not summed[0] or any(label in summed[1] for label in summed[0]):
            continue
        if _is_product_of_sums(whole, apart, turned):
            return _of_centred(whole)
    return None


def _is_product_of_sums(
    whole: _Product, apart: _Product, turned: Sequence[tuple[Expression, Labels]]
) -> bool:
    """Whether `apart` is -1/N of the product of the sums of the two factors of `whole`."""
    shared = whole.summed(0)
    if not shared or set(shared) != set(whole.summed(1)):
        return False
    if any(len(set(at)) < len(at) for _, at in (*whole.factors, *turned)):
        return False
    numbers = sympy.Mul(*(whole.sizes[label] for label in shared))
    if sympy.expand(apart.coefficient * numbers + whole.coefficient) != 0:
        return False
    for (one, at), (other, there) in zip(whole.factors, turned, strict=True):
        if one is not other:
            return False
        kept = [whole.output.index(x) if x in whole.output else None for x in at]
        if kept != [apart.output.index(x) if x in apart.output else None for x in there]:
            return False
    return True


def _of_centred(whole: _Product) -> Expression:
    (u, at), (v, there) = whole.factors
    operands = [_less_mean(u, at, whole), _less_mean(v, there, whole)]
    return Contraction(operands, [at, there], whole.output, whole.sizes, whole.coefficient)


def _less_mean(node: Expression, at: Labels, whole: _Product) -> Expression:
    """A factor less its mean over the summed labels."""
    kept = [label for label in at if label in whole.output]
    numbers = sympy.Mul(*(whole.sizes[label] for label in at if label not in kept))
    total = Contraction([node], [at], kept, coefficient=-1 / numbers)
    return Sum([node, Contraction([total], [kept], at, whole.sizes)])


# --- products read flat --------------------------------------------------------------------------


def _read(term: Expression) -> _Product | None:
    """A term as a flat product of at most `MOST_FACTORS` factors."""
    axes: Labels = tuple(("axis", k) for k in range(term.rank))
    product = _Product(sympy.S.One, [], axes, dict(zip(axes, term.shape, strict=True)))
    fresh = count()
    stack: list[tuple[Expression, Labels]] = [(term, axes)]
    while stack:
        node, at = stack.pop()
        inner = meaning(node)
        if isinstance(inner, Elementwise) and inner.kernel.expr == kernel_symbol(0) ** 2:
            stack.extend([(inner.operands[0], at)] * 2)
        elif isinstance(inner, Contraction) and len(set(inner.output)) == len(inner.output):
            product.coefficient = product.coefficient * inner.coefficient
            names = dict(zip(inner.output, at, strict=True))
            for label in inner.summed:
                names[label] = ("summed", next(fresh))
                product.sizes[names[label]] = inner.sizes[label]
            for operand, labels in zip(inner.operands, inner.labels, strict=True):
                stack.append((operand, tuple(names[label] for label in labels)))
            held = {label for labels in inner.labels for label in labels}
            if any(label not in held for label in inner.summed):
                return None
        else:
            product.factors.append((inner, at))
        if len(product.factors) + len(stack) > MOST_FACTORS:
            return None
    return product
