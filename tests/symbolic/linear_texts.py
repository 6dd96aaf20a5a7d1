"""Random text of the language with linear algebra, slices, stacking, windows and Kronecker products."""

from __future__ import annotations

import random

GIVEN = {
    "A": "n n: invertible", "B": "n n", "S": "n n: spd", "X": "n d", "x": "n", "y": "n", "w": "d",
    "s": "", "c": ": positive",
}  # fmt: skip
SIZES = {"n": 4, "d": 3}

Choices = dict[str, list[str]]

_LEAVES: Choices = {
    "matrix": ["A", "B", "S", "B.T"],
    "vector": ["x", "y", "A[0]", "X[:, 0]", "B[:, -1]"],
    "tall": ["X", "outer(x, w)"],
    "scalar": ["s", "c", "x[0]", "B[1, 2]", "x @ y"],
}
_INVERTIBLE = [
    "A", "S", "A.T", "(S + c*eye(n))", "(X @ X.T + S)", "(2*A)", "(A @ S)", "inv(S)",
    "(B.T @ S @ B + eye(n))", "diag(x)",
]  # fmt: skip
_RULES: Choices = {
    "matrix": [
        "inv({i})", "({matrix} @ {matrix})", "({matrix} + {matrix})", "tril({matrix})",
        "triu({matrix}, k=1)", "{matrix}.T", "outer({vector}, {vector})", "diag({vector})",
        "({matrix}*{matrix})", "({scalar}*{matrix})", "({tall} @ {tall}.T)",
        "reshape(vec({matrix}), n, n)", "concatenate({matrix}[1:], {matrix}[:1])",
        "{matrix}[::-1]",
    ],
    "vector": [
        "({matrix} @ {vector})", "solve({i}, {vector})", "tanh({vector})", "({vector} - {vector})",
        "pad({vector}[1:], 1, 0)", "{vector}[::-1]", "diagonal({matrix})", "({tall} @ w)",
        "concatenate({vector}[2:], {vector}[:2])", "max({tall}, axis=1)", "prod({tall}, axis=1)",
        "conv1d(pad({vector}, 1, 1), w[:3])", "softmax({vector})",
    ],
    "tall": [
        "({matrix} @ {tall})", "sin({tall})", "{tall}[:, ::-1]", "({tall}*{vector}[:, None])",
    ],
    "scalar": [
        "logdet({i})", "trace({matrix})", "sum({tall})", "({vector} @ {vector})", "det({i})",
        "norm({vector})", "sum(kron({matrix}, X))", "({vector})[1]", "max({vector})",
        "(vec(A) @ kron({matrix}, {matrix}) @ vec(B))",
        "sum(({vector}[1:] - {vector}[:-1])**2)", "({matrix})[1:3, 0] @ w[:2]",
    ],
}  # fmt: skip


def random_text(seed: int, kind: str = "scalar", depth: int = 3) -> str:
    """A random text of a kind: matrix, vector, tall (n by d) or scalar."""
    rng = random.Random(seed)

    def fill(template: str, depth: int) -> str:
        text = template
        while "{" in text:
            start, end = text.index("{"), text.index("}")
            slot = text[start + 1 : end]
            part = rng.choice(_INVERTIBLE) if slot == "i" else write(slot, depth - 1)
            text = text[:start] + part + text[end + 1 :]
        return text

    def write(slot: str, depth: int) -> str:
        return fill(rng.choice(_RULES[slot] if depth > 0 else _LEAVES[slot]), depth)

    return write(kind, depth)
