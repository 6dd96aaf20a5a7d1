"""Arrays of a narrow format: every NumPy operation on them is rounded to the format.

An operation is computed in float64 from the exact inputs and rounded once. Sums, products, quotients
and square roots are thereby correctly rounded: float64 carries more than 2p + 2 bits, so its own
rounding cannot be seen (for float32, float16 and bfloat16). Other functions err by what float64's
version errs, below 1e-10 units in the last place of float16, in addition to the one rounding.

Reductions round every partial result, in order: `sum` of 3,000 ones is 2048 in float16, as a loop
gives. Matrix products, `mean`, `cumsum` and `dot` are made of such steps. Any other function of
NumPy counts as one operation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from numeric.accuracy.formats import Floats, Format
from symbolic.errors import UnsupportedError


class RoundedArray(NDArrayOperatorsMixin):
    """An array whose entries are numbers of a format; `values` are they, in float64.

    It takes part in NumPy's functions and operators, and gives arrays of its kind (or booleans and
    integers where NumPy does). It cannot be turned into a plain array silently: take `values`.

    >>> from numeric.accuracy import bfloat16
    >>> x = RoundedArray([1.0, 3.0], bfloat16)
    >>> (1 / x).values.tolist(), np.sum(x / 3).values.item()
    ([1.0, 0.333984375], 1.3359375)
    """

    __array_priority__ = 1000

    def __init__(self, values: Any, form: Format) -> None:
        self.form = form
        self.values: Floats = form.round(values)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError(
            f"an emulated {self.form.name} array would become a plain array and lose its rounding; "
            "use NumPy functions that dispatch, or take .values"
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return self.values.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.values.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.values.size

    @property
    def T(self) -> RoundedArray:
        """The transpose."""
        return RoundedArray(self.values.T, self.form)

    @property
    def dtype(self) -> Format:
        """The format, which is no NumPy type."""
        return self.form

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Any:
        return (RoundedArray(each, self.form) for each in self.values)

    def __getitem__(self, index: Any) -> RoundedArray:
        return RoundedArray(self.values[_plain(index)], self.form)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.values[_plain(index)] = self.form.round(_plain(value))

    def __bool__(self) -> bool:
        return bool(self.values)

    def __float__(self) -> float:
        return float(self.values)

    def __repr__(self) -> str:
        return f"RoundedArray({self.values.tolist()}, {self.form})"

    def sum(self, axis: Any = None, **options: Any) -> Any:
        """The sum, every partial sum rounded."""
        return np.sum(self, axis=axis, **options)

    def mean(self, axis: Any = None, **options: Any) -> Any:
        """The mean: the sum over the count."""
        return np.mean(self, axis=axis, **options)

    def max(self, axis: Any = None, **options: Any) -> Any:
        """The largest entry."""
        return np.max(self, axis=axis, **options)

    def min(self, axis: Any = None, **options: Any) -> Any:
        """The smallest entry."""
        return np.min(self, axis=axis, **options)

    def reshape(self, *shape: Any) -> RoundedArray:
        """The same entries in another shape."""
        return RoundedArray(self.values.reshape(*shape), self.form)

    def copy(self) -> RoundedArray:
        """A copy that shares nothing."""
        return RoundedArray(self.values.copy(), self.form)

    def astype(self, dtype: Any, **options: Any) -> RoundedArray:
        """Itself: a computation stays in its format."""
        return self

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if "out" in options:
            targets = options.pop("out")
            result = self.__array_ufunc__(ufunc, method, *inputs, **options)
            return _stored(targets, result)
        options.pop("dtype", None)
        if method == "__call__":
            if ufunc is np.matmul:
                return _matmul(*(RoundedArray(_plain(each), self.form) for each in inputs))
            return self._wrapped(ufunc(*self._at_format(inputs), **_plain(options)))
        if method == "reduce":
            return _reduce(ufunc, RoundedArray(_plain(inputs[0]), self.form), **_plain(options))
        if method == "accumulate":
            axis = int(options.get("axis", 0))
            steps = _partial(ufunc, np.moveaxis(_plain(inputs[0]), axis, 0), self.form)
            return RoundedArray(np.moveaxis(np.stack(steps), 0, axis), self.form)
        if method == "outer":
            first, second = (np.asarray(_plain(each)) for each in inputs)
            spread = first.reshape(first.shape + (1,) * second.ndim)
            return self._wrapped(ufunc(*self._at_format((spread, second)), **_plain(options)))
        raise UnsupportedError(
            f"np.{ufunc.__name__}.{method}", "it is not emulated", "write it with operators"
        )

    def __array_function__(
        self, function: Callable[..., Any], types: Any, arguments: Any, options: Any
    ) -> Any:
        options = {name: value for name, value in options.items() if name != "dtype"}
        special = _SPECIAL.get(function)
        if special is not None:
            return special(*_wrapped_arguments(arguments, self.form), **options)
        return self._wrapped(function(*_plain(arguments), **_plain(options)))

    def _at_format(self, inputs: Any) -> list[Any]:
        """Operands as float64; plain floats, such as constants, are rounded to the format first."""
        found = []
        for each in inputs:
            plain = _plain(each)
            is_real = np.asarray(plain).dtype.kind == "f"
            found.append(self.form.round(plain) if is_real else plain)
        return found

    def _wrapped(self, result: Any) -> Any:
        if isinstance(result, (tuple, list)):
            return type(result)(map(self._wrapped, result))
        if np.asarray(result).dtype.kind != "f":
            return result
        return RoundedArray(result, self.form)


def _plain(value: Any) -> Any:
    """The same arguments with float64 arrays for emulated ones."""
    if isinstance(value, RoundedArray):
        return value.values
    if isinstance(value, (tuple, list)):
        return type(value)(map(_plain, value))
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


def _wrapped_arguments(arguments: Any, form: Format) -> list[Any]:
    return [
        RoundedArray(each, form) if isinstance(each, (np.ndarray, list)) else each
        for each in arguments
    ]


def _stored(targets: Any, result: RoundedArray) -> RoundedArray:
    (target,) = targets
    target.values[...] = result.values
    return target


def _partial(ufunc: np.ufunc, values: Floats, form: Format) -> list[Floats]:
    """Results of an operation over the first axis, one after the other, each rounded."""
    steps = [values[0]]
    for each in values[1:]:
        steps.append(form.round(ufunc(steps[-1], each)))
    return steps


def _reduce(
    ufunc: np.ufunc,
    array: RoundedArray,
    axis: Any = 0,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    if ufunc not in (np.add, np.multiply):  # the others pick an entry, or give booleans
        found = ufunc.reduce(array.values, axis=axis, keepdims=keepdims)
        return RoundedArray(found, array.form) if np.asarray(found).dtype.kind == "f" else found
    neutral = float(ufunc.identity)
    values = np.where(where, array.values, neutral)
    axes = tuple(range(values.ndim)) if axis is None else np.atleast_1d(axis) % values.ndim
    moved = np.moveaxis(values, tuple(axes), tuple(range(len(axes))))
    rows = moved.reshape((-1, *moved.shape[len(axes) :]))
    start = array.form.round(np.full(rows.shape[1:], neutral if initial is None else initial))
    total = _partial(ufunc, np.concatenate([start[None], rows]), array.form)[-1]
    if keepdims:
        total = np.expand_dims(total, tuple(int(each) for each in axes))
    return RoundedArray(total, array.form)


def _sum(array: RoundedArray, axis: Any = None, **options: Any) -> Any:
    return _reduce(np.add, array, axis, **_given(options))


def _prod(array: RoundedArray, axis: Any = None, **options: Any) -> Any:
    return _reduce(np.multiply, array, axis, **_given(options))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a reduction that were really given."""
    return {
        name: _plain(value)
        for name, value in options.items()
        if name in ("keepdims", "initial", "where") and value is not np._NoValue
    }


def _mean(array: RoundedArray, axis: Any = None, **options: Any) -> Any:
    total = _sum(array, axis, **options)
    return total / (array.size // max(1, total.size))


def _variance(array: RoundedArray, axis: Any = None, ddof: int = 0, **options: Any) -> Any:
    away = array - _mean(array, axis, keepdims=True)
    total = _sum(away * away, axis, **options)
    return total / (array.size // max(1, total.size) - ddof)


def _deviation(array: RoundedArray, axis: Any = None, **options: Any) -> Any:
    return np.sqrt(_variance(array, axis, **options))


def _cumsum(array: RoundedArray, axis: Any = None, **_: Any) -> Any:
    flat = array.reshape(-1) if axis is None else array
    return np.add.accumulate(flat, axis=axis or 0)


def _matmul(first: RoundedArray, second: RoundedArray) -> Any:
    left = first if first.ndim > 1 else first[None, :]
    right = second if second.ndim > 1 else second[:, None]
    products = left[..., :, :, None] * right[..., None, :, :]
    result = _reduce(np.add, products, -2)
    if second.ndim == 1:
        result = result[..., 0]
    if first.ndim == 1:
        result = result[..., 0, :] if second.ndim > 1 else result[..., 0]
    return result


def _dot(first: RoundedArray, second: RoundedArray) -> Any:
    return first * second if 0 in (first.ndim, second.ndim) else _matmul(first, second)


_SPECIAL: dict[Callable[..., Any], Callable[..., Any]] = {
    np.sum: _sum,
    np.prod: _prod,
    np.mean: _mean,
    np.var: _variance,
    np.std: _deviation,
    np.cumsum: _cumsum,
    np.dot: _dot,
    np.inner: _dot,
    np.vdot: _dot,
}
