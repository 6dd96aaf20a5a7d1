"""Values of other libraries' arrays, read where they lie in the memory of the machine.

Not there are arrays that JAX or PyTorch trace, those of Dask, which are not computed yet, and those of
other devices: their values are not tested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from symbolic.code.data_domains import Array, Test
from symbolic.code.runtime_checks import refuse_values
from symbolic.nodes import Variable

Foreign = Any


def finiteness(shape: Sequence[int]) -> Test:
    """A test for NaN and infinity that wakes no threads of NumPy's beside those of the library.

    >>> finiteness((2,))(np.array([1.0, np.nan]))
    False
    """
    return lambda values: bool(np.isfinite(values).all())


@dataclass(frozen=True)
class ValueTest:
    """The test of an argument's values, which are numbers of `precision` and computed in `working`.

    `library` is the name of the library that the argument is an array of, None for NumPy.
    """

    variable: Variable
    is_good: Test
    working: np.dtype[Any]
    precision: float
    library: str | None

    def __call__(self, given: Any, converted: Foreign) -> None:
        """Raise `DataError` or `DomainError` for bad values; do nothing where they cannot be read."""
        if self.library is None:
            with np.errstate(over="ignore"):
                values: Array | None = np.asarray(given, self.working)
        else:
            values = values_of(self.library, converted)
        if values is not None and not self.is_good(values):
            refuse_values([self.variable], [values], [self.precision])


def values_of(library: str, array: Foreign) -> Array | None:
    """The values of a library's array, or None where they cannot be read at once.

    >>> values_of("dask", "an array that is not computed") is None
    True
    """
    read = _READERS.get(library)
    return None if read is None else read(array)


def _of_torch(array: Foreign) -> Array | None:
    torch = import_module("torch")
    if type(array) not in (torch.Tensor, torch.nn.Parameter) or torch.compiler.is_compiling():
        return None
    if array.device.type != "cpu" or array.layout != torch.strided:
        return None
    values = array.detach().resolve_neg()
    traced = torch.func.debug_unwrap(values) is not values
    return None if traced else np.asarray(values.numpy())


def _of_jax(array: Foreign) -> Array | None:
    if isinstance(array, import_module("jax").core.Tracer) or not array.is_fully_addressable:
        return None
    return np.asarray(array) if all(d.platform == "cpu" for d in array.devices()) else None


def _of_strict(array: Foreign) -> Array | None:
    return np.asarray(array) if array.device == import_module("array_api_strict").Device() else None


_READERS: dict[str, Callable[[Foreign], Array | None]] = {
    "torch": _of_torch,
    "jax": _of_jax,
    "array_api_strict": _of_strict,
}
