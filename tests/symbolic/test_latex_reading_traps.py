r"""Traps in LaTeX: what is easily dropped or taken for something else is refused, or read as meant."""

import pytest

from symbolic import AmbiguousError, ChainruleError, Latex, parse, read_latex
from symbolic.algebra.normal import equal_by_algebra
from symbolic.reading.latex.structure import MAX_ITEMS

NUMBERS = dict.fromkeys(
    ("a", "b", "c", "f", "g", "h", "p", "q", "F", "J", "L", "sigma", "phi", "psi", "ell", "t"), ""
)
GIVEN = {**NUMBERS, "x": "n", "w": "n", "W": "m n", "A": "n n", "B": "n n", "dA": "n n"}

REFUSED = [
    # a letter that is usually a function, before brackets
    r"f(w^\top x)", r"g(W x)", r"L(2w)", r"f(x + h) - f(x)", r"\sigma(Wx)", r"\psi(w + x)", r"\ell(2 w)",
    r"p(w^\top x)", r"x(t + 1)", r"x(t - 1)", r"x(t)",
    # a relation where a value belongs
    r"\exp(a < b)", r"\sigma(w^\t<op x)", r"a (a < 1)",
    # two fonts that tell things apart
    r"\mathcal{L} + L", r"\mathbb{F} + F",
    # wide space, columns and words
    r"a \quad b", r"a = b \qquad c", r"a = b & c", r"a = b \text{ for } a > 0",
    r"a = b \text{ where it rains}",
    r"a = b \text{ for large n}", r"A_{ij} = -x_i w_j \text{ for } i \neq j",
    # sums that cover a later term with some of their indices only
    r"\sum_{ij} A_{ij} + x_i", r"\sum_i \sum_j A_{ij} + x_i",
    # an index on the left
    r"s_{ii} = x_i", r"s_i = \sum_i x_i w_i", r"s_i = A_{ij} x_j",
    # a derivative whose entry a head does not say
    r"\frac{\partial M}{\partial x_1} = 2x_1", r"\frac{\partial^2 M}{\partial x_i^2} = A_{ii}",
    # constant on one side, moving on the other
    r"d(AB) = dA\,B + A\,dB",
    # one fence
    r"\left( a + b \right.", r"\left. a \right|",
    # a row that hangs below another
    r"\begin{aligned} s &= \frac1n \\ & \sum_i x_i \end{aligned}",
    # times of a step
    r"x_t = x_{t-1} - a (w_t + w_{t-1})", r"x_t = x - a w", r"w_t = \tanh(A w_{t-1})",
    # functions of a row before: a product with itself, another shape, what does not mention its argument
    r"f(x) = \|x\|^2 \\ r = f(1 - f)", r"s(x) = \|x\|^2 \\ r = s(a)", r"s(x) = a \\ r = s(w)",
    r"s(x) = \|x\|^2 \\ r = s(x, w)", r"s(x) = \|x\|^2 \\ r = s(w^\top)", r"f(w^\top x)^2", r"a(b)^2",
    # what is said of some entries only
    r"r_j = x_j, \quad j = 2, \dots, n", r"r_j = x_j, \quad j = 1, \dots, m", r"r_j = x_j, \quad i \ne j",
    r"r_j = x_j \quad (1 \le j \le n)", r"r_j &= x_j & i &\ne j",
    r"r_j = x_j, \quad k = 1, \dots, n", r"r = a, \quad j = 1, \dots, n",
    r"r_j = x_j = w_j, \quad j = 1, \dots, n", r"r_j = x_j, \quad s_j = w_j, \quad j = 1, \dots, n",
    # a power of e, which has a definition
    r"e = x - w \\ r = e^{-a}", r"e = e - a",
    # primes without end
    "\\tanh" + "'" * 12 + "(a)",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_two_readings_are_refused(text: str) -> None:
    given = {key: value for key, value in GIVEN.items() if key != "t" or "(t" in text}
    with pytest.raises(ChainruleError) as caught:
        read_latex(Latex(text), given)
    assert caught.value.advice


def test_letters_that_multiply_are_products() -> None:
    for text, means in (
        ("h(1 - h)", "h*(1 - h)"), ("a(w + x)", "a*(w + x)"), ("p(1-p)", "p*(1-p)"), ("t(1-t)", "t*(1-t)"),
    ):  # fmt: skip
        assert parse(Latex(text), GIVEN) is parse(means, GIVEN)


DEFINED = {
    "s": "", "x": "n", "A": "n n", "th": ": unit", r"\theta": "= th", "z": "= 2*x", "p": "= s**2",
    "q": "= s**3", "L": "= norm(x)**2",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "means"),
    [
        (r"\frac{d}{d\theta} \theta^9(1-\theta)^4", r"\frac{d}{d\theta} (\theta^9 \cdot (1-\theta)^4)"),
        (r"\frac{d\,\theta(1-\theta)}{d\theta}", r"\frac{d}{d\theta} (\theta \cdot (1-\theta))"),
        (r"\nabla_x z^\top A z", r"\nabla_x (z^\top A z)"),
        (r"\frac{d}{ds} p q", r"\frac{d}{ds} (p q)"),
        (r"\nabla L(x)", r"\nabla_x L"),
        (r"\frac{\partial L(x)}{\partial x}", r"\nabla_x L"),
    ],
)  # fmt: skip
def test_operators_take_the_whole_product_of_definitions(text: str, means: str) -> None:
    assert parse(text, DEFINED) is parse(means, DEFINED)


@pytest.mark.parametrize("text", [r"\nabla_x L(z)", r"\frac{d}{ds} p(q)", r"\frac{d}{ds} p(s) q"])
def test_operators_before_calls_that_are_not_known_are_refused(text: str) -> None:
    with pytest.raises(AmbiguousError):
        parse(text, DEFINED)


STATEMENTS = [
    (r"a = b \qquad c = a", ["a = b", "c = a"]),
    (r"a = b, \quad c = a", ["a = b", "c = a"]),
    (r"a \quad = \quad b", ["a = b"]),
    (r"\begin{align} a &= b & c &= a \\ a &= c & b &= a \end{align}",
     ["a = b", "c = a", "a = c", "b = a"]),
    (r"\left\{ \begin{aligned} a &= b \\ c &= a \end{aligned} \right.", ["a = b", "c = a"]),
    (r"\begin{array}{rcl} a &=& b \\ &=& c \end{array}", ["a = b = c"]),
    (r"a = b \quad \text{and} \quad c = a", ["a = b", "c = a"]),
    (r"a = b \text{ for } i = 1, \dots, n", ["a = b"]),
    (r"a = b \quad \forall i", ["a = b"]),
    (r"a = b \text{ (ridge)}", ["a = b"]),
    (r"\begin{align} a &= b && \text{(ridge)} \\ \intertext{and so} c &= a \end{align}",
     ["a = b", "c = a"]),
    (r"a = b \text{ where } x \in \mathbb{R}^n", ["a = b"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STATEMENTS)
def test_statements_side_by_side_stand_apart(text: str, expected: list[str]) -> None:
    found = [" = ".join(side.text for side in each.sides) for each in read_latex(text, GIVEN)]
    assert found == expected


def test_what_explains_is_read_first() -> None:
    first, second = read_latex(r"a = r^\top r \quad \text{where} \quad r = Wx", GIVEN)
    assert str(first.sides[1].expression) == "r @ r"
    assert second.sides[0].head is not None


STEPS = {
    "th": "d",
    "alpha": ": positive",
    "mh": "d",
    "vh": "d: positive",
    "eps": ": positive",
    "g": "d",
}


@pytest.mark.parametrize(
    ("text", "name", "means"),
    [
        (r"\theta_t = \theta_{t-1} - \alpha \cdot \hat{m}_t / (\sqrt{\hat{v}_t} + \epsilon)", "theta_t",
         "th - alpha*mh/(sqrt(vh) + eps)"),
        (r"\theta_{t+1} = \theta_t - \alpha g_t", "theta_tp1", "th - alpha*g"),
        (r"\theta^{(t+1)} = \theta^{(t)} - \alpha g", "theta_tp1", "th - alpha*g"),
    ],
)  # fmt: skip
def test_a_step_of_an_iteration(text: str, name: str, means: str) -> None:
    (formula,) = read_latex(text, STEPS)
    head = formula.sides[0].head
    assert head is not None
    assert head.name == name
    assert formula.sides[1].expression is parse(means, STEPS)
    assert any("a value in a step" in note for note in formula.notes)


def test_a_square_that_is_declared_as_a_whole() -> None:
    given = {r"\sigma^2": ": positive", "x": "n", "mu": ""}
    text = r"\frac{\partial \ell}{\partial \sigma^2} = \frac{1}{2\sigma^4} \sum_i (x_i-\mu)^2"
    (formula,) = read_latex(text, given)
    head = formula.sides[0].head
    assert head is not None
    assert head.by == ("sigma_2",)
    assert formula.sides[1].expression is parse("1/(2*sigma_2**2)*sum((x - mu)**2)", given)


def test_the_exact_name_is_meant() -> None:
    given = {"A": "n n", "b": "n", "bb": "n"}
    assert parse(Latex("A b"), given) is parse("A @ b", given)


def test_brackets_behind_the_arguments_of_a_function_are_a_factor() -> None:
    text = r"\begin{aligned} g(z) &= \frac{1}{1+e^{-z}} \\ r &= g(z)(1 - g(z)) \end{aligned}"
    *_, last = read_latex(text, {"z": ""})
    assert str(last.sides[1].expression) == "g*(1 - g)"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        (r"s(x) = x^\top A x \\ r = s(w)", "w @ A @ w"),
        (r"s(x) = x^\top A x \\ r = s(x + w)", "(x + w) @ A @ (x + w)"),
        (r"z = 2x \\ s(x) = z^\top A x \\ r = s(w)", "(2*w) @ A @ w"),
        (r"s(a) = a^2 \\ r = 2 s(3)^2 b", "2*(3**2)**2*b"),
        (r"s(a, b) = a - 2b \\ r = s(b, a)", "b - 2*a"),
    ],
)  # fmt: skip
def test_a_function_of_a_row_before_at_another_argument(text: str, means: str) -> None:
    last = read_latex(text, GIVEN)[-1].sides[-1].expression
    assert last is not None
    assert equal_by_algebra(last, parse(means, GIVEN))


def test_a_power_behind_the_arguments_is_that_of_the_value() -> None:
    *_, last = read_latex(r"s(x) = x^\top A x \\ r = s(x)^2", GIVEN)
    assert str(last.sides[1].expression) == "s**2"


ERRORS = [
    r"e = x - w \\ r = e^\top e",
    r"r = e^\top e, \quad e = x - w",
    r"r = e^\top e \quad \text{where} \quad e = x - w",
]


@pytest.mark.parametrize("text", ERRORS)
def test_e_is_a_name_where_a_row_defines_it(text: str) -> None:
    found = {each.sides[0].text: str(each.sides[1].expression) for each in read_latex(text, GIVEN)}
    assert found == {"e": "x - w", "r": "e @ e"}


def test_e_is_a_number_where_nothing_defines_it() -> None:
    (formula,) = read_latex(r"e = \exp(1)", GIVEN)
    assert formula.sides[0].head is None
    assert str(formula.sides[0].expression) == "exp(1)"


@pytest.mark.parametrize(
    "text",
    [
        r"r_j = x_j, \quad j = 1, \dots, n.", r"r_j = x_j \quad (j = 1, \ldots, n)",
        r"r_j = x_j, \quad j \in \{1, \dots, n\}",
        r"\begin{aligned} r_j &= x_j, & j = 1, \dots, n \end{aligned}",
    ],
)  # fmt: skip
def test_a_range_over_the_whole_axis_claims_nothing(text: str) -> None:
    (formula,) = read_latex(text, GIVEN)
    assert formula.sides[0].indices == ("j",)
    assert formula.sides[1].expression is parse("x", GIVEN)
    assert any("whole axis" in note for note in formula.notes)


def test_d_above_and_below_is_a_derivative_unless_it_is_a_variable() -> None:
    text = r"\frac{dL}{dw} = 2w"
    (formula,) = read_latex(text, {"w": "d"})
    head = formula.sides[0].head
    assert head is not None
    assert (head.kind, head.name, head.by) == ("derivative", "L", ("w",))
    assert any("size d" in note for note in formula.notes)
    for given in ({"w": "n", "d": ""}, {"w": "d", "z": "L n"}):
        with pytest.raises(AmbiguousError):
            read_latex(text, given)


def test_a_head_with_an_index_does_not_hide_the_size_of_its_letter() -> None:
    given = {"g": "N K"}
    first, second = read_latex(r"N_k = \sum_{n=1}^N g_{nk} \\ p_k = \frac{N_k}{N}", given)
    head = first.sides[0].head
    assert head is not None
    assert (head.name, head.indices) == ("N_k", ("k",))
    assert second.sides[1].expression is not None
    assert equal_by_algebra(second.sides[1].expression, parse("sum(g, axis=0)/N", given))


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("x^*", "x_star"), (r"x^\star", "x_star"), (r"\hat x_{\text{ridge}}", "x_hat_ridge"),
        (r"x_{\mathrm{MLE}}", "x_MLE"),
    ],
)  # fmt: skip
def test_a_star_and_words_make_a_new_name(name: str, identifier: str) -> None:
    first, last = read_latex(rf"{name} = 2w \\ r = A {name}", {**GIVEN, "xh": "n"})
    head = first.sides[0].head
    assert head is not None
    assert head.name == identifier
    assert str(last.sides[1].expression) == f"A @ {identifier}"


def test_orders_of_matrices_are_relations_of_their_own() -> None:
    (formula,) = read_latex(r"r = A + A^\top \succeq 0", GIVEN)
    assert formula.relations == ("=", "succeq")
    (formula,) = read_latex(r"A \preceq B", GIVEN)
    assert formula.relations == ("preceq",)


def test_a_formula_has_a_largest_length() -> None:
    with pytest.raises(ChainruleError, match="at most"):
        parse(Latex(" a" * (MAX_ITEMS + 1)), {"a": ""})
