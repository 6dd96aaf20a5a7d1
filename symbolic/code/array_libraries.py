"""Generated functions for arrays of other libraries, told by the type of the arguments.

PyTorch, JAX, CuPy, Dask and every other library of the Python array API standard: none is imported
here, an array tells its library. The first call with such arrays writes the portable code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from symbolic.code.array_api_code import WORDS, ArrayApiCode, array_api_code
from symbolic.code.array_api_factors import FACTOR_FUNCTIONS, factors_of
from symbolic.code.array_api_functions import OF_LIBRARIES
from symbolic.code.empty_axes import check_empty
from symbolic.code.number_types import plain, short
from symbolic.code.runtime_checks import check_shapes
from symbolic.code.size_conditions import SizeConditions
from symbolic.errors import DataError, ShapeError, UnsupportedError
from symbolic.nodes import Expression, Variable

_OF_NUMPY = {np.ndarray, np.float64, np.float32, np.int64, float, int, bool, list, tuple}

MOST_REMEMBERED = 1000  # signatures
SINGLE = 32  # bits

Array = Any
Compile = Callable[[str, Sequence[Sequence[str]], frozenset[str], str], Callable[..., Any]]


def foreign(values: Sequence[object]) -> bool:
    """Whether an array of another library than NumPy is among the values.

    >>> foreign([np.ones(3), 2.0, [1, 2]])
    False
    """
    return not _OF_NUMPY.issuperset(map(type, values)) and any(map(_is_foreign, values))


def _is_foreign(value: object) -> bool:
    if type(value) in _OF_NUMPY or isinstance(value, (np.ndarray, np.generic)):
        return False
    from array_api_compat import is_array_api_obj

    return bool(is_array_api_obj(value))


@dataclass(frozen=True)
class Library:
    """A library: its namespace of the standard, its name, and where its arrays lie.

    `device` is None where the library places arrays by itself.
    """

    xp: Any
    name: str
    device: object

    @classmethod
    def of(cls, names: Sequence[str], values: Sequence[object]) -> Library:
        """The library of the arrays among the values. Errors: `DataError` where there are several."""
        from array_api_compat import array_namespace, device

        found: dict[str, tuple[Any, object]] = {}
        for name, value in zip(names, values, strict=True):
            if _is_foreign(value):
                xp = array_namespace(value)
                found[name] = xp, None if _name_of(xp) == "jax" else device(value)
        first = next(iter(found))
        xp, where = found[first]
        for name, (other, place) in found.items():
            if other is not xp:
                raise DataError(
                    f"{first} and {name}",
                    f"arrays of two libraries, {_name_of(xp)} and {_name_of(other)}",
                    "pass arrays of one library",
                )
            if place != where:
                raise DataError(
                    f"{first} and {name}",
                    f"arrays on two devices, {where} and {place}",
                    "move them to one device",
                )
        return cls(xp, _name_of(xp), where)

    def function(self, name: str) -> Callable[..., Any]:
        """A function that the standard lacks. Errors: `UnsupportedError` where the library does too."""
        found: Callable[..., Any] | None
        if name in FACTOR_FUNCTIONS:
            found = getattr(factors_of(self.name, self.xp), name)
        else:
            found = _kept_by(self.name, name)
        if found is None:
            raise UnsupportedError(
                f"{name} of {self.name} arrays",
                "neither the array API standard nor the library has this function",
                "evaluate it with NumPy arrays",
            )
        return found

    def check_solves(self, functions: Sequence[str]) -> None:
        """`UnsupportedError` where the library lacks linear algebra that is asked for."""
        offered = None if self.name == "dask" else getattr(self.xp, "linalg", None)
        missing = [name for name in functions if not hasattr(offered, name)]
        if missing:
            raise UnsupportedError(
                f"{', '.join(missing)} of {self.name} arrays",
                "the library has no such function for whole matrices",
                "compute the matrix first, and pass it to a function of its own as a NumPy array",
            )


def _kept_by(library: str, name: str) -> Callable[..., Any] | None:
    """A function where a library keeps it: some version of it may not have it yet."""
    module, _, function = OF_LIBRARIES[name].get(library, "").rpartition(".")
    return getattr(import_module(module), function, None) if module else None


def _name_of(xp: Any) -> str:
    name: str = xp.__name__
    return name.removeprefix("array_api_compat.").partition(".")[0]


@dataclass(frozen=True)
class Accepted:
    """What a call needs for values of known types and shapes.

    It computes in the type `working` and gives results of the type `returned`.
    """

    library: Library
    working: Any
    returned: Any
    options: Mapping[str, object]


class PortableFunction:
    """The function of some expressions for arrays of any library but NumPy.

    Numbers, lists and NumPy arrays beside such arrays become arrays of their library, on their
    device. Types are promoted as the library does it; integers become its default floating-point
    type, and half precision is computed in float32 and given back as it came. Shapes are checked;
    values are not, because they may not be there yet (JAX traces, Dask is lazy).
    """

    def __init__(
        self,
        roots: Sequence[Expression],
        arguments: Sequence[Variable],
        conditions: SizeConditions,
        *,
        name: str,
        results: Sequence[str] | None,
        compile_module: Compile,
    ) -> None:
        self._roots = tuple(roots)
        self._arguments = tuple(arguments)
        self._names = [variable.name for variable in arguments]
        self._conditions = conditions
        self._code: ArrayApiCode = array_api_code(roots, arguments, name=name, results=results)
        self.source = self._code.source
        self._known: dict[tuple[object, ...], Accepted] = {}
        words = WORDS | self._code.names
        self._run = compile_module(self.source, [self._code.body], words, name)

    def __call__(self, values: Sequence[object]) -> Any:
        """The value, or the tuple of values, for values in the order of the arguments."""
        given = [
            value if _is_foreign(value) else plain(name, value)
            for name, value in zip(self._names, values, strict=True)
        ]
        key = tuple(map(_signature, given))
        accepted = self._known.get(key)
        if accepted is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            accepted = self._known[key] = self._accept(given)
        library, working, returned = accepted.library, accepted.working, accepted.returned
        arrays = [
            _as_array(name, value, working, library)
            for name, value in zip(self._names, given, strict=True)
        ]
        result = self._run(library.xp, *arrays, **accepted.options)
        if working == returned:
            return result
        if isinstance(result, tuple):
            return tuple(library.xp.astype(each, returned) for each in result)
        return library.xp.astype(result, returned)

    def _accept(self, given: Sequence[Any]) -> Accepted:
        """What calls with values of these types and shapes have in common, once they are checked."""
        library = Library.of(self._names, given)
        library.check_solves(self._code.solves)
        options: dict[str, object] = {name: library.function(name) for name in self._code.needs}
        if self._code.makes:
            options["device"] = library.device
        shapes = [_shape(name, value) for name, value in zip(self._names, given, strict=True)]
        sizes = check_shapes(self._arguments, shapes, self._conditions)
        if any(0 in shape for shape in shapes):
            check_empty(self._roots, sizes)
        return Accepted(library, *_types(self._names, given, library.xp), options)


def _signature(value: Any) -> object:
    if type(value) is float:
        return float
    return type(value), tuple(value.shape), value.dtype, getattr(value, "device", None)


def _as_array(name: str, value: Any, working: Any, library: Library) -> Array:
    """An array of the library and of the type that is computed in."""
    if type(value) is float:
        return _as_number(name, value, working, library)
    if not _is_foreign(value):
        own = np.array(value)  # the library may share its memory, and refuse to if it is read only
        try:
            value = library.xp.asarray(own, device=library.device)
        except (TypeError, ValueError, RuntimeError) as problem:
            raise DataError(
                f"{name} = {short(value)}",
                f"no array of {library.name} ({problem})",
                f"pass an array of {library.name}",
            ) from None
    return value if value.dtype == working else library.xp.astype(value, working)


def _as_number(name: str, value: float, working: Any, library: Library) -> Array:
    if math.isfinite(value) and abs(value) > library.xp.finfo(working).max:
        raise DataError(
            f"{name} = {value!r}",
            f"it is too large for {working}, the type of the arrays",
            "pass arrays of float64, or rescale",
        )
    return library.xp.asarray(value, dtype=working, device=library.device)


def _shape(name: str, value: Any) -> tuple[int, ...]:
    """The shape of an array or number. Errors: `ShapeError` where a size is not known."""
    shape = () if type(value) is float else tuple(value.shape)
    if any(size is None or size != size for size in shape):
        raise ShapeError(
            f"{name} with shape {shape}",
            "its sizes are not known before it is computed",
            f"call {name}.compute_chunk_sizes() first, or give its chunks",
        )
    return shape


def _types(names: Sequence[str], values: Sequence[Any], xp: Any) -> tuple[Any, Any]:
    """The type that is computed in and the type that results have."""
    kinds = []
    for name, value in zip(names, values, strict=True):
        if type(value) is float:
            continue
        kind = value.dtype if _is_foreign(value) else _of_numpy(name, value, xp)
        if xp.isdtype(kind, "real floating"):
            kinds.append(kind)
        elif xp.isdtype(kind, ("integral", "bool")):
            kinds.append(xp.asarray(0.0).dtype)
        else:
            raise _not_real(name, kind)
    returned = xp.result_type(*kinds)
    return (xp.float32 if xp.finfo(returned).bits < SINGLE else returned), returned


def _of_numpy(name: str, value: Any, xp: Any) -> Any:
    """The type that a NumPy array gets in a library."""
    if value.dtype.kind not in "fiub":
        raise _not_real(name, value.dtype)
    return xp.asarray(np.zeros((), value.dtype)).dtype


def _not_real(name: str, kind: object) -> DataError:
    return DataError(
        f"{name}, an array of dtype {kind}",
        "not of real numbers",
        f"pass {name} as floating-point numbers",
    )
