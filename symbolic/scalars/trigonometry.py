"""Rules of sines and cosines."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.rule import ScalarRule

_TRIGONOMETRY = "the angle addition theorems"


def _angle_addition(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, (sympy.sin, sympy.cos)):
        return None
    (angle,) = node.args
    first, *rest = sympy.Add.make_args(angle if angle.is_Add else sympy.expand(angle))
    if not rest:
        return None
    other = sympy.Add(*rest)
    if isinstance(node, sympy.sin):
        return sympy.sin(first) * sympy.cos(other) + sympy.cos(first) * sympy.sin(other)
    return sympy.cos(first) * sympy.cos(other) - sympy.sin(first) * sympy.sin(other)


angle_addition = ScalarRule(
    "angle addition",
    "sin(a + b) = sin a cos b + cos a sin b, cos(a + b) = cos a cos b - sin a sin b",
    "none",
    _TRIGONOMETRY,
    _angle_addition,
)


def _pythagoras(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Add):
        return None
    for sine in sorted(node.atoms(sympy.sin), key=str):
        cosine = sympy.cos(sine.args[0])
        shorter = sympy.expand(sympy.expand(node).subs(sine**2, 1 - cosine**2))
        if len(sympy.Add.make_args(shorter)) < len(sympy.Add.make_args(sympy.expand(node))):
            return shorter
    return None


pythagoras = ScalarRule(
    "Pythagoras",
    "sin(a)^2 + cos(a)^2 = 1",
    "none",
    "the theorem of Pythagoras on the unit circle",
    _pythagoras,
)
