"""Losses whose value, gradients and Hessians are evaluated in blocks of rows, or must not be."""

from __future__ import annotations

from dataclasses import dataclass

import symbolic as s

n, d, k = s.dims("n d k")


@dataclass(frozen=True)
class Loss:
    """A loss as text, its variables, what it is differentiated by, and how often."""

    text: str
    given: dict[str, str]
    by: tuple[str, ...]
    hessian: bool = True

    def value(self) -> s.Expression:
        """The loss."""
        return s.parse(self.text, {**GIVEN, **self.given})

    def outputs(self) -> tuple[s.Expression, ...]:
        """The value, the gradients, and the Hessian by the first variable if it is asked for."""
        value = self.value()
        first = [s.hessian(value, self.by[0])] if self.hessian else []
        return (value, *(s.gradient(value, x) for x in self.by), *first)


GIVEN = {
    "X": "n d", "w": "d", "y": "n", "c": "", "lam": ": positive", "p": "n: positive",
    "W": "d k", "Y": "n k", "C": "k d", "b": "k", "A": "n n", "P": "n: prob",
    "V": "d n", "T": "n d k", "H": "n: nonnegative",
}  # fmt: skip


def _loss(text: str, *by: str, hessian: bool = True, **given: str) -> Loss:
    return Loss(text, given, by, hessian)


LOSSES = {
    "logistic": _loss("sum(softplus(X@w) - y*(X@w)) + lam/2*norm(w)**2", "w", "X", y="n: binary"),
    "mean logistic": _loss("mean(softplus(X@w) - y*(X@w)) + lam*norm(w)**2", "w", y="n: binary"),
    "margins": _loss("sum(log(1 + exp(-y*(X@w))))", "w", "y"),
    "cross-entropy": _loss(
        "-sum(y*log(sigmoid(X@w + c)) + (1-y)*log(1 - sigmoid(X@w + c)))", "w", "c"
    ),
    "ridge": _loss("norm(X@w - y)**2 + lam*norm(w)**2", "w", "X", "y"),
    "weighted squares": _loss("sum(p*(X@w - y)**2)", "w", "X", "p"),
    "real weights": _loss("sum(y*(X@w)**2)/n", "w", "y"),
    "Poisson": _loss("sum(exp(X@w) - y*(X@w))/n", "w", "X"),
    "Huber": _loss(
        "sum(where(abs(X@w-y) < lam, (X@w-y)**2/2, lam*(abs(X@w-y) - lam/2)))", "w", "y"
    ),
    "hinge": _loss("sum(maximum(0, 1 - y*(X@w))**2)", "w", "X"),
    "gamma": _loss("sum(y*exp(-(X@w)) + X@w)", "w", y="n: positive"),
    "negative binomial": _loss(
        "sum(lgamma(p + lam) - lgamma(lam) + (p+lam)*softplus(X@w))", "w", "lam"
    ),
    "softmax regression": _loss("sum(logsumexp(X@W, axis=1)) - sum(Y*(X@W))", "W", "X"),
    "mean softmax": _loss("-sum(Y*log_softmax(X@W + b, axis=1))/n", "W", "b"),
    "mixture": _loss(
        "-sum(logsumexp(b - norm(X[:, None] - C[None], axis=2)**2/2, axis=1))", "C", "b"
    ),
    "mixture by squares": _loss(
        "-sum(logsumexp(X @ C.T - norm(C, axis=1)**2/2, axis=1))", "C", "X", hessian=False
    ),
    "two layers": _loss("sum((tanh(X@W)@b - y)**2)", "b", "W", "X"),
    "relu layers": _loss("sum((relu(X@W + b)@C - X)**2)/n", "W", "b", "C", hessian=False),
    "factorisation": _loss("norm(Y - X@W)**2", "W", "X"),
    "reconstruction": _loss("norm(X - X@W@W.T)**2", "W"),
    "row norms": _loss("sum(sqrt(1 + norm(X@W, axis=1)**2))", "W", "X", hessian=False),
    "triplet": _loss("sum(relu(1 + norm(X@W-Y, axis=1)**2 - norm(X@W+Y, axis=1)**2))", "W"),
    "row softmax": _loss("sum((softmax(X@W, axis=1)@C - X)**2)", "W", "C", hessian=False),
    "layer norm": _loss(
        "sum((X - mean(X, axis=1, keepdims=True))"
        "/sqrt(mean((X - mean(X, axis=1, keepdims=True))**2, axis=1, keepdims=True) + lam)*w)",
        "w", "X", hessian=False,
    ),
    "columns are rows": _loss("sum(softplus(w@V) - y*(w@V))", "w"),
    "columns, softmax": _loss("sum(logsumexp(C@V, axis=0))", "C"),
    "rank 3": _loss('sum(tanh(einsum("ijk,j->ik", T, w))**2)', "w", "T"),
    "rank 3, sum": _loss('sum(exp(einsum("ijk,j,k->i", T, w, b)))', "w", "b", "T"),
    "sizes": _loss("sqrt(n)*mean(tanh(X@w)/d) + d*sum(tanh(X@w))/n**2", "w", "X"),
    "square of a sum": _loss("sum(tanh(X@w)*y)**2/n", "w", hessian=False),
    "log of a sum": _loss("log(sum(p*exp(tanh(X@w))))", "w", hessian=False),
    "batch norm": _loss(
        "sum(((X - mean(X, axis=0))/sqrt(mean((X - mean(X, axis=0))**2, axis=0) + lam))*tanh(X))",
        "X", "lam", hessian=False,
    ),
    "standardised": _loss(
        "norm(((X - mean(X, axis=0))/sqrt(mean((X - mean(X, axis=0))**2, axis=0) + lam))@w - y)**2",
        "w", "y", hessian=False,
    ),
    "attention": _loss("sum(tanh(softmax(X@C.T, axis=1)@C))", "C", "X", hessian=False),
    "nonnegative weights": _loss("sum(H*softplus(X@w))/sum(H)", "w", hessian=False),
}  # fmt: skip

# blocks would compute a product of matrices once for every pass
TWICE = {
    "product of sums": _loss("sum(exp(X@w))*sum(tanh(X@w)*y)", "w", "y", hessian=False),
    "batch norm of scores": _loss(
        "sum(tanh((X@w - mean(X@w))/sqrt(mean((X@w - mean(X@w))**2) + lam))*y)",
        "w", "X", hessian=False,
    ),
    "variance": _loss("mean((tanh(X@w) - mean(tanh(X@w)))**2)", "w", "X", hessian=False),
    "correlation": _loss(
        "sum((X@w - mean(X@w))*(y - mean(y)))/sqrt(sum((X@w - mean(X@w))**2) + lam)",
        "w", "y", hessian=False,
    ),
    "moments": _loss("norm(X.T@(p*tanh(X@w)))**2", "w", "p", hessian=False),
    "weighted moments": _loss("sum(p*tanh(X@w)**2)/sum(p) - sum(p*tanh(X@w))**2", "w", "p", hessian=False),
    "covariance": _loss("logdet(X.T@X/n + lam*eye(d))", "lam", "X"),
    "Gaussian": _loss("n*logdet(S) + trace(X@inv(S)@X.T)", "X", S="d d: spd"),
}  # fmt: skip

# rows of these meet each other in other ways than in sums over all rows
MIXED = {
    "Gram of rows": _loss("sum(tanh(X@X.T)*A)", "A", "X"),
    "kernel": _loss("sum(exp(-norm(X[:, None] - X[None], axis=2)**2)*A)", "A", "X"),
    "cumulative": _loss("sum(tanh(tril(ones(n, n))@exp(tanh(X@w)))*y)", "w", "y", hessian=False),
    "Cox": _loss("sum(H*(log(triu(ones(n, n))@exp(X@w)) - X@w))", "w", "H", hessian=False),
    "logsumexp of rows": _loss("logsumexp(X@w)", "w", "X"),
    "softmax of rows": _loss("sum(softmax(X@w)*y)", "w", "y", hessian=False),
    "column softmax": _loss("sum(softmax(X@W, axis=0)*Y)", "W", "Y"),
    "column norms": _loss("sum(norm(tanh(X@W), axis=0))", "W", hessian=False),
    "greatest row": _loss("max(tanh(X@w)*y)", "y"),
    "neighbours": _loss("sum(tanh((X@w)[1:] - (X@w)[:-1])**2)", "w", hessian=False),
    "reversed rows": _loss("sum(tanh(X@w)*(X@w)[::-1])", "w", hessian=False),
    "quadratic form": _loss("tanh(X@w)@A@tanh(X@w)", "w", "A"),
    "process": _loss("tanh(X@w)@solve(K, y) + logdet(K)", "w", "y", K="n n: spd"),
    "trace": _loss("trace(tanh(A)) + sum(tanh(A@y))", "A", "y"),
    "first row": _loss("sum(tanh(X@w))*X[0]@w", "w", hessian=False),
    "determinant": _loss("sum(tanh(A@p)*y) + logdet(A)", "y", A="n n: invertible"),
    "exponential": _loss("y@expm(A/9)@p", "y", hessian=False),
    "transposed": _loss("sum(tanh(A)*A.T)", "A"),
}  # fmt: skip
