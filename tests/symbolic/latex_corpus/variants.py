"""Other ways to typeset a formula that leave its meaning: fonts, spaces, brackets, punctuation."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.symbolic.latex_corpus.loader import Entry

_FONT = re.compile(r"\\(?:mathbf|boldsymbol|vec)\s*\{([A-Za-z])\}")
_TRANSPOSE = re.compile(r"\^(?:\\top(?![a-zA-Z])|\{\\top\})")
_TRANSPOSES = (
    r"^\top",
    r"^{\top}",
    "^T",
    r"^{\mathsf T}",
    r"^{\mathrm{T}}",
    r"^{\mathsf{T}}",
    r"^\intercal",
)
_SCRIPT = re.compile(r"([_^])([A-Za-z0-9])")
_PROTECTED = re.compile(
    r"\\(?:begin|end|text|textrm|operatorname|mathrm|label|tag|mathsf|input)\s*\{[^{}]*\}|\\[a-zA-Z]+|\\."
)


def varied(entry: Entry, random: Random) -> str:
    """The LaTeX of an entry in another dress: a few changes, one after the other."""
    latex = entry.latex
    for change in random.sample(CHANGES, random.randint(1, 4)):
        latex = change(latex, entry, random)
    return latex


def _plain_font(latex: str, entry: Entry, random: Random) -> str:
    return _FONT.sub(r"{\1}", latex)


def _bold_matrices(latex: str, entry: Entry, random: Random) -> str:
    names = [key for key in entry.given if len(key) == 1 and key.isupper() and key != "T"]
    font = random.choice((r"\mathbf{%s}", r"\boldsymbol{%s}", r"{\bf %s}", r"\bm{%s}"))
    for name in names:
        latex = _outside_commands(latex, lambda text, n=name: text.replace(n, font % n))
    return latex


def _transpose_spelling(latex: str, entry: Entry, random: Random) -> str:
    taken = {"T"} & {letter for each in (*entry.given, *entry.given.values()) for letter in each}
    choices = [each for each in _TRANSPOSES if not taken or "T" not in each]
    return _TRANSPOSE.sub(lambda _: random.choice(choices), latex)


def _growing_brackets(latex: str, entry: Entry, random: Random) -> str:
    if re.search(r"\\left|\\right|\\[bB]ig|\^\{\(|\\\\|&|\\lambda\(", latex):
        return latex
    if latex.count("(") != latex.count(")"):
        return latex
    opening, closing = random.choice(
        (
            (r"\left(", r"\right)"),
            (r"\bigl(", r"\bigr)"),
            (r"\big(", r"\big)"),
            (r"\Big( ", r"\Big)"),
        )
    )
    return latex.replace("(", opening).replace(")", closing)


def _wider(latex: str, entry: Entry, random: Random) -> str:
    space = random.choice(("  ", "\n", r"\, ", r"\; ", "~", r"\! ", r"\quad "))
    pieces = random.choice((("=",), ("+",), ("=", "+")))
    for sign in pieces:
        latex = _outside_commands(latex, lambda text, s=sign: text.replace(s, s + space))
    return latex


def _tighter(latex: str, entry: Entry, random: Random) -> str:
    single = re.sub(r" +", " ", latex)
    return re.sub(r"(?<![a-zA-Z0-9\\]) | (?![a-zA-Z0-9])", "", single)


def _braced_scripts(latex: str, entry: Entry, random: Random) -> str:
    return _outside_commands(latex, lambda text: _SCRIPT.sub(r"\1{\2}", text))


def _fraction_style(latex: str, entry: Entry, random: Random) -> str:
    return latex.replace(r"\frac", random.choice((r"\tfrac", r"\dfrac")))


def _punctuation(latex: str, entry: Entry, random: Random) -> str:
    if latex.rstrip().endswith(("}", "]", "$")) and re.search(r"\\begin|\\\[|\$\$", latex):
        return latex
    return latex.rstrip(" .,") + random.choice((",", ".", r"\,.", r" \; ,", ";"))


def _numbered(latex: str, entry: Entry, random: Random) -> str:
    if re.search(r"\\begin|\\\[|\$\$|\\boxed", latex):
        return latex
    return latex + random.choice(
        (r" \tag{7}", r" \label{eq:loss}", r" \nonumber", r" \tag*{(2.3)}")
    )


def _wrapped(latex: str, entry: Entry, random: Random) -> str:
    if re.search(r"\\begin\{(?!bmatrix|pmatrix|cases)|\\\[|\$\$|\\\\", latex) or not latex.strip():
        return latex
    opening, closing = random.choice(
        (
            ("$$", "$$"),
            (r"\[", r"\]"),
            (r"\begin{equation}", r"\end{equation}"),
            (r"\begin{align*}", r"\end{align*}"),
            (r"$$\begin{aligned}", r"\end{aligned}$$"),
            (r"\displaystyle ", ""),
        )
    )
    return opening + latex + closing


def _synonyms(latex: str, entry: Entry, random: Random) -> str:
    pairs = (
        (r"\operatorname{tr}", r"\mathrm{tr}"), (r"\log", r"\ln"), (r"\leq", r"\le"), (r"\|", r"\Vert "),
        (r"\operatorname{diag}", r"\mathrm{diag}"), (r"\mathrm{d}", "d"), (r"\dots", r"\ldots"),
    )  # fmt: skip
    for old, new in random.sample(pairs, 3):
        latex = re.sub(re.escape(old) + r"(?![a-zA-Z])", new.replace("\\", "\\\\"), latex)
    return latex


CHANGES: tuple[Callable[[str, Entry, Random], str], ...] = (
    _plain_font,
    _bold_matrices,
    _transpose_spelling,
    _growing_brackets,
    _wider,
    _tighter,
    _braced_scripts,
    _fraction_style,
    _punctuation,
    _numbered,
    _wrapped,
    _synonyms,
)


def _outside_commands(latex: str, change: Callable[[str], str]) -> str:
    """The text with a change made everywhere but in commands and in their words."""
    found, end = [], 0
    for match in _PROTECTED.finditer(latex):
        found += [change(latex[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*found, change(latex[end:])])
