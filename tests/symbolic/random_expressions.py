"""Random well-typed expressions, a complex interpreter that knows no calculus, and shrinking.

`Writer(seed).expression(shape, depth)` writes an expression over the whole language whose value is
finite at every point of the domains. `evaluate_complex` gives its value node by node in complex128,
which the complex step needs; it shares no code with `symbolic.calculus.accumulation` or `numeric`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import sympy
from scipy import special

import numeric
import symbolic as s
from symbolic import Expression, Variable
from symbolic import variables as declared
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import Apply, Contraction, Derivative, Elementwise, Named, Sum
from symbolic.traverse import postorder, substitute, variables, with_children

Array = Any
Shape = tuple[Any, ...]
LETTERS = declared.dims("n d k")
N, D, K = LETTERS
SIZES = {N: 3, D: 2, K: 4}
ONE = {N: 1, D: 3, K: 2}
SMOOTH = ("sin", "cos", "tanh", "sigmoid", "softplus", "erf", "gelu", "silu")
KINKED = ("relu", "abs")
TAME = ("sin", "cos", "tanh", "sigmoid", "erf")
POSITIVE = ("softplus", "sigmoid", "exp", "squared", "softmax", "variable", "sum", "product")


class Writer:
    """Writes random expressions; the same seed and options write the same ones.

    `smooth` leaves out functions with a kink, `names` says whether intermediates may be named.
    """

    def __init__(self, seed: int, *, smooth: bool = False, names: bool = True) -> None:
        self.random = np.random.default_rng(seed)
        self.smooth = smooth
        self.names = names
        self.count = 0

    def pick(self, *options: Any) -> Any:
        """One of the options, each as likely."""
        return options[int(self.random.integers(len(options)))]

    def shape(self, most: int = 2) -> Shape:
        """A shape of up to `most` different letters."""
        rank = int(self.random.integers(most + 1))
        return tuple(LETTERS[i] for i in self.random.permutation(len(LETTERS))[:rank])

    def scalar(self, depth: int) -> Expression:
        """A scalar that contains a variable."""
        found = self.expression((), depth)
        return found if variables(found) else s.sum(found * self.variable((N,)))

    def variable(self, shape: Shape) -> Variable:
        """A variable of the shape, of one of three names and of a domain that fits."""
        name = self.pick("a", "b", "c")
        domain = self.pick("real", "real", "real", self.domain(shape))
        letters = "".join(str(size) for size in shape)
        return Variable(f"{name}_{domain.replace(' ', '')}_{letters}", shape, domain)

    def domain(self, shape: Shape) -> str:
        """A domain for variables of the shape."""
        fitting = ["positive", "unit", "binary"]
        if shape and shape[-1] != 1:
            fitting += ["prob", "onehot", "unit_norm"]
        if len(shape) == 2 and shape[0] == shape[1]:
            fitting += ["symmetric", "symmetric", "spd", "diagonal"]
        return str(self.pick(*fitting))

    def expression(self, shape: Shape, depth: int) -> Expression:
        """An expression of the shape, at most about `depth` operations deep."""
        if depth <= 0:
            return self.leaf(shape)
        ways: list[Callable[[Shape, int], Expression]] = [
            self.total, self.difference, self.product, self.product, self.scaled, self.function,
            self.quotient, self.power, self.root, self.reduction, self.reduction, self.composed,
        ]  # fmt: skip
        if len(shape) <= 2 and 1 not in shape:
            ways += [self.matrix_product, self.matrix_product, self.matrix_product]
        if shape and 1 not in shape:
            ways += [self.normalised, self.centred]
        if len(shape) == 2:
            ways += [self.turned, self.square_form]
        if len(shape) <= 1 and 1 not in shape:
            ways.append(self.traced)
        if self.names:
            ways.append(self.named)
        if not self.smooth:
            ways.append(self.chosen)
        return self.pick(*ways)(shape, depth - 1)

    def leaf(self, shape: Shape) -> Expression:
        if self.pick(0, 0, 0, 0, 0, 1):
            return s.broadcast_to(s.constant(self.number()), shape)
        return self.variable(shape)

    def number(self) -> Fraction:
        return Fraction(int(self.pick(-3, -2, -1, 1, 2, 3)), int(self.pick(1, 1, 2)))

    def narrower(self, shape: Shape) -> Shape:
        """A shape that broadcasts to this one: leading axes dropped, others made 1."""
        start = int(self.random.integers(len(shape) + 1)) if self.pick(0, 1) else 0
        return tuple(1 if self.pick(0, 0, 0, 1) else size for size in shape[start:])

    def pair(self, shape: Shape, depth: int) -> tuple[Expression, Expression]:
        """Two expressions that broadcast to the shape together, in either order."""
        first = self.expression(shape, depth)
        other = self.narrow_expression(self.narrower(shape), depth)
        return self.pick((first, other), (other, first), (first, self.expression(shape, depth)))

    def narrow_expression(self, shape: Shape, depth: int) -> Expression:
        """An expression whose axes of size 1 come from keepdims or new axes."""
        ones = tuple(axis for axis, size in enumerate(shape) if size == 1)
        if not ones:
            return self.expression(shape, depth)
        if self.pick(0, 1):
            kept = tuple(size for size in shape if size != 1)
            index = tuple(None if size == 1 else slice(None) for size in shape)
            return self.expression(kept, depth)[index]
        free = [letter for letter in LETTERS if letter not in shape]
        full = tuple(self.pick(*(free or LETTERS)) if size == 1 else size for size in shape)
        reduce_ = self.pick(s.sum, s.mean)
        return reduce_(self.expression(full, depth - 1), axis=ones, keepdims=True)

    def total(self, shape: Shape, depth: int) -> Expression:
        left, right = self.pair(shape, depth)
        return left + right

    def difference(self, shape: Shape, depth: int) -> Expression:
        left, right = self.pair(shape, depth)
        return left - right

    def product(self, shape: Shape, depth: int) -> Expression:
        left, right = self.pair(shape, depth)
        return left * right

    def scaled(self, shape: Shape, depth: int) -> Expression:
        inner = self.expression(shape, depth)
        return self.pick(
            lambda: self.number() * inner, lambda: -inner, lambda: inner / self.pick(N, D, K, 2)
        )()

    def function(self, shape: Shape, depth: int) -> Expression:
        inner = self.expression(shape, depth)
        name = self.pick(*SMOOTH, *(() if self.smooth else KINKED), "exp", "log", "log1p", "expm1")
        if name in ("exp", "expm1"):
            return getattr(s, name)(getattr(s, self.pick(*TAME))(inner))
        if name in ("log", "log1p"):
            return getattr(s, name)(self.positive(shape, depth))
        return getattr(s, name)(inner)

    def positive(self, shape: Shape, depth: int) -> Expression:
        """An expression that is greater than zero."""
        way = self.pick(*POSITIVE) if depth > 0 else "variable"
        if way == "softmax" and shape and 1 not in shape:
            return s.softmax(self.expression(shape, depth - 1), axis=self.axis(shape))
        if way == "squared":
            return self.expression(shape, depth - 1) ** 2 + self.pick(1, 2)
        if way == "sum":
            return self.positive(shape, depth - 1) + self.positive(self.narrower(shape), depth - 1)
        if way == "product":
            return self.positive(shape, depth - 1) * self.positive(shape, depth - 1)
        if way == "exp":
            return s.exp(getattr(s, self.pick(*TAME))(self.expression(shape, depth - 1)))
        if way in ("softplus", "sigmoid"):
            return getattr(s, way)(self.expression(shape, depth - 1))
        letters = "".join(str(size) for size in shape)
        return Variable(f"{self.pick('p', 'q')}_{letters}", shape, "positive")

    def quotient(self, shape: Shape, depth: int) -> Expression:
        top = self.expression(shape, depth)
        return top / self.positive(self.narrower(shape), depth)

    def power(self, shape: Shape, depth: int) -> Expression:
        if self.pick(0, 1):
            return self.expression(shape, depth) ** self.pick(2, 3)
        exponent = self.pick(Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), -1, -2)
        return self.positive(shape, depth) ** exponent

    def root(self, shape: Shape, depth: int) -> Expression:
        return s.sqrt(self.positive(shape, depth))

    def composed(self, shape: Shape, depth: int) -> Expression:
        """One expression used twice, so that something can cancel."""
        inner = self.expression(shape, depth - 1)
        return self.pick(
            lambda: inner * s.sigmoid(inner),
            lambda: inner**2 - inner,
            lambda: s.softplus(inner) - inner * self.expression(shape, 0),
            lambda: inner / (1 + inner**2),
            lambda: s.sigmoid(inner) * (1 - s.sigmoid(inner)),
        )()

    def axis(self, shape: Shape) -> int | None:
        """One of the axes, or none."""
        return self.pick(None, *range(len(shape)))

    def wider(self, shape: Shape) -> tuple[Shape, int]:
        """The shape with one more axis, and the place of that axis."""
        place = int(self.random.integers(len(shape) + 1))
        free = [letter for letter in LETTERS if letter not in shape] or list(LETTERS)
        return (*shape[:place], self.pick(*free), *shape[place:]), place

    def reduction(self, shape: Shape, depth: int) -> Expression:
        if len(shape) > 2 or 1 in shape:
            return self.expression(shape, depth)
        full, place = self.wider(shape)
        inner = self.expression(full, depth)
        name = self.pick("sum", "mean", "sum", "mean", "logsumexp", "norm")
        if name == "norm":
            inner = self.positive(full, min(depth, 1))
        return getattr(s, name)(inner, axis=place)

    def normalised(self, shape: Shape, depth: int) -> Expression:
        function = self.pick(s.softmax, s.log_softmax)
        return function(self.expression(shape, depth), axis=self.axis(shape))

    def centred(self, shape: Shape, depth: int) -> Expression:
        inner = self.expression(shape, depth)
        axis = int(self.random.integers(len(shape)))
        return inner - s.mean(inner, axis=axis, keepdims=True)

    def matrix_product(self, shape: Shape, depth: int) -> Expression:
        inner = self.pick(*LETTERS)
        if not shape:
            left, right = self.expression((inner,), depth), self.expression((inner,), depth - 1)
            if self.pick(0, 1):
                other = self.pick(*LETTERS)
                left = self.expression((other,), 0) @ self.expression((other, inner), depth - 1)
            return left @ right
        if len(shape) == 1:
            matrix, vector = (
                self.expression((*shape, inner), depth),
                self.expression((inner,), depth),
            )
            return self.pick(
                lambda: matrix @ vector,
                lambda: vector @ self.expression((inner, *shape), depth - 1),
                lambda: vector @ matrix.T,
                lambda: s.einsum("ij,j->i", matrix, vector),
            )()
        left = self.expression((shape[0], inner), depth)
        right = self.expression((inner, shape[1]), depth - 1)
        return self.pick(
            lambda: left @ right,
            lambda: (right.T @ left.T).T,
            lambda: s.einsum("ij,jk->ik", left, right),
            lambda: left @ s.diag(self.expression((inner,), depth - 1)) @ right,
        )()

    def turned(self, shape: Shape, depth: int) -> Expression:
        return self.expression(shape[::-1], depth).T

    def square_form(self, shape: Shape, depth: int) -> Expression:
        if shape[0] == shape[1] and shape[0] != 1:
            return self.pick(
                lambda: s.diag(self.expression(shape[:1], depth)),
                lambda: s.eye(shape[0]) * self.expression((), depth),
            )()
        if 1 in shape:
            return self.expression(shape, depth)
        return s.outer(self.expression(shape[:1], depth), self.expression(shape[1:], depth))

    def traced(self, shape: Shape, depth: int) -> Expression:
        size = shape[0] if shape else self.pick(*LETTERS)
        inner = self.expression((size, size), depth)
        return s.diagonal(inner) if shape else s.trace(inner)

    def named(self, shape: Shape, depth: int) -> Expression:
        self.count += 1
        inner = self.expression(shape, depth)
        return self.pick(
            lambda: (
                declared.named(f"z{self.count}", inner)
                * s.sigmoid(declared.named(f"z{self.count}", inner))
            ),
            lambda: declared.named(f"z{self.count}", inner),
        )()

    def chosen(self, shape: Shape, depth: int) -> Expression:
        left, right = self.expression(shape, depth), self.expression(shape, depth - 1)
        if self.pick(0, 1):
            return self.pick(s.maximum, s.minimum)(left, right)
        condition = s.compare(self.expression(shape, 0), self.pick("<", ">="), s.constant(0))
        return s.where(condition, left, right)


def network(seed: int, depth: int = 2) -> Expression:
    """Nested contractions with arbitrary labels over one size: repeated, free and summed ones."""
    random = np.random.default_rng(seed)
    domains = ("real", "real", "symmetric", "positive", "unit_norm", "prob")

    def leaf() -> Expression:
        rank = int(random.integers(1, 3))
        domain = domains[int(random.integers(len(domains)))] if rank == 2 else "real"
        name = "ABC"[int(random.integers(3))] + f"{rank}{domain[0]}{domain[-1]}"
        return Variable(name, (N,) * rank, domain)

    def build(depth: int, rank: int | None) -> Expression:
        if depth == 0 and rank is None:
            return leaf()
        kind = int(random.integers(8))
        if kind == 0 and rank is not None and depth:
            return Sum([build(depth - 1, rank) for _ in range(2)])
        if kind == 1 and rank is not None and depth:
            return build(depth - 1, rank) ** 2
        if kind == 2 and rank is not None and depth:
            return s.sigmoid(build(depth - 1, rank))
        operands = [build(max(depth - 1, 0), None) for _ in range(int(random.integers(1, 4)))]
        count = 2 + int(random.integers(3))
        labels = [tuple(int(x) for x in random.integers(count, size=e.rank)) for e in operands]
        width = int(random.integers(3)) if rank is None else rank
        output = tuple(int(x) for x in random.integers(count, size=width))
        return Contraction(operands, labels, output, dict.fromkeys(range(count), N))

    return build(depth, int(random.integers(3)))


# --- points --------------------------------------------------------------------------------------


def draw(
    expressions: Expression | list[Expression],
    sizes: Mapping[sympy.Symbol, int],
    random: np.random.Generator,
) -> dict[Variable, Array]:
    """Moderate random values of the variables, in their domains as far as the language asks."""
    roots = [expressions] if isinstance(expressions, Expression) else expressions
    found: dict[Variable, Array] = {}
    for root in roots:
        for variable in variables(root):
            if variable not in found:
                found[variable] = _value(variable, sizes, random)
    return found


def _value(
    variable: Variable, sizes: Mapping[sympy.Symbol, int], random: np.random.Generator
) -> Array:
    shape = lengths(variable.shape, sizes)
    x = random.standard_normal(shape)
    match variable.domain:
        case "positive" | "nonnegative":
            return random.uniform(0.3, 2.0, shape)
        case "unit":
            return random.uniform(0.1, 0.9, shape)
        case "binary":
            return random.integers(0, 2, shape).astype(float)
        case "prob":
            e = np.exp(x)
            return e / e.sum(axis=-1, keepdims=True)
        case "onehot":
            return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]
        case "unit_norm":
            return x / np.sqrt((x * x).sum())
        case "symmetric":
            return (x + x.T) / 2
        case "spd":
            return x @ x.T + np.eye(shape[0])
        case "diagonal":
            return np.diag(np.diag(x))
        case "real":
            return x
    raise NotImplementedError(variable.domain)


def lengths(shape: Shape, sizes: Mapping[sympy.Symbol, int]) -> tuple[int, ...]:
    """The shape in numbers."""
    return tuple(int(sympy.sympify(size).xreplace(dict(sizes))) for size in shape)


# --- the interpreter -----------------------------------------------------------------------------


def evaluate_complex(
    expression: Expression, values: Mapping[Variable, Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    """The value in complex128, node by node; functions with a kink look at the real part."""
    known: dict[Expression, Array] = {}
    with np.errstate(all="ignore"):
        for node in postorder(expression):
            known[node] = _node_value(node, known, values, sizes)
    return known[expression]


def evaluate_real(
    expression: Expression, values: Mapping[Variable, Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    """The value in float64."""
    return np.real(evaluate_complex(expression, values, sizes))


def _node_value(
    node: Expression,
    known: Mapping[Expression, Array],
    values: Mapping[Variable, Array],
    sizes: Mapping[sympy.Symbol, int],
) -> Array:
    match node:
        case Variable():
            return np.asarray(values[node], dtype=complex)
        case Named():
            return known[node.meaning]
        case Sum():
            return reduce(np.add, [known[term] for term in node.terms])
        case Contraction():
            return _contracted(node, [known[operand] for operand in node.operands], sizes)
        case Elementwise():
            operands = [known[operand] for operand in node.operands]
            place: dict[Any, Array] = dict(zip(node.kernel.variables, operands, strict=True))
            place |= {letter: complex(number) for letter, number in sizes.items()}
            return np.broadcast_to(kernel_value(node.kernel.expr, place), operands[0].shape)
        case Apply():
            return _STRUCTURED[node.function](known[node.operand], node.axis)
    raise NotImplementedError(type(node).__name__)


def _contracted(
    node: Contraction, operands: list[Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    """An explicit loop over the grid of all labels would be clearest; this is its array form."""
    size = lengths(node.sizes, sizes)
    grid = np.indices(size, sparse=True) if size else ()
    whole = np.ones(size, dtype=complex)
    for operand, labels in zip(operands, node.labels, strict=True):
        whole = whole * operand[tuple(grid[label] for label in labels)]
    summed = whole.sum(axis=node.summed) if node.summed else whole
    kept = [label for label in range(len(size)) if label in node.output]
    result = np.zeros(tuple(size[label] for label in node.output), dtype=complex)
    places = np.indices(tuple(size[label] for label in kept))
    result[tuple(places[kept.index(label)] for label in node.output)] = summed
    return result * complex(node.coefficient.xreplace(dict(sizes)))


def _power(base: Array, exponent: sympy.Expr, place: Mapping[Any, Array]) -> Array:
    if exponent.is_Integer:
        whole = reduce(np.multiply, [base] * abs(int(exponent)), np.ones_like(base))
        return whole if exponent > 0 else 1 / whole
    return np.exp(kernel_value(exponent, place) * np.log(base))


def kernel_value(expression: Any, place: Mapping[Any, Array]) -> Array:
    """The value of a SymPy kernel with arrays for its symbols."""
    if expression in place:
        return place[expression]
    if isinstance(expression, sympy.Piecewise):
        *cases, (last, _) = expression.args
        found = kernel_value(last, place)
        for value, condition in reversed(cases):
            found = np.where(_holds(condition, place), kernel_value(value, place), found)
        return found
    if expression.is_number:
        return np.complex128(sympy.N(expression, 30))
    if expression.is_Pow and expression.base != sympy.E:
        return _power(np.asarray(kernel_value(expression.base, place)), expression.exp, place)
    arguments = [kernel_value(argument, place) for argument in expression.args]
    return _FUNCTIONS[type(expression).__name__](*arguments)


def _holds(condition: Any, place: Mapping[Any, Array]) -> Array:
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    left, right = (np.real(kernel_value(side, place)) for side in condition.args)
    return _RELATIONS[type(condition).__name__](left, right)


_RELATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "Equality": np.equal,
    "Unequality": np.not_equal,
    "StrictLessThan": np.less,
    "LessThan": np.less_equal,
    "StrictGreaterThan": np.greater,
    "GreaterThan": np.greater_equal,
}


def _sigmoid(x: Array) -> Array:
    return np.where(np.real(x) >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def _softplus(x: Array) -> Array:
    positive = np.real(x) >= 0
    return np.where(positive, x, 0) + np.log1p(np.exp(np.where(positive, -x, x)))


_FUNCTIONS: dict[str, Callable[..., Array]] = {
    "Add": lambda *terms: reduce(np.add, terms),
    "Mul": lambda *factors: reduce(np.multiply, factors),
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "atanh": np.arctanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "silu": lambda x: x * _sigmoid(x),
    "gelu": lambda x: x * special.erfc(-x / np.sqrt(2)) / 2,
    "erf": special.erf,
    "erfc": special.erfc,
    "gamma": special.gamma,
    "loggamma": special.loggamma,
    "relu": lambda x: np.where(np.real(x) > 0, x, 0),
    "step": lambda x: np.where(np.real(x) > 0, 1.0, 0.0),
    "Abs": lambda x: np.where(np.real(x) < 0, -x, x),
    "sign": lambda x: np.sign(np.real(x)),
    "Max": lambda *x: reduce(lambda a, b: np.where(np.real(a) >= np.real(b), a, b), x),
    "Min": lambda *x: reduce(lambda a, b: np.where(np.real(a) <= np.real(b), a, b), x),
    "polygamma": lambda order, x: special.digamma(x),
}


def _logsumexp(x: Array, axis: int | None) -> Array:
    top = np.max(np.real(x), axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(x - top), axis=axis)) + np.squeeze(top, axis=axis)


def _softmax(x: Array, axis: int | None) -> Array:
    e = np.exp(x - np.max(np.real(x), axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _log_softmax(x: Array, axis: int | None) -> Array:
    shifted = x - np.max(np.real(x), axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


_STRUCTURED: dict[str, Callable[[Array, int | None], Array]] = {
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "norm": lambda x, axis: np.sqrt(np.sum(x * x, axis=axis)),
}

# --- shrinking -----------------------------------------------------------------------------------


def smaller(expression: Expression) -> Iterator[Expression]:
    """Simpler expressions of the same shape: a part of it, or one node replaced by a part."""
    nodes = postorder(expression)
    for node in nodes:
        if node is expression:
            continue
        if node.shape == expression.shape:
            yield node
        elif not expression.shape:
            yield s.sum(node)
    for node in reversed(nodes):
        for part in postorder(node):
            if part is not node and part.shape == node.shape:
                yield substitute(expression, {node: part})
        if not isinstance(node, Variable):
            yield substitute(expression, {node: Variable("v", node.shape)})
        if isinstance(node, (Sum, Contraction)):
            yield from _with_less(expression, node)


def _with_less(expression: Expression, node: Sum | Contraction) -> Iterator[Expression]:
    if isinstance(node, Sum) and len(node.terms) > 1:
        for place in range(len(node.terms)):
            rest = Sum([*node.terms[:place], *node.terms[place + 1 :]])
            yield substitute(expression, {node: rest})
    if isinstance(node, Contraction) and node.coefficient != 1 and node.operands:
        sizes = dict(enumerate(node.sizes))
        yield substitute(
            expression, {node: Contraction(node.operands, node.labels, node.output, sizes)}
        )


def shrink(
    expression: Expression, fails: Callable[[Expression], bool], tries: int = 400
) -> Expression:
    """A smallest expression that still fails; an error in the check counts as a pass."""
    best = expression
    while tries > 0:
        for candidate in sorted(smaller(best), key=_size):
            if _size(candidate) >= _size(best):
                break
            tries -= 1
            if tries <= 0 or _still(fails, candidate):
                break
        else:
            return best
        if _size(candidate) >= _size(best) or tries <= 0:
            return best
        best = candidate
    return best


def _still(fails: Callable[[Expression], bool], candidate: Expression) -> bool:
    try:
        return fails(candidate)
    except Exception:
        return False


def _size(expression: Expression) -> tuple[int, int]:
    nodes = postorder(expression)
    return len(nodes), sum(len(node.children) for node in nodes)


def describe(seed: int, expression: Expression, fails: Callable[[Expression], bool]) -> str:
    """The message of a failure: the seed and the smallest expression that fails alike."""
    found = shrink(expression, fails)
    declared = {v.name: f"{' '.join(map(str, v.shape))}: {v.domain}" for v in variables(found)}
    return f"seed {seed}: {found}\n  given {declared}"


# --- mutations -----------------------------------------------------------------------------------


def mutations(expression: Expression, random: np.random.Generator) -> Iterator[Expression]:
    """Expressions that differ from this one in one place; most of them have another value."""
    nodes = [node for node in postorder(expression) if not isinstance(node, Named)]
    for i in random.permutation(len(nodes)):
        node = nodes[i]
        for other in _mutated(node, expression, random):
            if other.shape == node.shape and other is not node:
                yield substitute(expression, {node: other})


def _mutated(
    node: Expression, root: Expression, random: np.random.Generator
) -> Iterator[Expression]:
    if isinstance(node, Variable):
        others = [v for v in variables(root) if v.shape == node.shape and v is not node]
        yield from others
        yield Variable(node.name + "_", node.shape, node.domain)
    if node.rank == 2 and node.shape[0] == node.shape[1]:
        yield node.T
    match node:
        case Contraction():
            yield from _mutated_product(node, random)
        case Sum():
            first, *others = node.terms
            yield Sum([first, *(-term for term in others)])
            yield Sum([*node.terms, node.terms[-1]])
            if others:
                yield Sum(others)
        case Apply() if node.operand.rank > 1:
            for axis in (None, *range(node.operand.rank)):
                other = Apply(node.function, node.operand, axis)
                if axis != node.axis and other.shape == node.shape:
                    yield other
        case Elementwise():
            if len(node.operands) == 1:
                yield Elementwise(node.kernel, [-node.operands[0]])
                yield node.operands[0]
            else:
                yield Elementwise(node.kernel, node.operands[::-1])
        case _:
            yield -node


def _mutated_product(node: Contraction, random: np.random.Generator) -> Iterator[Expression]:
    sizes = dict(enumerate(node.sizes))
    for factor in (2, -1, sympy.Rational(1, 2), N, 1 / D):
        yield Contraction(node.operands, node.labels, node.output, sizes, node.coefficient * factor)
    if len(node.operands) > 1:
        yield from _reordered(node, sizes)
    for place, labels in enumerate(node.labels):
        for i in range(len(labels)):
            for label in range(len(node.sizes)):
                changed = (*labels[:i], label, *labels[i + 1 :])
                if changed != labels and sizes[label] == sizes[labels[i]]:
                    all_labels = (*node.labels[:place], changed, *node.labels[place + 1 :])
                    yield Contraction(
                        node.operands, all_labels, node.output, sizes, node.coefficient
                    )


def _reordered(node: Contraction, sizes: dict[int, Any]) -> Iterator[Expression]:
    operands = node.operands[::-1]
    if [each.shape for each in operands] == [each.shape for each in node.operands]:
        yield Contraction(operands, node.labels, node.output, sizes, node.coefficient)


def shuffled(expression: Expression, random: np.random.Generator) -> Expression:
    """The same sums and products with their terms and factors in another order."""
    new: dict[Expression, Expression] = {}
    for node in postorder(expression):
        rebuilt = with_children(node, tuple(new[child] for child in node.children))
        if isinstance(rebuilt, Sum):
            rebuilt = Sum([rebuilt.terms[i] for i in random.permutation(len(rebuilt.terms))])
        elif isinstance(rebuilt, Contraction) and len(rebuilt.operands) > 1:
            order = random.permutation(len(rebuilt.operands))
            rebuilt = Contraction(
                [rebuilt.operands[i] for i in order],
                [rebuilt.labels[i] for i in order],
                rebuilt.output,
                dict(enumerate(rebuilt.sizes)),
                rebuilt.coefficient,
            )
        new[node] = rebuilt
    return new[expression]


# --- comparing -----------------------------------------------------------------------------------


def close(left: Array, right: Array, tolerance: float = 1e-8) -> bool:
    """Whether two arrays agree, relative to the larger of their entries."""
    scale = 1 + np.max(np.abs(left), initial=0) + np.max(np.abs(right), initial=0)
    return bool(
        np.all(np.isfinite(right)) and np.max(np.abs(left - right), initial=0) <= scale * tolerance
    )


def differ(left: Expression, right: Expression, seed: int) -> bool:
    """Whether two expressions have different values: seen in floats, confirmed by enclosures."""
    if left.shape != right.shape:
        return True
    if any(isinstance(node, Derivative) for node in postorder([left, right])):
        return not certainly_equal(left, right, seed)
    for sizes in (SIZES, ONE):
        point = draw([left, right], sizes, np.random.default_rng(seed))
        first = evaluate_complex(left, point, sizes)
        second = evaluate_complex(right, point, sizes)
        if np.all(np.isfinite(first)) and not close(first, second):
            return not all(certainly_equal(left, right, seed + i, sizes) for i in range(3))
    return False


def certainly_equal(
    left: Expression, right: Expression, seed: int, sizes: Mapping[sympy.Symbol, int] | None = None
) -> bool:
    """Whether enclosures at a rational point of the domains agree to 30 digits."""
    found = sizes or SIZES
    inside = dict.fromkeys([*variables(left), *variables(right)])
    point = numeric.sample(inside, found, np.random.default_rng(seed))
    return numeric.compare(left, right, point, found, digits=30).outcome == "equal"


def given_for(*expressions: Expression) -> dict[str, Variable]:
    """The declarations under which the text of expressions is read; every size letter is known."""
    found = {variable.name: variable for each in expressions for variable in variables(each)}
    return {**found, "all_letters": Variable("all_letters", LETTERS)}


# --- entry by entry with SymPy -------------------------------------------------------------------


def entries(
    expression: Expression,
    values: Mapping[Variable, Array],
    sizes: Mapping[sympy.Symbol, int],
) -> Array:
    """The value as an object array of SymPy expressions, named functions by their definitions."""
    known: dict[Expression, Array] = {}
    for node in postorder(expression):
        match node:
            case Variable():
                known[node] = values[node]
            case Named():
                known[node] = known[node.meaning]
            case Sum():
                known[node] = reduce(np.add, [known[term] for term in node.terms])
            case Contraction():
                known[node] = _contracted_entries(node, known, sizes)
            case Elementwise():
                known[node] = _elementwise_entries(node, known, sizes)
            case Apply():
                known[node] = _applied_entries(node, known[node.operand])
        known[node] = np.asarray(known[node], dtype=object)
    return known[expression]


def _contracted_entries(
    node: Contraction, known: Mapping[Expression, Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    size = lengths(node.sizes, sizes)
    result = np.zeros(tuple(size[label] for label in node.output), dtype=object)
    for place in np.ndindex(*size):
        factors = [
            known[operand][tuple(place[label] for label in labels)]
            for operand, labels in zip(node.operands, node.labels, strict=True)
        ]
        result[tuple(place[label] for label in node.output)] += sympy.Mul(*factors)
    return result * node.coefficient.xreplace(dict(sizes))


def _elementwise_entries(
    node: Elementwise, known: Mapping[Expression, Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    result = np.empty(lengths(node.shape, sizes), dtype=object)
    for place in np.ndindex(result.shape):
        arguments = [known[operand][place] for operand in node.operands]
        kernel = node.kernel.expr.xreplace(dict(zip(node.kernel.variables, arguments, strict=True)))
        result[place] = _defined(kernel.xreplace(dict(sizes)))
    return result


def _defined(kernel: Any) -> Any:
    for entry in ELEMENTWISE.values():
        if isinstance(entry.head, type) and entry.head.__module__ == "symbolic.functions":
            kernel = kernel.replace(entry.head, entry.definition)
    return kernel


def _applied_entries(node: Apply, operand: Array) -> Array:
    exp = np.vectorize(sympy.exp, otypes=[object])
    total = np.sum(exp(operand), axis=node.axis, keepdims=True)
    match node.function:
        case "softmax":
            return exp(operand) / total
        case "log_softmax":
            return operand - np.vectorize(sympy.log, otypes=[object])(total)
        case "logsumexp":
            found = np.vectorize(sympy.log, otypes=[object])(total)
            return np.asarray(np.squeeze(found, axis=node.axis), dtype=object)
    squares = np.asarray(np.sum(operand * operand, axis=node.axis), dtype=object)
    return np.vectorize(sympy.sqrt, otypes=[object])(squares)
