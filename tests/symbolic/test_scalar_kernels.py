"""Kernels as code: one walk, of which NumPy and the array API standard differ in a few places."""

import pytest
import sympy
from sympy import Eq, Heaviside, Max, Min, Ne, Not, Piecewise, Rational, exp, pi, sin, sqrt

from symbolic.code.array_api_kernels import kernel_term
from symbolic.code.numpy_kernels import kernel_code
from symbolic.code.scalar_kernels import Term
from symbolic.errors import UnsupportedError
from symbolic.functions import sigmoid
from symbolic.printing.text_printer import ADD, ATOM, Piece

x, y = sympy.symbols("x y", real=True)  # arrays
s = sympy.Symbol("s", real=True)  # an array whose code is a sum
n = sympy.Symbol("n", integer=True, positive=True)  # a number
HALF = Rational(1, 2)
PIECES = {x: Piece("x", ATOM), y: Piece("y", ATOM), s: Piece("a + b", ADD), n: Piece("n", ATOM)}


def numpy_code(kernel):
    return kernel_code(kernel, PIECES, lambda name: name).text


def portable(kernel):
    terms = {symbol: Term(piece, symbol == n) for symbol, piece in PIECES.items()}
    return kernel_term(kernel, terms, lambda name, inside: f"xp.{name}({inside})")


def array(number):
    return f"xp.asarray({number}, dtype=dtype, device=device)"


ALIKE = [
    (x - y / 3, "x - y / 3"),
    (-x - s, "-(a + b) - x"),
    (-x * y, "-x * y"),
    (-(x**2) * s, "-(a + b) * x**2"),
    (Rational(2, 3) * x, "2 * x / 3"),
    (Rational(3, 10) * x, "0.3 * x"),
    (x * s / (y + 1), "(a + b) * x / (1 + y)"),
    (1 / x**2, "1 / x**2"),
    (s**2, "(a + b) ** 2"),
    (x ** (2 * y), "x ** (2 * y)"),
    (3 ** (x + 1), "3.0 ** (1 + x)"),
    (n**2 * x, "x * n**2"),
    ((-2) ** x, "(-2.0) ** x"),
    ((-1) ** n * x, "x * (-1.0) ** n"),
]
DIFFERENT = [
    (x**3, "x**2 * x", "x**3"),
    (s**3, "(a + b) ** 3", "(a + b) ** 3"),
    (x ** Rational(3, 2), "x * np.sqrt(x)", "x**1.5"),
    (2**x, "2.0**x", "2.0 ** x"),
    (pi * x, "np.pi * x", "math.pi * x"),
    (exp(-x), "np.exp(-x)", "xp.exp(-x)"),
    (-(x**2) * exp(y), "-(x**2) * np.exp(y)", "-(x**2) * xp.exp(y)"),
    (exp(-n), "np.exp(-n)", "math.exp(-n)"),
    (sqrt(x**2 + y**2), "hypot(x, y)", "xp.hypot(x, y)"),
    (sqrt(x**2 + HALF**2), "hypot(x, 0.5)", f"xp.hypot(x, {array(0.5)})"),
    (sqrt(x**2 + y), "np.sqrt(y + x**2)", "xp.sqrt(y + x**2)"),
    (sigmoid(n), "sigmoid(n)", f"xp.sigmoid({array('n')})"),
    (Heaviside(x), "np.heaviside(x, 0.5)", "xp.half_step(x)"),
    (
        Max(x, y, HALF),
        "np.maximum(np.maximum(x, y), 0.5)",
        f"xp.maximum(xp.maximum(x, y), {array(0.5)})",
    ),
    (Min(n, 7 * HALF) * x, "x * np.minimum(n, 3.5)", "x * min(n, 3.5)"),
    (
        Piecewise((x, x > y), (HALF, True)),
        "np.where(x > y, x, 0.5)",
        f"xp.where(x > y, x, {array(0.5)})",
    ),
    (
        Piecewise((x, n > 2), (y, True)),
        "np.where(n > 2, x, y)",
        f"xp.where({array('n')} > 2, x, y)",
    ),
    (
        Piecewise((x, n / sin(x) > 2), (y, True)),
        "np.where(n / sin(x) > 2, x, y)",
        "xp.where(n / xp.sin(x) > 2, x, y)",
    ),
    (
        Piecewise((x, (x > 0) & Ne(y, 1)), (y, Eq(x, y) | (s < 1)), (s, True)),
        "np.where((x > 0) & (y != 1), x, np.where((x == y) | (a + b < 1), y, a + b))",
        "xp.where((x > 0) & (y != 1), x, xp.where((x == y) | (a + b < 1), y, a + b))",
    ),
    (
        Piecewise((x, Not((x > 0) & (y > 0))), (y, True)),
        "np.where(~((x > 0) & (y > 0)), x, y)",
        "xp.where(~((x > 0) & (y > 0)), x, y)",
    ),
]


@pytest.mark.parametrize(("kernel", "code"), ALIKE, ids=str)
def test_what_both_write_in_the_same_way(kernel, code):
    assert (numpy_code(kernel), portable(kernel).piece.text) == (code, code)


@pytest.mark.parametrize(("kernel", "of_numpy", "of_others"), DIFFERENT, ids=str)
def test_what_they_write_differently(kernel, of_numpy, of_others):
    assert (numpy_code(kernel), portable(kernel).piece.text) == (of_numpy, of_others)


@pytest.mark.parametrize(
    "kernel", [n + 1, 2 * n, 1 / (n + 1), n**n, exp(-n) / n, Max(n, 3)], ids=str
)
def test_numbers_of_numbers_are_numbers(kernel):
    assert portable(kernel).is_number


@pytest.mark.parametrize(
    "kernel",
    [
        n + x,
        n * x,
        x / n,
        n / x,
        n**x,
        exp(n * x),
        Max(n, x),
        sigmoid(n),
        Piecewise((n, n > 2), (1, True)),
    ],
    ids=str,
)
def test_arrays_are_no_numbers(kernel):
    assert not portable(kernel).is_number


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (numpy_code, "NumPy code for tan: the function has no NumPy form in the table"),
        (portable, "tan for other array libraries: the function has no form in the table"),
    ],
)
def test_functions_without_form_are_refused(write, message):
    with pytest.raises(UnsupportedError, match=message):
        write(1 + sympy.tan(x))
