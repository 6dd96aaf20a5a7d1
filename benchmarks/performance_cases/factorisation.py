"""Matrix factorisation: the Hessian by one factor, dense and compressed, plain and weighted."""

import numpy as np

from performance_cases.case import Loss


def data(rng, n, k):
    """A square matrix and two factors."""
    return {
        "M": rng.normal(size=(n, n)),
        "U": rng.normal(size=(n, k)),
        "V": rng.normal(size=(n, k)),
    }


def masked_data(rng, n, k):
    """A third of the entries is observed."""
    return {"A": (rng.random((n, n)) < 1 / 3).astype(float), **data(rng, n, k)}


def loss(o, M, U, V):
    """In the words of a peer."""
    return o.sum((M - U @ V.T) ** 2) / 2


def masked_loss(o, A, M, U, V):
    """In the words of a peer."""
    return o.sum(A * (M - U @ V.T) ** 2) / 2


def expert(M, U, V):
    """One k x k block, repeated along the diagonal."""
    m, k = U.shape
    H = np.zeros((m, k, m, k))
    row = np.arange(m)
    H[row, :, row, :] = V.T @ V
    return H


def masked_expert(A, M, U, V):
    """One k x k block per row, all of them by one product."""
    m, k = U.shape
    pairs = (V[:, :, None] * V[:, None, :]).reshape(-1, k * k)
    H = np.zeros((m, k, m, k))
    row = np.arange(m)
    H[row, :, row, :] = (A @ pairs).reshape(m, k, k)
    return H


LOSS = Loss(
    text="norm(M - U @ V.T)**2/2",
    given={"M": "m n", "U": "m k", "V": "n k"},
    wrt=("U",),
    names=("M", "U", "V"),
    data=data,
    expert=expert,
    loss=loss,
    options={"hessian": True, "arguments": ("U", "V")},  # the Hessian does not say how many rows
)
MASKED = Loss(
    text="sum(A*(M - U @ V.T)**2)/2",
    given={"A": "m n: nonnegative", "M": "m n", "U": "m k", "V": "n k"},
    wrt=("U",),
    names=("A", "M", "U", "V"),
    data=masked_data,
    expert=masked_expert,
    loss=masked_loss,
    options={"hessian": True},
)

CASES = tuple(
    each.case(
        f"{title} n={n}{' compressed' * (form == 'compressed')}",
        (n, 5),
        form=form,
        target=target,
    )
    for each, title in ((LOSS, "matfact Hessian"), (MASKED, "masked matfact H"))
    for n in (50, 200)
    for form, target in (("called", 1.1), ("compressed", 0.5))
)
