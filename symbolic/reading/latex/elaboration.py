r"""From the syntax tree to values: every name looked up, every product told apart by shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from symbolic import operations
from symbolic.errors import (
    AmbiguousError,
    ChainruleError,
    DomainError,
    NotAllowedError,
    ParseError,
)
from symbolic.indexing import stack
from symbolic.reading import parse_constants
from symbolic.reading.latex import applications, calls, conditions, products, sums
from symbolic.reading.latex.entries import read_name, read_scripts
from symbolic.reading.latex.function_names import CONVENTIONAL, LOGARITHMS, builtin
from symbolic.reading.latex.marks import derivative_of_psi, is_transpose
from symbolic.reading.latex.phrases import Phrases
from symbolic.reading.latex.scope import Function, Scope, is_indicator
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import bare_symbol, label_text, whole_symbol
from symbolic.reading.latex.syntax import (
    Applied,
    Big,
    Call,
    Cases,
    Differentiation,
    Fenced,
    Fraction,
    Infinitesimal,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Root,
    Scripted,
    Table,
    Terms,
    names_in,
)
from symbolic.reading.latex.values import (
    Value,
    add,
    elementwise,
    number,
)
from symbolic.reading.parse_source import Source


class Elaborator:
    """Works out the nodes of one source in one scope."""

    def __init__(self, source: Source, scope: Scope) -> None:
        self.source = source
        self.scope = scope

    def value(self, node: Node) -> Value:
        """The value of a node; errors of operations get the place they happened at."""
        try:
            return _HANDLERS[type(node)](self, node)
        except ChainruleError as error:
            if "\n" in error.advice:
                raise
            raise self.located(error, node) from None

    def located(self, error: ChainruleError, node: Node) -> ChainruleError:
        """An error with the text of a node and a caret line."""
        text = " ".join(self.source.text[node.start : node.end].split())
        found = error.found if error.written == text else f"{error.written}: {error.found}"
        return self.source.error_at(type(error), node.start, node.end, found, error.advice)

    def phrase(self, items: Items, within: Item) -> Node:
        """The syntax tree of the items of a script."""
        return Phrases((), self.source, self.scope).inner(items, within)

    # --- sums and products ------------------------------------------------------------------------

    def terms(self, node: Terms) -> Value:
        values = [(sign, self.value(each)) for sign, each in node.terms]
        for place, (_, each) in enumerate(node.terms):
            if isinstance(each, Differentiation) and each.open:
                self._check_extent(node, place, each, values)
        return add(values, self.scope.note)

    def _check_extent(
        self, node: Terms, place: int, operator: Differentiation, values: list[tuple[int, Value]]
    ) -> None:
        """Refuse an operator before a sum without brackets that it may cover as well."""
        keys = {
            symbol.key for each in operator.places if (symbol := bare_symbol(each.item)) is not None
        }
        for later in range(place + 1, len(values)):
            _, term = node.terms[later]
            if isinstance(term, Differentiation):
                continue
            if keys & names_in(term) or values[later][1].rank != values[place][1].rank:
                raise AmbiguousError(
                    self.source.text[operator.start : term.end],
                    "the derivative of the first term, or of the sum",
                    "put brackets around what is differentiated",
                )

    def fraction(self, node: Fraction) -> Value:
        return products.divided(self, self.value(node.top), self.value(node.bottom))

    def root(self, node: Root) -> Value:
        value = self.value(node.body)
        calls.refuse_square("a root", value)
        if node.degree == 2:
            return calls.of_entries("sqrt", [value])
        if node.degree < 1:
            raise DomainError("a root", f"of degree {node.degree}", "use a degree from 2")
        power = number(operations.exact_number(1) / node.degree)
        return elementwise(lambda x, y: parse_constants.arithmetic("**", x, y), value, power)

    # --- names, numbers, fences -------------------------------------------------------------------

    def number(self, node: Number) -> Value:
        return Value(parse_constants.number(node.text))

    def name(self, node: Name) -> Value:
        return read_name(self, node.item)

    def scripted(self, node: Scripted) -> Value:
        if (
            isinstance(node.base, Fenced)
            and node.base.style in ("\\|", "||")
            and node.item.sub is not None
        ):
            base = self.norm(
                node.base, label_text(node.item.sub) or label_or_command(node.item.sub)
            )
            return read_scripts(self, base, replace(node.item, sub=None))
        if (
            isinstance(node.base, Fenced)
            and node.base.style == "<>"
            and label_text(node.item.sub) == "F"
        ):
            return read_scripts(self, self.value(node.base), replace(node.item, sub=None))
        if isinstance(node.base, Number) and node.item.sup and is_transpose(node.item.sup):
            raise AmbiguousError(
                self.source.text[node.start : node.end],
                "the number one, or a vector of ones",
                r"write \mathbf{1}^\top",
            )
        return read_scripts(self, self.value(node.base), node.item)

    def fenced(self, node: Fenced) -> Value:
        if node.style == "<>":
            if len(node.parts) != 2:
                raise NotAllowedError(
                    "angle brackets", "no two parts", r"write \langle a, b \rangle"
                )
            return products.inner(self.value(node.parts[0]), self.value(node.parts[1]))
        declared = self._declared_bars(node)
        if declared is not None:
            return declared
        if len(node.parts) != 1:
            raise NotAllowedError("brackets", f"{len(node.parts)} parts", "write one expression")
        (part,) = node.parts
        if isinstance(part, Relation):
            if node.style == "[]":
                return conditions.indicator(self, part)
            raise NotAllowedError("a relation in brackets", "no value", r"write \mathbb{1}[...]")
        if node.style == "\\|":
            return self.norm(node, "")
        value = self.value(part)
        if node.style == "||":
            return calls.bars(value, self.scope.signs)
        return value

    def _declared_bars(self, node: Fenced) -> Value | None:
        """The value of bars that are declared as a whole, as `|B|`, the size of a batch."""
        if node.style != "||" or len(node.parts) != 1 or not isinstance(node.parts[0], Name):
            return None
        symbol = whole_symbol(node.parts[0].item)
        names = self.scope.keys.get(f"|{symbol.key}|") if symbol is not None else None
        return Value(self.scope.names[names[0]]) if names else None

    def norm(self, node: Fenced, order: str) -> Value:
        if len(node.parts) != 1:
            raise NotAllowedError("a norm", "several parts", "write one expression")
        if node.style == "||":
            raise NotAllowedError("bars with a subscript", "no norm", r"write \|x\|_p")
        return calls.norm(self.value(node.parts[0]), order, self.scope.signs)

    # --- functions --------------------------------------------------------------------------------

    def call(self, node: Call) -> Value:
        item = node.function
        if is_indicator(item) or (
            _is_double(item)
            and len(node.arguments) == 1
            and isinstance(node.arguments[0], Relation)
        ):
            (condition,) = node.arguments
            if not isinstance(condition, Relation):
                raise NotAllowedError("an indicator", "no relation inside", "write one")
            return conditions.indicator(self, condition)
        inner = self._gamma_of_log(node)
        if inner is not None:
            self._assume(inner.function)
            arguments = [self.value(each) for each in inner.arguments]
            return self.scripted_call("lgamma", arguments, item, named=False)
        defined = self.scope.function(item)
        symbol = bare_symbol(item)
        arguments = [self._argument(item, each) for each in node.arguments]
        if defined is not None and not defined.name:
            result = self.defined_call(defined, arguments, item)
            rest = replace(item, sub=None, sup=item.sup)
            return (
                read_scripts(self, result, rest) if item.sup is not None or item.primes else result
            )
        if defined is None and self.scope.is_conventional(item):
            return self._conventional(item, arguments)
        name = defined.name if defined is not None else self._called(item)
        found = builtin(name) if name != "expectation" else name
        if defined is None and symbol is not None and symbol.base == "sigma":
            self.scope.note(r"\sigma is the logistic function")
        assert found is not None, name
        return self.scripted_call(found, arguments, item, named=defined is not None)

    def _argument(self, function: Item, node: Node) -> Value:
        r"""The value of an argument; `\log|A|` of a square matrix is that of its determinant."""
        is_log = function.text in (r"\log", r"\ln") and "|A|" not in self.scope.signs
        if is_log and isinstance(node, Fenced) and node.style == "||" and len(node.parts) == 1:
            value = self.value(node.parts[0])
            if value.is_square:
                self.scope.note("the bars under the logarithm are a determinant")
                return calls.apply("det", [value], 0, self.scope.note)
        return self.value(node)

    def _gamma_of_log(self, node: Call) -> Call | None:
        r"""The call of `\Gamma` that stands without brackets behind a natural logarithm."""
        log, inner = node.function, node.arguments[0]
        base = "e" if log.text == r"\ln" else self.scope.signs.get(r"\log", "natural")
        if log.text not in LOGARITHMS or log.sub is not None or base in ("2", "10"):
            return None
        if not isinstance(inner, Call) or inner.function.text != r"\Gamma" or inner.function.primes:
            return None
        between = self.source.text[log.end : inner.start].strip()
        return inner if not between and self.scope.is_conventional(inner.function) else None

    def _conventional(self, item: Item, arguments: list[Value]) -> Value:
        r"""The gamma function or digamma, or a derivative: `\Gamma(x)`, `\psi(x)`, `\psi'(x)`."""
        self._assume(item)
        if item.text == r"\psi":
            return calls.polygamma(derivative_of_psi(item) or 0, arguments)
        return calls.apply("gamma", arguments, item.primes, self.scope.note)

    def _assume(self, item: Item) -> None:
        letter = item.text.removeprefix("\\")
        self.scope.assumed.add(letter)
        self.scope.note(f"{item.text} is the {CONVENTIONAL[letter]} function")

    def _called(self, item: Item) -> str:
        symbol = bare_symbol(item)
        if symbol is None:
            return item.text[1:]
        if symbol.font == "mathbb":
            return "expectation"
        return "sigmoid" if symbol.base == "sigma" else symbol.base

    def scripted_call(self, name: str, arguments: list[Value], item: Item, named: bool) -> Value:
        r"""A known function with the scripts at its name: `\sin^2 x`, `\log_2 x`, `\sigma'(z)`."""
        base: Value | None = None
        sub = item.sub
        if name == "log" and sub is not None:
            base = self.value(self.phrase(sub, item))
            sub = None
        value = calls.apply(name, arguments, item.primes, self.scope.note)
        said = self.scope.signs.get(r"\log")
        if name == "log" and item.text == r"\log" and base is None and said in ("2", "10"):
            base = number(int(said))
        if base is not None:
            logarithm = calls.of_entries("log", [base])
            value = products.divided(self, value, logarithm)
        if item.sup is not None and not is_transpose(item.sup):
            label = label_text(item.sup) or ""
            if label.startswith("-"):
                raise AmbiguousError(
                    f"{name}^{label}",
                    "the inverse function, or the reciprocal",
                    "write it in words or as a fraction",
                )
            if label.startswith("("):
                raise NotAllowedError(
                    f"{name}^{label}", "a label at a function", "declare it with its label"
                )
            calls.refuse_square(f"a power of {name}", value)
        return read_scripts(self, value, replace(item, sub=sub, primes=0))

    def defined_call(self, function: Function, arguments: list[Value], item: Item) -> Value:
        """A defined function: its body with the parameters standing for the arguments."""
        if item.primes:
            raise NotAllowedError(
                "a derivative of a defined function",
                "its primes",
                "write the derivative as \\frac{d}{dx}",
            )
        if len(arguments) != len(function.parameters):
            raise NotAllowedError(
                "a call", f"{len(arguments)} arguments", f"give {len(function.parameters)}"
            )
        scope = self.scope.child(dict(zip(function.parameters, arguments, strict=True)))
        scope.depth = self.scope.depth + 1
        if scope.depth > 20:
            raise ParseError(
                "a call", "functions that call each other without end", "define them in order"
            )
        return self.scope.read_value(function.body, scope)

    def table(self, node: Table) -> Value:
        """A matrix written out in numbers."""
        rows = []
        for row in node.rows:
            values = [self.value(each) for each in row]
            if any(each.rank or each.fitting or each.indices for each in values):
                raise NotAllowedError(
                    "a matrix of blocks", "entries that are no numbers", "declare the matrix"
                )
            rows.append([each.array for each in values])
        if all(len(row) == 1 for row in rows):
            return Value(stack(*(row[0] for row in rows)))
        if len(rows) == 1:
            return Value(stack(*rows[0]), row=True)
        return Value(stack(*(stack(*row) for row in rows)))

    def relation(self, node: Relation) -> Value:
        raise NotAllowedError(
            "a relation", "not true or false, but a value is needed here", r"write \mathbb{1}[...]"
        )

    # --- derivatives ------------------------------------------------------------------------------

    def differentiation(self, node: Differentiation) -> Value:
        from symbolic.reading.latex.derivatives import differentiated

        return differentiated(self, node)

    def infinitesimal(self, node: Infinitesimal) -> Value:
        from symbolic.reading.latex.derivatives import infinitesimal

        return infinitesimal(self, node)


def label_or_command(items: Items) -> str:
    """A norm's subscript as text."""
    return items[0].text.lstrip("\\") if len(items) == 1 else "?"


def _is_double(item: Item) -> bool:
    symbol = bare_symbol(item)
    return symbol is not None and symbol.font == "mathbb" and symbol.base in ("I", "1")


_HANDLERS: dict[type[Node], Callable[[Any, Any], Value]] = {
    Terms: Elaborator.terms,
    Product: products.product,
    Fraction: Elaborator.fraction,
    Root: Elaborator.root,
    Number: Elaborator.number,
    Name: Elaborator.name,
    Scripted: Elaborator.scripted,
    Applied: applications.applied,
    Fenced: Elaborator.fenced,
    Call: Elaborator.call,
    Relation: Elaborator.relation,
    Cases: conditions.cases,
    Table: Elaborator.table,
    Big: sums.big,
    Differentiation: Elaborator.differentiation,
    Infinitesimal: Elaborator.infinitesimal,
}
