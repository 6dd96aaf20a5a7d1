"""Right claims in other words: what is no slip at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.derivations.mutants.syntax import fill, number, with_options


def rewritten(node: ast.expr, known: object, whole: bool) -> Iterator[ast.expr]:
    """The same value written in another way: no slip."""
    match node:
        case ast.BinOp(left=a, op=ast.Add(), right=b):
            yield fill("b + a", a=a, b=b)
            yield fill("a - (-b)", a=a, b=b)
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            yield fill("-(b - a)", a=a, b=b)
        case ast.BinOp(left=a, op=ast.Mult(), right=ast.BinOp(left=b, op=ast.Add(), right=c)):
            yield fill("a*b + a*c", a=a, b=b, c=c)
        case ast.BinOp(left=a, op=ast.MatMult(), right=ast.BinOp(left=b, op=ast.Sub(), right=c)):
            yield fill("a @ b - a @ c", a=a, b=b, c=c)
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            yield fill("b*a", a=a, b=b)
            yield fill("((a + b)**2 - (a - b)**2)/4", a=a, b=b)
        case ast.BinOp(left=a, op=ast.Div(), right=b):
            yield fill("a*b**(-1)", a=a, b=b)
            yield fill("1/(b/(a))", a=a, b=b)
        case ast.BinOp(left=a, op=ast.MatMult(), right=b):
            yield fill("(b.T @ a.T).T", a=a, b=b)
        case ast.BinOp(left=a, op=ast.Pow(), right=power) if number(power) == 2:
            yield fill("a*a", a=a)
        case ast.Call(func=ast.Name(id=name), args=[_]) if name in _SAME:
            yield from (with_options(pattern, node) for pattern in _SAME[name])
        case ast.Call(func=ast.Name(id="outer"), args=[a, b]):
            yield fill("a[:, None]*b", a=a, b=b)
    if whole:
        yield fill("a + 0*a", a=node)


_SAME = {
    "sigmoid": ("1/(1 + exp(-u))", "1 - sigmoid(-u)", "exp(u)/(1 + exp(u))", "(1 + tanh(u/2))/2"),
    "tanh": ("2*sigmoid(2*u) - 1", "sinh(u)/cosh(u)", "(exp(u) - exp(-u))/(exp(u) + exp(-u))", "-tanh(-u)"),
    "softplus": ("log(1 + exp(u))", "u + softplus(-u)", "-log(sigmoid(-u))", "relu(u) + log1p(exp(-abs(u)))"),
    "relu": ("maximum(u, 0)", "(u + abs(u))/2", "u*step(u)", "where(u > 0, u, 0)"),
    "abs": ("maximum(u, -u)", "u*sign(u)", "relu(u) + relu(-u)", "sqrt(u**2)"),
    "step": ("where(u > 0, 1, 0)",),
    "exp": ("1/exp(-u)", "exp(u/2)**2"),
    "sqrt": ("(u)**0.5", "exp(log(u)/2)"),
    "log": ("-log(1/u)", "2*log(sqrt(u))"),
    "silu": ("u*sigmoid(u)", "u - u*sigmoid(-u)"),
    "trace": ("sum(diagonal(u))", "trace((u).T)"),
    "inv": ("inv((u).T).T", "solve(u, inv(u) @ u)"),
    "softmax": ("exp(log_softmax(u))",),
    "log_softmax": ("log(softmax(u))",),
    "logdet": ("logdet((u).T)", "-logdet(inv(u))"),
    "cosh": ("(exp(u) + exp(-u))/2",),
}  # fmt: skip
