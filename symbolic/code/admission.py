"""Which arguments a generated function accepts, remembered by their types and shapes.

The first call with arguments of new types or shapes is checked in full; what is left to do for
others like them (conversions, tests of values) is kept as one `Accepted`. Most arguments need no
test of their values at all: a finite result vouches for them (`vouching`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np

from symbolic.code.data_domains import BOUNDED, Test, domain_test, finite_test, remembering
from symbolic.code.empty_axes import check_empty
from symbolic.code.held_numbers import HeldNumbers
from symbolic.code.number_types import Number, conversion, number_of, plain, precision_of
from symbolic.code.runtime_checks import Sizes, bound_sizes, check_shapes, refuse_values, size_value
from symbolic.code.singular import singular
from symbolic.code.size_conditions import SizeConditions
from symbolic.code.vouching import products_keep_infinities, vouched
from symbolic.domains import DOMAINS
from symbolic.nodes import Expression, Variable

_ARRAY, _DOUBLE = np.ndarray, np.dtype(np.float64)
MOST_REMEMBERED = 1000  # signatures
_PRICE_OF_A_TEST = 500  # of an array, in entries that are read in the same time
_PRICE_OF_A_NUMBER = 20  # the same for a single number

Signature = tuple[object, ...]
Conversion = Callable[[Any], Any]
_Entry = TypeVar("_Entry")
Computation = Callable[[tuple[Any, ...]], Any]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a call does besides computing, when its arguments have accepted types and shapes.

    `conversions` are by place; `tests` of arguments come before the computation, `vouches` tests
    the results after it, which tells of the arguments at the places `safe`; `assembled` makes the
    results of the arrays that are computed.
    """

    conversions: tuple[tuple[int, Conversion], ...]
    tests: tuple[tuple[int, Test], ...]
    vouches: Test | None
    assembled: Conversion | None
    number: Number
    sizes: Sizes
    precisions: tuple[float, ...]
    safe: frozenset[int]

    def finish(self, results: Any) -> Conversion | None:
        """What makes results that are returned of computed ones like these, if they differ."""
        typed, assembled = self.number.finish(results), self.assembled
        if typed is None or assembled is None:
            return typed or assembled
        return lambda computed: assembled(typed(computed))


class Admission:
    """The checks of the arguments of one function."""

    def __init__(
        self,
        arguments: Sequence[Variable],
        roots: Sequence[Expression],
        conditions: SizeConditions,
        computed: Sequence[Expression],
        run: Callable[..., Any],
        *,
        several: bool,
        check: bool,
        assemble: Callable[[Sizes], Conversion] | None = None,
    ) -> None:
        self._assemble = assemble
        self._numbers = HeldNumbers(run, computed)
        self._known: dict[Signature, Accepted] = {}
        self.arguments = tuple(arguments)
        self.roots = tuple(roots)
        self.conditions = conditions
        self._computed = computed
        self._several = several
        self._check = check
        self.names = [variable.name for variable in arguments]
        self._vouched: list[frozenset[Variable]] | None = None

    def plain(self, values: Sequence[object]) -> tuple[Any, ...]:
        """The values as arrays and numbers; `DataError` for what is neither."""
        return tuple(plain(name, value) for name, value in zip(self.names, values, strict=True))

    def accept(self, values: Sequence[Any]) -> Accepted:
        """What is left to do for plain values; typed errors where they misfit."""
        key = signature(values)
        accepted = self._known.get(key)
        if accepted is None:
            accepted = self._accepted(values)
            remember(self._known, key, accepted)
        return accepted

    def refuse(self, values: Sequence[Any], accepted: Accepted) -> None:
        """Raise the error that names the first bad value; do nothing where none is bad."""
        if self._check:
            refuse_values(self.arguments, values, accepted.precisions)

    def check_some(self, names: Sequence[str], arrays: Sequence[Any], given: Sequence[Any]) -> None:
        """Check some of the arguments for themselves; `arrays` are the plain values, converted."""
        chosen = [self.arguments[self.names.index(name)] for name in names]
        bound_sizes(zip(chosen, map(np.shape, arrays), strict=True))
        if not self._check:
            return
        for variable, array, value in zip(chosen, arrays, given, strict=True):
            precision = precision_of(value, array.dtype)
            test = argument_test(
                variable, np.shape(array), array.dtype, precision, finite=is_whole(value)
            )
            if test is not None and not test(array):
                refuse_values([variable], [array], [precision])

    def _accepted(self, values: Sequence[Any]) -> Accepted:
        shapes = [() if type(value) is float else value.shape for value in values]
        sizes = check_shapes(self.arguments, shapes, self.conditions)
        number = number_of(self.names, values, fits_single=partial(self._numbers.fit_single, sizes))
        empty = any(0 in shape for shape in shapes)
        if empty:
            check_empty(self.roots, sizes)
        conversions = []
        for place, (name, value) in enumerate(zip(self.names, values, strict=True)):
            found = conversion(name, value, number.working)
            if found is not None:
                conversions.append((place, found))
        precisions = tuple(precision_of(value, number.working) for value in values)
        tests: list[tuple[int, Test]] = []
        safe: set[Variable] = set()
        results: tuple[int, ...] = ()
        if self._check:
            if not empty:
                safe, results = self._certified(shapes, sizes)
            for place, variable in enumerate(self.arguments):
                finite = variable in safe or is_whole(values[place])
                test = argument_test(
                    variable, shapes[place], number.working, precisions[place], finite=finite
                )
                if test is not None:
                    tests.append((place, test))
        return Accepted(
            tuple(conversions),
            tuple(tests),
            self._result_test(results, sizes),
            None if self._assemble is None else self._assemble(sizes),
            number,
            sizes,
            precisions,
            frozenset(place for place, each in enumerate(self.arguments) if each in safe),
        )

    def _certified(
        self, shapes: Sequence[tuple[int, ...]], sizes: Sizes
    ) -> tuple[set[Variable], tuple[int, ...]]:
        """The arguments that results vouch for, and which results; each where it costs less."""
        if not products_keep_infinities():
            return set(), ()
        if self._vouched is None:
            self._vouched = vouched(self._computed)
        prices = {
            variable: _price(shape) for variable, shape in zip(self.arguments, shapes, strict=True)
        }
        offers = sorted(
            (_price([size_value(size, sizes) for size in root.shape]), place)
            for place, root in enumerate(self._computed)
            if self._vouched[place]
        )
        safe: set[Variable] = set()
        chosen = []
        for price, place in offers:
            new = (self._vouched[place] & prices.keys()) - safe
            if price <= sum(prices[variable] for variable in new):
                safe |= new
                chosen.append(place)
        return safe, tuple(chosen)

    def _result_test(self, places: tuple[int, ...], sizes: Sizes) -> Test | None:
        """Whether the results at these places are finite."""
        tests = [
            (place, finite_test([size_value(size, sizes) for size in self._computed[place].shape]))
            for place in places
        ]
        if not tests:
            return None
        if not self._several:
            return tests[0][1]
        if len(tests) == 1:
            ((only, test),) = tests
            return lambda results: test(results[only])
        return lambda results: all(test(results[place]) for place, test in tests)


def computation(run: Callable[..., Any], accepted: Accepted, admission: Admission) -> Computation:
    """The results of `run` for plain values; `DataError` or `DomainError` where the values are bad."""
    conversions, tests, vouches = accepted.conversions, accepted.tests, accepted.vouches
    finish: Conversion | None

    def finish_first(results: Any) -> Any:
        """The first results show what is left to do with all."""
        nonlocal finish
        finish = found = accepted.finish(results)
        return results if found is None else found(results)

    finish = finish_first

    def compute(values: Sequence[Any]) -> Any:
        if conversions:
            values = list(values)
            for place, convert in conversions:
                values[place] = convert(values[place])
        for place, test in tests:
            if not test(values[place]):
                admission.refuse(values, accepted)
        try:
            results = run(*values)
        except np.linalg.LinAlgError as error:
            admission.refuse(values, accepted)
            raise singular(admission.roots, error) from error
        except Exception:
            admission.refuse(values, accepted)
            raise
        if vouches is not None and not vouches(results):
            admission.refuse(values, accepted)
        return results if finish is None else finish(results)

    return compute


def remember(table: dict[Signature, _Entry], key: Signature, entry: _Entry) -> None:
    """Add to a table that is emptied when it is full."""
    if len(table) >= MOST_REMEMBERED:
        table.clear()
    table[key] = entry


def signature(values: Sequence[Any]) -> Signature:
    """Classes, shapes and types of plain values; of arrays of float64, which most are, the shape."""
    key: list[object] = []
    for value in values:
        kind = value.__class__
        if kind is _ARRAY and value.dtype is _DOUBLE:
            key.append(value.shape)
        elif kind is float:
            key.append(float)
        else:
            key.append((kind, value.shape, value.dtype))
    return tuple(key)


def is_whole(value: Any) -> bool:
    """Whether a plain value holds integers or booleans, which are finite."""
    return type(value) is not float and value.dtype.kind in "iub"


def argument_test(
    variable: Variable,
    shape: Sequence[int],
    working: np.dtype[Any],
    precision: float,
    *,
    finite: bool,
    finiteness: Callable[[Sequence[int]], Test] = finite_test,
) -> Test | None:
    """The test of an argument's values, if any; `finite` says that they are known to be finite.

    `finiteness` makes the test of an array of some shape for NaN and infinity.
    """
    is_inside = domain_test(variable.domain, working, precision, shape)
    entrywise = DOMAINS[variable.domain].entrywise
    if (finite and entrywise) or variable.domain in BOUNDED:
        return is_inside and remembering(is_inside, shape)
    is_finite = finiteness(shape)
    if is_inside is None:
        return is_finite
    return remembering(lambda value: is_finite(value) and is_inside(value), shape)


def _price(shape: Sequence[int]) -> int:
    return math.prod(shape) + _PRICE_OF_A_TEST if shape else _PRICE_OF_A_NUMBER
