"""A generated function as it is called: arguments bound, accepted, computed, results vouched for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any

from symbolic.code.admission import (
    Accepted,
    Admission,
    Computation,
    Signature,
    computation,
    remember,
    signature,
)
from symbolic.code.array_libraries import PortableFunction, foreign
from symbolic.code.compression import Compression
from symbolic.code.numpy_code import NumpyCode
from symbolic.code.preparation import Prepared
from symbolic.code.result_buffers import Buffers, check_buffers, fill
from symbolic.code.runtime_checks import bind, check_threads, options
from symbolic.errors import UnsupportedError
from symbolic.nodes import Expression, Variable


class Function:
    """A generated NumPy function.

    Call it with arguments by place or by name. `source` is a module that needs NumPy alone and can
    be pasted into a file; `args` are the names of the arguments in order; `name` is its name there.
    """

    def __init__(
        self,
        code: NumpyCode,
        run: Callable[..., Any],
        arguments: Sequence[Variable],
        roots: Sequence[Expression],
        *,
        name: str,
        several: bool,
        check: bool,
        recipe: tuple[Callable[..., Function], tuple[object, ...]],
        portable: Callable[[], PortableFunction],
        compression: Compression | None = None,
    ) -> None:
        self.source = code.source
        self.name = name
        self.args = tuple(variable.name for variable in arguments)
        self.admission = Admission(
            arguments,
            roots,
            code.conditions,
            code.outputs,
            run,
            several=several,
            check=check,
            assemble=None if compression is None else compression.assembled,
        )
        self._compressed = compression is not None
        self.threaded = code.threaded
        self.several = several
        self._computations: dict[Signature, Computation] = {}
        self._recipe = recipe
        self._make_portable = portable
        self._run = run

    def __call__(
        self, /, *values: Any, out: object = None, threads: int | None = None, **named: Any
    ) -> Any:
        """The value, or the tuple of values, for NumPy arrays or numbers.

        With `out`, an array or a tuple with an array or None for each result, results are written
        there, and those arrays are returned. With `threads`, a function that works in blocks of
        rows shares them among that many threads. An argument called `out` or `threads` is meant
        where the expression has a variable of that name.

        NaN and infinity are refused: a result is finite, or the arguments were tested. Arrays of
        PyTorch, JAX, CuPy, Dask and other libraries of the array API standard are computed with by
        their library. Their shapes are checked, and the values of those that lie in memory: not of
        arrays that are traced (`jax.jit`, `torch.func`), not computed yet (Dask), or on other devices.

        Raises `NameUnknownError`, `ShapeError`, `DataError` or `DomainError` where the arguments do
        not fit their declarations, `SingularError` for a matrix that cannot be inverted or factored
        (JAX gives NaN), and `UnsupportedError` for what a library of arrays cannot do.
        """
        if out is not None or threads is not None:
            return self._with_options(values, named, out, threads)
        if named:
            values = self._in_order(values, named)
        try:
            compute = self._computations[signature(values)]
        except (AttributeError, KeyError, TypeError):
            return self._unlike(values)
        return compute(values)

    def _in_order(self, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The values of all arguments."""
        if not values and tuple(named) == self.args:
            return tuple(named.values())
        return tuple(bind(self.args, values, named, called=self.name))

    def _unlike(self, values: tuple[Any, ...]) -> Any:
        """A call unlike those before, or with values that become arrays and numbers first."""
        if len(values) != len(self.args):
            bind(self.args, values, {}, called=self.name)  # refuses them
        if foreign(values):
            return self._portable(values)
        values = self.admission.plain(values)
        return self._computation(values)(values)

    def _computation(self, values: Sequence[Any]) -> Computation:
        """What a call with such plain values does, checked in full the first time."""
        key = signature(values)
        compute = self._computations.get(key)
        if compute is None:
            accepted = self.admission.accept(values)
            compute = computation(self._run, accepted, self.admission)
            remember(self._computations, key, compute)
        return compute

    @cached_property
    def _portable(self) -> PortableFunction:
        if self._compressed:
            raise UnsupportedError(
                f"{self.name} for arrays of another library than NumPy",
                "its results are compressed, and compressed results hold NumPy arrays",
                "use lambdify without compressed=True",
            )
        return self._make_portable()

    @property
    def array_api_source(self) -> str:
        """The source for other array libraries, `f(xp, X, w)`, with functions of the array API standard.

        >>> from symbolic import lambdify, vector
        >>> f = lambdify(2 * vector("x", "n"))
        >>> "def f(xp, x)" in f.array_api_source
        True
        """
        return self._portable.source

    @property
    def unchecked(self) -> Callable[..., Any]:
        """The function that the source defines: arrays in order, nothing tested or converted.

        >>> import numpy as np
        >>> from symbolic import lambdify, vector
        >>> f = lambdify(2 * vector("x", "n"))
        >>> f.unchecked(np.array([1.0, np.nan]))
        array([ 2., nan])
        """
        return self._run

    def prepare(
        self, /, *, out: object = None, threads: int | None = None, **bound: Any
    ) -> Prepared:
        """A function of the other arguments, with these checked and converted once.

        Its results, and its errors, are those of this function. Data are copied only where their
        type or their order in memory has to change: who changes others in place afterwards changes
        what is computed, and no test of them is repeated. Buffers in `out` are written in every call.

        >>> import numpy as np
        >>> from symbolic import dims, lambdify, matrix, vector
        >>> n, d = dims("n d")
        >>> f = lambdify(matrix("X", n, d) @ vector("w", d))
        >>> g = f.prepare(X=np.eye(2))
        >>> g
        <generated NumPy function f(w), X prepared>
        >>> g([3, 4])
        array([3., 4.])
        """
        out, threads = options(self.args, bound, out=out, threads=threads)
        return Prepared(self, bound, out=out, threads=threads)

    def runner(self, threads: int | None) -> Callable[..., Any]:
        """The generated function for a number of threads."""
        check_threads(threads)
        if threads is None:
            return self._run
        if self.threaded:
            return partial(self._run, threads=threads)
        if threads > 1:
            raise UnsupportedError(
                f"threads={threads} for {self.name}",
                "it is not evaluated in blocks of rows, which are what threads share",
                "leave threads out; matrix products use those of the linear algebra library",
            )
        return self._run

    def _with_options(
        self, values: Sequence[object], named: dict[str, Any], out: object, threads: int | None
    ) -> Any:
        out, threads = options(self.args, named, out=out, threads=threads)
        ordered = bind(self.args, values, named, called=self.name)
        if out is None and threads is None:
            return self(*ordered)
        run = self.runner(threads)
        if foreign(ordered):
            raise UnsupportedError(
                f"{self.name}(..., {'threads' if out is None else 'out'}=...)",
                "arrays of another library than NumPy",
                "leave the option out, or pass NumPy arrays",
            )
        given = self.admission.plain(ordered)
        accepted = self.admission.accept(given)
        compute = computation(run, accepted, self.admission)
        if out is None:
            return compute(given)
        buffers = self.buffers(out, accepted, given)
        return fill(compute(given), buffers, several=self.several)

    def buffers(self, out: object, accepted: Accepted, values: Sequence[object]) -> Buffers:
        """The arrays of `out`, checked to fit the results and to touch none of the values."""
        if self._compressed:
            raise UnsupportedError(
                f"out= of {self.name}",
                "its results are compressed, so that no array of their shape exists",
                "leave out= away, or use lambdify without compressed=True",
            )
        roots = self.admission.roots
        return check_buffers(out, roots, accepted, values, self.args, several=self.several)

    def __repr__(self) -> str:
        return f"<generated NumPy function {self.name}({', '.join(self.args)})>"

    def __reduce__(self) -> tuple[Callable[..., Function], tuple[object, ...]]:
        return self._recipe
