"""A kernel's program run on jets, over any arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import sympy

from numeric import jets
from numeric.arithmetic import Arithmetic
from numeric.errors import Undecided
from numeric.jets import Jet
from numeric.kernels import Operation, Program


@dataclass(frozen=True)
class Condition:
    """Whether a condition holds, entry by entry, and in which directions that may change.

    `holds` is 1, 0, or -1 where it cannot be told. Beside the point it is the same only where what is
    compared is continuous and no tie is broken.
    """

    holds: Any
    rough: jets.Directions


_HOLDS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_BOUNDED_SLOPES = {"abs", "relu"}  # of the functions with a kink


def run(
    program: Program,
    operands: Sequence[Jet],
    shape: tuple[int, ...],
    sizes: Mapping[sympy.Symbol, int],
    over: Arithmetic,
) -> Jet:
    """The value of a program, entry by entry, with its nilpotent parts.

    Conditions: all operands have the shape `shape`; every size letter is in `sizes`. An operand that the
    program does not read, as x in 1**x, must have a value all the same.
    """
    machine = _Machine(operands, shape, sizes, over)
    found: list[Any] = []
    for operation in program:
        found.append(machine.step(operation, [found[place] for place in operation.arguments]))
    read = {operation.parameter for operation in program if operation.name == "operand"}
    unread = [operand for place, operand in enumerate(operands) if place not in read]
    return machine.beside(unread, found[-1])


def mapped(function: str, jet: Jet, over: Arithmetic) -> Jet:
    """A function of the table, entry by entry."""
    return _Machine([jet], jet.shape, {}, over)._apply((function, 0), jet)


def powered(jet: Jet, exponent: Fraction, over: Arithmetic) -> Jet:
    """A rational power, entry by entry."""
    return _Machine([jet], jet.shape, {}, over)._power(exponent, jet)


class _Machine:
    """The operations, one small method each."""

    def __init__(
        self,
        operands: Sequence[Jet],
        shape: tuple[int, ...],
        sizes: Mapping[sympy.Symbol, int],
        over: Arithmetic,
    ) -> None:
        self.operands, self.shape, self.sizes, self.over = operands, shape, sizes, over

    def step(self, operation: Operation, arguments: list[Any]) -> Any:
        return getattr(self, "_" + operation.name)(operation.parameter, *arguments)

    def beside(self, others: Sequence[Jet], result: Jet) -> Jet:
        """The result, undefined where one of the others is."""
        for other in others:
            exists = [1 if self.over.is_defined(x) else -1 for x in other.value.flat]
            holds = np.array(exists, dtype=int).reshape(self.shape)
            result = jets.select(holds, result, result, self.over.zero, self.over.undefined)
        return result

    def _filled(self, scalar: Any) -> Jet:
        full = np.empty(self.shape, dtype=object)
        full[...] = scalar
        return Jet({0: full})

    def _number(self, value: Fraction) -> Jet:
        return self._filled(self.over.number(value))

    def _constant(self, name: str) -> Jet:
        return self._filled(self.over.constant(name))

    def _size(self, symbol: sympy.Symbol) -> Jet:
        return self._filled(self.over.number(Fraction(self.sizes[symbol])))

    def _operand(self, place: int) -> Jet:
        return self.operands[place]

    def _add(self, _: None, *terms: Jet) -> Jet:
        total = terms[0]
        for term in terms[1:]:
            total = jets.add(total, term)
        return total

    def _multiply(self, _: None, *factors: Jet) -> Jet:
        total = factors[0]
        for factor in factors[1:]:
            total = jets.multiply(total, factor)
        return total

    def _power(self, exponent: Fraction, base: Jet) -> Jet:
        order = base.order
        return self._composed(base, lambda x: self.over.power(x, exponent, order))

    def _apply(self, function: tuple[str, int], argument: Jet) -> Jet:
        order, (name, parameter) = argument.order, function
        return self._composed(
            argument,
            lambda x: self.over.taylor(name, parameter, x, order),
            lipschitz=name in _BOUNDED_SLOPES,
        )

    def _foreign(self, head: Any, *arguments: Jet) -> Jet:
        """A function that has no enclosure, of which one argument may move."""
        moving = [place for place, argument in enumerate(arguments) if argument.order]
        if len(moving) > 1:
            raise Undecided(
                f"a derivative of {head.__name__}",
                "several of its arguments move",
                "differentiate first, or by one of them",
            )
        place = moving[0] if moving else 0
        rows = iter(list(zip(*(argument.value.flat for argument in arguments), strict=True)))
        order = arguments[place].order
        taylor: Any = self.over.foreign
        return self._composed(arguments[place], lambda _: taylor(head, next(rows), place, order))

    def _composed(
        self, argument: Jet, taylor: Callable[[Any], list[Any]], lipschitz: bool = False
    ) -> Jet:
        count = argument.order + 1
        rows = [taylor(x) for x in argument.value.flat]
        coefficients = []
        for j in range(count):
            column = np.empty(len(rows), dtype=object)
            column[:] = [row[j] for row in rows]
            coefficients.append(column.reshape(argument.shape))
        return jets.compose(coefficients, argument, lipschitz)

    def _general_power(self, _: None, base: Jet, exponent: Jet) -> Jet:
        """Integer exponents that stand still by repeated products, all others as exp(e log b)."""
        integers = [self.over.integer(x) for x in exponent.value.flat]
        whole = np.array([n is not None for n in integers]).reshape(self.shape)
        whole &= ~jets.moves(exponent)
        order = base.order
        place = iter(integers)
        by_product = self._composed(
            base, lambda x: self.over.power(x, Fraction(next(place) or 0), order)
        )
        if whole.all():
            return by_product
        logarithm = self._apply(("log", 0), base)
        by_exponential = self._apply(("exp", 0), jets.multiply(exponent, logarithm))
        return self._picked(Condition(whole.astype(int), {}), by_product, by_exponential)

    def _picked(self, condition: Condition, first: Jet, second: Jet) -> Jet:
        over = self.over
        chosen = jets.select(condition.holds, first, second, over.zero, over.undefined)
        for entry in map(tuple, np.argwhere(condition.holds == -1)):
            chosen.value[entry] = over.either(first.value[entry], second.value[entry])
        return jets.spoil(chosen, condition.rough, over.undefined)

    def _maximum(self, _: None, first: Jet, *others: Jet) -> Jet:
        for other in others:
            first = self._larger(first, other, 1)
        return first

    def _minimum(self, _: None, first: Jet, *others: Jet) -> Jet:
        for other in others:
            first = self._larger(first, other, -1)
        return first

    def _larger(self, first: Jet, second: Jet, side: int) -> Jet:
        """The larger (side 1) or the smaller (side -1); undefined at a tie that moves."""
        if first.order == second.order == 0:
            if side == 1:
                pairs = [self.over.larger(a, b) for a, b in self._pairs(first, second)]
            else:
                pairs = [-self.over.larger(-a, -b) for a, b in self._pairs(first, second)]
            full = np.empty(len(pairs), dtype=object)
            full[:] = pairs
            return Jet({0: full.reshape(self.shape)})
        relation = ">=" if side == 1 else "<="
        return self._picked(self._condition(relation, first, second, lipschitz=True), first, second)

    def _pairs(self, first: Jet, second: Jet) -> Any:
        return zip(first.value.flat, second.value.flat, strict=True)

    def _compare(self, relation: str, left: Jet, right: Jet) -> Condition:
        return self._condition(relation, left, right, lipschitz=False)

    def _condition(self, relation: str, left: Jet, right: Jet, *, lipschitz: bool) -> Condition:
        """By the sign of the difference; `lipschitz` says that both choices are equal at a tie."""
        difference = jets.add(left, jets.scale(-1, right))
        signs = [self.over.sign(x) for x in difference.value.flat]
        if None in signs:
            self.over.notes.add("a branch edge is too close to tell the side")
        holds = np.array([-1 if sign is None else _HOLDS[relation](sign, 0) for sign in signs])
        tie = np.array([sign == 0 for sign in signs]).reshape(self.shape)
        moving = jets.changing(difference, lipschitz)
        broken = {m: each & _behind(tie, each.ndim) for m, each in moving.items()}
        torn = jets.without_slope(difference, self.over.is_defined)
        if any(each.any() for each in broken.values()):
            self.over.notes.add("the point lies on a branch edge, where no slope exists")
        if any(each.any() for each in torn.values()):
            self.over.notes.add("what is compared has no slope")
        return Condition(holds.astype(int).reshape(self.shape), jets.either(broken, torn))

    def _truth(self, value: bool) -> Condition:
        return Condition(np.full(self.shape, int(value)), {})

    def _not(self, _: None, condition: Condition) -> Condition:
        holds = condition.holds
        return Condition(np.where(holds == -1, -1, 1 - holds), condition.rough)

    def _and(self, _: None, *conditions: Condition) -> Condition:
        some = np.any([each.holds == 0 for each in conditions], axis=0)
        every = np.all([each.holds == 1 for each in conditions], axis=0)
        rough = reduce(jets.either, (each.rough for each in conditions))
        return Condition(np.where(some, 0, np.where(every, 1, -1)), rough)

    def _or(self, _: None, *conditions: Condition) -> Condition:
        return self._not(None, self._and(None, *(self._not(None, each) for each in conditions)))

    def _select(self, _: None, *pairs: Any) -> Jet:
        """The value of the first condition that holds."""
        chosen = self._filled(self.over.undefined)
        for value, condition in reversed(list(zip(pairs[::2], pairs[1::2], strict=True))):
            chosen = self._picked(condition, value, chosen)
        return chosen


def _behind(entries: Any, rank: int) -> Any:
    """An array with axes of length 1 behind, up to so many axes."""
    return entries.reshape(entries.shape + (1,) * (rank - entries.ndim))
