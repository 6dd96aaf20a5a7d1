"""Reading text: equal expressions are one object, so results are compared by identity."""

import contextlib
import sys

import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbolic import operations as op
from symbolic import reductions
from symbolic import variables as declared
from symbolic.errors import (
    ChainruleError,
    DomainError,
    NameUnknownError,
    NotAllowedError,
    ParseError,
    ShapeError,
    UnsupportedError,
)
from symbolic.functions import ELEMENTWISE
from symbolic.reading.declarations import declare
from symbolic.reading.parse_functions import FUNCTIONS, RESERVED
from symbolic.reading.parse_source import MAX_LENGTH
from symbolic.reading.parser import parse, read
from symbolic.traverse import postorder
from tests.work import function_calls

GIVEN = {"X": "n d", "w": "d", "y": "n: unit", "A": "2 2", "s": "", "K": "n n"}
X, w, y, A, s, K = declare(GIVEN).values()
n, d = declared.dims("n d")
half = sympy.Rational(1, 2)

SAME = [
    ("X @ w - y", X @ w - y),
    ("X.T @ (X @ w - y)/n", X.T @ (X @ w - y) / n),
    ("2*X.T.T", 2 * X.T.T),
    ("-w", -w),
    ("+w", w),
    ("-(-w)", op.negative(op.negative(w))),
    ("-w**2", -(w**2)),
    ("w**-1", w**-1),
    ("w**0.5", w**half),
    ("w**(1/2)", w**half),
    ("w**n", w**n),
    ("2**w", 2**w),
    ("s*X + 1", s * X + 1),
    ("1 - y", 1 - y),
    ("X*w/s", X * w / s),
    ("n*d*w", (n * d) * w),
    ("w/(n*d + 1)", w / (n * d + 1)),
    ("y - sum(y)/n", y - op.sum(y) / n),
    ("sqrt(2)*w", op.sqrt(2) * w),
    ("2*pi*s", (2 * sympy.pi) * s),
    ("sum(X, axis=0)", op.sum(X, axis=0)),
    ("sum(X, axis=-1, keepdims=True)", op.sum(X, axis=-1, keepdims=True)),
    ("mean(X, axis=(0, 1), keepdims=False)", op.mean(X)),
    ("mean(X, axis=None)", op.mean(X)),
    ("sum(X, axis=())", op.sum(X, axis=())),
    ("softmax(X, axis=1)", reductions.softmax(X, axis=1)),
    ("logsoftmax(X, axis=-1)", reductions.log_softmax(X, axis=1)),
    ("log_softmax(w)", reductions.log_softmax(w)),
    ("logsumexp(X)", reductions.logsumexp(X)),
    ("norm(w)**2", reductions.norm(w) ** 2),
    ("tr(A)", op.trace(A)),
    ("trace(A @ A.T)", op.trace(A @ A.T)),
    ("outer(w, y)", op.outer(w, y)),
    ("diag(y)", op.diag(y)),
    ("diagonal(A)", op.diagonal(A)),
    ("eye(n)", op.eye(n)),
    ("eye(n*d)", op.eye(n * d)),
    ("eye(n + 1)", op.eye(n + 1)),
    ("ones(n, d, 3)", op.ones(n, d, 3)),
    ("zeros((n, d))", op.zeros(n, d)),
    ("einsum('ij,j->i', X, w)", op.einsum("ij,j->i", X, w)),
    ('einsum("i->ii", w)', op.einsum("i->ii", w)),
    ("where(y > 0, y, 1 - y)", op.where(op.compare(y, ">", 0), y, 1 - y)),
    ("where(s == 2, X, 0)", op.where(op.compare(s, "==", 2), X, 0)),
    ("maximum(w, 0)", op.maximum(w, 0)),
    ("y[:, None]*X", y[:, None] * X),
    ("y\n  + y", y + y),
    ("(((s)))", s),
]


@pytest.mark.parametrize(("text", "expected"), SAME, ids=[text for text, _ in SAME])
def test_text_and_operators_build_the_same_node(text, expected):
    assert parse(text, GIVEN) is expected


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_elementwise_function_can_be_called(name):
    operands = [w] * ELEMENTWISE[name].arity
    written = ", ".join(["w"] * len(operands))
    assert parse(f"{name}({written})", GIVEN) is op.apply_elementwise(name, *operands)


@pytest.mark.parametrize("text", [text for text, _ in SAME])
def test_what_is_printed_is_read_again(text):
    expression = parse(text, GIVEN)
    again = parse(str(expression), GIVEN)
    assert again.shape == expression.shape
    assert parse(str(again), GIVEN) is again


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", "1/10"),
        ("1e-3", "1/1000"),
        ("1E2", "100"),
        ("2.", "2"),
        (".5", "1/2"),
        ("1.25e+1", "25/2"),
        ("3 - 1/3", "8/3"),
        ("2**-2", "1/4"),
        ("0.1 + 0.2", "3/10"),
        ("0*n", "0"),
    ],
)
def test_numbers_are_exact(text, value):
    assert parse(text, GIVEN) is op.constant(sympy.Rational(value))


def test_constants_are_worked_out_exactly():
    assert parse("log(1/2)*sqrt(8)*n", GIVEN).coefficient == -2 * sympy.sqrt(2) * sympy.log(2) * n
    assert parse("exp(2*log(3))").coefficient == 9
    assert parse("sigmoid(0)").coefficient == half


def test_read_takes_expressions_text_and_numbers():
    assert read(X) is X
    assert read("X @ w", GIVEN) is X @ w
    assert read(0.1) is parse("0.1")
    assert read(n * d) is op.constant(n * d)
    with pytest.raises(UnsupportedError, match="in an expression: a list"):
        read([1, 2])
    with pytest.raises(UnsupportedError, match="a int where text is expected"):
        parse(3)


# --- what is refused -----------------------------------------------------------------------------

BAD = [
    # no text of the language at all
    ("", ParseError, "'': an empty text; write an expression"),
    ("X @ (w + )", ParseError, "no expression: invalid syntax"),
    ("((s)", ParseError, "no expression: '(' was never closed"),
    ("y = 2", ParseError, "=: no expression"),
    ("y'", ParseError, "no expression: unterminated string literal"),
    ("import os", ParseError, "no expression"),
    ("s; s", ParseError, "no expression"),
    ("yield s", ParseError, "no expression"),
    ("2x", ParseError, "2x: a number followed by 'x'; write * between a number and a name"),
    ("1j", ParseError, "1j: a number followed by 'j'"),
    ("0x10", ParseError, "0x10: a number followed by 'x10'"),
    ("1_000", ParseError, "1_000: a number followed by '_000'"),
    ("1if s else 2", ParseError, "1if: a number followed by 'if'"),
    ("1.T", ParseError, "1.T: a number followed by 'T'"),
    ("(" * 101 + "s" + ")" * 101, ParseError, "brackets nested more than 100 deep"),
    ("-" * 15000 + "s", ParseError, "operators nested too deeply; split the expression"),
    ("s**" * 4000 + "s", ParseError, "operators nested too deeply"),
    ("s" + ".T" * 9000, ParseError, "operators nested too deeply"),
    (" + ".join(["s"] * 4900), ParseError, "operators nested too deeply"),
    ("s" * (MAX_LENGTH + 1), ParseError, "20001 characters of text, at most 20000 are read"),
    # characters
    ("s − 1", NotAllowedError, "the character U+2212 MINUS SIGN; write '-'"),
    ("s²", NotAllowedError, "SUPERSCRIPT TWO; write '**2'"),
    ("ｓ + 1", NotAllowedError, "FULLWIDTH LATIN SMALL LETTER S; write 's'"),
    ("ﬁ", NotAllowedError, "LATIN SMALL LIGATURE FI; write 'fi'"),
    ("π*s", NotAllowedError, "GREEK SMALL LETTER PI; write 'pi'"),
    ("σ(s)", NotAllowedError, "GREEK SMALL LETTER SIGMA; use ASCII letters"),
    ("s\x00", NotAllowedError, "'\\x00': the character U+0000 a control character"),
    ("s # all", NotAllowedError, "#: a comment; write the expression alone"),
    # names
    ("x @ w", NameUnknownError, "x: no such name is declared (declared: A, K, X, d, n, s, w, y)"),
    ("x", NameUnknownError, "did you mean 'X'?"),
    ("zebra", NameUnknownError, "declare it in given, as in given={'w': 'd'}"),
    ("__builtins__", NameUnknownError, "__builtins__: no such name is declared"),
    ("nan", NameUnknownError, "nan: no such name is declared"),
    ("eye(m)", NameUnknownError, "m: no such name is declared"),
    ("exp", NotAllowedError, "exp: a function without its argument; write exp(x)"),
    # operators and constructs
    ("s^2", NotAllowedError, "the operator BitXor is not in the language; write ** for a power"),
    ("s//2", NotAllowedError, "FloorDiv is not in the language; write / for a quotient"),
    ("s % 2", NotAllowedError, "Mod is not in the language; use + - * / ** @"),
    ("not s", NotAllowedError, "Not is not in the language"),
    ("s and s", NotAllowedError, "a logical operator is not in the language; nest where"),
    ("s if s else s", NotAllowedError, "if ... else is not in the language; write where"),
    ("s > 1", NotAllowedError, "a comparison outside where is not in the language"),
    ("lambda: 1", NotAllowedError, "a lambda is not in the language"),
    ("[s for s in X]", NotAllowedError, "the construct ListComp is not in the language"),
    ("[1, 2]", NotAllowedError, "a list is not in the language"),
    ("{1: 2}", NotAllowedError, "the construct Dict is not in the language"),
    ("s, s", NotAllowedError, "a tuple is not in the language"),
    ("(z := 2)", NotAllowedError, "an assignment is not in the language"),
    ("f'{s}'", NotAllowedError, "an f-string is not in the language"),
    ("'text'", NotAllowedError, "a str where a number is expected"),
    ("True", NotAllowedError, "a bool where a number is expected"),
    ("...", NotAllowedError, "a ellipsis where a number is expected"),
    ("await s", NotAllowedError, "the construct Await is not in the language"),
    ("w[0, 1]", ShapeError, "an index with 2 parts: the operand has shape (d,)"),
    ("A[5, 1]", ShapeError, "it lies outside; the operand has shape (2, 2)"),
    ("A[2:]", ShapeError, "it lies outside"),
    ("A[1:1]", ShapeError, "it is empty"),
    ("w[::0]", NotAllowedError, "no integer but 0"),
    ("w[0.5]", NotAllowedError, "it is neither an integer nor a size"),
    ("w[w]", NotAllowedError, "it is neither an integer nor a size"),
    # attributes and calls
    ("X.foo", NotAllowedError, "X.foo: the attribute .foo, but .T is the only one"),
    ("X.sum", NotAllowedError, "write sum(x, axis=..., keepdims=...)"),
    ("X.T()", NotAllowedError, "a call of the attribute .T; call functions by name"),
    ("np.exp(X)", NotAllowedError, "a call of the attribute .exp; write exp(x)"),
    (
        "X.dot(w)",
        NotAllowedError,
        "a call of the attribute .dot; write @ for a product of matrices",
    ),
    ("sigmiod(y)", NotAllowedError, "no function is called sigmiod; did you mean 'sigmoid'?"),
    ("qqq(y)", NotAllowedError, "no function is called qqq; the functions are abs, arctanh"),
    ("s(s + 1)", NotAllowedError, "s is a variable, not a function; write * for a product"),
    ("2(s)", NotAllowedError, "a call of something that is no function; write * for a product"),
    ("exp()", NotAllowedError, "exp takes 1 argument and has 0; write exp(x)"),
    ("maximum(s)", NotAllowedError, "maximum takes 2 arguments and has 1; write maximum(x, y)"),
    ("sum(X, 0)", NotAllowedError, "sum takes 1 argument and has 2; write sum(x, axis=..., "),
    ("zeros()", NotAllowedError, "zeros takes 1 or more arguments and has 0; write zeros(n, ...)"),
    ("sum(X, axs=0)", NotAllowedError, "axs=0: sum has no option axs; did you mean 'axis'?"),
    ("norm(X, ord=2)", NotAllowedError, "norm has no option ord; write norm(x, y, axis=..."),
    ("norm(w, 0.5)", NotAllowedError, "norm of order 1/2: no number from 1"),
    ("norm(X, 3)", NotAllowedError, "no norm of matrices that is known here"),
    ("exp(x=s)", NotAllowedError, "exp has no option x; write exp(x)"),
    ("sum(X, axis=0, axis=1)", NotAllowedError, "the option axis a second time"),
    ("sum(X, axis=s)", NotAllowedError, "the axis is no integer; write axis=0 or axis=(0, 1)"),
    ("sum(X, axis=True)", NotAllowedError, "the axis is no integer"),
    ("softmax(X, axis=(0, 1))", NotAllowedError, "the axis is no integer; write axis=0\n"),
    ("sum(X, keepdims=1)", NotAllowedError, "keepdims is neither True nor False"),
    ("sum(*X)", NotAllowedError, "*X: a starred argument; write the arguments one by one"),
    ("sum(**X)", NotAllowedError, "sum has no option **"),
    ("where(y, y, 0)", NotAllowedError, "y: no comparison; write where(x == y, a, b)"),
    ("where(0 < y < 1, y, 0)", NotAllowedError, "0 < y < 1: a chain of comparisons"),
    ("where(y in y, y, 0)", NotAllowedError, "In is no comparison here; use == != < <= > >="),
    ("einsum(X, w)", NotAllowedError, "X: no text in quotes; write the indices first"),
    # shapes
    ("s*(X @ y)", ShapeError, "X @ y: a product with @: shapes (n, d) and (n,): d is not n;"),
    ("X + y", ShapeError, "X + y: a sum: shapes (n, d) and (n,); sizes, counted from the last"),
    ("X @ s", ShapeError, "shapes (n, d) and (); use * to multiply by a scalar"),
    ("trace(X)", ShapeError, "trace(X): trace: shape (n, d); give a square"),
    ("sum(X, axis=2)", ShapeError, "sum along axis 2: the operand has shape (n, d)"),
    ("softmax(s)", ShapeError, "softmax of a scalar"),
    ("einsum('ij,i->j', X, w)", ShapeError, "(X has shape (n, d), w has shape (d,))"),
    ("einsum('ij,j', X, w)", ShapeError, "subscripts that do not fit"),
    ("eye(s)", ShapeError, "a size: it is not a positive integer"),
    ("eye(n/2)", ShapeError, "a size: it is not a positive integer"),
    ("eye(0)", ShapeError, "a size: it is not a positive integer"),
    ("inv(X)", ShapeError, "inv(X): shape (n, d); give a square matrix"),
    ("logdet(X)", ShapeError, "logdet(X): shape (n, d); give a square matrix"),
    ("det(w)", ShapeError, "det(w): shape (d,); give a square matrix"),
    ("kron(A, w)", ShapeError, "give two matrices, or two vectors"),
    ("reshape(X, n)", ShapeError, "give a shape with as many entries"),
    ("concatenate(X, A)", ShapeError, "give arrays whose other axes have equal sizes"),
    ("windows(w, 3, stride=0)", ShapeError, "stride=0: no such count"),
    ("iverson('i0 == i1*i1', n, n)", NotAllowedError, "no affine relation"),
    ("iverson('__import__(1) == i0', n)", NotAllowedError, "no affine relation"),
    ("ones(" + "2, " * 40 + "2)", ShapeError, "41 axes; use arrays of at most 32 axes"),
    # constants
    ("1/0", DomainError, "1/0: a division: the divisor is 0; divide by something else"),
    ("y/zeros(n)", DomainError, "a division: the divisor is 0"),
    ("s/(n - n)", DomainError, "a division: the divisor is 0"),
    ("1/(log(6) - log(2) - log(3))", DomainError, "a division: the divisor is 0"),
    ("0**-1", DomainError, "a power of 0: the exponent may be negative"),
    ("log(0)", DomainError, "log(0): a constant: its value is no finite real number"),
    ("log(-1)", DomainError, "no finite real number"),
    ("sqrt(-1)", DomainError, "no finite real number"),
    ("sqrt(-n)", DomainError, "no finite real number"),
    ("(-8)**(1/3)", DomainError, "no finite real number"),
    ("gamma(0)", DomainError, "no finite real number"),
    ("log1p(-1)", DomainError, "no finite real number"),
    ("lgamma(-0.5)", DomainError, "no finite real number"),
    ("arctanh(2)", DomainError, "no finite real number"),
    ("9**9**9", NotAllowedError, "9**9**9: a power of constants: the exponent is too large"),
    ("3**(10**9*n)", NotAllowedError, "a power of constants"),
    ("exp(10**9*log(3) + n)", NotAllowedError, "its exact value is too long"),
    ("gamma(10**9)", NotAllowedError, "outside the range of double precision"),
    ("exp(exp(exp(9)))", NotAllowedError, "outside the range of double precision"),
    ("1e999999999", NotAllowedError, "outside the range of double precision"),
    ("1e-400", NotAllowedError, "outside the range of double precision"),
    ("9" * 399, NotAllowedError, "outside the range of double precision"),
    ("9" * 5000, NotAllowedError, "a number of 5000 characters; write it with at most 400"),
    ("(1e308 - 1e5)**1e-308", NotAllowedError, "a power of constants"),
    ("n**1e300", NotAllowedError, "too long or has too large powers"),
]


@pytest.mark.parametrize(("text", "kind", "message"), BAD, ids=[text[:30] for text, _, _ in BAD])
def test_errors_say_what_is_wrong(text, kind, message):
    def refused():
        with pytest.raises(kind) as error:
            parse(text, GIVEN)
        assert message in str(error.value)
        assert type(error.value) is kind

    assert function_calls(refused) < 1_000_000


INJECTIONS = [
    "__import__('os').system('x')",
    "exec('1')",
    "eval('1')",
    "open('/etc/passwd').read()",
    "getattr(s, 'shape')",
    "s.__class__.__mro__[1].__subclasses__()",
    "().__class__.__bases__[0]",
    "X.T.__init__.__globals__",
    "s.shape",
    "s._make(1, 2)",
    "(lambda: __import__('os'))()",
    "[x for x in ().__class__.__base__.__subclasses__()]",
    "f'{__import__(\"os\")}'",
    'f"{s.__class__}"',
    "print(s)",
    "globals()",
    "einsum(__import__('os').getcwd(), X)",
    "einsum(f'{s}', X)",
    "where(__import__('os') == 1, s, s)",
    "sum(X, axis=__import__('os'))",
    "sum(X, axis=(exec('1'), 0))",
    "ones((n, exec('1')))",
    "w[exec('1')]",
    "w[exec('1'):]",
    "'a' % s",
    "'{0.__class__}'.format(s)",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_code_is_refused(text, monkeypatch):
    def forbidden(*arguments, **options):
        pytest.fail(f"called with {arguments}")

    monkeypatch.setattr("builtins.eval", forbidden)
    monkeypatch.setattr("builtins.exec", forbidden)
    monkeypatch.setattr("os.system", forbidden)
    with pytest.raises((NotAllowedError, ParseError)):
        parse(text, GIVEN)


def test_carets_stand_under_the_place():
    with pytest.raises(NameUnknownError) as error:
        parse("s + zebra*2", GIVEN)
    paragraph, line, carets = str(error.value).split("\n")
    assert paragraph.startswith("zebra: ")
    assert line[carets.index("^") : carets.rindex("^") + 1] == "zebra"


def test_carets_stand_under_the_place_of_a_long_text():
    with pytest.raises(NameUnknownError) as error:
        parse(" + ".join(["s"] * 200 + ["zebra"] + ["s"] * 200), GIVEN)
    _, line, carets = str(error.value).split("\n")
    assert line[carets.index("^") : carets.rindex("^") + 1] == "zebra"
    assert len(line) < 150


def test_long_flat_sums_are_read():
    expected = s
    for _ in range(1999):
        expected = expected + s
    assert parse(" + ".join(["s"] * 2000), GIVEN) is expected


def test_deep_nesting_is_read_without_recursion():
    text = "tanh(" * 90 + "s" + ")" * 90
    assert len(postorder(parse(text, GIVEN))) == 91
    limit = sys.getrecursionlimit()
    parse("-".join(["exp(s)"] * 2000), GIVEN)
    assert sys.getrecursionlimit() == limit


def test_reserved_names_are_those_of_the_table():
    assert set(FUNCTIONS) | {"pi"} == RESERVED


# --- whatever is written, only typed errors come out ---------------------------------------------

WORDS = """
    X w y A s K n d pi 0 1 2 0.5 1e3 1e-308 1e308 1_0 0x1
    + - * / ** @ .T ( ) , == < [ ] : := ; { } ! ~ ^ % . # ' " \\ é
    None axis=0 keepdims=True lambda if else for in not is __class__ 'ij->ji'
    exp( log( sum( softmax( gamma( maximum( where( einsum( eye( ones( det( f(
"""
PIECES = st.sampled_from([*WORDS.split(), "\n", "\x00"])
QUIET = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@QUIET
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map(" ".join)))
def test_arbitrary_text_raises_typed_errors_only(text):
    with contextlib.suppress(ChainruleError):
        parse(text, GIVEN)


LEAVES = st.sampled_from(["X", "w", "y", "A", "s", "K", "n", "d", "pi", "0", "2", "0.5", "7"])


def _grow(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", "@"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(lambda p: f"{p[0]}({p[1]})"),
        inner.map(lambda text: f"-({text}).T"),
    )


@QUIET
@given(st.recursive(LEAVES, _grow, max_leaves=8))
def test_constants_stay_finite_and_real(text):
    try:
        expression = parse(text, GIVEN)
    except ChainruleError:
        return
    for node in postorder(expression):
        coefficient = getattr(node, "coefficient", sympy.S.One)
        assert not coefficient.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I)
        assert coefficient.is_extended_real is not False
