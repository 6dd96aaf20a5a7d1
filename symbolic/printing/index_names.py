"""Names of indices: i and j for the first two sizes, then k, l, ...; no name of the expression."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from symbolic.nodes import Expression, Named, Unspecified, Variable
from symbolic.printing.text_printer import postorder_shown
from symbolic.sizes import Size, size_letters

_LETTERS = "ijklpqrstuvabcdefgh"  # m and n look like sizes


class IndexNames:
    """Letters for indices, none of them a variable or a size of the expression.

    >>> from symbolic.variables import dims, matrix
    >>> n, d = dims("n d")
    >>> names = IndexNames(matrix("X", n, d))
    >>> names.fresh(d, ()), names.fresh(d, ("j",)), names.fresh(n, ())
    ('j', 'k', 'i')
    """

    def __init__(self, expression: Expression) -> None:
        sizes: dict[Size, None] = {}
        taken: set[str] = set()
        for node in postorder_shown(expression):
            taken |= size_letters(node.shape)
            if isinstance(node, (Variable, Named, Unspecified)):
                taken.add(node.name)
            if isinstance(node, (Variable, Named)):
                sizes.update(dict.fromkeys(size for size in node.shape if size != 1))
        self._letters = [letter for letter in _LETTERS if letter not in taken]
        self._preferred = dict(zip(list(sizes)[:2], self._letters, strict=False))

    def fresh(self, size: Size, scope: Iterable[str]) -> str:
        """An index over `size` that is not in scope; over a size of 1 it is the number 1."""
        if size == 1:
            return "1"
        used = set(scope)
        wanted = self._preferred.get(size)
        if wanted is not None and wanted not in used:
            return wanted
        others = set(self._preferred.values())
        free = [letter for letter in self._letters if letter not in used]
        unclaimed = [letter for letter in free if letter not in others]
        if unclaimed or free:
            return (unclaimed or free)[0]
        number = 1
        while f"i_{{{number}}}" in used:
            number += 1
        return f"i_{{{number}}}"


def shown_indices(at: tuple[str, ...]) -> str:
    """Indices beside each other, with commas where they would run together.

    >>> shown_indices(("i", "j")), shown_indices(("i", "10"))
    ('ij', 'i,10')
    """
    return ("" if all(len(index) == 1 for index in at) else ",").join(at)


def size_expression(size: Size) -> sympy.Expr:
    """A size as a SymPy expression."""
    return sympy.sympify(size)
