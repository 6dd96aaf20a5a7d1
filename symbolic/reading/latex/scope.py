r"""Names while LaTeX is read: what each symbol stands for by the declarations, and what signs mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from symbolic import operations
from symbolic.errors import AmbiguousError, ChainruleError, NameUnknownError
from symbolic.nodes import Expression, Named, Variable
from symbolic.printing.latex_names import name_latex
from symbolic.reading.declarations import (
    Given,
    declare,
    declared_sizes,
    definitions,
    is_definition,
    is_latex,
    is_notation,
    notations,
    pairs,
)
from symbolic.reading.latex.function_names import CONVENTIONAL, builtin
from symbolic.reading.latex.keys import read_key
from symbolic.reading.latex.marks import RELATIONS, derivative_of_psi
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import (
    Symbol,
    bare_symbol,
    close_names,
    label_text,
    whole_symbol,
)
from symbolic.reading.latex.values import Value
from symbolic.sizes import size_symbol
from symbolic.traverse import variables

_ENTRY = re.compile(r"(.*[\w)])\[([^\[\]]*)\]")
_BASE = re.compile("[_^']")
_LISTED = 30
_BETWEEN = (",", ";", r"\mid")
_ENDS = (*RELATIONS, *_BETWEEN, "+", "-", ".", ":", "&", r"\\")
_FONTS_APART = frozenset(("mathcal", "mathscr", "mathfrak", "mathbb"))


@dataclass(frozen=True)
class Function:
    """A function that was defined: another name of a known one, or parameters and a body."""

    name: str = ""
    parameters: tuple[str, ...] = ()
    body: str = ""


@dataclass(frozen=True)
class Row:
    """A name with an index that stands for entries of an array: letter or None for each axis."""

    name: str
    letters: tuple[str, ...]
    axes: tuple[str | None, ...]


class Scope:
    """The names of one reading."""

    def __init__(self, given: Given | None, read_value: Callable[[str, Scope], Value]) -> None:
        self.read_value = read_value
        self.names: dict[str, Expression] = {}
        self.keys: dict[str, list[str]] = {}
        self.latex_keys: dict[str, str] = {}
        self.sizes: dict[str, Expression] = {}
        self.functions: dict[str, Function] = {}
        self.rows: dict[tuple[str, str], Row] = {}
        self.arguments: dict[str, Value] = {}
        self.defined: set[str] = set()
        self.hidden: set[str] = set()  # names of arrays that are only written with their index
        self.taken: dict[str, str] = {}
        self.fonts: dict[str, str] = {}
        self.still: dict[
            str, bool
        ] = {}  # whether a name was constant under d, or had a differential
        self.notes: list[str] = []
        self.outer_indices: frozenset[str] = frozenset()
        self.bound: tuple[str, ...] = ()
        self.index_sizes: dict[str, object] = {}
        self.differentials = False
        self.step: tuple[str, frozenset[str]] = ("", frozenset())  # the new name, and its times
        self.times: dict[str, str] = {}
        self.decorations: dict[str, tuple[str, ...]] = {}
        self.parameters: dict[str, tuple[str, ...]] = {}  # the names that these arguments stand for
        self.constants: set[str] = set()  # the letters that were read as Euler's number or as pi
        self.new = ""  # the letter of a function that the formula defines
        self.assumed: set[str] = set()  # the letters that were read as gamma and digamma
        self.depth = 0
        self.signs = notations(given)
        declared = declare(given)
        for letter in declared_sizes(declared):
            self.sizes[letter] = operations.constant(size_symbol(letter))
        for key, written in pairs(given) if given is not None else ():
            if not is_definition(written) and not is_notation(key, written):
                name = key if key in declared else read_key(key).name
                self.register(name, declared[name], None if key in declared else read_key(key).key)
        for key, body in definitions(given):
            self.define(key, body)

    # --- declaring --------------------------------------------------------------------------------

    def register(self, name: str, meaning: Expression, key: str | None = None) -> None:
        """Let a name stand for an expression, in its LaTeX form or in the one it prints as."""
        self.names[name] = meaning
        if key is not None:
            self.latex_keys[key] = name
        if key is None:
            key = read_key(name_latex(name)).key if name.isascii() else name
        self.keys.setdefault(key, [])
        if name not in self.keys[key]:
            self.keys[key].append(name)

    def define(self, key: str, body: str) -> None:
        """Take in a definition, in either language."""
        plain = key.isidentifier() and "_" not in key.strip("_")[1:2]
        where = None if plain else read_key(key)
        if where is not None and where.parameters:
            self.functions[where.key] = Function(parameters=where.parameters, body=body)
            return
        alias = body.strip().lstrip("\\")
        if builtin(alias) is not None and alias not in self.names:
            self.functions[where.key if where else read_key(name_latex(key)).key] = Function(alias)
            return
        if where is not None and self._define_entries(where.item, body):
            return
        name = where.name if where else key
        if name in self.names:
            raise NameUnknownError(f"{key!r}", "declared twice", "give each its own name")
        value = self._value(body)
        if value.indices and where is not None:
            self._define_indexed(where.item, name, value)
            return
        if value.indices or value.fitting:
            raise NameUnknownError(
                f"{key!r}: {body!r}",
                f"the index {value.indices[0]} is free" if value.indices else f"{value.kind}",
                "write the index at the name as well, or the size",
            )
        self.register(name, Named(name, value.array), where.key if where else None)
        self.defined.add(name)

    def _value(self, body: str) -> Value:
        if not is_latex(body):
            from symbolic.reading.parser import parse_in

            try:
                return Value(parse_in(body, {**self.sizes, **self.names}))
            except ChainruleError as error:
                try:
                    return self.read_value(body, self)
                except ChainruleError:
                    raise error from None
        return self.read_value(body, self)

    def _define_entries(self, item: Item, body: str) -> bool:
        """Take in `x^{(i)} = X[i]`; False for another kind of body."""
        found = _ENTRY.fullmatch(body)
        if found is None or is_latex(body):
            return False
        axes = tuple(part.strip() for part in found[2].split(","))
        letters = tuple(axis for axis in axes if axis not in (":", "..."))
        symbol = bare_symbol(item)
        below, above = label_text(item.sub) or "", (label_text(item.sup) or "").strip("()")
        script = (below + above).replace(",", "")
        if symbol is None or not letters or not all(x.isalpha() and x in script for x in letters):
            return False
        array, target = self.names.get(found[1]), found[1]
        if array is None:
            from symbolic.reading.parser import parse_in

            target = replace(symbol, sub=below, sup=above).name
            if target in self.names:
                return False
            array = Named(target, parse_in(found[1], {**self.sizes, **self.names}))
            self.names[target] = array
            self.defined.add(target)
            self.hidden.add(target)
        if len(axes) > array.rank:
            raise NameUnknownError(
                body, f"{found[1]} has {array.rank} axes", "give one index an axis"
            )
        axes += (":",) * (array.rank - len(axes))
        kind = ("sup" if above else "") + ("sub" if below else "")
        row = Row(target, letters, tuple(None if axis == ":" else axis for axis in axes))
        self.rows[symbol.key, kind] = row
        return True

    def _define_indexed(self, item: Item, name: str, value: Value) -> None:
        """Take in `z_i = w^\\top x_i` as the array z."""
        symbol = bare_symbol(item)
        assert symbol is not None
        if set(label_text(item.sub) or "") - {","} == set(value.indices):
            if symbol.key not in self.sizes:
                self.define_array(symbol, value)
                return
            self.define_rows(symbol, value, name)
            return
        above = (label_text(item.sup) or "").strip("()")
        self.names[symbol.name] = Named(symbol.name, value.array)
        axes: tuple[str | None, ...] = (*value.indices, *(None,) * value.rank)
        if set(above) - {","} != set(value.indices):
            raise NameUnknownError(
                name, f"free indices {', '.join(value.indices)}", "write them at the name as well"
            )
        self.rows[symbol.key, "sup"] = Row(symbol.name, value.indices, axes)

    def define_rows(self, symbol: Symbol, value: Value, name: str) -> None:
        """Let a symbol with indices stand for the entries of a value, and nothing without them."""
        self.names[name] = Named(name, value.array)
        self.defined.add(name)
        self.hidden.add(name)
        own: tuple[str | None, ...] = (*value.indices, *(None,) * value.rank)
        self.rows[symbol.key, "sub"] = Row(name, value.indices, own)

    def define_array(self, symbol: Symbol, value: Value, name: str = "") -> str:
        """Let a symbol stand for a value; its named axes become the first axes."""
        name = name or symbol.name
        self.register(name, Named(name, value.array), symbol.key)
        self.defined.add(name)
        return name

    # --- looking up -------------------------------------------------------------------------------

    def find(self, symbol: Symbol) -> str | None:
        """The name that a symbol stands for, or None. Two that compete are refused."""
        strong = list(self.keys.get(symbol.key, ()))
        labelled = symbol.sup and not (symbol.sup.startswith("(") or symbol.sup == "*")
        weak = [] if labelled or symbol.primes else self._close(symbol)
        found = strong + [name for name in weak if name not in strong]
        if symbol.key == symbol.base and symbol.base in found:
            found = [symbol.base]
        latex_only = [name for name in found if name not in strong and self._has_other_key(name)]
        found = [name for name in found if name not in latex_only]
        if len(found) > 1 and symbol.key in self.latex_keys:
            found = [self.latex_keys[symbol.key]]
        if len(found) > 1:
            raise AmbiguousError(
                symbol.key,
                f"it may stand for {' or '.join(found)}",
                f"declare one of them by its LaTeX, as in r'{latex_key(symbol)}'",
            )
        if not found:
            return None
        (name,) = found
        other = self.taken.setdefault(name, symbol.key)
        if other != symbol.key and not (other in self.keys and symbol.key in self.keys):
            raise AmbiguousError(
                symbol.key,
                f"{name!r} would stand for this and for {other}",
                "declare both by their LaTeX",
            )
        return name

    def _has_other_key(self, name: str) -> bool:
        """Whether a name was declared in LaTeX, so that it has no other spellings."""
        return not any(
            name in names and key == _printed_key(name) for key, names in self.keys.items()
        )

    def is_taken(self, letter: str) -> bool:
        """Whether a letter names a variable, a function or an argument."""
        symbol = Symbol(letter)
        if letter in self.arguments or symbol.key in self.keys:
            return True
        return any(name == letter for name in self.names)

    def is_function(self, item: Item, called: bool) -> bool:
        """Whether an item is a function; `called` when brackets follow it."""
        if item.kind == "command" and builtin(item.text[1:]) and bare_symbol(item) is None:
            return True
        symbol = bare_symbol(item)
        if symbol is None:
            return called and is_indicator(item)
        if self.function(item) is not None:
            return True
        if symbol.base in self.arguments:
            return False
        if symbol.font == "mathbb" and symbol.base in ("E", "V", "I", "1"):
            return symbol.base in "EV" or called
        if item.kind in ("word", "font") and len(symbol.base) > 1:
            return builtin(symbol.base) is not None and self.find_quietly(symbol) is None
        if (symbol.base in ("sigma",) and called and item.sup is None) or (
            symbol.base == "sigma" and called and item.primes
        ):
            return self.find_quietly(symbol) is None
        return called and self.is_conventional(item)

    def is_conventional(self, item: Item) -> bool:
        r"""Whether `\Gamma` or `\psi` before brackets is the gamma function or digamma.

        It is where nothing has that letter, whatever its scripts, and the formula does not define it.
        """
        symbol = bare_symbol(item)
        if symbol is None or item.kind != "command" or symbol.key not in CONVENTIONAL:
            return False
        if symbol.key == self.new or self.is_known(item) or (item.primes and "'" in self.signs):
            return False
        if any(_BASE.split(key)[0] == symbol.key for key in (*self.keys, *self.functions)):
            return False
        plain = item.sub is None and item.sup is None
        return plain if symbol.key == "Gamma" else derivative_of_psi(item) is not None

    def function(self, item: Item) -> Function | None:
        """The defined function of an item, its scripts aside where they belong to the value."""
        symbol = bare_symbol(item)
        if symbol is None:
            return None
        labels = label_text(item.sub)
        if labels:
            found = self.functions.get(replace(symbol, sub=labels).key)
            if found is not None:
                return found
        if item.sup is not None and (above := label_text(item.sup)) and above.startswith("("):
            found = self.functions.get(replace(symbol, sup=above, sub=labels or "").key)
            if found is not None:
                return found
        return self.functions.get(symbol.key)

    def find_quietly(self, symbol: Symbol) -> str | None:
        """As `find`, without remembering; two that compete count as found."""
        if symbol.key in self.keys:
            return self.keys[symbol.key][0]
        names = self._close(symbol)
        return names[0] if names else None

    def _close(self, symbol: Symbol) -> list[str]:
        return close_names(symbol, self.names.keys() - self.hidden)

    def is_known(self, item: Item) -> bool:
        """Whether a name stands for anything at all."""
        forms = (whole_symbol(item), bare_symbol(item))
        if any(each is not None and self.find_quietly(each) is not None for each in forms):
            return True
        symbol = bare_symbol(item)
        if symbol is None or symbol.base in self.arguments or symbol.base in self.sizes:
            return True
        return self.function(item) is not None or any(key == symbol.key for key, _ in self.rows)

    def is_defined(self, item: Item) -> bool:
        """Whether an item is a function that was defined with parameters."""
        found = self.function(item)
        return found is not None and not found.name

    def is_head(self, item: Item, behind: Item | None) -> bool:
        """Whether an operator takes an item alone, with the brackets `behind` it as its arguments.

        What is not known stands alone; so does a definition where nothing follows, or its arguments.
        """
        called = behind is not None and behind.kind == "fence" and behind.text == "()"
        if self.is_function(item, called) and not self.is_conventional(item):
            return self.is_defined(item)
        symbol, whole = bare_symbol(item), whole_symbol(item)
        if symbol is None or self.is_variable(item):
            return False
        if not self.is_known(item) or any(key.startswith(f"d({symbol.key})") for key in self.keys):
            return True
        if behind is None or not called:
            return behind is None or behind.text in _ENDS
        decorated = whole is not None and whole.key in self.decorations
        return decorated or self._is_argument_of(whole or symbol, behind)

    def _is_argument_of(self, symbol: Symbol, fence: Item) -> bool:
        """Whether the brackets hold nothing but variables that a definition is written in."""
        name = self.find_quietly(symbol)
        named = [whole_symbol(each) for each in fence.parts[0] if each.text not in _BETWEEN]
        found = [each and self.find_quietly(each) for each in named]
        used = {each.name for each in variables(self.names[name])} if name is not None else set()
        return bool(found) and used.issuperset(found)

    def is_variable(self, item: Item) -> bool:
        """Whether an item stands for a declared variable, or an entry of one, and no definition."""
        symbol, whole = bare_symbol(item), whole_symbol(item)
        for each in (whole, symbol):
            if each is None:
                continue
            if each.base in self.arguments or each.base in self.sizes or each.base in ("e", "pi"):
                return True
            name = self.find_quietly(each)
            if name is not None:
                return isinstance(self.names[name], Variable) and not (
                    self.names[name].rank == 0 and self.is_abstract(name)
                )
        return symbol is not None and any(key == symbol.key for key, _ in self.rows)

    def is_abstract(self, name: str) -> bool:
        """Whether a declared scalar is a loss that derivatives are written of."""
        return any(key.startswith(f"d({name})") for key in self.keys)

    def reads_differential(self, d: Item, operand: Item) -> bool:
        """Whether `d` before the operand makes its differential."""
        if d.text == r"\partial":
            return True
        upright = d.kind in ("word", "font")
        taken = self.is_taken("d") or "d" in self.sizes
        if self.differentials or upright or not taken:
            return True
        symbol = whole_symbol(operand)
        if symbol is not None and f"d{symbol.name}" in self.names:
            return True
        raise AmbiguousError(
            "d",
            "the differential of what follows, or a factor: d is declared",
            r"write \mathrm{d} for the differential, or \cdot for the product",
        )

    def reads_derivative(self, top: Items, bottom: Items) -> bool:
        r"""Whether `\frac{dL}{dw}` is a derivative: it is, unless d is a variable.

        A size d is no factor above and below at once, unless other sizes stand behind it.
        """
        first, second = whole_symbol(top[1]), whole_symbol(bottom[1])
        if (
            "d" not in self.sizes
            or self.is_taken("d")
            or first is None
            or second is None
            or {first.key, second.key} & self.sizes.keys()
        ):
            return self.reads_differential(top[0], top[1])
        self.note("d in a fraction, above and below, is that of a derivative and not the size d")
        return True

    def see_font(self, symbol: Symbol) -> None:
        r"""Refuse one letter in two fonts that tell things apart, as in `\mathcal L + L`."""
        font = symbol.font if symbol.font in _FONTS_APART else ""
        if self.fonts.setdefault(symbol.key, font) != font:
            raise AmbiguousError(
                symbol.key,
                "one letter in two fonts, which may be one thing or two",
                "write it in one font, or use two letters",
            )

    def see_time(self, symbol: Symbol, time: str) -> None:
        """Refuse one name at two times of a step, where one value is declared."""
        if self.times.setdefault(symbol.key, time) != time:
            raise AmbiguousError(
                symbol.key,
                f"it occurs at {time} and at {self.times[symbol.key]}, and one name is declared",
                "declare each by its LaTeX",
            )
        self.note(f"{symbol.key} at {time} is the declared {symbol.key}, a value in a step")

    def is_declared(self, item: Item) -> bool:
        """Whether an item with all its scripts is a declared name."""
        symbol = whole_symbol(item)
        return symbol is not None and symbol.key in self.keys

    def moves(self, name: str, moving: bool) -> None:
        """Remember whether d takes a name for a constant; both in one text are refused."""
        if self.still.setdefault(name, not moving) == moving:
            raise AmbiguousError(
                f"d and {name}",
                f"{name} counts as constant in one place and has a differential in another",
                f"declare its differential, as in {{'d{name}': '...'}}",
            )

    def note(self, text: str) -> None:
        """Remember a reading that was taken."""
        if text not in self.notes:
            self.notes.append(text)

    def unknown(self, written: str) -> NameUnknownError:
        """The error of a symbol that nothing declares."""
        listed = ", ".join([*self.names, *self.sizes][:_LISTED]) or "none"
        return NameUnknownError(
            written,
            f"it is not declared (declared: {listed})",
            f"declare it in given, as in {{r'{written}': 'n'}}",
        )

    def child(self, arguments: Mapping[str, Value]) -> Scope:
        """The scope of a function's body: the same names, and its parameters."""
        inner = object.__new__(Scope)
        inner.__dict__.update(self.__dict__)
        inner.arguments = {**self.arguments, **arguments}
        return inner


def is_indicator(item: Item) -> bool:
    """Whether an item with brackets behind it is an indicator: a one of another font."""
    if item.kind == "font":
        inner = item.parts[0]
        return len(inner) == 1 and inner[0].text == "1"
    return item.kind == "word" and item.text == "1"


def latex_key(symbol: Symbol) -> str:
    """A symbol as it is declared."""
    base = f"\\{symbol.base}" if len(symbol.base) > 1 else symbol.base
    for accent in symbol.accents:
        base = f"\\{accent}{{{base}}}"
    base += f"_{{{symbol.sub}}}" if symbol.sub else ""
    return base + (f"^{{{symbol.sup}}}" if symbol.sup else "") + "'" * symbol.primes


def _printed_key(name: str) -> str:
    return read_key(name_latex(name)).key if name.isascii() else name
