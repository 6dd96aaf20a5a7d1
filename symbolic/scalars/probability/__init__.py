"""Rules of expectation, variance and probability for SymPy lines.

Expectations that a page writes are taken to exist, as its assumptions say (finite second moments).
"""

from symbolic.scalars.probability.bounds import (
    indicator_below_ratio,
    jensen_for_log,
    log_below_line,
)
from symbolic.scalars.probability.conditional_expectations import (
    taking_out_what_is_known,
    tower_rule,
)
from symbolic.scalars.probability.events import (
    conditional_probability,
    independent_events,
    probability_of_event,
    product_rule,
    sum_rule,
    ties_apart,
    value_in_event,
)
from symbolic.scalars.probability.expectations import expectation_under_law, linearity
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
    "independent_events",
    "indicator_below_ratio",
    "jensen_for_log",
    "linearity",
    "log_below_line",
    "probability_of_event",
    "product_rule",
    "sum_rule",
    "taking_out_what_is_known",
    "ties_apart",
    "tower_rule",
    "value_in_event",
    "variance_of_independent_sum",
    "variance_of_multiple",
]
