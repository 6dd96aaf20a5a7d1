"""Scalar formulas as small immutable trees, built with exact tidying and nothing else.

A term is a variable, an exact rational constant, pi, or a named operation of terms. Equal terms
are one object. `node` builds what it is told; the operators and `call` also apply identities that
never lose accuracy: x + 0, x*1, -(-x), exact arithmetic of constants, log(exp(x)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from math import isqrt
from weakref import WeakValueDictionary

Number = int | Fraction

_interned: WeakValueDictionary[tuple[object, ...], Term] = WeakValueDictionary()


class Term:
    """One node: `op`, its `args`, and `value` (a Fraction, or the name of a variable)."""

    def __init__(self, op: str, args: tuple[Term, ...], value: Fraction | str | None) -> None:
        self.op = op
        self.args = args
        self.value = value
        self.size: int = 1 + sum(arg.size for arg in args)

    @cached_property
    def key(self) -> str:
        """A text that orders terms reproducibly."""
        if not self.args:
            return str(self.value) if self.value is not None else self.op
        return f"{self.op}({','.join(arg.key for arg in self.args)})"

    @cached_property
    def names(self) -> frozenset[str]:
        """The variables below."""
        if self.op == "variable":
            return frozenset((str(self.value),))
        return frozenset().union(*(arg.names for arg in self.args))

    @property
    def number(self) -> Fraction | None:
        """The value of a constant, None for every other term."""
        return self.value if isinstance(self.value, Fraction) else None

    def __repr__(self) -> str:
        return self.key

    def __add__(self, other: Term | Number) -> Term:
        return add(self, as_term(other))

    def __radd__(self, other: Number) -> Term:
        return add(as_term(other), self)

    def __sub__(self, other: Term | Number) -> Term:
        return subtract(self, as_term(other))

    def __rsub__(self, other: Number) -> Term:
        return subtract(as_term(other), self)

    def __mul__(self, other: Term | Number) -> Term:
        return multiply(self, as_term(other))

    def __rmul__(self, other: Number) -> Term:
        return multiply(as_term(other), self)

    def __truediv__(self, other: Term | Number) -> Term:
        return divide(self, as_term(other))

    def __rtruediv__(self, other: Number) -> Term:
        return divide(as_term(other), self)

    def __neg__(self) -> Term:
        return negative(self)

    def __pow__(self, other: Term | Number) -> Term:
        return power(self, as_term(other))


def node(op: str, *args: Term, value: Fraction | str | None = None) -> Term:
    """The term exactly as told, shared with every equal one."""
    identity = (op, args, value)
    found = _interned.get(identity)
    if found is None:
        found = _interned[identity] = Term(op, args, value)
    return found


def constant(number: Number) -> Term:
    """An exact rational number."""
    return node("constant", value=Fraction(number))


def variable(name: str) -> Term:
    """A real variable."""
    return node("variable", value=name)


def as_term(value: Term | Number) -> Term:
    """A number as a constant; a term as it is."""
    return value if isinstance(value, Term) else constant(value)


ZERO, ONE, TWO = constant(0), constant(1), constant(2)
PI = node("pi")


def add(a: Term, b: Term) -> Term:
    x, y = a.number, b.number
    if x is not None and y is not None:
        return constant(x + y)
    if x == 0:
        return b
    if y == 0:
        return a
    if b.op == "negative":
        return subtract(a, b.args[0])
    if a.op == "negative":
        return subtract(b, a.args[0])
    if _leads_negative(b):
        return subtract(a, negative(b))
    if y is not None and y < 0:
        return subtract(a, constant(-y))
    if x is not None and x < 0:
        return subtract(b, constant(-x))
    return multiply(TWO, a) if a is b else node("add", a, b)


def subtract(a: Term, b: Term) -> Term:
    x, y = a.number, b.number
    if x is not None and y is not None:
        return constant(x - y)
    if a is b:
        return ZERO
    if y == 0:
        return a
    if x == 0:
        return negative(b)
    if b.op == "negative":
        return add(a, b.args[0])
    if a.op == "negative":
        return negative(add(a.args[0], b))
    if _leads_negative(b):
        return add(a, negative(b))
    if y is not None and y < 0:
        return add(a, constant(-y))
    if x is not None and x < 0:
        return negative(add(b, constant(-x)))
    return node("subtract", a, b)


def _leads_negative(a: Term) -> bool:
    """Whether a product has a negative number in front."""
    if a.op not in ("multiply", "divide"):
        return False
    number = a.args[0].number
    return number is not None and number < 0


def negative(a: Term) -> Term:
    if a.number is not None:
        return constant(-a.number)
    if a.op == "negative":
        return a.args[0]
    if a.op == "subtract":
        return node("subtract", a.args[1], a.args[0])
    if a.op in ("multiply", "divide") and a.args[0].number is not None:
        return node(a.op, constant(-a.args[0].number), a.args[1])
    return node("negative", a)


def multiply(a: Term, b: Term) -> Term:
    x, y = a.number, b.number
    if x is not None and y is not None:
        return constant(x * y)
    if y is not None:
        a, b, x, y = b, a, y, x
    if x == 0:
        return ZERO
    if x == 1:
        return b
    if x == -1:
        return negative(b)
    if a.op == "negative" and b.op == "negative":
        return multiply(a.args[0], b.args[0])
    if x is not None and b.op == "negative":
        return multiply(constant(-x), b.args[0])
    if a.op == "negative":
        return negative(multiply(a.args[0], b))
    if b.op == "negative":
        return negative(multiply(a, b.args[0]))
    if x is not None and b.op == "multiply" and b.args[0].number is not None:
        return multiply(constant(x * b.args[0].number), b.args[1])
    if x is not None and b.op == "divide":
        top, bottom = b.args[0].number, b.args[1].number
        if top is not None:
            return divide(constant(x * top), b.args[1])
        if bottom is not None:
            return _scaled(b.args[0], x / bottom)
    if a is b:
        return power(a, TWO)
    return node("multiply", a, b)


def _scaled(a: Term, factor: Fraction) -> Term:
    """The product with a rational; a small divisor stays a divisor, since it rounds once."""
    if factor.denominator == 1:
        return multiply(constant(factor), a)
    return divide(multiply(constant(factor.numerator), a), constant(factor.denominator))


def divide(a: Term, b: Term) -> Term:
    x, y = a.number, b.number
    if y is not None and y != 0:
        if x is not None:
            return constant(x / y)
        if y == 1:
            return a
        if y < 0:
            return divide(negative(a), constant(-y))
        if a.op == "multiply" and a.args[0].number is not None:
            factor = a.args[0].number / y
            if factor.denominator != y or y.denominator != 1:
                return _scaled(a.args[1], factor)
        if a.op == "divide" and a.args[1].number is not None:
            return divide(a.args[0], constant(y * a.args[1].number))
        if y.numerator == 1:
            return multiply(constant(y.denominator), a)
    if x == 0:
        return ZERO
    if a is b:
        return ONE
    if a.op == "negative" and b.op == "negative":
        return divide(a.args[0], b.args[0])
    if a.op == "negative":
        return negative(divide(a.args[0], b))
    if b.op == "negative":
        return negative(divide(a, b.args[0]))
    if x == 1 and b.op == "divide":
        return divide(b.args[1], b.args[0])
    return node("divide", a, b)


def power(a: Term, b: Term) -> Term:
    x, n = a.number, b.number
    if n is None:
        return ONE if x == 1 else node("power", a, b)
    if n == 0:
        return ONE
    if n == 1:
        return a
    if n == Fraction(1, 2):
        return call("sqrt", a)
    if n.denominator == 1:
        if x is not None and x != 0 and abs(n) <= 64:
            return constant(x**n.numerator)
        if n == -1:
            return divide(ONE, a)
        if a.op == "negative":
            inner = power(a.args[0], b)
            return negative(inner) if n.numerator % 2 else inner
        if a.op == "sqrt" and n.numerator % 2 == 0:
            return power(a.args[0], constant(n / 2))
        if a.op == "exp":
            return call("exp", multiply(b, a.args[0]))
        if a.op == "abs" and n.numerator % 2 == 0:
            return power(a.args[0], b)
        if a.op == "power" and a.args[1].number is not None and a.args[1].number.denominator == 1:
            return power(a.args[0], constant(n * a.args[1].number))
    return node("power", a, b)


_EVEN = frozenset(("cos", "cosh", "abs"))
_ODD = frozenset(
    ("sin", "tan", "sinh", "tanh", "arcsinh", "arctan", "arctanh", "arcsin", "erf", "cbrt", "sign")
)
_AT_ZERO = {"exp": 1, "cos": 1, "cosh": 1, "sqrt": 0, "log1p": 0, "expm1": 0, "erfc": 1, "erfcx": 1}
_INVERSES = {
    "exp": "log", "log": "exp", "log1p": "expm1", "expm1": "log1p",
    "tanh": "arctanh", "arctanh": "tanh", "sinh": "arcsinh", "arcsinh": "sinh",
}  # fmt: skip


def call(op: str, *args: Term) -> Term:
    """A named function, with the identities that cost no accuracy."""
    simple = _OPERATORS.get(op)
    if simple is not None:
        return simple(*args)
    first = args[0]
    if len(args) == 1:
        if first.number == 0 and (op in _AT_ZERO or op in _EVEN | _ODD):
            return constant(_AT_ZERO.get(op, 0))
        if op == "log" and first.number == 1:
            return ZERO
        if _INVERSES.get(op) == first.op:
            return first.args[0]
        if first.op == "negative":
            if op in _EVEN:
                return call(op, first.args[0])
            if op in _ODD:
                return negative(call(op, first.args[0]))
        if op == "sqrt":
            if first.number is not None and first.number > 0:
                roots = isqrt(first.number.numerator), isqrt(first.number.denominator)
                if Fraction(*roots) ** 2 == first.number:
                    return constant(Fraction(*roots))
            if first.op == "power" and first.args[1].number == 2:
                return call("abs", first.args[0])
        if op == "abs" and first.op in ("abs", "exp", "sqrt", "cosh"):
            return first
        if op == "abs" and first.number is not None:
            return constant(abs(first.number))
    if op in ("maximum", "minimum") and args[0] is args[1]:
        return first
    return node(op, *args)


_OPERATORS: dict[str, Callable[..., Term]] = {
    "add": add, "subtract": subtract, "negative": negative, "multiply": multiply,
    "divide": divide, "power": power,
}  # fmt: skip


def rebuild(term: Term, args: tuple[Term, ...]) -> Term:
    """A term with other arguments, tidied."""
    if args == term.args:
        return term
    return call(term.op, *args)


def tidy(term: Term) -> Term:
    """A term built again from its leaves, tidied everywhere."""
    return call(term.op, *map(tidy, term.args)) if term.args else term


def substitute(term: Term, values: Mapping[Term, Term]) -> Term:
    """A term with some of its subterms replaced."""
    found = values.get(term)
    if found is not None:
        return found
    return rebuild(term, tuple(substitute(arg, values) for arg in term.args))


def subterms(roots: Iterable[Term]) -> list[Term]:
    """All terms below the roots, each once, arguments first."""
    order: dict[Term, None] = {}

    def visit(term: Term) -> None:
        if term not in order:
            for arg in term.args:
                visit(arg)
            order[term] = None

    for root in roots:
        visit(root)
    return list(order)


def summands(term: Term) -> list[tuple[int, Term]]:
    """The signed items of a sum: a - (b - c) is +a, -b, +c."""
    match term.op:
        case "add":
            return summands(term.args[0]) + summands(term.args[1])
        case "subtract":
            return summands(term.args[0]) + [(-sign, t) for sign, t in summands(term.args[1])]
        case "negative":
            return [(-sign, t) for sign, t in summands(term.args[0])]
    return [(1, term)]


def total(items: Iterable[tuple[int, Term]]) -> Term:
    """The sum of signed items, those with a plus first."""
    ordered = sorted(items, key=lambda item: -item[0])
    result = ZERO
    for sign, term in ordered:
        result = result + term if sign > 0 else result - term
    return result


def factors(term: Term) -> tuple[int, list[Term], list[Term]]:
    """The sign, numerators and denominators of a product."""
    match term.op:
        case "negative":
            sign, top, bottom = factors(term.args[0])
            return -sign, top, bottom
        case "multiply":
            (s, a, b), (t, c, d) = factors(term.args[0]), factors(term.args[1])
            return s * t, a + c, b + d
        case "divide":
            (s, a, b), (t, c, d) = factors(term.args[0]), factors(term.args[1])
            return s * t, a + d, b + c
    return 1, [term], []


def product(items: Iterable[Term]) -> Term:
    """The product of terms."""
    result = ONE
    for term in items:
        result = result * term
    return result
