"""Every gradient that a page claims, against differences of the code generated for its loss."""

import pytest

from derivations import catalogue
from derivations.evidence.claimed_derivatives import differences_of

CLAIMED = [(page, k) for page in catalogue for k, _ in enumerate(differences_of(catalogue[page]))]


@pytest.mark.parametrize(("page", "k"), CLAIMED)
def test_gradients_claimed_agree_with_differences(page, k):
    found = list(differences_of(catalogue[page]))[k].run(seed=0)
    assert found.verdict == "verified", found
