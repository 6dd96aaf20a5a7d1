"""Condition numbers and measured errors, against matrices whose answers are known exactly."""

from fractions import Fraction
from itertools import permutations
from math import inf, isnan, prod

import numpy as np
import pytest

from numeric.methods import condition_eigenvalues, condition_linear_system, least_squares
from numeric.methods.rationals import rational_matrix, relative_error
from symbolic.errors import DataError, ShapeError

EPS = np.finfo(float).eps


def hilbert(n):
    return np.array([[1 / (i + j + 1) for j in range(n)] for i in range(n)])


def solve_with_fractions(A, b):
    """Gauss-Jordan elimination on fractions, by the definition."""
    rows = [
        [Fraction(float(x)) for x in row] + [Fraction(float(y))]
        for row, y in zip(A, b, strict=True)
    ]
    n = len(rows)
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(n):
            if i != k:
                factor = rows[i][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


def error_with_fractions(found, exact):
    gap = max(abs(Fraction(float(x)) - y) for x, y in zip(found, exact, strict=True))
    return float(gap / max(abs(Fraction(float(x))) for x in found))


# --- linear systems ------------------------------------------------------------------------------


def test_the_measured_error_is_that_of_fractions(rng):
    A, b = rng.standard_normal((6, 6)), rng.standard_normal(6)
    exact = solve_with_fractions(A, b)
    for solver in condition_linear_system(A, b).solvers:
        assert solver.error == pytest.approx(error_with_fractions(solver.solution, exact), rel=1e-9)


@pytest.mark.parametrize("n", [2, 5, 8, 11, 13])
def test_the_bound_holds_for_hilbert_matrices(n):
    found = condition_linear_system(hilbert(n), np.ones(n))
    for solver in found.solvers:
        assert solver.error <= solver.bound
    assert found.backward_error <= n * EPS
    assert (found.status == "ok") == (n < 6)


def test_the_bound_holds_for_random_systems(rng):
    for _ in range(40):
        n = int(rng.integers(1, 12))
        A = rng.standard_normal((n, n)) * 10.0 ** rng.integers(-6, 6, (n, 1))
        for solver in condition_linear_system(A, rng.standard_normal(n)).solvers:
            assert solver.error <= solver.bound * (1 + 1e-9)


def test_kappa_is_exact_where_float64_has_no_digit():
    """The condition number of the 12 x 12 Hilbert matrix of floats, from an inverse of fractions."""
    A = hilbert(12)
    columns = [solve_with_fractions(A, unit) for unit in np.eye(12)]
    inverse_norm = max(sum(abs(columns[j][i]) for j in range(12)) for i in range(12))
    norm = max(sum(Fraction(float(x)) for x in row) for row in A)
    found = condition_linear_system(A, np.ones(12))
    assert found.kappa == pytest.approx(float(norm * inverse_norm), rel=1e-12)
    assert found.kappa > 1 / EPS
    assert found.status == "ill-conditioned"


def test_conditions_are_ordered(rng):
    A, b = rng.standard_normal((7, 7)), rng.standard_normal(7)
    found = condition_linear_system(A, b)
    assert 1 <= found.componentwise <= found.normwise <= 2 * found.kappa * (1 + 1e-6)


def test_a_perturbation_moves_the_solution_by_at_most_the_condition(rng):
    A, b = hilbert(5), np.ones(5)
    found = condition_linear_system(A, b)
    x = solve_with_fractions(A, b)
    seen = 0.0
    for _ in range(20):
        E = 1e-8 * A * rng.choice([-1, 1], A.shape)
        y = solve_with_fractions(A + E, b)
        seen = max(
            seen, float(max(abs(p - q) for p, q in zip(x, y, strict=True)) / max(map(abs, x)))
        )
    assert 0.01 * found.componentwise * 1e-8 < seen < 1.1 * found.componentwise * 1e-8


def test_the_problem_is_blamed_not_the_inverse():
    """At condition 1e10 inv(A) @ b is no worse than elimination: the error is the problem's."""
    found = condition_linear_system(hilbert(8), hilbert(8) @ np.ones(8))
    solve, inverse, _ = found.solvers
    assert inverse.error < 100 * solve.error
    assert found.kappa * EPS > solve.error
    assert "belongs to the problem" in found.reason


def test_the_solver_is_blamed_where_pivoting_is_left_out():
    found = condition_linear_system([[1e-20, 1], [1, 1]], [1, 2])
    solve, _, without = found.solvers
    assert found.kappa < 10
    assert solve.error < 1e-15
    assert without.error > 0.5
    assert without.backward_error > 0.1
    assert without.bound >= without.error


@pytest.mark.parametrize(
    "matrix", [[[1, 2], [2, 4]], [[0.1, 0.2], [0.3, 0.6]], np.zeros((3, 3)), np.ones((4, 4))]
)
def test_a_singular_matrix_is_a_status(matrix):
    found = condition_linear_system(matrix, np.ones(len(matrix)))
    assert found.status == "singular"
    assert found.kappa == inf
    assert np.all(np.isnan(found.solution))
    assert "singular" in str(found)


def test_a_matrix_one_rounding_from_singular_is_not_called_singular():
    found = condition_linear_system([[1, 1], [1, 1 + EPS]], [1, 2])
    assert found.status == "ill-conditioned"
    assert found.error <= found.bound
    assert found.kappa == pytest.approx(4 / EPS, rel=1e-6)


def test_bad_scaling_is_told_from_bad_conditioning():
    assert condition_linear_system(np.diag([1e12, 1e-12]), [1, 1]).status == "badly scaled"
    assert condition_linear_system(np.diag([1e300, 1e-300]), [1, 1]).componentwise == 2


def test_zero_right_side_and_one_equation():
    assert condition_linear_system(np.eye(2), [0, 0]).error == 0
    assert condition_linear_system([[4.0]], [2.0]).solution == [0.5]


def test_large_systems_have_no_measured_error(rng):
    found = condition_linear_system(rng.standard_normal((210, 210)), np.ones(210))
    assert isnan(found.error)
    assert "not measured" in str(found)
    assert found.bound < 1e-8


@pytest.mark.parametrize(
    ("A", "b", "error"),
    [
        ([[1, 2], [3]], [1, 1], ShapeError),
        ([[1, 2, 3]], [1], ShapeError),
        (np.eye(2), [1, 2, 3], ShapeError),
        (np.eye(2), np.eye(2), ShapeError),
        (np.zeros((0, 0)), [], ShapeError),
        ([[1, np.nan], [1, 2]], [1, 1], DataError),
        ([[1, np.inf], [1, 2]], [1, 1], DataError),
        ([[1j, 0], [0, 1]], [1, 1], DataError),
        (np.eye(2), [1j, 0], DataError),
        ("matrix", [1], DataError),
        (None, [1], DataError),
    ],
)
def test_bad_systems_have_typed_errors(A, b, error):
    with pytest.raises(error):
        condition_linear_system(A, b)


# --- least squares -------------------------------------------------------------------------------


def lauchli(small, n=3):
    return np.vstack([np.ones(n), small * np.eye(n)])


def test_normal_equations_lose_twice_the_digits():
    t = np.linspace(0, 1, 40)
    found = least_squares(np.vander(t, 10), np.exp(t))
    normal, qr, augmented = found.fits
    assert found.kappa > 1e6
    assert normal.error > 1e3 * qr.error
    assert normal.error <= normal.predicted
    assert qr.error <= qr.predicted
    assert augmented.error <= augmented.predicted


def test_errors_are_those_of_fractions(rng):
    A, b = rng.standard_normal((7, 3)), rng.standard_normal(7)
    exact = [[Fraction(float(x)) for x in row] for row in A]
    gram = [[sum(row[i] * row[j] for row in exact) for j in range(3)] for i in range(3)]
    right = [
        sum(row[i] * Fraction(float(y)) for row, y in zip(exact, b, strict=True)) for i in range(3)
    ]
    minimiser = [
        determinant(with_column(gram, k, right)) / determinant(gram) for k in range(3)
    ]  # Cramer's rule
    for fit in least_squares(A, b).fits:
        assert fit.error == pytest.approx(error_with_fractions(fit.solution, minimiser), rel=1e-9)


def determinant(A):
    n = len(A)
    return sum(sign(p) * prod(A[i][p[i]] for i in range(n)) for p in permutations(range(n)))


def sign(p):
    inversions = sum(p[i] > p[j] for i in range(len(p)) for j in range(i + 1, len(p)))
    return (-1) ** inversions


def with_column(A, k, column):
    return [[column[i] if j == k else x for j, x in enumerate(row)] for i, row in enumerate(A)]


def test_lauchli_breaks_the_normal_equations_and_not_qr():
    A = lauchli(1e-9)
    found = least_squares(A, A @ np.ones(3))
    normal, qr, augmented = found.fits
    assert normal.error == inf
    assert "breaks down" in found.reason
    assert qr.error < 1e-6
    assert augmented.error < 1e-6
    assert found.kappa == pytest.approx(3**0.5 / 1e-9, rel=1e-6)


def test_lauchli_loses_the_square_of_what_the_condition_says():
    rng = np.random.default_rng(7)  # any right side will do; this one is fixed
    for small in (1e-3, 1e-5, 1e-7):
        A = lauchli(small)
        normal, qr, _ = least_squares(A, rng.standard_normal(4)).fits
        assert qr.error < 100 * EPS / small
        assert normal.predicted == pytest.approx(EPS * 3 / small**2, rel=0.5)
        assert normal.error <= normal.predicted


def test_a_large_residual_brings_kappa_squared_back():
    t = np.linspace(0, 1, 30)
    A = np.vander(t, 8)
    noise = np.random.default_rng(3).standard_normal(30)
    small = least_squares(A, A @ np.ones(8))
    large = least_squares(A, A @ np.ones(8) * 1e-6 + noise - A @ np.linalg.lstsq(A, noise)[0])
    assert small.by_matrix == pytest.approx(small.kappa, rel=0.1)
    assert large.by_matrix > 100 * large.kappa
    assert "QR has it as well" in large.reason


def test_the_sensitivity_is_that_of_a_perturbed_problem(rng):
    """Random changes of A by 1e-9 move x by up to by_matrix * 1e-9, and not by much less."""
    A, b = np.vander(np.linspace(0, 1, 12), 4), rng.standard_normal(12)
    found = least_squares(A, b)
    x = np.linalg.lstsq(A, b)[0]
    seen = 0.0
    for _ in range(200):
        E = rng.standard_normal(A.shape)
        E *= 1e-9 * np.linalg.norm(A, 2) / np.linalg.norm(E, 2)
        seen = max(seen, np.linalg.norm(np.linalg.lstsq(A + E, b)[0] - x) / np.linalg.norm(x))
    assert 0.02 * found.by_matrix * 1e-9 < seen < 1.01 * found.by_matrix * 1e-9


def test_ridge_is_solved_on_the_stacked_matrix(rng):
    A, b = lauchli(1e-8), rng.standard_normal(4)
    found = least_squares(A, b, ridge=1e-12)
    assert found.kappa == pytest.approx(3**0.5 / 1e-6, rel=1e-3)
    x = solve_with_fractions(
        [[sum(Fraction(float(r[i])) * Fraction(float(r[j])) for r in A) + (i == j) * Fraction(1e-12)
          for j in range(3)] for i in range(3)],
        [sum(Fraction(float(r[i])) * Fraction(float(y)) for r, y in zip(A, b, strict=True))
         for i in range(3)],
    )  # fmt: skip
    # float() rounds the exact normal equations above, so only their leading digits are compared
    assert np.allclose(found.solution, np.array(x, dtype=float), rtol=1e-2)
    assert found.fits[1].error < found.fits[1].predicted
    assert least_squares(np.ones((1, 3)), [3.0], ridge=1.0).solution == pytest.approx([0.75] * 3)


def test_long_problems_leave_the_augmented_system_out(rng):
    names = [fit.name for fit in least_squares(rng.standard_normal((1200, 2)), np.ones(1200)).fits]
    assert names == ["normal equations", "QR"]


def test_dependent_columns_are_a_status():
    found = least_squares(np.ones((4, 2)), np.ones(4))
    assert found.status == "rank deficient"
    assert found.fits == ()
    assert "rank deficient" in str(found)
    assert least_squares(np.ones((4, 2)), np.ones(4), ridge=0.1).status == "ok"


@pytest.mark.parametrize(
    ("A", "b", "ridge", "error"),
    [
        (np.ones((2, 3)), np.ones(2), 0.0, ShapeError),
        (np.ones((3, 2)), np.ones(2), 0.0, ShapeError),
        (np.eye(2), np.ones(2), -1.0, DataError),
        (np.eye(2), np.ones(2), np.nan, DataError),
        (np.eye(2), [np.nan, 1], 0.0, DataError),
        (np.eye(2) * 1j, np.ones(2), 0.0, DataError),
        (np.ones(3), np.ones(3), 0.0, ShapeError),
    ],
)
def test_bad_least_squares_have_typed_errors(A, b, ridge, error):
    with pytest.raises(error):
        least_squares(A, b, ridge=ridge)


# --- eigenvalues ---------------------------------------------------------------------------------


def jordan(n, value=2.0):
    return value * np.eye(n) + np.diag(np.ones(n - 1), 1)


def test_symmetric_matrices_have_condition_one(rng):
    A = rng.standard_normal((8, 8))
    found = condition_eigenvalues(A + A.T)
    assert np.all(found.conditions == 1)
    assert found.status == "ok"
    assert np.all(found.errors <= found.bars)


def test_the_two_by_two_condition_is_the_textbook_one():
    for c in (1.0, 1e3, 1e6):
        found = condition_eigenvalues([[1, c], [0, 2]])
        assert found.conditions == pytest.approx(np.sqrt(1 + c**2) * np.ones(2), rel=1e-9)


def test_bars_hold_for_random_matrices(rng):
    for _ in range(20):
        found = condition_eigenvalues(rng.standard_normal((9, 9)))
        assert np.all(found.errors <= found.bars)
        assert found.defective is False


def test_a_kahan_matrix_has_ill_conditioned_eigenvalues():
    """Kahan's triangular matrix s^i (1, -c, ..., -c), its rows mixed by a similarity of integers."""
    n, c = 20, 0.9
    s = (1 - c**2) ** 0.5
    K = np.diag(s ** np.arange(n)) @ (np.eye(n) - c * np.triu(np.ones((n, n)), 1))
    L = np.tril(np.ones((n, n)))
    found = condition_eigenvalues(np.linalg.inv(L) @ K @ L)
    assert found.conditions.max() > 1e3
    assert found.status == "ill-conditioned"
    assert np.all(found.errors <= found.bars)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_jordan_blocks_are_proved_defective(n):
    found = condition_eigenvalues(jordan(n))
    assert found.defective is True
    assert found.status == "defective"
    assert f"block of {n} rows" in found.reason


def test_a_hidden_jordan_block_splits_and_is_not_trusted():
    """A similarity in float64 perturbs the block: the eigenvalue 2 splits into a ring."""
    S = np.tril(np.ones((4, 4))) + np.diag([1.0, 2.0, 3.0, 4.0])
    found = condition_eigenvalues(S @ jordan(4) @ np.linalg.inv(S))
    assert found.status in ("ill-conditioned", "defective")
    assert np.abs(found.values - 2).max() > 1e-5
    assert found.distance < 1e-8
    assert found.conditions.max() > 1e8


def test_multiple_but_diagonalisable_is_not_defective():
    A = np.array([[2.0, 0, 1], [0, 2, 1], [0, 0, 3]])
    found = condition_eigenvalues(A)
    assert found.defective is False
    assert found.status != "defective"
    assert condition_eigenvalues(np.eye(3)).defective is False


def test_normal_matrices_are_perfect_without_being_symmetric():
    found = condition_eigenvalues([[0, 1], [-1, 0]])
    assert found.conditions == pytest.approx([1, 1])
    assert np.allclose(found.values, [-1j, 1j])


def test_an_error_below_the_bar_is_not_taken_for_granted():
    """The matched error is that of exact roots: a shifted matrix shows the shift."""
    A = jordan(2, 1.0) + np.array([[0, 0], [1e-6, 0]])
    found = condition_eigenvalues(A)
    assert np.allclose(sorted(found.values.real), [1 - 1e-3, 1 + 1e-3], atol=1e-12)
    assert np.all(found.errors <= found.bars)
    assert found.distance < 1e-2


def test_the_nearest_defective_matrix_is_within_the_distance():
    """[[0, 1], [d, 0]] becomes defective by a change of d."""
    for d in (1e-2, 1e-6):
        assert condition_eigenvalues([[0, 1], [d, 0]]).distance >= d * 0.99


@pytest.mark.parametrize(
    ("A", "error"),
    [
        ([[1, 2, 3]], ShapeError),
        ([1, 2], ShapeError),
        ([[1, 2], [3]], ShapeError),
        ([[np.nan]], DataError),
        ([[1j]], DataError),
    ],
)
def test_bad_matrices_have_typed_errors(A, error):
    with pytest.raises(error):
        condition_eigenvalues(A)


# --- shared --------------------------------------------------------------------------------------


def test_relative_error_says_no():
    exact = rational_matrix(np.array([1.0, 2.0]))
    assert relative_error(np.array([1.0, 2.0]), exact) == 0
    assert relative_error(np.array([1.0, 4.0]), exact) == 0.5
    assert relative_error(np.array([1.0, np.nan]), exact) == inf
    assert relative_error(np.zeros(2), exact) == inf


def results(rng):
    yield condition_linear_system(hilbert(9), np.ones(9))
    yield condition_linear_system(np.zeros((2, 2)), np.ones(2))
    yield least_squares(lauchli(1e-9), np.ones(4))
    yield condition_eigenvalues(rng.standard_normal((20, 20)))
    yield condition_eigenvalues(jordan(4))


def test_results_show_themselves(rng):
    for result in results(rng):
        assert max(map(len, str(result).splitlines())) <= 80
        html = result._repr_html_()
        assert html.count("<table>") == html.count("</table>") >= 1
        with pytest.raises(AttributeError):
            result.status = "ok"
