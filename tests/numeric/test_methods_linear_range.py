"""Linear algebra at the ends of float64: figures that hold, or a status that says what overflows."""

from fractions import Fraction
from math import inf

import mpmath
import numpy as np
import pytest

from numeric.methods import condition_eigenvalues, condition_linear_system, least_squares
from symbolic.errors import DataError

EPS = np.finfo(float).eps


def test_errors_are_those_from_the_exact_eigenvalues():
    """(-3 +- sqrt(-35))/2, and 1 - 2^-800: their roundings are at distance 0."""
    found = condition_eigenvalues([[-2, 3], [-3, -1]])
    with mpmath.workprec(200):
        exact = mpmath.mpc(-1.5, mpmath.sqrt(35) / 2)
        error = float(abs(exact - mpmath.mpc(complex(found.values[1]))))
    assert found.errors == pytest.approx([error, error], rel=1e-5, abs=0)
    assert error > 4e-17
    close = condition_eigenvalues([[1, 2.0**-400], [2.0**-400, 2]])
    assert close.errors == pytest.approx([2.0**-800, 2.0**-800], rel=1e-5, abs=0)
    assert condition_eigenvalues(np.triu(np.ones((5, 5)))).errors.tolist() == [0] * 5


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [1e-300, 1e200, 1e300])
def test_eigenvalues_and_their_measures_scale_with_the_matrix(seed, size):
    size = 2.0 ** round(np.log2(size))
    A = np.random.default_rng(seed).standard_normal((4, 4))
    plain, large = condition_eigenvalues(A), condition_eigenvalues(A * size)
    assert plain.status == large.status
    for name in ("values", "bars", "errors", "gaps", "distance"):
        expected = pytest.approx(getattr(plain, name), rel=1e-6, abs=0)
        assert getattr(large, name) / size == expected, (name, seed)


def test_an_eigenvalue_beyond_float64_is_a_status():
    found = condition_eigenvalues([[1e308, 1e308], [1e308, 1e308]])
    assert found.status == "overflow"
    assert found.errors.tolist() == [0, inf]
    assert "<table>" in found._repr_html_()
    assert "<table>" in condition_eigenvalues([[1e308]])._repr_html_()


def test_entries_too_far_apart_leave_the_errors_unmeasured():
    """The eigenvalues 1.7e308 (1 +- 1e-470) would take minutes to tell apart."""
    found = condition_eigenvalues([[1.7e308, 5e-324], [1, 1.7e308]])
    assert np.all(np.isnan(found.errors))
    assert found.defective is None


def test_systems_whose_solution_overflows_are_unstable():
    found = condition_linear_system([[1e-320, 0], [0, 1e-320]], [1, 1])
    assert found.status == "unstable"
    assert found.kappa == 1
    assert found.error == inf
    wrong = condition_linear_system([[1e308, 1e308], [1e308, -1e308]], [1e308, 1])
    assert wrong.status == "unstable"
    assert wrong.error == pytest.approx(0.5)
    assert "adds error of its own" in wrong.reason


def test_pivots_that_grow_are_not_ok():
    """Wilkinson's matrix: elimination with pivoting doubles the last column at every step."""
    n = 70
    A = np.eye(n) - np.tril(np.ones((n, n)), -1)
    A[:, -1] = 1
    found = condition_linear_system(A, np.random.default_rng(0).standard_normal(n))
    assert found.kappa < 100
    assert found.error > 0.1
    assert found.status == "unstable"


def test_the_residual_is_in_the_units_of_the_data():
    A, b = np.array([[3e10, 1e10], [1e10, 7e10]]), np.array([1e10, 3e10])
    found = condition_linear_system(A, b)
    exact = [
        Fraction(float(y)) - sum(Fraction(float(a)) * Fraction(float(x)) for a, x in
                                 zip(row, found.solution, strict=True))
        for row, y in zip(A, b, strict=True)
    ]  # fmt: skip
    assert found.residual.tolist() == [float(each) for each in exact]


def test_diagonals_over_the_whole_range_are_solved():
    found = condition_linear_system(np.diag([1e308, 5e-324]), [1e308, 5e-324])
    assert (found.status, found.componentwise, found.error) == ("badly scaled", 2, 0)


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e160, 1e200])
def test_least_squares_of_extreme_size(size):
    found = least_squares([[size], [size]], [1, 1])
    assert found.kappa == pytest.approx(1)
    assert found.status == "ok"
    assert found.fits[1].error < EPS
    assert found.fits[0].error > 1e-6
    assert ("Cholesky breaks down" in found.reason) == (found.fits[0].error == inf)
    assert str(found)


def test_a_qr_that_overflows_is_not_ok():
    assert least_squares([[1e308], [1e308]], [1e308, 1e308]).status == "unstable"


@pytest.mark.parametrize("entry", [10**400, Fraction(10**400), "a", None], ids="{!r:.8}".format)
def test_entries_beyond_float64_have_typed_errors(entry):
    for call in (
        lambda: condition_eigenvalues([[entry]]),
        lambda: condition_linear_system([[1]], [entry]),
        lambda: least_squares([[entry]], [1]),
        lambda: least_squares([[1]], [1], ridge=entry),
    ):
        with pytest.raises(DataError):
            call()
