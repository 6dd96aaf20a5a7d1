"""Expressions: a closed set of immutable, hash-consed nodes, each with a shape.

Constructors are inert: they check shapes and build, they never simplify. Two expressions that are
written the same are the same object, so equality is identity and every pass can be memoised.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import sympy

from symbolic.domains import domain_of
from symbolic.errors import NameUnknownError, ShapeError, UnsupportedError
from symbolic.sizes import Shape, Size, as_size, shape_text

_interned: WeakValueDictionary[tuple[Any, ...], Expression] = WeakValueDictionary()


@lru_cache(maxsize=1 << 14)
def _atom_text(atom: object) -> str:
    if isinstance(atom, sympy.Rational):  # decimal digits of huge numbers are refused by Python
        return f"{int(atom.p):x}/{int(atom.q):x}"
    return str(atom)


@cache
def kernel_symbol(position: int) -> sympy.Symbol:
    """The real symbol that stands for operand number `position` of a kernel."""
    return sympy.Symbol(f"x{position}", real=True)


class Expression:
    """The root of all nodes. `shape` is a tuple of sizes; `key` orders nodes reproducibly.

    Operators are those of NumPy: `@`, elementwise `+ - * / **`, `.T`.
    """

    __slots__ = ("__weakref__", "key", "shape")
    _fields: ClassVar[tuple[str, ...]] = ()
    __array_ufunc__ = None  # a NumPy array on the left leaves the operator to us

    shape: Shape
    key: bytes

    @classmethod
    def _make(cls, shape: Shape, fields: tuple[Any, ...]) -> Any:
        identity = (cls, fields)
        found = _interned.get(identity)
        if found is not None:
            return found
        self = object.__new__(cls)
        digest = hashlib.blake2b(cls.__name__.encode(), digest_size=12)
        put = object.__setattr__
        put(self, "shape", shape)
        for name, value in zip(cls._fields, fields, strict=True):
            if name != "shape":
                put(self, name, value)
            if isinstance(value, Expression):
                digest.update(value.key)
            elif isinstance(value, tuple) and value and isinstance(value[0], Expression):
                for child in value:
                    digest.update(child.key)
            else:
                digest.update(_atom_text(value).encode())
            digest.update(b";")
        put(self, "key", digest.digest())
        _interned[identity] = self
        return self

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be deleted")

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        from symbolic.traverse import dump_graph, load_graph

        return load_graph, (dump_graph(self),)

    @property
    def children(self) -> tuple[Expression, ...]:
        """The nodes this one is built from."""
        return ()

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def T(self) -> Expression:
        """The transpose: all axes reversed."""
        from symbolic import operations

        return operations.transpose(self)

    def __add__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.add(self, other)

    def __radd__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.add(other, self)

    def __sub__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.subtract(self, other)

    def __rsub__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.subtract(other, self)

    def __mul__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.multiply(self, other)

    def __rmul__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.multiply(other, self)

    def __truediv__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.divide(self, other)

    def __rtruediv__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.divide(other, self)

    def __pow__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.power(self, other)

    def __rpow__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.power(other, self)

    def __matmul__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.matmul(self, other)

    def __rmatmul__(self, other: object) -> Expression:
        from symbolic import operations

        return operations.matmul(other, self)

    def __neg__(self) -> Expression:
        from symbolic import operations

        return operations.negative(self)

    def __getitem__(self, index: object) -> Expression:
        from symbolic import indexing

        return indexing.index(self, index)

    def __lt__(self, other: object) -> Any:
        from symbolic import operations

        return operations.compare(self, "<", other)

    def __le__(self, other: object) -> Any:
        from symbolic import operations

        return operations.compare(self, "<=", other)

    def __gt__(self, other: object) -> Any:
        from symbolic import operations

        return operations.compare(self, ">", other)

    def __ge__(self, other: object) -> Any:
        from symbolic import operations

        return operations.compare(self, ">=", other)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __bool__(self) -> bool:
        raise UnsupportedError(
            "an expression used as true or false",
            "it has no value yet",
            "compare with 'is', or evaluate it with lambdify",
        )

    def __iter__(self) -> Any:
        raise UnsupportedError(
            "iteration over an expression",
            "its sizes are symbolic",
            "evaluate it with symbolic.lambdify",
        )

    @property
    def _iterable(self) -> bool:
        """What SymPy asks of everything that it is given and does not know."""
        raise UnsupportedError(
            "an expression of symbolic handed to SymPy",
            "SymPy does not know its nodes",
            "use symbolic.lambdify for NumPy code, symbolic.to_sympy for a SymPy expression",
        )

    def __str__(self) -> str:
        from symbolic.printing.text_printer import text

        return text(self)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        from symbolic.printing.latex_printer import latex

        return f"$\\displaystyle {latex(self)}$"

    def _latex(self, printer: object) -> str:
        from symbolic.printing.latex_printer import latex

        return latex(self)


def _check_identifier(name: object, written: str) -> None:
    """Raise `NameUnknownError` for what cannot be a name in text and code."""
    if not isinstance(name, str) or not name.isidentifier():
        found = "not an identifier" if isinstance(name, str) else f"a {type(name).__name__}"
        raise NameUnknownError(written, found, "use letters, digits and underscores")


class Variable(Expression):
    """A named array of the given shape whose entries lie in a domain."""

    __slots__ = ("domain", "name", "sizes")
    _fields = ("name", "sizes", "domain")
    name: str
    domain: str

    def __new__(cls, name: str, shape: Iterable[object] = (), domain: str = "real") -> Variable:
        _check_identifier(name, f"variable {name!r}")
        sizes = tuple(as_size(size) for size in shape)
        domain_of(domain).check(name, sizes)
        return cls._make(sizes, (name, sizes, domain))


class Named(Expression):
    """An intermediate that the author named: it prints as its name and has the value of `meaning`."""

    __slots__ = ("meaning", "name")
    _fields = ("name", "meaning")
    name: str
    meaning: Expression

    def __new__(cls, name: str, meaning: Expression) -> Named:
        _check_identifier(name, f"named({name!r}, ...)")
        return cls._make(meaning.shape, (name, meaning))

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.meaning,)


class Contraction(Expression):
    r"""A product of operands summed over shared indices, times a coefficient (`einsum`).

    Each operand carries one integer label an axis; `output` are the labels of the result. Labels
    that are not in `output` are summed. An output label of no operand repeats the value along that
    axis; an output label written twice puts the value on a diagonal. The coefficient is a SymPy
    expression in sizes.

        out[o] = coefficient * sum_{labels not in o} prod_k operand_k[labels_k]
    """

    __slots__ = ("coefficient", "labels", "operands", "output", "sizes")
    _fields = ("coefficient", "operands", "labels", "output", "sizes")
    coefficient: sympy.Expr
    operands: tuple[Expression, ...]
    labels: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    sizes: tuple[Size, ...]  # sizes[label]

    def __new__(
        cls,
        operands: Sequence[Expression],
        labels: Sequence[Sequence[object]],
        output: Sequence[object],
        sizes: dict[Any, Size] | None = None,
        coefficient: object = 1,
    ) -> Contraction:
        found: dict[Any, Size] = {}
        number: dict[Any, int] = {}
        for operand, operand_labels in zip(operands, labels, strict=True):
            if len(operand_labels) != len(operand.shape):
                raise ShapeError(
                    f"indices {operand_labels} of an operand",
                    f"the operand has shape {shape_text(operand.shape)}",
                    "give one index an axis",
                )
            for label, size in zip(operand_labels, operand.shape, strict=True):
                if found.setdefault(label, size) != size:
                    raise ShapeError(
                        f"one index shared by axes of sizes {found[label]} and {size}",
                        "the sizes differ",
                        "sum only over axes of equal size",
                    )
                number.setdefault(label, len(number))
        for label in output:
            if label not in found:
                if sizes is None or label not in sizes:
                    raise ShapeError(
                        f"output index {label}", "no operand has it", "give its size as well"
                    )
                found[label] = sizes[label]
            number.setdefault(label, len(number))
        return cls._make(
            tuple(found[label] for label in output),
            (
                sympy.sympify(coefficient),
                tuple(operands),
                tuple(tuple(number[label] for label in axes) for axes in labels),
                tuple(number[label] for label in output),
                tuple(found[label] for label in number),
            ),
        )

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.operands

    @property
    def summed(self) -> tuple[int, ...]:
        """The labels that are summed over."""
        return tuple(label for label in range(len(self.sizes)) if label not in self.output)


class Sum(Expression):
    """The entrywise sum of terms of one shape."""

    __slots__ = ("terms",)
    _fields = ("terms",)
    terms: tuple[Expression, ...]

    def __new__(cls, terms: Sequence[Expression]) -> Sum:
        for term in terms:
            if term.shape != terms[0].shape:
                raise ShapeError(
                    "a sum of terms",
                    f"shapes {shape_text(terms[0].shape)} and {shape_text(term.shape)}",
                    "add terms of one shape",
                )
        return cls._make(terms[0].shape, (tuple(terms),))

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.terms


class Elementwise(Expression):
    """A scalar kernel applied entry by entry to operands of one shape.

    The kernel is a `sympy.Lambda` of the symbols `kernel_symbol(0), kernel_symbol(1), ...`.
    """

    __slots__ = ("kernel", "operands")
    _fields = ("kernel", "operands")
    kernel: sympy.Lambda
    operands: tuple[Expression, ...]

    def __new__(cls, kernel: sympy.Lambda, operands: Sequence[Expression]) -> Elementwise:
        if len(kernel.variables) != len(operands) or not operands:
            raise ShapeError(
                f"kernel {kernel}", f"{len(operands)} operands", "give one operand an argument"
            )
        for operand in operands:
            if operand.shape != operands[0].shape:
                raise ShapeError(
                    f"kernel {kernel.expr} of operands",
                    f"shapes {shape_text(operands[0].shape)} and {shape_text(operand.shape)}",
                    "broadcast the operands to one shape first",
                )
        return cls._make(operands[0].shape, (kernel, tuple(operands)))

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.operands


class Apply(Expression):
    """A named function of whole arrays: softmax, logsumexp, norm, inv, logdet, ...

    `function` is the name of its entry in `symbolic.structured.STRUCTURED`; `axis` the axis it
    works along (counted from 0), or None for all axes or where the function has no axis.
    """

    __slots__ = ("axis", "function", "operands")
    _fields = ("function", "operands", "axis")
    function: str
    operands: tuple[Expression, ...]
    axis: int | None

    def __new__(
        cls, function: str, operands: Expression | Sequence[Expression], axis: int | None = None
    ) -> Apply:
        from symbolic.structured import structured_function

        given = (operands,) if isinstance(operands, Expression) else tuple(operands)
        shape = structured_function(function).shape(given, axis)
        return cls._make(shape, (function, given, axis))

    @property
    def operand(self) -> Expression:
        """The operand, or the first of several."""
        return self.operands[0]

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.operands


class Iverson(Expression):
    r"""The Iverson bracket of an affine relation between indices: 1 where it holds, 0 elsewhere.

        out[i_0, i_1, ...] = [coefficients . (i_0, i_1, ...) + offset  (== or >=)  0]

    One constant carries everything that selects or moves entries: a slice is a product with
    `[j == i + 1]`, a convolution one with `[j == stride*i + k]`, vec one with `[I == n*j + i]`, a
    triangle one with `[i >= j]`. Coefficients and offset are integers or expressions in sizes.
    """

    __slots__ = ("coefficients", "offset", "relation")
    _fields = ("shape", "coefficients", "offset", "relation")
    coefficients: tuple[sympy.Expr, ...]
    offset: sympy.Expr
    relation: str

    def __new__(
        cls,
        shape: Iterable[object],
        coefficients: Sequence[object],
        offset: object = 0,
        relation: str = "==",
    ) -> Iverson:
        sizes = tuple(as_size(size) for size in shape)
        if len(coefficients) != len(sizes) or relation not in ("==", ">="):
            raise ShapeError(
                f"a relation {relation} with coefficients {tuple(coefficients)}",
                f"shape {shape_text(sizes)}",
                "give one coefficient an axis, and the relation '==' or '>='",
            )
        each = tuple(sympy.expand(sympy.sympify(c)) for c in coefficients)
        rest = sympy.expand(sympy.sympify(offset))
        leading = next((c for c in each if c != 0), sympy.S.One)
        if relation == "==" and leading.could_extract_minus_sign():
            each, rest = tuple(-c for c in each), -rest
        return cls._make(sizes, (sizes, each, rest, relation))


class Unspecified(Expression):
    """A differentiable scalar function of one operand of which nothing else is known, as C(z)."""

    __slots__ = ("name", "operand")
    _fields = ("name", "operand")
    name: str
    operand: Expression

    def __new__(cls, name: str, operand: Expression) -> Unspecified:
        _check_identifier(name, f"unspecified({name!r}, ...)")
        return cls._make((), (name, operand))

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.operand,)


class Derivative(Expression):
    """The derivative of an expression by a variable or a named intermediate, not worked out.

    Its shape is `shape(expression) + shape(variable)`.
    """

    __slots__ = ("expression", "variable")
    _fields = ("expression", "variable")
    expression: Expression
    variable: Variable | Named

    def __new__(cls, expression: Expression, variable: Expression) -> Derivative:
        if not isinstance(expression, Expression):
            raise UnsupportedError(
                f"a derivative of {expression!r}",
                f"a {type(expression).__name__}",
                "give an expression of symbolic; SymPy's have sympy.Derivative",
            )
        if not isinstance(variable, (Variable, Named)):
            raise UnsupportedError(
                f"a derivative by {variable}",
                "it is neither a variable nor a named intermediate",
                "differentiate by a variable, or name the intermediate first",
            )
        return cls._make(expression.shape + variable.shape, (expression, variable))

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.expression, self.variable)


class Expectation(Expression):
    """The expectation of a scalar over a normal variable, not worked out: E[f(x)] for x ~ N(m, S).

    The variable is bound: whatever it is outside, inside it runs over all values. Of the distribution
    the mean (of the variable's shape) and the covariance (of twice that shape) are named.
    """

    __slots__ = ("covariance", "expression", "mean", "variable")
    _fields = ("expression", "variable", "mean", "covariance")
    expression: Expression
    variable: Variable
    mean: Expression
    covariance: Expression

    def __new__(
        cls, expression: Expression, variable: Expression, mean: Expression, covariance: Expression
    ) -> Expectation:
        from symbolic.traverse import depends_on

        if not isinstance(variable, Variable) or variable.domain != "real" or variable.rank > 1:
            raise UnsupportedError(
                f"an expectation over {variable}",
                "it is no real scalar or vector",
                "take it over a variable without a domain, of at most one axis",
            )
        if expression.rank or (mean.shape, covariance.shape) != (
            variable.shape,
            variable.shape + variable.shape,
        ):
            raise ShapeError(
                f"E[...] over {variable.name} of shape {shape_text(variable.shape)}",
                f"what is averaged has shape {shape_text(expression.shape)}, the mean"
                f" {shape_text(mean.shape)}, the covariance {shape_text(covariance.shape)}",
                "average a scalar, with a mean like the variable and a square covariance",
            )
        if any(each in depends_on(each, variable) for each in (mean, covariance)):
            raise UnsupportedError(
                f"a distribution of {variable.name} that depends on {variable.name}",
                "the variable is bound",
                "call the variable otherwise",
            )
        return cls._make((), (expression, variable, mean, covariance))

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.expression, self.variable, self.mean, self.covariance)
