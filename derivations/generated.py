"""Modules of NumPy code with a derivation behind them: what is computed, and what it rests on."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import sympy
from sympy.core.function import AppliedUndef

from derivations.languages import Side
from derivations.statements import Equation
from symbolic import Assumption, Derivative, Expression, Named, Variable, assumptions
from symbolic import gradient as gradient_of
from symbolic import hessian as hessian_of
from symbolic import jacobian as jacobian_of
from symbolic.algebra.normal import is_zero
from symbolic.code.numpy_layout import WIDTH, formula_text
from symbolic.code.source_names import Names
from symbolic.domains import domain_of
from symbolic.errors import ChainruleError, DataError, UnsupportedError
from symbolic.nodes import Contraction, Unspecified
from symbolic.reading.declarations import Given, declare
from symbolic.scalars.normal import explicit, is_matrix
from symbolic.sizes import size_letters
from symbolic.sympy_border.incoming import from_sympy
from symbolic.traverse import postorder, substitute, variables

if TYPE_CHECKING:
    from derivations.derivation import Derivation
    from symbolic.code.compilation import Function

_POINTS = 10  # at which the accuracy is measured, so that it takes a second or two
_MOST_TITLE = 300  # characters of a function in the title of its module


@dataclass(frozen=True)
class Work:
    """What a module computes, in order, from which variables, and where it comes from.

    `conditions` says what has to hold besides the domains of the variables.
    """

    results: Mapping[str, Expression]
    given: tuple[Variable, ...]
    name: str
    title: str
    origin: str = ""
    conditions: tuple[Assumption, ...] = ()

    @property
    def arguments(self) -> tuple[Variable, ...]:
        """The given variables that are used, or that a size in use is read from."""
        roots = tuple(self.results.values())
        used = set(variables(roots))
        known = {size for variable in used for size in variable.shape}
        missing = _letters(roots) - {str(size) for size in known}
        for variable in self.given:
            if missing & set(map(str, variable.shape)):
                missing -= set(map(str, variable.shape))
                used.add(variable)
        return tuple(each for each in self.given if each in used)


def work_of_page(derivation: Derivation, *, value: bool = True) -> Work:
    """The right sides of the equations that a page claims, named after what they are.

    With `value` what the first claim differentiates comes first.

    >>> from derivations import catalogue
    >>> list(work_of_page(catalogue["supervised/logistic_regression"]).results)
    ['loss', 'gradient_w', 'hessian_w']
    """
    results: dict[str, Expression] = {
        str(name): meaning
        for name, given in _definitions(derivation)
        if (meaning := _computable(given, derivation)) is not None
    }
    gradients: set[tuple[Expression, object]] = set()
    claimed: list[Expression] = []
    for claim in derivation.claims:
        if not isinstance(claim, Equation):
            continue
        left, right = claim.left, _computable(claim.right, derivation)
        if right is None:
            continue
        kind = "result"
        if isinstance(left, Derivative):
            if value and not gradients and not _has_open_cost(left.expression):
                results[_called(left.expression, "value")] = left.expression
            kind = "jacobian" if left.expression.rank else "gradient"
            if (left.expression, left.variable) in gradients:
                kind = "hessian"
            elif kind == "gradient":
                gradients.add((right, left.variable))
            kind = f"{kind}_{left.variable.name}"
        results[_free(_called(right, kind), results)] = right
        claimed.append(right)
    if not results:
        raise UnsupportedError(
            f"code for {derivation.title}",
            "it claims no equation whose right side is a number for given numbers",
            "see its lines with 'chainrule show'",
        )
    results = _with_errors_given(results)
    page = derivation.id
    source = f" Source: {derivation.source}." if derivation.source else ""
    return Work(
        results,
        _given(derivation, results),
        Names().take(page.rpartition("/")[2]),
        derivation.title,
        f"The page {page} of chainrule derives it.{source}",
        _conditions(claimed),
    )


def _with_errors_given(results: Mapping[str, Expression]) -> dict[str, Expression]:
    """The results with derivatives of a cost that is left open as arguments.

    They are what a backward pass is given: named as on the page, or grad_x for D(C, x).
    """
    given: dict[Expression, Expression] = {}
    for node in postorder(tuple(results.values())):
        derivative = node.meaning if isinstance(node, Named) else node
        if isinstance(derivative, Derivative) and _is_left_open(derivative.expression):
            name = node.name if isinstance(node, Named) else f"grad_{derivative.variable.name}"
            given[node] = Variable(name, node.shape)
    return (
        {name: substitute(each, given) for name, each in results.items()}
        if given
        else dict(results)
    )


def _has_open_cost(value: Expression) -> bool:
    return any(isinstance(node, Unspecified) for node in postorder(value))


def _is_left_open(cost: Expression) -> bool:
    while isinstance(cost, Named):
        cost = cost.meaning
    return isinstance(cost, Unspecified)


def _definitions(derivation: Derivation) -> Iterator[tuple[sympy.Symbol, sympy.Expr]]:
    """The names that stand for SymPy expressions, by the equations given."""
    for condition in derivation.facts.conditions:
        if isinstance(condition, sympy.Eq) and isinstance(condition.lhs, sympy.Symbol):
            yield condition.args


def _computable(side: Side, derivation: Derivation) -> Expression | None:
    """The right side of a claim as an expression to compute; None for 0 and for unknown functions.

    What stands for an expression, by an equation given, is written out.
    """
    if isinstance(side, Expression):
        return None if is_zero(side) else side
    for name, meaning in reversed(list(_definitions(derivation))):
        side = side.subs(name, meaning)
    if is_matrix(side):
        side = explicit(side)
    if side.atoms(AppliedUndef) or not side.free_symbols:
        return None
    counts = {
        symbol: sympy.Symbol(symbol.name, positive=True)
        for symbol in side.free_symbols
        if symbol.is_integer and symbol.is_positive  # a number, not the size of an array
    }
    for written in (side.xreplace(counts), side):
        with suppress(ChainruleError):
            return from_sympy(written)
    return None


def _given(derivation: Derivation, results: Mapping[str, Expression]) -> tuple[Variable, ...]:
    """The variables given; those of SymPy lines as they occur in the results."""
    known = [each for each in derivation.given if isinstance(each, Variable)]
    return tuple(dict.fromkeys((*known, *variables(tuple(results.values())))))


def work_of_function(
    function: Expression,
    given: Given,
    by: Mapping[str, Sequence[str]],
    *,
    value: bool = True,
) -> Work:
    """A function with its gradients, Jacobians and Hessians by the variables named.

    >>> from symbolic import parse
    >>> given = {"x": "n", "y": "n"}
    >>> work = work_of_function(parse("x @ x + x @ y", given), given, {"gradient": ["x"]})
    >>> work.name, work.results["gradient"]
    ('value_and_gradient', 2*x + y)
    """
    results: dict[str, Expression] = {}
    parts = []
    if value or not any(by.values()):
        results[_called(function, "value")] = function
        parts.append("value")
    for kind, names in by.items():
        if not names:
            continue
        if kind == "hessian":
            found = tuple(hessian_of(function, name, given) for name in names)
        else:
            found = (gradient_of if kind == "gradient" else jacobian_of)(
                function, list(names), given
            )
        for name, result in zip(names, found, strict=True):
            called = kind if len(names) == 1 else f"{kind}_{name}"
            results[_free(called, results)] = result
        parts.append(kind if len(names) == 1 else f"{kind}s")
    written = formula_text(
        function.meaning if isinstance(function, Named) else function, _MOST_TITLE
    )
    listed = ", ".join(parts[:-1]) + " and " * (len(parts) > 1) + parts[-1]
    return Work(
        results,
        (*declare(given).values(),) or variables(function),
        "_and_".join(["_".join(parts[:-1])] * (len(parts) > 1) + parts[-1:]),
        f"The {listed.replace('jacobian', 'Jacobian').replace('hessian', 'Hessian')}"
        f" of {written or 'a long expression'}",
        conditions=_conditions(results.values()),
    )


def module(work: Work, *, name: str | None = None, accuracy: bool = True) -> str:
    """The text of a module that computes the results and says what they rest on.

    With `accuracy` the error of the code is measured, and its docstring says it.
    """
    from symbolic import lambdify

    roots = tuple(work.results.values())
    function = lambdify(
        roots if len(roots) > 1 else roots[0],
        arguments=work.arguments,
        names=list(work.results),
        name=name or work.name,
    )
    tree = ast.parse(function.source)
    needs = " ".join((ast.get_docstring(tree) or "").split())
    lines = [
        *_wrapped(f"{work.title}."),
        "",
        *_wrapped(f"{work.origin} {needs}".strip()),
        *_assumed(work),
        *(_measured(function) if accuracy else ()),
    ]
    text = "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''")
    below = function.source.split("\n")[tree.body[0].end_lineno :]
    return f'"""{text}\n"""\n' + "\n".join(below)


def _assumed(work: Work) -> Iterator[str]:
    """What the results rest on: conditions of functions, and every domain that was declared."""
    conditions = map(str, work.conditions)
    domains = [
        f"{variable.name}: {domain_of(variable.domain).meaning}"
        for variable in work.arguments
        if variable.domain != "real"
    ]
    found = list(dict.fromkeys([*conditions, *domains]))
    if found:
        yield ""
        yield "Assumptions:"
    for each in found:
        yield from _wrapped(each, "    ")


def _measured(function: Function) -> Iterator[str]:
    """The accuracy of the code, where it can be measured."""
    from numeric import code_accuracy

    with suppress(DataError):
        found = _wrapped(str(code_accuracy(function, samples=_POINTS)), "    ")
        yield from ("", "Accuracy, measured against enclosures:", *found)


def _letters(roots: Sequence[Expression]) -> set[str]:
    """The size letters that occur in shapes and coefficients."""
    letters: set[str] = set()
    for node in postorder(roots):
        letters |= set(size_letters(node.shape))
        if isinstance(node, Contraction):
            letters |= {symbol.name for symbol in node.coefficient.free_symbols}
    return letters


def _conditions(roots: Iterable[Expression]) -> tuple[Assumption, ...]:
    return tuple(each for root in roots for each in assumptions(root))


def _called(expression: Expression, otherwise: str) -> str:
    return expression.name if isinstance(expression, Named) else otherwise


def _free(name: str, taken: Mapping[str, object]) -> str:
    if name not in taken:
        return name
    return next(new for number in count(2) if (new := f"{name}{number}") not in taken)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
