"""Samples, declarations that texts begin with, and findings in short."""

from pathlib import Path

from derivations.verification.documents.markdown import find_in_markdown
from derivations.verification.documents.tex import find_in_tex

SAMPLES = Path(__file__).parent
ROOT = SAMPLES.parents[2]
FINDERS = [find_in_markdown, find_in_tex]

DECLARED = "<!-- chainrule: X: n d; w: d; y: n; A: n n; x: n -->\n\n"
LEAST_SQUARES = (
    "Let $X \\in \\mathbb{R}^{n \\times d}$, $y \\in \\mathbb{R}^n$ and $w \\in \\mathbb{R}^d$.\n\n"
)


def told(findings):
    return [(finding.line, finding.verdict) for finding in findings]
