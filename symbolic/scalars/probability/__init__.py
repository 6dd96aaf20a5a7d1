"""Rules of expectation, variance and probability for SymPy lines.

Expectations that a page writes are taken to exist, as its assumptions say (finite second moments).
"""

from symbolic.scalars.probability.bounds import (
    indicator_below_ratio,
    jensen_for_log,
    log_below_line,
)
from symbolic.scalars.probability.conditioning import (
    conditional_probability,
    product_rule,
    sum_rule,
    taking_out_what_is_known,
    tower_rule,
)
from symbolic.scalars.probability.expectations import (
    expectation_under_law,
    linearity,
    probability_of_event,
)
from symbolic.scalars.probability.samples import (
    definition_of_sample_mean,
    identical_distribution,
    independence,
)
from symbolic.scalars.probability.variances import (
    definition_of_variance,
    variance_of_independent_sum,
    variance_of_multiple,
)

__all__ = [
    "conditional_probability",
    "definition_of_sample_mean",
    "definition_of_variance",
    "expectation_under_law",
    "identical_distribution",
    "independence",
    "indicator_below_ratio",
    "jensen_for_log",
    "linearity",
    "log_below_line",
    "probability_of_event",
    "product_rule",
    "sum_rule",
    "taking_out_what_is_known",
    "tower_rule",
    "variance_of_independent_sum",
    "variance_of_multiple",
]
