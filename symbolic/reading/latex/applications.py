r"""Names with brackets behind them: the value of a function, at its own argument or another, or a product.

After a row `f(x) = x^2` the text `f(x)` is f, `f(x)^2` its square, and `f(3)` what f is with 3 for x.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbolic.errors import AmbiguousError, ChainruleError
from symbolic.nodes import Derivative, Expression, Named, Variable
from symbolic.reading.latex.derivatives import argument_keys, derivative_of_name
from symbolic.reading.latex.symbols import whole_symbol
from symbolic.reading.latex.syntax import Applied, Fenced, Name, Node, Number, Terms, names_in
from symbolic.reading.latex.values import Value
from symbolic.traverse import postorder, substitute, unfold

if TYPE_CHECKING:
    from symbolic.reading.latex.elaboration import Elaborator

_FUNCTION_LETTERS = frozenset(
    [
        "f",
        "g",
        "h",
        "p",
        "q",
        "F",
        "G",
        "H",
        "J",
        "L",
        "ell",
        "sigma",
        "phi",
        "varphi",
        "psi",
        "Phi",
    ]
)  # usual names of functions
_TIMES = ("t", "k")  # x(t + 1) is a value in time


def called(el: Elaborator, name: Name, fence: Fenced) -> Node | None:
    """What a name with its arguments is; None where the brackets are a factor."""
    symbol = whole_symbol(name.item)
    said = el.scope.decorations.get(symbol.key) if symbol is not None else None
    if said is not None and said == argument_keys(fence):
        return name
    slope = derivative_of_name(el, name, fence) if name.item.primes else None
    if slope is not None:
        return slope
    if symbol is not None and said is not None:
        if fence.style == "()" and symbol.key not in names_in(fence):
            return Applied(name.start, fence.end, name, fence)
        raise _other_argument(el, name, fence)
    _refuse_calls(el, name, fence)
    return None


def applied(el: Elaborator, node: Applied) -> Value:
    """The value of a function that an earlier row defines, at other arguments."""
    symbol = whole_symbol(node.function.item)
    assert symbol is not None
    scope = el.scope
    meaning = scope.names[scope.keys[symbol.key][0]]
    parameters = [scope.names.get(name) for name in scope.parameters.get(symbol.key, ())]
    if len(parameters) != len(node.fence.parts) or not isinstance(meaning, Named):
        raise _other_argument(el, node.function, node.fence)
    body = unfold(meaning.meaning)
    changed: dict[Expression, Expression] = {}
    for parameter, part in zip(parameters, node.fence.parts, strict=True):
        value = el.value(part)
        plain = not (value.indices or value.row or value.fitting)
        if (
            not isinstance(parameter, Variable)
            or not plain
            or value.array.shape != parameter.shape
            or parameter in changed
        ):
            raise _other_argument(el, node.function, node.fence)
        changed[parameter] = value.array
    nodes = set(postorder(body))
    if not nodes.issuperset(changed) or any(isinstance(each, Derivative) for each in nodes):
        raise _other_argument(el, node.function, node.fence)
    scope.note(f"{symbol.key} at another argument is what its row says, with that argument")
    return Value(substitute(body, changed))


def _other_argument(el: Elaborator, name: Name, fence: Fenced) -> ChainruleError:
    return AmbiguousError(
        el.source.text[name.start : fence.end],
        "the value of the function at another argument, or a product",
        "declare the function with its argument, as in {'f(x)': '= x^2'}",
    )


def _refuse_calls(el: Elaborator, before: Name, fence: Fenced) -> None:
    """Refuse `y(z)`, `x(t + 1)`, `f(w^T x)`: a call, or a product."""
    symbol = whole_symbol(before.item)
    letter = symbol.key if symbol is not None else ""
    if letter in _FUNCTION_LETTERS and fence.style == "()" and letter not in names_in(fence):
        raise AmbiguousError(
            el.source.text[before.start : fence.end],
            f"the value of a function, or a product with {letter}, which is declared",
            "declare the function by another letter, or write \\cdot",
        )
    if (
        fence.style == "()"
        and before.item.sup is None
        and all(isinstance(each, Name) or _is_time(each) for each in fence.parts)
    ):
        raise AmbiguousError(
            el.source.text[before.start : fence.end],
            "a product, or the value of a function",
            "write the product without brackets, or declare the function with its argument",
        )


def _is_time(node: Node) -> bool:
    """Whether it is a step before or after a time, as `t + 1`."""
    if not isinstance(node, Terms) or len(node.terms) != 2:
        return False
    (_, first), (_, second) = node.terms
    letter = whole_symbol(first.item) if isinstance(first, Name) else None
    return letter is not None and letter.key in _TIMES and isinstance(second, Number)
