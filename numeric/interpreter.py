"""A kernel's program run on jets, over any arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from numeric import jets
from numeric.arithmetic import Arithmetic
from numeric.errors import Undecided
from numeric.jets import Jet
from numeric.kernels import Operation, Program

Condition = Any  # an integer array: 1 holds, 0 does not, -1 cannot be told

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

    Conditions: all operands have the shape `shape`; every size letter is in `sizes`.
    """
    machine = _Machine(operands, shape, sizes, over)
    found: list[Any] = []
    for operation in program:
        found.append(machine.step(operation, [found[place] for place in operation.arguments]))
    return found[-1]


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
        return self._composed(
            arguments[place], lambda _: self.over.foreign(head, next(rows), place, order)
        )

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
        return self._picked(whole.astype(int), by_product, by_exponential)

    def _picked(self, choice: Condition, first: Jet, second: Jet) -> Jet:
        return jets.select(choice, first, second, self.over.zero, self.over.undefined)

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
        apart = jets.has_slope if first.order <= 1 and second.order <= 1 else jets.moves
        difference = jets.add(first, jets.scale(-1, second))
        choice = self._holds(">=" if side == 1 else "<=", difference, apart)
        found = self._picked(choice, first, second)
        return jets.spoil(found, difference, self.over.is_defined, self.over.undefined)

    def _pairs(self, first: Jet, second: Jet) -> Any:
        return zip(first.value.flat, second.value.flat, strict=True)

    def _compare(self, relation: str, left: Jet, right: Jet) -> Condition:
        """By the sign of the difference; it holds beside the point only if that has a slope."""
        difference = jets.add(left, jets.scale(-1, right))
        holds = self._holds(relation, difference, jets.moves)
        rough = jets.lacks_slope(difference, self.over.is_defined)
        if np.any(rough):
            self.over.notes.add("what is compared has no slope")
        return np.where(rough, -1, holds)

    def _holds(self, relation: str, difference: Jet, moves: Callable[[Jet], Any]) -> Condition:
        """Where a difference stands in a relation to 0; a tie that moves cannot be told."""
        signs = [self.over.sign(x) for x in difference.value.flat]
        moving = moves(difference).ravel()
        holds = np.empty(len(signs), dtype=int)
        for place, (sign, moved) in enumerate(zip(signs, moving, strict=True)):
            if sign is None:
                self.over.notes.add("a branch edge is too close to tell the side")
            elif sign == 0 and moved:
                self.over.notes.add("the point lies on a branch edge, where no slope exists")
            else:
                holds[place] = _HOLDS[relation](sign, 0)
                continue
            holds[place] = -1
        return holds.reshape(self.shape)

    def _truth(self, value: bool) -> Condition:
        return np.full(self.shape, int(value))

    def _not(self, _: None, condition: Condition) -> Condition:
        return np.where(condition == -1, -1, 1 - condition)

    def _and(self, _: None, *conditions: Condition) -> Condition:
        some = np.any([condition == 0 for condition in conditions], axis=0)
        every = np.all([condition == 1 for condition in conditions], axis=0)
        return np.where(some, 0, np.where(every, 1, -1))

    def _or(self, _: None, *conditions: Condition) -> Condition:
        return self._not(None, self._and(None, *(self._not(None, each) for each in conditions)))

    def _select(self, _: None, *pairs: Any) -> Jet:
        """The value of the first condition that holds."""
        chosen = self._filled(self.over.undefined)
        for value, condition in reversed(list(zip(pairs[::2], pairs[1::2], strict=True))):
            chosen = self._picked(condition, value, chosen)
        return chosen
