"""Random points of the domains, as rationals and in the oracle's digits, with a sampler of its own."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from tests.derivations.mutants.arithmetic import DIGITS, PRECISE

Array = Any
ORDER = "nmdkh"  # sizes, from large to small
_SCALES = (Fraction(1), Fraction(1), Fraction(1), Fraction(1, 8), Fraction(4))


def letters(given: Mapping[str, str]) -> list[str]:
    """The size letters of declarations, the largest first."""
    found = {
        word
        for declaration in given.values()
        for word in declaration.partition(":")[0].split()
        if word.isidentifier()
    }
    return sorted(found, key=lambda letter: (ORDER.find(letter) % 99, letter))


def all_sizes(given: Mapping[str, str]) -> list[dict[str, int]]:
    """Two choices of sizes that are all different, in falling order."""
    found = letters(given)
    return [
        {letter: len(found) + 1 - place for place, letter in enumerate(found)},
        {
            letter: len(found) + 2 + (len(found) - place) // 2 - place
            for place, letter in enumerate(found)
        },
    ]


def draw(
    given: Mapping[str, str], sizes: Mapping[str, int], rng: np.random.Generator
) -> dict[str, Array]:
    """Random rationals in the domains, as arrays of objects; each variable has a scale."""
    point = {}
    for name, declaration in given.items():
        written, _, domain = declaration.partition(":")
        shape = tuple(sizes[w] if w in sizes else int(w) for w in written.split())
        point[name] = _DRAWN[domain.strip() or "real"](shape, rng)
    return point


def _fractions(shape: tuple[int, ...], rng: np.random.Generator, low: int, high: int) -> Array:
    """Multiples of 1/97 strictly between two numbers."""
    numerators = rng.integers(97 * low + 1, 97 * high, size=shape)
    return np.frompyfunc(lambda p: Fraction(int(p), 97), 1, 1)(np.asarray(numerators))


def _scale(rng: np.random.Generator) -> Fraction:
    return _SCALES[int(rng.integers(len(_SCALES)))]


def _real(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return _fractions(shape, rng, -2, 2) * _scale(rng)


def _positive(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return _fractions(shape, rng, 0, 3) * _scale(rng)


def _integers(shape: tuple[int, ...], rng: np.random.Generator, values: list[int]) -> Array:
    return np.frompyfunc(lambda p: Fraction(int(p)), 1, 1)(rng.choice(values, size=shape))


def _eye(n: int) -> Array:
    return np.frompyfunc(lambda p: Fraction(int(p)), 1, 1)(np.eye(n))


def _symmetric(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    full = _real(shape, rng)
    return np.triu(full) + np.triu(full, 1).T


def _spd(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    root = _real(shape, rng)
    return root @ root.T + _eye(shape[0])


def _psd(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    root = _real((shape[0], max(1, shape[0] - 1)), rng)
    return root @ root.T


def _prob(shape: tuple[int, ...], rng: np.random.Generator, axis: int = -1) -> Array:
    weights = _fractions(shape, rng, 0, 3)
    return weights / np.sum(weights, axis=axis, keepdims=True)


def _onehot(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    rows = _eye(shape[-1])[rng.integers(shape[-1], size=int(np.prod(shape[:-1])))]
    return rows.reshape(shape)


def _unit_norm(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """By reflection of the first axis in a random direction."""
    v = _real((int(np.prod(shape)),), rng)
    first = _eye(len(v))[0]
    return (first - v * (2 * v[0] / np.sum(v * v))).reshape(shape)


def _invertible(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """With determinants of both signs."""
    return _real(shape, rng) + _integers((shape[0], 1), rng, [-3, 3]) * _eye(shape[0])


_DRAWN = {
    "real": _real,
    "positive": _positive,
    "nonnegative": _positive,
    "unit": lambda shape, rng: _fractions(shape, rng, 0, 1),
    "binary": lambda shape, rng: _integers(shape, rng, [0, 1]),
    "pm1": lambda shape, rng: _integers(shape, rng, [-1, 1]),
    "counts": lambda shape, rng: _integers(shape, rng, [0, 1, 2, 3, 5]),
    "index": lambda shape, rng: _integers(shape, rng, [0, 1, 2]),
    "symmetric": _symmetric,
    "spd": _spd,
    "psd": _psd,
    "invertible": _invertible,
    "lower": lambda shape, rng: np.tril(_real(shape, rng)) * Fraction(1),
    "diagonal": lambda shape, rng: _real(shape, rng) * _eye(shape[0]),
    "onehot": _onehot,
    "prob": _prob,
    "prob columns": lambda shape, rng: _prob(shape, rng, -2),
    "unit_norm": _unit_norm,
}


def missing(given: Mapping[str, str], name: str, sizes: Mapping[str, int]) -> Array:
    """Any value of a variable that a point leaves out, as nothing depends on it."""
    rng = np.random.default_rng(0)
    return draw({name: given[name]}, sizes, rng)[name]


def precise(point: Mapping[str, Array]) -> dict[str, Array]:
    """The same point in sixty digits."""
    mpmath.mp.dps = DIGITS
    return numbers(point)


def numbers(point: Mapping[str, Array]) -> dict[str, Array]:
    number = np.frompyfunc(PRECISE.number, 1, 1)
    return {name: np.asarray(number(array), dtype=object) for name, array in point.items()}
