"""SymPy lines as LaTeX, as a textbook writes them."""

import pytest
import sympy

from symbolic.scalars.printing import latex, text

x, y, h, k, s, n, mu = sympy.symbols("x y h k s n mu", real=True)
a, b = sympy.symbols("a b", positive=True)
f, u, v = map(sympy.Function, "fuv")
integral = sympy.Integral(f(s), (s, 0, 1))
total = sympy.Sum(f(k), (k, 1, n))
SLOPE = r"\frac{f{\left(x + h \right)} - f{\left(x \right)}}{h}"
INTEGRAL = r"\int_{0}^{1} f{\left(s \right)}\, ds"
TOTAL = r"\sum_{k=1}^{n} f{\left(k \right)}"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        # a quotient stands before a sum, an integral or a limit, which would be small inside
        (total / n, rf"\frac{{1}}{{n}} {TOTAL}"),
        (-3 * x * integral / 2, rf"- \frac{{3 x}}{{2}} {INTEGRAL}"),
        (sympy.Abs(integral) / n, rf"\frac{{1}}{{n}} \left|{{{INTEGRAL}}}\right|"),
        ((integral + total) / n, rf"\frac{{1}}{{n}} \left({TOTAL} + {INTEGRAL}\right)"),
        (
            ((f(x + h) - f(x)) / h - mu) / n,
            rf"\frac{{1}}{{n}} \left({SLOPE} - \mu\right)",
        ),
        (x / total, rf"\frac{{x}}{{{TOTAL}}}"),
        ((x / y - 1) / (x / y + 1), r"\frac{\frac{x}{y} - 1}{\frac{x}{y} + 1}"),
        (total**2 / n, rf"\frac{{\left({TOTAL}\right)^{{2}}}}{{n}}"),
        # what moves by a step comes first
        (f(h + x), r"f{\left(x + h \right)}"),
        (f(s * (h - x) + x), r"f{\left(x + s \left(h - x\right) \right)}"),
        ((k + y) ** n, r"\left(y + k\right)^{n}"),
        (h - x, "h - x"),
        # a product that is differentiated stands in brackets
        (
            sympy.Derivative(u(x) * v(x), x),
            r"\frac{d}{d x} \left[u{\left(x \right)} v{\left(x \right)}\right]",
        ),
        (
            sympy.Derivative(u(x) / v(x), x),
            r"\frac{d}{d x} \frac{u{\left(x \right)}}{v{\left(x \right)}}",
        ),
        (sympy.Derivative(x**2 / 2, x), r"\frac{d}{d x} \frac{x^{2}}{2}"),
        # a minus sign that SymPy holds before a difference
        (
            sympy.Pow(sympy.Mul(-1, s - 1, evaluate=False), n, evaluate=False),
            r"\left(1 - s\right)^{n}",
        ),
        (
            sympy.Mul(sympy.Mul(-1, s - 1, evaluate=False), x, evaluate=False),
            r"x \left(- (s - 1)\right)",
        ),
        (sympy.Symbol("r_next") + sympy.Symbol("x_ij"), r"x_{ij} + r_{\mathrm{next}}"),
        (sympy.im(f(x)), r"\operatorname{Im}\left(f{\left(x \right)}\right)"),
        # an expansion begins with the value, and a remainder ends it
        (
            s**2 * n / 2 + s * sympy.Derivative(f(x), x) + f(x),
            r"f{\left(x \right)} + s f'{\left(x \right)} + \frac{n s^{2}}{2}",
        ),
        (x * integral + h, rf"h + x {INTEGRAL}"),
        # roots of what is not negative stand together
        (sympy.sqrt(2) * sympy.sqrt(sympy.pi), r"\sqrt{2 \pi}"),
        (x / (sympy.sqrt(2) * sympy.sqrt(sympy.pi) * a), r"\frac{x}{a \sqrt{2 \pi}}"),
        (sympy.cbrt(3) * sympy.cbrt(a) / sympy.cbrt(b), r"\sqrt[3]{\frac{3 a}{b}}"),
        (-2 * sympy.sqrt(a) * sympy.sqrt(b) / 3, r"- \frac{2 \sqrt{a b}}{3}"),
        (sympy.sqrt(x) * sympy.sqrt(y), r"\sqrt{x} \sqrt{y}"),
        (sympy.sqrt(a) * sympy.cbrt(b), r"\sqrt{a} \sqrt[3]{b}"),
        # one where a condition holds, and zero elsewhere
        (sympy.Piecewise((1, x >= h), (0, True)), r"\left[h \leq x\right]"),
        (sympy.re(f(x)) ** 2, r"\operatorname{Re}^{2}\left(f{\left(x \right)}\right)"),
    ],
)
def test_lines_as_a_textbook_writes_them(line, shown):
    assert latex(line) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (sympy.Abs(x) + 1, "abs(x) + 1"),
        (sympy.Ne(sympy.Derivative(f(x), x), 0), "f'(x) != 0"),
        (sympy.Pow(sympy.Mul(-1, s - 1, evaluate=False), n, evaluate=False), "(1 - s)**n"),
        (sympy.Derivative(f(x), (x, 4)), "f^(4)(x)"),
        (1 / x, "1/x"),
    ],
)
def test_lines_as_text(line, shown):
    assert text(line) == shown
