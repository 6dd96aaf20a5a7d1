"""Where expressions may jump: the points at which the argument of a sign or of a condition is zero.

Random points never lie there. Points that do are found exactly where the argument is affine in some
variable, or a quadratic of one number with a rational root; else as close to it as is wanted, and then the
value *at* the zero is that with the sign, or the condition, as it is at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import islice, pairwise
from math import isqrt
from typing import Any

import numpy as np
import sympy
from sympy.core.relational import Relational

from numeric.constraints import sample_on
from numeric.enclosure import balls_at
from numeric.errors import Undecided
from numeric.exact import evaluate_all_exactly
from numeric.sampling import Generator, sample
from symbolic.algebra.normal import is_zero
from symbolic.algebra.signs import nonnegative
from symbolic.calculus.definiteness_rules import is_never_zero
from symbolic.errors import ChainruleError
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, Variable
from symbolic.operations import add, multiply
from symbolic.traverse import postorder, unfold, variables, with_children

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
System = tuple[Expression, ...]  # expressions that are zero together

_AT_ZERO: dict[str, Any] = {"sign": 0, "step": 0, "Heaviside": sympy.Rational(1, 2),
                            "heaviside": sympy.Rational(1, 2)}  # fmt: skip
_OF_RELATIONS: dict[type, Any] = {
    sympy.Eq: sympy.true, sympy.Ne: sympy.false, sympy.Le: sympy.true, sympy.Ge: sympy.true,
    sympy.Lt: sympy.false, sympy.Gt: sympy.false,
}  # fmt: skip
_DISCRETE = {"binary", "pm1", "counts", "index", "onehot"}
_CONTINUOUS = ("real", "positive", "nonnegative", "unit")
_INSIDE: dict[str, Callable[[Fraction], bool]] = {  # domains of which single entries may be moved
    "real": lambda x: True, "positive": lambda x: x > 0, "nonnegative": lambda x: x >= 0,
    "unit": lambda x: 0 <= x <= 1, "binary": lambda x: x in (0, 1), "pm1": lambda x: x in (-1, 1),
    "counts": lambda x: x >= 0 and x.denominator == 1, "index": lambda x: x >= 0 and x.denominator == 1,
}  # fmt: skip
_DRAWS = 2  # random points for each way in which an argument may be zero
_MOST_NUMBERS = 6  # that are moved, each by itself
_GRID = 32  # places of one number between which a sign may change
_HALVINGS = 700
_BITS = 1600
_TINY = Fraction(1, 2**300)  # an argument that is zero as far as is seen next to a zero
_SAME = Fraction(1, 2**150)
_HUGE = 2.0**200


def jumps(expressions: Iterable[Expression]) -> tuple[Expression, ...]:
    """The arguments at whose zeros expressions may jump, without those that are zero nowhere.

    >>> from symbolic import abs, scalar, sign
    >>> s = scalar("s")
    >>> jumps([abs(s), sign(s - 1), sign(s**2 + 1)])
    (s - 1,)
    """
    found = dict.fromkeys(
        each
        for node in postorder([unfold(each) for each in expressions])
        if isinstance(node, Elementwise)
        for _, each, _ in _decisions(node)
    )
    return tuple(each for each in found if variables(each) and not is_never_zero(each))


def centres(expressions: Iterable[Expression]) -> tuple[Expression, ...]:
    """What is squared or measured, where it is more than a variable: at its zeros expressions may peak.

    >>> from symbolic import exp, norm, scalar, vector
    >>> s, x, y = scalar("s"), vector("x", "n"), vector("y", "n")
    >>> centres([exp(-((s - 1234) ** 2)), 1 / (1 + norm(x - y)), s**2])
    (s - 1234, x - y)
    """
    found = dict.fromkeys(
        each
        for node in postorder([unfold(each) for each in expressions])
        for each in _squared(node)
    )
    fixed = (each for each in found if not isinstance(each, Variable) and variables(each))
    return tuple(each for each in fixed if not is_never_zero(each))


def _squared(node: Expression) -> Iterator[Expression]:
    match node:
        case Elementwise():
            for part in sympy.preorder_traversal(node.kernel.expr):
                if isinstance(part, sympy.Abs) or (part.is_Pow and part.exp.is_even):
                    yield _argument(node, part.args[0])
        case Apply(function="norm"):
            yield node.operands[0]
        case Contraction():
            factors = list(zip(node.operands, node.labels, strict=True))
            yield from (each for each, at in factors if factors.count((each, at)) > 1)


def _decisions(node: Elementwise) -> Iterator[tuple[sympy.Basic, Expression, Any]]:
    """The parts of a function of numbers that jump: their argument, and their value where it is zero."""
    for part in sympy.preorder_traversal(node.kernel.expr):
        if isinstance(part, Relational):
            yield part, _argument(node, part.lhs - part.rhs), _OF_RELATIONS[type(part)]
        elif type(part).__name__ in _AT_ZERO:
            yield part, _argument(node, part.args[0]), sympy.sympify(_AT_ZERO[type(part).__name__])


def _argument(node: Elementwise, kernel: sympy.Expr) -> Expression:
    """A function of the operands of a node, written with sums and multiples where it is one."""
    operands = dict(zip(node.kernel.variables, node.operands, strict=True))
    terms = []
    for term in sympy.Add.make_args(kernel):
        factor, rest = term.as_coeff_Mul()
        if rest not in operands or not factor.is_Rational:
            return Elementwise(sympy.Lambda(node.kernel.variables, kernel), node.operands)
        terms.append(multiply(factor, operands[rest]))
    return reduce(add, [term for term in terms if not is_zero(term)] or terms[:1])


def is_discrete(system: System) -> bool:
    """Whether expressions depend only on variables with separate values, of which the first are all tried."""
    return all(v.domain in _DISCRETE for each in system for v in variables(each))


def systems(argument: Expression) -> tuple[System, ...]:
    """The ways in which an argument is zero: in each, all of some expressions are.

    >>> from symbolic import norm, scalar, vector
    >>> s, x, y = scalar("s"), vector("x", "n"), vector("y", "n")
    >>> systems((s - 1) * norm(x - y) ** 2)
    ((s - 1,), (x - y,))
    """
    e = unfold(argument)
    if is_never_zero(e):
        return ()
    match e:
        case Elementwise(operands=(inner,)):
            base, exponent = e.kernel.expr.as_base_exp()
            inside = base.args[0] if isinstance(base, sympy.Abs) else base
            if inside == e.kernel.variables[0] and exponent.is_positive:
                return systems(inner)
        case Apply(function="norm") if e.rank == 0:
            return ((e.operands[0],),)
        case Contraction() if _is_square(e):
            return ((e.operands[0],),)
        case Contraction() if len(set(e.output)) == len(e.sizes):
            return tuple(dict.fromkeys(way for each in e.operands for way in systems(each)))
        case Sum() if all(map(nonnegative, e.terms)):
            ways = [systems(term) for term in e.terms]
            return (tuple(each for way in ways for each in way[0]),) if all(ways) else ()
    return ((e,),)


def _is_square(e: Contraction) -> bool:
    return (
        e.rank == 0
        and len(e.operands) == 2
        and e.operands[0] is e.operands[1]
        and len(set(e.labels)) == 1
    )


def points_at_zeros(
    system: System, given: Sequence[Variable], sizes: Sizes, rng: Generator
) -> Iterator[tuple[Point, bool]]:
    """Points at which expressions are zero, and whether they are so exactly.

    >>> from symbolic import scalar
    >>> s, rng = scalar("s"), np.random.default_rng(0)
    >>> sorted(str(point[s]) for point, _ in points_at_zeros((s**2 - 3 * s + 2,), [s], {}, rng))
    ['1', '2']
    >>> [(round(float(point[s]), 3), exact) for point, exact in points_at_zeros((s**2 - 2,), [s], {}, rng)]
    [(-1.414, False), (1.414, False)]
    """
    found = False
    for equations in (
        (system, tuple(map(_first_entry, system))) if any(e.rank for e in system) else (system,)
    ):
        for _ in range(_DRAWS):
            try:
                zero = [(each, multiply(0, each)) for each in equations]
                yield sample_on(zero, given, sizes, rng), True
                found = True
            except (Undecided, ChainruleError):
                break
    if len(system) == 1 and not found:
        one = _first_entry(system[0])
        yield from _on_lines(one, given, sizes, rng)


def _first_entry(e: Expression) -> Expression:
    return e[(0,) * e.rank] if e.rank else e


def _on_lines(
    argument: Expression, given: Sequence[Variable], sizes: Sizes, rng: Generator
) -> Iterator[tuple[Point, bool]]:
    """Zeros along lines on which one number moves."""
    start = sample(given, sizes, rng)
    used = [v for v in variables(argument) if v.domain in _INSIDE]
    places = [(v, at) for v in used for at in np.ndindex(np.shape(start[v]))]
    for variable, at in islice(places, _MOST_NUMBERS):

        def moved(value: Fraction, variable: Variable = variable, at: Any = at) -> Point:
            array = np.array(start[variable], dtype=object)
            array[at] = value
            return {**start, variable: array}

        low = Fraction(-8) if variable.domain == "real" else Fraction(1, 997)
        high = Fraction(996, 997) if variable.domain == "unit" else 8 + Fraction(1, 1009)
        nodes = [low + (high - low) * Fraction(k, _GRID) for k in range(_GRID + 1)]
        found = False
        for value in _rational_roots(argument, moved, sizes):
            if _INSIDE[variable.domain](value):
                found = True
                yield moved(value), True
        if found or variable.domain not in _CONTINUOUS:
            continue
        signs = [_sign(argument, moved(node), sizes) for node in nodes]
        for (below, one), (above, other) in pairwise(zip(nodes, signs, strict=True)):
            if one * other < 0:
                yield moved(_halved(argument, moved, sizes, (below, above), one)), False


def _rational_roots(argument: Expression, moved: Any, sizes: Sizes) -> list[Fraction]:
    """The rational zeros of what is a polynomial of degree two at most of a moving number."""
    try:
        f = [
            Fraction(str(evaluate_all_exactly([argument], moved(Fraction(t)), sizes)[0].item()))
            for t in range(4)
        ]
    except (Undecided, ChainruleError, ZeroDivisionError, ValueError):
        return []
    a = (f[2] - 2 * f[1] + f[0]) / 2
    b, c = f[1] - f[0] - a, f[0]
    if f[3] != 9 * a + 3 * b + c or (a == 0 and b == 0):
        return []
    if a == 0:
        return [-c / b]
    inside = b * b - 4 * a * c
    if inside < 0:
        return []
    root = Fraction(isqrt(inside.numerator), isqrt(inside.denominator))
    if root * root != inside:
        return []
    return sorted({(-b - root) / (2 * a), (-b + root) / (2 * a)})


def _sign(argument: Expression, point: Point, sizes: Sizes, bits: int = 128) -> int:
    try:
        (balls,), _ = balls_at([argument], point, sizes, bits)
    except Undecided:
        return 0
    ball = balls.flat[0]
    return int(ball > 0) - int(ball < 0)


def _halved(
    argument: Expression, moved: Any, sizes: Sizes, ends: tuple[Fraction, Fraction], sign: int
) -> Fraction:
    below, above = ends
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if _sign(argument, moved(middle), sizes, _BITS) == sign:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def difference_at_zero(
    left: Expression, right: Expression, point: Point, sizes: Sizes
) -> tuple[tuple[int, ...], str, str] | bool | None:
    """Where two expressions differ if arguments of jumps that are almost zero at a point are zero.

    The entry with both values; False where they agree or have no value, None where it is not told. Close to a
    zero that is no rational point this proves nothing.

    >>> from symbolic import constant, parse, scalar
    >>> s, at_root = scalar("s"), parse("where(s**2 == 2, s**2, 2)", {"s": ""})
    >>> near = {s: Fraction(isqrt(2 * 10**400), 10**200)}
    >>> difference_at_zero(at_root, constant(2), near, {})
    False
    >>> difference_at_zero(at_root, constant(1), near, {})
    ((), '2', '1')
    """
    found = values_at_zero([left, right], point, sizes)
    if found is None:
        return None
    try:
        beside, _ = balls_at([left, right], point, sizes, _BITS)
    except (Undecided, ChainruleError):
        return None
    if all(any(abs(ball) > _HUGE for ball in array.flat) for array in beside):
        return False  # a pole of both sides
    one, other = found
    for entry in np.ndindex(one.shape):
        gap = one[entry] - other[entry]
        if not gap.is_finite():
            return None
        if not abs(gap) < float(_SAME):
            shown = [_decimal(ball[entry]) for ball in (one, other)]
            return (entry, shown[0], shown[1]) if shown[0] != shown[1] else None
    return False


def values_at_zero(
    expressions: Sequence[Expression], point: Point, sizes: Sizes
) -> list[Any] | None:
    """The values that expressions have if arguments of jumps that are almost zero at a point are zero.

    >>> from symbolic import scalar, sign
    >>> s = scalar("s")
    >>> near = {s: Fraction(isqrt(2 * 10**400), 10**200)}
    >>> [str(values.item()) for values in values_at_zero([sign(s**2 - 2), sign(s)], near, {})]
    ['0', '1.00000000000000']
    """
    masks: dict[Variable, Any] = {}
    try:
        changed = [_with_zeros(each, point, sizes, masks) for each in expressions]
        return balls_at(changed, {**point, **masks}, sizes, _BITS)[0]
    except (Undecided, ChainruleError):
        return None


def _decimal(ball: Any) -> str:
    text = str(ball.str(12, radius=False))
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _with_zeros(
    root: Expression, point: Point, sizes: Sizes, masks: dict[Variable, Any]
) -> Expression:
    """An expression in which jumps take their value at 0 wherever their argument is almost zero."""
    whole = unfold(root)
    new: dict[Expression, Expression] = {}
    for node in postorder(whole):
        rebuilt = with_children(node, tuple(new[child] for child in node.children))
        new[node] = rebuilt
        if not isinstance(node, Elementwise):
            continue
        assert isinstance(rebuilt, Elementwise)
        kernel, symbols, operands = (
            rebuilt.kernel.expr,
            list(rebuilt.kernel.variables),
            list(rebuilt.operands),
        )
        for part, argument, value in _decisions(node):
            (balls,), _ = balls_at([argument], point, sizes, _BITS)
            almost = np.array([abs(ball) < float(_TINY) for ball in balls.flat])
            if not almost.any():
                continue
            mask = Variable(f"zero_{len(masks)}", node.shape)
            masks[mask] = np.array([Fraction(int(each)) for each in almost], object).reshape(
                balls.shape
            )
            symbol = sympy.Dummy(mask.name, real=True)
            kernel = sympy.Piecewise((kernel.xreplace({part: value}), symbol > 0), (kernel, True))
            symbols.append(symbol)
            operands.append(mask)
            new[node] = Elementwise(sympy.Lambda(tuple(symbols), kernel), tuple(operands))
    return new[whole]


__all__ = [
    "centres",
    "difference_at_zero",
    "is_discrete",
    "jumps",
    "points_at_zeros",
    "systems",
    "values_at_zero",
]
