"""Derivations: chains of rules that are executed, with every line checked."""
from derivations.catalogue import catalogue
from derivations.derivation import Derivation, at_most, begin, equals, implies
from derivations.statements import equation, follows, inequality
from symbolic import Derivative as D
