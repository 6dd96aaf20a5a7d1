"""Derivations: chains of rules; every link is executed and every line is checked.

    >>> from derivations import catalogue, derive
    >>> catalogue["supervised/logistic_regression"].check().verdict
    'proved'
    >>> derive("norm(X @ w - y)**2", wrt="w", given={"X": "n d", "w": "d", "y": "n"}).check().verdict
    'proved'

A page of the catalogue is one file `derivations/<topic>/<result>.py`; `derive` makes the steps itself.
"""

from derivations.catalogue import catalogue
from derivations.derivation import Derivation, Step, at_most, begin, equals, implies
from derivations.statements import (
    Equation,
    Implication,
    Inequality,
    equation,
    follows,
    inequality,
)
from derivations.trace import derive
from derivations.verdicts import Evidence, Report, check
from symbolic import Derivative as D

__all__ = [
    "D",
    "Derivation",
    "Equation",
    "Evidence",
    "Implication",
    "Inequality",
    "Report",
    "Step",
    "at_most",
    "begin",
    "catalogue",
    "check",
    "derive",
    "equals",
    "equation",
    "follows",
    "implies",
    "inequality",
]
