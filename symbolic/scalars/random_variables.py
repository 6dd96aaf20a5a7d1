"""Random variables and what is said of them: expectations, variances, probabilities, conditions.

All of it is inert: `E(X**2)` stays as it is until a rule of `probability` rewrites it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.logic.boolalg import Boolean

from symbolic.scalars.parameters import as_sympy


class RandomVariable(sympy.Symbol):
    """A random variable; a real one unless told otherwise.

    >>> X = RandomVariable("X")
    >>> 2 * E(X**2)
    2*E[X**2]
    """

    def __new__(cls, name: str, **assumptions: Any) -> RandomVariable:
        assumptions.setdefault("real", True)
        return super().__new__(cls, name, **assumptions)


class RandomFamily(sympy.IndexedBase):
    """Random variables X[1], X[2], ... on one probability space.

    >>> X, i = RandomFamily("X"), sympy.Symbol("i", integer=True)
    >>> sympy.Sum(X[i], (i, 1, 3)).doit()
    X[1] + X[2] + X[3]
    """

    def __new__(cls, label: str | sympy.Symbol, **assumptions: Any) -> RandomFamily:
        assumptions.setdefault("real", True)
        return super().__new__(cls, label, **assumptions)


class SampleMean(sympy.Expr):
    """The mean (X[1] + ... + X[n]) / n of a family.

    >>> X, n = RandomFamily("X"), sympy.Symbol("n", integer=True, positive=True)
    >>> E(SampleMean(X, n))
    E[mean(X, n)]
    """

    is_commutative = True

    def __new__(cls, family: RandomFamily, count: sympy.Expr) -> SampleMean:
        return super().__new__(cls, family, as_sympy(count, cls.__name__))

    def _eval_is_extended_real(self) -> bool | None:
        real: bool | None = self.args[0].is_real
        return real

    _eval_is_real = _eval_is_extended_real

    def _sympystr(self, printer: Any) -> str:
        return f"mean({printer._print(self.args[0].label)}, {printer._print(self.args[1])})"

    def _latex(self, printer: Any) -> str:
        label, count = (printer._print(each) for each in (self.args[0].label, self.args[1]))
        return rf"\bar{{{label}}}_{{{count}}}"


class _About(sympy.Expr):
    """An expectation, a variance or a probability: of what, and given what if anything."""

    is_commutative = True
    sign = ""
    sign_latex = ""
    brackets = ("[", "]")
    brackets_latex: tuple[str, str] | None = None

    def __new__(cls, inner: Any, known: Any = None) -> _About:
        args = [inner] if known is None else [inner, known]
        return super().__new__(cls, *(as_sympy(each, cls.__name__) for each in args))

    def _sympystr(self, printer: Any) -> str:
        inner = " | ".join(_said(each, printer, _RELATIONS) for each in self.args)
        return f"{self.sign}{self.brackets[0]}{inner}{self.brackets[1]}"

    def _latex(self, printer: Any) -> str:
        inner = r" \mid ".join(_said(each, printer, _LATEX_RELATIONS) for each in self.args)
        opened, closed = self.brackets_latex or self.brackets
        return rf"{self.sign_latex}\left{opened}{inner}\right{closed}"


_RELATIONS = {"Equality": "=", "GreaterThan": ">=", "LessThan": "<=",
              "StrictGreaterThan": ">", "StrictLessThan": "<", "Unequality": "!="}  # fmt: skip
_LATEX_RELATIONS = {"Equality": "=", "GreaterThan": r"\geq", "LessThan": r"\leq",
                    "StrictGreaterThan": ">", "StrictLessThan": "<", "Unequality": r"\neq"}  # fmt: skip


def _said(e: sympy.Basic, printer: Any, signs: dict[str, str]) -> str:
    """An expression, or an event in the words of probability: A, B for both."""
    if isinstance(e, sympy.And):
        return ", ".join(_said(each, printer, signs) for each in sympy.ordered(e.args))
    if isinstance(e, sympy.Tuple):
        return ", ".join(map(printer._print, e.args))
    if isinstance(e, sympy.Rel):
        left, right = map(printer._print, e.args)
        return f"{left} {signs[type(e).__name__]} {right}"
    return str(printer._print(e))


class Expectation(_About):
    """E[X], or E[X | Y], which is a function of Y."""

    sign = "E"
    sign_latex = r"\mathbb{E}"

    def _eval_is_real(self) -> bool | None:
        real: bool | None = self.args[0].is_extended_real
        return real

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.args[0].is_extended_nonnegative else None

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_extended_positive else None


class Variance(_About):
    """Var[X] = E[(X - E[X])^2]."""

    sign = "Var"
    sign_latex = r"\operatorname{Var}"
    is_real = True
    is_nonnegative = True


class Probability(_About):
    """P(A), or P(A | B), for events A and B: relations between random variables and numbers."""

    sign = "P"
    sign_latex = "P"
    brackets = ("(", ")")
    is_real = True
    is_nonnegative = True


class Indicator(_About):
    """1 where an event happens, 0 where it does not."""

    sign = "1"
    sign_latex = r"\mathbf{1}"
    brackets = ("{", "}")
    brackets_latex = (r"\{", r"\}")
    is_real = True
    is_nonnegative = True


E, Var, P = Expectation, Variance, Probability


# --- conditions ----------------------------------------------------------------------------------


class _Condition(Boolean):
    """A property of random variables that a page may give."""

    def __new__(cls, *args: Any) -> _Condition:
        return super().__new__(cls, *(as_sympy(each, cls.__name__) for each in args))

    def _names(self, printer: Any) -> str:
        labels = (getattr(each, "label", each) for each in self.args)
        return ", ".join(map(printer._print, labels))

    def _sympystr(self, printer: Any) -> str:
        raise NotImplementedError


class Independent(_Condition):
    """The random variables, and all members of the families, are mutually independent."""

    def _sympystr(self, printer: Any) -> str:
        return f"independent({self._names(printer)})"

    def _latex(self, printer: Any) -> str:
        return rf"{self._names(printer)} \text{{ independent}}"


class IdenticallyDistributed(_Condition):
    """All members of the family have one distribution."""

    def _sympystr(self, printer: Any) -> str:
        return f"identically_distributed({self._names(printer)})"

    def _latex(self, printer: Any) -> str:
        return rf"{self._names(printer)} \text{{ identically distributed}}"


class TakesValues(_Condition):
    """The random variable takes only the values first, first + 1, ..., last.

    >>> print(TakesValues(RandomVariable("H"), 1, sympy.Symbol("K")))
    H in 1..K
    """

    def _sympystr(self, printer: Any) -> str:
        name, first, last = map(printer._print, self.args)
        return f"{name} in {first}..{last}"

    def _latex(self, printer: Any) -> str:
        name, first, last = map(printer._print, self.args)
        return rf"{name} \in \{{{first}, \ldots, {last}\}}"


class HasMass(_Condition):
    """The random variable takes the values first, ..., last with the probabilities mass(value).

    >>> q, z = sympy.Function("q"), sympy.Symbol("z")
    >>> print(HasMass(RandomVariable("Z"), sympy.Lambda(z, q(z)), 1, sympy.Symbol("K")))
    Z ~ q(z) on 1..K
    """

    def _sympystr(self, printer: Any) -> str:
        name, mass, first, last = map(printer._print, (*self._shown(), *self.args[2:]))
        return f"{name} ~ {mass} on {first}..{last}"

    def _latex(self, printer: Any) -> str:
        name, mass, first, last = map(printer._print, (*self._shown(), *self.args[2:]))
        return rf"{name} \sim {mass} \text{{ on }} \{{{first}, \ldots, {last}\}}"

    def _shown(self) -> tuple[sympy.Basic, ...]:
        return self.args[0], self.args[1].expr


class NormallyDistributed(_Condition):
    """X ~ N(mean, deviation^2).

    >>> mu, sigma = sympy.Symbol("mu", real=True), sympy.Symbol("sigma", positive=True)
    >>> print(NormallyDistributed(RandomVariable("X"), mu, sigma))
    X ~ N(mu, sigma**2)
    """

    def density(self, x: sympy.Expr) -> sympy.Expr:
        """The density at x."""
        return normal_density(x, self.args[1], self.args[2])

    def _sympystr(self, printer: Any) -> str:
        name, mean, square = map(printer._print, (*self.args[:2], self.args[2] ** 2))
        return f"{name} ~ N({mean}, {square})"

    def _latex(self, printer: Any) -> str:
        name, mean, square = map(printer._print, (*self.args[:2], self.args[2] ** 2))
        return rf"{name} \sim \mathcal{{N}}\left({mean}, {square}\right)"


def normal_density(x: sympy.Expr, mean: sympy.Expr, deviation: sympy.Expr) -> sympy.Expr:
    """The density of N(mean, deviation^2) at x.

    >>> normal_density(sympy.Symbol("x"), 0, sympy.Integer(1))
    sqrt(2)*exp(-x**2/2)/(2*sqrt(pi))
    """
    exponent = -((x - mean) ** 2) / (2 * sympy.sympify(deviation) ** 2)
    return sympy.exp(exponent) / (sympy.sqrt(2 * sympy.pi) * deviation)


# --- what is random ------------------------------------------------------------------------------


def random_parts(e: sympy.Basic) -> frozenset[sympy.Basic]:
    """The random variables, members of families and whole families on which a value depends.

    An expectation, a variance and a probability depend on chance only by the random variables
    that they are given; given an event, they are numbers.

    >>> X, Y = RandomVariable("X"), RandomVariable("Y")
    >>> random_parts(E(X) + Y) == {Y} == random_parts(E(X, Y))
    True
    """
    if isinstance(e, (RandomVariable, RandomFamily)):
        return frozenset({e})
    if isinstance(e, SampleMean):
        return frozenset({e.args[0]})
    if isinstance(e, sympy.Indexed):
        of_indices = _united(e.indices)
        return of_indices | {e} if isinstance(e.base, RandomFamily) else of_indices
    if isinstance(e, (Expectation, Variance, Probability)):
        return _united(each for each in e.args[1:] if not is_event(each))
    if isinstance(e, ExprWithLimits):
        running = {limit[0] for limit in e.limits}
        inner = (_whole(part, running) for part in random_parts(e.function))
        return frozenset(inner) | _united(each for limit in e.limits for each in limit[1:])
    return _united(e.args)


def is_event(known: sympy.Basic) -> bool:
    """Whether what is given is an event, and no random variables."""
    if isinstance(known, sympy.Tuple):
        return any(map(is_event, known.args))
    return isinstance(known, Boolean) and not isinstance(known, sympy.Symbol)


def _whole(part: sympy.Basic, running: set[sympy.Basic]) -> sympy.Basic:
    """The family of a member whose index runs."""
    return part.base if isinstance(part, sympy.Indexed) and part.free_symbols & running else part


def _united(parts: Iterable[sympy.Basic]) -> frozenset[sympy.Basic]:
    return frozenset().union(*map(random_parts, parts))


def is_random(e: sympy.Basic) -> bool:
    """Whether a value depends on chance."""
    return bool(random_parts(e))


def source(part: sympy.Basic) -> sympy.Basic:
    """The family of a member; a random variable itself."""
    return part.base if isinstance(part, sympy.Indexed) else part


def known_from(e: sympy.Basic, known: sympy.Basic) -> bool:
    """Whether a value is a function of what is known, and of nothing else that is random.

    >>> X, Y = RandomVariable("X"), RandomVariable("Y")
    >>> known_from(X**2, X), known_from(X * Y, X), known_from((X - Y)**2, X - Y)
    (True, False, True)
    """
    whole = known.args if isinstance(known, sympy.Tuple) else (known,)
    names = {each: sympy.Dummy(real=True) for each in whole}
    return not is_random(e.xreplace(names))


def with_value(e: sympy.Basic, variable: sympy.Basic, value: sympy.Expr) -> sympy.Basic:
    """The expression where the random variable has this value; its expectations stay.

    >>> X, x = RandomVariable("X"), sympy.Symbol("x", real=True)
    >>> with_value((X - E(X))**2, X, x)
    (x - E[X])**2
    """
    if e == variable:
        return value
    if not e.args or (isinstance(e, (Expectation, Variance, Probability)) and len(e.args) == 1):
        return e
    return e.func(*(with_value(each, variable, value) for each in e.args))
