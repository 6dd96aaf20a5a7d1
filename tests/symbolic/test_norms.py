"""Which sums are read as squares of norms."""

import pytest

from symbolic.code.norms import norm_over, sum_of_squares
from symbolic.nodes import Contraction
from symbolic.variables import dims, matrix, tensor

n, d, k = dims("n d k")
X, A, T = matrix("X", n, d), matrix("A", d, d), tensor("T", n, d, k)


@pytest.mark.parametrize(
    ("output", "summed", "axis"), [("", [0, 1], None), ("i", [1], 1), ("j", [0], 0), ("ij", [], 0)]
)
def test_sums_of_squares_over_one_axis_or_all_are_read(output, summed, axis):
    product = Contraction([X, X], ["ij", "ij"], output, coefficient=3)
    of_power = Contraction([X**2], ["ij"], output, coefficient=3)
    of_product = Contraction([Contraction([X, X], ["ij", "ij"], "ij")], ["ij"], output, None, 3)
    for total in (product, of_power, of_product):
        assert sum_of_squares(total) == (3, X, summed)
    if summed:
        assert norm_over(X, summed).axis == axis


@pytest.mark.parametrize(
    ("operands", "labels", "output"),
    [
        ([X, X], ["ij", "ij"], "ji"),  # turned
        ([A, A], ["ii", "ii"], ""),  # of the diagonal
        ([A, A], ["ij", "ij"], "ii"),
        ([T, T], ["ijk", "ijk"], "i"),  # over two axes of three
        ([T**2], ["ijk"], "j"),
    ],
)
def test_sums_over_other_axes_are_no_norms(operands, labels, output):
    _, _, summed = sum_of_squares(Contraction(operands, labels, output))
    assert summed is None


@pytest.mark.parametrize(
    ("operands", "labels", "output"),
    [
        ([X, X], ["ij", "kj"], "ik"),  # of other rows
        ([A, A], ["ij", "ji"], ""),
        ([A, A.T], ["ij", "ij"], ""),
        ([X**2, X**2, X**2], ["ij", "ij", "ij"], ""),
        ([X], ["ij"], ""),
        ([X**3], ["ij"], ""),
        ([Contraction([A, A], ["ii", "ii"], "ii")], ["ij"], ""),
        ([], [], ""),
    ],
)
def test_other_sums_are_not_read(operands, labels, output):
    assert sum_of_squares(Contraction(operands, labels, output)) is None
