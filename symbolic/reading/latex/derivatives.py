r"""Derivatives while LaTeX is read: `\nabla_x f`, `\partial L/\partial z_j`, `dX`.

A derivative of an expression, or of a name with a definition, is a `Derivative` node. A derivative of a
name without definition is a name itself, when it is declared.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from symbolic.errors import AmbiguousError, NameUnknownError, NotAllowedError
from symbolic.nodes import Contraction, Derivative, Expression, Named, Sum, Variable
from symbolic.reading.latex.entries import read_name, read_scripts
from symbolic.reading.latex.indices import entry, index_parts
from symbolic.reading.latex.keys import derivative_names
from symbolic.reading.latex.structure import Item
from symbolic.reading.latex.symbols import Symbol, bare_symbol, label_text, whole_symbol
from symbolic.reading.latex.syntax import (
    Call,
    Differentiation,
    Fenced,
    Infinitesimal,
    Name,
    Node,
    Place,
)
from symbolic.reading.latex.values import Value, transposed
from symbolic.traverse import variables

if TYPE_CHECKING:
    from symbolic.reading.latex.elaboration import Elaborator


def differentiated(el: Elaborator, node: Differentiation) -> Value:
    """The value of a derivative."""
    if node.of is not None:
        declared = declared_name(el, node)
        if declared is not None:
            return declared
        body = _defined(el, node)
    elif node.body is not None:
        body = el.value(node.body)
    else:
        raise NotAllowedError("a derivative", "of nothing", "write what is differentiated")
    places = node.places
    if not places and isinstance(node.arguments, Fenced) and len(node.arguments.parts) == 1:
        (part,) = node.arguments.parts
        places = (Place(part.item),) * node.order if isinstance(part, Name) else ()
    if not places:
        raise NotAllowedError(
            "a gradient", "its variable is not said", r"write it below, as in \nabla_x"
        )
    for place in reversed(places):
        body = _by(el, body, place, node)
    return body


def declared_name(el: Elaborator, node: Differentiation) -> Value | None:
    r"""The value of a derivative that is declared as a name, as `\frac{\partial L}{\partial z}`."""
    assert node.of is not None
    of = whole_symbol(node.of)
    if of is None or len(node.places) > 1:
        return None
    scope = el.scope
    arguments = argument_keys(node.arguments) if isinstance(node.arguments, Fenced) else None
    ending = f"({','.join(arguments)})" if arguments else ""
    if not node.places:
        found = _declared_key(el, derivative_names(of, Symbol(""))[0], ending)
        return Value(scope.names[found]) if found is not None else None
    (place,) = node.places
    for by, left in _place_forms(place.item):
        found = _declared_key(el, derivative_names(of, by)[0], ending)
        if found is not None:
            value = Value(scope.names[found])
            if left.sub is None:
                return transposed(value) if place.transposed else value
            parts = index_parts(left.sub)
            return entry(el, value, parts, place.item) if parts else None
    return None


def _declared_key(el: Elaborator, key: str, ending: str) -> str | None:
    """The name that a derivative is declared by, with its arguments or without them."""
    scope = el.scope
    if ending and key + ending in scope.keys:
        return scope.keys[key + ending][0]
    if key not in scope.keys:
        return None
    other = scope.taken.setdefault(key, ending)
    if other != ending and other and ending:
        raise AmbiguousError(
            key,
            "one name is declared for its values at different arguments",
            "declare it with its argument",
        )
    return scope.keys[key][0]


def _place_forms(item: Item) -> list[tuple[Symbol, Item]]:
    whole, plain = whole_symbol(item), bare_symbol(item)
    forms = [(whole, replace(item, sub=None))] if whole is not None else []
    above = label_text(item.sup)
    if plain is not None and item.sub is not None and above is not None:
        forms.append((replace(plain, sup=plain.sup or above), item))
    return forms


def _defined(el: Elaborator, node: Differentiation) -> Value:
    """The value of the name that is differentiated."""
    assert node.of is not None
    if isinstance(node.arguments, Fenced):
        if el.scope.is_defined(node.of):
            return el.value(Call(node.start, node.end, node.of, node.arguments.parts))
        symbol = whole_symbol(node.of)
        said = el.scope.decorations.get(symbol.key) if symbol is not None else None
        if said is not None and said != argument_keys(node.arguments):
            raise AmbiguousError(
                "a derivative of a function",
                "it was defined with another argument: this may be its value there",
                "declare the function with its argument, or the derivative as a name",
            )
    value = read_name(el, node.of)
    if isinstance(value.array, Variable) and not any(
        variable_of(el, place.item)[0] is value.array for place in node.places
    ):
        raise AmbiguousError(
            el.source.text[node.start : node.end],
            f"{value.array.name} is declared without a definition: it may depend on the variable, or not",
            "define it, or declare the derivative as a name",
        )
    return value


def argument_keys(fence: Fenced) -> tuple[str, ...] | None:
    """The keys of the names in brackets; None where something else stands there."""
    symbols = [whole_symbol(part.item) if isinstance(part, Name) else None for part in fence.parts]
    return tuple(each.key for each in symbols if each is not None) if all(symbols) else None


def derivative_of_name(el: Elaborator, name: Name, fence: Fenced) -> Node | None:
    r"""`\phi'(t)` as the derivative of a name that was defined with the argument t."""
    symbol = whole_symbol(name.item)
    if symbol is None:
        return None
    base = replace(symbol, primes=0)
    keys = argument_keys(fence)
    if len(fence.parts) != 1 or keys is None or el.scope.decorations.get(base.key) != keys:
        return None
    (part,) = fence.parts
    assert isinstance(part, Name)
    order = name.item.primes
    return Differentiation(
        name.start,
        fence.end,
        (Place(part.item),) * order,
        replace(name.item, primes=0),
        fence,
        None,
        order,
    )


def _by(el: Elaborator, body: Value, place: Place, node: Differentiation) -> Value:
    variable, parts = variable_of(el, place.item)
    if body.fitting:
        raise NotAllowedError("a derivative", f"of {body.kind}", "write its size")
    array: Expression = Derivative(body.array, variable)
    front, own = len(body.indices), body.rank
    if parts:
        added = Value(array, body.indices)
        moved = Contraction(
            [array],
            [list(range(array.rank))],
            [*range(front), *range(front + own, array.rank), *range(front, front + own)],
        )
        added = Value(moved if own else array, body.indices)
        found = entry(el, added, parts, place.item)
        return replace(found, row=body.row and found.rank == 1)
    layout = el.scope.signs.get("layout")
    value = Value(array, body.indices)
    if own and variable.rank:
        if node.order > 1 and isinstance(body.array, Derivative):
            return value
        if (
            layout is None
            and not node.nabla
            and own == variable.rank == 1
            and body.row == place.transposed
        ):
            el.scope.note(
                "a derivative of a vector by a vector has a row for each entry of the function"
            )
            return value
        return _jacobian(value, body, place, own, variable.rank, layout)
    if not variable.rank:
        return replace(value, row=body.row)
    if variable.rank == 1:
        return replace(value, row=place.transposed or layout == "numerator")
    return transposed(value) if layout == "numerator" or place.transposed else value


def _jacobian(
    value: Value, body: Value, place: Place, own: int, rank: int, layout: str | None
) -> Value:
    """The derivative of a vector by a vector: rows are entries of y (numerator), or of x."""
    if own != 1 or rank != 1:
        raise NotAllowedError(
            "a derivative of an array by an array",
            "its axes have no usual order",
            "write it with indices",
        )
    numerator = place.transposed and not body.row
    denominator = body.row and not place.transposed
    if numerator or (layout == "numerator" and not denominator):
        return value
    if denominator or layout == "denominator":
        return transposed(value)
    raise AmbiguousError(
        "a derivative of a vector by a vector",
        "its rows may belong to the function (numerator layout) or to the variable (denominator layout)",
        "declare {'layout': 'numerator'} or 'denominator'",
    )


def variable_of(el: Elaborator, item: Item) -> tuple[Variable | Named, list[str | int]]:
    """The variable a derivative is by, and the indices of the entry that is meant."""
    scope = el.scope
    for form, left in [
        *_place_forms(item),
        *((each, item) for each in (bare_symbol(item),) if each),
    ]:
        name = scope.find(form)
        if name is None:
            continue
        meaning = scope.names[name]
        if not isinstance(meaning, (Variable, Named)):
            break
        parts = index_parts(left.sub)
        if left.sub is not None and not parts:
            break
        return meaning, parts or []
    plain, parts = bare_symbol(item), index_parts(item.sub)
    row = scope.rows.get((plain.key, "sub")) if plain is not None and item.sup is None else None
    if row is not None and parts is not None and len(parts) == len(row.letters):
        meaning = scope.names[row.name]
        places = dict(zip(row.letters, parts, strict=True))
        if isinstance(meaning, (Variable, Named)):
            return meaning, [":" if axis is None else places[axis] for axis in row.axes]
    written = " ".join(el.source.text[item.start : item.end].split())
    error = scope.unknown(written)
    raise el.source.error_at(NameUnknownError, item.start, item.end, error.found, error.advice)


def infinitesimal(el: Elaborator, node: Infinitesimal) -> Value:
    """The differential of a declared variable: a variable of its shape, named d and its name."""
    if node.body is not None:
        return _differential_of(el, el.value(node.body))
    assert node.item is not None
    whole, plain = whole_symbol(node.item), bare_symbol(node.item)
    if whole is not None and (found := _moving(el, whole)) is not None:
        return Value(found)
    if plain is not None and (found := _moving(el, plain)) is not None:
        return read_scripts(el, Value(found), node.item)
    error = el.scope.unknown(el.source.text[node.start : node.end])
    raise el.source.error_at(NameUnknownError, node.start, node.end, error.found, error.advice)


def _moving(el: Elaborator, symbol: Symbol) -> Expression | None:
    """The declared differential of a symbol, or a new variable of the shape of what it stands for."""
    names = el.scope.names
    for name in (symbol.name, el.scope.find_quietly(symbol)):
        if name is not None and f"d{name}" in names:
            return names[f"d{name}"]
    found = el.scope.find(symbol)
    if found is None:
        return None
    el.scope.moves(found, True)
    el.scope.note(f"d{found} is the differential of {found}, of its shape")
    return Variable(f"d{found}", names[found].shape)


def _differential_of(el: Elaborator, body: Value) -> Value:
    """The differential of an expression along the differentials that are declared."""
    names = el.scope.names
    moving = [
        each
        for each in variables(body.array)
        if isinstance(names.get(f"d{each.name}"), Variable)
        and names[f"d{each.name}"].shape == each.shape
    ]
    if not moving or body.fitting:
        raise NotAllowedError(
            "the differential of an expression",
            "no differential of its variables is declared",
            "declare it, as in {'dx': 'n'}",
        )
    still = [each.name for each in variables(body.array) if each not in moving]
    for name in still:
        el.scope.moves(name, False)
    if still:
        el.scope.note(f"{', '.join(still)} count as constant under d")
    terms = []
    front = list(range(body.array.rank))
    for each in moving:
        own = [("x", axis) for axis in range(each.rank)]
        slope = Derivative(body.array, each)
        along = names[f"d{each.name}"]
        terms.append(Contraction([slope, along], [[*front, *own], own], front))
    total: Expression = terms[0] if len(terms) == 1 else Sum(terms)
    return Value(total, body.indices, body.row)
