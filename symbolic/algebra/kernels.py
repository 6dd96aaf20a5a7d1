"""Scalar kernels: the shortest of a few equivalent SymPy forms.

A kernel is a SymPy expression in generators (symbols that stand for tensors read at one place) and
sizes. Named functions of one argument count as generators of a rational function, so that
`(p - y)/(p*(1 - p)) * p*(1 - p)` is `p - y`. Candidates are the expression as it is, together,
cancelled and factored, with exponentials also written through sigmoid; ties go to the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from math import prod

import sympy

from symbolic.algebra.function_laws import use_function_laws
from symbolic.functions import sigmoid

KERNEL_LAWS = frozenset({"definition of sigmoid", "reflection of sigmoid"})
MOST_SPREAD = 60  # terms; a larger polynomial is neither cancelled nor factored
MOST_FACTORED = 3  # generators; factoring polynomials in more may take for ever
HIGHEST_DEGREE = 40  # a power beyond it is no polynomial to factor: a dense one has that many terms
LARGEST = 80  # operations; beyond that a kernel stays as it is


def cost(expression: sympy.Expr, weights: Mapping[sympy.Symbol, int]) -> int:
    """About how long the expression is as text, with a length given for each generator."""
    total = 0
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, sympy.Symbol):
            total += weights.get(node, 1)
        elif node.is_Rational:
            total += len(str(abs(node)))
        elif node.is_Pow:
            base, exponent = node.args
            if exponent == -1:
                total += 2
            elif exponent == sympy.Rational(1, 2):
                total += 6
            elif exponent.is_Rational and exponent < 0:
                total += 3 + len(str(-exponent))
            else:
                total += 3
                stack.append(exponent)
            total += 2 if base.is_Add or base.is_Mul else 0
            stack.append(base)
        elif node.is_Add:
            total += 3 * (len(node.args) - 1)
            stack.extend(node.args)
        elif node.is_Mul:
            total += len(node.args) - 1
            for factor in node.args:
                total += 2 if factor.is_Add else 0
                stack.append(factor)
        else:
            total += len(type(node).__name__) + 2
            parts = sum((case.args for case in node.args), ()) if _is_cases(node) else node.args
            stack.extend(part for part in parts if isinstance(part, sympy.Expr))
    return total


def shortest(
    expression: sympy.Expr, weights: Mapping[sympy.Symbol, int], laws: frozenset[str]
) -> sympy.Expr:
    """The shortest equivalent form of a kernel; the same for every naming of its generators.

    `laws` are the laws of named functions that may be used besides the arithmetic of quotients.
    """
    expression = use_function_laws(expression, laws)
    if not _worth_trying(expression):
        return expression
    ordered = sorted(weights.items(), key=lambda item: (item[1], item[0].name))
    generators = [symbol for symbol, _ in ordered if expression.has(symbol)]
    rename = {
        symbol: sympy.Symbol(f"_g{place}", **_assumptions(symbol))
        for place, symbol in enumerate(generators)
    }
    lengths = tuple(weights[symbol] for symbol in generators)
    used = laws & KERNEL_LAWS
    found = _shortest(expression.xreplace(rename), tuple(rename.values()), lengths, used)
    return found.xreplace({new: old for old, new in rename.items()})


def _assumptions(symbol: sympy.Symbol) -> dict[str, bool]:
    return {"positive": True} if symbol.is_positive else {"real": True}


@lru_cache(maxsize=4096)
def _shortest(
    expression: sympy.Expr,
    generators: tuple[sympy.Symbol, ...],
    lengths: tuple[int, ...],
    laws: frozenset[str],
) -> sympy.Expr:
    weights = dict(zip(generators, lengths, strict=True))
    best, best_cost = expression, cost(expression, weights)
    for candidate in _candidates(expression, laws):
        candidate_cost = cost(candidate, weights)
        if candidate_cost < best_cost:
            best, best_cost = candidate, candidate_cost
    return best


def _worth_trying(expression: sympy.Expr) -> bool:
    """Whether something may cancel: a sum that meets a quotient, or terms that share functions."""
    if not expression.has(sympy.Add, sympy.Piecewise):
        return False
    if _operations(expression) > LARGEST:
        return False
    divides = any(power.exp.could_extract_minus_sign() for power in expression.atoms(sympy.Pow))
    if divides or expression.has(sympy.exp) or expression.has(sigmoid):
        return True
    if expression.has(sympy.Piecewise):
        return True
    if expression.is_Add:
        seen: set[sympy.Basic] = set()
        for term in expression.args:
            symbols = {s for s in term.free_symbols if not s.is_integer}
            if symbols & seen:
                return True
            seen |= symbols
    return False


def _operations(expression: sympy.Expr) -> int:
    return len(list(sympy.preorder_traversal(expression)))


_FORMS: tuple[Callable[[sympy.Expr], sympy.Expr], ...] = (
    sympy.together,
    sympy.cancel,
    sympy.factor,
)


def _candidates(expression: sympy.Expr, laws: frozenset[str]) -> list[sympy.Expr]:
    found = []
    starts = [expression]
    if "definition of sigmoid" in laws:
        starts.extend(_through_sigmoid(expression))
    if "reflection of sigmoid" in laws and expression.has(sigmoid):
        starts.extend(_reflected(expression))
    for start in starts:
        hidden, back = _hide_functions(start)
        for form in _FORMS[: _forms_within_reach(hidden)]:
            if start is not expression:
                found.append(start)
            try:
                found.append(form(hidden).xreplace(back))
            except (sympy.PolynomialError, NotImplementedError):
                continue
    if expression.is_Add:
        found.append(sympy.factor_terms(expression))
    if _has_one_question(expression):
        found.append(sympy.piecewise_fold(expression))
    if expression.has(sympy.Piecewise):
        found.extend(
            [each.replace(_is_cases, common_factor_first) for each in (expression, *found)]
        )
    return found


def _is_cases(expression: sympy.Expr) -> bool:
    return isinstance(expression, sympy.Piecewise)


def common_factor_first(cases: sympy.Piecewise) -> sympy.Expr:
    """The factors that the values of all cases share, times what is left of the cases.

    >>> x, y = sympy.symbols("x y")
    >>> common_factor_first(sympy.Piecewise((x * y, x > 0), (-2 * y, True)))
    y*Piecewise((x, x > 0), (-2, True))
    """
    values = [value for value, _ in cases.args]
    if any(value == 0 for value in values):
        return cases
    first, *others = ({*sympy.Mul.make_args(value)} for value in values)
    shared = sympy.Mul(*first.intersection(*others))
    if shared == 1:
        return cases
    rest = [(value / shared, condition) for value, condition in cases.args]
    return shared * sympy.Piecewise(*rest, evaluate=False)


def _forms_within_reach(hidden: sympy.Expr) -> int:
    """How many of the forms are tried; the later ones take longer on larger polynomials."""
    if _spread(hidden) > MOST_SPREAD:
        return 1
    return 2 if len(hidden.free_symbols) > MOST_FACTORED else 3


def _spread(expression: sympy.Expr) -> int:
    """About how many terms a rational expression has when its polynomials are multiplied out."""
    if expression.is_Add:
        return sum(_spread(term) for term in expression.args)
    if expression.is_Mul:
        return prod(_spread(factor) for factor in expression.args)
    if expression.is_Pow and expression.exp.is_Integer:
        return int(_spread(expression.base) ** min(abs(int(expression.exp)), 6))
    return 1


def _has_one_question(expression: sympy.Expr) -> bool:
    """Whether several cases ask the same, so that they can be told in one."""
    cases = expression.atoms(sympy.Piecewise)
    questions = {tuple(condition for _, condition in each.args) for each in cases}
    return len(cases) > 1 and len(questions) == 1


def _hide_functions(
    expression: sympy.Expr,
) -> tuple[sympy.Expr, dict[sympy.Expr, sympy.Expr]]:
    """Outermost functions, and powers that are not integer or very high, replaced by symbols."""
    back: dict[sympy.Expr, sympy.Expr] = {}
    forth: dict[sympy.Expr, sympy.Symbol] = {}

    def hide(node: sympy.Expr) -> sympy.Expr:
        if node.is_Add or node.is_Mul:
            return node.func(*(hide(arg) for arg in node.args))
        if node.is_Pow and node.exp.is_Rational and abs(node.exp.p) <= HIGHEST_DEGREE:
            base, exponent = node.base, node.exp
            inner = hide(base)
            if exponent.is_Integer:
                return inner**exponent
            root = _symbol(base ** sympy.Rational(1, exponent.q))
            return root**exponent.p
        if node.is_Atom:
            return node
        return _symbol(node)

    def _symbol(node: sympy.Expr) -> sympy.Symbol:
        if node not in forth:
            forth[node] = sympy.Symbol(f"_f{len(forth)}", real=True)
            back[forth[node]] = node
        return forth[node]

    return hide(expression), back


def _through_sigmoid(expression: sympy.Expr) -> list[sympy.Expr]:
    """The expression with exp(u) written as s/(1 - s), s = sigmoid(u)."""
    arguments = sorted(
        {_upright(node.args[0]) for node in expression.atoms(sympy.exp)}, key=sympy.default_sort_key
    )
    found = []
    for u in arguments:
        s = sigmoid(u)
        written = expression.subs({sympy.exp(u): s / (1 - s), sympy.exp(-u): (1 - s) / s})
        found.append(written.subs(sigmoid(-u), 1 - s))
    return found


def _reflected(expression: sympy.Expr) -> list[sympy.Expr]:
    """The expression with sigmoid(-u) written as 1 - sigmoid(u)."""
    turned = expression.replace(
        lambda node: isinstance(node, sigmoid) and node.args[0].could_extract_minus_sign(),
        lambda node: 1 - sigmoid(-node.args[0]),
    )
    return [turned] if turned != expression else []


def _upright(argument: sympy.Expr) -> sympy.Expr:
    return -argument if argument.could_extract_minus_sign() else argument
