"""Random formulas: one thing written as LaTeX with the brackets a person sets, and as text with all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

GIVEN = {
    "a": "", "b": "", "lam": "", "x": "n", "y": "n", "u": "m", "v": "m",
    "A": "n n", "S": "n n", "B": "n m", "C": "m n",
}  # fmt: skip
SUM, PRODUCT, FACTOR = range(3)  # how loosely a text holds together
Shape = tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """LaTeX, the same in the text language, and how loosely the LaTeX holds together."""

    latex: str
    text: str
    level: int = FACTOR

    def at(self, level: int) -> str:
        """The LaTeX, in brackets unless it holds together as well as `level` asks."""
        return self.latex if self.level >= level else f"({self.latex})"


def _raisable(base: Written) -> str:
    """The LaTeX of a base to which a power can be put."""
    return base.latex if len(base.latex) == 1 else rf"\left({base.latex}\right)"


class Writer:
    """Writes a random expression of a wanted shape."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def write(self, shape: Shape = (), depth: int = 3) -> Written:
        """A random expression of a shape."""
        rank = len(shape)
        if depth == 0:
            return self.atom(shape)
        shared = [self.plus, self.scaled, self.over]
        special: tuple[list[Callable[[Shape, int], Written]], ...] = (
            [
                self.inner,
                self.form,
                self.norm,
                self.function,
                self.trace,
                self.power,
                self.entries,
                self.double,
            ],
            [self.matrix_vector, self.vector_matrix, self.hadamard, self.function],
            [self.matrix_product, self.transposed, self.outer, self.hadamard],
        )
        return self.random.choice(shared + special[rank])(shape, depth - 1)

    def atom(self, shape: Shape) -> Written:
        if not shape:
            name = self.random.choice(("a", "b", "lam", "2", "3", r"\frac{1}{2}"))
            return Written(
                {"lam": r"\lambda"}.get(name, name), {r"\frac{1}{2}": "(1/2)"}.get(name, name)
            )
        names = [name for name, sizes in GIVEN.items() if tuple(sizes.split()) == shape]
        if not names:
            return Written(r"C B", "(C @ B)", PRODUCT)
        name = self.random.choice(names)
        bold = self.random.random() < 0.2
        return Written(rf"\mathbf{{{name}}}" if bold else name, name)

    def size(self) -> str:
        return self.random.choice("nm")

    def plus(self, shape: Shape, depth: int) -> Written:
        left, right = self.write(shape, depth), self.write(shape, depth)
        sign = self.random.choice("+-")
        return Written(
            f"{left.latex} {sign} {right.at(PRODUCT)}", f"({left.text} {sign} {right.text})", SUM
        )

    def scaled(self, shape: Shape, depth: int) -> Written:
        factor, scaled = self.write((), min(depth, 1)), self.write(shape, depth)
        number = scaled.latex[0].isdigit() or scaled.latex.startswith(r"\frac{1}")
        between = self.random.choice((" ", r"\,", " ")) if not number else r" \cdot "
        if not shape:
            return Written(
                f"{factor.at(FACTOR)}{between}{scaled.at(FACTOR)}",
                f"({factor.text}*{scaled.text})",
                PRODUCT,
            )
        return Written(
            f"{factor.at(FACTOR)}{between}{scaled.at(PRODUCT)}",
            f"({factor.text}*{scaled.text})",
            PRODUCT,
        )

    def over(self, shape: Shape, depth: int) -> Written:
        top, bottom = self.write(shape, depth), self.write((), 1)
        return Written(
            rf"\frac{{{top.latex}}}{{1 + {_raisable(bottom)}^2}}",
            f"({top.text}/(1 + {bottom.text}**2))",
        )

    def inner(self, shape: Shape, depth: int) -> Written:
        size = (self.size(),)
        left, right = self.write(size, depth), self.write(size, depth)
        top = self.random.choice((r"^\top", "^T", r"^{\mathsf T}"))
        return Written(
            f"{left.at(FACTOR)}{top} {right.at(FACTOR)}", f"({left.text} @ {right.text})", PRODUCT
        )

    def form(self, shape: Shape, depth: int) -> Written:
        first, second = self.size(), self.size()
        left, matrix, right = (
            self.write((first,), 1),
            self.write((first, second), depth),
            self.write((second,), 1),
        )
        return Written(
            rf"{left.at(FACTOR)}^\top {matrix.at(FACTOR)} {right.at(FACTOR)}",
            f"({left.text} @ ({matrix.text} @ {right.text}))",
            PRODUCT,
        )

    def norm(self, shape: Shape, depth: int) -> Written:
        vector = self.write((self.size(),), depth)
        bars = self.random.choice(
            ((r"\|", r"\|"), (r"\left\|", r"\right\|"), (r"\lVert ", r"\rVert"))
        )
        script, text = self.random.choice(
            (
                ("^2", "(norm({})**2)"),
                ("_2^2", "(norm({})**2)"),
                ("_1", "norm({}, 1)"),
                ("^2_2", "(norm({})**2)"),
            )
        )
        return Written(f"{bars[0]}{vector.latex}{bars[1]}{script}", text.format(vector.text))

    def function(self, shape: Shape, depth: int) -> Written:
        latex, text = self.random.choice(
            ((r"\exp", "exp"), (r"\tanh", "tanh"), (r"\sigma", "sigmoid"), (r"\cos", "cos"))
        )
        argument = self.write(shape, depth)
        return Written(rf"{latex}\left({argument.latex}\right)", f"{text}({argument.text})")

    def trace(self, shape: Shape, depth: int) -> Written:
        size = self.size()
        matrix = self.write((size, size), depth)
        return Written(rf"\operatorname{{tr}}({matrix.latex})", f"tr({matrix.text})")

    def power(self, shape: Shape, depth: int) -> Written:
        base, power = self.write((), depth), self.random.choice("23")
        return Written(f"{_raisable(base)}^{power}", f"({base.text}**{power})")

    def entries(self, shape: Shape, depth: int) -> Written:
        index = self.random.choice("ijk")
        body, text = self.random.choice(
            (
                ("x_I y_I", "sum(x*y)"),
                (r"x_I^2", "sum(x**2)"),
                (r"\tanh(x_I) y_I", "sum(tanh(x)*y)"),
                (r"(x_I - y_I)^2", "sum((x - y)**2)"),
                (r"A_{II}", "tr(A)"),
                (r"x_I \left(y_I + a\right)", "sum(x*(y + a))"),
                (r"e^{-x_I}", "sum(exp(-x))"),
            )
        )
        limits = self.random.choice((f"_{{{index}=1}}^n", f"_{index}", f"_{{{index}=1}}^{{n}}"))
        return Written(rf"\sum{limits} {body.replace('I', index)}", text, PRODUCT)

    def double(self, shape: Shape, depth: int) -> Written:
        first, second = self.random.sample("ijkl", 2)
        body, text = self.random.choice(
            (
                ("B_{IJ} x_I u_J", "(x @ B @ u)"),
                ("A_{IJ} S_{JI}", "sum(A*S.T)"),
                ("A_{IJ} x_J", "sum(A @ x)"),
                ("(A_{IJ} - x_I y_J)^2", "sum((A - outer(x, y))**2)"),
                ("B_{JI}^2", "sum(B**2)"),
            )
        )
        body = body.replace("I", first).replace("J", second)
        return Written(rf"\sum_{{{first}}} \sum_{{{second}}} {body}", text, PRODUCT)

    def matrix_vector(self, shape: Shape, depth: int) -> Written:
        size = self.size()
        matrix, vector = self.write((*shape, size), depth), self.write((size,), depth)
        return Written(
            f"{matrix.at(FACTOR)} {vector.at(FACTOR)}", f"({matrix.text} @ {vector.text})", PRODUCT
        )

    def vector_matrix(self, shape: Shape, depth: int) -> Written:
        size = self.size()
        matrix, vector = self.write((size, *shape), depth), self.write((size,), depth)
        return Written(
            rf"{matrix.at(FACTOR)}^\top {vector.at(FACTOR)}",
            f"({matrix.text}.T @ {vector.text})",
            PRODUCT,
        )

    def hadamard(self, shape: Shape, depth: int) -> Written:
        left, right = self.write(shape, depth), self.write(shape, depth)
        return Written(
            rf"{left.at(FACTOR)} \odot {right.at(FACTOR)}", f"({left.text}*{right.text})", SUM
        )

    def matrix_product(self, shape: Shape, depth: int) -> Written:
        size = self.size()
        left, right = self.write((shape[0], size), depth), self.write((size, shape[1]), depth)
        return Written(
            f"{left.at(FACTOR)} {right.at(FACTOR)}", f"({left.text} @ {right.text})", PRODUCT
        )

    def transposed(self, shape: Shape, depth: int) -> Written:
        matrix = self.write(shape[::-1], depth)
        return Written(rf"\left({matrix.latex}\right)^\top", f"({matrix.text}).T", PRODUCT)

    def outer(self, shape: Shape, depth: int) -> Written:
        left, right = self.write(shape[:1], depth), self.write(shape[1:], depth)
        return Written(
            rf"{left.at(FACTOR)} {right.at(FACTOR)}^\top",
            f"outer({left.text}, {right.text})",
            PRODUCT,
        )
