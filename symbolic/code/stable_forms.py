"""Stable forms: what people write naively, as the function that does not overflow or cancel.

| written                          | computed            |
|----------------------------------|---------------------|
| `log(sigmoid(z))`                | `-softplus(-z)`     |
| `log(1 - sigmoid(z))`            | `-softplus(z)`      |
| `log(1 + exp(z))`, `log1p(exp(z))` | `softplus(z)`     |
| `1/(1 + exp(z))`                 | `sigmoid(-z)`       |
| `log(sum(exp(z), axis))`         | `logsumexp(z, axis)` |
| `log(softmax(z, axis))`          | `log_softmax(z, axis)` |
| `log(1 + u)`, `log(1 - u)`, `log(1/u)` | `log1p(u)`, `log1p(-u)`, `-log(u)` |
| `log(sigmoid(u) - sigmoid(v))`   | `log(1 - exp(v - u)) - softplus(-u) - softplus(v)` |
| `log(1 - exp(z))`                | `log(-expm1(z))` near 0, else `log1p(-exp(z))` |
| `log(cosh(z))`                   | `log1p(2*sinh(z/2)**2)` near 0, else from exp(-2*abs(z)) |
| `log(2*sigmoid(z))`              | `minimum(z, 0) - log1p(expm1(-abs(z))/2)` |
| `log1p(f(z))`, f = tanh, erf     | `log(1 + f(z))`     |
| `norm(x, axis)**2`               | `sum(x*x, axis)`    |
| `outer(x, x)/norm(x)**3`         | `outer(u, u)/norm(x)`, u = x/norm(x) |
| `where(abs(u) <= d, u, d*sign(u))` | `c = minimum(maximum(u, -d), d)` |
| `1/(c*u)`, `u**(-1/2)`           | `(1/c)*(1/u)`, `1/sqrt(u)` |
| `u**k*(1/u)`                     | `u**(k - 1)`        |

Each row is an identity for all real arguments, so only rounding differs; so are those of
`cancellation`, `common_denominators` and `centring`. Names are looked through: `log(p)` with
`p = sigmoid(z)` is computed from z.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache

import sympy

from symbolic.code.arrangement import arranged_once
from symbolic.code.bounded_products import bounded
from symbolic.code.cancellation import (
    ONE_MINUS,
    ONE_PLUS,
    factor_and_core,
    kernel_without_cancellation,
    meaning,
    scaled,
    without_cancellation,
)
from symbolic.code.cancellation import built as on_nodes
from symbolic.code.centring import centred
from symbolic.code.clipped_cases import with_clipped_values
from symbolic.code.common_denominators import without_long_terms
from symbolic.code.concatenation import concatenated
from symbolic.code.diagonal_sums import with_one_diagonal, without_diagonal_factors
from symbolic.code.distribution import distribute
from symbolic.code.normal_tails import log_of_tail, with_scaled_tails
from symbolic.code.products import is_multiple
from symbolic.code.repetition import repeat_last
from symbolic.code.sigmoid_logarithms import log_of_sigmoids
from symbolic.code.sigmoid_polynomials import LOG1MEXP
from symbolic.code.spread_sums import with_sums_together
from symbolic.code.tails_in_kernels import kernel_with_scaled_tails
from symbolic.code.unit_vectors import with_unit_vectors
from symbolic.code.untaken_cases import with_taken_cases
from symbolic.code.variable_powers import with_merged_powers
from symbolic.code.zero_logarithms import guarded
from symbolic.functions import expm1, log1p, sigmoid, softplus
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Sum,
    kernel_symbol,
)
from symbolic.traverse import postorder, with_children

SHORT = 8  # terms; longer sums stay nested, so that flattening stays linear

_x = kernel_symbol(0)
_MINUS = sympy.S.NegativeOne
_LOG_HALF = -sympy.log(2).evalf(17)
_LOG_TWICE_SIGMOID = sympy.Lambda((_x,), sympy.Min(_x, 0) - log1p(expm1(-sympy.Abs(_x)) / 2))
_LOG_COSH = sympy.Lambda(
    (_x,),
    sympy.Piecewise(
        (log1p(2 * sympy.sinh(sympy.Min(sympy.Abs(_x), 1) / 2) ** 2), sympy.Abs(_x) < 1),
        (sympy.Abs(_x) + log1p(sympy.exp(-2 * sympy.Abs(_x))) + _LOG_HALF, True),
    ),
)


def stabilise(roots: tuple[Expression, ...]) -> dict[Expression, Expression]:
    """Every node below the roots in its stable form, kernels taken apart, repetition outermost.

    >>> from symbolic.operations import exp, log
    >>> from symbolic.variables import scalar
    >>> e = log(1 + exp(scalar("z")))
    >>> stabilise((e,))[e]
    softplus(z)
    """
    new: dict[Expression, Expression] = {}
    order = postorder(roots)
    uses = Counter(child for node in order for child in node.children)
    uses.update(roots)
    for node in order:
        built = arranged_once(with_children(node, tuple(new[child] for child in node.children)))
        number, built = _number_and_rest(without_diagonal_factors(built))
        stable = _stable(built) if isinstance(built, Elementwise) else built
        if isinstance(stable, Contraction):
            stable = with_merged_powers(stable)
        if isinstance(stable, Contraction):
            stable = with_taken_cases(stable, _stable_product)
        stable = with_scaled_tails(stable)
        stable = stable if number == 1 else scaled(number, stable)
        if isinstance(node, Sum):
            once = [uses[term] == 1 for term in node.terms]
            flat = _flat([new[term] for term in node.terms], once)
            stable = _stable_sum(flat)
        new[node] = repeat_last(distribute(stable))
    return new


def _stable_product(node: Contraction) -> Expression:
    return with_scaled_tails(with_unit_vectors(bounded(guarded(node))))


def _number_and_rest(node: Expression) -> tuple[sympy.Expr, Expression]:
    """A product entry by entry as the numbers in front of its factors and the rest: (-y)*z is -(y*z)."""
    if not isinstance(node, Contraction) or node.summed or len(node.operands) < 2:
        return sympy.S.One, node
    multiples = [each for each in node.operands if is_multiple(each)]
    if not multiples or len(set(node.output)) < len(node.output):
        return sympy.S.One, node
    operands = [each.children[0] if is_multiple(each) else each for each in node.operands]
    number = sympy.Mul(node.coefficient, *(each.coefficient for each in multiples))
    product = Contraction(operands, node.labels, node.output, dict(enumerate(node.sizes)))
    return number, product


def _flat(terms: list[Expression], once: list[bool]) -> Sum:
    """A sum with short sums that nothing else needs written out."""
    flat: list[Expression] = []
    for term, single in zip(terms, once, strict=True):
        short = single and isinstance(term, Sum) and len(term.terms) <= SHORT
        short = short and concatenated(term) is None
        flat.extend(term.children if short else (term,))
    return Sum(flat)


def _stable_sum(flat: Sum) -> Expression:
    """A sum without cancellation, diagonals of it together."""
    stable = _without_differences(flat)
    if isinstance(stable, Sum):
        stable = with_one_diagonal(stable, _without_differences)
    return centred(stable) if isinstance(stable, Sum) else stable


def _without_differences(total: Sum) -> Expression:
    stable = without_cancellation(with_sums_together(total))
    return without_long_terms(stable) if isinstance(stable, Sum) else stable


def _stable(node: Elementwise) -> Expression:
    clipped = with_clipped_values(node)
    if clipped is not node:
        return clipped
    if len(node.operands) == 1:
        rule = _RULES.get(node.kernel.expr)
        found = rule(meaning(node.operands[0])) if rule else None
        if found is not None:
            return found
    return _take_apart(_with_complements(node))


def _with_complements(node: Elementwise) -> Elementwise:
    """A kernel with `1 - p` of an operand p that is a sigmoid, say, as that of the negative argument."""
    expression, operands = node.kernel.expr, list(node.operands)
    for symbol, operand in zip(node.kernel.variables, node.operands, strict=True):
        inner = meaning(operand)
        if isinstance(inner, Elementwise) and expression.has(1 - symbol):
            complement = ONE_MINUS.get(inner.kernel.expr)
            if complement is not None:
                argument = complement.xreplace({_x: kernel_symbol(len(operands))})
                expression = expression.xreplace({1 - symbol: argument})
                operands.append(inner.operands[0])
    if expression == node.kernel.expr:
        return node
    return _on_used(expression, {kernel_symbol(k): each for k, each in enumerate(operands)})


# --- rules on nodes ------------------------------------------------------------------------------


def _log(inside: Expression) -> Expression | None:
    if isinstance(inside, Apply) and inside.function == "softmax":
        return Apply("log_softmax", inside.operand, inside.axis)
    tail = log_of_tail(inside)
    if tail is not None:
        return _take_apart(tail) if isinstance(tail, Elementwise) else tail
    number, core = factor_and_core(inside)
    z = None if core is None else _argument(meaning(core), sigmoid)
    if z is not None and number == 2:
        return _take_apart(Elementwise(_LOG_TWICE_SIGMOID, [z]))
    if z is not None and number == 1:
        return _negative(_apply(softplus, _negative(z)))
    if not isinstance(inside, Sum):
        found = log_of_sigmoids(inside)
        if found is not None:
            return found
    if isinstance(inside, Contraction):
        z = _argument(meaning(inside.operands[0]), expm1) if _is_negated(inside) else None
        return _log_of_sum(inside) if z is None else _take_apart(Elementwise(LOG1MEXP, [z]))
    if isinstance(inside, Sum):
        found = log_of_sigmoids(inside)
        return _log_of_one_plus(inside) if found is None else found
    if isinstance(inside, Elementwise) and inside.kernel.expr == 1 / _x:
        return _negative(_stable(_apply(sympy.log, inside.children[0])))
    z = _argument(inside, sympy.cosh)
    return None if z is None else _take_apart(Elementwise(_LOG_COSH, [z]))


def _log_of_sum(inside: Contraction) -> Expression | None:
    """`log(sum(exp(z)))`: all axes, or one."""
    if inside.coefficient != 1 or len(inside.operands) != 1:
        return None
    z = _argument(meaning(inside.operands[0]), sympy.exp)
    (labels,) = inside.labels
    kept = tuple(label for label in labels if label in inside.output)
    summed = [axis for axis, label in enumerate(labels) if label not in inside.output]
    if z is None or kept != inside.output or len(set(labels)) < len(labels) or not summed:
        return None
    if not kept:
        return Apply("logsumexp", z)
    return Apply("logsumexp", z, summed[0]) if len(summed) == 1 else None


def _log_of_one_plus(inside: Sum) -> Expression | None:
    rest = _after_one(inside)
    if rest is None:
        return None
    if isinstance(rest, Contraction) and _is_negated(rest):
        z = _argument(meaning(rest.operands[0]), sigmoid)
        return _apply(log1p, rest) if z is None else _negative(_apply(softplus, z))
    found = _log1p(rest)
    return _apply(log1p, rest) if found is None else found


def _log1p(inside: Expression) -> Expression | None:
    z = _argument(inside, sympy.exp)
    if z is not None:
        return _apply(softplus, z)
    number, core = factor_and_core(inside)
    rows = {1: ONE_PLUS, -1: ONE_MINUS}.get(number)
    for head in (sympy.tanh, sympy.erf):
        z = None if core is None or rows is None else _argument(meaning(core), head)
        if z is not None and rows is not None:
            return _log(meaning(on_nodes(rows[head(_x)], z)))
    return None


def _reciprocal(inside: Expression) -> Expression | None:
    rest = _after_one(inside) if isinstance(inside, Sum) else None
    z = None if rest is None else _argument(rest, sympy.exp)
    if z is not None:
        return _apply(sigmoid, _negative(z))
    factor, core = factor_and_core(inside)
    if factor == 1 or core is None or factor == 0:
        return None
    return scaled(1 / factor, Elementwise(sympy.Lambda((_x,), 1 / _x), [core]))


def _reciprocal_root(inside: Expression) -> Expression:
    found = _root(inside)
    number, root = factor_and_core(_apply(sympy.sqrt, inside) if found is None else found)
    assert root is not None
    return scaled(1 / number, Elementwise(sympy.Lambda((_x,), 1 / _x), [root]))


def _root(inside: Expression) -> Expression | None:
    """The root of a positive number times a sum."""
    number, core = factor_and_core(inside)
    if number == 1 or not number.is_Rational or not number.is_positive or core is None:
        return None
    if not isinstance(meaning(core), Sum):
        return None
    return scaled(sympy.sqrt(number), _apply(sympy.sqrt, core))


def _square(inside: Expression) -> Expression | None:
    if not (isinstance(inside, Apply) and inside.function == "norm"):
        return None
    labels = range(inside.operand.rank)
    kept = [] if inside.axis is None else [label for label in labels if label != inside.axis]
    return Contraction([inside.operand] * 2, [labels, labels], kept)


_RULES: dict[sympy.Expr, Callable[[Expression], Expression | None]] = {
    sympy.log(_x): _log,
    log1p(_x): _log1p,
    1 / _x: _reciprocal,
    1 / sympy.sqrt(_x): _reciprocal_root,
    sympy.sqrt(_x): _root,
    _x**2: _square,
}


def _after_one(total: Sum) -> Expression | None:
    """The other term of `1 + term`."""
    if len(total.terms) != 2:
        return None
    for one, other in (total.terms, total.terms[::-1]):
        if _is_one(one):
            return meaning(other)
    return None


def _is_one(node: Expression) -> bool:
    """Whether every entry is 1."""
    while isinstance(node, Contraction) and node.coefficient == 1 and not node.summed:
        if len(set(node.output)) < len(node.output) or len(node.operands) > 1:
            return False
        if not node.operands:
            return True
        node = node.operands[0]
    return False


def _is_negated(node: Contraction) -> bool:
    return node.coefficient == -1 and node.labels == (node.output,)


def _argument(node: Expression, head: Callable[..., sympy.Expr]) -> Expression | None:
    """z, if the node is `head(z)`."""
    if not isinstance(node, Elementwise) or node.kernel.expr.func is not head:
        return None
    argument = node.kernel.expr.args[0]
    if len(node.operands) == 1 and argument == _x:
        return node.operands[0]
    return Elementwise(sympy.Lambda(node.kernel.variables, argument), node.operands)


def _apply(head: Callable[..., sympy.Expr], operand: Expression) -> Elementwise:
    return Elementwise(sympy.Lambda((_x,), head(_x)), [operand])


def _negative(operand: Expression) -> Expression:
    return scaled(_MINUS, operand)


# --- compound kernels ----------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _stable_kernel(expression: sympy.Expr) -> sympy.Expr:
    """The rows of the table that may occur inside one kernel."""
    u = sympy.Wild("u")
    for written, stable in (
        (sympy.log(sigmoid(u)), -softplus(-u)),
        (sympy.log(1 - sigmoid(u)), -softplus(u)),
        (sympy.log(1 + sympy.exp(u)), softplus(u)),
        (log1p(sympy.exp(u)), softplus(u)),
    ):
        expression = expression.replace(written, stable)
    return kernel_without_cancellation(kernel_with_scaled_tails(expression))


@lru_cache(maxsize=4096)
def _parts(
    expression: sympy.Expr, arity: int
) -> tuple[tuple[tuple[sympy.Symbol, sympy.Expr], ...], sympy.Expr]:
    """A kernel as steps of one function each, so that equal functions of kernels are shared."""
    steps: dict[sympy.Expr, sympy.Symbol] = {}

    def cut(node: sympy.Expr, *, outermost: bool = False) -> sympy.Expr:
        if node.is_Atom:
            return node
        arguments = tuple(cut(argument) for argument in node.args)
        options = {"evaluate": False} if isinstance(node, sympy.Piecewise) else {}
        changed = node if arguments == node.args else node.func(*arguments, **options)
        if outermost or not isinstance(node, (sympy.Function, sympy.exp)):
            return changed
        return steps.setdefault(changed, kernel_symbol(arity + len(steps)))

    last = cut(expression, outermost=True)
    return tuple((symbol, step) for step, symbol in steps.items()), last


def _take_apart(node: Elementwise) -> Elementwise:
    expression, arity = node.kernel.expr, len(node.operands)
    if not any(isinstance(a, sympy.Basic) and not a.is_Atom for a in expression.args):
        return node
    if not expression.has(sympy.Function, sympy.exp):
        return node
    steps, last = _parts(_stable_kernel(expression), arity)
    if not steps and last == expression:
        return node
    at = {kernel_symbol(i): operand for i, operand in enumerate(node.operands)}
    for symbol, step in steps:
        at[symbol] = _on_used(step, at)
    return _on_used(last, at)


def _on_used(expression: sympy.Expr, at: dict[sympy.Symbol, Expression]) -> Elementwise:
    """A kernel of just the symbols that it holds."""
    held = [symbol for symbol in at if expression.has(symbol)] or list(at)[:1]
    renamed = {symbol: kernel_symbol(place) for place, symbol in enumerate(held)}
    kernel = sympy.Lambda(tuple(renamed.values()), expression.xreplace(renamed))
    return Elementwise(kernel, [at[symbol] for symbol in held])
