"""The rules of differentiation, each a named value that is executed.

A rule rewrites inert derivatives `D(u, x)` by one step, wherever it applies. The same objects make the
steps of a machine-made derivation and check the steps that an author writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symbolic.algebra.identities import LAWS, Law
from symbolic.algebra.normal import expand
from symbolic.algebra.simplification import ALGEBRA, Canonicalizer
from symbolic.calculus.accumulation import check_linear_in_last, identity, partial, zero
from symbolic.calculus.places import rewritten
from symbolic.errors import NameUnknownError, UnsupportedError
from symbolic.functions import ELEMENTWISE, elementwise_function
from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expression,
    Named,
    Sum,
    Unspecified,
    Variable,
)
from symbolic.phrases import phrase
from symbolic.structured import STRUCTURED, structured_function
from symbolic.traverse import depends_on, postorder, unfold

MOST_PASSES = 1000  # an exhausted rule stops by itself; this only guards against a faulty rule


@dataclass(frozen=True)
class Rule:
    """One rule: its name, what it says, when it holds, where it is from, and what it does.

    `apply` rewrites one node, or returns None where the rule does not apply. A rule about certain
    expressions keeps them in `about`, and `make` makes the rule from them.
    """

    name: str
    statement: str
    condition: str
    source: str
    apply: Callable[[Expression], Expression | None]
    about: tuple[Expression, ...] = ()
    make: Callable[..., Rule] | None = None

    def renamed(self, replace: Callable[[Expression], Expression]) -> Rule:
        """The rule about other expressions."""
        return self.make(*map(replace, self.about)) if self.make is not None else self

    def once(self, expression: Expression) -> Expression:
        """The rule applied wherever it applies, in one pass.

        What a name stands for is rewritten only where the rule applies to nothing that is written out.
        """
        written = self._everywhere(expression, closed=True)
        return self._everywhere(expression) if written is expression else written

    def exhausted(self, expression: Expression) -> Expression:
        """The rule applied until it applies nowhere, and to what names stand for as in `once`."""
        written = self._repeatedly(expression, closed=True)
        return self._repeatedly(expression) if written is expression else written

    def _everywhere(self, expression: Expression, closed: bool = False) -> Expression:
        """Each node as the rule rewrites it; with `closed`, what names stand for as it is."""
        return rewritten(
            expression,
            self.apply,
            closed=closed,
            within=lambda replace: self.renamed(replace).apply,
        )

    def _repeatedly(self, expression: Expression, closed: bool = False) -> Expression:
        for _ in range(MOST_PASSES):
            after = self._everywhere(expression, closed)
            if after is expression:
                return after
            expression = after
        return expression

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.statement}>"


def see_through(node: Expression, place: Variable | Named) -> Expression:
    """What is differentiated, seen through names other than the place itself."""
    while isinstance(node, Named) and node is not place:
        node = node.meaning
    return node


def _pushed(derivative: Derivative) -> tuple[Expression, Variable | Named, set[Expression]] | None:
    place = derivative.variable
    node = see_through(derivative.expression, place)
    needed = depends_on(node, place)
    return (node, place, needed) if node in needed else None


def _independent(node: Expression) -> Expression | None:
    if isinstance(node, Derivative) and _pushed(node) is None:
        return zero(node.shape)
    return None


def _linearity(node: Expression) -> Expression | None:
    found = _pushed(node) if isinstance(node, Derivative) else None
    if found is None:
        return None
    inner, place, needed = found
    if isinstance(inner, Sum):
        moved = [Derivative(term, place) for term in inner.terms if term in needed]
        return moved[0] if len(moved) == 1 else Sum(moved)
    if isinstance(inner, Contraction):
        moving = [k for k, operand in enumerate(inner.operands) if operand in needed]
        if len(moving) == 1 and (
            inner.operands[moving[0]] is not place or _only_scales(inner, moving[0])
        ):
            return _contracted(inner, moving[0], Derivative(inner.operands[moving[0]], place))
    return None


def _only_scales(node: Contraction, k: int) -> bool:
    """Whether a product is operand k times scalars, at least one of them not 1."""
    others = [each for i, each in enumerate(node.operands) if i != k]
    scalars = all(each.rank == 0 for each in others) and node.labels[k] == node.output
    return scalars and (bool(others) or node.coefficient != 1)


def _contracted(node: Contraction, k: int, slope: Expression) -> Expression:
    """The contraction with operand k replaced by its derivative, whose further axes go last."""
    further = [("x", axis) for axis in range(slope.rank - node.operands[k].rank)]
    operands = [slope if i == k else operand for i, operand in enumerate(node.operands)]
    labels: list[tuple[object, ...]] = [
        (*each, *further) if i == k else tuple(each) for i, each in enumerate(node.labels)
    ]
    sizes = dict(enumerate(node.sizes))
    return Contraction(operands, labels, [*node.output, *further], sizes, node.coefficient)


def _linear_map(node: Expression) -> Expression | None:
    found = _pushed(node) if isinstance(node, Derivative) else None
    if found is None:
        return None
    inner, place, needed = found
    if inner is place:
        return identity(place)
    if isinstance(inner, Contraction):
        moving = [k for k, operand in enumerate(inner.operands) if operand in needed]
        if len(moving) == 1 and inner.operands[moving[0]] is place:
            return _contracted(inner, moving[0], identity(place))
    return None


def _product(node: Expression) -> Expression | None:
    found = _pushed(node) if isinstance(node, Derivative) else None
    if found is None:
        return None
    inner, place, needed = found
    if not isinstance(inner, Contraction):
        return None
    moving = [k for k, operand in enumerate(inner.operands) if operand in needed]
    if len(moving) < 2:
        return None
    return Sum([_contracted(inner, k, Derivative(inner.operands[k], place)) for k in moving])


def _push_elementwise(
    inner: Elementwise, place: Variable | Named, needed: set[Expression]
) -> Expression:
    axes = list(range(inner.rank))
    terms: list[Expression] = []
    for position, operand in enumerate(inner.operands):
        factor = partial(inner, position) if operand in needed else None
        if factor is not None:
            slope = Derivative(operand, place)
            further = list(range(inner.rank, slope.rank))
            terms.append(Contraction([factor, slope], [axes, axes + further], axes + further))
    if not terms:
        return zero(inner.shape + place.shape)
    return terms[0] if len(terms) == 1 else Sum(terms)


def _chain(only: str | None) -> Callable[[Expression], Expression | None]:
    def apply(node: Expression) -> Expression | None:
        found = _pushed(node) if isinstance(node, Derivative) else None
        if found is None:
            return None
        inner, place, needed = found
        if only is not None and function_name(inner) != only:
            return None
        if isinstance(inner, Elementwise):
            return _push_elementwise(inner, place, needed)
        if isinstance(inner, Apply):
            check_linear_in_last(inner, needed)
            slope = Derivative(inner.operands[-1], place)
            return structured_function(inner.function).differential(inner, slope)
        if isinstance(inner, Unspecified) and inner.operand is not place:
            return _through(inner, inner.operand, place)
        return None

    return apply


def _through(outer: Expression, middle: Expression, place: Variable | Named) -> Expression | None:
    """D(outer, place) = D(outer, middle) D(middle, place), middle a name."""
    if not isinstance(middle, (Variable, Named)):
        return None
    first, second = Derivative(outer, middle), Derivative(middle, place)
    front = [("y", i) for i in range(outer.rank)]
    inner = [("u", i) for i in range(middle.rank)]
    back = [("x", i) for i in range(place.rank)]
    return Contraction([first, second], [front + inner, inner + back], front + back)


def function_name(node: Expression) -> str | None:
    """The name of the outermost function of a node: a table function, "power", or its own."""
    if isinstance(node, Apply):
        return node.function
    if isinstance(node, Unspecified):
        return node.name
    if not isinstance(node, Elementwise):
        return None
    kernel = node.kernel.expr
    entry = elementwise_function(kernel)
    if entry is not None:
        return entry.name
    return "power" if kernel.is_Pow else getattr(kernel.func, "__name__", None)


_MAGNUS = "Magnus, Neudecker, Matrix Differential Calculus (2019)"

independent = Rule(
    "constant", "D(c, x) = 0 when c does not contain x", "none", _MAGNUS, _independent
)
linearity = Rule(
    "linearity",
    "D(a u + b v + c, x) = a D(u, x) + b D(v, x), and D of a sum over an index is the sum of D",
    "a, b, c and the index do not depend on x",
    _MAGNUS,
    _linearity,
)
linear_map = Rule(
    "linear map",
    "D(A x, x) = A and D(x, x) = I, for any product that contains x once",
    "A does not depend on x",
    _MAGNUS,
    _linear_map,
)
product_rule = Rule(
    "product rule", "D(u v, x) = D(u, x) v + u D(v, x)", "u and v differentiable", _MAGNUS, _product
)
chain_rule = Rule(
    "chain rule",
    "D(f(u), x) = f'(u) D(u, x)",
    "f differentiable at u",
    _MAGNUS,
    _chain(None),
)
power_rule = Rule(
    "power rule", "D(u^c, x) = c u^(c - 1) D(u, x)", "u^(c - 1) defined", _MAGNUS, _chain("power")
)


def derivative_of(function: object) -> Rule:
    """The chain rule for one named function, such as `derivative_of(softplus)`.

    Raises `NameUnknownError` for a name that no table has.

    >>> derivative_of("softplus").statement
    "softplus'(u) = sigmoid(u)"
    """
    name = function if isinstance(function, str) else getattr(function, "__name__", str(function))
    if name in STRUCTURED:
        entry = STRUCTURED[name]
        return Rule(
            f"differential of {name}", entry.statement, entry.condition, entry.source, _chain(name)
        )
    if name in ELEMENTWISE:
        known = ELEMENTWISE[name]
        return Rule(
            f"derivative of {name}",
            f"{name}'(u) = {_slope_text(name)}",
            known.condition,
            known.source,
            _chain(name),
        )
    if name == "power":
        return power_rule
    if name.isidentifier() and name not in ("D",):
        return Rule(
            f"derivative of {name}", f"D({name}(u), x) = {name}'(u) D(u, x)",
            f"{name} differentiable", "the chain rule", _chain(name),
        )  # fmt: skip
    raise NameUnknownError(f"derivative_of({name!r})", "not a function", "name a table function")


def _slope_text(name: str) -> str:
    import sympy

    from symbolic.calculus.accumulation import slope
    from symbolic.nodes import kernel_symbol
    from symbolic.printing.text_printer import ATOM, Piece, kernel_piece

    entry = ELEMENTWISE[name]
    symbols = tuple(kernel_symbol(i) for i in range(entry.arity))
    kernel = sympy.Lambda(symbols, entry.head(*symbols))
    names = dict(zip(symbols, (Piece("u", ATOM), Piece("v", ATOM)), strict=False))
    return kernel_piece(slope(kernel, 0), names).text


def through(middle: Named | Variable) -> Rule:
    """The chain rule through a named intermediate: D(f, x) = D(f, z) D(z, x).

    It applies where f depends on x through z alone.
    """
    if not isinstance(middle, (Variable, Named)):
        raise UnsupportedError(f"through({middle!r})", "it is no name", "name it with named(...)")

    def apply(node: Expression) -> Expression | None:
        if not isinstance(node, Derivative) or node.variable is middle:
            return None
        if node.expression is middle or middle not in depends_on(node.expression, node.variable):
            return None
        if node.expression in _around(node.expression, node.variable, middle):
            return None
        return _through(node.expression, middle, node.variable)

    return Rule(
        phrase("chain rule through", middle),
        f"D(f, x) = D(f, {middle.name}) D({middle.name}, x)",
        f"f depends on x through {middle.name} alone",
        _MAGNUS,
        apply,
        (middle,),
        through,
    )


def _around(root: Expression, place: Expression, middle: Expression) -> set[Expression]:
    """The nodes of `root` that depend on the place by a way that avoids `middle`."""
    found: set[Expression] = set()
    for node in postorder(root):
        if node is middle:
            continue
        if node is place or any(child in found for child in node.children):
            found.add(node)
    return found


# --- laws ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LawRule:
    """A law of the table of identities as a rule: it rewrites a whole expression by that law."""

    law: Law
    canonicalizer: Canonicalizer

    @property
    def name(self) -> str:
        """The name of the law."""
        return self.law.name

    @property
    def statement(self) -> str:
        """What the law says."""
        return self.law.statement

    @property
    def condition(self) -> str:
        """When the law holds."""
        return self.law.condition

    @property
    def source(self) -> str:
        """Where the law is from."""
        return self.law.source

    def once(self, expression: Expression) -> Expression:
        """The expression with the law applied throughout; itself where the law says nothing."""
        plain = unfold(expression)
        by_law = self.canonicalizer.canonical(plain)
        return expression if by_law is ALGEBRA.canonical(plain) else by_law

    def renamed(self, replace: Callable[[Expression], Expression]) -> LawRule:
        """A law is about no expression in particular."""
        return self

    def exhausted(self, expression: Expression) -> Expression:
        """The law applied to the expression multiplied out."""
        plain = unfold(expression)
        multiplied = expand(self.canonicalizer.canonical(plain), self.canonicalizer)
        by_algebra = expand(ALGEBRA.canonical(plain), ALGEBRA)
        return expression if multiplied is by_algebra else multiplied

    def __repr__(self) -> str:
        return f"<law {self.name}: {self.statement}>"


def _law(name: str) -> LawRule:
    return LawRule(LAWS[name], Canonicalizer(frozenset({name})))


log_of_softmax = _law("log of softmax")
log_of_sigmoid = _law("log of sigmoid")
reflection_of_sigmoid = _law("reflection of sigmoid")
definition_of_sigmoid = _law("definition of sigmoid")
definition_of_softplus = _law("definition of softplus")
definition_of_softmax = _law("definition of softmax")
definition_of_logsumexp = _law("definition of logsumexp")
reflection_of_softplus = _law("reflection of softplus")
parity_of_sign = _law("parity of sign")
hinge_and_step = _law("hinge and step")
product_with_its_sign = _law("product with its sign")
hyperbolic_quotient = _law("hyperbolic quotient")
sums_to_one = _law("sums to one")
squared_norm = _law("squared norm")
definition_of_norm = _law("definition of the norm")
unit_length = _law("unit length")
inverse = _law("inverse")
plus_or_minus_one = _law("plus or minus one")
zero_or_one = _law("zero or one")
binary_selection = _law("binary selection")

algebra = Rule(
    "algebra",
    "both sides are one expression when multiplied out",
    "none",
    "the laws of arithmetic",
    lambda node: None,
)

CALCULUS = (independent, linearity, product_rule, power_rule, chain_rule, linear_map)
SIMPLIFYING = (
    log_of_softmax,
    log_of_sigmoid,
    reflection_of_sigmoid,
    definition_of_sigmoid,
    definition_of_softplus,
    definition_of_softmax,
    definition_of_logsumexp,
    parity_of_sign,
    product_with_its_sign,
    hinge_and_step,
    hyperbolic_quotient,
    sums_to_one,
    definition_of_norm,
    unit_length,
    inverse,
    plus_or_minus_one,
    zero_or_one,
)
LAW_RULES = (
    log_of_softmax,
    log_of_sigmoid,
    reflection_of_sigmoid,
    definition_of_sigmoid,
    definition_of_softplus,
    definition_of_softmax,
    definition_of_logsumexp,
    reflection_of_softplus,
    parity_of_sign,
    product_with_its_sign,
    hinge_and_step,
    hyperbolic_quotient,
    sums_to_one,
    squared_norm,
    definition_of_norm,
    unit_length,
    inverse,
    plus_or_minus_one,
    zero_or_one,
    binary_selection,
)
