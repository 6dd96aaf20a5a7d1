"""Generated functions whose arguments may carry leading batch axes, as NumPy's own may."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic.code.array_libraries import foreign
from symbolic.code.data_domains import Array
from symbolic.code.generated_function import Function
from symbolic.code.number_types import plain, precision_of
from symbolic.code.prepared_batch import PreparedBatch, restored
from symbolic.code.result_buffers import check_apart
from symbolic.code.runtime_checks import (
    bind,
    bound_sizes,
    options,
    refuse_values,
    size_value,
)
from symbolic.domains import DOMAINS
from symbolic.errors import DataError, DomainError, ShapeError, UnsupportedError
from symbolic.nodes import Variable
from symbolic.sizes import shape_text

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Items:
    """The values of some arguments by name, and the batch axes of each."""

    values: Mapping[str, Any]
    fronts: Mapping[str, Shape]

    @property
    def wide(self) -> tuple[str, ...]:
        """The arguments that have batch axes."""
        return tuple(name for name, front in self.fronts.items() if front)

    @property
    def front(self) -> Shape:
        """The batch axes of the results."""
        try:
            return np.broadcast_shapes(*self.fronts.values())
        except ValueError:
            found = " and ".join(f"{name} has {own}" for name, own in self.fronts.items() if own)
            raise ShapeError(
                "batch axes that do not broadcast",
                found,
                "pass equal batch axes, or axes of size 1",
            ) from None

    def joined(self, others: Items, order: Sequence[str]) -> Items:
        """These and others, in an order of names."""
        values, fronts = {**self.values, **others.values}, {**self.fronts, **others.fronts}
        return Items({name: values[name] for name in order}, {name: fronts[name] for name in order})

    def flat(self, front: Shape, names: Iterable[str]) -> dict[str, Any]:
        """The values called `names`, those with batch axes with one in the place of `front`."""
        found = {}
        for name in names:
            value, own = self.values[name], self.fronts[name]
            if own:
                item = value.shape[len(own) :]
                aligned = value.reshape((1,) * (len(front) - len(own)) + value.shape)
                value = np.broadcast_to(aligned, front + item).reshape(math.prod(front), *item)
            found[name] = value
        return found


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
        self.several = several
        self._variables = {variable.name: variable for variable in arguments}
        self._check = check
        self._compile = compile_batch
        self._recipe = recipe
        self._functions: dict[tuple[str, ...], Function] = {}
        self.source = self.function(self.batch).source

    def __call__(
        self, /, *values: Any, out: object = None, threads: int | None = None, **named: Any
    ) -> Any:
        """The value, or the tuple of values, for one item or for each of many.

        `out` and `threads` are as those of a `Function`; arrays in `out` have the batch axes. Raises
        what a `Function` raises, and `ShapeError` where batch axes do not broadcast.
        """
        out, threads = options(self.args, named, out=out, threads=threads)
        ordered = bind(self.args, values, named, called=self.name)
        items = self.items(dict(zip(self.args, ordered, strict=True)))
        front = items.front
        if 0 in front:
            return self.no_items(items, front, out)
        function = self.function(items.wide)
        flat = items.flat(front, self.args).values()
        if not items.wide:
            return function(*flat, out=out, threads=threads)
        buffers = None if out is None else self.buffers(out, items, function, front)
        return restored(function(*flat, out=buffers, threads=threads), front, out)

    def prepare(
        self, /, *, out: object = None, threads: int | None = None, **bound: Any
    ) -> PreparedBatch:
        """A function of the other arguments, with these checked once; see `Function.prepare`.

        >>> from symbolic import dims, lambdify, matrix, vector
        >>> n, d = dims("n d")
        >>> f = lambdify(matrix("X", n, d) @ vector("w", d), batch=["w"])
        >>> g = f.prepare(X=np.eye(2))
        >>> g
        <generated NumPy function f(w), batch axes of w, X prepared>
        >>> g([[3, 4], [5, 6]])
        array([[3., 4.],
               [5., 6.]])
        """
        out, threads = options(self.args, bound, out=out, threads=threads)
        return PreparedBatch(self, bound, out=out, threads=threads)

    @property
    def unchecked(self) -> Callable[..., Any]:
        """The function that the source defines: arrays in order, nothing tested or converted."""
        return self.function(self.batch).unchecked

    @property
    def array_api_source(self) -> str:
        """The source for arrays of other libraries, with one leading axis as in `source`."""
        return self.function(self.batch).array_api_source

    # --- what calls have in common with prepared ones ---

    def function(self, wide: tuple[str, ...]) -> Function:
        """The function for which just these arguments have a leading axis."""
        if wide not in self._functions:
            self._functions[wide] = self._compile(wide)
        return self._functions[wide]

    def items(self, values: Mapping[str, object]) -> Items:
        """The values of some arguments; errors where one is no array, or outside its domain."""
        if foreign(list(values.values())):
            raise UnsupportedError(
                f"{self.name} with batch axes",
                "arrays of another library than NumPy",
                "pass NumPy arrays, or map the function for one item with the library",
            )
        given = {name: plain(name, value) for name, value in values.items()}
        fronts = {name: self._front(self._variables[name], value) for name, value in given.items()}
        if self._check:
            for name, front in fronts.items():
                variable = self._variables[name]
                if front and not DOMAINS[variable.domain].entrywise:
                    _check_items(variable, given[name], front)
        return Items(given, fronts)

    def check_alone(self, items: Items) -> None:
        """Refuse values that fit no call, whatever the other arguments are."""
        variables = [self._variables[name] for name in items.values]
        shapes = [np.shape(value) for value in items.values.values()]
        own = [
            shape[len(front) :] for shape, front in zip(shapes, items.fronts.values(), strict=True)
        ]
        bound_sizes(zip(variables, own, strict=True))
        _ = items.front
        for variable, value in zip(variables, items.values.values(), strict=True):
            if self._check and (
                DOMAINS[variable.domain].entrywise or variable.name not in items.wide
            ):
                array = np.asarray(value).astype(np.float64, copy=False)
                refuse_values([variable], [array], [precision_of(value, array.dtype)])

    def no_items(self, items: Items, front: Shape, out: Any) -> Any:
        """The results for batch axes without entries, which have no entries."""
        self.check_alone(items)
        admission = self.function(()).admission
        accepted = admission.accept(
            [
                np.empty(value.shape[len(own) :], value.dtype)[()] if own else value
                for value, own in zip(items.values.values(), items.fronts.values(), strict=True)
            ]
        )
        dtype = accepted.number.returned
        results: list[Array] = []
        for root in admission.roots:
            shape = front + tuple(size_value(size, accepted.sizes) for size in root.shape)
            results.append(np.empty(shape, dtype))
        given: Sequence[Any] = (None,) * len(results)
        if out is not None:
            given = out if self.several and isinstance(out, (tuple, list)) else (out,)
        pairs = list(zip(results, given, strict=False))
        if len(given) != len(results) or any(
            new is not None and _kind(new) != _kind(old) for old, new in pairs
        ):
            wanted = " and ".join(f"{each.shape}" for each in results)
            raise ShapeError(
                "out=...", f"the results have shape {wanted}, dtype {dtype}", "pass such arrays"
            )
        found = [old if new is None else new for old, new in pairs]
        return tuple(found) if self.several else found[0]

    def buffers(self, out: object, items: Items, function: Function, front: Shape) -> object:
        """The arrays of `out`, checked, with one batch axis in the place of several."""
        given = out if self.several else (out,)
        admission = function.admission
        if not isinstance(given, (tuple, list)) or len(given) != len(admission.roots):
            return out  # refused by the function
        flat = items.flat(front, self.args).values()
        sizes = admission.accept(admission.plain(tuple(flat))).sizes
        found = []
        for place, (buffer, root) in enumerate(zip(given, admission.roots, strict=True)):
            if isinstance(buffer, np.ndarray):
                item = tuple(size_value(size, sizes) for size in root.shape[1:])
                called = f"out[{place}]" if self.several else "out"
                check_apart(
                    (*[None] * place, buffer),
                    self.args,
                    list(items.values.values()),
                    several=self.several,
                )
                buffer = _flat_buffer(called, buffer, front, item)
            found.append(buffer)
        return tuple(found) if self.several else found[0]

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


def _kind(array: Any) -> tuple[Shape, np.dtype[Any]] | None:
    return (array.shape, array.dtype) if isinstance(array, np.ndarray) else None


def _flat_buffer(called: str, buffer: Array, front: Shape, item: Shape) -> Array:
    """A buffer with one batch axis in the place of several."""
    if buffer.shape != front + item:
        raise ShapeError(
            f"{called} with shape {buffer.shape}",
            f"the result has shape {front + item}",
            "pass an array of that shape",
        )
    flat = buffer.reshape(math.prod(front), *item)
    if buffer.size and not np.may_share_memory(flat, buffer):
        raise DataError(
            f"{called}, an array whose batch axes do not follow each other in memory",
            "they cannot be written as one axis",
            "pass an array of its own, as from np.empty",
        )
    return flat


def _check_items(variable: Variable, value: Array, own: Shape) -> None:
    """The values and the domain of a variable, for each item."""
    precision = precision_of(value, np.dtype(np.float64))
    for place in np.ndindex(own):
        try:
            refuse_values([variable], [value[place].astype(np.float64)], [precision])
        except (DataError, DomainError) as problem:
            at = ", ".join(map(str, place))
            raise type(problem)(
                f"{problem.written}, in item [{at}]", problem.found, problem.advice
            ) from None
