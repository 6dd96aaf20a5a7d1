"""Generated functions with some arguments bound: data are checked once, and only the rest is passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from symbolic.code.admission import Computation, Signature, computation, remember, signature
from symbolic.code.array_libraries import foreign
from symbolic.code.number_types import conversion, number_of, plain
from symbolic.code.result_buffers import Buffers, check_apart, fill
from symbolic.code.runtime_checks import bind
from symbolic.errors import NameUnknownError, UnsupportedError

if TYPE_CHECKING:
    from symbolic.code.generated_function import Function


class Prepared:
    """A generated function of its free arguments; `Function.prepare` makes it.

    `args` are the names of the free arguments in order, `bound` those of the others.
    """

    def __init__(
        self, function: Function, bound: Mapping[str, object], *, out: object, threads: int | None
    ) -> None:
        unknown = [name for name in bound if name not in function.args]
        if unknown:
            raise NameUnknownError(
                f"prepare({', '.join(f'{name}=...' for name in bound)})",
                f"the function has no argument {unknown[0]}",
                f"use {', '.join(function.args) or 'none'}",
            )
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
        self._count = len(self.args)
        self._in_order = _picker([(*self.bound, *self.args).index(each) for each in function.args])
        self._check_bound()

    def _check_bound(self) -> None:
        """Refuse bound values that fit no call, whatever the free arguments are."""
        number = number_of(self.bound, self._given)
        self._admission.check_some(self.bound, self._bound(number.working), self._given)
        if not self.args:
            self._computation(())

    def __call__(self, /, *values: Any, **named: Any) -> Any:
        """The value, or the tuple of values, for the free arguments, by place or by name."""
        if named and not values and tuple(named) == self.args:
            values = tuple(named.values())
        elif named or len(values) != self._count:
            values = tuple(bind(self.args, values, named, called=self.function.name))
        compute: Computation | None
        try:
            if len(values) == 1:  # the common case, without a list
                (value,) = values
                compute = self._known[value.__class__, value.shape, value.dtype]
            else:
                compute = self._known[signature(values)]
        except (AttributeError, KeyError, TypeError):
            compute = None
        if compute is None:
            if foreign(values):
                everything = self._in_order((*self._given, *values))
                return self.function(*everything, out=self._out, threads=self._threads)
            named_values = zip(self.args, values, strict=True)
            values = tuple(plain(name, value) for name, value in named_values)
            compute = self._computation(values)
        return compute(values)

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
                arrays = self._in_order((*bound, *values))
                buffers = self.function.buffers(self._out, accepted, arrays)
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
            found = []
            for name, value in zip(self.bound, self._given, strict=True):
                convert = conversion(name, value, working)
                found.append(value if convert is None else convert(value))
            self._bound_in[working] = tuple(found)
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


def _picker(places: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """The entries of a tuple at these places, as a tuple."""
    return itemgetter(*places) if len(places) > 1 else tuple
