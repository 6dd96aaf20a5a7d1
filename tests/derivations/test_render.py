"""Every rendering of a page: what must be on it, that nothing overflows, and that it typesets."""

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from derivations import Derivation, catalogue, equals, equation
from derivations.pages.comments import comments_in
from derivations.rendering.breaking import broken, pieces, width
from derivations.rendering.html import fragment, page
from derivations.rendering.latex import align, document, spaced
from derivations.rendering.latex_text import escaped
from derivations.rendering.latex_tree import read_latex, unknown_commands
from derivations.rendering.markdown import markdown
from derivations.rendering.mathml import mathml
from derivations.rendering.prose import prose
from derivations.rendering.sheet import claim_latex, line_latex, row_latex, sheet
from derivations.rendering.spans import spans_of
from derivations.rendering.text import plain, report_text
from derivations.rendering.wrapping import wrapped
from derivations.verdicts import Evidence, Report
from symbolic import dims, matrix, rules, vector

PAGES = list(catalogue)
n, d = dims("n d")
COUNTEREXAMPLE = "X = [[1/2, 3], [2/7, 1]]; w = [1/3, -2]: 0.5 before, 1/3 <after> & 50%"

each_page = pytest.mark.parametrize("name", PAGES)


def report_of(derivation, *, wrong=()):
    """A report by hand: every line proved but the numbered ones, which are refuted."""
    number = 0
    chains = []
    for chain in derivation.chains:
        found = []
        for step in chain[1:]:
            number += 1
            found.append(
                Evidence("refuted", "sampled", "the values differ", 1, COUNTEREXAMPLE)
                if number in wrong
                else Evidence("proved", "executed", f"{step.reason} gives this line", 3)
            )
        chains.append(tuple(found))
    claims = tuple(Evidence("proved", "claim", "reached") for _ in derivation.claims)
    return Report(derivation, tuple(chains), claims, 7)


@pytest.fixture
def small():
    """A derivation made by hand, with prose that every format must escape."""
    X, v = matrix("X", n, d), vector("v", n)
    start = (X.T @ v) @ (X.T @ v)
    return Derivation(
        given=(X, v),
        claim=equation(start, v @ X @ X.T @ v),
        steps=(equals(v @ X @ X.T @ v, by=rules.algebra),),
        source="Smith & Jones, 50% of $x_1$ {2020} <i>",
        name="made/by_hand",
        about="A title with & and <b>\n\nWhy it_matters: a^2 ~ b \\ c.",
    )


def formulas(derivation):
    """Every formula that is on a page."""
    laid_out = sheet(derivation)
    yield from (row_latex(row) for chain in laid_out.chains for row in chain.rows)
    yield from (claim_latex(claim) for claim in derivation.claims)
    yield from (each.latex for each in laid_out.given)
    yield from (line_latex(node.meaning) for node in derivation.names)


# --- text ----------------------------------------------------------------------------------------


@each_page
@pytest.mark.parametrize("shapes", [False, True])
def test_text_fits_80_columns_and_shows_every_line_and_rule(name, shapes):
    derivation = catalogue[name]
    text = plain(derivation, report_of(derivation, wrong={1}), shapes=shapes)
    assert max(map(len, text.splitlines())) <= 80
    assert text.isascii()
    flat = "".join(text.split())
    rows = sheet(derivation).rows
    for row in rows:
        assert f"({row.number})" in text
        assert "".join(row.text.split()) in flat
        assert all("".join(reason.name.split()) in flat for reason in row.by)
    for given in sheet(derivation).given:
        if given.shape:
            assert re.search(rf"^  {re.escape(given.name)} ", text, re.MULTILINE)
        else:
            assert "".join(given.name.split()) in flat
    assert "".join(derivation.source.split()) in flat
    assert "seed 7" in text


def test_text_of_a_small_derivation(small):
    assert (
        plain(small, report_of(small), shapes=True)
        == """\
A title with & and <b>
======================
made/by_hand

Why it_matters: a^2 ~ b \\ c.

Given
  X  (n, d)  real
  v  (n,)    real

Claim
  X.T @ v @ (X.T @ v) = v @ X @ X.T @ v

Steps
          X.T @ v @ (X.T @ v)                                             scalar
  (1)  =  v @ X @ X.T @ v                                scalar  algebra  proved

Evidence
  the one line proved; the claim reached
  Lines were sampled at 3 random rational points each; seed 7.

Source
  Smith & Jones, 50% of $x_1$ {2020} <i>"""
    )


def test_a_refuted_line_says_where(small):
    report = report_of(small, wrong={1})
    for text in (plain(small, report), report_text(report)):
        assert "refuted" in text
        assert "".join(COUNTEREXAMPLE.split()) in "".join(text.split())
        assert max(map(len, text.splitlines())) <= 80
    assert "refuted" not in plain(small, report_of(small))


def test_a_claim_that_is_not_reached_is_on_the_page(small):
    missed = replace(
        report_of(small), claims=(Evidence("undecided", "claim", "not the last line"),)
    )
    for text in (plain(small, missed), page(small, missed), document(small, missed)):
        assert "not the last line" in text
        assert "1 of 1 claims not reached" in text


@pytest.mark.parametrize("room", [12, 20, 33, 60])
def test_wrapping_keeps_every_character_and_the_width(room):
    text = 'D(mean(y*softplus(-z) + (1 - y)*softplus(z)), w) = einsum("ij,jk->ik", A, B)**2'
    lines = wrapped(text, room)
    assert max(map(len, lines)) <= room
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wrapping_breaks_at_the_outermost_operator():
    assert wrapped("f(a + b, c + d) + g(e + f) = h(i)", 28) == [
        "f(a + b, c + d) + g(e + f)",
        "    = h(i)",
    ]


def test_comments_give_the_meaning_of_names():
    source = 'W1, b1 = pair()  # first layer\nz = named("logits", x)  # scores\nq = 1\n'
    assert comments_in(source) == {
        "W1": "first layer",
        "b1": "first layer",
        "z": "scores",
        "logits": "scores",
    }


# --- LaTeX ---------------------------------------------------------------------------------------


def balanced(source):
    depth = 0
    for token in re.findall(r"\\.|[{}]", source, re.DOTALL):
        depth += (token == "{") - (token == "}")
        assert depth >= 0
    return depth == 0


def bare(source):
    """LaTeX without braces, blanks and the ends of lines and words."""
    return "".join(re.sub(r"[{}]|\\text(?![a-z])|\\\\", "", source).split())


def words_in_margin(row):
    """The words, without formulas, in the names of the reasons of a line."""
    for name, _ in row.reasons:
        yield from (each for each in spans_of(name) if isinstance(each, str))


def fences(source, side):
    return len(re.findall(rf"\\{side}(?![a-z])", source))


@each_page
def test_latex_is_balanced_and_shows_every_rule(name):
    derivation = catalogue[name]
    source = align(derivation, report_of(derivation))
    assert source.startswith(r"\begin{align*}")
    assert source.endswith(r"\end{align*}")
    assert balanced(source)
    assert fences(source, "left") == fences(source, "right")
    assert r"\mathbb" not in source
    margins = [line.rpartition("&& ")[2] for line in source.splitlines() if "&& " in line]
    flat = bare(" ".join(margins))
    for row in sheet(derivation).rows:
        assert f"({row.number})" in source
        for words in words_in_margin(row):
            assert bare(escaped(words)) in flat
    assert flat.count(":proved") == len(sheet(derivation).rows)


@each_page
def test_latex_compiles_with_amsmath_alone(name, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    derivation = catalogue[name]
    compile_latex(document(derivation, report_of(derivation, wrong={1})), tmp_path)


def test_prose_is_escaped_in_latex(small, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    compile_latex(document(small, report_of(small, wrong={1})), tmp_path)


def compile_latex(source, folder):
    assert re.findall(r"\\usepackage\{(.*?)\}", source) == ["amsmath"]
    (folder / "page.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1500:]
    overfull = re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout)
    assert all(float(points) < 10 for points in overfull), done.stdout


def test_every_character_is_shown_in_latex():
    assert escaped("a\\b {x} 100% σ → ∇ ≤ ☃") == (
        r"a\textbackslash{}b \{x\} 100\% $\sigma$ $\rightarrow$ $\nabla$ $\leq$ [U+2603]"
    )


# --- breaking formulas ---------------------------------------------------------------------------


@each_page
@pytest.mark.parametrize("room", [8.0, 20.0, 30.0])
def test_breaking_keeps_the_formula(name, room):
    for source in formulas(catalogue[name]):
        lines = broken(source, room)
        assert all(balanced(line) for line in lines)
        assert all(fences(line, "left") == fences(line, "right") for line in lines)
        assert plainly(" ".join(lines)) == plainly(source)
        assert plainly(" ".join(pieces(source, room))) == plainly(source)


def plainly(source):
    """A formula without braces, blanks and the sizes of brackets."""
    sizes = r"\\(left|right|biggl|biggr|bigl|bigr)(?![a-z])"
    return "".join(re.sub(sizes + r"|(?<!\\)[{}]", "", source).split())


def test_breaking_prefers_outer_signs_and_opens_brackets_only_when_it_must():
    inner = r"\left(b + c\right)"
    assert broken(f"a + {inner} + d", 5) == ["a", f"+ {inner}", "+ d"]
    assert broken(r"f \left(a + b + c + d\right)", 6) == [r"f \bigl( a + b + c", r"+ d \bigr)"]
    assert broken("x", 1) == ["x"]
    assert broken("(a)_{i} + (b)^{2} + c", 3) == ["(a)_{i}", "+ (b)^{2}", "+ c"]
    assert broken(r"\frac{a}{b} \lim_{h \to 0} f(h)", 3) == [r"\frac{a}{b}", r"\lim_{h \to 0} f(h)"]


def test_a_line_breaks_before_words_and_inside_plain_brackets_when_it_must():
    assert broken(r"a \le b \quad \text{for all } a", 4) == [
        r"a \le b",
        r"\quad \text{for all } a",
    ]
    assert pieces(r"\frac{1}{2} (a + b - c)", 4) == [r"\frac{1}{2} (a", "+ b", "- c)"]
    long = r"\left[X_{i} [i = j] [k = l]\right]_{1 \le i \le n,\, 1 \le j \le m,\, 1 \le k \le l}"
    assert pieces(long, 7)[0] == r"\bigl[ X_{i} [i = j]"
    assert pieces(r"\int x y z\, dx", 2)[-1] == r"z\, dx"
    assert pieces("f(a, b, c)", 2) == ["f(a,", "b,", "c)"]
    assert pieces("(a + b)", 9) == ["(a + b)"]


def test_wider_formulas_are_wider():
    assert width("x") < width("x + y") < width(r"x + \operatorname{softplus}\left(y\right)")


# --- HTML and MathML -----------------------------------------------------------------------------


class Reader(HTMLParser):
    """Tags that match, the attributes, and the text."""

    VOID = frozenset({"meta", "br", "mspace", "wbr"})

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.links, self.text = [], set(), [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read_html(source):
    reader = Reader()
    reader.feed(source)
    reader.close()
    assert reader.open == []
    return reader


@each_page
def test_html_is_whole_and_needs_no_network(name):
    derivation = catalogue[name]
    for source in (
        page(derivation, report_of(derivation, wrong={1})),
        fragment(derivation),
        derivation._repr_html_(),
        report_of(derivation)._repr_html_(),
    ):
        reader = read_html(source)
        assert not re.search(r"https?:|//|@import|url\(", source)
        assert reader.links == []
        assert "script" not in reader.tags
        assert {"math", "mi", "details"} <= reader.tags
        for row in sheet(derivation).rows:
            assert f"({row.number})" in reader.text
            assert all(words.strip() in reader.text for words in words_in_margin(row))


def test_what_means_the_same_stands_in_one_row():
    source = page(catalogue["calculus/forward_mode"])
    assert source.count("linear operations") == 1
    rows = source.partition("<h3>Given</h3>")[2].partition("<h3>")[0]
    assert rows.count("<math") == 6


def test_what_is_from_one_set_is_one_formula():
    source = page(catalogue["linear_algebra/cauchy_schwarz"])
    rows = source.partition("<h3>Given</h3>")[2].partition("<h3>")[0]
    assert rows.count("<math") == rows.count("∈") == 1
    reader = read_html(rows)
    assert "a" in reader.text
    assert "b" in reader.text


def test_the_titles_of_linked_pages_are_typeset_with_their_own_names():
    source = page(catalogue["calculus/gradient_of_log_sum_exp"])
    foot = source.partition('class="cr-foot"')[2]
    assert "of softened probabilities, times <" in foot  # T is a name of the other page


def test_punctuation_stays_with_its_formula(small):
    made = replace(small, about="Where x = 1, and y = 2. A title")
    assert re.search(r"</math>,</span></span> and ", page(made))


def test_the_page_is_made_for_paper_too():
    source = page(catalogue["calculus/chain_rule"])
    paper = source.partition("@media print")[2]
    assert "break-inside: avoid" in paper
    assert "--proved: #1a7f37" in paper  # as on a light background


def test_html_escapes_prose_and_shows_the_counterexample(small):
    source = page(small, report_of(small, wrong={1}))
    reader = read_html(source)
    assert "A title with & and <b>" in reader.text
    assert COUNTEREXAMPLE in reader.text
    assert "<details open>" in source
    assert "<details open>" not in page(small, report_of(small))
    assert "i" not in reader.tags


@each_page
def test_every_command_on_the_pages_is_known(name):
    for source in formulas(catalogue[name]):
        assert unknown_commands(read_latex(source)) == []
        ElementTree.fromstring(mathml(source))


def test_an_unknown_command_is_shown_and_not_dropped():
    assert "<mtext>\\wibble</mtext>" in mathml(r"a + \wibble b")
    assert unknown_commands(read_latex(r"\wibble{x} \frac{\wobble}{2}")) == [r"\wibble", r"\wobble"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"x_{i}^{2}", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"X^{\top}", '<msup><mi>X</mi><mi mathvariant="normal">⊤</mi></msup>'),
        (r"\mathbf{1}", "<mn>𝟏</mn>"),
        (r"\mathbb{R}", '<mi mathvariant="normal">ℝ</mi>'),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (r"\operatorname{softmax}", '<mi mathvariant="normal">softmax</mi>'),
        (r"\text{if } x", "<mtext>if\u00a0</mtext><mi>x</mi>"),
        ("f'", '<mi>f</mi><mo lspace="0em" rspace="0em">′</mo>'),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "<mtd><mi>a</mi></mtd>"),
        (r"\sum_{\substack{i \le n \\ j}} x", "<mtd><mi>j</mi></mtd>"),
        (r"\int\limits_{0}^{1} x", '<msubsup><mo form="prefix"'),
        (r"\lim_{h \to 0} x", '<munder><mi mathvariant="normal">lim</mi>'),
    ],
)
def test_mathml_of(source, shown):
    assert shown in mathml(source)


def test_mathml_of_larger_constructs_is_well_formed():
    source = (
        r"\sum_{i=1}^{n} \left\| x_i - \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{else}"
        r" \end{cases}"
        r"\right\|^{2} \odot \nabla_{w} \max_{j} \Bigl( \hat{y} \binom{n}{k} \Bigr) \le \{0, 1\}"
    )
    root = ElementTree.fromstring(mathml(source))
    tags = {element.tag for element in root.iter()}
    assert {"munderover", "mtable", "munder", "mover", "mfrac", "msup"} <= tags
    assert unknown_commands(read_latex(source)) == []


def test_fractions_limits_and_words_stand_apart_as_in_tex():
    assert mathml(r"\frac{a}{b} \frac{c}{d}").count('<mspace width="0.12em"/>') == 2
    assert "mspace" not in mathml(r"\frac{a}{b} + \frac{c}{d}")
    assert '<mspace width="0.25em"/>' in mathml(r"\lim_{h \to 0} \lim_{k \to 0} x")
    thin = '<mspace width="0.1667em"/>'
    assert thin in mathml(r"\beta \mathrm{margin}")
    assert thin in mathml(r"\mathrm{likelihood} \mathrm{prior}")
    assert thin not in mathml(r"\partial \mathrm{loss}")
    assert thin not in mathml(r"\mathrm{margin} + 1")
    assert spaced(r"\mathrm{a} \mathrm{bc} x") == r"\mathrm{a} \, \mathrm{bc} \, x"
    assert spaced(r"\frac{x}{\mathrm{ab} y}") == r"\frac{x}{\mathrm{ab} \, y}"
    assert spaced(r"Z_{\mathrm{next}}^{\top}") == r"Z_{\mathrm{next}}^{\top}"


def test_scripts_keep_their_height_at_tails_and_brackets():
    assert '<msub><mpadded depth="0em"><mi>p</mi></mpadded>' in mathml("p_{i}")
    assert "mpadded" not in mathml("w_{i}")
    assert "<msup><mrow><mo " in mathml(r"\biggl( x \biggr)^{2}")
    assert '<mpadded height="0.7em" depth="0.1em">' in mathml(r"\left(x - y\right)^{2}")
    assert "mpadded" not in mathml(r"\left(\frac{x}{y}\right)^{2}")
    assert mathml(r"\dot{u}").startswith(mathml("").replace("</math>", "<mover><mi>u</mi>"))
    assert '<mover accent="true"><mi>u</mi>' in mathml(r"\hat{u}")


def test_a_minus_sign_differs_from_a_difference():
    assert 'form="prefix"' in mathml("-x")
    assert 'form="infix"' in mathml("-x", continued=True)
    assert mathml("a - b").count('form="infix"') == 1
    assert mathml("a = -b").count('form="prefix"') == 1


def test_formulas_nested_without_end_are_shown_as_text():
    source = "{" * 400 + "x" + "}" * 400
    assert "x" in "".join(ElementTree.fromstring(mathml(source)).itertext())


# --- Markdown ------------------------------------------------------------------------------------


@each_page
def test_markdown_has_the_lines_the_tables_and_the_evidence(name):
    derivation = catalogue[name]
    text = markdown(derivation, report_of(derivation, wrong={1}))
    title = text.split("\n")[0]
    assert title.startswith("# ")
    assert all(words in title for words in prose(derivation.title, sheet(derivation).names)
               if isinstance(words, str))  # fmt: skip
    assert text.count("$$") % 2 == 0
    assert text.count(r"\begin{align*}") == len(derivation.chains) + 1  # and the claims
    assert r"\intertext" not in text  # unknown to the renderers of Markdown
    assert r"\\*" not in text
    assert "| (1) | refuted | the values differ" in text
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(cells) == 1
