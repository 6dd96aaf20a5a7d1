"""Texts that use every kind of node, with variables to differentiate by."""

GIVEN = {
    "X": "n d", "Y": "n k", "W": "d k", "V": "k d", "A": "n n: invertible", "B": "n n",
    "S": "n n: spd", "M": "d d: symmetric", "L": "n n: lower", "T": "n d k", "G": "k n n",
    "x": "n", "y": "n", "w": "d", "v": "d", "u": "k", "c": ": positive", "s": "",
}  # fmt: skip

MODELS = [
    ("mean(softplus(X@w) - y*(X@w)) + c/2*(w @ w)", "w"),
    ("-mean(sum(Y*log_softmax(X@W, axis=1), axis=1))", "W"),
    ("sum((X@w - y)**2)/(2*n) + c*sum(sqrt(w*w + 1))", "w"),
    ("mean(exp(X@w) - y*(X@w))", "w"),
    ("sum(where(abs(X@w - y) < 1, (X@w - y)**2/2, abs(X@w - y) - 1/2))", "w"),
    ("mean(relu(1 - y*(X@w)))", "w"),
    ("sum((tanh(tanh(X@W)@V) - X)**2)/n", "W"),
    ("sum((x - mean(x))**2)/n", "x"),
    ("sum(logsumexp(T, axis=2)) + logsumexp(x)", "x"),
    ("mean(logsumexp(X@W, axis=1) - sum(Y*(X@W), axis=1))", "W"),
    ("sum(softmax(X@X.T/sqrt(d), axis=1) @ Y)", "X"),
    ("y @ inv(S + c*eye(n)) @ y/2 + logdet(S + c*eye(n))/2", "c"),
]

KERNELS = [
    ("sum(log(1 + exp(x))) - sum(log(sigmoid(y)))", "x"),
    ("sum(sin(x)*cos(y) + sinh(x)/cosh(y))", "x"),
    ("sum(arctanh(tanh(x)/2) + expm1(x)*log1p(x*x))", "x"),
    ("sum(silu(x) + relu(y) + step(x)*y)", "x"),
    ("sum(maximum(x, y) + minimum(x, 2*y) - sign(x))", "x"),
    ("sum(where(x > 0, x**3, sqrt(1 - x)))", "x"),
    ("sum(abs(x)**1.5 + 2**y + x/(1 + y*y))", "x"),
    ("c**3 + pi*s - 1/c + sum(x)/n**2", "c"),
    ("sum(where(x > 0, where(y < 1, x*y, s), c))", "x"),
    ("norm(x) + norm(X) + sum(norm(X, axis=1))", "X"),
    ("sum(prod(1 + X*X, axis=1)) + prod(x)", "X"),
    ("max(x)*min(y) + sum(max(X, axis=0)) + sum(min(T, axis=1))", "X"),
]

PRODUCTS = [
    ("x @ A @ B @ y", "A"),
    ("trace(A @ B.T @ A)", "A"),
    ("sum(diag(x) @ A @ diag(y))", "x"),
    ("sum(outer(x, y)*B) + sum(diagonal(B)*x)", "B"),
    ("einsum('ijk,k,j->i', T, u, w) @ x", "T"),
    ("sum(einsum('ijk,ikl->ijl', T, einsum('ijk->ikj', T)))", "T"),
    ("sum(einsum('ijk,ij->ik', T, X)**2)", "T"),
    ("sum(einsum('ijk,ij->', T, X))*sum(ones(n, d)*x[:, None])", "X"),
    ("sum(T*T) + sum(T[:, :, 0] @ w)", "T"),
    ("trace(X.T @ diag(x) @ X) + w @ M @ v", "x"),
    ("sum((X + w)*(X - x[:, None])*s)", "s"),
    ("sum(kron(x, w)*kron(y, v)) + sum(kron(M, B))", "x"),
]

MOVES = [
    ("sum((x[1:] - x[:-1])**2) + x[0]*x[-1]", "x"),
    ("sum(exp(x[::2])) + sum(x[::-1]*y) + X[1, 2]", "x"),
    ("sum(pad(x, 1, 2)**3) + sum(concatenate(x, w)**2)", "x"),
    ("sum(stack(x, y)**3) + sum(concatenate(X, A, axis=1) @ concatenate(w, y))", "x"),
    ("sum(reshape(X, n*d)**2) + sum(reshape(T, n, d*k) @ reshape(W, d*k))", "X"),
    ("vec(B) @ kron(A, B) @ vec(A)", "A"),
    ("x @ tril(B) @ y + x @ triu(B, k=1) @ y", "B"),
    ("sum(tanh(conv1d(x, w)))", "w"),
    ("sum(conv1d(x, w, stride=2, padding=1)**2)", "x"),
    ("sum(conv1d(x, w, dilation=2)**2)", "x"),
    ("sum(max_pool1d(x, 2)) + sum(tril(ones(n, n)) @ x)*s", "x"),
    ("sum((triu(ones(n, n)) @ x)**2) + sum(X[1:3, ::-1]**2)", "x"),
]

SYSTEMS = [
    ("x @ inv(A) @ y", "A"),
    ("logdet(S) + trace(inv(S) @ B)", "S"),
    ("sum(solve(A.T, X)) + det(A)", "A"),
    ("sum(cholesky(S) @ x)", "S"),
    ("sum(inv(A)**2)", "A"),
    ("sum(solve(tril(L), y)**2)", "y"),
]

SCALARS = MODELS + KERNELS + PRODUCTS + MOVES + SYSTEMS

ARRAYS = [
    "diag(w) + M", "eye(n)*c", "X.T", "x", "2", "ones(n, d)", "outer(x, w)", "A @ diag(x) @ A.T",
    "X[1:]", "T[:, 0]", "tril(B)", "softmax(X, axis=0)", "diag(diagonal(B))", "inv(A)", "zeros(d)",
    "x[:, None]*ones(n, d)", "s", "einsum('i->iii', w)",
]  # fmt: skip
