"""The measured function, called on arrays of points in the format of the measurement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numeric.accuracy.domains import Points
from numeric.accuracy.emulation import RoundedArray
from numeric.accuracy.formats import Floats, Format, float32, float64
from numeric.accuracy.reference import read
from symbolic.code.compilation import Function, lambdify
from symbolic.errors import ChainruleError, DataError
from symbolic.nodes import Expression

Measured = str | Expression | Callable[..., Any]


class Subject:
    """A function to be measured: text and expressions are compiled, callables taken as they are.

    A call gives one float64 number a point. A function that does not take arrays is called point by
    point; where it then raises, as `math.exp(1000)` does, its value is NaN. `notes` says what was
    found on the way.
    """

    def __init__(self, f: Measured, names: tuple[str, ...], form: Format) -> None:
        self.names, self.form = names, form
        self.notes: set[str] = set()
        self.one_by_one = False
        self.worked = False
        if isinstance(f, (str, Expression)):
            f = lambdify(read(f, names), check=False)
        if not callable(f):
            raise DataError("the function", f"{f!r} is not callable", "give a function, or text")
        self.f = f
        self.generated = isinstance(f, Function)

    def __call__(self, points: Points) -> Floats:
        count = len(points[self.names[0]])
        with np.errstate(all="ignore"):
            if not self.one_by_one:
                found = self._together(points, count)
                if found is not None:
                    return found
                self.one_by_one = True
            return self._one_by_one(points, count)

    def _together(self, points: Points, count: int) -> Floats | None:
        """The values by one call with arrays; None where the function wants single numbers."""
        try:
            value = self._call({name: self._typed(points[name]) for name in self.names})
        except (TypeError, ValueError, IndexError, ArithmeticError):
            return None
        return self._numbers(value) if np.shape(_values(value)) == (count,) else None

    def _one_by_one(self, points: Points, count: int) -> Floats:
        found = np.full(count, np.nan)
        typed = {name: self._typed(points[name]) for name in self.names}
        problem: Exception | None = None
        failures = 0
        for place in range(count):
            try:
                value = self._call({name: array[place] for name, array in typed.items()})
            except ChainruleError:
                raise
            except (ValueError, IndexError, ArithmeticError) as error:
                problem = error
                failures += 1
                continue
            if np.size(_values(value)) != 1:
                raise DataError(
                    f"the value of {_name(self.f)}",
                    f"shape {np.shape(_values(value))} at one point",
                    "measure functions with one value a point",
                )
            found[place] = self._numbers(value).item()
            self.worked = True
        if not self.worked:
            raise DataError(
                f"{_name(self.f)} at points of the domain",
                f"every call fails ({type(problem).__name__}: {problem})",
                "take a function of one number for each variable, with their names",
            )
        if failures:
            self.notes.add(f"it raises {type(problem).__name__} at some points (counted as NaN)")
        return found

    def _call(self, values: dict[str, Any]) -> Any:
        if isinstance(self.f, Function):
            chosen = {name: values[name] for name in self.f.args if name in values}
            if self.form in (float64, float32):
                return self.f(**chosen)
            self.f(**{name: each.values for name, each in chosen.items()})  # checks the arguments
            return self.f.unchecked(*(chosen[name] for name in self.f.args))
        assert callable(self.f)
        return self.f(*values.values()) if len(values) == 1 else self.f(**values)

    def _typed(self, values: Floats) -> Any:
        if self.form is float64:
            return values
        return (
            values.astype(np.float32) if self.form is float32 else RoundedArray(values, self.form)
        )

    def _numbers(self, value: Any) -> Floats:
        array = np.asarray(_values(value))
        if array.dtype.kind not in "fiub":
            raise DataError(
                f"the value of {_name(self.f)}", f"dtype {array.dtype}", "return real numbers"
            )
        wide = array.dtype.kind == "f" and 8 * array.dtype.itemsize > self.form.width
        if wide and not isinstance(value, RoundedArray) and not self.generated:
            self.notes.add(f"it returns {array.dtype} for {self.form} input; the value is rounded")
        return self.form.round(array.astype(np.float64))


def _values(value: Any) -> Any:
    return value.values if isinstance(value, RoundedArray) else value


def _name(f: Any) -> str:
    return getattr(f, "__name__", "the function")
