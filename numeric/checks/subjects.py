"""What a layer has to answer to be checked, whatever library or convention it is written in.

A `Subject` knows its arguments (inputs and parameters) by name and opens sessions; a `Session` is
the layer as new: forward, then backward, and whatever it keeps in between. So a mistake of memory
(a stale cache, a sum over calls) is seen by what one session does twice.
"""

from __future__ import annotations

import inspect
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from numeric.arrays import real_array
from symbolic.errors import DataError, ShapeError

Array = Any
Values = Mapping[str, Array]

_PLAIN_START = random.Random(0).getstate()
_ARRAY_START = np.random.RandomState(0).get_state()


class RefusedError(Exception):
    """The library of a layer rejects what its backward returns; the message says why."""


class Session(ABC):
    """One life of a layer.

    `changed` says what was modified in place, `before` what the places of the gradients of
    parameters held when backward was called.
    """

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.before: dict[str, Array | None] = {}

    @abstractmethod
    def forward(self, values: Values) -> Array:
        """The output at some arguments."""

    @abstractmethod
    def backward(self, upstream: Array) -> dict[str, Array | None]:
        """The gradients that the layer claims, in whatever shapes, None where it has none."""


class Subject(ABC):
    """A layer with its arguments at the point where it is checked."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.start: dict[str, Array] = {}
        self.notes: list[str] = []
        self.inputs: tuple[str, ...] = ()  # those arguments that are no parameters
        self.unchecked: tuple[str, ...] = ()  # arrays that move the output and have no gradient

    @abstractmethod
    def session(self) -> Session:
        """The layer as it was given, with nothing remembered."""

    @abstractmethod
    def output(self, values: Values) -> Array:
        """What forward alone computes."""

    def clears(self) -> bool:
        """Whether the layer has a way to set gradients to zero, so that adding up is meant."""
        return False


def split(
    arguments: tuple[Any, ...], names: tuple[str, ...], promote: bool = True
) -> tuple[dict[str, Array], set[int]]:
    """The real arrays among arguments, by name, and the places of the constants.

    Integers (labels, indices) and what is no array are constants; where nothing else is left and
    `promote` says so, integers are taken as real numbers.
    """
    real: dict[str, Array] = {}
    whole: dict[str, Array] = {}
    constants = set()
    for place, (name, value) in enumerate(zip(names, arguments, strict=True)):
        array = _numbers(value)
        if array is not None and array.dtype.kind == "f":
            real[name] = array
            continue
        constants.add(place)
        if array is not None:
            whole[name] = array
    if promote and not real and len(whole) == len(arguments):
        promoted = {name: array.astype(np.float64) for name, array in whole.items()}
        return promoted, set()
    return real, constants


def _numbers(value: Any) -> Array | None:
    if value is None or isinstance(value, (bool, str)) or callable(value):
        return None
    if isinstance(value, (int, float)):
        return None
    try:
        array = real_array(value, "an argument")
    except DataError:
        return None
    kind = str(getattr(value, "dtype", array.dtype))
    return array if "float" in kind else array.astype(np.int64)


def argument_names(function: Callable[..., Any], count: int, skipped: int = 0) -> tuple[str, ...]:
    """Names of positional arguments from a signature, "x0", "x1", ... where it does not tell."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[skipped:]
    except (TypeError, ValueError):
        parameters = []
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    known = [p.name for p in parameters if p.kind in plain][:count]
    return tuple(known) + tuple(f"x{k}" for k in range(len(known), count))


def required_arguments(function: Callable[..., Any]) -> int | None:
    """How many positional arguments a function needs, or None where it cannot be read."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters):
        return None
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in plain and p.default is p.empty for p in parameters)


def named_gradients(result: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What backward returned, by the names of the arguments: a dict, a tuple, or one array."""
    if isinstance(result, Mapping):
        return {name: result.get(name, result.get(f"d{name}")) for name in names}
    if not isinstance(result, (tuple, list)):
        result = (result,)
    if len(result) != len(names):
        raise ShapeError(
            "backward",
            f"it returns {len(result)} gradients for {len(names)} arguments ({', '.join(names)})",
            "return one gradient for each argument, None for a constant",
        )
    return dict(zip(names, result, strict=True))


def gradient_array(value: Any, name: str) -> Array | None:
    """A gradient as a NumPy array of its own, or None."""
    return None if value is None else np.array(real_array(value, f"the gradient of {name}"))


@contextmanager
def repeated_random_numbers() -> Iterator[None]:
    """Random numbers of `random` and `numpy.random` start alike each time; then all is as before."""
    plain, arrays = random.getstate(), np.random.get_state()
    random.setstate(_PLAIN_START)
    np.random.set_state(_ARRAY_START)
    try:
        yield
    finally:
        random.setstate(plain)
        np.random.set_state(arrays)
