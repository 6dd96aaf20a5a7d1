"""Derivatives that textbooks print: the corpus by which the calculus is measured.

One file a topic; each is a tuple of cases. Size letters fall in the order of `LETTERS`, so that
X.T @ X has an inverse when X is n by d.
"""

from tests.symbolic.textbook.case import LETTERS, Case
from tests.symbolic.textbook.jacobians import JACOBIANS
from tests.symbolic.textbook.losses import LOSSES
from tests.symbolic.textbook.matrix_cookbook import MATRIX_COOKBOOK
from tests.symbolic.textbook.networks import NETWORKS
from tests.symbolic.textbook.probabilistic import PROBABILISTIC
from tests.symbolic.textbook.quadratic_forms import QUADRATIC_FORMS

CASES = (*MATRIX_COOKBOOK, *QUADRATIC_FORMS, *LOSSES, *PROBABILISTIC, *NETWORKS, *JACOBIANS)

__all__ = ["CASES", "LETTERS", "Case"]
