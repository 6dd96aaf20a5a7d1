"""Terms as text for people, and as a module of NumPy source that stands alone."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from textwrap import wrap

import numpy as np

from numeric.stabilizing import primitives
from numeric.stabilizing.floats import PAIRS, constant_value, integer_power, split_constant
from numeric.stabilizing.operations import OPERATIONS
from numeric.stabilizing.terms import Term, subterms, variable
from symbolic.errors import NameUnknownError

_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_LEVELS = {
    "add": _SUM, "subtract": _SUM, "negative": _PRODUCT, "multiply": _PRODUCT, "divide": _PRODUCT,
    "power": _POWER,
}  # fmt: skip
_SIGNS = {"add": " + ", "subtract": " - ", "multiply": "*", "divide": "/"}
_RELATIONS = {"less": "<", "less_equal": "<=", "equal": "=="}
_LONG = 60  # characters of source that get a name of their own
_SIMPLE = re.compile(r"[\w.]+")
FUNCTION = "stable"


def text(term: Term) -> str:
    """A term as a formula.

    >>> from numeric.stabilizing.reading import read_term
    >>> text(read_term("1-1/(1+exp(-x))**2"))
    '1 - 1/(1 + exp(-x))**2'
    """
    return _text(term, _SUM)


def _text(term: Term, level: int) -> str:
    if not term.args:
        return _leaf(term, level)
    if term.op in _RELATIONS:
        a, b, x, y = map(text, term.args)
        return f"where({a} {_RELATIONS[term.op]} {b}, {x}, {y})"
    own = _LEVELS.get(term.op)
    if own is None:
        return f"{term.op}({', '.join(map(text, term.args))})"
    if term.op == "negative":
        written = "-" + _text(term.args[0], _PRODUCT)
    elif term.op == "power":
        written = f"{_text(term.args[0], _ATOM)}**{_text(term.args[1], _POWER)}"
    else:
        left, right = term.args
        written = _text(left, own) + _SIGNS[term.op] + _text(right, own + 1)
    return f"({written})" if own < level else written


def _leaf(term: Term, level: int) -> str:
    number = term.number
    if number is None:
        return "pi" if term.op == "pi" else str(term.value)
    if number.denominator == 1 and abs(number) < 10**6:
        written = str(number)
    elif number.denominator < 10**5 and abs(number) < 10**6 and _long_decimal(number):
        return f"{number}" if level <= _SUM else f"({number})"
    else:
        written = repr(constant_value(term)).removesuffix(".0")
    return f"({written})" if number < 0 and level > _SUM else written


def _long_decimal(number: Fraction) -> bool:
    return len(repr(float(number))) > 8


def source(
    term: Term, names: Sequence[str], dtype: np.dtype, written: str, measured: Sequence[str]
) -> str:
    """A module with the function `stable(...)` that computes a term."""
    writer = _Writer(term, names, dtype)
    result = writer.value(term)
    helpers = _helpers(writer.helpers)
    special = "special." in "".join([*helpers, *writer.lines, result])
    arguments = ", ".join(names)
    kind = f"np.{dtype.name}"
    body = [f"{name} = np.asarray({name}, dtype={kind}){_excuse([name])}" for name in names]
    body.append('with np.errstate(all="ignore"):')
    body += ["    " + line for line in writer.lines]
    if term.names == frozenset(names):
        body.append(f"    return np.asarray({result}, dtype={kind})[()]")
    else:
        shape = f"np.broadcast_shapes({', '.join(f'{name}.shape' for name in names)})"
        body.append(f"    return np.full({shape}, {result}, dtype={kind})[()]")
    paragraphs = [f"Compute {written}", "", f"as {text(term)}.", "", *measured]
    docstring = [piece for line in paragraphs for piece in (wrap(line, 84) or [""])]
    return (
        "\n".join(
            [
                '"""A formula of the real numbers, arranged for floating point."""',
                "",
                "import numpy as np",
                *(["from scipy import special"] if special else []),
                "",
                "",
                f"def {FUNCTION}({arguments}):{_excuse(names)}",
                '    """' + docstring[0],
                *(("    " + line).rstrip() for line in docstring[1:]),
                '    """',
                *("    " + line for line in body),
                *(f"\n\n{helper}" for helper in helpers),
            ]
        ).rstrip()
        + "\n"
    )


def _excuse(names: Sequence[str]) -> str:
    """A linter's exception for names that look like digits; they are the caller's."""
    return "  # noqa: E741" if {"l", "O", "I"} & set(names) else ""


def _number(value: float) -> str:
    """A number as source; infinities and NaN have names."""
    return repr(value) if isfinite(value) else f'float("{value}")'


def _helpers(names: set[str]) -> list[str]:
    """The source of primitives and of those that they call."""
    found: dict[str, str] = {}
    todo = sorted(names)
    while todo:
        name = todo.pop(0)
        if name in found:
            continue
        lines = inspect.getsource(getattr(primitives, name))
        found[name] = re.sub(r"(:| ->) Any", "", lines).rstrip()
        todo += sorted(set(re.findall(r"\w+(?=\()", found[name])) & set(_PRIMITIVES) - found.keys())
    return list(found.values())


_PRIMITIVES = frozenset(
    name for name, value in vars(primitives).items() if inspect.isfunction(value)
)


class _Writer:
    """Statements for the parts that are long or used twice, and an expression for the rest."""

    def __init__(self, term: Term, names: Sequence[str], dtype: np.dtype) -> None:
        taken = {"np", "special", FUNCTION} | _PRIMITIVES
        for name in names:
            if name in taken:
                raise NameUnknownError(
                    f"the variable {name!r}", "a name of the module's own", "choose another name"
                )
        self.taken = set(names) | taken
        self.dtype = dtype
        self.lines: list[str] = []
        self.helpers: set[str] = set()
        self.named: dict[Term, str] = {}
        self.pairs: dict[Term, str] = {}
        self.uses = Counter(arg for each in subterms([term]) for arg in each.args)

    def fresh(self, letter: str) -> str:
        number = 1
        while f"{letter}{number}" in self.taken:
            number += 1
        self.taken.add(f"{letter}{number}")
        return f"{letter}{number}"

    def value(self, term: Term, level: int = _SUM, longest: int = _LONG) -> str:
        """The code of a term, a name if it would be longer."""
        if term in self.named:
            return self.named[term]
        if term.op == "variable":
            return str(term.value)
        if not term.names:
            number = _number(constant_value(term))
            return f"({number})" if number.startswith("-") and level > _SUM else number
        code, own = self.code(term)
        if (self.uses[term] > 1 and term.size > 2) or len(code) > longest:
            self.named[term] = name = self.fresh("t")
            self.lines.append(f"{name} = {code}")
            return name
        return f"({code})" if own < level else code

    def code(self, term: Term) -> tuple[str, int]:
        """The code of an operation and how tightly it binds."""
        match term.op:
            case "compensated":
                pair = self.pair(term.args[0])
                return f"{pair}[0] + {pair}[1]", _SUM
            case "negative":
                return "-" + self.value(term.args[0], _PRODUCT), _PRODUCT
            case "power":
                base = self.value(term.args[0], _ATOM)
                exponent = self.value(term.args[1], _POWER)
                tight = _SIMPLE.fullmatch(base) and _SIMPLE.fullmatch(exponent)
                return f"{base}**{exponent}" if tight else f"{base} ** {exponent}", _POWER
            case "add" | "subtract" | "multiply" | "divide":
                own = _LEVELS[term.op]
                left, right = self.value(term.args[0], own), self.value(term.args[1], own + 1)
                return f"{left} {_SIGNS[term.op].strip()} {right}", own
            case "less" | "less_equal" | "equal":
                a, b = map(self.value, term.args[:2])
                x, y = (self.value(branch, longest=_LONG // 2) for branch in term.args[2:])
                return f"np.where({a} {_RELATIONS[term.op]} {b}, {x}, {y})", _ATOM
        operation = OPERATIONS[term.op]
        name = operation.code
        if operation.helper:
            name = self.helper(name.removeprefix("primitives."))
        return f"{name}({', '.join(map(self.value, term.args))})", _ATOM

    def helper(self, name: str) -> str:
        self.helpers.add(name)
        return name

    def pair(self, term: Term) -> str:
        """The name or code of a term as a pair (high, low)."""
        found = self.pairs.get(term)
        if found is None:
            code = self.pair_code(term)
            if code.startswith("("):
                return code
            found = self.pairs[term] = self.fresh("p")
            self.lines.append(f"{found} = {code}")
        return found

    def pair_code(self, term: Term) -> str:
        if term.op in ("variable", "compensated"):
            return f"({self.value(term)}, 0)"
        if not term.names:
            kind = "" if self.dtype == np.float64 else f"np.{self.dtype.name}"
            high, low = (_number(float(part)) for part in split_constant(term, self.dtype))
            return f"({kind}({high}), {kind}({low}))" if kind else f"({high}, {low})"
        rule = PAIRS.get(term.op)
        if rule is not None:
            pairs = ", ".join(map(self.pair, term.args))
            return f"{self.helper(rule.__name__)}({pairs})"
        if term.op == "power" and (n := integer_power(term)):
            base = self.pair(term.args[0])
            code = base
            for _ in range(n - 1):
                code = f"{self.helper('pair_product')}({code}, {base})"
            return code
        operation = OPERATIONS[term.op]
        if not operation.slope:
            return f"({self.value(term)}, 0)"
        inner = self.pair(term.args[0])
        at = variable(f"{inner}[0]")
        value = self.code(Term(term.op, (at,), None))[0]
        slope = self.value(operation.slope_at(at))
        return f"{self.helper('pair_chain')}({value}, {slope}, {inner})"
