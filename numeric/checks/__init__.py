"""Checks of everything that is a derivative but not the gradient of a scalar function.

Each is reduced to slopes with error bars, as `numeric.check_gradient` judges them, along random
directions u and for random cotangents v: v'J, Ju and v'Ju are compared, never a norm with a
tolerance that grows. So the verdicts mean the same: a "fail" is certain up to the error model, a
"pass" states what it may have missed, and the rest is "inconclusive".

    check_jacobian                  J of an array-valued function
    check_vjp, check_jvp            products with a Jacobian that is never formed
    check_hessian, check_hvp        second derivatives, against a gradient or against values
    check_layer                     forward and backward, of objects, functions, PyTorch and JAX
"""

from numeric.checks.hessians import check_hessian, check_hvp
from numeric.checks.jacobian import check_jacobian
from numeric.checks.layer_check import LayerCheck
from numeric.checks.layers import check_layer
from numeric.checks.products import check_jvp, check_vjp

__all__ = [
    "check_jacobian", "check_vjp", "check_jvp", "check_hessian", "check_hvp",
    "check_layer", "LayerCheck",
]  # fmt: skip
