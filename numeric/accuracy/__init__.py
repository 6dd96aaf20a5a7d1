"""Floating point, measured: how far a computed function is from the true one, and where.

The truth comes from enclosures (`exact_values`), so it is correctly rounded or reported as not
known; inputs come from a described domain (`log_uniform`, `uniform`, `near`, `integers`), its edges
included; the condition number stands beside every error, so that a hard problem is not blamed on
the algorithm. Formats: float64, float32, and float16 and bfloat16 by emulation.

    measure(f, reference, domain)      error in bits and ulps, the worst input, a verdict
    compare({"naive": f, ...}, ...)    several functions side by side
    code_accuracy(expressions)         generated code, of arrays, at ordinary and hostile points
"""

from numeric.accuracy.domains import draw, integers, log_uniform, near, uniform
from numeric.accuracy.emulation import RoundedArray
from numeric.accuracy.errors import Exact, bits_of_error, ulps_of_error
from numeric.accuracy.formats import Format, bfloat16, float16, float32, float64
from numeric.accuracy.generated import CodeAccuracy, code_accuracy
from numeric.accuracy.measurement import compare, measure
from numeric.accuracy.reference import exact_values
from numeric.accuracy.report import Accuracy, Comparison

__all__ = [
    "Accuracy", "Comparison", "compare", "measure", "CodeAccuracy", "code_accuracy",
    "Exact", "bits_of_error", "exact_values", "ulps_of_error",
    "draw", "integers", "log_uniform", "near", "uniform",
    "Format", "bfloat16", "float16", "float32", "float64", "RoundedArray",
]  # fmt: skip
