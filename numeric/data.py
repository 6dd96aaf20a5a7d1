"""Data for declared variables: dtype, shape and domain, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import sympy

from numeric.binding import Sizes, bind_sizes
from symbolic.domains import domain_of
from symbolic.errors import DataError, DomainError, NameUnknownError
from symbolic.nodes import Variable

Array = Any
Entry = tuple[int, ...]


def check_data(
    variables: Iterable[Variable],
    values: Mapping[str | Variable, Any],
    sizes: Mapping[sympy.Symbol, int] | None = None,
) -> tuple[dict[Variable, Array], Sizes]:
    """The values as floating-point arrays, and the number of every size letter.

    Shapes: those declared; one number a size letter. Conditions: real numbers, all finite, inside
    each variable's domain up to sqrt(eps) of the dtype. Integers become float64; float32 stays.
    Errors: `NameUnknownError`, `DataError` (dtype, NaN), `ShapeError`, `DomainError`; each names
    the variable, and the first entry that offends with its value.

    >>> from symbolic.variables import vector
    >>> y = vector("y", "n", domain="binary")
    >>> arrays, sizes = check_data([y], {"y": [0, 1, 1]})
    >>> arrays[y], list(sizes.values())
    (array([0., 1., 1.]), [3])
    """
    declared = {variable.name: variable for variable in variables}
    given = {key.name if isinstance(key, Variable) else key: v for key, v in values.items()}
    for name in given:
        if name not in declared:
            raise NameUnknownError(
                f"a value for {name!r}",
                "no variable has that name",
                "give values for " + (", ".join(declared) or "no variable at all"),
            )
    for name in declared:
        if name not in given:
            raise NameUnknownError(f"the variable {name}", "no value was given", "pass an array")
    arrays = {declared[name]: _numbers(name, value) for name, value in given.items()}
    bound = bind_sizes({variable: array.shape for variable, array in arrays.items()}, sizes)
    for variable, array in arrays.items():
        check_domain(variable, array)
    return arrays, bound


def _numbers(name: str, value: object) -> Array:
    try:
        array = np.asarray(value)
    except ValueError:
        raise DataError(
            f"the value of {name}", "rows of different lengths", "give a rectangular array"
        ) from None
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    if array.dtype.kind != "f":
        raise DataError(
            f"the value of {name}", f"dtype {array.dtype}", "give real numbers, as float64"
        )
    if not np.all(np.isfinite(array)):
        entry = _first(~np.isfinite(array))
        raise DataError(
            f"the value of {name}",
            f"entry {_place(entry)} is {array[entry]}",
            "remove or impute what is not finite",
        )
    return array


def check_domain(variable: Variable, array: Array) -> None:
    """Raise `DomainError` unless the array lies in the variable's domain.

    Numerical error: equalities hold up to sqrt(eps) of the dtype, relative to the largest entry.

    >>> from symbolic.variables import scalar
    >>> check_domain(scalar("p", domain="unit"), np.array(0.5))
    """
    tolerance = float(np.sqrt(np.finfo(array.dtype).eps))
    entry = _OFFENDERS[variable.domain](array, tolerance)
    if entry is None:
        return
    value = array[entry]
    shown = f"entry {_place(entry)} is {value}" if np.ndim(value) == 0 else f"it holds {value}"
    if len(entry) == 2 and domain_of(variable.domain).symmetric and entry[0] != entry[1]:
        shown += f", entry {_place(entry[::-1])} is {array[entry[::-1]]}"
    raise DomainError(
        f"the value of {variable.name}",
        f"its domain is {variable.domain} ({domain_of(variable.domain).meaning}), but {shown}",
        "correct the data, or declare another domain",
    )


def _first(mask: Array) -> Entry | None:
    places = np.argwhere(mask)
    return tuple(int(k) for k in places[0]) if len(places) else None


def _place(entry: Entry | None) -> str:
    return "[" + ", ".join(map(str, entry or ())) + "]"


def _off_symmetric(array: Array, tolerance: float) -> Entry | None:
    return _first(np.abs(array - array.T) > tolerance * np.max(np.abs(array)))


def _not_spd(array: Array, tolerance: float) -> Entry | None:
    """Where symmetry fails, else the first diagonal entry whose leading minor is not positive."""
    for size in range(1, array.shape[0] + 1):
        if np.linalg.eigvalsh(array[:size, :size].astype(np.float64))[0] <= 0:
            return _off_symmetric(array, tolerance) or (size - 1, size - 1)
    return _off_symmetric(array, tolerance)


def _not_psd(array: Array, tolerance: float) -> Entry | None:
    for size in range(1, array.shape[0] + 1):
        values = np.linalg.eigvalsh(array[:size, :size].astype(np.float64))
        if values[0] < -tolerance * np.max(np.abs(values)):
            return _off_symmetric(array, tolerance) or (size - 1, size - 1)
    return _off_symmetric(array, tolerance)


def _not_invertible(array: Array, tolerance: float) -> Entry | None:
    singular = np.linalg.svd(array.astype(np.float64), compute_uv=False)
    return (0, 0) if singular[-1] <= np.finfo(array.dtype).eps * singular[0] else None


def _not_orthogonal(array: Array, tolerance: float) -> Entry | None:
    gram = np.swapaxes(array, -1, -2) @ array
    return _first(np.abs(gram - np.eye(gram.shape[-1])) > tolerance)


def _not_prob(array: Array, tolerance: float, axis: int = -1) -> Entry | None:
    negative = _first(array < 0)
    if negative is not None:
        return negative
    off = np.abs(array.sum(axis=axis, keepdims=True) - 1) > tolerance * array.shape[axis]
    return _first(np.broadcast_to(off, array.shape))


def _not_onehot(array: Array, tolerance: float) -> Entry | None:
    other = _first((array != 0) & (array != 1))
    return other if other is not None else _not_prob(array, tolerance)


def _not_unit_norm(array: Array, tolerance: float) -> Entry | None:
    length = float(np.linalg.norm(array.astype(np.float64)))
    return None if abs(length - 1) <= tolerance else (0,) * array.ndim


def _not_descending(array: Array, tolerance: float) -> Entry | None:
    negative = _first(array < 0)
    if negative is not None:
        return negative
    return _first(np.diff(array, axis=-1, prepend=array[..., :1]) > 0)


_OFFENDERS: dict[str, Callable[[Array, float], Entry | None]] = {
    "real": lambda a, t: None,
    "positive": lambda a, t: _first(a <= 0),
    "nonnegative": lambda a, t: _first(a < 0),
    "descending": _not_descending,
    "unit": lambda a, t: _first((a < 0) | (a > 1)),
    "binary": lambda a, t: _first((a != 0) & (a != 1)),
    "pm1": lambda a, t: _first(np.abs(a) != 1),
    "counts": lambda a, t: _first((a < 0) | (a != np.round(a))),
    "index": lambda a, t: _first((a < 0) | (a != np.round(a))),
    "symmetric": _off_symmetric,
    "spd": _not_spd,
    "psd": _not_psd,
    "invertible": _not_invertible,
    "orthogonal": _not_orthogonal,
    "diagonal": lambda a, t: _first((a != 0) & ~np.eye(len(a), dtype=bool)),
    "lower": lambda a, t: _first(np.triu(a, 1) != 0),
    "onehot": _not_onehot,
    "prob": _not_prob,
    "prob columns": lambda a, t: _not_prob(a, t, -2),
    "unit_norm": _not_unit_norm,
}
