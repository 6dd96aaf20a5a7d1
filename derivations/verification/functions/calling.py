"""Calling a person's function with the values of declared variables, whatever goes wrong inside."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import takewhile
from typing import Any

import numpy as np

from numeric.arrays import real_array
from symbolic.code.compilation import Function
from symbolic.errors import DataError, NameUnknownError

Array = Any
Values = Mapping[str, Array]
Native = Callable[[Array], Any]

_KEYWORDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_ANY = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
_LONGEST = 200  # characters of another library's error


class CallError(DataError):
    """A person's function raised something, or gave what is no array of real numbers."""


class UndefinedError(CallError):
    """A person's function has no value at a point: a division by zero, a singular matrix."""


class Called:
    """A function of arrays as one of named values.

    `what` names it in messages. Arguments are matched by their names with the declared variables;
    a function none of whose names are declared gets all variables in the order of their declaration
    when it has as many arguments, or `alone`, when it has one. It gets NumPy arrays, or tensors of
    PyTorch or arrays of JAX where it refuses those and the library is loaded; each time copies, so
    that it cannot change what is compared.
    `notes` collects what it changed all the same.

    >>> double = Called(lambda w: 2 * w, "f", ["X", "w"])
    >>> double({"X": np.eye(2), "w": np.array([1.0, 2.0])})
    array([2., 4.])
    """

    def __init__(
        self, function: Callable[..., Any], what: str, declared: Sequence[str], alone: str = ""
    ) -> None:
        self.function, self.what = function, what
        self.placed, self.named = _matched(function, what, list(declared), alone)
        self.notes: dict[str, None] = {}
        self._natives: list[Native] = []

    @property
    def arguments(self) -> tuple[str, ...]:
        """The variables that it is given."""
        return (*self.placed, *self.named)

    def __call__(self, values: Values) -> Array:
        """The value as a NumPy array. Raises `CallError`."""
        if not self._natives:
            self._natives = list(_natives())
        first: Exception | None = None
        for native in list(self._natives):
            try:
                found = self._called(values, native)
            except (ArithmeticError, np.linalg.LinAlgError) as error:
                raise self._failed(first or error) from error
            except Exception as error:  # also an assertion about the kind of array
                first = first or error
            else:
                self._natives = [native]
                return found
        assert first is not None
        raise self._failed(first) from first

    def _called(self, values: Values, native: Native) -> Array:
        given = {name: native(np.array(values[name])) for name in self.arguments}
        with np.errstate(all="ignore"), _double_precision():
            result = self.function(
                *(given[name] for name in self.placed), **{name: given[name] for name in self.named}
            )
        if isinstance(result, tuple) and len(result) == 1:
            result = result[0]
        found = np.array(real_array(result, f"the value of {self.what}"))
        for name, each in given.items():
            if not np.array_equal(real_array(each, name), real_array(native(values[name]), name)):
                self.notes[f"{self.what} changes its argument {name} in place"] = None
        return found

    def _failed(self, error: Exception) -> CallError:
        lines = str(error).strip().splitlines() or [""]
        singular = type(error).__name__.endswith("LinAlgError")
        kind = UndefinedError if singular or isinstance(error, ArithmeticError) else CallError
        return kind(
            self.what,
            f"it raises {type(error).__name__}: {lines[0][:_LONGEST]}".rstrip(": "),
            "let it take NumPy arrays, PyTorch tensors or JAX arrays of every size that is declared, "
            'or declare fixed sizes, as in {"w": "3"}',
        )


def _matched(
    function: Callable[..., Any], what: str, declared: list[str], alone: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The variables that a function is given by place, and those by name."""
    if isinstance(function, Function):
        return (), tuple(name for name in function.args if name in declared)
    parameters = _parameters(function)
    single = alone or (declared[0] if len(declared) == 1 else "")
    if parameters is None:
        if single:
            return (single,), ()
        raise _unclear(what, "its arguments cannot be read", declared)
    kinds = {each.kind for each in parameters}
    plain = [p for p in parameters if p.kind in _KEYWORDS]
    fixed = [p for p in parameters if p.kind is inspect.Parameter.POSITIONAL_ONLY]
    required = [p.name for p in (*fixed, *plain) if p.default is p.empty]
    known = [name for name in required if name in declared]
    if len(known) == len(required):
        if not required and inspect.Parameter.VAR_POSITIONAL in kinds and single:
            return (single,), ()
        if not required and kinds & _ANY:
            raise _unclear(what, "it takes any arguments", declared)
        names = [p.name for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        by_place = tuple(takewhile(declared.__contains__, names))
        rest = [p.name for p in plain if p.name not in by_place]
        return by_place, tuple(name for name in rest if name in declared)
    if known or any(p.kind is inspect.Parameter.KEYWORD_ONLY and p.name in required for p in plain):
        missing = [name for name in required if name not in declared]
        raise _unclear(what, f"its arguments {', '.join(missing)} are not declared", declared)
    if len(required) == 1 and single:
        return (single,), ()
    if len(required) == len(declared):
        return tuple(declared), ()
    raise _unclear(what, f"a function of {', '.join(required)}", declared)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def _unclear(what: str, found: str, declared: Sequence[str]) -> NameUnknownError:
    names = ", ".join(declared) or "none"
    return NameUnknownError(
        what, f"{found}, and the declared variables are {names}", "name its arguments as they are"
    )


def _natives() -> Iterator[Native]:
    """Ways to hand over an array, in the order in which they are tried."""
    yield np.array
    torch = sys.modules.get("torch")
    if torch is not None:
        yield lambda array: torch.tensor(array, dtype=torch.float64)
        yield lambda array: torch.tensor(array, dtype=torch.float32)
    jax = sys.modules.get("jax")
    if jax is not None:
        yield jax.numpy.asarray


def _double_precision() -> AbstractContextManager[Any]:
    """Where JAX computes in float64, if it is loaded."""
    jax = sys.modules.get("jax")
    return nullcontext() if jax is None else jax.enable_x64(True)
