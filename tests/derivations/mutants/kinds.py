"""The slips, one function each: what a person might have written in place of a node.

Each takes a node, what is known of the question, and whether the node is the whole claim; it yields trees
for that place. What does not fit there is sorted out later by its shape.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.derivations.mutants.rewriting import rewritten
from tests.derivations.mutants.syntax import (
    AXIS,
    call,
    fill,
    is_call,
    number,
    renamed,
    same,
    with_options,
)

Slip = Callable[[ast.expr, "Known", bool], Iterator[ast.expr]]


@dataclass(frozen=True)
class Known:
    """What a slip may look at: the declarations, their size letters, and the variable."""

    given: Mapping[str, str]
    letters: tuple[str, ...]
    wrt: str

    def shape(self, name: str) -> tuple[str, ...]:
        """The declared shape of a variable."""
        return tuple(self.given[name].partition(":")[0].split())


# derivatives of functions, and what is mistaken for them
SLOPES = {
    "sigmoid": "sigmoid(u)*(1 - sigmoid(u))", "tanh": "1 - tanh(u)**2", "exp": "exp(u)",
    "relu": "step(u)", "softplus": "sigmoid(u)", "sin": "cos(u)", "cos": "-sin(u)",
    "sqrt": "1/(2*sqrt(u))", "softmax": "softmax(u)*(1 - softmax(u))", "log": "1/u",
    "erf": "2*exp(-u**2)/sqrt(pi)", "abs": "sign(u)",
}  # fmt: skip
MISTAKEN = {
    "step": ("relu", "sign"), "sign": ("abs", "step"), "cos": ("sin",), "sin": ("cos",),
    "sigmoid": ("softplus", "tanh"), "tanh": ("sigmoid",), "softplus": ("sigmoid", "relu"),
    "relu": ("step",), "abs": ("sign", "relu"), "digamma": ("lgamma",), "lgamma": ("digamma",),
    "softmax": ("log_softmax",), "log_softmax": ("softmax",), "logsumexp": ("sum",), "log": ("exp", "log1p"),
    "exp": ("expm1",), "cosh": ("sinh", "cos"), "sinh": ("cosh",), "sqrt": ("abs",), "silu": ("gelu", "relu"),
    "erf": ("tanh", "erfc"), "maximum": ("minimum",), "inv": ("det",), "det": ("trace",), "norm": ("sum",),
}  # fmt: skip


def sign(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A sign of the whole, of a factor or inside a function."""
    if number(node) is None:
        yield node.operand if isinstance(node, ast.UnaryOp) else fill("-a", a=node)


def factor(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A constant factor too many, or one that is there left out."""
    if number(node) is not None:
        return
    if whole or not isinstance(node, (ast.Name, ast.Constant)):
        for each in (
            "2*a",
            "a/2",
            "a*3/2",
            "a/4",
            *(p for x in known.letters for p in (f"{x}*a", f"a/{x}")),
        ):
            yield fill(each, a=node)
    match node:
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div(), right=right):
            if _is_constant(right, known):
                yield left
            if _is_constant(left, known) and isinstance(node.op, ast.Mult):
                yield right


def _is_constant(node: ast.expr, known: Known) -> bool:
    return all(
        number(each) is not None
        or (isinstance(each, ast.Name) and each.id in (*known.letters, "pi", "sqrt"))
        for each in ast.walk(node)
        if isinstance(each, (ast.Name, ast.Constant))
    )


def transposed(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A transpose too many or too few, of the whole or inside; arguments of `outer` exchanged."""
    if isinstance(node, ast.Attribute):
        yield node.value
    elif number(node) is None:
        yield fill("(a).T", a=node)
    if is_call(node, "outer"):
        yield call("outer", *node.args[::-1])


def commuted(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """The factors of a matrix product exchanged."""
    match node:
        case ast.BinOp(
            left=ast.BinOp(left=a, op=ast.MatMult(), right=b), op=ast.MatMult(), right=c
        ):
            yield fill("a @ c @ b", a=a, b=b, c=c)
            yield fill("b @ a @ c", a=a, b=b, c=c)
            yield fill("c @ (a @ b)", a=a, b=b, c=c)
        case ast.BinOp(left=a, op=ast.MatMult(), right=b):
            yield fill("b @ a", a=a, b=b)


def missing_factor(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A factor of the chain left out."""
    match node:
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            yield from (rest for rest, gone in ((a, b), (b, a)) if not _is_constant(gone, known))
        case ast.BinOp(left=a, op=ast.Div(), right=b) if not _is_constant(b, known):
            yield a
        case ast.BinOp(left=a, op=ast.MatMult(), right=b):
            yield from (a, b)


def extra_factor(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """The slope of a function of the claim multiplied once more."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SLOPES:
        slope = with_options(SLOPES[node.func.id], node)
        yield fill("f*(s)", f=node, s=slope)
    if number(node) is None and isinstance(node, ast.BinOp):
        yield fill("a*b", a=node, b=ast.Name(known.wrt))


def function_for_derivative(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """The function where its derivative belongs, a derivative where the function does, or a sibling."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        for other in MISTAKEN.get(node.func.id, ()):
            if other in AXIS or node.func.id not in AXIS or other in ("sum",):
                yield renamed(node, other)
        if node.func.id in SLOPES:
            yield with_options(SLOPES[node.func.id], node)
    match node:
        case ast.BinOp(
            op=ast.Sub(), left=one, right=ast.BinOp(left=ast.Call() as call, op=ast.Pow())
        ):
            if number(one) == 1 and is_call(call, "tanh"):
                yield call
                yield fill("1 - t", t=call)
        case ast.BinOp(
            left=ast.Call() as call, op=ast.Mult(), right=ast.BinOp(op=ast.Sub(), right=other)
        ):
            if same(call, other):
                yield fill("1 - s**2", s=call)


def at_the_wrong_place(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A derivative that is written in the output evaluated at the input, or the reverse."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        (inner,) = node.args
        if node.func.id in SLOPES:
            yield inner
            again = copy.deepcopy(node)
            again.args = [node]
            yield again


def dropped_term(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A term left out."""
    match node:
        case ast.BinOp(left=a, op=ast.Add(), right=b):
            yield from (a, b)
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            yield a
            yield fill("-b", b=b)


def doubled_term(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A term counted twice, or half."""
    match node:
        case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as op, right=b):
            mark = "+" if isinstance(op, ast.Add) else "-"
            for pattern in (f"a {mark} 2*b", f"2*a {mark} b", f"a {mark} b/2"):
                yield fill(pattern, a=a, b=b)


def wrong_sign_of_term(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """Plus for minus and the reverse."""
    match node:
        case ast.BinOp(left=a, op=ast.Add(), right=b):
            yield fill("a - b", a=a, b=b)
            yield fill("-a + b", a=a, b=b)
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            yield fill("a + b", a=a, b=b)
            yield fill("-a - b", a=a, b=b)


def sum_for_mean(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A sum where a mean belongs, and the reverse."""
    if is_call(node, "sum", "mean") and isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        yield renamed(node, "mean" if node.func.id == "sum" else "sum")


def missing_sum(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """The sum over a broadcast axis left out, or one too many."""
    if is_call(node, "sum", "mean", "trace") and isinstance(node, ast.Call):
        yield node.args[0]
    if whole:
        for pattern in ("sum(a, axis=0)", "sum(a)"):
            yield fill(pattern, a=node)


def diagonal_only(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """Only the diagonal of a Jacobian."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub(), right=right) if is_call(left, "diag") and is_call(
            right, "outer"
        ):
            yield left
            yield fill("diag(p*(1 - p))", p=left.args[0])  # type: ignore[attr-defined]
        case ast.BinOp(left=p, op=ast.Mult(), right=ast.BinOp(left=a, op=ast.Sub())):
            yield fill("p*a", p=p, a=a)
            yield fill("p*(1 - p)*a", p=p, a=a)
        case ast.BinOp(left=matrix, op=ast.MatMult(), right=vector):
            yield fill("diagonal(m)*v", m=matrix, v=vector)
            yield fill("diag(diagonal(m)) @ v", m=matrix, v=vector)
    if whole and number(node) is None:
        yield fill("diag(diagonal(a))", a=node)


def symmetric_assumed(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A matrix taken to be symmetric, or a gradient made so."""
    match node:
        case ast.BinOp(left=a, op=ast.Add(), right=ast.Attribute(value=b)) if same(a, b):
            yield fill("2*a", a=a)
        case ast.Attribute(value=inner):
            yield inner
    if whole and number(node) is None:
        yield fill("((a) + (a).T)/2", a=node)
        yield fill("(a) + (a).T - diag(diagonal(a))", a=node)
        yield fill("(a) + (a).T", a=node)


def layout(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """The whole claim in the other layout, whatever its shape."""
    if whole and number(node) is None:
        yield fill("(a).T", a=node)


def log_parameter(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """The derivative by the logarithm of the variable, or by what it is the logarithm of."""
    wrt = ast.Name(known.wrt)
    if whole:
        for pattern in ("a*s", "a/s", "a*exp(s)", "a*exp(-s)"):
            yield fill(pattern, a=node, s=wrt)
    elif isinstance(node, ast.Name) and node.id == known.wrt:
        yield fill("exp(s)", s=wrt)
        yield fill("log(s)", s=wrt)
    elif is_call(node, "exp", "log") and isinstance(node, ast.Call):
        yield node.args[0]


def wrong_axis(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A reduction or a softmax along another axis."""
    if not is_call(node, *AXIS):
        return
    assert isinstance(node, ast.Call)
    words = {word.arg: word for word in node.keywords}
    for axis in (None, 0, 1):
        found = copy.deepcopy(node)
        found.keywords = [copy.deepcopy(word) for word in node.keywords if word.arg != "axis"]
        if axis is not None:
            found.keywords.insert(0, ast.keyword("axis", ast.Constant(axis)))
        written = words.get("axis")
        if (None if written is None else number(written.value)) != axis:
            yield found


def changed_index(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """An index of einsum exchanged, or a slice one off."""
    if is_call(node, "einsum") and isinstance(node, ast.Call):
        text = ast.literal_eval(node.args[0])
        left, _, right = text.partition("->")
        inner = sorted(set(left) - {","})
        for a in inner:
            for b in inner:
                if a < b:
                    exchanged = right.translate(str.maketrans(a + b, b + a))
                    found = copy.deepcopy(node)
                    found.args[0] = ast.Constant(f"{left}->{exchanged}")
                    yield found
    if isinstance(node, ast.Subscript):
        for part in ast.walk(node.slice):
            if isinstance(part, ast.Slice) and (part.lower is None) != (part.upper is None):
                found = copy.deepcopy(node)
                for inner_part in ast.walk(found.slice):
                    if isinstance(inner_part, ast.Slice):
                        inner_part.lower, inner_part.upper = _turned(part)
                yield found


def _turned(part: ast.Slice) -> tuple[ast.expr | None, ast.expr | None]:
    """x[1:] for x[:-1] and the reverse."""
    if part.lower is not None:
        return None, fill("-a", a=part.lower)
    assert part.upper is not None
    return (part.upper.operand if isinstance(part.upper, ast.UnaryOp) else part.upper), None


def exponent(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """Another exponent, or none."""
    match node:
        case ast.BinOp(left=base, op=ast.Pow(), right=power):
            yield base
            yield fill("b**(p + 1)", b=base, p=power)
            yield fill("b**(p - 1)", b=base, p=power)
            yield fill("b**(-(p))", b=base, p=power)
        case ast.Call() if is_call(node, "sqrt"):
            yield node.args[0]
        case ast.Call() if is_call(node, "norm"):
            yield fill("a**2", a=node)
        case ast.Call() if is_call(node, "inv"):
            yield node.args[0]
            yield fill("a @ a", a=node)


def fifth_digit(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A constant that is wrong in the fifth digit."""
    found = number(node)
    if found:
        yield ast.Constant(round(found * 1.00001, 9))
        yield ast.Constant(round(found * 0.99999, 9))
    elif whole:
        yield fill("a*1.00001", a=node)
    match node:
        case ast.BinOp(left=base, op=ast.Pow(), right=power) if number(power):
            yield fill("b**p", b=base, p=ast.Constant(round((number(power) or 0) * 1.00001, 9)))


def argument(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """Another argument of a function, or another variable of the same shape."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        for pattern in ("-u", "2*u", "u + 1", "u/2", "u - 1/1000"):
            found = copy.deepcopy(node)
            found.args = [fill(pattern, u=node.args[0])]
            yield found
    if isinstance(node, ast.Name) and node.id in known.given:
        for other in known.given:
            if other != node.id and known.shape(other) == known.shape(node.id):
                yield ast.Name(other)


def branch(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """Right where something is positive, or on one branch only."""
    if number(node) is None:
        for pattern in ("abs(u)", "relu(u)", "u + relu(-u)/1000", "u - relu(u)/1000"):
            yield fill(pattern, u=node)
    if is_call(node, "maximum", "minimum") and isinstance(node, ast.Call):
        yield from node.args
    if is_call(node, "where") and isinstance(node, ast.Call):
        test, yes, no = node.args
        yield from (yes, no)
        yield call("where", test, no, yes)


def far_branch(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """Right up to some size; where the values are bounded it is right everywhere."""
    if number(node) is None:
        for pattern in ("maximum(u, -3)", "minimum(u, 5/4)", "minimum(u, 6)"):
            yield fill(pattern, u=node)


def small_term(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A small term added, or the same relative to the claim."""
    if whole:
        yield fill("a + 1e-9", a=node)
        yield fill("a*(1 + 1e-9)", a=node)
        yield fill("a - 1e-12", a=node)
        for name in known.given:
            yield fill("a + 1e-9*b", a=node, b=ast.Name(name))


def vanishing_term(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A term added that is zero where a variable is 0 or 1, or where two are equal."""
    if not whole:
        return
    for name in known.given:
        for pattern in ("a + v/1000", "a + (v - 1)/1000", "a + v*(v - 1)/100", "a + sin(pi*v)/100"):
            yield fill(pattern, a=node, v=ast.Name(name))
        for other in known.given:
            if other != name and known.shape(other) == known.shape(name):
                yield fill("a + (v - u)/100", a=node, v=ast.Name(name), u=ast.Name(other))


def below_all_digits(node: ast.expr, known: Known, whole: bool) -> Iterator[ast.expr]:
    """A term that sixty digits do not show."""
    if whole:
        yield fill("a + 1e-70", a=node)
        yield fill("a - 1e-90", a=node)


KINDS: dict[str, Slip] = {
    "sign": sign,
    "factor": factor,
    "transposed": transposed,
    "commuted product": commuted,
    "missing factor": missing_factor,
    "extra factor": extra_factor,
    "function for derivative": function_for_derivative,
    "at the wrong place": at_the_wrong_place,
    "dropped term": dropped_term,
    "doubled term": doubled_term,
    "wrong-signed term": wrong_sign_of_term,
    "sum for mean": sum_for_mean,
    "missing sum": missing_sum,
    "diagonal only": diagonal_only,
    "symmetric assumed": symmetric_assumed,
    "layout": layout,
    "log parameter": log_parameter,
    "wrong axis": wrong_axis,
    "index": changed_index,
    "exponent": exponent,
    "fifth digit": fifth_digit,
    "argument": argument,
    "branch": branch,
    "far branch": far_branch,
    "small term": small_term,
    "vanishing term": vanishing_term,
    "below all digits": below_all_digits,
    "rewritten": rewritten,
}
