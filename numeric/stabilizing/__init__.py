"""Naive formulas rewritten for floating point, each rewrite measured before it is kept."""

from numeric.stabilizing.result import Stabilized
from numeric.stabilizing.stabilization import stabilize

__all__ = ["Stabilized", "stabilize"]
