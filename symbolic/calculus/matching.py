"""Matching: what the variables of a pattern must stand for to make it a given expression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sympy

from symbolic.algebra.identities import summing_axes
from symbolic.calculus.matrix_rules import has_orthonormal_columns
from symbolic.domains import domain_of
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
from symbolic.operations import as_expression
from symbolic.sizes import Shape, Size, as_size
from symbolic.traverse import depends_on, postorder, variables

Form: TypeAlias = int | sympy.Basic  # in sizes; a kernel may have them too


@dataclass
class Binding:
    """What variables stand for, what the letters of sizes are, and which names are places.

    `pairs` are forms in sizes of the pattern with what they have to be: they are compared once all
    letters are known, because a letter may mean another size in the expression.
    """

    variables: dict[Variable, Expression] = field(default_factory=dict)
    sizes: dict[sympy.Symbol, Size] = field(default_factory=dict)
    names: dict[Named, Named] = field(default_factory=dict)
    pairs: list[tuple[sympy.Basic, Form]] = field(default_factory=list)

    def bind(self, variable: Variable, value: Expression) -> bool:
        """Whether a variable of the pattern can stand for this expression, which keeps its domain."""
        known = self.variables.setdefault(variable, value)
        fits = known is value and self.bind_shape(variable.shape, value.shape)
        return fits and _in_domain(variable, value)

    def bind_shape(self, pattern: Shape, shape: Shape) -> bool:
        """Whether a shape of the pattern can be this shape."""
        return len(pattern) == len(shape) and all(
            self.bind_size(a, b) for a, b in zip(pattern, shape, strict=True)
        )

    def bind_size(self, pattern: Size, size: Size) -> bool:
        """Whether a size of the pattern can be this size."""
        if isinstance(pattern, sympy.Symbol):
            return self.sizes.setdefault(pattern, size) == size
        return self.bind_form(pattern, size)

    def bind_form(self, pattern: Form, form: Form) -> bool:
        """Whether a form in sizes of the pattern can be this form; it is known in the end."""
        if isinstance(pattern, int) or not pattern.free_symbols:
            return bool(pattern == form)
        self.pairs.append((pattern, form))
        return True

    def fits(self) -> bool:
        """Whether the forms agree, now that the letters are known; not where one is unknown."""
        return all(
            self.knows(pattern) and _equal(self.form(pattern), form) for pattern, form in self.pairs
        )

    def knows(self, pattern: Form) -> bool:
        """Whether every letter of a form in sizes is known."""
        return isinstance(pattern, int) or pattern.free_symbols <= set(self.sizes)

    def form(self, pattern: sympy.Basic) -> Any:
        """A form in sizes of the pattern in the letters of the expression."""
        return pattern.subs(self.sizes, simultaneous=True)

    def size(self, pattern: Size) -> Size:
        """A size of the pattern in the letters of the expression."""
        return pattern if isinstance(pattern, int) else as_size(self.form(pattern))


def _equal(a: Any, b: Any) -> bool:
    """Whether two forms in sizes, or two kernels with sizes in them, are one."""
    kernels = isinstance(a, sympy.Lambda) or isinstance(b, sympy.Lambda)
    return bool(a == b) or (not kernels and sympy.expand(a - b) == 0)


def match(
    pattern: Expression,
    expression: Expression,
    values: Iterable[tuple[Variable, Expression]] = (),
) -> Binding | None:
    """The binding that makes the pattern the expression, if there is one.

    `values` says what some variables stand for. Names are seen through, but in a derivative by them. A
    variable stands for an expression of its shape that keeps what its domain says; what is
    differentiated has no other variable that depends on the place.
    """
    binding = Binding()
    if not all(binding.bind(variable, value) for variable, value in values):
        return None
    todo = [(pattern, expression, (frozenset[Named](), frozenset[Named]()))]
    while todo:
        a, b, places = todo.pop()
        parts = _match_node(a, b, binding, places)
        if parts is None:
            return None
        if isinstance(a, Derivative) and isinstance(b, Derivative):
            places = (_with_place(places[0], a), _with_place(places[1], b))
        todo.extend((*pair, places) for pair in parts)
    return binding if binding.fits() and _places_are_free(pattern, binding) else None


Places = frozenset[Named]


def _with_place(places: Places, node: Derivative) -> Places:
    """The names by which is differentiated: inside they are no abbreviations."""
    return places | {node.variable} if isinstance(node.variable, Named) else places


def _match_node(
    a: Expression, b: Expression, binding: Binding, places: tuple[Places, Places]
) -> list[tuple[Expression, Expression]] | None:
    if isinstance(a, Named) and a in places[0]:
        if not isinstance(b, Named) or b not in places[1]:
            return None
        taken = [one for one, other in binding.names.items() if other is b and one is not a]
        known = binding.names.setdefault(a, b)
        return [(a.meaning, b.meaning)] if known is b and not taken else None
    if isinstance(a, Named):
        return [(a.meaning, b.meaning if isinstance(b, Named) and b not in places[1] else b)]
    if isinstance(a, Variable):
        return [] if binding.bind(a, b) else None
    if isinstance(b, Named):
        return [(a, b.meaning)] if b not in places[1] else None
    if type(a) is not type(b) or len(a.children) != len(b.children):
        return None
    if not binding.bind_shape(a.shape, b.shape) or not _same_form(a, b, binding):
        return None
    return list(zip(a.children, b.children, strict=True))


def _same_form(a: Expression, b: Expression, binding: Binding) -> bool:
    """Whether two nodes of one type do the same to their children."""
    match a, b:
        case Contraction(), Contraction():
            if (a.labels, a.output) != (b.labels, b.output):
                return False
            sizes = all(binding.bind_size(x, y) for x, y in zip(a.sizes, b.sizes, strict=True))
            return sizes and binding.bind_form(a.coefficient, b.coefficient)
        case Elementwise(), Elementwise():
            return binding.bind_form(a.kernel, b.kernel)
        case Apply(), Apply():
            return (a.function, a.axis) == (b.function, b.axis)
        case Unspecified(), Unspecified():
            return a.name == b.name
        case Iverson(), Iverson():
            sizes = all(binding.bind_size(x, y) for x, y in zip(a.shape, b.shape, strict=True))
            numbers = zip((*a.coefficients, a.offset), (*b.coefficients, b.offset), strict=True)
            forms = all(binding.bind_form(x, y) for x, y in numbers)
            return sizes and forms and a.relation == b.relation
        case Sum() | Derivative(), _:
            return True
    return False


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
    return domain.name == "orthogonal" and has_orthonormal_columns(value)


def _places_are_free(pattern: Expression, binding: Binding) -> bool:
    """Whether what variables stand for does not depend on the place of a derivative around them."""
    for node in postorder(pattern):
        if isinstance(node, Derivative):
            of = node.variable
            place = binding.names[of] if isinstance(of, Named) else binding.variables[of]
            if not isinstance(place, (Variable, Named)):
                return False
            inside = (binding.variables[each] for each in variables(node) if each is not of)
            if any(value in depends_on(value, place) for value in inside):
                return False
    return True


def instantiate(pattern: Expression, binding: Binding) -> Expression | None:
    """The pattern with its variables and sizes replaced as the binding says.

    None where the binding does not say what a variable, a size or a name that is a place stands for, or a
    variable in a derivative would depend on its place.
    """
    if not (_is_bound(pattern, binding) and _places_are_free(pattern, binding)):
        return None
    new: dict[Expression, Expression] = {}
    for node in postorder(pattern):
        children = tuple(new[child] for child in node.children)
        match node:
            case Variable():
                new[node] = binding.variables[node]
            case Named():
                new[node] = binding.names.get(node, children[0])
            case Contraction():
                sizes = {label: binding.size(size) for label, size in enumerate(node.sizes)}
                coefficient = binding.form(node.coefficient)
                new[node] = Contraction(children, node.labels, node.output, sizes, coefficient)
            case Sum():
                new[node] = Sum(children)
            case Elementwise():
                new[node] = Elementwise(binding.form(node.kernel), children)
            case Apply():
                new[node] = Apply(node.function, children, node.axis)
            case Unspecified():
                new[node] = Unspecified(node.name, children[0])
            case Derivative():
                new[node] = Derivative(children[0], children[1])
            case Iverson():
                new[node] = Iverson(
                    [binding.size(size) for size in node.shape],
                    [binding.form(sympy.sympify(each)) for each in node.coefficients],
                    binding.form(sympy.sympify(node.offset)),
                    node.relation,
                )
            case _:
                new[node] = as_expression(node)
    return new[pattern]


def _is_bound(pattern: Expression, binding: Binding) -> bool:
    """Whether the binding says what everything in a pattern stands for."""
    nodes = postorder(pattern)
    if any(isinstance(node, Expectation) for node in nodes):
        return False
    places = {node.variable for node in nodes if isinstance(node, Derivative)}
    return (
        {place for place in places if isinstance(place, Named)} <= set(binding.names)
        and all(binding.knows(form) for node in postorder(pattern) for form in _forms(node))
        and set(variables(pattern)) <= set(binding.variables)
    )


def _forms(node: Expression) -> tuple[Form, ...]:
    """The forms in sizes of one node."""
    match node:
        case Contraction():
            return (*node.sizes, node.coefficient)
        case Elementwise():
            return (node.kernel,)
        case Iverson():
            return (*node.shape, *node.coefficients, node.offset)
        case _:
            return ()
