r"""What a name with scripts means: a labelled name, an entry, a row, a power, a transpose, an inverse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from symbolic import matrices, operations
from symbolic.errors import AmbiguousError, NotAllowedError, ShapeError
from symbolic.nodes import Contraction
from symbolic.reading import parse_constants
from symbolic.reading.latex import calls, conditions
from symbolic.reading.latex.indices import checked_letter, entry, index_parts, refuse_square_row
from symbolic.reading.latex.marks import is_transpose, scripted
from symbolic.reading.latex.scope import Row
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import Symbol, bare_symbol, label_text
from symbolic.reading.latex.syntax import Relation
from symbolic.reading.latex.values import Value, elementwise, misfit, number, transposed

if TYPE_CHECKING:
    from symbolic.reading.latex.elaboration import Elaborator

_LARGEST_POWER = 12


@dataclass(frozen=True)
class Above:
    """A superscript in parts: a label in brackets (or a star), and what is done to the value."""

    label: str = ""
    letters: Items = ()
    operation: str = ""  # "", "transpose", "inverse", "inverse transpose", "power", "entry power"
    power: Items = ()


def read_above(el: Elaborator, item: Item, rank: int) -> Above:
    """The parts of the superscript of an item whose value has `rank` axes."""
    above = label_above(item)
    return replace_operation(above, *_operation(el, above.power, item, rank))


def replace_operation(above: Above, operation: str, power: Items) -> Above:
    """The same label with what is done to the value."""
    return Above(above.label, above.letters, operation, power)


def label_above(item: Item) -> Above:
    """The label that a superscript begins with; what follows it stays in `power`."""
    items = item.sup
    if not items:
        return Above()
    first = items[0]
    if first.kind == "fence" and first.text in ("()", "[]") and not _power_like(items[1:]):
        found = label_text((first,))
        if found is not None:
            return Above(found, first.parts[0], "", items[1:])
    if first.kind == "word" and items[1:] and _operation_name(items[1:]) is not None:
        return Above(label_text((first,)) or "", (), "", items[1:])
    if first.text in ("*", r"\star", r"\ast") and not scripted(first):
        return Above("*", (), "", items[1:])
    return Above(power=items[1:] if first.text == r"\prime" else items)


def _power_like(items: Items) -> bool:
    return bool(items) and _operation_name(items) is None


def _operation(el: Elaborator, items: Items, item: Item, rank: int) -> tuple[str, Items]:
    if not items:
        return "", ()
    name = _operation_name(items)
    scope = el.scope
    letter = items[0].text if len(items) == 1 and items[0].kind == "char" else ""
    if letter in ("T", "t"):
        said = scope.signs.get(f"^{letter}")
        if said == "power":
            return "power", items
        taken = scope.is_taken(letter) or letter in scope.bound or letter in scope.sizes
        if taken and not rank:
            return "power", items
        if said is None and taken and not (letter == "T" and letter in scope.sizes and rank):
            raise el.source.error_at(
                AmbiguousError,
                item.start,
                item.end,
                f"the transpose, or a power: {letter} is declared",
                f"write \\top, or declare {{'^{letter}': 'transpose'}} or 'power'",
            )
        if said is None and letter == "t":
            if not rank:
                raise el.source.error_at(
                    AmbiguousError,
                    item.start,
                    item.end,
                    "a transpose, a power or a label",
                    "declare it",
                )
            scope.note("^t is read as the transpose")
        return "transpose", ()
    if name is not None:
        return name, ()
    if items[0].text in (r"\odot", r"\circ") and len(items) > 1:
        return "entry power", items[1:]
    return "power", items


def _operation_name(items: Items) -> str | None:
    if is_transpose(items):
        return "transpose"
    texts = [each.text for each in items]
    if any(scripted(each) for each in items):
        return None
    if texts == ["-", "1"]:
        return "inverse"
    if len(items) == 2 and texts[0] == "-" and is_transpose(items[1:]):
        return "inverse transpose"
    if texts[:2] == ["-", "1"] and is_transpose(items[2:]):
        return "inverse transpose"
    return None


# --- names -----------------------------------------------------------------------------------------


def read_name(el: Elaborator, item: Item) -> Value:
    """The value of a letter or word with its scripts."""
    scope = el.scope
    symbol = bare_symbol(item)
    if symbol is None or symbol == Symbol("I") or symbol.key == "I":
        special = _special(el, item)
        if special is not None:
            return special
    if symbol is None:
        raise _unknown(el, item)
    if not symbol.accents and symbol.base in scope.arguments:
        return read_scripts(el, scope.arguments[symbol.base], item)
    found = _declared(el, symbol, item)
    if found is not None:
        _refuse_exponential(el, symbol, item)
        return found
    row = _row(el, symbol, item)
    if row is not None:
        return row
    constant = _constant(el, symbol, item)
    if constant is not None:
        return constant
    raise _unknown(el, item)


def _declared(el: Elaborator, symbol: Symbol, item: Item) -> Value | None:
    """The value by the longest declared form of the name, the rest of its scripts applied to it."""
    scope = el.scope
    below = label_text(item.sub)
    above_text = label_text(item.sup)
    above = label_above(item)
    primes = item.primes
    forms: list[tuple[Symbol, Item]] = []
    if below is not None and above_text is not None:
        whole = replace(symbol, sub=below, sup=above_text, primes=primes)
        if above_text == "" or above_text == above.label or whole.key in scope.keys:
            forms.append((whole, replace(item, sub=None, sup=None, primes=0)))
    if above_text and above_text != above.label:
        whole = replace(symbol, sup=above_text, primes=primes)
        if whole.key in scope.keys:
            forms.append((whole, replace(item, sup=None, primes=0)))
    rest = replace(item, primes=0)
    if below is not None and above.label:
        after = _after_label(item)
        forms.append(
            (
                replace(symbol, sub=below, sup=above.label, primes=primes),
                replace(rest, sub=None, sup=after),
            )
        )
    if below:
        forms.append((replace(symbol, sub=below, primes=primes), replace(rest, sub=None)))
    if above.label:
        forms.append(
            (replace(symbol, sup=above.label, primes=primes), replace(rest, sup=_after_label(item)))
        )
    if primes:
        forms.append((replace(symbol, primes=primes), rest))
    timed = {below: replace(rest, sub=None), above.label: replace(rest, sup=_after_label(item))}
    time = next((each for each in timed if each in scope.step[1]), "") if item.sup or below else ""
    forms.append((symbol, timed[time] if time else item))
    names = [(form, left, scope.find(form)) for form, left in forms]
    matches = [(form, left, name) for form, left, name in names if name is not None]
    if not matches:
        return _even_power(el, symbol, item)
    form, left, name = matches[0]
    if time and form is symbol:
        scope.see_time(symbol, time)
    if left.sub is None:
        scope.see_font(form)
    letters = set(below or "") & set(scope.bound)
    if form.sub and letters and any(name != other for _, _, other in matches[1:]):
        raise el.source.error_at(
            AmbiguousError,
            item.start,
            item.end,
            f"the declared name {name!r}, or an entry with the index {', '.join(sorted(letters))}",
            "use another index letter",
        )
    return read_scripts(el, Value(scope.names[name]), left)


def _refuse_exponential(el: Elaborator, symbol: Symbol, item: Item) -> None:
    """Refuse `e^{-z}` where e is a name: a power of it, or of Euler's number."""
    if symbol.key != "e" or item.sub is not None or not item.sup or is_transpose(item.sup):
        return
    label = label_text(item.sup) or ""
    declared = el.scope.is_declared(item) or label_above(item).label
    if not declared and not label.lstrip("-").isdigit():
        raise el.source.error_at(
            AmbiguousError,
            item.start,
            item.end,
            "a power of e, which is declared or defined, or of Euler's number",
            r"write \exp(...), or give the name another letter",
        )


def _even_power(el: Elaborator, symbol: Symbol, item: Item) -> Value | None:
    r"""`\sigma^4` where the square `\sigma^2` is what is declared."""
    found = (
        el.scope.find(replace(symbol, sup="2")) if item.sub is None and not item.primes else None
    )
    order = label_text(item.sup) or ""
    if found is None or order not in ("4", "6", "8"):
        return None
    return power(el, Value(el.scope.names[found]), number(int(order) // 2), False)


def _after_label(item: Item) -> Items | None:
    return item.sup[1:] or None if item.sup else None


def _row(el: Elaborator, symbol: Symbol, item: Item) -> Value | None:
    r"""An entry or row of an array that is declared: by a row's declaration, or `x_i` of the matrix X."""
    scope = el.scope
    above = label_above(item)
    sup_letters = index_parts(above.letters) if above.label.startswith("(") else None
    sub_letters = index_parts(item.sub)
    for kind, parts, rest in (
        ("supsub", [*(sup_letters or []), *(sub_letters or [])], (None, True)),
        ("sup", sup_letters, (item.sub, True)),
        ("sub", sub_letters, (None, bool(above.label))),
    ):
        found = scope.rows.get((symbol.key, kind))
        if found is None or not parts:
            continue
        sub, strips = rest
        left = replace(
            item, sub=sub, sup=_after_label(item) if strips and above.label else item.sup
        )
        return read_scripts(el, _of_row(el, found, parts, item), left)
    if not symbol.base.islower() or not (sup_letters or sub_letters):
        return None
    name = scope.find(replace(symbol, base=symbol.base.upper())) if len(symbol.base) == 1 else None
    if name is None or scope.names[name].rank == 0:
        return None
    refuse_square_row(el, Value(scope.names[name]), (sup_letters or []) + (sub_letters or []), item)
    parts = [*(sup_letters or []), *(sub_letters or [])]
    if any(isinstance(part, int) for part in parts):
        return None
    value = entry(el, Value(scope.names[name]), parts, item)
    shown = el.source.text[item.start : item.end]
    scope.note(
        f"{shown} is read as {'row' if value.rank else 'entry'} {', '.join(map(str, parts))} of {name}"
    )
    return read_scripts(
        el, value, replace(item, sub=None, sup=_after_label(item) if above.label else item.sup)
    )


def _of_row(el: Elaborator, row: Row, parts: list[str | int], item: Item) -> Value:
    if len(parts) != len(row.letters):
        raise ShapeError(
            el.source.text[item.start : item.end],
            f"{len(parts)} indices where {len(row.letters)} were declared",
            "write it as it was declared",
        )
    meaning = dict(zip(row.letters, parts, strict=True))
    chosen = [":" if axis is None else meaning[axis] for axis in row.axes]
    return entry(el, Value(el.scope.names[row.name]), chosen, item)


def _constant(el: Elaborator, symbol: Symbol, item: Item) -> Value | None:
    """Numbers with a name: sizes, e, pi, a delta of indices."""
    scope = el.scope
    if symbol.key in scope.sizes and item.sub is None:
        return read_scripts(el, Value(scope.sizes[symbol.key]), item)
    if symbol.key == "pi" and item.sub is None:
        scope.constants.add("pi")
        return read_scripts(el, Value(parse_constants.PI), item)
    if symbol.key == "e" and item.sub is None and not item.primes:
        if item.sup is None:
            scope.constants.add("e")
            return Value(parse_constants.elementwise("exp", operations.constant(1)))
        if is_transpose(item.sup):
            return None
        exponent = el.value(el.phrase(item.sup, item))
        if parse_constants.constant_value(exponent.array) is not None:
            scope.constants.add("e")
        return calls.of_entries("exp", [exponent])
    if symbol.key == "delta" and item.sub is not None:
        letters = index_parts(tuple(each for each in item.sub if each.text != "="))
        if (
            letters is not None
            and len(letters) == 2
            and all(isinstance(each, str) for each in letters)
        ):
            one, other = (checked_letter(el, str(each), item) for each in letters)
            return read_scripts(el, conditions.delta(el, (one, other)), replace(item, sub=None))
    return None


def _special(el: Elaborator, item: Item) -> Value | None:
    r"""`I`, `I_n`, `\mathbf 1`, `\mathbf 1_n`, `\mathbb 1_{i = j}`, `\mathbf 0`."""
    symbol = bare_symbol(item)
    digit = item.parts[0][0].text if item.kind == "font" and item.parts[0] else ""
    if symbol is not None and (el.scope.is_taken("I") or "I" in el.scope.arguments):
        return None
    if symbol is None and digit == "0" and item.sub is None:
        return number(0)
    if symbol is None and digit != "1" and item.text != "1":
        return None
    rest = replace(item, sub=None)
    kind = "ones" if symbol is None else "eye"
    if item.sub is None:
        return read_scripts(el, Value(operations.constant(1), fitting=kind), rest)
    inside = (
        item.sub[0].parts[0] if len(item.sub) == 1 and item.sub[0].kind == "fence" else item.sub
    )
    if kind == "ones" and any(
        each.text in ("=", "<", ">", r"\neq", r"\ne", r"\ge", r"\le", r"\geq", r"\leq")
        for each in inside
    ):
        from symbolic.reading.latex.phrases import Phrases

        condition = Phrases((), el.source, el.scope).condition(inside, item)
        assert isinstance(condition, Relation)
        return read_scripts(el, conditions.indicator(el, condition), rest)
    label = label_text(item.sub) or ""
    size = el.scope.sizes.get(label)
    if size is None and label.isdecimal() and len(label) < 5 and int(label) > 0:
        size = operations.constant(int(label))
    if size is None:
        return None
    extent = parse_constants.size(size)
    filled = operations.eye(extent) if kind == "eye" else operations.ones(extent)
    return read_scripts(el, Value(filled), rest)


def _unknown(el: Elaborator, item: Item) -> Exception:
    written = " ".join(el.source.text[item.start : item.end].split())
    error = el.scope.unknown(written)
    return el.source.error_at(type(error), item.start, item.end, error.found, error.advice)


# --- scripts ---------------------------------------------------------------------------------------


def read_scripts(el: Elaborator, value: Value, item: Item) -> Value:
    """A value with the scripts of an item: entries first, then powers and transposes."""
    if item.primes or (item.sup and item.sup[0].text == r"\prime"):
        value = _primed(el, value, item)
    if item.sub is None and item.sup is None:
        return value
    if item.sub is not None and len(item.sub) == 1 and item.sub[0].text == "+":
        value = calls.of_entries("relu", [value])
        item = replace(item, sub=None)
    parts = index_parts(item.sub)
    if item.sub is not None and not parts:
        raise el.source.error_at(
            NotAllowedError,
            item.start,
            item.end,
            "a subscript that is neither a declared label nor indices",
            f"declare the whole name, as in {{r'{el.source.text[item.start : item.end].strip()}': 'n'}}",
        )
    if item.kind == "fence" and parts and not value.rank and set(parts) == set(value.indices):
        value, parts = _gathered(value, parts), []
        if item.sup is None:
            return value
    above = read_above(el, item, value.rank)
    if above.label:
        inside = index_parts(above.letters)
        known = {*el.scope.bound, *el.scope.outer_indices}
        if not inside or not value.rank or not known.issuperset(inside):
            raise el.source.error_at(
                AmbiguousError,
                item.start,
                item.end,
                f"{above.label} above may be a label or an index",
                "declare the whole name by its LaTeX",
            )
        value = entry(el, value, [*inside, *(parts or [])], item)
        return _operated(el, value, above, item)
    if not parts:
        return _operated(el, value, above, item)
    if above.operation in ("transpose", "inverse", "inverse transpose") and value.rank == 2:
        if item.sub_first and len(parts) == 2:
            raise el.source.error_at(
                AmbiguousError,
                item.start,
                item.end,
                f"the entry of the {above.operation}, or the {above.operation} of the entry",
                "put brackets around what comes first",
            )
        if not item.sub_first:
            el.scope.note("a script below comes after the one above it, as it is written")
            return entry(el, _operated(el, value, above, item), parts, item)
    if above.operation == "power" and value.rank == 2:
        el.scope.note("a power at an entry is that of the entry")
    return _operated(el, entry(el, value, parts, item), above, item)


def _gathered(value: Value, parts: list[str | int]) -> Value:
    r"""`[a_i b_j]_{ij}`: the matrix with these entries."""
    names = [str(part) for part in parts]
    if names == list(value.indices):
        return Value(value.array)
    return Value(Contraction([value.array], [value.indices], names))


def _primed(el: Elaborator, value: Value, item: Item) -> Value:
    if el.scope.signs.get("'") == "transpose" and item.primes == 1:
        return transposed(value)
    raise el.source.error_at(
        AmbiguousError,
        item.start,
        item.end,
        "a prime may be a transpose, a derivative, or part of a name",
        "declare {\"'\": 'transpose'}, or the name with its prime",
    )


def _operated(el: Elaborator, value: Value, above: Above, item: Item) -> Value:
    if above.operation == "":
        return value
    if above.operation == "transpose":
        return transposed(value)
    if above.operation.startswith("inverse"):
        inverted = inverse(value)
        return transposed(inverted) if above.operation.endswith("transpose") else inverted
    exponent = el.value(el.phrase(above.power, item))
    return power(el, value, exponent, above.operation == "entry power")


def inverse(value: Value) -> Value:
    """1/x of a number, the inverse of a square matrix."""
    if value.fitting == "eye":
        return replace(
            value, array=parse_constants.arithmetic("/", operations.constant(1), value.array)
        )
    if value.rank == 0:
        return elementwise(
            lambda x: parse_constants.arithmetic("**", x, operations.constant(-1)), value
        )
    if not value.is_square:
        raise ShapeError("an inverse", value.kind, "invert a number or a square matrix")
    return Value(matrices.inv(value.array), value.indices)


def power(el: Elaborator, value: Value, exponent: Value, by_entries: bool) -> Value:
    """A power of numbers, of entries, or of a square matrix."""
    if exponent.rank or exponent.fitting:
        raise AmbiguousError(
            f"a power with {exponent.kind} above",
            "of entries, or a name with a label",
            "declare the name",
        )
    said = el.scope.signs.get("^")
    if value.is_square and not by_entries and said != "elementwise":
        whole = parse_constants.constant_value(exponent.array)
        if (
            whole is None
            or not whole.is_Integer
            or not 0 <= whole <= _LARGEST_POWER
            or value.indices
        ):
            raise AmbiguousError(
                "a power of a square matrix",
                "of the matrix, or of its entries",
                "write the product out",
            )
        if said is None:
            el.scope.note("a power of a square matrix is a product of matrices")
        return Value(matrices.matrix_power(value.array, int(whole)))
    if value.fitting:
        raise misfit("a power", value, exponent)
    if value.rank and not by_entries and said is None:
        el.scope.note(
            "a power of a vector or of a matrix that is not square is that of its entries"
        )
    return elementwise(lambda x, y: parse_constants.arithmetic("**", x, y), value, exponent)
