r"""Products: side by side, by a sign, quotients; told apart by shapes, or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from symbolic import operations
from symbolic.errors import AmbiguousError, ChainruleError, ShapeError
from symbolic.indexing import kron
from symbolic.reading import parse_constants
from symbolic.reading.latex.applications import called
from symbolic.reading.latex.syntax import (
    Big,
    Call,
    Fenced,
    Name,
    Node,
    Number,
    Product,
    Scripted,
)
from symbolic.reading.latex.values import Value, contract, elementwise, fitted, misfit, multiply

if TYPE_CHECKING:
    from symbolic.reading.latex.elaboration import Elaborator


def product(el: Elaborator, node: Product) -> Value:
    """Factors from left to right; a quotient divides what stands before it.

    Products side by side bind tighter than signs for entries; where shapes allow both, it is refused.
    """
    factors = _with_calls(el, node)
    values = [(operator, el.value(factor)) for operator, factor in factors]
    tight = _grouped(values)
    if tight is None:
        return in_order(el, values)
    results: list[Value] = []
    failure: ChainruleError | None = None
    for reading in (tight, None):
        try:
            if reading is None:
                results.append(in_order(el, values))
            else:
                results.append(in_order(el, [(op, in_order(el, group)) for op, group in reading]))
        except ShapeError as error:
            failure = failure or error
    if not results:
        assert failure is not None
        raise failure
    if len(results) == 2 and not _numbers_alone(tight):
        raise AmbiguousError(
            "a product of entries beside a product of matrices",
            "either may come first",
            "put brackets around the one that does",
        )
    return results[0]


def in_order(el: Elaborator, values: list[tuple[str, Value]]) -> Value:
    """The factors multiplied from left to right."""
    total = values[0][1]
    for operator, value in values[1:]:
        if operator == "":
            total = juxtaposed(el, total, value)
        elif operator == "/":
            total = divided(el, total, value)
        else:
            total = operated(el, operator, total, value)
    return total


def _with_calls(el: Elaborator, node: Product) -> list[tuple[str, Node]]:
    """The factors, a name with its arguments as one of them."""
    found: list[tuple[str, Node]] = []
    _check_slashes(el, node)
    _check_one(el, node)
    after_call = False
    for operator, factor in node.factors:
        before = found[-1][1] if found else None
        fence = factor.base if isinstance(factor, Scripted) else factor
        if operator == "" and isinstance(fence, Fenced) and isinstance(before, Name):
            call = None if after_call else called(el, before, fence)
            if call is not None:
                if isinstance(factor, Scripted):
                    call = replace(factor, start=before.start, base=call)
                found[-1] = (found[-1][0], call)
                after_call = True
                continue
        if operator == "" and before is not None:
            _check_number(el, before, factor)
        found.append((operator, factor))
        after_call = False
    return found


def _check_number(el: Elaborator, before: Node, factor: Node) -> None:
    """Refuse `x2` and `f(2)`: a number behind a factor is no usual product."""
    bracketed = isinstance(factor, Fenced) and factor.style == "()" and len(factor.parts) == 1
    inside = factor.parts[0] if isinstance(factor, Fenced) and bracketed else factor
    if isinstance(inside, Number):
        raise AmbiguousError(
            el.source.text[before.start : factor.end],
            "a product, a label or argument, or the number of an equation",
            "write the number in front, or \\cdot; number equations by \\tag",
        )


def _check_slashes(el: Elaborator, node: Product) -> None:
    """Refuse `a/bc`, which may be a over bc. `1/2 \\|x\\|^2` is a half of what follows."""
    for place in range(1, len(node.factors) - 1):
        operator, factor = node.factors[place]
        if operator != "/" or node.factors[place + 1][0] != "":
            continue
        following = node.factors[place + 1][1]
        numbers = isinstance(factor, Number)
        base = following.base if isinstance(following, Scripted) else following
        barred = isinstance(base, Fenced) and base.style in ("||", "\\|")
        if isinstance(following, Big) or (numbers and (barred or isinstance(following, Call))):
            continue
        raise AmbiguousError(
            el.source.text[node.factors[place - 1][1].start : following.end],
            "what follows the quotient may belong below it",
            "use \\frac, or brackets",
        )


def _check_one(el: Elaborator, node: Product) -> None:
    """Refuse `1 m^\\top`: the number one, or a vector of ones."""
    for place, (operator, factor) in enumerate(node.factors[:-1]):
        behind, following = node.factors[place + 1]
        alone = (place == 0 or operator == "") and behind == ""
        one = isinstance(factor, Number) and factor.text == "1"
        if alone and one and el.value(following).rank:
            raise AmbiguousError(
                el.source.text[factor.start : following.end],
                "the number one, or a vector of ones",
                r"write \mathbf{1}, or leave the one out",
            )


def juxtaposed(el: Elaborator, a: Value, b: Value) -> Value:
    """The product of two values side by side, a column before a matrix read as a row."""
    for whole, entry in ((a, b), (b, a)):
        free = [name for name in entry.indices if name not in el.scope.bound]
        if whole.rank == 2 and not whole.indices and entry.rank == 0 and free:
            raise AmbiguousError(
                f"a matrix beside an entry with the index {free[0]}",
                "a multiple of the matrix, or the entry of a product",
                "put brackets around the product whose entry is meant",
            )
    column = a.rank == 1 and not a.row and not a.fitting
    if column and b.rank == 2 and not b.fitting and a.shape[0] == b.shape[0] != 1:
        el.scope.note("a vector before a matrix is read as a row")
        return multiply(replace(a, row=True), b)
    return multiply(a, b)


def operated(el: Elaborator, operator: str, a: Value, b: Value) -> Value:
    """A product written with a sign."""
    said = el.scope.signs.get(operator)
    if said is None and operator == r"\circ":
        said = el.scope.signs.get("*") if "*" in el.scope.signs else None
    numbers = (a.rank == 0 and not a.fitting) or (b.rank == 0 and not b.fitting)
    if operator in (r"\odot", r"\oslash") or (said == "elementwise" and not numbers):
        return by_entries(el, "/" if operator == r"\oslash" else "*", a, b)
    if operator == r"\otimes":
        return tensor(el, said, a, b)
    if numbers:
        return multiply(a, b)
    if said == "product":
        return juxtaposed(el, a, b)
    if said == "inner":
        return inner(a, b)
    alike = a.shape == b.shape and a.row == b.row and not a.fitting and not b.fitting
    if operator in (r"\circ", r"\star"):
        if operator == r"\circ" and alike:
            el.scope.note(r"\circ is the product of entries")
            return by_entries(el, "*", a, b)
        raise misfit(f"a product with {operator}", a, b)
    if alike:
        raise AmbiguousError(
            f"{operator} of two arrays of one shape",
            "the inner product, the product of entries, or the matrix product",
            f"declare {{r'{operator}': 'inner'}}, 'elementwise' or 'product'",
        )
    return juxtaposed(el, a, b)


def by_entries(el: Elaborator, symbol: str, a: Value, b: Value) -> Value:
    """The product or quotient of entries; a number, row or column is not stretched."""
    return elementwise(lambda x, y: parse_constants.arithmetic(symbol, x, y), a, b)


def tensor(el: Elaborator, said: str | None, a: Value, b: Value) -> Value:
    if said == "elementwise":
        return by_entries(el, "*", a, b)
    if said == "outer" and a.rank == 1 and b.rank == 1:
        return multiply(replace(a, row=False), replace(b, row=True))
    if said == "kron" and not a.indices and not b.indices and a.rank == b.rank == 2:
        return Value(kron(a.array, b.array))
    raise AmbiguousError(
        r"\otimes",
        "the Kronecker product, the outer product, or the product of entries",
        r"declare {r'\otimes': 'kron'}, 'outer' or 'elementwise'",
    )


def divided(el: Elaborator, a: Value, b: Value) -> Value:
    """A quotient: by a number, or of entries."""
    if b.rank == 0 and not b.fitting:
        if a.fitting:
            return replace(
                divided(el, replace(a, fitting="", row=False), b), fitting=a.fitting, row=a.row
            )
        return by_entries(el, "/", a, b)
    if el.scope.signs.get("/") != "elementwise":
        if b.rank >= 2 or b.fitting:
            raise AmbiguousError(
                f"a division by {b.kind}",
                "a quotient of entries, or a product with the inverse",
                r"write \oslash, A^{-1}, or declare {'/': 'elementwise'}",
            )
        el.scope.note("a quotient of vectors is that of their entries")
    return by_entries(el, "/", a, b)


def _grouped(values: list[tuple[str, Value]]) -> list[tuple[str, list[tuple[str, Value]]]] | None:
    """The factors in groups without signs for entries; None where grouping makes no difference."""
    signs = (r"\odot", r"\oslash", r"\circ", "*", r"\otimes", r"\star", r"\cdot", r"\times")
    groups: list[tuple[str, list[tuple[str, Value]]]] = []
    for operator, value in values:
        if not groups or operator in signs:
            groups.append((operator, [("", value)]))
        else:
            groups[-1][1].append((operator, value))
    behind = [each for _, group in groups[1:] for each in group[1:]]
    if not any(operator == "" and (value.rank or value.fitting) for operator, value in behind):
        return None
    return groups


def _numbers_alone(groups: list[tuple[str, list[tuple[str, Value]]]]) -> bool:
    """Whether each sign has a number on its left, so that the order makes no difference."""
    for place in range(1, len(groups)):
        before = [value for _, group in groups[:place] for _, value in group]
        if any(value.rank or value.fitting for value in before):
            return False
    return True


def inner(a: Value, b: Value) -> Value:
    """The sum of the products of the entries of two arrays of one shape."""
    a, b = fitted([a, b])
    if a.shape != b.shape or not a.rank:
        raise misfit("an inner product", a, b)
    axes = [str(k) for k in range(a.rank)]
    if not a.indices and not b.indices and a.rank == 1:
        return Value(operations.matmul(a.array, b.array))
    return Value(contract(a, b, axes, axes, []), tuple(dict.fromkeys(a.indices + b.indices)))
