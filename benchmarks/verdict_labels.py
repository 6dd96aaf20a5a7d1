"""Whether the slip that was named is the one that was made: the words of corpora and ours for one slip."""

from __future__ import annotations

from benchmarks.verdict_judges import Judged

_SIGN = frozenset(("sign", "wrong-signed term"))
_SIZE = frozenset(("factor", "constant", "sum for mean", "exponent"))
_TURNED = frozenset(("transposed", "layout", "symmetric assumed", "commuted product", "right if"))
_LEFT_OUT = frozenset((
    "missing chain factor", "dropped term", "held constant", "function for derivative", "constant",
    "function", "wrong derivative", "factor", "diagonal only", "missing broadcast sum", "exponent",
    "wrong term",
))  # fmt: skip
_OTHER_FUNCTION = frozenset((
    "function", "function for derivative", "wrong argument", "wrong derivative", "swapped argument",
    "derivative at the output", "exponent", "missing chain factor", "wrong term", "log parameter",
    "wrong variable", "held constant", "scalar", "right if",
))  # fmt: skip
_TERM = frozenset(
    ("dropped term", "factor", "wrong term", "extra term", "constant", "held constant")
)

# a word in the label of a wrong claim, the first that is found, and the kinds that name the same slip
SAME: tuple[tuple[str, frozenset[str]], ...] = (
    ("wrong-signed", _SIGN),
    ("transposed", _TURNED),
    ("symmetri", _TURNED | _SIZE | {"dropped term"}),
    ("layout", _TURNED),
    ("commut", _TURNED | {"misplaced factor"}),
    ("order", _TURNED | {"misplaced factor", "missing chain factor"}),
    (
        "diagonal",
        frozenset(
            (
                "diagonal only",
                "right if",
                "dropped term",
                "missing chain factor",
                "wrong derivative",
            )
        ),
    ),
    ("axis", frozenset(("wrong axis", "missing broadcast sum", "extra sum"))),
    (
        "missing sum",
        frozenset(("missing broadcast sum", "extra sum", "sum for mean", "dropped term", "factor")),
    ),
    ("sum for mean", _SIZE),
    ("extra factor", _LEFT_OUT | {"extra chain factor"} | _OTHER_FUNCTION),
    ("missing square", _LEFT_OUT),
    ("missing 1", _SIZE | {"missing chain factor"}),
    ("missing factor", _LEFT_OUT | _SIZE),
    ("missing", _LEFT_OUT | _SIZE),
    ("divided", _SIZE | {"missing chain factor"}),
    ("factor", _SIZE | {"wrong term", "missing chain factor"}),
    ("half", _SIZE),
    ("doubled", _TERM | {"exponent"}),
    ("dropped", _LEFT_OUT | {"extra term"} | _OTHER_FUNCTION),
    ("constant", _SIZE | {"held constant", "dropped term"}),
    ("exponent", _SIZE | _OTHER_FUNCTION),
    ("index", frozenset(("index", "wrong axis", "transposed", "commuted product"))),
    ("function", _OTHER_FUNCTION | _SIZE),
    ("wrong place", _OTHER_FUNCTION),
    ("log parameter", _OTHER_FUNCTION | _SIZE),
    ("argument", _OTHER_FUNCTION | _SIGN | _SIZE | {"dropped term", "extra term"}),
    ("instead", _OTHER_FUNCTION | _SIGN | _SIZE | {"dropped term"}),
    ("derivative", _OTHER_FUNCTION | _LEFT_OUT),
    ("inverted", _OTHER_FUNCTION),
    ("only", _LEFT_OUT | {"wrong axis"}),
    ("sign", _SIGN),
)


def is_named(answer: Judged) -> bool | None:
    """Whether one of the named slips is the one that was made; None for labels of no known slip."""
    label = answer.asked.label.lower()
    wanted = next((kinds for word, kinds in SAME if word in label), None)
    if wanted is None or label in _NO_SLIP:
        return None
    return any(_plain(kind) in wanted for kind in answer.named)


_NO_SLIP = ("fifth digit", "unequal")


def _plain(kind: str) -> str:
    """The kind without the function that it speaks of: "wrong derivative of tanh"."""
    return kind.partition(" of ")[0]
