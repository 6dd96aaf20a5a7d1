"""Derivations: chains of rules; every link is executed and every line is checked.

    >>> from derivations import catalogue, derive, verify_gradient
    >>> catalogue["supervised/logistic_regression"].check().counts()
    {'proved': 11}
    >>> derive("norm(X @ w - y)**2", wrt="w", given={"X": "n d", "w": "d", "y": "n"}).check().verdict
    'proved'
    >>> verify_gradient("x @ A @ x", "x", "2*A @ x", {"A": "n n", "x": "n"}).right_if
    ('A is symmetric',)

A page of the catalogue is one file `derivations/<topic>/<result>.py`; `derive` makes the steps itself.
"""

from typing import TYPE_CHECKING

from derivations.catalogue import catalogue
from derivations.derivation import (
    Derivation,
    Step,
    at_least,
    at_most,
    begin,
    equals,
    implies,
    tends_to,
)
from derivations.lemma import lemma
from derivations.reasons import right_to_left
from derivations.rules.sampling import sampling
from derivations.statements import (
    Convergence,
    Equation,
    Implication,
    Inequality,
    equation,
    follows,
    inequality,
    tends,
)
from derivations.trace import derive
from derivations.verdicts import Evidence, Report, check
from symbolic import Derivative as D

find = catalogue.find

if TYPE_CHECKING:
    from derivations.verification.layers.check import verify_layer
    from derivations.verification.steps import verify_steps
    from derivations.verification.verify import (
        equivalent,
        verify_gradient,
        verify_hessian,
        verify_jacobian,
    )

_LATER = {  # imported when first asked for
    "equivalent": "derivations.verification.verify",
    "verify_gradient": "derivations.verification.verify",
    "verify_hessian": "derivations.verification.verify",
    "verify_jacobian": "derivations.verification.verify",
    "verify_layer": "derivations.verification.layers.check",
    "verify_steps": "derivations.verification.steps",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Convergence",
    "D",
    "Derivation",
    "Equation",
    "Evidence",
    "Implication",
    "Inequality",
    "Report",
    "Step",
    "at_least",
    "at_most",
    "begin",
    "catalogue",
    "check",
    "derive",
    "equals",
    "equation",
    "equivalent",
    "find",
    "follows",
    "implies",
    "inequality",
    "lemma",
    "right_to_left",
    "sampling",
    "tends",
    "tends_to",
    "verify_gradient",
    "verify_hessian",
    "verify_jacobian",
    "verify_layer",
    "verify_steps",
]
