"""The value that a recursion reaches after a number of steps."""

from __future__ import annotations

from typing import Any

import sympy

from symbolic.scalars.parameters import as_sympy
from symbolic.scalars.substituting import other_names, put


class Recursion(sympy.Expr):
    """x after `count` steps x <- step, from x = start; `index` is the number of the step, from 1.

    >>> x, k, n = sympy.Symbol("x"), sympy.Symbol("k"), sympy.Symbol("n")
    >>> Recursion(2 * x + k, x, 0, k, n).subs(n, 3).doit()
    11
    """

    def __new__(cls, step: Any, variable: Any, start: Any, index: Any, count: Any) -> Recursion:
        """A recursion that is not carried out."""
        return sympy.Expr.__new__(
            cls,
            *(as_sympy(each, cls.__name__) for each in (step, variable, start, index, count)),
        )

    @property
    def start(self) -> sympy.Expr:
        """The value before the first step."""
        return self.args[2]

    @property
    def count(self) -> sympy.Expr:
        """The number of steps."""
        return self.args[4]

    @property
    def bound_symbols(self) -> list[sympy.Symbol]:
        """The variable and the index, which mean nothing outside."""
        return [self.args[1], self.args[3]]

    @property
    def free_symbols(self) -> set[sympy.Symbol]:
        """The symbols on which the value depends."""
        step, variable, start, index, count = self.args
        return (step.free_symbols - {variable, index}) | start.free_symbols | count.free_symbols

    def after(self, value: sympy.Expr, number: sympy.Expr) -> sympy.Expr:
        """One step from a value; `number` counts the steps."""
        step, variable, _, index, _ = self.args
        return put(step, {variable: value, index: number})

    def doit(self, **hints: Any) -> sympy.Expr:
        """The value, where the number of steps is known."""
        if not (self.count.is_Integer and self.count >= 0):
            return self
        value = self.start
        for number in range(1, int(self.count) + 1):
            value = self.after(value, sympy.Integer(number))
        return value

    def _eval_subs(self, old: sympy.Basic, new: sympy.Basic) -> sympy.Expr | None:
        if isinstance(old, sympy.Symbol) and old not in self.free_symbols:
            return self
        caught = set(self.bound_symbols) & ({old} | new.free_symbols)
        if not caught:
            return None
        step, variable, start, index, count = self.args
        names = other_names(caught, caught | new.free_symbols, self)
        step, variable, index = (each.xreplace(names) for each in (step, variable, index))
        return Recursion(step, variable, start, index, count)._subs(old, new)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(each.is_extended_real for each in self.args[:3]) else None

    def _sympystr(self, printer: Any) -> str:
        step, variable, start, index, count = map(printer._print, self.args)
        return f"recursion({variable} <- {step}, {index}=1..{count}, from {start})"

    def _latex(self, printer: Any) -> str:
        step, variable, start, index, count = map(printer._print, self.args)
        if not self.args[0].has(self.args[3]):
            return rf"\left({variable} \mapsto {step}\right)^{{\circ {count}}}\left({start}\right)"
        return (
            rf"\operatorname{{iterate}}_{{{index} = 1..{count}}}"
            rf"\left({variable} \leftarrow {step} \;\text{{from}}\; {start}\right)"
        )


__all__ = ["Recursion"]
