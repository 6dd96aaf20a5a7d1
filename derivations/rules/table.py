"""The rules that a page can name in `by=`: where they are, what they say, and which would do.

The table is read off the modules of rules, so that a new rule is in it at once.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from derivations.languages import Side, is_scalar
from derivations.reasons import RightToLeft, leads_to, reached, right_to_left
from symbolic import rules
from symbolic.errors import ChainruleError
from symbolic.functions import ELEMENTWISE
from symbolic.scalars.facts import Facts
from symbolic.structured import STRUCTURED

CALCULUS = "symbolic.calculus"
TENSORS = f"{CALCULUS}.rules"
SCALARS = "symbolic.scalars"
RELATIONS = "derivations.rules"
_MAKES = (
    "Rule",
    "Bound",
    "Induction",
    "ScaledLemma",
    "ComparedSquares",
    "Squeezed",
)  # what a factory returns


@dataclass(frozen=True)
class Entry:
    """A rule, or a function that makes one for the expressions it is given."""

    module: str
    name: str
    statement: str
    rule: Any  # None for a function

    @property
    def is_slope(self) -> bool:
        """Whether it is the chain rule for one named function."""
        return self.rule is not None and self.name.startswith("derivative_of(")

    @property
    def spelled(self) -> str:
        """How a page names it after the usual import."""
        package, _, last = self.module.rpartition(".")
        after_module = self.module == TENSORS or package == SCALARS
        return f"{last}.{self.name}" if after_module else self.name

    @property
    def imported(self) -> str:
        """The import that a page needs."""
        package, _, last = self.module.rpartition(".")
        if self.module == TENSORS:
            return f"from symbolic import rules{', and the function' if self.is_slope else ''}"
        if package == SCALARS:
            return f"from {SCALARS} import {last}"
        return f"from {self.module} import ..."


def entries() -> Iterator[Entry]:
    """All rules, module by module: for tensors, for plain SymPy, for equations and inequalities."""
    seen: set[int] = set()
    yield from _found(TENSORS, seen)
    for name in (*STRUCTURED, *ELEMENTWISE):
        rule = rules.derivative_of(name)
        yield Entry(TENSORS, f"derivative_of({name})", rule.statement, rule)
    of_calculus = (each for each in _modules(CALCULUS) if each.endswith("_rules"))
    for name in (*of_calculus, *_modules(SCALARS), *_modules(RELATIONS)):
        yield from _found(name, seen)


def _found(name: str, seen: set[int]) -> Iterator[Entry]:
    """The rules of a module that were not seen before, where it says what it exports among these."""
    module = import_module(name)
    exported = getattr(module, "__all__", None)
    for attribute, value in vars(module).items():
        hidden = attribute.startswith("_") if exported is None else attribute not in exported
        found = None if hidden else _entry(name, attribute, value)
        if found is not None and id(value) not in seen:
            seen.add(id(value))
            yield found


def _modules(package: str) -> Iterator[str]:
    paths = import_module(package).__path__
    yield from (f"{package}.{each.name}" for each in pkgutil.iter_modules(paths))


def _entry(module: str, name: str, value: Any) -> Entry | None:
    if inspect.isclass(value):
        return None
    if inspect.isfunction(value):
        made = str(value.__annotations__.get("return", ""))
        own = f"{value.__module__}.".startswith(f"{module}.")
        if not own or not made.endswith(_MAKES):
            return None
        parameters = ", ".join(inspect.signature(value).parameters)
        about = (inspect.getdoc(value) or "").partition("\n")[0].removesuffix(".")
        return Entry(module, f"{name}({parameters})", about, None)
    if all(hasattr(value, attribute) for attribute in ("name", "statement", "renamed")):
        return Entry(module, name, str(value.statement), value)
    return None


def given_by(before: Side, by: Sequence[Any], facts: Facts) -> Side | None:
    """What the reasons make of a line, those from right to left left out; None if nothing.

    >>> from symbolic import Derivative, rules, vector
    >>> x = vector("x", "n")
    >>> given_by(Derivative(x @ x, x), (rules.product_rule,), Facts())
    einsum("ij,i->j", D(x, x), x) + x @ D(x, x)
    """
    forward = [each for each in by if not isinstance(each, RightToLeft)]
    with suppress(ChainruleError):
        return next((each for each in reached(before, forward, facts) if each != before), None)
    return None


def suggestions(before: Side, line: Side, by: Sequence[Any], facts: Facts) -> list[str]:
    """What `by=` could be so that a line follows, as a page would write it; at most three.

    Each rule is tried alone, from right to left, and together with the reasons that were given.

    >>> from symbolic import Derivative, rules, vector
    >>> x = vector("x", "n")
    >>> suggestions(Derivative(x @ x, x), 2 * x, (rules.product_rule,), Facts())
    ['(rules.product_rule, rules.linear_map)']
    """
    package, acts = (SCALARS, "results") if is_scalar(line) else (CALCULUS, "once")
    table = [
        each
        for each in entries()
        if each.module.startswith(package) and hasattr(each.rule, acts) and not each.is_slope
    ]
    given = ", ".join(_spelled(each, table) for each in by)
    tries = [((each.rule,), each.spelled) for each in table]
    tries += [((*by, each.rule), f"({given}, {each.spelled})") for each in table]
    tries += [((each.rule, *by), f"({each.spelled}, {given})") for each in table]
    if package == CALCULUS:
        ending = (rules.linearity, rules.linear_map)
        tries.append(((*by, *ending), f"({given}, rules.linearity, rules.linear_map)"))
    tries += [((right_to_left(each.rule),), f"right_to_left({each.spelled})") for each in table]
    found: list[str] = []
    for reasons, spelled in tries:
        with suppress(ChainruleError, TypeError, ValueError):
            if len(found) < 3 and leads_to(before, line, reasons, facts):
                found.append(spelled)
    return found


def _spelled(reason: Any, table: Sequence[Entry]) -> str:
    """How a page names a reason that it gave; three dots for one that the page made itself."""
    if isinstance(reason, RightToLeft):
        return f"right_to_left({_spelled(reason.reason, table)})"
    return next((each.spelled for each in table if each.rule is reason), "...")
