"""Where a node occurs in an expression, and the expression with one of them or all replaced."""

from __future__ import annotations

from symbolic.nodes import Expression
from symbolic.traverse import substitute, with_children

Path = tuple[int, ...]

MOST_PATHS = 240


def occurrences(root: Expression) -> dict[Expression, list[Path]]:
    """The paths to every node, the root first; of a huge expression only those nearest to the root."""
    found: dict[Expression, list[Path]] = {}
    waiting: list[tuple[Expression, Path]] = [(root, ())]
    for count, (node, path) in enumerate(waiting):  # grows while it is walked
        if count >= MOST_PATHS:
            break
        found.setdefault(node, []).append(path)
        waiting.extend((child, (*path, place)) for place, child in enumerate(node.children))
    return found


def with_one(root: Expression, path: Path, new: Expression) -> Expression:
    """The root with what is at one path replaced. Raises `ShapeError` where it does not fit."""
    chain = [root]
    for place in path:
        chain.append(chain[-1].children[place])
    for node, place in zip(reversed(chain[:-1]), reversed(path), strict=True):
        children = (*node.children[:place], new, *node.children[place + 1 :])
        new = with_children(node, children)
    return new


def with_all(root: Expression, old: Expression, new: Expression) -> Expression:
    """The root with every occurrence of a node replaced. Raises `ShapeError` where it does not fit."""
    return substitute(root, {old: new})
