"""Generated functions for arrays of other libraries, told by the type of the arguments.

PyTorch, JAX, CuPy, Dask and every other library of the Python array API standard: none is imported
here, an array tells its library. The first call with such arrays writes the portable code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from symbolic.code.admission import argument_test, is_whole
from symbolic.code.array_api_code import WORDS, ArrayApiCode, array_api_code
from symbolic.code.array_api_factors import FACTOR_FUNCTIONS, factors_of
from symbolic.code.array_api_functions import OF_LIBRARIES
from symbolic.code.array_api_writer import OWN_NAMES
from symbolic.code.empty_axes import check_empty
from symbolic.code.held_numbers import HeldNumbers
from symbolic.code.number_types import check_single, plain, precision_of, short, too_long
from symbolic.code.readable_values import ValueTest, finiteness
from symbolic.code.runtime_checks import check_shapes
from symbolic.code.singular import singular
from symbolic.code.size_conditions import SizeConditions
from symbolic.errors import DataError, ShapeError, UnsupportedError
from symbolic.nodes import Expression, Variable

_OF_NUMPY = {np.ndarray, np.float64, np.float32, np.int64, float, int, bool, list, tuple}

MOST_REMEMBERED = 1000  # signatures
SINGLE, DOUBLE = 32, 64  # bits
_OF_LU = "linalg.lu_factor: U["  # what PyTorch says of a pivot that is zero, in no class of its own

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

    def double(self) -> Any:
        """Its type of 64 bits on the device, or None where it has none, as JAX is set up at first."""
        info = getattr(self.xp, "__array_namespace_info__", None)
        if info is None:
            return self.xp.float64
        return info().dtypes(device=self.device, kind="real floating").get("float64")

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

    It computes in the type `working` and gives results of the type `returned`. `tests` of arguments
    are by place.
    """

    library: Library
    working: Any
    returned: Any
    options: Mapping[str, object]
    tests: tuple[tuple[int, ValueTest], ...]


class PortableFunction:
    """The function of some expressions for arrays of any library but NumPy.

    Numbers, lists and NumPy arrays beside such arrays become arrays of their library, on their
    device. Types are those of `number_types`, in float32 where the library has no float64. Shapes are
    checked; with `check` so are values that can be read at once (`readable_values`).
    """

    def __init__(
        self,
        roots: Sequence[Expression],
        arguments: Sequence[Variable],
        conditions: SizeConditions,
        *,
        name: str,
        results: Sequence[str] | None,
        check: bool,
        compile_module: Compile,
    ) -> None:
        self._roots = tuple(roots)
        self._arguments = tuple(arguments)
        self._names = [variable.name for variable in arguments]
        self._conditions = conditions
        self._name = name
        self._check = check
        name = f"{name}_" if name in OWN_NAMES else name
        self._code: ArrayApiCode = array_api_code(roots, arguments, name=name, results=results)
        self.source = self._code.source
        self._known: dict[tuple[object, ...], Accepted] = {}
        words = WORDS | self._code.names
        self._run = compile_module(self.source, [self._code.body], words, name)
        self._numbers = HeldNumbers(self._run, self._code.computed)

    def __call__(self, values: Sequence[object]) -> Any:
        """The value, or the tuple of values, for values in the order of the arguments."""
        given = [
            value if _is_foreign(value) else plain(name, value)
            for name, value in zip(self._names, values, strict=True)
        ]
        key = (_jax_has_doubles(), *map(_signature, given))
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
        for place, test in accepted.tests:
            test(given[place], arrays[place])
        result = self._computed(arrays, accepted)
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
        returned = working = _returned_type(self._names, given, library)
        if library.xp.finfo(returned).bits <= SINGLE:
            fits = self._numbers.fit_single(sizes)
            working = library.xp.float32 if fits else self._double(library)
        tests = self._tests(given, shapes, working, library) if self._check else ()
        return Accepted(library, working, returned, options, tests)

    def _double(self, library: Library) -> Any:
        """The type for numbers that float32 has not. Errors: `UnsupportedError` where there is none."""
        double = library.double()
        if double is None:
            raise UnsupportedError(
                f"{self._name} with {library.name} arrays of float32",
                "the expression holds a number that float32 has not, and there is no float64",
                'rescale it; JAX has float64 after jax.config.update("jax_enable_x64", True)',
            )
        return double

    def _tests(
        self, given: Sequence[Any], shapes: Sequence[tuple[int, ...]], kind: Any, library: Library
    ) -> tuple[tuple[int, ValueTest], ...]:
        """The tests of values, by place, for values that become arrays of a kind of the library."""
        single = library.xp.finfo(kind).bits == SINGLE
        working: np.dtype[Any] = np.dtype(np.float32 if single else np.float64)
        tests = []
        for place, (variable, value) in enumerate(zip(self._arguments, given, strict=True)):
            foreign_value = _is_foreign(value)
            if foreign_value:
                precision, whole = _described(value, library)
            else:
                precision, whole = precision_of(value, working), is_whole(value)
            precision = max(precision, precision_of(0.0, working))
            test = argument_test(
                variable,
                shapes[place],
                working,
                precision,
                finite=whole,
                finiteness=finiteness,
            )
            if test is not None:
                origin = library.name if foreign_value else None
                tests.append((place, ValueTest(variable, test, working, precision, origin)))
        return tuple(tests)

    def _computed(self, arrays: Sequence[Array], accepted: Accepted) -> Any:
        """The results; errors of the library for a matrix, or for what it has not, are typed."""
        library = accepted.library
        try:
            return self._run(library.xp, *arrays, **accepted.options)
        except (np.linalg.LinAlgError, RuntimeError) as error:
            said = " ".join(str(error).split()).partition(". ")[0]
            if isinstance(error, NotImplementedError):
                raise UnsupportedError(
                    f"{self._name} with {library.name} arrays",
                    f"the library lacks what it needs ({said})",
                    "pass NumPy arrays" + ", or one chunk each" * (library.name == "dask"),
                ) from error
            if _says_singular(error):
                raise singular(self._roots, np.linalg.LinAlgError(said)) from error
            raise


def _says_singular(error: Exception) -> bool:
    """Whether an error of a library means a matrix that is singular or not positive definite."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return not kinds.isdisjoint({"LinAlgError", "_LinAlgError"}) or _OF_LU in str(error)


def _described(value: Any, library: Library) -> tuple[float, bool]:
    """The relative precision of the numbers of a library's array, and whether they are whole."""
    whole = library.xp.isdtype(value.dtype, ("integral", "bool"))
    return 0.0 if whole else float(library.xp.finfo(value.dtype).eps), whole


def _jax_has_doubles() -> bool:
    """Whether JAX, where it is in use, has float64: a switch, on which remembered types depend."""
    jax = sys.modules.get("jax")
    return jax is not None and bool(jax.config.jax_enable_x64)


def _signature(value: Any) -> object:
    if type(value) is float:
        return float
    return type(value), tuple(value.shape), value.dtype, getattr(value, "device", None)


def _as_array(name: str, value: Any, working: Any, library: Library) -> Array:
    """An array of the library and of the type that is computed in."""
    if type(value) is float or not (_is_foreign(value) or value.shape):
        if library.xp.finfo(working).bits == SINGLE:
            check_single(name, float(value))
        return library.xp.asarray(float(value), dtype=working, device=library.device)
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


def _returned_type(names: Sequence[str], values: Sequence[Any], library: Library) -> Any:
    """The type that results have. Errors: `DataError` for kinds of numbers that are not computed with."""
    xp, kinds = library.xp, []
    for name, value in zip(names, values, strict=True):
        if type(value) is float:
            continue
        kind = value.dtype if _is_foreign(value) else _of_numpy(name, value, xp)
        if xp.isdtype(kind, "real floating"):
            if xp.finfo(kind).bits > DOUBLE:
                raise too_long(name, kind)
            kinds.append(kind)
        elif xp.isdtype(kind, ("integral", "bool")):
            double = library.double()
            kinds.append(xp.float32 if double is None else double)
        else:
            raise _not_real(name, kind)
    return xp.result_type(*kinds)


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
