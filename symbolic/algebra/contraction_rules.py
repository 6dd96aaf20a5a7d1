"""What the canonical form does to products and brackets: one table, each rule with an instance.

The rules are the laws of arithmetic for sums over indices. They are not chosen from: canonical products
use all of them, so that both sides of an instance have one canonical form.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ContractionRule:
    """One rule: its name, what it says, when it holds, its source, and an instance as text."""

    name: str
    statement: str
    condition: str
    source: str
    before: str
    after: str


_LAUE = "Laue, Mitterreiter, Giesen, A Simple and Efficient Tensor Calculus, AAAI (2020)"
_MAGNUS = "Magnus, Neudecker, Matrix Differential Calculus"
_CONCRETE = "Graham, Knuth, Patashnik, Concrete Mathematics, chapter 2"

GIVEN = {
    "A": "n n", "B": "n n", "S": "n n: symmetric", "X": "n d", "x": "n", "y": "n", "z": "d", "s": "",
}  # fmt: skip

CONTRACTION_RULES = (
    ContractionRule(
        "flattening", "a product of products is one product over all indices", "none", _LAUE,
        "A @ (B @ x)", "(A @ B) @ x",
    ),
    ContractionRule(
        "order", "the factors of a product over named indices commute", "none", _LAUE,
        "x @ A @ y", "y @ A.T @ x",
    ),
    ContractionRule(
        "identity", "an index joined to another by the identity is that index", "none", _LAUE,
        "A @ eye(n) @ x", "A @ x",
    ),
    ContractionRule(
        "cyclic trace", "trace(A B) = trace(B A)", "none", _MAGNUS,
        "trace(A @ B)", "trace(B @ A)",
    ),
    ContractionRule(
        "free index", "summing over an index that no factor has multiplies by its size", "none",
        _CONCRETE, "sum(s*ones(n))", "n*s",
    ),
    ContractionRule(
        "symmetry", "S_ij = S_ji", "S is symmetric", "the definition of the domain",
        "x @ S.T", "S @ x",
    ),
    ContractionRule(
        "diagonal", "diag(x) diag(y) = diag(x y)", "none", _MAGNUS,
        "diag(x) @ diag(y)", "diag(x*y)",
    ),
    ContractionRule(
        "entries at one place", "factors with the same indices are one entrywise factor", "none",
        _LAUE, "x*(1/x)*y", "y*x/x",
    ),
    ContractionRule(
        "substitution", "an index that a bracket determines is replaced by its value",
        "the value lies in the range of the index", _CONCRETE, "x[1:][1:]", "x[2:]",
    ),
    ContractionRule(
        "digits", "[m a + b = m c + d] = [a = c] [b = d]", "0 <= b, d < m", _CONCRETE,
        "reshape(reshape(X, n*d), n, d)", "X",
    ),
    ContractionRule(
        "equal indices", "a sum over j of [i = j] f(j) is f(i)", "i and j have one range", _CONCRETE,
        "vec(A) @ vec(B)", "sum(A*B)",
    ),
    ContractionRule(
        "mixed product", "kron(A, B) vec(X) = vec(B X A.T)", "none", _MAGNUS,
        "kron(A, B) @ vec(S)", "vec(B @ S @ A.T)",
    ),
    ContractionRule(
        "triangle of a triangle", "a bracket times itself is itself", "none", _CONCRETE,
        "tril(tril(A))", "tril(A)",
    ),
)  # fmt: skip
