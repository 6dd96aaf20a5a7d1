"""JAX functions with a derivative of their own: `custom_vjp`, `custom_jvp`, or jitted ones.

JAX is never imported: the function belongs to it, so it is loaded.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from numeric.arrays import real_array
from numeric.checks.subjects import (
    Array,
    RefusedError,
    Session,
    Subject,
    Values,
    argument_names,
    split,
)


def is_jax_function(layer: Any) -> bool:
    """Whether JAX made a function."""
    if "jax" not in sys.modules or isinstance(layer, type) or not callable(layer):
        return False
    return any(
        kind.__module__.partition(".")[0] in ("jax", "jaxlib") for kind in type(layer).__mro__
    )


class JaxFunction(Subject):
    """In float64 where the function runs in it. Its value is that without differentiation."""

    def __init__(self, function: Any, x: Any) -> None:
        self.jax: Any = sys.modules["jax"]
        super().__init__(getattr(function, "__name__", type(function).__name__))
        self.function = function
        self.arguments = x if isinstance(x, tuple) else (x,)
        self.names = argument_names(function, len(self.arguments))
        self.start, self.constants = split(self.arguments, self.names)
        self.inputs = tuple(self.start)
        self.compiled: Any = None
        self._promote()
        self._compile()

    def _promote(self) -> None:
        wide = all(array.dtype == np.float64 for array in self.start.values())
        if wide and self.jax.config.jax_enable_x64:
            return
        own = dict(self.start)
        self.start = {name: array.astype(np.float64) for name, array in own.items()}
        try:
            session = self.session()
            output = session.forward(self.start)
            session.backward(np.ones_like(output))
            wide = output.dtype == np.float64
        except RefusedError:
            return
        except (TypeError, ValueError):
            wide = False
        if wide:
            if any(array.dtype != np.float64 for array in own.values()):
                self.notes.append("promoted to float64")
            return
        self.notes.append("compared in its own precision: it does not run in float64")
        self.start = {name: array.astype(np.float32) for name, array in own.items()}

    def _compile(self) -> None:
        """Compiles the value if it can be; differences ask for it many times."""
        compiled = self.jax.jit(self.apply)
        try:
            with self.precision():
                compiled(self.values(self.start))
        except Exception:  # control flow on values: then it runs as it is written
            return
        self.compiled = compiled

    def precision(self) -> AbstractContextManager[Any]:
        """Where arrays keep the type that they have in `start`."""
        wide = all(array.dtype == np.float64 for array in self.start.values())
        return self.jax.enable_x64(wide)

    def apply(self, values: list[Any]) -> Any:
        """The function of its real arguments, the others being constant."""
        given, places = list(self.arguments), iter(values)
        for place in range(len(given)):
            if place not in self.constants:
                given[place] = next(places)
        return self.joined(self.function(*given))

    def joined(self, result: Any) -> Any:
        """One output in its shape, several as one vector."""
        leaves = self.jax.tree_util.tree_leaves(result)
        numpy = self.jax.numpy
        if len(leaves) == 1:
            return leaves[0]
        return numpy.concatenate([numpy.ravel(leaf) for leaf in leaves])

    def values(self, values: Values) -> list[Any]:
        """The real arguments as JAX arrays, in order."""
        return [self.jax.numpy.asarray(values[name]) for name in self.start]

    def session(self) -> Session:
        return _JaxSession(self)

    def output(self, values: Values) -> Array:
        with self.precision():
            function = self.compiled or self.apply
            return np.array(real_array(function(self.values(values)), "f(x)"))


class _JaxSession(Session):
    def __init__(self, function: JaxFunction) -> None:
        super().__init__()
        self.function = function

    def forward(self, values: Values) -> Array:
        with self.function.precision():
            given = self.function.values(values)
            output, self.pullback = self.function.jax.vjp(self.function.apply, given)
            return np.array(real_array(output, "f(x)"))

    def backward(self, upstream: Array) -> dict[str, Array | None]:
        with self.function.precision():
            try:
                (found,) = self.pullback(self.function.jax.numpy.asarray(upstream))
            except (TypeError, ValueError) as error:
                if "bwd rule" not in str(error):
                    raise
                raise RefusedError(f"JAX refuses what backward returns: {error}") from error
            return {
                name: np.array(real_array(value, f"the gradient of {name}"))
                for name, value in zip(self.function.start, found, strict=True)
            }
