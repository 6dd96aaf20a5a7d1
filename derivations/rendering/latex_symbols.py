"""The commands of LaTeX that the toolkit writes, and the character that each shows."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


def _pairs(text: str) -> dict[str, str]:
    words = _words(text)
    return dict(zip(words[::2], words[1::2], strict=True))


LETTERS = _pairs(
    "alpha α  beta β  gamma γ  delta δ  epsilon ϵ  varepsilon ε  zeta ζ  eta η  theta θ  "
    "vartheta ϑ  iota ι  kappa κ  lambda λ  mu μ  nu ν  xi ξ  pi π  rho ρ  varrho ϱ  sigma σ  "
    "tau τ  upsilon υ  phi ϕ  varphi φ  chi χ  psi ψ  omega ω  ell ℓ  hbar ℏ  imath ı  "
    "jmath ȷ  partial ∂"
)
UPRIGHT = _pairs(
    "Gamma Γ  Delta Δ  Theta Θ  Lambda Λ  Xi Ξ  Pi Π  Sigma Σ  Upsilon Υ  Phi Φ  Psi Ψ  "
    "Omega Ω  nabla ∇  infty ∞  top ⊤  bot ⊥  emptyset ∅  ldots …  cdots ⋯  dots …  vdots ⋮  "
    "ddots ⋱  forall ∀  exists ∃  Re ℜ  Im ℑ"
)
FUNCTIONS = frozenset(
    _words(
        "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim"
        " liminf limsup ln log max min Pr sec sin sinh sup tan tanh"
    )
)
BINARY = _pairs(
    "cdot ⋅  times ×  odot ⊙  oplus ⊕  otimes ⊗  pm ±  mp ∓  ast ∗  star ⋆  circ ∘  div ÷  "
    "bmod mod  cup ∪  cap ∩  wedge ∧  vee ∨  setminus ∖  bullet ∙"
)
RELATIONS = _pairs(
    "le ≤  leq ≤  ge ≥  geq ≥  ne ≠  neq ≠  in ∈  notin ∉  equiv ≡  approx ≈  sim ∼  simeq ≃  "
    "propto ∝  to →  rightarrow →  leftarrow ←  downarrow ↓  uparrow ↑  mapsto ↦  "
    "implies ⟹  Rightarrow ⇒  iff ⟺  "
    "Leftrightarrow ⇔  subset ⊂  subseteq ⊆  succ ≻  succeq ⪰  prec ≺  preceq ⪯  ll ≪  gg ≫  "
    "mid ∣  parallel ∥  perp ⟂  colon :"
)
LARGE = _pairs("sum ∑  prod ∏  int ∫  bigcup ⋃  bigcap ⋂")
DELIMITERS = {
    "(": "(", ")": ")", "[": "[", "]": "]", "|": "|", "/": "/", ".": "", "<": "⟨", ">": "⟩",
    r"\{": "{", r"\}": "}", r"\|": "‖", r"\lVert": "‖", r"\rVert": "‖", r"\Vert": "‖",
    r"\lvert": "|", r"\rvert": "|", r"\vert": "|", r"\langle": "⟨", r"\rangle": "⟩",
    r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉",
    r"\lbrace": "{", r"\rbrace": "}", r"\lbrack": "[", r"\rbrack": "]",
}  # fmt: skip
OPENING = frozenset("([{⟨⌊⌈")
SPACES = {
    ",": 0.1667, ":": 0.2222, ">": 0.2222, ";": 0.2778, "!": -0.1667, " ": 0.25, "quad": 1.0,
    "qquad": 2.0, "thinspace": 0.1667, "enspace": 0.5,
}  # fmt: skip
SIZES = {  # of brackets, in em
    prefix + suffix: size
    for prefix, size in (("big", 1.2), ("Big", 1.8), ("bigg", 2.4), ("Bigg", 3.0))
    for suffix in ("", "l", "r", "m")
}
ACCENTS = {  # a macron touches tall letters in Latin Modern Math; a minus sign stands clear of them
    "hat": "^", "widehat": "^", "bar": "−", "overline": "−", "tilde": "~", "widetilde": "~",
    "vec": "→", "dot": "˙", "ddot": "¨",
}  # fmt: skip
ALPHABETS = {
    "mathbf": "bold", "boldsymbol": "bold", "bm": "bold", "mathrm": "upright", "mathit": "italic",
    "mathbb": "double", "mathcal": "script", "mathsf": "upright", "mathtt": "upright",
}  # fmt: skip
TEXTS = frozenset({"text", "textrm", "textbf", "textit", "mbox"})
STYLES = frozenset({"displaystyle", "textstyle", "scriptstyle", "limits", "nolimits"})
ENVIRONMENTS = {  # brackets left and right
    "matrix": ("", ""), "smallmatrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"), "vmatrix": ("|", "|"), "Vmatrix": ("‖", "‖"), "cases": ("{", ""),
    "aligned": ("", ""), "gathered": ("", ""), "stack": ("", ""),
}  # fmt: skip


def in_alphabet(text: str, alphabet: str) -> str:
    """Letters and digits of a mathematical alphabet; other characters stay.

    >>> in_alphabet("R", "double"), in_alphabet("x1", "bold")
    ('ℝ', '𝐱𝟏')
    """
    return "".join(_character(each, alphabet) for each in text)


_HOLES = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
_SCRIPT_HOLES = dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))
_STARTS = {  # code points of A, a, 0, Alpha, alpha
    "bold": (0x1D400, 0x1D41A, 0x1D7CE, 0x1D6A8, 0x1D6C2),
    "double": (0x1D538, 0x1D552, 0x1D7D8, 0, 0),
    "script": (0x1D49C, 0x1D4B6, 0, 0, 0),
}


def _character(letter: str, alphabet: str) -> str:
    holes = {"double": _HOLES, "script": _SCRIPT_HOLES}.get(alphabet, {})
    if letter in holes:
        return holes[letter]
    for first, last, start in zip("Aa0Αα", "Zz9Ωω", _STARTS.get(alphabet, ()), strict=False):
        if start and first <= letter <= last:
            return chr(start + ord(letter) - ord(first))
    return letter
