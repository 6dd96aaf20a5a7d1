"""Generated functions with some arguments bound: data are checked once, and only the rest is passed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from symbolic.code.admission import Computation, Signature, computation, remember, signature
from symbolic.code.array_libraries import foreign
from symbolic.code.number_types import conversion, number_of, plain
from symbolic.code.result_buffers import Buffers, check_apart, fill
from symbolic.code.runtime_checks import bind, options
from symbolic.errors import NameUnknownError, UnsupportedError

if TYPE_CHECKING:
    from symbolic.code.generated_function import Function

_OPTIONS = ("out", "threads")  # looked for by name, so that calls without them cost nothing


class Prepared:
    """A generated function of its free arguments; `Function.prepare` makes it.

    `args` are the names of the free arguments in order, `bound` those of the others.
    """

    def __init__(
        self, function: Function, bound: Mapping[str, object], *, out: object, threads: int | None
    ) -> None:
        check_free(bound, function.args)
        if foreign(list(bound.values())):
            raise UnsupportedError(
                f"prepare({', '.join(f'{name}=...' for name in bound)})",
                "arrays of another library than NumPy",
                "bind them with functools.partial",
            )
        self.function = function
        self.args = tuple(name for name in function.args if name not in bound)
        self.bound = tuple(name for name in function.args if name in bound)
        self._given = [plain(name, bound[name]) for name in self.bound]
        self._bound_in: dict[np.dtype[Any], tuple[Any, ...]] = {}
        self._out = out
        self._threads = threads
        self._run = function.runner(threads)
        self._admission = function.admission
        self._known: dict[Signature, Computation] = {}
        self._in_order = _picker([(*self.bound, *self.args).index(each) for each in function.args])
        self._check_bound()

    def _check_bound(self) -> None:
        """Refuse bound values that fit no call, whatever the free arguments are."""
        arrays = [
            _converted(name, value, number_of([name], [value]).working)
            for name, value in zip(self.bound, self._given, strict=True)
        ]
        self._admission.check_some(self.bound, arrays, self._given)
        if not self.args:
            self._computation(())

    def __call__(self, /, *values: Any, **named: Any) -> Any:
        """The value, or the tuple of values, for the free arguments, by place or by name.

        The keywords `out` and `threads` are those of `prepare` unless they are given here.
        """
        if named:
            if tuple(named) == self.args and not values:
                values = tuple(named.values())
            elif named.keys().isdisjoint(_OPTIONS):
                values = tuple(bind(self.args, values, named, called=self.function.name))
            else:
                return self._with_options(values, named)
        try:
            compute = self._known[signature(values)]
        except (AttributeError, KeyError, TypeError):
            return self._unlike(values)
        return compute(values)

    def _unlike(self, values: tuple[Any, ...]) -> Any:
        """A call unlike those before, or with values that become arrays and numbers first."""
        if len(values) != len(self.args):
            bind(self.args, values, {}, called=self.function.name)  # refuses them
        if foreign(values):
            everything = self._in_order((*self._given, *values))
            return self.function(*everything, out=self._out, threads=self._threads)
        named_values = zip(self.args, values, strict=True)
        values = tuple(plain(name, value) for name, value in named_values)
        return self._computation(values)(values)

    def _with_options(self, values: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """A call with options of its own: the bound values are the same, and not tested again."""
        given = {name: named.pop(name, None) for name in _OPTIONS}
        out, threads = options(self.function.args, named, **given)
        ordered = bind(self.args, values, named, called=self.function.name)
        if out is None and threads is None:
            return self(*ordered)
        again = object.__new__(Prepared)
        again.__dict__.update(self.__dict__)
        again._known = {}
        if out is not None:
            again._out = out
        if threads is not None:
            again._threads, again._run = threads, self.function.runner(threads)
        return again(*ordered)

    def prepare(
        self, /, *, out: object = None, threads: int | None = None, **bound: Any
    ) -> Prepared:
        """A function with more arguments prepared; options that are not given stay what they are.

        >>> from symbolic import dims, lambdify, matrix, vector
        >>> n, d = dims("n d")
        >>> f = lambdify(matrix("X", n, d) @ vector("w", d))
        >>> f.prepare(X=np.eye(2)).prepare(w=[3, 4])()
        array([3., 4.])
        """
        out, threads = options(self.function.args, bound, out=out, threads=threads)
        check_free(bound, self.args, self.bound)
        return Prepared(
            self.function,
            dict(zip(self.bound, self._given, strict=True)) | bound,
            out=self._out if out is None else out,
            threads=self._threads if threads is None else threads,
        )

    def _computation(self, values: tuple[Any, ...]) -> Computation:
        """What a call with such free values does: only they are converted and tested."""
        key = signature(values)
        found = self._known.get(key)
        if found is None:
            accepted = self._admission.accept(self._in_order((*self._given, *values)))
            bound = self._bound(accepted.number.working)
            is_free = [name in self.args for name in self._admission.names]
            for_free = replace(
                accepted,
                conversions=tuple(each for each in accepted.conversions if is_free[each[0]]),
                tests=tuple(each for each in accepted.tests if is_free[each[0]]),
                vouches=accepted.vouches
                if any(is_free[place] for place in accepted.safe)
                else None,
            )
            found = self._of_free(bound, computation(self._run, for_free, self._admission))
            if self._out is not None:
                everything = self._in_order((*self._given, *values))
                buffers = self.function.buffers(self._out, accepted, everything)
                found = self._into(buffers, found)
            remember(self._known, key, found)
        return found

    def _of_free(self, bound: tuple[Any, ...], compute: Computation) -> Computation:
        in_order = self._in_order
        return lambda values: compute(in_order(bound + values))

    def _into(self, buffers: Buffers, compute: Computation) -> Computation:
        """The computation with results written into buffers, which no value may overlap."""
        names, several = self.args, self.function.several
        written = [each for each in buffers if each is not None]

        def filled(values: tuple[Any, ...]) -> Any:
            for buffer, value in product(written, values):
                if np.may_share_memory(buffer, value):
                    check_apart(buffers, names, values, several=several)
            return fill(compute(values), buffers, several=several)

        return filled

    def _bound(self, working: np.dtype[Any]) -> tuple[Any, ...]:
        """The bound values in the type that is computed with."""
        if working not in self._bound_in:
            named_values = zip(self.bound, self._given, strict=True)
            self._bound_in[working] = tuple(
                _converted(name, value, working) for name, value in named_values
            )
        return self._bound_in[working]

    def __repr__(self) -> str:
        prepared = f", {', '.join(self.bound)} prepared" if self.bound else ""
        signature = f"{self.function.name}({', '.join(self.args)})"
        return f"<generated NumPy function {signature}{prepared}>"

    def __reduce__(self) -> tuple[Callable[..., Prepared], tuple[object, ...]]:
        bound = dict(zip(self.bound, self._given, strict=True))
        return _prepared, (self.function, bound, self._out, self._threads)


def _prepared(
    function: Function, bound: dict[str, Any], out: object, threads: int | None
) -> Prepared:
    return Prepared(function, bound, out=out, threads=threads)


def check_free(bound: Iterable[str], free: Sequence[str], prepared: Sequence[str] = ()) -> None:
    """Raise `NameUnknownError` for a name to be bound that is not of a free argument."""
    for name in bound:
        if name not in free:
            again = name in prepared
            raise NameUnknownError(
                f"prepare({', '.join(f'{each}=...' for each in bound)})",
                f"{name} is prepared already" if again else f"the function has no argument {name}",
                "prepare the function itself with other values"
                if again
                else f"use {', '.join(free) or 'none'}",
            )


def _converted(name: str, value: Any, working: np.dtype[Any]) -> Any:
    """A plain value in the type that is computed with."""
    convert = conversion(name, value, working)
    return value if convert is None else convert(value)


def _picker(places: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """The entries of a tuple at these places, as a tuple."""
    return itemgetter(*places) if len(places) > 1 else tuple
