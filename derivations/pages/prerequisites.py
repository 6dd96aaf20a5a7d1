"""Which page rests on which: a page uses the pages that it imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symbolic.errors import UnsupportedError


def uses(page: str) -> tuple[str, ...]:
    """The pages that a page imports, in the order of the catalogue; () for what is no page.

    >>> uses("neural_networks/contrastive_loss")
    ('neural_networks/softmax_cross_entropy',)
    """
    from derivations.catalogue import catalogue

    return catalogue.uses(page) if page in catalogue else ()


def used_by(page: str) -> tuple[str, ...]:
    """The pages that import a page, in the order of the catalogue; () for what is no page.

    >>> "neural_networks/multilayer_perceptron" in used_by("neural_networks/softmax_cross_entropy")
    True
    """
    from derivations.catalogue import catalogue

    return catalogue.used_by(page) if page in catalogue else ()


def in_order(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """All names, each after those that it needs; otherwise in the order given.

    Raises `UnsupportedError` when some need each other.

    >>> in_order({"attention": ["softmax"], "dropout": [], "softmax": []})
    ['softmax', 'attention', 'dropout']
    """
    found: dict[str, None] = {}
    for name in needs:
        _place(name, needs, found)
    return list(found)


def _place(name: str, needs: Mapping[str, Iterable[str]], found: dict[str, None]) -> None:
    """Put a name behind everything that it needs."""
    waiting = {} if name in found else {name: iter(needs[name])}  # each is needed by the one before
    while waiting:
        last = next(reversed(waiting))
        for need in waiting[last]:
            if need in waiting:
                path = list(waiting)
                raise _cyclic([*path[path.index(need) :], need])
            if need in needs and need not in found:
                waiting[need] = iter(needs[need])
                break
        else:
            del waiting[last]
            found[last] = None


def _cyclic(path: list[str]) -> UnsupportedError:
    return UnsupportedError(
        f"the page {path[0]!r}",
        f"it needs itself: {' imports '.join(path)}",
        "write what they share on a page of its own, and import that",
    )


def depths(needs: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """How many pages lie at most below each, in the order of `in_order`.

    >>> depths({"attention": ["softmax"], "softmax": []})
    {'softmax': 0, 'attention': 1}
    """
    found: dict[str, int] = {}
    for name in in_order(needs):
        found[name] = max((found[need] + 1 for need in needs[name] if need in found), default=0)
    return found
