"""The named functions of whole arrays on jets, from their definitions; those along an axis are here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce

import numpy as np

from numeric import jets, matrices, spectra
from numeric.arithmetic import Arithmetic
from numeric.errors import Undecided
from numeric.extremes import hardmax, largest, smallest
from numeric.interpreter import mapped, powered
from numeric.jets import Jet

Rule = Callable[[Jet, int | None, Arithmetic], Jet]


def _reduced(jet: Jet, axis: int | None, over: Arithmetic) -> Jet:
    """The sum along the axis, or of all entries."""
    labels = tuple(range(len(jet.shape)))
    rest = () if axis is None else tuple(label for label in labels if label != axis)
    return jets.contract([jet], [labels], rest, jet.shape, over.zero)


def _repeated(jet: Jet, like: Jet, axis: int | None, over: Arithmetic) -> Jet:
    """A reduced value repeated along the axis it lost."""
    labels = tuple(range(len(like.shape)))
    rest = () if axis is None else tuple(label for label in labels if label != axis)
    return jets.contract([jet], [rest], labels, like.shape, over.zero)


def _logsumexp(z: Jet, axis: int | None, over: Arithmetic) -> Jet:
    return mapped("log", _reduced(mapped("exp", z, over), axis, over), over)


def _softmax(z: Jet, axis: int | None, over: Arithmetic) -> Jet:
    exponentials = mapped("exp", z, over)
    inverse = powered(_reduced(exponentials, axis, over), Fraction(-1), over)
    return jets.multiply(exponentials, _repeated(inverse, z, axis, over))


def _log_softmax(z: Jet, axis: int | None, over: Arithmetic) -> Jet:
    shift = _repeated(_logsumexp(z, axis, over), z, axis, over)
    return jets.add(z, jets.scale(over.number(Fraction(-1)), shift))


def _norm(x: Jet, axis: int | None, over: Arithmetic) -> Jet:
    square = _reduced(jets.multiply(x, x), axis, over)
    return powered(square, Fraction(1, 2), over)


def _prod(x: Jet, axis: int | None, over: Arithmetic) -> Jet:
    """Entry times entry, so that zeros are no exception."""
    if axis is None:
        entries = [jets.at(x, place) for place in np.ndindex(x.shape)]
    else:
        entries = [jets.at(x, (*(slice(None),) * axis, k)) for k in range(x.shape[axis])]
    return reduce(jets.multiply, entries)


ALONG_AXIS_RULES: dict[str, Rule] = {
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "norm": _norm,
    "max": largest,
    "min": smallest,
    "hardmax": hardmax,
    "prod": _prod,
}

MATRIX_RULES: dict[str, Callable[..., Jet]] = {
    "inv": matrices.inverse,
    "det": matrices.determinant,
    "logdet": matrices.log_determinant,
    "cholesky": matrices.cholesky,
    "eigvalsh": spectra.eigenvalues,
    "eigvecsh": spectra.eigenvectors,
    "svdvals": spectra.singular_values,
    "svd_left": spectra.left_vectors,
    "svd_right": spectra.right_vectors,
    "expm": matrices.exponential,
    "expm_frechet": matrices.exponential_slope,
}


def apply_structured(
    function: str, operands: Sequence[Jet], axis: int | None, over: Arithmetic
) -> Jet:
    """The value of a named function of whole arrays; `Undecided` for one that has no rule."""
    if function in ALONG_AXIS_RULES:
        return ALONG_AXIS_RULES[function](operands[0], axis, over)
    if function in MATRIX_RULES:
        return MATRIX_RULES[function](*operands, over)
    raise Undecided(
        f"the function {function}",
        "it has no enclosure",
        "use one of " + ", ".join((*ALONG_AXIS_RULES, *MATRIX_RULES)),
    )
