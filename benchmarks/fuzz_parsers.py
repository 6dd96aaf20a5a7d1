"""Coverage-guided fuzzing of what reads text: the text parser, the LaTeX reader, the finder of documents.

    pip install atheris
    python benchmarks/fuzz_parsers.py --target latex --seconds 300

The seeds are the formulas of the tests and the pages of the catalogue; a dictionary of tokens helps to
get deep. An input must be read or refused with an error of the library, in bounded time; anything else
ends the run with the input, which is also written to the folder of --findings.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

TARGETS = ("text", "latex", "markdown", "tex", "notebook")
MOST_SECONDS = 5.0  # of processor time for one input
GIVEN = {
    "X": "n d",
    "w": "d",
    "y": "n",
    "A": "n n",
    "x": "n",
    "z": "n",
    "a": "",
    "sigma": ": positive",
}
TOKENS = {
    "text": r"""X w y A x z a n d ( ) [ ] , . : @ * ** / + - 1 0 2 1e-3 0.5 .T None ... sum( mean( exp( log(
        norm( axis= keepdims=True softmax( sigmoid( inv( det( tr( diag( where( einsum( "ij,jk->ik" ones(
        eye( kron( outer( max( maximum( reshape( stack( concatenate( x[0] x[1:] v[:,None] == <=
        lambda
        __import__ __class__ f" := if else for in""",
    "latex": r"""X w y A x z a n d _i ^{(i)} ^2 ^\top ^T ^{-1} ^{-\top} ^{[l]} _{ij} _{t-1} \sum_{i=1}^n
        \sum_i \sum_{i<j} \prod_i \max_i \frac{ } { \left( \right) \left[ \right] | \| \lvert \rvert \langle
        \rangle \nabla_x \nabla \partial \frac{\partial}{\partial \frac{d}{dx} \hat{ \bar{ \mathbf{
        \mathrm{ \operatorname{tr} \sigma( \log \exp \sqrt{ \odot \otimes \cdot \times \circ /
        \begin{aligned} \end{aligned} \begin{cases} \end{cases} \begin{pmatrix} \end{pmatrix} \\ & = \le
        := \approx \in \mathbb{R} \mathbf{1} I \delta_{ij} \text{ \text{if} \newcommand{\a} [1] #1
        \quad
        , ' '' d \lambda \theta \alpha \mathbb{E} \underbrace{ \tag{1} \label{a} \mid \infty \ldots""",
    "markdown": r"""$ $$ \( \) \[ \] ``` ~~~ ` > - # <!-- --> chainrule: : \begin{align} \end{align} <script>
        \n        \n\n --- | \$ <code> </code> &nbsp; [a](b) x: n = \nabla_x""",
    "tex": r"""\begin{equation} \end{equation} \begin{align*} \end{align*} \[ \] $ $$ % chainrule:
        \newcommand{\a} \def \begin{verbatim} \end{verbatim} \verb| \input{a} \section{ } { \iffalse \fi
        \label{a} \ref{a} \item \DeclareMathOperator \\ &""",
    "notebook": r"""{ } [ ] "cells" "cell_type" "markdown" "code" "source" "metadata" "nbformat" : , "$$" \\n
        \\u0000 null true 1e999 "$x$" ```""",
}  # fmt: skip


def seeds(target: str) -> Iterator[str]:
    """Texts to start from."""
    if target == "text":
        from derivations import catalogue

        yield from ("X.T @ (X @ w - y)/n", "sum(softmax(A, axis=1)*log(x[:, None]))")
        for page in catalogue:
            yield from (str(each) for each in catalogue[page].given)
            yield str(catalogue[page].claim).replace(" = ", " - ")
    elif target == "latex":
        for file in sorted((ROOT / "tests/symbolic/latex_corpus").glob("*.txt")):
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.startswith("latex: "):
                    yield line.removeprefix("latex: ")
    else:
        name = {"markdown": "*.md", "tex": "*.tex", "notebook": "*.ipynb"}[target]
        for folder in ("tests/derivations/documents", "docs"):
            for file in sorted((ROOT / folder).glob(name)):
                yield file.read_text(encoding="utf-8")


def reader(target: str) -> Callable[[str], object]:
    """What reads the texts of a target."""
    from symbolic import Latex, parse, read_latex

    if target == "text":
        return lambda text: parse(text, GIVEN)
    if target == "latex":
        return lambda text: read_latex(Latex(text), GIVEN)
    from derivations.verification.documents.declarations import read_comment
    from derivations.verification.documents.macros import macros_of
    from derivations.verification.documents.markdown import find_in_markdown
    from derivations.verification.documents.notebook import find_in_notebook
    from derivations.verification.documents.sentences import read_sentence
    from derivations.verification.documents.tex import find_in_tex

    find = {"markdown": find_in_markdown, "tex": find_in_tex, "notebook": find_in_notebook}[target]

    def read_document(text: str) -> object:
        macros_of(text)
        pieces = list(find(text))
        for piece in pieces:
            of = read_comment if piece.kind == "declaration" else read_sentence
            list(of(piece))
        return pieces

    return read_document


class Fuzzer:
    """Hands every input to one reader, and keeps what it must not do."""

    def __init__(self, target: str, findings: Path, seconds: int) -> None:
        self.read = reader(target)
        self.findings = findings
        self.executions = 0
        self.read_well = 0
        self.slowest = 0.0
        self.found = 0
        self.end = time.monotonic() + seconds

    def __call__(self, data: bytes) -> None:
        """One execution."""
        from symbolic.errors import ChainruleError

        text = data.decode("utf-8", "surrogateescape" if len(data) % 7 == 0 else "replace")
        self.executions += 1
        start = time.process_time()
        problem = ""
        try:
            self.read(text)
            self.read_well += 1
        except ChainruleError as error:
            str(error)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        seconds = time.process_time() - start
        self.slowest = max(self.slowest, seconds)
        if seconds > MOST_SECONDS:
            problem = f"{seconds:.1f} seconds"
        if problem:
            self.keep(text, problem)
        if time.monotonic() > self.end:
            print(self.report(), flush=True)
            os._exit(1 if self.found else 0)  # the fuzzer itself knows no other end

    def keep(self, text: str, problem: str) -> None:
        """Write an input down; a problem that is known is kept once."""
        name = "".join(c if c.isalnum() else "_" for c in problem)[:60]
        file = self.findings / f"{name}.txt"
        if not file.exists():
            self.found += 1
            file.write_text(text, encoding="utf-8", errors="surrogateescape")
            print(f"FOUND {problem}: {text[:300]!r}", flush=True)

    def report(self) -> str:
        """What was done so far."""
        return (
            f"{self.executions} executions, {self.read_well} read, "
            f"slowest {self.slowest:.2f} s, {self.found} findings in {self.findings}"
        )


def main() -> int:
    """Fuzz one target for some seconds; the status is 1 when something was found."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--target", choices=TARGETS, default="latex")
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--findings", type=Path, default=None)
    chosen = arguments.parse_args()
    try:
        import atheris
    except ImportError:
        print("atheris is not installed: pip install atheris", file=sys.stderr)
        return 2
    with atheris.instrument_imports(
        include=["symbolic.reading", "derivations.verification.documents"]
    ):
        findings = chosen.findings or Path(tempfile.mkdtemp(prefix="fuzz_"))
        findings.mkdir(parents=True, exist_ok=True)
        fuzzer = Fuzzer(chosen.target, findings, chosen.seconds)
    work = Path(tempfile.mkdtemp(prefix="fuzz_seeds_"))
    for number, text in enumerate(seeds(chosen.target)):
        (work / f"seed{number}").write_text(text, encoding="utf-8")
    dictionary = work.with_suffix(".dict")
    escaped = (
        token.replace("\\", "\\\\").replace('"', '\\"') for token in TOKENS[chosen.target].split()
    )
    dictionary.write_text("".join(f'"{token}"\n' for token in escaped), encoding="utf-8")
    options = [
        f"-dict={dictionary}",
        "-max_len=2000",
        "-rss_limit_mb=4000",
        "-timeout=60",
        "-verbosity=0",
        str(work),
    ]
    atheris.Setup([sys.argv[0], *options], fuzzer)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
