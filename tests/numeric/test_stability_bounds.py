"""The stated bounds of the primitives of vectors, at inputs that were made to break them."""

from fractions import Fraction
from math import ceil, frexp, log2

import mpmath
import numpy as np
import pytest

from numeric import stability
from numeric.stability import Moments, primitives

SEED = 20260301
SIZES = (2, 3, 17, 100)
UNIT = 1.001 * 2.0**-53  # a little more than half an ulp of 1


def vectors(rng, n):
    """Hard inputs of n numbers, by name."""
    x = rng.normal(size=n)
    blocks, left = np.full(n, 1e-300), n
    while left > 1:
        blocks[left // 2] = UNIT
        left -= left // 2
    blocks[0] = 1
    return {
        "normal": x,
        "sorted": np.sort(x),
        "ramp": 1.1 * np.arange(n),
        "equal": np.full(n, 0.1),
        "offset": x + 10.0 ** rng.uniform(0, 15),
        "one ulp apart": 1 + 2.0**-52 * rng.integers(0, 2, n),
        "one large, first": np.r_[1e6 * rng.uniform(1, 2), rng.exponential(1, n - 1)],
        "one large, last": np.r_[x[1:], 1e12],
        "alternating": np.where(np.arange(n) % 2, 1e8 + 1, -1e8) + 1e-9 * x,
        "half ulps": np.r_[1.0, np.full(n - 1, UNIT)],
        "half ulps by halves": blocks,
        "all magnitudes": x * 10.0 ** rng.uniform(-300, 150, n),
        "growing": 10.0 ** np.linspace(-160, 150, n),
        "large": 1e150 * x,
        "small": 1e-150 * x,
        "subnormal": 5e-324 * rng.integers(-9, 10, n),
    }


def exact(x):
    return [Fraction(float(each)) for each in x]


def ulps(found, true):
    """The error in ulps of float64 of a true value that is a fraction or an mpf."""
    if not isinstance(true, Fraction):
        true = Fraction(*map(int, mpmath.libmp.to_rational(true._mpf_)))
    if true == 0:
        return 0.0 if found == 0 else np.inf
    exponent = frexp(float(true))[1] if abs(float(true)) > 2.0**-1022 else -1021
    return float(abs(Fraction(float(found)) - true) / Fraction(2) ** (max(exponent, -1021) - 53))


def cases(sizes=SIZES, draws=3):
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    for n in sizes:
        for _ in range(draws):
            for name, x in vectors(rng, n).items():
                yield f"{name}, n = {n}", x


def bound(name):
    return primitives[name].bound_in_ulps


# --- variance ------------------------------------------------------------------------------------


def variance_of(x):
    numbers = exact(x)
    mean = sum(numbers) / len(numbers)
    return sum((each - mean) ** 2 for each in numbers) / len(numbers)


def streamed(x):
    moments = Moments()
    for each in x:
        moments = moments.update(each)
    return moments


def merged(x):
    third = len(x) // 3
    return streamed(x[:third]).merge(streamed(x[third:]))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("variance", stability.variance),
        ("variance_streaming", stability.variance_streaming),
        ("variance_streaming", lambda x: merged(x).variance()),
    ],
)
def test_a_variance_is_rounded_once(name, function):
    for case, x in cases():
        assert ulps(function(x), variance_of(x)) < bound(name), case


def test_a_long_ramp_costs_no_more():
    x = 1.1 * np.arange(5000)
    assert ulps(stability.variance_streaming(x), variance_of(x)) < bound("variance_streaming")


def test_the_largest_entry_bounds_the_slope_of_the_variance():
    for case, x in cases():
        numbers = exact(x)
        mean = sum(numbers) / len(x)
        slope = [2 * (each - mean) / len(x) for each in numbers]
        largest = max(map(abs, slope))
        found = primitives["variance"].derivative(x)
        errors = [abs(Fraction(float(a)) - b) for a, b in zip(found, slope, strict=True)]
        assert ulps(float(largest), largest + max(errors)) < 2 + 1, case


# --- sums ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [SIZES, (1000,)])
def test_a_sum_by_halves_is_wrong_by_an_ulp_a_halving_at_most(sizes):
    for case, x in cases(sizes):
        limit = ceil(log2(len(x)))
        assert ulps(stability.sum_pairwise(np.abs(x)), sum(map(abs, exact(x)))) < limit, case


def test_a_sum_by_halves_does_lose_an_ulp_every_other_halving():
    x = vectors(np.random.default_rng(0), 1000)["half ulps by halves"]
    assert ulps(stability.sum_pairwise(x), sum(exact(x))) > 4


@pytest.mark.parametrize("name", ["sum_compensated", "mean", "dot_compensated", "norm"])
def test_compensated_sums_are_rounded_once(name):
    rng = np.random.default_rng(SEED)
    for case, x in cases():
        y = rng.permutation(x)
        products = [a * b for a, b in zip(exact(x), exact(y), strict=True)]
        terms = products if name == "dot_compensated" else exact(x)
        if sum(map(abs, terms)) > 10**11 * abs(sum(terms)) or sum(map(abs, terms)) > 10**300:
            continue
        if name == "norm":
            with mpmath.workprec(2500):
                square = sum(each * each for each in terms)
                true = mpmath.sqrt(mpmath.mpf(square.numerator) / square.denominator)
                assert ulps(stability.norm(x), true) < bound(name), case
            continue
        true = sum(terms) / (len(x) if name == "mean" else 1)
        found = getattr(stability, name)(*((x, y) if name == "dot_compensated" else (x,)))
        assert ulps(found, true) < bound(name), case


# --- angles --------------------------------------------------------------------------------------


def test_angles_are_rounded_once():
    rng = np.random.default_rng(SEED)
    checked = 0
    for case, x in cases():
        apart = 10.0 ** rng.uniform(-12, 0) * rng.normal(size=len(x))
        for y in (rng.permutation(x), x * (1 + apart), x * np.sign(apart)):
            with mpmath.workprec(3000):
                a, b = ([mpmath.mpf(float(each)) for each in v] for v in (x, y))
                product = mpmath.fdot(a, b)
                lengths = mpmath.sqrt(mpmath.fdot(a, a) * mpmath.fdot(b, b))
                if not lengths:
                    continue
                cosine = product / lengths
                distance = 1 - cosine
                if abs(cosine) > 1e-11:
                    assert ulps(stability.cosine_similarity(x, y), cosine) < 0.51, case
                if distance > 1e-24:
                    checked += 1
                    assert ulps(stability.cosine_distance(x, y), distance) < 0.51, case
    assert checked > 100


# --- exponentials and logarithms -----------------------------------------------------------------


def logits(rng, n):
    x = rng.normal(size=n)
    confident = np.r_[0.0, -36.7 - rng.exponential(1, n - 1)]
    return {
        "normal": x, "wide": 300 * x, "offset": x + 2000, "far below": x - 1e15,
        "equal and negative": np.full(n, -1.0), "near zero": 1e-9 * x, "zero": np.zeros(n),
        "result near 0": np.full(n, -np.log(n)) * (1 + 1e-12 * x), "confident": confident,
        "confident, negative": confident - 2.0**-30, "ramp": -0.7 * np.arange(n),
        "very wide": 2e3 * x, "subnormal": 5e-324 * rng.integers(-9, 10, n),
        "half the sum": np.full(n, -0.5 * np.log(n)) + 1e-3 * x,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
def test_exponentials_keep_their_bounds(name):
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    for n in (*SIZES, 1000):
        for case, x in logits(rng, n).items():
            found = getattr(stability, name)(x)
            with mpmath.workprec(400):
                z = [mpmath.mpf(float(each)) for each in x]
                place = int(np.argmax(x))
                distances = [each - z[place] for each in z]
                exponentials = [mpmath.exp(each) for each in distances]
                rest = mpmath.fsum(e for k, e in enumerate(exponentials) if k != place)
                if name == "logsumexp":
                    true = z[place] + mpmath.log1p(rest)
                    weighted = mpmath.fdot(exponentials, map(abs, z)) / (1 + rest)
                    condition = max(1.0, float(weighted / abs(true)))
                    limit = bound(name) if z[place] < 0 else 3
                    assert ulps(found, true) / condition < limit, (case, n)
                    continue
                places = {0, 1, n // 2, n - 1, place}
                for k in places:
                    if name == "softmax":
                        true = exponentials[k] / (1 + rest)
                    else:
                        true = distances[k] - mpmath.log1p(rest)
                    if true and abs(true) > 1e-300:
                        assert ulps(found[k], true) < bound(name), (case, n, k)


def probabilities(rng, n):
    p = 10.0 ** rng.uniform(-8, 0, n)
    return {
        "spread": p / p.sum(), "near 1/e": np.exp(-1 + 1e-3 * rng.normal(size=n)),
        "near 1": 1 - 10.0 ** rng.uniform(-15, -1, n), "equal": np.full(n, 1 / n),
        "one": np.r_[1 - 2.0**-53, np.full(n - 1, 1e-17)], "tiny": 10.0 ** rng.uniform(-300, -200, n),
        "half ulps": np.r_[0.3, np.full(n - 1, 1e-18)],
    }  # fmt: skip


def test_entropies_and_divergences_keep_their_bounds():
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    for n in (1, *SIZES, 1000):
        for case, p in probabilities(rng, n).items():
            with mpmath.workprec(300):
                a = [mpmath.mpf(float(each)) for each in p]
                true = -mpmath.fsum(each * mpmath.log(each) for each in a)
                assert ulps(stability.entropy(p), true) < bound("entropy"), (case, n)
            shifts = (10.0 ** rng.uniform(-12, -1) * rng.uniform(-1, 1, n),
                      rng.uniform(-0.99, 3, n), 10.0 ** rng.uniform(-12, 8, n) - 1)  # fmt: skip
            for q in (*(p * (1 + shift) for shift in shifts), rng.permutation(p)):
                with mpmath.workprec(400):
                    b = [mpmath.mpf(float(each)) for each in q]
                    true = mpmath.fsum(
                        u * mpmath.log(u / v) - u + v for u, v in zip(a, b, strict=True)
                    )
                    if true > 1e-300:
                        found = stability.kl_divergence(p, q)
                        assert ulps(found, true) < bound("kl_divergence"), (case, n)


# --- determinants --------------------------------------------------------------------------------


def test_a_determinant_near_one_does_not_cancel():
    """Logarithms of 1e100 and of nearly 1e-100 add up to the small number that they are."""
    for large in (3.0, 1e8, 1e100, 1e300):
        for off in (1e-3, 1e-9, 0.3):
            diagonal = [large, (1 + off) / large, 2.0, 0.5]
            with mpmath.workprec(400):
                true = mpmath.log(mpmath.fprod(mpmath.mpf(each) for each in diagonal))
            condition = max(1.0, len(diagonal) / abs(float(true)))
            assert ulps(stability.logdet(np.diag(diagonal)), true) < 3 * condition, diagonal


@pytest.mark.parametrize("n", [2, 3, 8, 30])
def test_a_determinant_keeps_its_bound(n):
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    for _ in range(5):
        a = rng.normal(size=(n, n)) * 10.0 ** rng.uniform(-3, 3, n)
        a = a.T @ a
        a = a + 10.0 ** rng.uniform(-8, 0) * np.diag(np.diag(a))
        a = (a + a.T) / 2
        with mpmath.workprec(300):
            matrix = mpmath.matrix(a.tolist())
            true = mpmath.log(mpmath.det(matrix))
            inverse = np.abs(np.array((matrix**-1).tolist(), dtype=float))
        root = np.sqrt(np.diag(a))
        condition = np.sum(inverse * np.outer(root, root)) / abs(float(true))
        assert ulps(stability.logdet(a), true) < (n + 4) * max(1.0, condition)
