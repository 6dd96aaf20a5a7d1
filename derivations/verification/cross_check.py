"""The symbolic derivative against jets: two ways to one number that share no rule.

`gradient` works on expressions, by reverse accumulation and simplification; jets carry values and
slopes of numbers through the function. A verdict rests on the first, so the second has a veto.
"""

from __future__ import annotations

from numeric.enclosure import compare
from numeric.errors import Undecided
from numeric.sampling import choose_sizes, sample
from numeric.seeds import generator
from symbolic import Expression
from symbolic.errors import UnsupportedError
from symbolic.traverse import variables

_POINTS = 2
_DIGITS = 30
_STREAM = 1  # other points than those at which the claim is judged


def contradiction(slope: Expression, derived: Expression, seed: int) -> str | None:
    """Why a derived result is not the derivative, when enclosures show that; else nothing.

    >>> from symbolic import Derivative, gradient, norm, vector
    >>> x = vector("x", "n")
    >>> f = norm(x) ** 2
    >>> contradiction(Derivative(f, x), gradient(f, x), 0) is None
    True
    >>> contradiction(Derivative(f, x), x, 0)[:35]
    'the derivation contradicts the jets'
    """
    rng = generator(seed, _STREAM)
    given = tuple(dict.fromkeys((*variables(slope), *variables(derived))))
    for sizes in choose_sizes([slope, derived], rng, _POINTS):
        try:
            found = compare(slope, derived, sample(given, sizes, rng), sizes, digits=_DIGITS)
        except (Undecided, UnsupportedError):
            continue
        if found.outcome == "different":
            where = f" in entry {list(found.entry)}" if found.entry else ""
            return (
                f"the derivation contradicts the jets{where} ({found.right} and {found.left}): "
                "please report this function"
            )
    return None
