"""Generated functions whose arguments may carry leading batch axes, as NumPy's own may."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symbolic.code.array_libraries import foreign
from symbolic.code.data_domains import Array
from symbolic.code.generated_function import Function
from symbolic.code.number_types import plain, precision_of
from symbolic.code.runtime_checks import bind, refuse_values
from symbolic.domains import DOMAINS
from symbolic.errors import DataError, DomainError, ShapeError, UnsupportedError
from symbolic.nodes import Variable
from symbolic.sizes import shape_text

Shape = tuple[int, ...]


class BatchedFunction:
    """A generated NumPy function of one item or many.

    The arguments called `batch` may have further axes in front, which broadcast against each other;
    every result gets these axes. `source` computes many items, with one leading axis for each of
    these arguments; `args` are the names of all arguments in order.
    """

    def __init__(
        self,
        arguments: Sequence[Variable],
        batch: Sequence[str],
        *,
        name: str,
        several: bool,
        check: bool,
        compile_batch: Callable[[tuple[str, ...]], Function],
        recipe: tuple[Callable[..., BatchedFunction], tuple[object, ...]],
    ) -> None:
        self.name = name
        self.args = tuple(variable.name for variable in arguments)
        self.batch = tuple(batch)
        self._arguments = tuple(arguments)
        self._several = several
        self._check = check
        self._compile = compile_batch
        self._recipe = recipe
        self._functions: dict[tuple[str, ...], Function] = {}
        self.source = self._function(self.batch).source

    def __call__(self, /, *values: Any, **named: Any) -> Any:
        """The value, or the tuple of values, for one item or for each of many.

        Raises what a `Function` raises, and `ShapeError` where batch axes do not broadcast.
        """
        ordered = bind(self.args, values, named, called=self.name)
        if foreign(ordered):
            raise UnsupportedError(
                f"{self.name} with batch axes",
                "arrays of another library than NumPy",
                "pass NumPy arrays, or map the function for one item with the library",
            )
        given = [plain(name, value) for name, value in zip(self.args, ordered, strict=True)]
        fronts = {
            variable.name: self._front(variable, value)
            for variable, value in zip(self._arguments, given, strict=True)
        }
        wide = tuple(name for name, front in fronts.items() if front)
        if not wide:
            return self._function(())(*given)
        front = _broadcast(fronts)
        if self._check:
            for variable, value in zip(self._arguments, given, strict=True):
                if variable.name in wide and not DOMAINS[variable.domain].entrywise:
                    _check_items(variable, value, fronts[variable.name])
        flat = [
            _flat(value, fronts[name], front) if name in wide else value
            for name, value in zip(self.args, given, strict=True)
        ]
        results = self._function(wide)(*flat)
        if self._several:
            return tuple(result.reshape(front + result.shape[1:]) for result in results)
        return results.reshape(front + results.shape[1:])

    def _function(self, wide: tuple[str, ...]) -> Function:
        """The function for which just these arguments have a leading axis."""
        if wide not in self._functions:
            self._functions[wide] = self._compile(wide)
        return self._functions[wide]

    def _front(self, variable: Variable, value: Any) -> Shape:
        """The batch axes of a value."""
        shape = np.shape(value)
        extra = len(shape) - variable.rank
        if extra < 0 or (extra > 0 and variable.name not in self.batch):
            raise ShapeError(
                f"{variable.name} with shape {shape}",
                f"it is declared with shape {shape_text(variable.shape)}"
                + ("" if extra < 0 else ", and not among those with batch axes"),
                f"pass an array with {variable.rank} axes"
                + (" or more" if extra < 0 else f", or add {variable.name} to batch="),
            )
        return shape[:extra]

    def __repr__(self) -> str:
        called = f"{self.name}({', '.join(self.args)})"
        return f"<generated NumPy function {called}, batch axes of {', '.join(self.batch)}>"

    def __reduce__(self) -> tuple[Callable[..., BatchedFunction], tuple[object, ...]]:
        return self._recipe


def _broadcast(fronts: dict[str, Shape]) -> Shape:
    try:
        return np.broadcast_shapes(*fronts.values())
    except ValueError:
        found = " and ".join(f"{name} has {front}" for name, front in fronts.items() if front)
        raise ShapeError(
            "batch axes that do not broadcast", found, "pass equal batch axes, or axes of size 1"
        ) from None


def _flat(value: Array, own: Shape, front: Shape) -> Array:
    """An array with one batch axis in the place of several."""
    item = value.shape[len(own) :]
    aligned = value.reshape((1,) * (len(front) - len(own)) + value.shape)
    return np.broadcast_to(aligned, front + item).reshape(math.prod(front), *item)


def _check_items(variable: Variable, value: Array, own: Shape) -> None:
    """The values and the domain of a variable, for each item."""
    precision = precision_of(value, value.dtype)
    for place in np.ndindex(own):
        try:
            refuse_values([variable], [value[place].astype(np.float64)], [precision])
        except (DataError, DomainError) as problem:
            at = ", ".join(map(str, place))
            raise type(problem)(
                f"{problem.written}, in item [{at}]", problem.found, problem.advice
            ) from None
