"""Declaring: variables of a shape and a domain, named intermediates, unspecified functions."""

from __future__ import annotations

import sympy

from symbolic.errors import NotAllowedError
from symbolic.functions import ELEMENTWISE, unspecified_function
from symbolic.nodes import (
    Elementwise,
    Expression,
    Named,
    Unspecified,
    Variable,
    kernel_symbol,
)
from symbolic.operations import as_expression
from symbolic.sizes import dims

__all__ = [
    "dims", "elementwise", "matrix", "named", "scalar", "tensor", "unspecified", "vector",
]  # fmt: skip


def tensor(name: str, *shape: object, domain: str = "real") -> Variable:
    """A variable of any rank.

    >>> n, d = dims("n d")
    >>> tensor("A", n, d, 3).shape
    (n, d, 3)
    """
    return Variable(name, shape, domain)


def scalar(name: str, *, domain: str = "real") -> Variable:
    """A scalar variable."""
    return Variable(name, (), domain)


def vector(name: str, n: object, *, domain: str = "real") -> Variable:
    """A vector of n entries."""
    return Variable(name, (n,), domain)


def matrix(name: str, n: object, m: object, *, domain: str = "real") -> Variable:
    """A matrix of n rows and m columns."""
    return Variable(name, (n, m), domain)


def named(name: str, meaning: Expression) -> Named:
    """An intermediate with a name of its own, such as the logits z = X w.

    >>> n, d = dims("n d")
    >>> z = named("z", matrix("X", n, d) @ vector("w", d))
    >>> str(z), str(z.meaning)
    ('z', 'X @ w')
    """
    return Named(name, as_expression(meaning))


def unspecified(name: str, operand: Expression) -> Unspecified:
    """A differentiable scalar function of `operand` of which nothing else is assumed."""
    return Unspecified(name, as_expression(operand))


class UnspecifiedFunction:
    """A differentiable elementwise function of which only the name is known; see `elementwise`."""

    def __init__(self, name: str, order: int = 0) -> None:
        self.name = name
        self._order = order

    @property
    def prime(self) -> UnspecifiedFunction:
        """Its derivative."""
        return UnspecifiedFunction(self.name, self._order + 1)

    def __call__(self, a: object) -> Expression:
        """The function applied entry by entry."""
        x = kernel_symbol(0)
        kernel = unspecified_function(self.name, self._order)(x)
        return Elementwise(sympy.Lambda((x,), kernel), [as_expression(a)])


def elementwise(name: str) -> UnspecifiedFunction:
    """A differentiable elementwise function of which only the name is known, such as an activation.

    >>> f, z = elementwise("f"), vector("z", "n")
    >>> str(f(z) * f.prime(z))
    "f(z)*f'(z)"
    """
    if not isinstance(name, str) or not name.isidentifier() or name in ELEMENTWISE:
        raise NotAllowedError(
            f"elementwise({name!r})", "not a free name", "use an identifier that names no function"
        )
    return UnspecifiedFunction(name)
