"""Who is to blame for an error: the algorithm or the problem.

Inputs that are rounded themselves carry a relative error of up to half a unit, which the problem
amplifies kappa times. An algorithm whose error stays within 4 (1 + kappa) units in the last place
does about as well as the problem lets it; beyond that, the algorithm loses accuracy.
"""

from __future__ import annotations

from math import isfinite, isnan

FEW = 4.0  # ulps


def allowed(condition: float) -> float:
    """The error in ulps that a condition number explains.

    >>> allowed(9.0)
    40.0
    """
    return FEW * (1 + condition)


def blame(ulps: float, condition: float) -> str:
    """The one to blame for an error: "accurate" (nobody), "problem", "algorithm" or "unknown".

    >>> blame(1.0, 1e9), blame(1e6, 1e9), blame(1e6, 1.0)
    ('accurate', 'problem', 'algorithm')
    """
    if ulps <= FEW:
        return "accurate"
    if isnan(condition):
        return "unknown"
    return "problem" if ulps <= allowed(condition) and isfinite(ulps) else "algorithm"


def sentence(
    ulps: float, condition: float, computed: float, truth: float, largest: float = 0.0
) -> str:
    """The verdict on the error at the worst input, in words.

    `largest` is the largest error in ulps at any input, if it was found at another one.

    >>> sentence(1e6, 1.0, 1.5, 1.0)
    'The algorithm is to blame: 1e+06 ulps, and the condition number 1 explains only 8.'
    """
    who, largest = blame(ulps, condition), max(ulps, largest)
    if largest <= 0.5:
        return "Correctly rounded at every input that was tried."
    if who == "accurate":
        return f"Accurate: at most {largest:.3g} ulps at every input that was tried."
    amount = f"{ulps:.3g} ulps"
    if truth == 0 or not isfinite(computed):
        amount = f"it returns {computed!r} where the true value is {truth!r}"
    if who == "problem":
        return (
            f"The problem is to blame: {amount}, and the condition number {condition:.3g} explains "
            "as much."
        )
    if not isfinite(computed):
        return f"The algorithm is to blame: {amount}."
    if who == "unknown":
        return f"The condition number is not known at the worst input: {amount}."
    return (
        f"The algorithm is to blame: {amount}, and the condition number {condition:.3g} explains "
        f"only {allowed(condition):.3g}."
    )
