r"""Sides that only name something: `L`, `\ell(\theta)`, `\nabla_w L`, `\partial L/\partial z_j`, `dX`."""

from __future__ import annotations

from dataclasses import replace

from symbolic.errors import AmbiguousError, ChainruleError
from symbolic.reading.latex.derivatives import argument_keys, declared_name
from symbolic.reading.latex.elaboration import Elaborator
from symbolic.reading.latex.formulas import Head
from symbolic.reading.latex.indices import index_parts
from symbolic.reading.latex.marks import is_transpose
from symbolic.reading.latex.scope import Scope
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import Symbol, bare_symbol, label_text, whole_symbol
from symbolic.reading.latex.syntax import (
    Call,
    Differentiation,
    Fenced,
    Infinitesimal,
    Name,
    Node,
    Product,
    Scripted,
    Terms,
    mentioned,
    names_in,
)
from symbolic.reading.latex.values import Value, is_constant
from symbolic.traverse import variables


def is_differential(items: Items, scope: Scope) -> bool:
    """Whether a side is the differential of a name, so that d is no factor in the formula."""
    if len(items) < 2 or bare_symbol(items[0]) != Symbol(
        "d", font=getattr(bare_symbol(items[0]), "font", "")
    ):
        return False
    symbol = whole_symbol(items[1])
    return len(items) == 2 and symbol is not None and "d" not in scope.names


def read_head(el: Elaborator, node: Node, has_right: bool) -> Head | None:
    """The head that a side is, or None when it is an expression."""
    wrapped = _wrapped_head(el, node) if has_right else None
    if wrapped is not None:
        return wrapped
    if isinstance(node, Scripted) and isinstance(node.base, Differentiation):
        above = node.item.sup
        if node.item.sub is None and above is not None and is_transpose(above):
            found = read_head(el, node.base, has_right)
            return None if found is None else replace(found, transposed=not found.transposed)
        return None
    if isinstance(node, Differentiation):
        return _derivative_head(el, node)
    if isinstance(node, Infinitesimal) and node.item is not None:
        return _differential_head(el, node.item) if has_right else None
    return _name_head(el, node, has_right)


def _differential_head(el: Elaborator, item: Item) -> Head | None:
    whole, plain = whole_symbol(item), bare_symbol(item)
    for symbol, parts in ((whole, []), (plain, index_parts(item.sub))):
        if symbol is None or parts is None:
            continue
        name = el.scope.find_quietly(symbol) or symbol.name
        if f"d{name}" in el.scope.names:
            return None
        if parts and item.sup is None:
            return Head(
                "differential", name, (), tuple(each for each in parts if isinstance(each, str))
            )
        if symbol is whole and (
            el.scope.find_quietly(symbol) is not None or not index_parts(item.sub)
        ):
            return Head("differential", name)
    return None


def _wrapped_head(el: Elaborator, node: Node) -> Head | None:
    r"""A head with a sign or a logarithm before it, as `\ln p(x)`: it names, but defines nothing."""
    inner, prefix = node, ""
    if isinstance(inner, Terms) and len(inner.terms) == 1 and inner.terms[0][0] == -1:
        inner, prefix = inner.terms[0][1], "minus_"
    if (
        isinstance(inner, Call)
        and len(inner.arguments) == 1
        and inner.function.text in (r"\ln", r"\log")
    ):
        inner, prefix = inner.arguments[0], prefix + "log_"
    if not prefix:
        return None
    found = _name_head(el, inner, has_right=True)
    return (
        replace(found, name=prefix + found.name)
        if found is not None and found.kind == "name"
        else None
    )


def is_middle_head(el: Elaborator, node: Node) -> Head | None:
    r"""The head in the middle of a chain: a derivative of something that is not defined."""
    base = node.base if isinstance(node, Scripted) else node
    return read_head(el, node, has_right=False) if isinstance(base, Differentiation) else None


def _is_labelled(el: Elaborator, item: Item, symbol: Symbol) -> bool:
    r"""Whether a star above or words below, as in `w^*` or `w_{\text{ridge}}`, make a new name."""
    starred = item.sub is None and symbol.sup == "*"
    below = item.sub or ()
    worded = item.sup is None and len(below) == 1 and len(label_text(below) or "") > 1
    worded = worded and below[0].kind in ("word", "font")
    return (starred or worded) and el.scope.find_quietly(symbol) is None


def _name_head(el: Elaborator, node: Node, has_right: bool) -> Head | None:
    item = _named_item(node)
    if item is None:
        return None
    primed = item.primes and isinstance(node, Name) and "'" not in el.scope.signs
    declared = whole_symbol(item)
    fresh = primed and declared is not None and declared.key not in el.scope.keys
    fresh = fresh or (declared is not None and declared.key == el.scope.step[0])
    fresh = fresh or (has_right and declared is not None and _is_labelled(el, item, declared))
    if not fresh and _is_known(el, Name(item.start, item.end, item)):
        return None
    symbol = whole_symbol(item)
    if symbol is None or (item.sup is not None and is_transpose(item.sup)):
        return None
    if item.primes and isinstance(node, Product):
        return Head("derivative", replace(symbol, primes=0).name, _argument_names(el, node))
    if symbol.base == "H" and item.sub is not None and symbol.sub and isinstance(node, Product):
        return Head(
            "derivative", symbol.sub, (*_argument_names(el, node), *_argument_names(el, node))
        )
    return Head("name", symbol.name)


def _named_item(node: Node) -> Item | None:
    r"""The item of a bare name, or of one with arguments: `h`, `\ell(\theta)`."""
    if isinstance(node, Name):
        return node.item
    if not isinstance(node, Product) or any(operator for operator, _ in node.factors):
        return None
    (_, name), *fences = node.factors
    if not isinstance(name, Name):
        return None
    for _, fence in fences:
        if not isinstance(fence, Fenced) or fence.style not in ("()", "[]"):
            return None
        if not all(isinstance(_named_part(part), Name) for part in fence.parts):
            return None
    bracketed = [fence.style for _, fence in fences if isinstance(fence, Fenced)]
    primed = name.item.primes and bracketed == ["()", "[]"]
    return name.item if primed or len(bracketed) == 1 else None


def _named_part(node: Node) -> Node:
    """An argument that is a name, perhaps with arguments of its own."""
    item = _named_item(node) if isinstance(node, Product) else None
    return Name(node.start, node.end, item) if item is not None else node


def _argument_names(el: Elaborator, node: Node) -> tuple[str, ...]:
    if not isinstance(node, Product):
        return ()
    fence = node.factors[1][1]
    assert isinstance(fence, Fenced)
    names = [part.item for part in fence.parts if isinstance(part, Name)]
    symbols = [whole_symbol(item) for item in names]
    return tuple(el.scope.find_quietly(each) or each.name for each in symbols if each is not None)


def _is_known(el: Elaborator, node: Node) -> bool:
    notes, taken = list(el.scope.notes), dict(el.scope.taken)
    try:
        el.value(node)
    except ChainruleError as error:
        el.scope.notes, el.scope.taken = notes, taken
        return "is not declared" not in error.found
    return True


def _derivative_head(el: Elaborator, node: Differentiation) -> Head | None:
    scope = el.scope
    if node.of is None:
        if node.body is not None:
            inner = _wrapped_head(el, node.body)
            if inner is None:
                return None
            where = tuple(_place_name(scope, each.item) for each in node.places)
            return Head(
                "derivative",
                inner.name,
                tuple(name for name, _ in where),
                tuple(x for _, found in where for x in found),
            )
        return Head(
            "derivative", "", tuple(_place_name(scope, each.item)[0] for each in node.places)
        )
    if declared_name(el, node) is not None:
        return None
    of = whole_symbol(node.of)
    if of is None:
        return None
    name = scope.find_quietly(of)
    plain = bare_symbol(node.of)
    if name is None and plain is not None:
        name = scope.find_quietly(plain)
    if scope.function(node.of) is not None or name in scope.defined:
        return None
    if plain is not None and any(key == plain.key for key, _ in scope.rows):
        return None
    if any(_place_name(scope, each.item)[0] == name for each in node.places):
        return None
    places = [_place_name(scope, each.item) for each in node.places]
    own = index_parts(node.of.sub) if name is not None and name != (of.name) else []
    first = [part for part in own or [] if isinstance(part, str) and part != ":"]
    below = [letter for _, found in places for letter in found]
    if len(set(below)) < len(below):
        raise AmbiguousError(
            "a derivative twice by one entry",
            "the diagonal of the second derivatives, which a head does not say",
            "use two index letters, or define the function on an earlier line",
        )
    letters = tuple(dict.fromkeys([*first, *below]))
    turned = sum(each.transposed for each in node.places) == 1 and len(node.places) == 1
    return Head("derivative", name or of.name, tuple(each for each, _ in places), letters, turned)


def _place_name(scope: Scope, item: Item) -> tuple[str, tuple[str, ...]]:
    """The name of what a head differentiates by, and the free indices of its entry."""
    whole, plain = whole_symbol(item), bare_symbol(item)
    if whole is not None and (name := scope.find_quietly(whole)) is not None:
        return name, ()
    parts = index_parts(item.sub)
    if plain is not None and parts and (above := label_text(item.sup)) is not None:
        base = replace(plain, sup=above)
        name = scope.find_quietly(base)
        letters = tuple(part for part in parts if isinstance(part, str) and part != ":")
        if name is not None and any(isinstance(part, int) for part in parts):
            raise AmbiguousError(
                f"a derivative by an entry of {name}",
                "one number of the derivative, or the derivative by a name with this label",
                "write it by an entry with a letter, or declare the whole name",
            )
        if name is not None:
            return name, letters
    if plain is not None and parts and (row := scope.rows.get((plain.key, "sub"))) is not None:
        return row.name, tuple(part for part in parts if isinstance(part, str) and part != ":")
    return (whole.name if whole is not None else "", ())


def index_candidates(node: Node) -> frozenset[str]:
    """The letters in the scripts of a left side."""
    return mentioned(node)


def with_indices(head: Head, node: Node, value: Value | None, scope: Scope) -> Head:
    """A head with the free indices that it shares with its right side."""
    if value is None:
        return head
    if head.kind == "derivative" and isinstance(node, Differentiation) and node.of is not None:
        extra = index_parts(node.of.sub) or []
        own = [
            x for x in extra if isinstance(x, str) and x in value.indices and x not in head.indices
        ]
        return replace(head, indices=(*own, *head.indices))
    item = _named_item(node)
    if head.kind != "name" or item is None:
        return head
    symbol = bare_symbol(item)
    found = _indexed(symbol, item, value) if symbol is not None and value.indices else None
    if found is None:
        return head
    name = head.name if found[0].key in scope.sizes else found[0].name
    return Head("name", name, (), found[1])


def _indexed(symbol: Symbol, item: Item, value: Value) -> tuple[Symbol, tuple[str, ...]] | None:
    """A name without the scripts that are its free indices, and these; other scripts are labels."""
    below = tuple(part for part in index_parts(item.sub) or [] if isinstance(part, str))
    label = label_text(item.sup) or ""
    above = tuple(label.strip("()").split(",")) if label.startswith("(") else ()
    free = set(value.indices)
    for script in (below, above):
        if len(set(script)) < len(script) and free & set(script):
            raise AmbiguousError(
                symbol.key,
                "an index twice on the left: the diagonal, or a matrix that is zero beside it",
                "write the vector of the diagonal, or use diag",
            )
    if free == set(below):
        return replace(symbol, sup=label), below
    if free == set(above):
        return replace(symbol, sub=label_text(item.sub) or ""), above
    return (symbol, (*above, *below)) if free == {*above, *below} else None


def constant_head(scope: Scope, first: Node, second: Node, value: Value | None) -> Head | None:
    """A head that is written like a size, e or pi, where the right side is no number: a new name."""
    if not isinstance(first, Name) or value is None or is_constant(value):
        return None
    symbol = whole_symbol(first.item)
    if symbol is None or symbol.key in scope.keys:
        return None
    if symbol.key in ("e", "pi") and variables(value.array):
        if symbol.key in scope.constants or symbol.key in names_in(second):
            raise AmbiguousError(
                symbol.key,
                "it is read as a number in one place, and defined in another",
                "define it first, or declare it",
            )
        scope.note(f"{symbol.key} on the left is a new name, not the number {symbol.key}")
        return Head("name", symbol.name)
    if symbol.key not in scope.sizes:
        return None
    scope.note(f"{symbol.key} on the left is a new name, not the size {symbol.key}")
    return Head("name", f"{symbol.name}_")


def define(scope: Scope, head: Head, node: Node, value: Value) -> None:
    """Let later formulas use what a head names."""
    item = _named_item(node)
    if head.kind != "name" or item is None or value.fitting:
        return
    symbol = whole_symbol(item)
    if head.indices:
        plain = bare_symbol(item)
        found = _indexed(plain, item, value) if plain is not None else None
        symbol = (
            found[0]
            if found is not None and not (label_text(item.sup) or "").startswith("(")
            else None
        )
    if symbol is None or head.name in scope.names or value.indices != head.indices:
        return
    if head.indices and symbol.key in scope.sizes:
        scope.define_rows(symbol, value, head.name)
        return
    scope.define_array(symbol, value, head.name)
    if isinstance(node, Product):
        keys = argument_keys(node.factors[1][1]) if isinstance(node.factors[1][1], Fenced) else None
        scope.decorations[symbol.key] = keys or ()
        scope.parameters[symbol.key] = _parameters(scope, node.factors[1][1])


def _parameters(scope: Scope, fence: Node) -> tuple[str, ...]:
    """The declared names of the arguments in brackets; none where one is not declared."""
    parts = fence.parts if isinstance(fence, Fenced) else ()
    symbols = [whole_symbol(part.item) for part in parts if isinstance(part, Name)]
    names = [scope.find_quietly(each) for each in symbols if each is not None]
    known = tuple(name for name in names if name is not None)
    return known if len(known) == len(parts) else ()
