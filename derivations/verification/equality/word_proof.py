"""A proof with words: rational matrix identities of any size, with inverses, transposes and determinants.

What is to vanish is multiplied by the matrices whose inverses stand at its ends, which takes
nothing away, and M @ inv(M) = I is used inside, solved for the longest word of M.
"""

from __future__ import annotations

from collections.abc import Iterable

from derivations.verification.equality.formal_field import OutOfReachError, Quotient
from derivations.verification.equality.formal_proof import worked_out
from derivations.verification.equality.formal_regions import vanish_everywhere
from derivations.verification.equality.word_pieces import Letter
from derivations.verification.equality.words import Polynomial, Words, multiplied
from numeric.errors import Undecided
from symbolic.algebra.axis_definitions import along_axes_written_out
from symbolic.nodes import Expression
from symbolic.operations import subtract
from symbolic.traverse import has_more_nodes

_MOST_NODES = 300
_DEEPEST = 4  # matrices that are multiplied in, one after the other


def equal_as_words(left: Expression, right: Expression) -> bool:
    """Whether two scalars, vectors or matrices are equal as polynomials in words.

    >>> from symbolic import parse
    >>> given = {"X": "n d", "l": ": positive"}
    >>> a = parse("inv(X.T @ X + l*eye(d)) @ X.T", given)
    >>> equal_as_words(a, parse("X.T @ inv(X @ X.T + l*eye(n))", given))
    True
    """
    if left.rank > 2 or has_more_nodes(left, _MOST_NODES) or has_more_nodes(right, _MOST_NODES):
        return False
    try:
        difference = along_axes_written_out(subtract(worked_out(left), worked_out(right)))
        words = Words()

        def differences() -> Iterable[Quotient]:
            words.forget()
            words.polynomial(difference)  # the rules of all inverses are known from here on
            found = words.polynomial(difference)
            if _cleared(found, words, _DEEPEST):
                return [words.over.zero]
            return found.values()

        return vanish_everywhere(words.over, differences)
    except (OutOfReachError, Undecided):
        return False


def _cleared(polynomial: Polynomial, words: Words, depth: int) -> bool:
    """Whether a polynomial vanishes, once matrices are multiplied in whose inverses stand at its ends."""
    if not polynomial:
        return True
    if not depth:
        return False
    for left in (True, False):
        for inverse in _ends(polynomial, words, left):
            matrix = words.inverses[inverse]
            pair = (matrix, polynomial) if left else (polynomial, matrix)
            if _cleared(words.reduced(multiplied(*pair)), words, depth - 1):
                return True
    return False


def _ends(polynomial: Polynomial, words: Words, left: bool) -> list[Letter]:
    """The inverses that stand first (or last) in some word."""
    found = [word[0 if left else -1] for word in polynomial if word]
    return [letter for letter in dict.fromkeys(found) if letter in words.inverses]
