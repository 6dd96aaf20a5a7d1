"""The normal form of arithmetic on SymPy lines: when two are one expression multiplied out.

Sums, products and powers are those of a field; everything else (a function, an integral, an
expectation) is one indivisible thing once its own arguments are in normal form and its bound
variables have standard names. So `log(a*b)` and `log(a) + log(b)` are *not* equal by arithmetic:
that is a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import lcm

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.random_variables import RandomFamily, RandomVariable

_FIELD = (sympy.Add, sympy.Mul, sympy.Pow)
_NO_HINTS = dict.fromkeys(
    ("deep", "basic", "func", "log", "mul", "multinomial", "power_base", "power_exp", "trig"), False
)


def equal(a: sympy.Basic, b: sympy.Basic) -> bool:
    """Whether two lines are one by arithmetic, wherever both are defined.

    >>> x, y = sympy.symbols("x y")
    >>> equal((x + y)**2 - y**2, x * (x + 2*y)), equal(sympy.log(x*y), sympy.log(x) + sympy.log(y))
    (True, False)
    """
    if a == b:
        return True
    if is_matrix(a) != is_matrix(b):
        return False
    if is_matrix(a):
        a, b = explicit(a), explicit(b)
        return a.shape == b.shape and all(map(equal, a.flat(), b.flat()))
    if not (isinstance(a, sympy.Expr) and isinstance(b, sympy.Expr)):
        return bool(standard(a) == standard(b))
    return is_zero(a - b)


def is_matrix(e: sympy.Basic) -> bool:
    """Whether an expression is a matrix, or a product or sum of matrices."""
    return isinstance(e, (sympy.MatrixBase, sympy.MatrixExpr))


def explicit(matrix: sympy.Basic) -> sympy.MatrixBase:
    """A matrix with its products worked out, entry by entry.

    >>> explicit(sympy.MatMul(sympy.ImmutableMatrix([[1, 2]]), sympy.ImmutableMatrix([3, 4])))
    Matrix([[11]])
    """
    if isinstance(matrix, (sympy.MatMul, sympy.MatAdd)):
        return sympy.ImmutableMatrix(matrix.doit(deep=False))
    return sympy.ImmutableMatrix(matrix)


def is_zero(e: sympy.Expr) -> bool:
    """Whether an expression is 0 by arithmetic.

    A True is exact: numerator and denominator are polynomials over independent generators (with
    r^q = base for roots), and the numerator is 0.
    """
    return _Polynomials().vanishes(standard(e))


def standard(e: sympy.Basic, kept: _Kept | None = None) -> sympy.Basic:
    """The expression with the arguments of everything outside arithmetic in normal form.

    `kept` is what must not be cancelled where it stands.
    """
    if e.is_Atom or not e.args:
        return e
    if isinstance(e, _FIELD):
        return e.func(*(standard(each, kept) for each in e.args))
    around = kept or _NOTHING
    first, *others = e.args
    inner = [standard(first, around.inside(e)), *(standard(each, around) for each in others)]
    renamed = _bound_renamed(e.func(*inner))
    first, *others = renamed.args
    arranged = [_arranged(first, around.inside(renamed)), *(_arranged(e, around) for e in others)]
    return renamed.func(*arranged)


def _arranged(e: sympy.Basic, kept: _Kept) -> sympy.Basic:
    """An argument as a quotient of polynomials without common factors, multiplied out."""
    if isinstance(e, sympy.Tuple):
        return sympy.Tuple(*(_arranged(each, kept) for each in e.args))
    if not isinstance(e, _FIELD):
        return e
    polynomials = _Polynomials()
    try:
        found = sympy.cancel(polynomials.read(e))
    except sympy.PolynomialError:
        return e
    numerator, denominator = map(sympy.expand, found.as_numer_denom())
    arranged = polynomials.written(numerator) / polynomials.written(denominator)
    lost = kept.of(e, polynomials, denominator)
    return _WHERE_NONZERO(arranged, *lost) if lost else arranged


_WHERE_NONZERO = sympy.Function(
    "_where_nonzero"
)  # an expression, and what it was divided by before


@dataclass(frozen=True)
class _Kept:
    """What must not be cancelled: a divisor that is 0 for some value that an index takes.

    So (i^2 - 1)/(i - 1) in a sum from i = 1 is not i + 1. An integral does not see single values, nor does
    a limit see the point.
    """

    symbols: frozenset[sympy.Basic] = frozenset()
    facts: Facts = field(default_factory=Facts)
    points: tuple[tuple[sympy.Basic, sympy.Expr], ...] = ()

    def inside(self, node: sympy.Basic) -> _Kept:
        """What must not be cancelled inside a node, in its first argument."""
        bound = frozenset(getattr(node, "bound_symbols", ()))
        if isinstance(node, sympy.Subs):
            points = tuple(zip(node.variables, node.point, strict=True))
            return _Kept(self.symbols | bound, self.facts, (*self.points, *points))
        if isinstance(node, (sympy.Integral, sympy.Limit, sympy.Derivative)):
            return _Kept(self.symbols - bound, self.facts, self.points) if self.symbols else self
        between = [each for limits in getattr(node, "limits", ()) for each in _between(*limits)]
        random = {each for each in node.free_symbols if isinstance(each, _RANDOM)}
        if not bound and not random:
            return self
        return _Kept(self.symbols | bound | random, self.facts.having(*between), self.points)

    def of(
        self, e: sympy.Basic, polynomials: _Polynomials, denominator: sympy.Expr
    ) -> list[sympy.Expr]:
        """The divisors in an expression that its denominator in lowest terms has lost, and that may be 0."""
        if not e.free_symbols & self.symbols:
            return []
        left = {factor for factor, _ in sympy.factor_list(denominator)[1]}
        found: dict[sympy.Expr, None] = {}
        for divisor in _divisors(e):
            above, below = sympy.cancel(polynomials.read(divisor)).as_numer_denom()
            for part in (above, below):
                for factor, _ in sympy.factor_list(part)[1]:
                    written = polynomials.written(factor)
                    if {factor, -factor} & left or not written.free_symbols & self.symbols:
                        continue
                    if not self.facts.nonzero(written.xreplace(dict(self.points))):
                        found[written] = None
        return sorted(found, key=str)


_NOTHING = _Kept()
_RANDOM = (RandomVariable, RandomFamily)


def _between(index: sympy.Symbol, *ends: sympy.Expr) -> Iterator[sympy.Basic]:
    """That an index lies between the ends of its range; an empty range has no index."""
    if len(ends) == 2 and index.is_integer:
        low, high = ends
        yield from (each for each in (index >= low,) if low.is_finite is not False)
        yield from (each for each in (index <= high,) if high.is_finite is not False)


def _divisors(e: sympy.Basic) -> list[sympy.Expr]:
    """Everything that arithmetic divides by in an expression."""
    found, waiting = [], [e]
    while waiting:
        node = waiting.pop()
        if isinstance(node, sympy.Pow):
            if node.exp.as_coeff_Mul(rational=True)[0].is_negative:
                found.append(node.base)
            waiting.append(node.base)
        elif isinstance(node, _FIELD):
            waiting.extend(node.args)
    return found


def _bound_renamed(e: sympy.Basic) -> sympy.Basic:
    """A node with its own bound variables called by standard names, those further in done already.

    The number in a name is greater than all those bound inside, so that none catches another.
    """
    if isinstance(e, sympy.Limit):
        body, variable, *rest = e.args
        name = _standard_name(e, 0, integer=bool(variable.is_integer))
        return sympy.Limit(body.xreplace({variable: name}), name, *rest)
    if isinstance(e, sympy.Subs):
        body, variables, points = e.args
        names = [_standard_name(e, place, integer=False) for place in range(len(variables))]
        return sympy.Subs(body.xreplace(dict(zip(variables, names, strict=True))), names, points)
    if not isinstance(e, (sympy.Integral, sympy.Sum, sympy.Product)):
        return e
    integer = not isinstance(e, sympy.Integral)
    names = [_standard_name(e, place, integer=integer) for place in range(len(e.limits))]
    renaming = dict(zip([each[0] for each in e.limits], names, strict=True))
    limits = []
    for place, (variable, *ends) in enumerate(e.limits):
        outer = {each[0]: renaming[each[0]] for each in e.limits[place + 1 :]}
        limits.append((renaming[variable], *(end.xreplace(outer) for end in ends)))
    return e.func(e.function.xreplace(renaming), *limits)


def _standard_name(e: sympy.Basic, place: int, *, integer: bool) -> sympy.Symbol:
    """The name of a bound variable of a node: its number is beyond those of all standard names within."""
    number = f"_bound{max(map(_variables_bound, e.args)) + place}"
    return sympy.Symbol(number, integer=True) if integer else sympy.Symbol(number, real=True)


def _variables_bound(e: sympy.Basic) -> int:
    """How many variables are bound within each other at most.

    Their names do not matter: SymPy takes two `Subs` for one where only these differ.
    """
    own = 1 if isinstance(e, sympy.Limit) else 0
    if isinstance(e, sympy.Subs):
        own = len(e.variables)
    elif isinstance(e, (sympy.Integral, sympy.Sum, sympy.Product)):
        own = len(e.limits)
    return own + max(map(_variables_bound, e.args), default=0)


class _Polynomials:
    """Expressions as quotients of polynomials over generators: one for each thing not divided."""

    def __init__(self) -> None:
        self._generators: dict[sympy.Expr, sympy.Symbol] = {}
        self._roots: dict[sympy.Symbol, tuple[int, sympy.Expr]] = {}  # symbol^q = base

    def vanishes(self, e: sympy.Expr) -> bool:
        read = self.read(e)
        try:
            numerator, _ = sympy.cancel(sympy.together(read)).as_numer_denom()
        except sympy.PolynomialError:
            return bool(sympy.expand(read) == 0)
        for root, (power, base) in reversed(self._roots.items()):
            if numerator.has(root):
                numerator = sympy.rem(sympy.expand(numerator), root**power - base, root)
        return bool(sympy.expand(numerator) == 0)

    def read(self, e: sympy.Expr) -> sympy.Expr:
        """The expression over generators."""
        spread = _multiplied_out(_with_one_denominator(e))
        steps = self._exponents(spread)
        return self._over(spread, steps)

    def written(self, e: sympy.Expr) -> sympy.Expr:
        """The expression back in its own things."""
        back = {symbol: thing for thing, symbol in self._generators.items()}
        return e.xreplace(back).xreplace(back)

    def _exponents(self, e: sympy.Expr) -> dict[tuple[sympy.Expr, sympy.Expr], int]:
        """For each base and exponent up to a number, the common denominator of the numbers."""
        found: dict[tuple[sympy.Expr, sympy.Expr], int] = {}
        for power in _powers(e):
            base, number, rest = _taken_apart(power)
            found[base, rest] = lcm(found.get((base, rest), 1), int(number.q))
        return found

    def _over(self, e: sympy.Expr, steps: dict[tuple[sympy.Expr, sympy.Expr], int]) -> sympy.Expr:
        if e.is_Rational or e is sympy.I:
            return e
        if isinstance(e, (sympy.Add, sympy.Mul)):
            return e.func(*(self._over(each, steps) for each in e.args))
        base, number, rest = _taken_apart(e)
        parts = steps.get((base, rest), 1)
        if rest == 1 and parts == 1:
            inner = self._over(base, steps) if isinstance(base, _FIELD) else self._of(base)
            return inner**number
        root = self._of(sympy.Pow(base, rest / parts, evaluate=rest == 1))
        if rest == 1 and root not in self._roots:
            if isinstance(base, _FIELD):
                self._roots[root] = parts, self._over(base, steps)
            elif base.is_Rational:
                self._roots[root] = parts, base
        return root ** (number * parts)

    def _of(self, thing: sympy.Expr) -> sympy.Expr:
        if thing.is_Rational or thing is sympy.I:
            return thing
        return self._generators.setdefault(thing, sympy.Dummy(f"g{len(self._generators)}"))


def _multiplied_out(e: sympy.Expr) -> sympy.Expr:
    """Sums in exponents split and products in bases taken apart, where that holds."""
    if not isinstance(e, _FIELD) and not isinstance(e, sympy.exp):
        return e
    parts = [_multiplied_out(each) for each in e.args]
    spread = e.func(*parts)
    for hint in ("power_exp", "power_base"):
        spread = sympy.expand(spread, **{**_NO_HINTS, hint: True})
    return spread


def _with_one_denominator(e: sympy.Expr) -> sympy.Expr:
    """The exponents of all exponentials as terms over one denominator, so that they can be compared."""
    quotients = {each: sympy.together(each.args[0]).as_numer_denom() for each in _exponentials(e)}
    denominators = list(dict.fromkeys(below for _, below in quotients.values()))
    if all(each.is_number for each in denominators):
        return e
    common = sympy.expand(sympy.lcm_list(denominators))
    written = {}
    for exponential, (above, below) in quotients.items():
        terms = sympy.Add.make_args(sympy.expand(above * sympy.cancel(common / below)))
        written[exponential] = sympy.exp(sympy.Add(*(each / common for each in terms)))
    return e.xreplace(written)


def _exponentials(e: sympy.Expr) -> list[sympy.Expr]:
    """The exponentials of an expression that are not inside something indivisible."""
    found, waiting = [], [e]
    while waiting:
        node = waiting.pop()
        if isinstance(node, sympy.exp):
            found.append(node)
        elif isinstance(node, _FIELD):
            waiting.extend(node.args)
    return found


def _powers(e: sympy.Expr) -> list[sympy.Expr]:
    """The powers of an expression that are no whole numbers of factors."""
    found, waiting = [], [e]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (sympy.Add, sympy.Mul)):
            waiting.extend(node.args)
        elif isinstance(node, (sympy.Pow, sympy.exp)):
            base, number, rest = _taken_apart(node)
            if rest != 1 or not number.is_Integer:
                found.append(node)
            if isinstance(base, _FIELD):
                waiting.append(base)
    return found


def _taken_apart(e: sympy.Expr) -> tuple[sympy.Expr, sympy.Rational, sympy.Expr]:
    """base, number, rest with e = base^(number rest)."""
    if isinstance(e, sympy.Pow):
        base, exponent = e.args
    elif isinstance(e, sympy.exp):
        base, exponent = sympy.E, e.args[0]
    else:
        base, exponent = e, sympy.S.One
    number, rest = exponent.as_coeff_Mul(rational=True)
    return base, number, rest
