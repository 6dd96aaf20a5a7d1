"""The lines of a derivation, one after the other: read, compared with the line before, remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derivations.verification.steps.checker import Checker
from derivations.verification.steps.lines import Reader
from derivations.verification.steps.result import StepsVerification
from derivations.verification.steps.text_reader import TextReader
from symbolic import UnsupportedError, Variable
from symbolic.reading.latex.formulas import Latex

_MOST_LINES = 500
_MOST_CHARACTERS = 200_000


def verify_steps(
    lines: str | Sequence[str], given: Mapping[str, str | Variable] | None = None, *, seed: int = 0
) -> StepsVerification:
    r"""Check a derivation line by line, and find the first line that is wrong.

    `lines` are lines of text or of LaTeX, or one string with all of them, such as an `aligned` block.
    Every relation is checked against the side before it. A line may define a name that is not declared
    (`z = X @ w`), equate (`a = b = c`, or a further `= d`), bound (`<= b`), or differentiate: `D(L, w)`,
    `grad(L, w)` and `dL/dw` are the derivative of what `L` was defined as, by a variable or an
    intermediate, and `dL = ... dw` is its differential. An equation that is no identity is read as one
    to solve when it sets a derivative to zero, follows from such a line, or says so: `solve: a = b`.
    `given` declares the variables, and definitions that begin with an equals sign.

    A line that cannot be read is undecided and leaves the others alone. Raises the errors of `given`.

    >>> given = {"X": "n d", "w": "d", "y": "n: unit"}
    >>> found = verify_steps(["z = X @ w", "L = mean(softplus(z) - y*z)",
    ...     "D(L, z) = (sigmoid(z) - y)/n", "D(L, w) = X @ (sigmoid(z) - y)/n"], given)
    >>> found.verdict, found.first_wrong.number, found.first_wrong.repaired
    ('refuted', 4, 'D(L, w) = X.T @ (sigmoid(z) - y)/n')
    """
    if not isinstance(lines, Sequence) or not all(isinstance(line, str) for line in lines):
        raise UnsupportedError(
            f"lines of type {type(lines).__name__}",
            "not text",
            "give a string, or a list of strings",
        )
    rows = lines.split("\n") if isinstance(lines, str) and not _is_latex(lines) else lines
    parts = [rows] if isinstance(rows, str) else list(rows)
    length = sum(map(len, parts))
    if len(parts) > _MOST_LINES or length > _MOST_CHARACTERS:
        raise UnsupportedError(
            f"{len(parts)} lines of {length} characters",
            f"at most {_MOST_LINES} lines and {_MOST_CHARACTERS} characters are checked",
            "check them in parts",
        )
    reader: Reader
    if any(_is_latex(part) for part in parts):
        from derivations.verification.steps.latex_reader import LatexReader

        reader = LatexReader(parts, given)
    else:
        reader = TextReader(parts, given)
    return StepsVerification(tuple(Checker(reader, seed).run()), seed)


def _is_latex(text: str) -> bool:
    return isinstance(text, Latex) or "\\" in text
