"""Functions with hand-written gradients, right and wrong: the examination of gradient checkers.

`CASES` are over a hundred functions at a point each, of every kind that checkers meet; every
gradient is confirmed by an oracle in `test_gradient_suite.py`. `wrong_gradients(case, rng)` gives
up to 13 real mistakes a case. The cases know nothing of how a checker works.
"""

from tests.numeric.gradient_suite.case import KINDS, Case
from tests.numeric.gradient_suite.iterations import ITERATIONS
from tests.numeric.gradient_suite.losses import LOSSES
from tests.numeric.gradient_suite.networks import NETWORKS
from tests.numeric.gradient_suite.non_smooth import NON_SMOOTH
from tests.numeric.gradient_suite.scales import SCALES
from tests.numeric.gradient_suite.wrong import wrong_gradients

CASES = LOSSES + NETWORKS + SCALES + ITERATIONS + NON_SMOOTH

__all__ = ["CASES", "KINDS", "Case", "wrong_gradients"]
