"""The logistic loss, and names of the text language, that tests of generated NumPy start from."""

import symbolic as s

n, d, k = s.dims("n d k")
X, w, y = (
    s.matrix("X", n, d),
    s.vector("w", d),
    s.vector("y", n, domain="binary"),
)
lam = s.scalar("lam", domain="positive")
z = s.named("z", X @ w)
loss = s.named("loss", s.mean(s.softplus(z) - y * z) + lam / 2 * s.norm(w) ** 2)

GIVEN = {
    "A": "n d", "B": "d k", "C": "k n", "D": "d d", "u": "n", "v": "d", "x": "d", "c": "",
    "p": "d: positive",
}  # fmt: skip
