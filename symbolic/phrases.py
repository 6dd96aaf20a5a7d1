"""Words with formulas among them: text that keeps its formulas, for renderings that typeset them."""

from __future__ import annotations

import sympy


class Phrase(str):
    """A text that remembers which of its parts are formulas, as `parts`: words and formulas in turn.

    >>> x = sympy.Symbol("x", real=True)
    >>> found = phrase("the square of", x - 1, "is not negative")
    >>> found
    'the square of x - 1 is not negative'
    >>> found.parts[1]
    x - 1
    """

    parts: tuple[object, ...] = ()


def phrase(*parts: object) -> Phrase:
    """Words and formulas (of either language) as one text; a phrase among them adds its parts.

    >>> phrase("through", sympy.Symbol("a"), ",", sympy.Symbol("b"))
    'through a, b'
    """
    flat: list[object] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Phrase) else (part,))
    made = Phrase(" ".join(map(_text, flat)).replace(" ,", ","))
    made.parts = tuple(flat)
    return made


def parts_of(text: str) -> tuple[object, ...]:
    """The words and formulas of a text; plain text is one part.

    >>> parts_of("linearity")
    ('linearity',)
    """
    return text.parts if isinstance(text, Phrase) else (text,)


def _text(part: object) -> str:
    from symbolic.scalars.printing import text

    return text(part) if isinstance(part, sympy.Basic) else str(part)


__all__ = ["Phrase", "parts_of", "phrase"]
