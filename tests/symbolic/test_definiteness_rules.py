"""What is said to be positive definite or invertible is so, at every point that is tried."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest

from symbolic import Expression, parse
from symbolic.calculus.definiteness_rules import (
    is_invertible,
    is_positive,
    is_positive_definite,
    is_positive_semidefinite,
)
from symbolic.traverse import variables

GIVEN = {
    "X": "n d", "B": "d d", "I": "d d: invertible", "O": "d d: orthogonal", "Q": "m d: orthogonal",
    "S": "d d: spd", "P": "d d: psd", "Y": "d d: symmetric", "v": "d: positive",
    "h": "n: nonnegative", "w": "n", "lam": ": positive", "c": "",
}  # fmt: skip
SIZES = {"n": 2, "d": 3, "m": 4}  # n < d: Gram matrices of X are singular

DEFINITE = ["S", "inv(S)", "lam*S", "S + P", "S + X.T @ X", "X.T @ X + lam*eye(d)", "diag(v)",
            "X.T @ diag(h) @ X + lam**2/2*eye(d)", "eye(d)", "(P + S)/n", "O @ diag(v) @ O.T",
            "I.T @ I", "I @ S @ I.T", "I.T @ Q.T @ Q @ I", "S/lam + c**2*P", "exp(c)*S"]  # fmt: skip
SEMIDEFINITE = ["P", "X.T @ X", "X.T @ diag(h) @ X", "B.T @ P @ B", "c**2*S", "P + B @ B.T",
                "B.T @ S @ B", "X.T @ X/n", "X.T @ diag(h) @ X/sum(v)"]  # fmt: skip
UNKNOWN = ["B", "Y", "-S", "c*S", "S - P", "S @ P", "X.T @ diag(w) @ X", "B @ B", "B.T @ Y @ B",
           "S*c", "S*B", "Y @ Y + B", "eye(d) - S", "B + lam*eye(d)", "ones(d, d) - eye(d)",
           "X.T @ X/sum(w)", "X.T @ X/sum(h)"]  # fmt: skip


def value(expression: Expression, seed: int) -> np.ndarray:
    """The value in NumPy of the text, at random arrays of the domains made here."""
    random = np.random.default_rng(seed)
    place: dict[str, object] = dict(SIZES)
    for variable in variables(expression):
        shape = tuple(SIZES[str(size)] for size in variable.shape)
        x = random.standard_normal(shape)
        match variable.domain:
            case "positive" | "nonnegative":
                x = np.abs(x)
            case "spd":
                x = x @ x.T + 0.1 * np.eye(shape[0])
            case "psd":
                x = x[:, :1] @ x[:, :1].T
            case "symmetric":
                x = x + x.T
            case "orthogonal":
                x = np.linalg.qr(x)[0]
        place[variable.name] = x
    names = {"inv": np.linalg.inv, "eye": np.eye, "diag": np.diag, "exp": np.exp}
    names["ones"] = lambda *shape: np.ones(shape)
    return np.asarray(eval(str(expression), {**names, **place}))


def smallest(matrix: np.ndarray) -> float:
    assert np.allclose(matrix, matrix.T)
    return float(np.linalg.eigvalsh(matrix)[0])


@pytest.mark.parametrize("text", DEFINITE)
def test_positive_definite_by_domain_or_form(text: str) -> None:
    matrix = parse(text, GIVEN)
    assert is_positive_definite(matrix)
    assert is_positive_semidefinite(matrix)
    assert is_invertible(matrix)


@pytest.mark.parametrize("text", SEMIDEFINITE)
def test_semidefinite_only(text: str) -> None:
    matrix = parse(text, GIVEN)
    assert is_positive_semidefinite(matrix)
    assert not is_positive_definite(matrix)


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_not_known_is_not_claimed(text: str) -> None:
    matrix = parse(text, GIVEN)
    assert not is_positive_semidefinite(matrix)
    assert not is_positive_definite(matrix)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("I", True), ("inv(B)", True), ("I @ O", True), ("I.T @ I", True), ("2*I", True), ("-I", True),
     ("B", False), ("I @ B", False), ("c*I", False), ("X.T @ X", False), ("Q", False),
     ("I + I", False), ("P", False), ("I*I", False), ("(n - 2)*I", False)],
)  # fmt: skip
def test_invertible(text: str, wanted: bool) -> None:
    assert is_invertible(parse(text, GIVEN)) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("lam", True), ("sum(v)", True), ("lam + c**2", True), ("exp(c)*lam/2", True),
     ("sum(v*v) + 1", True), ("c**2", False), ("lam - 1", False), ("sum(h)", False), ("-lam", False),
     ("lam*c", False), ("diag(v)", False)],
)  # fmt: skip
def test_positive(text: str, wanted: bool) -> None:
    assert is_positive(parse(text, GIVEN)) is wanted


PIECES = ("S", "P", "B", "Y", "I", "X.T @ X", "X.T @ diag(h) @ X", "lam*eye(d)", "c*S", "B @ S @ B.T",
          "O @ diag(v) @ O.T", "diag(v)", "inv(S)", "-P", "I.T @ I")  # fmt: skip


def test_no_sum_or_product_is_called_definite_that_is_not() -> None:
    found = {"definite": 0, "semidefinite": 0, "invertible": 0}
    for one, other in combinations_with_replacement(PIECES, 2):
        for text in (f"{one} + {other}", f"({one}) @ ({other})", f"({one})*({other})",
                     f"({one}).T @ ({other}) @ ({one})"):  # fmt: skip
            matrix = parse(text, GIVEN)
            definite = is_positive_definite(matrix)
            semidefinite = is_positive_semidefinite(matrix)
            invertible = is_invertible(matrix)
            found["definite"] += definite
            found["semidefinite"] += semidefinite
            found["invertible"] += invertible
            if not (semidefinite or invertible):
                assert not definite
                continue
            for seed in range(3):
                array = value(matrix, seed)
                if invertible:
                    assert abs(np.linalg.det(array)) > 1e-12, f"seed {seed}: {text}"
                if semidefinite:
                    assert smallest(array) > (0 if definite else -1e-9), f"seed {seed}: {text}"
    print("seeds 0, 1, 2:", found)
    assert min(found.values()) > 20
