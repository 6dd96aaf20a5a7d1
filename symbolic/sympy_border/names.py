"""Names at the border: symbols of SymPy and the variables and sizes that they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits

from symbolic.errors import NameUnknownError, ShapeError
from symbolic.nodes import Contraction, Expression, Named, Variable
from symbolic.operations import constant
from symbolic.reading.declarations import declare
from symbolic.sizes import Shape, Size, as_size, shape_text, size_symbol
from symbolic.sympy_border.values import short, unsupported
from symbolic.traverse import postorder

Given = Mapping[Any, "str | Variable"] | Iterable[Variable]


class Names:
    """The variables and sizes of one SymPy expression.

    Symbols in the shape of a matrix or in the range of a sum are sizes, and so are positive integer
    symbols; every other symbol is a scalar variable. Declarations that are given come first.
    """

    def __init__(self, root: Any, given: Given | None) -> None:
        self.by_name, self.by_symbol = _declared(given)
        self.bound, self.sizes = _bound_and_size_symbols(root)
        self.seen: dict[str, Any] = {}
        self.variables: dict[str, Variable] = {}

    def symbol(self, node: sympy.Symbol) -> Expression:
        """A scalar symbol: a size, or a variable."""
        declared = self._declaration(node)
        if declared is None and (node in self.sizes or _is_size(node)):
            self._check_one_meaning(node.name, node)
            return constant(size_symbol(node.name))
        if node.is_extended_real is False or not node.is_commutative:
            raise unsupported(node, "a symbol that is not a real number", "use real symbols")
        variable = Variable(node.name, (), _domain(node)) if declared is None else declared
        if variable.rank:
            raise _misfit(node, (), variable)
        return self._remember(variable, node)

    def array(self, node: Any, name: str, shape: Iterable[object]) -> Expression:
        """A `MatrixSymbol` or an indexed array; a column may be declared as a vector of rank 1."""
        sizes = tuple(self.size(each) for each in shape)
        declared = self._declaration(node, name)
        variable = Variable(name, sizes) if declared is None else declared
        if variable.shape == sizes:
            return self._remember(variable, node)
        if sizes[1:] == (1,) and variable.shape == sizes[:1]:
            column = self._remember(variable, node)
            return Contraction([column], [("row",)], ("row", "column"), {"column": 1})
        raise _misfit(node, sizes, variable)

    def size(self, value: Any) -> Size:
        """A size of SymPy with its symbols as size symbols of ours."""
        return as_size(self.whole(value))

    def whole(self, value: Any) -> sympy.Expr:
        """An integer expression in sizes."""
        number = sympy.sympify(value)
        symbols = number.free_symbols
        letters = {each: size_symbol(each.name) for each in symbols}
        for each in symbols:
            if each in self.bound or not (each in self.sizes or _is_size(each)):
                raise unsupported(number, f"the index or size {each}", "use sizes and sum indices")
            self._check_one_meaning(each.name, each)
        replaced = sympy.expand(number.xreplace(letters))
        if replaced.is_integer is False or replaced.is_finite is False:
            raise unsupported(number, "no integer where a size is needed", "use integers and sizes")
        return replaced

    def check(self) -> None:
        """Raise `NameUnknownError` when a name has two meanings or cannot be written as text."""
        declare(self.variables)

    def _declaration(self, node: Any, name: str | None = None) -> Variable | None:
        return self.by_symbol.get(node, self.by_name.get(name or node.name))

    def _remember(self, variable: Variable, node: Any) -> Variable:
        self._check_one_meaning(variable.name, node)
        self.variables[variable.name] = variable
        return variable

    def _check_one_meaning(self, name: str, node: Any) -> None:
        if self.seen.setdefault(name, node) != node:
            raise NameUnknownError(
                f"the name {name!r}",
                "two different symbols of the SymPy expression have it",
                "give each symbol its own name and the same assumptions everywhere",
            )


def place_name(place: Any, inside: Expression, given: object = None) -> str:
    """The name of the variable that a SymPy symbol became."""
    if not isinstance(place, (sympy.Symbol, sympy.MatrixSymbol)):
        raise unsupported(place, "not a symbol", "differentiate by a Symbol or a MatrixSymbol")
    declared = given.get(place) if isinstance(given, Mapping) else None
    if isinstance(declared, Variable):
        return declared.name
    shape = getattr(place, "shape", ())
    letters = {each: size_symbol(each.name) for size in shape for each in size.free_symbols}
    sizes = tuple(as_size(size.xreplace(letters)) for size in shape)
    for node in postorder(inside):
        same = isinstance(node, (Variable, Named)) and node.name == place.name
        if same and node.shape not in (sizes, sizes[:1]):
            raise _misfit(place, sizes, node)
    return str(place.name)


def _declared(given: Given | None) -> tuple[dict[str, Variable], dict[Any, Variable]]:
    """Declarations by name, and those by SymPy symbol."""
    if not isinstance(given, Mapping):
        return declare(given), {}
    symbols = {key: what for key, what in given.items() if isinstance(key, sympy.Basic)}
    names = {key: what for key, what in given.items() if key not in symbols}
    by_symbol = {
        key: what if isinstance(what, Variable) else declare({str(key): what})[str(key)]
        for key, what in symbols.items()
    }
    return declare(names), by_symbol


def _bound_and_size_symbols(root: Any) -> tuple[set[sympy.Symbol], set[sympy.Symbol]]:
    """The symbols bound by sums and functions, and the other ones in shapes and ranges of sums."""
    found: set[sympy.Symbol] = set()
    bound: set[sympy.Symbol] = set()
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, sympy.MatrixExpr):
            found.update(*(sympy.sympify(size).free_symbols for size in node.shape))
        elif isinstance(node, sympy.Indexed):
            found.update(*(size.free_symbols for size in node.base.shape or ()))
        elif isinstance(node, ExprWithLimits):
            bound.update(node.variables)
            found.update(*(edge.free_symbols for limit in node.limits for edge in limit[1:]))
        elif isinstance(node, sympy.Lambda):
            bound.update(node.variables)
        waiting.extend(node.flat() if isinstance(node, sympy.MatrixBase) else node.args)
    return bound, found - bound


def _is_size(node: sympy.Symbol) -> bool:
    return bool(node.is_integer and node.is_positive)


def _domain(node: sympy.Symbol) -> str:
    if node.is_integer and node.is_nonnegative:
        return "counts"
    if node.is_positive:
        return "positive"
    return "nonnegative" if node.is_nonnegative else "real"


def _misfit(node: Any, sizes: Shape, found: Expression) -> ShapeError:
    return ShapeError(
        f"the SymPy symbol {short(node)} of shape {shape_text(sizes)}",
        f"{found} has shape {shape_text(found.shape)}",
        "give both one shape; a column (n, 1) may be a vector (n,)",
    )
