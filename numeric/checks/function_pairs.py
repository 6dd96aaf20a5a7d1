"""A layer given as two functions: forward(x, *parameters) and backward(upstream, ...)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numeric.arrays import real_array
from numeric.checks.subjects import (
    Array,
    Session,
    Subject,
    Values,
    argument_names,
    gradient_array,
    named_gradients,
    repeated_random_numbers,
    required_arguments,
    split,
)
from symbolic.errors import UnsupportedError


class FunctionPair(Subject):
    """forward(*arguments) -> out or (out, cache); backward(upstream[, cache or *arguments])."""

    def __init__(self, forward: Callable[..., Any], backward: Callable[..., Any], x: Any) -> None:
        super().__init__(f"{_name(forward)}, {_name(backward)}")
        self.functions = forward, backward
        self.arguments = x if isinstance(x, tuple) else (x,)
        self.names = argument_names(forward, len(self.arguments))
        self.start, self.constants = split(self.arguments, self.names)
        self.inputs = tuple(self.start)

    def session(self) -> Session:
        return _PairSession(self)

    def output(self, values: Values) -> Array:
        return self.session().forward(values)

    def placed(self, values: Values) -> list[Any]:
        """All arguments in order, copied."""
        return [
            given if place in self.constants else np.array(values[name])
            for place, (name, given) in enumerate(zip(self.names, self.arguments, strict=True))
        ]


class _PairSession(Session):
    def __init__(self, pair: FunctionPair) -> None:
        super().__init__()
        self.pair = pair

    def forward(self, values: Values) -> Array:
        self.values, self.given = values, self.pair.placed(values)
        with repeated_random_numbers(), np.errstate(all="ignore"):
            result = self.pair.functions[0](*self.given)
        self.cache: tuple[Any, ...] = result[1:] if isinstance(result, tuple) else ()
        output = result[0] if isinstance(result, tuple) else result
        self._compare("forward")
        return np.array(real_array(output, "forward(x)"))

    def backward(self, upstream: Array) -> dict[str, Array | None]:
        given = np.array(upstream)
        with np.errstate(all="ignore"):
            result = self.pair.functions[1](given, *self._rest())
        if not np.array_equal(given, upstream, equal_nan=True):
            self.changed.add("backward changes the upstream gradient in place")
        self._compare("backward")
        names = self.pair.names
        if isinstance(result, (tuple, list)) and len(result) == len(self.pair.start) < len(names):
            names = tuple(self.pair.start)  # constants left out
        elif not isinstance(result, (tuple, list, dict)) and len(self.pair.start) == 1:
            names = tuple(self.pair.start)
        gradients = named_gradients(result, names)
        return {name: gradient_array(gradients.get(name), name) for name in self.pair.start}

    def _rest(self) -> tuple[Any, ...]:
        """What backward gets beside the upstream gradient."""
        if self.cache:
            return self.cache
        needed = required_arguments(self.pair.functions[1])
        if needed == 1:
            return ()
        if needed is None or needed == 1 + len(self.given):
            return tuple(self.given)
        raise UnsupportedError(
            "the pair (forward, backward)",
            f"backward needs {needed} arguments and forward returns no cache",
            "use backward(upstream), backward(upstream, *arguments), or let forward return "
            "(output, cache) for backward(upstream, cache)",
        )

    def _compare(self, who: str) -> None:
        for place, name in enumerate(self.pair.names):
            if name in self.values and not np.array_equal(
                np.asarray(self.given[place]), self.values[name], equal_nan=True
            ):
                self.changed.add(f"{who} changes {name} in place")


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)
