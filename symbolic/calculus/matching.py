"""Matching: what the variables of a pattern must stand for to make it a given expression."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy

from symbolic.algebra.identities import summing_axes
from symbolic.domains import domain_of
from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Sum,
    Unspecified,
    Variable,
)
from symbolic.operations import as_expression
from symbolic.sizes import Shape, Size, as_size
from symbolic.traverse import depends_on, postorder


@dataclass
class Binding:
    """What variables stand for, and what the letters of sizes are."""

    variables: dict[Variable, Expression] = field(default_factory=dict)
    sizes: dict[sympy.Symbol, Size] = field(default_factory=dict)

    def bind_shape(self, pattern: Shape, shape: Shape) -> bool:
        """Whether a shape of the pattern can be this shape."""
        return len(pattern) == len(shape) and all(
            self.bind_size(a, b) for a, b in zip(pattern, shape, strict=True)
        )

    def bind_size(self, pattern: Size, size: Size) -> bool:
        """Whether a size of the pattern can be this size."""
        if isinstance(pattern, sympy.Symbol):
            return self.sizes.setdefault(pattern, size) == size
        return self.size(pattern) == size

    def size(self, pattern: Size) -> Size:
        """A size of the pattern in the letters of the expression."""
        if isinstance(pattern, int):
            return pattern
        return as_size(pattern.subs(self.sizes, simultaneous=True))


def match(pattern: Expression, expression: Expression) -> Binding | None:
    """The binding that makes the pattern the expression, if there is one.

    Names are seen through. A variable stands for an expression of its shape that keeps what its domain
    says; in a derivative by a variable, the other variables may not depend on it.
    """
    binding = Binding()
    todo = [(pattern, expression)]
    while todo:
        a, b = todo.pop()
        parts = _match_node(a, b, binding)
        if parts is None:
            return None
        todo.extend(parts)
    return binding if _places_are_free(pattern, binding) else None


def _match_node(
    a: Expression, b: Expression, binding: Binding
) -> list[tuple[Expression, Expression]] | None:
    if isinstance(a, Named):
        return [(a.meaning, b.meaning if isinstance(b, Named) else b)]
    if isinstance(a, Variable):
        known = binding.variables.setdefault(a, b)
        fits = known is b and binding.bind_shape(a.shape, b.shape) and _in_domain(a, b)
        return [] if fits else None
    if isinstance(b, Named):
        return [(a, b.meaning)]
    if type(a) is not type(b) or len(a.children) != len(b.children):
        return None
    if not binding.bind_shape(a.shape, b.shape) or not _same_form(a, b, binding):
        return None
    return list(zip(a.children, b.children, strict=True))


def _same_form(a: Expression, b: Expression, binding: Binding) -> bool:
    """Whether two nodes of one type do the same to their children."""
    match a, b:
        case Contraction(), Contraction():
            same = (a.labels, a.output) == (b.labels, b.output)
            sizes = all(binding.bind_size(x, y) for x, y in zip(a.sizes, b.sizes, strict=True))
            return same and sizes and _number(a.coefficient, binding) == b.coefficient
        case Elementwise(), Elementwise():
            return a.kernel == b.kernel
        case Apply(), Apply():
            return (a.function, a.axis) == (b.function, b.axis)
        case Unspecified(), Unspecified():
            return a.name == b.name
        case Iverson(), Iverson():
            sizes = all(binding.bind_size(x, y) for x, y in zip(a.shape, b.shape, strict=True))
            numbers = tuple(_number(each, binding) for each in (*a.coefficients, a.offset))
            same = numbers == (*b.coefficients, b.offset)
            return sizes and same and a.relation == b.relation
        case Sum() | Derivative(), _:
            return True
    return False


def _number(coefficient: sympy.Expr, binding: Binding) -> sympy.Expr:
    return coefficient.subs(binding.sizes, simultaneous=True)


def _in_domain(variable: Variable, value: Expression) -> bool:
    """Whether an expression provably keeps what the domain of a variable says."""
    if variable.domain == "real":
        return True
    domain = domain_of(variable.domain)
    while isinstance(value, Named):
        value = value.meaning
    if isinstance(value, Variable) and value.domain == variable.domain:
        return True
    if domain.name == "prob":
        return summing_axes(value) == (variable.rank - 1,)
    return False


def _places_are_free(pattern: Expression, binding: Binding) -> bool:
    """Whether what variables stand for does not depend on the place of a derivative around them."""
    for node in postorder(pattern):
        if isinstance(node, Derivative) and isinstance(node.variable, Variable):
            place = binding.variables[node.variable]
            if not isinstance(place, (Variable, Named)):
                return False
            for variable, value in binding.variables.items():
                if variable is not node.variable and value in depends_on(value, place):
                    return False
    return True


def instantiate(pattern: Expression, binding: Binding) -> Expression:
    """The pattern with its variables and sizes replaced as the binding says."""
    new: dict[Expression, Expression] = {}
    for node in postorder(pattern):
        children = tuple(new[child] for child in node.children)
        match node:
            case Variable():
                new[node] = binding.variables[node]
            case Named():
                new[node] = children[0]
            case Contraction():
                sizes = {label: binding.size(size) for label, size in enumerate(node.sizes)}
                coefficient = _number(node.coefficient, binding)
                new[node] = Contraction(children, node.labels, node.output, sizes, coefficient)
            case Sum():
                new[node] = Sum(children)
            case Elementwise():
                new[node] = Elementwise(node.kernel, children)
            case Apply():
                new[node] = Apply(node.function, children, node.axis)
            case Unspecified():
                new[node] = Unspecified(node.name, children[0])
            case Derivative():
                new[node] = Derivative(children[0], children[1])
            case Iverson():
                new[node] = Iverson(
                    [binding.size(size) for size in node.shape],
                    [_number(each, binding) for each in node.coefficients],
                    _number(node.offset, binding),
                    node.relation,
                )
            case _:
                new[node] = as_expression(node)
    return new[pattern]
