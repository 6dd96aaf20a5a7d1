"""The lines of one generated function: nodes are written in order, a variable a line.

A node becomes a variable when the author named it, when it is used more than once, or when the line
would grow too long; everything else is written inline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import sympy

from symbolic.code.coefficients import as_float, scaled_code
from symbolic.code.hypotenuses import HYPOT
from symbolic.code.in_place import in_place
from symbolic.code.joint_functions import Joint, joint_functions
from symbolic.code.numpy_brackets import bracket_code, has_bracket
from symbolic.code.numpy_contractions import aligned, contraction_code
from symbolic.code.numpy_layout import comment, remark, statement
from symbolic.code.numpy_sizes import integer_code, size_code
from symbolic.code.numpy_solves import factor_code, factored_matrices
from symbolic.code.numpy_spelled import is_new_array
from symbolic.code.numpy_sums import apply_code, elementwise_code, occurrences, sum_code
from symbolic.code.product_order import is_inverse
from symbolic.code.products import arranges, is_multiple
from symbolic.code.source_names import Names
from symbolic.errors import UnsupportedError
from symbolic.functions import ELEMENTWISE, OF_CODE
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Sum,
    Variable,
)
from symbolic.printing.text_printer import ATOM, MULTIPLY, NEGATE, Piece
from symbolic.sizes import Shape, Size
from symbolic.structured import STRUCTURED
from symbolic.traverse import postorder


class WholeRowsError(Exception):
    """Code for some of the rows would need to know where they are or how many there are."""


_NUMPY = {name: each.numpy for name, each in (ELEMENTWISE | OF_CODE).items()}
_NUMPY |= {name: each.numpy for name, each in STRUCTURED.items()}
LONGEST = 72  # characters of an expression on one line
DEEPEST = 6  # calls and brackets of an expression on one line


class SourceWriter:
    """Writes the lines of one function."""

    def __init__(
        self,
        results: Sequence[Expression],
        arguments: Sequence[Variable],
        original: Mapping[Expression, Named],
        inside: Collection[tuple[Iverson, int]] = (),
        given: Mapping[Variable, str] | None = None,
        called: Mapping[Variable, str] | None = None,
        rows: sympy.Symbol | None = None,
        passed: Collection[sympy.Symbol] = (),
    ) -> None:
        self.order = postorder(results)
        self.arguments = arguments
        self.original = original
        self.inside = inside
        self.names = Names()
        self.rows = rows
        self.given = frozenset(given or ())
        self.pieces: dict[Expression, Piece] = {}
        self.variables: set[Expression] = set()
        self.views: set[Expression] = set()
        self.lines: list[str] = []
        self.helpers: dict[str, str] = {}
        self.letters: dict[sympy.Symbol, str] = {}
        self.uses_dtype = False
        for variable in arguments:
            wanted = (called or {}).get(variable, variable.name)
            self.pieces[variable] = Piece(self.names.take(wanted), ATOM)
            self.variables.add(variable)
        self.parameters = [self.pieces[variable].text for variable in arguments]
        for placeholder, wanted in (given or {}).items():
            self.pieces[placeholder] = Piece(self.names.take(wanted), ATOM)
            self.variables.add(placeholder)
        self.wanted = self._wanted_names()
        for letter in sorted(
            {*passed} | {s for v in arguments for size in v.shape for s in _symbols(size)}, key=str
        ):
            self.letters[letter] = self.names.take(letter.name)
        self.used_letters: set[sympy.Symbol] = set()
        self.foreign: set[Expression] = set(given or ()) | {
            each for each, wanted in (called or {}).items() if each.name != wanted
        }
        for node in self.order:
            if any(child in self.foreign for child in node.children):
                self.foreign.add(node)
        self.lengths: dict[Expression, int] = {}
        self.uses = self._count_uses(results)
        self.joint = joint_functions(self.order, results)
        self.inner = {node for joint in self.joint.values() for node in joint.inner}
        self.kinds = factored_matrices(self.order, results)
        self.factors: dict[Expression, Piece] = {}
        self.ones: dict[Size, Piece] = {}
        self.turned: dict[Expression, Piece] = {}

    def _wanted_names(self) -> dict[Expression, tuple[str, Named | None]]:
        wanted: dict[Expression, tuple[str, Named | None]] = {}
        for node in self.order:
            if isinstance(node, Named):
                named = self.original.get(node, node)
                chosen = self.names.take(node.name)
                key = (
                    node
                    if node.meaning in wanted or node.meaning in self.variables
                    else node.meaning
                )
                wanted[key] = (chosen, named)
        return wanted

    def _count_uses(self, results: Sequence[Expression]) -> Counter[Expression]:
        uses: Counter[Expression] = Counter(results)
        for node in reversed(self.order):
            if isinstance(node, Elementwise):
                for child, times in zip(node.operands, occurrences(node.kernel), strict=True):
                    uses[child] += times
            else:
                passes = (arranges(node) or is_inverse(node)) and node not in self.wanted
                through = uses[node] if passes else 1
                for child in node.children:
                    uses[child] += through
        return uses

    def passed_letters(self) -> list[sympy.Symbol]:
        """The sizes in use that no argument has as an axis of its own."""
        axes = {size for variable in self.arguments for size in variable.shape} - {self.rows}
        return sorted(self.used_letters - axes, key=str)

    # --- what the code of a node may ask for ---

    def value(self, node: Expression) -> Piece:
        """The code of a node below."""
        piece = self.pieces.get(node)
        if piece is None:
            piece = self._code(node)
            if is_inverse(node) and self.uses[node] > 1:
                self.begin(node, piece)
                return self.pieces[node]
        return piece

    def written_inline(self, node: Expression) -> bool:
        """Whether a node is no variable of the source."""
        return node not in self.variables

    def may_change(self, node: Expression) -> bool:
        """Whether a variable is a new array that nothing else reads."""
        return node in self.given and self.uses[node] == 1

    def shape(self, shape: Shape) -> str:
        """The code of a shape."""
        sizes = [self.integer(size).text for size in shape]
        return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"

    def size(self, value: Size | sympy.Expr) -> Piece:
        """The code of a size, or of a number."""
        expression = self._known(value)
        return size_code(expression, self.letters, self.call)

    def integer(self, value: Size | sympy.Expr) -> Piece:
        """The code of a size, or of a place, as an integer."""
        expression = self._known(value)
        if self.goes_by_rows(expression):
            raise WholeRowsError(self.rows)
        return integer_code(expression, self.letters)

    def goes_by_rows(self, size: Size) -> bool:
        """Whether the code has some of the rows alone, and this is how many rows there are."""
        return self.rows in sympy.sympify(size).free_symbols

    def _known(self, value: Size | sympy.Expr) -> sympy.Expr:
        """A size whose letters are marked as used."""
        expression = sympy.sympify(value)
        for symbol in expression.free_symbols:
            if symbol not in self.letters:
                raise UnsupportedError(
                    f"NumPy code that needs the size {symbol}",
                    "no argument has an axis of that size",
                    "pass a variable that has it in arguments=",
                )
            self.used_letters.add(symbol)
        return expression

    def scaled(self, coefficient: sympy.Expr, piece: Piece, rank: int = 0) -> Piece:
        """A number or an expression in sizes times a piece; beside an array, integers as floats."""
        if piece.text == "1":
            return self.size(coefficient)
        if coefficient.is_number and not coefficient.is_Rational:
            return Piece(
                f"{self.size(coefficient).at_least(NEGATE)} * {piece.at_least(NEGATE)}", MULTIPLY
            )
        return scaled_code(coefficient, piece, self._real_size if rank else self.size)

    def _real_size(self, value: sympy.Expr) -> Piece:
        piece = self.size(value)
        return Piece(as_float(piece.text), piece.binding)

    def dtype(self) -> str:
        """The code of the floating-point type of the arguments."""
        self.uses_dtype = True
        return "dtype"

    def call(self, name: str) -> str:
        """The code name of a table function, its helper included."""
        if name == "hypot":
            return self.helper(name, HYPOT)
        source = _NUMPY[name]
        if not source.startswith("def "):
            return source
        self.helpers[name] = source
        return name

    def stays_inside(self, bracket: Iverson, axis: int) -> bool:
        """Whether the places that a bracket reads along an axis are checked to lie within it."""
        return (bracket, axis) in self.inside

    def helper(self, name: str, source: str) -> str:
        """The name of a helper function, its source included."""
        self.helpers[name] = source
        return name

    def factor(self, matrix: Expression) -> tuple[str, Piece] | None:
        """How a matrix is factored, and the variable that holds the factor."""
        kind = self.kinds.get(matrix)
        if kind is None:
            return None
        if matrix not in self.factors:
            self.factors[matrix] = self.partial(factor_code(kind, self.value(matrix), self))
        return kind, self.factors[matrix]

    def partial(self, value: Piece) -> Piece:
        """Make a value a variable of its own."""
        name = self.names.temporary()
        self.lines.extend(statement(f"{name} = ", value.text))
        return Piece(name, ATOM)

    def with_ones(self, matrix: Expression) -> tuple[Piece, Piece]:
        """A vector with a one for each row of a matrix, and the matrix."""
        name = self.write_variable(matrix)
        rows = matrix.shape[0]
        if rows not in self.ones:
            self.ones[rows] = Piece(self.names.take("ones"), ATOM)
            made = f"np.ones({name}.shape[0], {name}.dtype)"
            self.lines.extend(statement(f"{self.ones[rows].text} = ", made))
        return self.ones[rows], self.pieces[matrix]

    def columns(self, matrix: Expression) -> Piece:
        """A variable whose rows are the columns of a matrix, each in one piece of memory."""
        if matrix not in self.turned:
            copied = f"{self.value(matrix).at_least(ATOM)}.T.copy()"
            self.turned[matrix] = self.partial(Piece(copied, ATOM))
        return self.turned[matrix]

    def begin(self, node: Expression, value: Piece) -> str:
        """Make a value the variable of a node, and give its name."""
        name, named = self.wanted.get(node, (None, None))
        name = name or self.names.temporary()
        said = "" if node in self.wanted else self._remark(node)
        said = said if named is None else comment(named)
        self.lines.extend(self._assigned(node, name, value.text, said))
        self.pieces[node] = Piece(name, ATOM)
        self.variables.add(node)
        return name

    def _assigned(self, node: Expression, name: str, value: str, said: str) -> list[str]:
        """The lines that give a variable its value."""
        products, smaller = self._products_within(node)
        steps = in_place(name, value, products, smaller) if products else []
        *first, last = steps or [(f"{name} = ", value)]
        lines = [line for each in first for line in statement(*each)]
        written = statement(*last, said)
        return [*lines, *written] if len(written) == 1 else [written[0], *lines, *written[1:]]

    def _products_within(self, node: Expression) -> tuple[set[str], set[str]]:
        """The code of products of the shape of a matrix inside its own code, and its smaller variables."""
        products: set[str] = set()
        smaller: set[str] = set()
        waiting = list(node.children) if node.rank > 1 else []
        while waiting:
            below = waiting.pop()
            if below in self.variables:
                if 0 < below.rank < node.rank:
                    smaller.add(self.pieces[below].text)
            elif _is_product(below) and below in self.pieces:
                if below.shape == node.shape:
                    products.add(self.pieces[below].text)
            else:
                waiting.extend(below.children)
        return products, smaller

    def _remark(self, node: Expression) -> str:
        """What is said behind the line of a variable; only the shape if it holds other passes' values."""
        return remark(node, None if node in self.foreign else self.lengths)

    def _begin_joint(self, joint: Joint) -> None:
        """Make two nodes that are computed together variables."""
        self.write(joint.operands)
        inside = [self.value(operand).text for operand in joint.operands]
        if joint.axis is not None:
            inside.append(f"axis={joint.axis}")
        names, said = [], []
        for node in (joint.first, joint.second):
            factor = node.coefficient if isinstance(node, Contraction) else sympy.S.One
            wanted, named = self.wanted.get(node, (None, None)) if factor == 1 else (None, None)
            names.append(wanted or self.names.temporary())
            self.pieces[node] = Piece(names[-1], ATOM)
            if factor == 1:
                self.variables.add(node)
                said.append(self._remark(node) if named is None else comment(named))
            else:
                self.pieces[node] = self.scaled(factor, self.pieces[node], node.rank)
        for needed in joint.helpers[::-1]:
            call = f"{self.helper(*needed)}({', '.join(inside)})"
        self.lines.extend(statement(f"{', '.join(names)} = ", call, "; ".join(said)))

    def add_diagonal(self, name: str, term: Contraction, sign: str, value: Piece) -> None:
        """Add to one of the diagonals of a variable."""
        if term.output == (0, 0):
            target = f"{name}[np.diag_indices({self.size(term.shape[0]).text})]"
        else:
            target, value = self._diagonal_view(name, term, value)
        self.lines.extend(statement(f"{target} {sign}= ", value.text))

    def embedded(self, node: Contraction) -> Piece:
        """An array that is zero but for one of its diagonals."""
        value = self.value(node.operands[0])
        zeros = f"np.zeros({self.shape(node.shape)}, dtype={self.dtype()})"
        name = self.begin(node, Piece(zeros, ATOM))
        target, value = self._diagonal_view(name, node, value)
        self.lines.extend(statement(f"{target} = ", value.text))
        return Piece(name, ATOM)

    def _diagonal_view(self, name: str, node: Contraction, value: Piece) -> tuple[str, Piece]:
        letters = dict(zip(dict.fromkeys(node.output), "ijklmnopqrst", strict=False))
        written = "".join(letters[label] for label in node.output)
        view = f'np.einsum("{written}->{"".join(letters.values())}", {name})[...]'
        return view, aligned(value, node.labels[0], tuple(letters))

    # --- writing ---

    def name_results(
        self, results: Sequence[Expression], called: Sequence[str] | None
    ) -> list[str]:
        """Give the results their names."""
        return [self._name_result(*each) for each in zip(results, called or (), strict=False)]

    def write(self, roots: Sequence[Expression]) -> None:
        """The lines of every node below the roots that is a variable."""
        for node in postorder(roots):
            if node in self.pieces or (_on_demand(node) and node not in self.wanted):
                continue
            if node in self.inner:
                continue
            self.pieces[node] = self._short(node)
            if self._is_variable(node) and node not in self.variables:
                self.begin(node, self.pieces[node])

    def write_variable(self, node: Expression) -> str:
        """The name of the variable that holds a node, which is made one."""
        self.write([node])
        piece = self.value(node)
        if node not in self.variables and not isinstance(node, Named):
            self.begin(node, piece)
        return self.pieces[node].text

    def write_return(self, results: Sequence[Expression], *, several: bool) -> None:
        """The line that returns the results."""
        self.write(results)
        bases = [self._base(node) for node in results]
        returned = [
            self._returned(node, base, again=base in bases[:place])
            for place, (node, base) in enumerate(zip(results, bases, strict=True))
        ]
        inside = ", ".join(returned) + ("," if several and len(returned) == 1 else "")
        self.lines.extend(statement("return ", inside if inside else "()"))

    def _name_result(self, node: Expression, name: str) -> str:
        """Make a result a variable called `name`, unless it has a name or is a constant."""
        free = node not in self.wanted and node not in self.pieces
        if free and node.children and not isinstance(node, Named):
            self.wanted[node] = (self.names.take(name), None)
        return name

    def _is_variable(self, node: Expression) -> bool:
        if node in self.wanted:
            return True
        trivial = isinstance(node, (Variable, Named)) or not node.children or self._is_sign(node)
        return self.uses[node] > 1 and not trivial

    def _is_sign(self, node: Expression) -> bool:
        """Whether a node is minus a variable, which costs less than an array of its own."""
        return is_multiple(node) and node.coefficient == -1 and node.operands[0] in self.variables

    def _code(self, node: Expression) -> Piece:
        if node in self.joint:
            self._begin_joint(self.joint[node])
            return self.pieces[node]
        match node:
            case Contraction():
                piece = contraction_code(node, self)
                bracket = has_bracket(node) and not is_new_array(piece.text)
                if bracket or piece.text.startswith("np.diagonal("):
                    self.views.add(node)
                return piece
            case Sum():
                return sum_code(node, self)
            case Elementwise():
                return elementwise_code(node, self)
            case Apply():
                return apply_code(node, self)
            case Iverson():
                return bracket_code(node, self)
            case Named():
                return self.value(node.meaning)
        raise UnsupportedError(
            f"NumPy code for {type(node).__name__}", "no such code", "work it out first"
        )

    def _short(self, node: Expression) -> Piece:
        """The code of a node; its longest operands become variables until it fits a line."""
        piece = self._code(node)
        while len(piece.text) > LONGEST or piece.text.count("(") > DEEPEST:
            below = [self._inside(child) for child in node.children]
            inline = [child for child in below if self._may_become_variable(child)]
            if not inline:
                break
            longest = max(inline, key=lambda child: len(self.pieces[child].text))
            self.begin(longest, self.pieces[longest])
            piece = self._code(node)
        return piece

    def _inside(self, node: Expression) -> Expression:
        while node not in self.pieces and (arranges(node) or is_inverse(node)):
            node = node.children[0]
        return node

    def _may_become_variable(self, node: Expression) -> bool:
        piece = self.pieces.get(node)
        return piece is not None and node not in self.variables and len(piece.text) > 8

    def _base(self, node: Expression) -> Expression:
        """The node whose array a result is, or is a view of."""
        while isinstance(node, Named) or _is_view(node):
            node = node.children[0]
        return node

    def _returned(self, node: Expression, base: Expression, *, again: bool) -> str:
        """The code of a result, copied where it is a view or part of an argument or another result."""
        piece = self.value(node)
        turned = (arranges(node) and base is not node) or _reads_diagonal(node)
        if node.rank and (again or turned or base in self.views or base in self.arguments):
            return f"{piece.at_least(ATOM)}.copy()"
        constant = not node.rank and not any(isinstance(n, Variable) for n in postorder(node))
        return self._as_float(piece) if constant else piece.text

    def _as_float(self, piece: Piece) -> str:
        """The code of a number as one of the type of the arrays, or as a Python float."""
        if any(variable.rank for variable in self.arguments):
            return f"{self.dtype()}.type({piece.text})"
        return f"{piece.text}.0" if piece.text.lstrip("-").isdecimal() else piece.text


def _is_product(node: Expression) -> bool:
    """Whether a node is summed over an axis of two arrays."""
    if not isinstance(node, Contraction) or len(node.operands) != 2:
        return False
    return bool(node.summed) and not has_bracket(node)


def _reads_diagonal(node: Expression) -> bool:
    """Whether a node is the diagonal of its operand, which NumPy gives as a view to read."""
    return isinstance(node, Contraction) and node.labels == ((0, 0),) and node.output == (0,)


def _is_view(node: Expression) -> bool:
    """Whether the entries of a node are entries of its only operand, each at most at one place."""
    if not isinstance(node, Contraction) or len(node.operands) != 1 or node.coefficient != 1:
        return False
    return not node.summed and len(set(node.output)) == len(node.output)


def _on_demand(node: Expression) -> bool:
    """Whether a node is often left to broadcasting, so that its code is not always needed."""
    if isinstance(node, Iverson) or is_inverse(node):
        return True
    return arranges(node) or (isinstance(node, Contraction) and not node.operands)


def _symbols(size: Size) -> set[sympy.Symbol]:
    return size.free_symbols if isinstance(size, sympy.Expr) else set()
