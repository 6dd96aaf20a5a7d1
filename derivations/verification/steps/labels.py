r"""Names that are another one with an accent or a label: \hat w, w^*, w_{ridge} for w."""

from __future__ import annotations

import re

_SOLUTIONS = frozenset(
    ("hat", "widehat", "star", "ast", "*", "opt", "mle", "ml", "map", "ols", "ls", "ridge", "lasso")
)


def label_of(name: str, base: str) -> str:
    """What a name adds to another one; "" where it is no such name.

    >>> label_of("w_hat", "w"), label_of("w_hat_ridge", "w"), label_of("weight", "w")
    ('hat', 'hat ridge', '')
    """
    if name.startswith(base) and re.match(r"[_^']", name[len(base) :]):
        return " ".join(re.findall(r"[^\W_]+|[*']", name[len(base) :]))
    before = name.removesuffix(f"_{base}")
    return before if before != name and says_solution(before) else ""


def says_solution(label: str) -> bool:
    """Whether a label says that its name is a solution: a hat or a star, and not a bar or a 0."""
    return not _SOLUTIONS.isdisjoint(label.lower().split())
