"""Results as reasons: another page, or an earlier claim, read from left to right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.function import UndefinedFunction

from derivations.assumptions import said_of
from derivations.languages import Side, is_condition, is_scalar, replaced
from derivations.pages.spoken import spoken
from derivations.statements import Equation, Inequality
from symbolic import Expression, Variable
from symbolic.algebra.normal import equal_by_algebra
from symbolic.calculus.matching import instantiate, match
from symbolic.calculus.places import rewritten
from symbolic.errors import DomainError, UnsupportedError
from symbolic.nodes import Derivative
from symbolic.operations import as_expression as as_array
from symbolic.operations import subtract
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal, standard
from symbolic.scalars.parameters import as_expression
from symbolic.scalars.rule import bound_in
from symbolic.scalars.smoothness import Continuity
from symbolic.scalars.sums import sum_of_constant
from symbolic.sizes import surely_nonnegative
from symbolic.traverse import postorder

if TYPE_CHECKING:
    from derivations.derivation import Derivation


@dataclass(frozen=True)
class Lemma:
    """A statement that a derivation proves; an equation rewrites its left side into its right side.

    `values` says what stands for the unknowns of the page; in a page about arrays, for those variables
    that the left side does not have.
    """

    derivation: Derivation
    proved: Equation | Inequality
    values: tuple[tuple[Any, Any], ...] = ()

    @property
    def name(self) -> str:
        """The name of the page in words, or its title."""
        return spoken(self.derivation.id, self.derivation.title) or self.derivation.title

    @property
    def statement(self) -> str:
        """The statement."""
        return str(self.proved)

    @property
    def equation(self) -> Equation:
        """The equation proved; `UnsupportedError` for an inequality."""
        if isinstance(self.proved, Equation):
            return self.proved
        raise UnsupportedError(
            f"by={self.name}", "it proves an inequality", "use it in at_most or at_least"
        )

    def once(self, expression: Expression) -> Expression:
        """The left side replaced by the right side wherever it matches."""
        left, right = self.equation.left, self.equation.right
        if not (isinstance(left, Expression) and isinstance(right, Expression)):
            return expression

        return rewritten(expression, self._at, within=lambda replace_: self.renamed(replace_)._at)

    def _at(self, node: Expression) -> Expression | None:
        """What the lemma makes of one node of a line."""
        left, right = self.equation.left, self.equation.right
        assert isinstance(left, Expression)
        assert isinstance(right, Expression)
        return self.instance(left, right, node) if type(node) is type(left) else None

    exhausted = once

    def results(self, line: sympy.Basic, facts: Facts) -> tuple[sympy.Basic, ...]:
        """A SymPy line with the left side, for these values, replaced by the right side."""
        equation = self.equation
        if isinstance(equation.left, Expression):
            return ()
        left, right = (self._valued(side, facts) for side in (equation.left, equation.right))
        return exchanged(line, left, right, facts)

    def holds(self, smaller: Side, larger: Side, facts: Facts) -> bool:
        """Whether smaller <= larger by the inequality proved, for these values."""
        if not isinstance(self.proved, Inequality):
            return False
        low, high = ends(self.proved)
        if isinstance(low, Expression) and isinstance(high, Expression):
            return self._matches(low, high, smaller, larger)
        left, right = (self._valued(side, facts) for side in (low, high))
        return weighed(smaller, larger, Inequality(left, right), facts)

    def _matches(self, low: Expression, high: Expression, smaller: Side, larger: Side) -> bool:
        if not (isinstance(smaller, Expression) and isinstance(larger, Expression)):
            return False
        found = self.instance(low, high, smaller)
        return found is not None and equal_by_algebra(found, larger)

    def instance(self, left: Expression, right: Expression, node: Expression) -> Expression | None:
        """The right side for what makes the left side this node, if there is such a thing.

        Conditions of the page about sizes have to hold for those of the node. Nothing with values for
        variables where something is differentiated.
        """
        if self.values and any(isinstance(each, Derivative) for each in postorder([left, right])):
            return None
        binding = match(left, node, self.values)
        if binding is None:
            return None
        for condition in self.derivation.facts.conditions:
            if not (binding.knows(condition) and _is_certain(binding.form(condition))):
                return None
        return instantiate(right, binding)

    def renamed(self, replace_: Callable[[Side], Side]) -> Lemma:
        """The lemma about other expressions: it stands on its own page, its values do not."""
        return replace(self, values=tuple((old, replace_(new)) for old, new in self.values))

    def _valued(self, side: Side, facts: Facts) -> sympy.Basic:
        """A side for the values given, once the conditions of the page hold for them."""
        values = dict(self.values)
        for old, new in values.items():
            if isinstance(old, sympy.Symbol):
                _check_domain(old, new, facts, self.name)
            elif isinstance(old, UndefinedFunction):
                _check_sign(old, new, facts, self.name)
        for condition in self.derivation.facts.conditions:
            _check_condition(replaced(condition, values), facts, self.name)
        assert not isinstance(side, Expression)
        return replaced(side, values)

    def __repr__(self) -> str:
        return f"<lemma {self.name}: {self.statement}>"


def _is_certain(condition: sympy.Basic) -> bool:
    """Whether a condition about sizes certainly holds."""
    match condition:
        case sympy.GreaterThan() | sympy.LessThan():
            return surely_nonnegative(condition.gts - condition.lts)
        case sympy.StrictGreaterThan() | sympy.StrictLessThan():
            return surely_nonnegative(condition.gts - condition.lts - 1)
        case _:
            return bool(condition == sympy.true)


def _check_domain(symbol: sympy.Symbol, value: sympy.Expr, facts: Facts, name: str) -> None:
    """Raise `DomainError` unless the value has every property of the symbol it stands for."""
    if not facts.has_domain_of(symbol, value):
        declared = getattr(symbol, "_assumptions_orig", {})
        said = ", ".join(word if wanted else f"not {word}" for word, wanted in declared.items())
        raise DomainError(
            f"{name} for {symbol} = {value}",
            f"{value} is not known to be {said}",
            "declare it so, or give the condition",
        )


def _check_sign(head: Any, value: Any, facts: Facts, name: str) -> None:
    """Raise `DomainError` unless a function's values are like those of the one it stands for."""
    words = [*said_of(head), *(w for w in ("real", "integer") if getattr(head, f"is_{w}") is True)]
    arbitrary = sympy.Symbol("value", **dict.fromkeys(words, True))
    places: dict[sympy.Basic, sympy.Basic] = {}
    if isinstance(value, sympy.Lambda):  # a smooth function of any real numbers
        places = {each: sympy.Dummy(real=True) for each in value.variables}
        whole = value.expr.xreplace(places)
        if not Continuity(facts, smooth=True).holds(whole, frozenset(places.values())):
            raise DomainError(
                f"{name} for {head} = {value}",
                "it is not known to be smooth for all real numbers",
                "functions of a page stand for smooth ones",
            )
    for word in words:
        if isinstance(value, sympy.Lambda):
            known = facts.has_domain_of(arbitrary, value.expr.xreplace(places))
        else:
            known = getattr(value, f"is_{word}", None) is True
        if not known:
            raise DomainError(
                f"{name} for {head} = {value}",
                f"it is not known to be {word}",
                "declare it so, or give the condition",
            )


def _check_condition(condition: sympy.Basic, facts: Facts, name: str) -> None:
    """Raise `DomainError` unless a condition of the page follows from the facts."""
    wanted = standard(condition)
    if condition == sympy.true or any(standard(each) == wanted for each in facts.conditions):
        return
    known = False
    if isinstance(condition, (sympy.StrictGreaterThan, sympy.StrictLessThan)):
        known = facts.positive(condition.gts - condition.lts)
    elif isinstance(condition, (sympy.GreaterThan, sympy.LessThan)):
        known = facts.nonnegative(condition.gts - condition.lts)
    elif isinstance(condition, sympy.Ne):
        known = facts.nonzero(condition.lhs - condition.rhs)
    elif isinstance(condition, sympy.Eq):
        left, right = condition.args
        known = any(equal(e, right) for e in (left, *sum_of_constant.results(left, facts)))
    if not known:
        raise DomainError(
            f"{name}", f"its condition {condition} is not known to hold", "give the condition"
        )


@dataclass(frozen=True)
class Earlier:
    """An earlier claim of the same derivation; an equation rewrites its left side into its right."""

    claim: Equation | Inequality

    @property
    def name(self) -> str:
        """The equation, shortened by its names."""
        return "shown above"

    @property
    def statement(self) -> str:
        """The claim."""
        return str(self.claim)

    @property
    def equation(self) -> Equation:
        """The equation claimed; `UnsupportedError` for an inequality."""
        if isinstance(self.claim, Equation):
            return self.claim
        raise UnsupportedError(
            f"by={self.claim}", "it is an inequality", "use it in at_most or at_least"
        )

    def once(self, expression: Expression) -> Expression:
        """The left side replaced by the right side wherever it occurs."""
        left, right = self.equation.left, self.equation.right
        if not (isinstance(left, Expression) and isinstance(right, Expression)):
            return expression
        return rewritten(expression, lambda node: right if node is left else None)

    exhausted = once

    def results(self, line: sympy.Basic, facts: Facts) -> tuple[sympy.Basic, ...]:
        """A SymPy line with the left side replaced by the right side."""
        left, right = self.equation.left, self.equation.right
        if isinstance(left, Expression) or isinstance(right, Expression):
            return ()
        return exchanged(line, left, right, facts)

    def holds(self, smaller: Side, larger: Side, facts: Facts) -> bool:
        """Whether smaller <= larger by the inequality claimed."""
        return isinstance(self.claim, Inequality) and weighed(smaller, larger, self.claim, facts)

    def renamed(self, replace_: Callable[[Side], Side]) -> Earlier:
        """The earlier claim about other expressions."""
        sides = (replace_(self.claim.left), replace_(self.claim.right))
        if isinstance(self.claim, Inequality):
            return Earlier(Inequality(*sides, self.claim.relation))
        return Earlier(Equation(*sides))

    def __repr__(self) -> str:
        return f"<earlier claim: {self.statement}>"


def exchanged(line: sympy.Basic, left: Side, right: Side, facts: Facts) -> tuple[sympy.Basic, ...]:
    """A SymPy line with one expression put for another, wherever it occurs.

    Nothing where a bound variable of the line would be meant, or caught, that is not arbitrary.
    """
    assert is_scalar(left)
    assert is_scalar(right)
    conditioned = {each for condition in facts.conditions for each in condition.free_symbols}
    meant = (right.free_symbols - left.free_symbols) | (left.free_symbols & conditioned)
    for node in sympy.preorder_traversal(line):
        if meant & bound_in(node) and _with_exchange(node, left, right):
            return ()
    return _with_exchange(line, left, right)


def _with_exchange(
    line: sympy.Basic, left: sympy.Basic, right: sympy.Basic
) -> tuple[sympy.Basic, ...]:
    """What the exchange makes of a line; nothing where it changes nothing."""
    if isinstance(left, sympy.Symbol):
        found = [_substituted(line, left, right)]
    else:
        wanted = standard(left)
        found = [
            line.xreplace({left: right}),
            _substituted(line, left, right),
            line.replace(lambda node: standard(node) == wanted, lambda node: right),
            line.replace(sympy.Abs, lambda inner: sympy.Abs(_turned(inner, left, right))),
        ]
    if isinstance(left, sympy.Add):
        found.append(_terms_exchanged(line, left, right))
    return tuple(dict.fromkeys(each for each in found if each != line))


def _substituted(line: sympy.Basic, left: sympy.Basic, right: sympy.Basic) -> sympy.Basic:
    """SymPy's own exchange; the line itself where it refuses, as for an index that the line sums over."""
    try:
        return line.subs(left, right)
    except ValueError:
        return line


def _turned(inner: sympy.Expr, left: sympy.Basic, right: sympy.Basic) -> sympy.Expr:
    """A sum with -right for what is -left, or a term of it: SymPy writes |a - b| as |b - a|."""
    if equal(inner, -left):
        return -right
    terms = sympy.Add.make_args(inner)
    return sympy.Add(*(-right if equal(each, -left) else each for each in terms))


def _terms_exchanged(line: sympy.Basic, left: sympy.Add, right: sympy.Basic) -> sympy.Basic:
    """A line with a sum replaced where its terms, times one number, are among those of a sum."""

    def visit(node: sympy.Add) -> sympy.Basic:
        first, *others = left.args
        for term in node.args:
            number = sympy.cancel(term / first)
            taken = [term, *(number * other for other in others)]
            if number.is_Rational and all(each in node.args for each in taken):
                rest = [each for each in node.args if each not in taken]
                return sympy.Add(*rest, number * right)
        return node

    return line.replace(lambda node: isinstance(node, sympy.Add), visit)


def ends(known: Inequality) -> tuple[Side, Side]:
    """The smaller and the larger side of an inequality."""
    sides = (known.left, known.right)
    return sides if known.relation == "<=" else (sides[1], sides[0])


def weighed(smaller: Side, larger: Side, known: Inequality, facts: Facts) -> bool:
    """Whether smaller <= larger says the same as a known inequality, up to a nonnegative factor."""
    low, high = ends(known)
    if isinstance(low, Expression) and isinstance(high, Expression):
        if not (isinstance(smaller, Expression) and isinstance(larger, Expression)):
            return False
        return equal_by_algebra(subtract(larger, smaller), subtract(high, low))
    if not all(isinstance(each, sympy.Expr) for each in (smaller, larger, low, high)):
        return False
    gap, known_gap = larger - smaller, high - low
    if equal(gap, known_gap):
        return True
    factor = sympy.cancel(sympy.together(gap / known_gap))
    return facts.nonnegative(factor) and equal(gap, factor * known_gap)


def lemmas(derivation: Derivation) -> tuple[Lemma, ...]:
    """The equations and inequalities that a derivation proves, as reasons.

    Raises `UnsupportedError` when it claims none.
    """
    found = tuple(
        Lemma(derivation, each)
        for each in derivation.claims
        if isinstance(each, (Equation, Inequality))
    )
    if not found:
        raise UnsupportedError(
            f"by={derivation.title!r}",
            "it claims no equation",
            "use a page that proves an equation",
        )
    return found


def lemma(derivation: Derivation, values: Mapping[Any, Any] | None = None, claim: int = 1) -> Lemma:
    """A claim of a derivation as a reason, with values for its unknowns.

    `values` maps symbols and variables to expressions and undefined functions to a `sympy.Lambda` (or
    another function); `claim` counts from 1. The domains and conditions of the page have to hold for the
    values. Raises `DomainError` when the step is executed and they are not known to, and
    `UnsupportedError` for a claim that is no equation or inequality.
    """
    from derivations.derivation import Derivation

    if not isinstance(derivation, Derivation):
        raise UnsupportedError(
            f"lemma({derivation!r})", "it is no derivation", "give the derivation of a page"
        )
    if not isinstance(claim, int) or not 1 <= claim <= len(derivation.claims):
        raise UnsupportedError(
            f"claim {claim} of {derivation.title!r}",
            f"it makes {len(derivation.claims)} claims",
            "count them from 1",
        )
    proved = derivation.claims[claim - 1]
    if not isinstance(proved, (Equation, Inequality)):
        raise UnsupportedError(
            f"claim {claim} of {derivation.title!r}",
            f"it is {proved}",
            "use an equation or an inequality",
        )
    pairs = tuple((old, _value(old, new)) for old, new in (values or {}).items())
    strange = [old for old, _ in pairs if old not in derivation.given]
    if strange:
        raise UnsupportedError(
            f"a value for {strange[0]}",
            f"{derivation.title!r} is about {', '.join(map(str, _unknowns(derivation)))}",
            "give values for these",
        )
    return Lemma(derivation, proved, pairs)


def _value(old: object, new: object) -> object:
    if isinstance(old, Variable):
        return as_array(new)
    if not isinstance(old, UndefinedFunction):
        return as_expression(new, f"the value for {old}")
    one_place = isinstance(new, sympy.Lambda) and len(new.signature) == 1
    if not (one_place or isinstance(new, UndefinedFunction)):
        raise UnsupportedError(
            f"the value {new!r} for {old}",
            "it is no function of one variable",
            "give a sympy.Lambda, or another undefined function",
        )
    return new


def _unknowns(derivation: Derivation) -> list[object]:
    return [each for each in derivation.given if not is_condition(each)]


__all__ = ["Earlier", "Lemma", "exchanged", "lemma", "lemmas", "weighed"]
