"""A proof by regions: what has to vanish is computed again for every sign that matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from derivations.verification.equality.formal_arithmetic import Formal
from derivations.verification.equality.formal_field import OutOfReachError
from derivations.verification.equality.formal_functions import UNDEFINED, RefinedError
from derivations.verification.equality.formal_signs import OpenSignError, Region

_MOST_REGIONS = 48
_MOST_READINGS = 400


def vanish_everywhere(
    over: Formal, differences: Callable[[], Iterable[Any]], *, quick: bool = False
) -> bool:
    """Whether all differences are zero in every region, wherever they have a value; somewhere they have.

    First absolute values are generators like others, with abs(u)**2 = u**2, which is often enough.
    With `quick`, that is all.
    """
    over.signer.splitting = False
    try:
        if _vanish(over, differences, 1 if quick else _MOST_REGIONS):
            return True
    except OutOfReachError:
        pass
    over.field.work = 0
    over.signer.splitting = True
    return not quick and _vanish(over, differences, _MOST_REGIONS)


def _vanish(over: Formal, differences: Callable[[], Iterable[Any]], most: int) -> bool:
    waiting, regions, defined = [Region()], 1, False
    for _ in range(_MOST_READINGS):
        if not waiting:
            return defined
        region = over.signer.region = waiting.pop()
        try:
            found = list(differences())
            if not all(_is_zero(each, region) for each in found):
                if not over.signer.impossible():
                    return False
            elif any(each is not UNDEFINED for each in found):
                defined = True
        except RefinedError:
            waiting.append(region)
        except OpenSignError as split:
            regions += len(split.alternatives) - 1
            if regions > most:
                return False
            for signs in split.alternatives:
                narrowed = over.signer.region = region.narrowed(split.polynomial, signs)
                if not over.signer.impossible():
                    waiting.append(narrowed)
    return False


def _is_zero(difference: Any, region: Region) -> bool:
    """Whether a difference vanishes where those polynomials of the region vanish that do."""
    if difference is UNDEFINED or difference.is_zero:
        return True
    left = difference.top
    for polynomial in region.zeros:
        left = divmod(left, polynomial)[1]
    return not left
