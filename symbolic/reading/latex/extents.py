r"""The extent of sums: later terms that use the index of a sum before them belong to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from symbolic.errors import AmbiguousError
from symbolic.reading.latex.syntax import Big, Node, Product, Terms, mentioned

if TYPE_CHECKING:
    from symbolic.reading.latex.phrases import Phrases


def absorbed(phrases: Phrases, terms: list[tuple[int, Node]]) -> list[tuple[int, Node]]:
    """The terms, those that use the index of a sum before them taken into that sum."""
    used = [mentioned(term) for _, term in terms] if len(terms) > 1 else []
    for place in range(len(terms) - 2, -1, -1):
        bound = {letter for big in _last_sums(terms[place][1]) for letter in big.range.indices}
        bound = {letter for letter in bound if not phrases.names.is_taken(letter)}
        uses = [k for k in range(place + 1, len(terms)) if bound & used[k]] if bound else []
        if not uses:
            continue
        letters = {x for k in uses for x in bound & used[k]}
        start, end = terms[place][1].start, terms[uses[-1]][1].end
        shown = ", ".join(sorted(letters))
        whole_run = uses == list(range(place + 1, uses[-1] + 1))
        all_of_them = all(bound <= used[k] for k in uses)
        if not (whole_run and all_of_them) or letters & phrases.names.outer_indices:
            raise phrases.error(
                AmbiguousError,
                start,
                end,
                f"the sum over {shown} may end at the next sign, or cover the later terms with {shown}",
                "put brackets around what is summed, or use another letter outside",
            )
        whole = _extended(terms[place][1], terms[place + 1 : uses[-1] + 1], letters)
        phrases.names.note(
            f"the sum over {shown} covers the later terms as well, since {shown} occurs in them"
        )
        terms = [*terms[:place], (terms[place][0], whole), *terms[uses[-1] + 1 :]]
        used = [*used[:place], mentioned(whole), *used[uses[-1] + 1 :]]
    return terms


def _last_sums(node: Node) -> list[Big]:
    """The sums that end where a term ends, outermost first."""
    found = []
    while True:
        if isinstance(node, Product):
            node = node.factors[-1][1]
        elif isinstance(node, Big) and node.operator == "sum":
            found.append(node)
            node = node.body
        else:
            return found


def _extended(node: Node, more: list[tuple[int, Node]], letters: set[str]) -> Node:
    """The term, its innermost sum over one of the letters extended by more terms."""
    if isinstance(node, Product):
        operator, last = node.factors[-1]
        return replace(
            node, factors=(*node.factors[:-1], (operator, _extended(last, more, letters)))
        )
    assert isinstance(node, Big)
    if any(letters & set(big.range.indices) for big in _last_sums(node.body)):
        return replace(node, body=_extended(node.body, more, letters))
    return replace(node, body=Terms(node.body.start, more[-1][1].end, ((1, node.body), *more)))
