"""Where a primitive is measured: points over all magnitudes of a domain, its edges included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from numeric.accuracy.formats import Floats, Format
from numeric.seeds import generator

Points = dict[str, Floats]
Generator = np.random.Generator


@dataclass(frozen=True)
class Domain:
    """A set of points in words and as a generator of them.

    `draw(rng, count, format)` returns for each argument an array of `count` values, or `count`
    vectors or matrices; near pairs are as near as the format can tell apart.
    """

    text: str
    draw: Callable[[Generator, int, Format], Points]

    def points(self, form: Format, count: int, seed: int = 0) -> Points:
        """Points that are numbers of the format, the same for the same seed."""
        drawn = self.draw(generator(seed), count, form)
        return {name: form.round(values) for name, values in drawn.items()}


def spread(rng: Generator, shape: Any, low: float, high: float, form: Format) -> Floats:
    """Positive numbers, uniform in their logarithm, within the normal range of the format."""
    low = max(low, 2.0**form.lowest)
    high = min(high, form.largest / 2)
    return np.exp(rng.uniform(np.log(low), np.log(high), shape))


def signs(rng: Generator, shape: Any) -> Floats:
    """Numbers 1 and -1."""
    return rng.choice([-1.0, 1.0], shape)


def line(
    low: float, high: float, narrow: float, *, negative: bool = True, positive: bool = True
) -> Domain:
    """Numbers x with low <= |x| <= high, the four ends among them, dense at the upper end.

    `narrow` takes the place of `high` in float32.
    """

    def draw(rng: Generator, count: int, form: Format) -> Points:
        last = high if form.width == 64 else narrow
        x = spread(rng, count, low, last, form)
        dense = rng.random(count) < 0.25
        x[dense] = rng.uniform(0.75 * last, last, dense.sum())
        x[:4] = np.clip([low, last, low, last], 2.0**form.lowest, form.largest / 2)
        side = (
            signs(rng, count) if negative and positive else np.full(count, float(positive) * 2 - 1)
        )
        if negative and positive:
            side[:4] = [1, 1, -1, -1]
        return {"x": x * side}

    sides = {(True, True): "+-", (True, False): "-", (False, True): ""}[negative, positive]
    return Domain(f"x in {sides}[{low:g}, {high:g}]", draw)


def line_above(lowest: float) -> Domain:
    """Numbers x > lowest, dense at lowest and at 0 (for log1pmx)."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        positive = spread(rng, count, 1e-150 if form.width == 64 else 1e-18, 1e300, form)
        negative = -spread(rng, count, 1e-150 if form.width == 64 else 1e-18, 0.4, form)
        edge = lowest + spread(rng, count, form.epsilon, 0.6, form)
        which = rng.integers(0, 3, count)
        return {"x": np.choose(which, [positive, negative, edge])}

    return Domain(f"x from {lowest:g} to 1e300, dense at {lowest:g} and 0", draw)


def probabilities(rng: Generator, count: int, form: Format, low: float = 1e-300) -> Floats:
    """Probabilities near 0, near 1/2 and near 1."""
    which = rng.integers(0, 3, count)
    small = spread(rng, count, low, 0.5, form)
    large = 1 - spread(rng, count, max(low, form.epsilon), 0.5, form)
    middle = 0.5 + signs(rng, count) * spread(rng, count, form.epsilon, 0.4, form)
    return form.round(np.choose(which, [small, large, middle]))


PROBABILITY = Domain(
    "p from 1e-300 to 1 - eps, dense at 0, 1/2 and 1",
    lambda rng, count, form: {"p": probabilities(rng, count, form)},
)


def _near(rng: Generator, p: Floats, form: Format) -> Floats:
    """Numbers next to p > 0, at relative distances from a few roundings to 1/2."""
    nearest = max(1e-12, 8 * form.epsilon)
    return p * (1 + signs(rng, p.shape) * spread(rng, p.shape, nearest, 0.5, form))


def _two_coins(rng: Generator, count: int, form: Format) -> Points:
    p = probabilities(rng, count, form, low=1e-12)
    near = form.round(_near(rng, np.minimum(p, 1 - p), form))
    near = form.round(np.where(p <= 0.5, near, 1 - near))
    far = probabilities(rng, count, form, low=1e-12)
    q = np.where((rng.random(count) < 0.7) & (near > 0) & (near < 1), near, far)
    return {"p": p, "q": np.where(p == q, p / 2, q)}


TWO_COINS = Domain("p and q from 1e-12 to 1 - 1e-12, 7 of 10 near each other", _two_coins)


def _distributions(rng: Generator, count: int, size: int, form: Format) -> Floats:
    weights = spread(rng, (count, size), 1e-8, 1.0, form)
    return form.round(weights / weights.sum(axis=1, keepdims=True))


def distribution(size: int) -> Domain:
    """Distributions with probabilities over eight orders of magnitude."""
    return Domain(
        f"{size} probabilities p over 8 orders of magnitude",
        lambda rng, count, form: {"p": _distributions(rng, count, size, form)},
    )


def two_distributions(size: int) -> Domain:
    """Two distributions that differ, each pair by its own distance."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        p = _distributions(rng, count, size, form)
        distance = spread(rng, (count, 1), max(1e-12, 8 * form.epsilon), 0.9, form)
        q = form.round(p * (1 + distance * rng.uniform(-1, 1, p.shape)))
        return {"p": p, "q": q}

    return Domain(f"{size} probabilities p, q = p (1 + d u), d in [1e-12, 0.9], |u| < 1", draw)


def plane(low: float, high: float) -> Domain:
    """Pairs (x, y) of independent magnitudes and signs."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        return {
            name: spread(rng, count, low, high, form) * signs(rng, count) for name in ("x", "y")
        }

    return Domain(f"x, y in +-[{low:g}, {high:g}]", draw)


def quarter_plane(low: float, high: float) -> Domain:
    """Pairs (x, y) with y > 0 (for xlogy)."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        x = spread(rng, count, low, high, form) * signs(rng, count)
        return {"x": x, "y": spread(rng, count, 1e-30, 1e30, form)}

    return Domain(f"x in +-[{low:g}, {high:g}], y in [1e-30, 1e30]", draw)


def _subsets(rng: Generator, count: int, form: Format) -> Points:
    n = np.floor(spread(rng, count, 2, 1e15, form))
    few = np.floor(spread(rng, count, 1, 40, form))
    share = np.floor(n * rng.uniform(0, 1, count))
    k = np.where(rng.random(count) < 0.5, np.minimum(few, n - 1), share)
    n = form.round(n)
    k = np.clip(form.round(k), 1, np.maximum(n - 1, 1))
    return {"n": n, "k": np.where(2 * k == n, np.maximum(k - 1, 1), k)}


SUBSETS = Domain("whole n from 2 to 1e15, k from 1 to n - 1, half of them at most 40", _subsets)


def positive_vector(size: int) -> Domain:
    """Positive numbers: of three orders of magnitude, all equal, or one beside many that are small.

    The small ones are such that additions to the large one, one after the other or by halves, are
    all rounded up.
    """

    def draw(rng: Generator, count: int, form: Format) -> Points:
        x = spread(rng, (count, size), 1e-3, 1, form)
        x[1::4] = x[1::4, :1]
        x[2::4] = 1.001 * 2.0**-53
        x[3::4] = 2.0**-100
        left = size
        while left > 1:
            x[3::4, left // 2] = 1.001 * 2.0**-53
            left -= left // 2
        x[2::4, 0] = x[3::4, 0] = 1
        return {"x": x}

    return Domain(f"{size} numbers in [1e-3, 1], or 1 and many next to 2^-53", draw)


def logits(size: int) -> Domain:
    """Normal vectors of many scales plus an offset, so that a class is confident or none is."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        scale = spread(rng, (count, 1), 1e-2, 300, form)
        offset = spread(rng, (count, 1), 1e-2, 2000, form) * signs(rng, (count, 1))
        offset[:2, 0] = [2000, -2000]
        return {"x": rng.normal(size=(count, size)) * scale + offset}

    return Domain(f"{size} normal logits times 0.01 to 300, plus an offset up to +-2000", draw)


def scaled_vector(size: int, exponent: int) -> Domain:
    """Normal vectors times powers of ten (38 instead of more in narrow formats)."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        most = exponent if form.width == 64 else 28
        scale = 10.0 ** np.linspace(-most, most, count)
        return {"x": rng.normal(size=(count, size)) * scale[:, None]}

    return Domain(f"{size} normal numbers times 10^-{exponent} to 10^{exponent}", draw)


def offset_vector(size: int) -> Domain:
    """Normal vectors plus a common offset, up to what the format still tells apart."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        offset = spread(rng, (count, 1), 1, 0.01 / form.epsilon, form)
        return {"x": rng.normal(size=(count, size)) + offset}

    return Domain(f"{size} normal numbers plus an offset from 1 to 0.01/eps", draw)


def cancelling_vector(size: int) -> Domain:
    """Numbers whose sum is far smaller than they are: pairs of x and nearly -x in random order."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        half = rng.normal(size=(count, size // 2))
        scale = spread(rng, (count, 1), max(2.0**-28, 4096 * form.epsilon), 1, form)
        x = np.concatenate([half, -half + scale * rng.normal(size=half.shape)], axis=1)
        return {"x": rng.permuted(x, axis=1)}

    return Domain(f"{size} numbers that cancel down to 2^-28 of their size", draw)


def cancelling_vectors(size: int) -> Domain:
    """Two vectors whose inner product is far smaller than its terms."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        x, y = (form.round(rng.normal(size=(count, size // 2))) for _ in range(2))
        scale = spread(rng, (count, 1), max(2.0**-28, 4096 * form.epsilon), 1, form)
        turned = -y + scale * rng.normal(size=y.shape)
        return {"x": np.concatenate([x, x], axis=1), "y": np.concatenate([y, turned], axis=1)}

    return Domain(f"two vectors of {size} whose product cancels to 2^-28 of its terms", draw)


def near_vectors(size: int, *, orthogonal: bool = False) -> Domain:
    """Two vectors at an angle from 1e-12 to 1, from parallel (or from a right angle)."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        x, other = rng.normal(size=(2, count, size))
        angle = spread(rng, (count, 1), max(1e-12, 64 * form.epsilon), 1, form)
        unit = x / np.linalg.norm(x, axis=1, keepdims=True)
        across = other - unit * np.sum(unit * other, axis=1, keepdims=True)
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        y = angle * unit + across if orthogonal else unit + angle * across
        length = 10.0 ** rng.integers(-18, 18, size=(2, count, 1))
        return {"x": x * length[0], "y": y * length[1]}

    where = "a right angle" if orthogonal else "parallel"
    return Domain(f"two vectors of {size}, 1e-12 to 1 from {where}, lengths 1e-18 to 1e18", draw)


def positive_definite(size: int) -> Domain:
    """Positive definite matrices of condition up to 1e8, at scales from 1e-60 to 1e60."""

    def draw(rng: Generator, count: int, form: Format) -> Points:
        wide = form.width == 64
        found = np.empty((count, size, size))
        for place in range(count):
            rotation, _ = np.linalg.qr(rng.normal(size=(size, size)))
            values = spread(rng, size, 1e-8 if wide else 1e-3, 1.0, form)
            matrix = form.round((rotation * values) @ rotation.T)
            scale = 2.0 ** rng.integers(-500, 500) if wide else 2.0 ** rng.integers(-60, 60)
            found[place] = np.tril(matrix) + np.tril(matrix, -1).T
            found[place] *= scale
        return {"A": found}

    return Domain(
        f"positive definite {size} x {size}, condition to 1e8, scale 2^-500 to 2^500", draw
    )
