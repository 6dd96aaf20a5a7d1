"""Batched functions with some arguments bound: data are checked once, and only the rest is passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from symbolic.code.preparation import Prepared, check_free
from symbolic.code.runtime_checks import bind, check_threads, options

if TYPE_CHECKING:
    from symbolic.code.batched_function import BatchedFunction, Items, Shape

_MOST_PREPARED = 8  # functions with data bound, which may hold copies of them


class PreparedBatch:
    """A batched function of its free arguments; `BatchedFunction.prepare` makes it.

    `args` are the names of the free arguments in order, `bound` those of the others.
    """

    def __init__(
        self,
        function: BatchedFunction,
        bound: Mapping[str, object],
        *,
        out: object,
        threads: int | None,
    ) -> None:
        check_free(bound, function.args)
        self.function = function
        self.args = tuple(name for name in function.args if name not in bound)
        self.bound = tuple(name for name in function.args if name in bound)
        self._items = function.items({name: bound[name] for name in self.bound})
        self._out = out
        self._threads = threads
        self._prepared: dict[tuple[tuple[str, ...], Shape], Prepared] = {}
        function.check_alone(self._items)
        check_threads(threads)
        if not self.args:
            self()

    def __call__(
        self, /, *values: Any, out: object = None, threads: int | None = None, **named: Any
    ) -> Any:
        """The value, or the tuple of values, for the free arguments, by place or by name.

        `out` and `threads` are those of `prepare` unless they are given here.
        """
        out, threads = options(self.function.args, named, out=out, threads=threads)
        ordered = bind(self.args, values, named, called=self.function.name)
        free = self.function.items(dict(zip(self.args, ordered, strict=True)))
        items = self._items.joined(free, self.function.args)
        front = items.front
        out = self._out if out is None else out
        if 0 in front:
            return self.function.no_items(items, front, out)
        prepared = self._of(items, front)
        flat = items.flat(front, self.args).values()
        if not items.wide:
            return prepared(*flat, out=out, threads=threads)
        buffers = None
        if out is not None:
            buffers = self.function.buffers(out, items, prepared.function, front)
        return restored(prepared(*flat, out=buffers, threads=threads), front, out)

    def _of(self, items: Items, front: Shape) -> Prepared:
        """The function for these batch axes, with the bound values spread over them."""
        key = items.wide, front
        found = self._prepared.get(key)
        if found is None:
            function = self.function.function(items.wide)
            bound = items.flat(front, self.bound)
            found = Prepared(function, bound, out=None, threads=self._threads)
            if len(self._prepared) >= _MOST_PREPARED:
                self._prepared.clear()
            self._prepared[key] = found
        return found

    def prepare(
        self, /, *, out: object = None, threads: int | None = None, **bound: Any
    ) -> PreparedBatch:
        """A function with more arguments prepared; options that are not given stay what they are."""
        out, threads = options(self.function.args, bound, out=out, threads=threads)
        check_free(bound, self.args, self.bound)
        return PreparedBatch(
            self.function,
            {**self._items.values, **bound},
            out=self._out if out is None else out,
            threads=self._threads if threads is None else threads,
        )

    def __repr__(self) -> str:
        called = f"{self.function.name}({', '.join(self.args)})"
        prepared = f", {', '.join(self.bound)} prepared" if self.bound else ""
        batch = ", ".join(self.function.batch)
        return f"<generated NumPy function {called}, batch axes of {batch}{prepared}>"

    def __reduce__(self) -> tuple[Callable[..., PreparedBatch], tuple[object, ...]]:
        return _prepared_batch, (self.function, self._items.values, self._out, self._threads)


def _prepared_batch(
    function: BatchedFunction, bound: dict[str, Any], out: object, threads: int | None
) -> PreparedBatch:
    return PreparedBatch(function, bound, out=out, threads=threads)


def restored(results: Any, front: Shape, out: Any) -> Any:
    """Results of many items with their batch axes; those of `out` are the arrays given there."""
    if isinstance(results, tuple):
        given = (None,) * len(results) if out is None else out
        return tuple(
            restored(each, front, buffer) for each, buffer in zip(results, given, strict=True)
        )
    return results.reshape(front + results.shape[1:]) if out is None else out
