"""PCA: the derived conditions checked at the eigenvectors of real data, and against the SVD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.catalogue import catalogue
from derivations.demo.logistic import standardised
from derivations.demo.showing import show_page, show_result

if TYPE_CHECKING:
    from rich.console import Console

TITLE = "PCA: Lagrangian, eigenproblem, reconstruction"
PAGE = "unsupervised/pca"
RECONSTRUCTION = "unsupervised/pca_reconstruction"


def run(console: Console) -> bool:
    """Check both pages, then the eigenproblem and the reconstruction error on real data."""
    import numpy as np

    from derivations.statements import parts
    from derivations.unsupervised import pca_reconstruction
    from symbolic import lambdify

    passed = show_page(console, PAGE)
    passed = show_page(console, RECONSTRUCTION) and passed
    X, _ = standardised()
    S = X.T @ X / len(X)
    values, vectors = np.linalg.eigh(S)
    stationarity = catalogue[PAGE].lambdify()
    residual = max(
        float(np.linalg.norm(stationarity(S=S, v=v, lam=value)))
        for value, v in zip(values, vectors.T, strict=True)
    )
    singular = np.linalg.svd(X, compute_uv=False)[::-1]
    explained = values / values.sum()
    by_svd = singular**2 / (singular**2).sum()
    both_sides = parts(pca_reconstruction.derivation.claims[0])
    lost, total_less_kept = lambdify(both_sides)(X=X, U=vectors[:, -3:])
    rng = np.random.default_rng(0)
    others = rng.normal(size=(1000, S.shape[0]))
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    best = float(np.max(np.einsum("ki,ij,kj->k", others, S, others)))
    console.print(f"\nOn {X.shape[0]} x {X.shape[1]} standardised measurements:")
    checks = (
        ("gradient of the Lagrangian at the eigenvectors", residual, 1e-12),
        ("departure from orthonormality", _departure(vectors), 1e-12),
        ("explained variance: eigenvalues against the SVD", _gap(explained, by_svd), 1e-12),
        (
            "reconstruction error: both sides of the claim",
            abs(float(lost - total_less_kept)),
            1e-12,
        ),
        ("1000 random directions: most variance over the best", best / values[-1], 1.0),
    )
    for what, value, bound in checks:
        passed = show_result(console, what, value, bound) and passed
    console.print(f"  share of variance in the first direction: {explained[-1]:.4f}")
    return passed


def _departure(vectors: object) -> float:
    import numpy as np

    Q = np.asarray(vectors)
    return float(np.max(np.abs(Q.T @ Q - np.eye(Q.shape[1]))))


def _gap(a: object, b: object) -> float:
    import numpy as np

    return float(np.max(np.abs(np.asarray(a) - np.asarray(b))))
