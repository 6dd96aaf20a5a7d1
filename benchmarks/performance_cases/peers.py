"""The libraries that differentiate too: each takes the loss in its own words, and its own best way.

A builder makes a call without arguments from a case; it raises `NotAskedError` where the library has
no answer of this kind. Each library keeps the data in its own arrays, so that no copy is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from performance_cases import words
from performance_cases.case import Case


class NotAskedError(Exception):
    """This library does not take part in this case."""


def jax(case: Case) -> Callable[[], Any]:
    """`jit` of `value_and_grad` or `hessian`, on device arrays."""
    import jax as library

    _needs_called(case)
    loss = partial(case.loss, words.jax_words())
    places = _places(case)
    if case.hessian:
        function = library.jit(library.hessian(loss, argnums=places[0]))
    else:
        function = library.jit(library.value_and_grad(loss, argnums=places))
    values = [library.numpy.asarray(value) for value in case.values]
    ready = library.block_until_ready
    return lambda: ready(function(*values))


def torch(case: Case) -> Callable[[], Any]:
    """Eager `torch.autograd`; of Hessians the vectorised `autograd.functional.hessian`."""
    import torch as library

    _needs_called(case)
    loss = partial(case.loss, words.torch_words())
    values = _tensors(case)
    places = _places(case)
    if case.hessian:
        place = places[0]

        def of_one(x: Any) -> Any:
            return loss(*values[:place], x, *values[place + 1 :])

        return partial(library.autograd.functional.hessian, of_one, values[place], vectorize=True)
    leaves = [values[place].requires_grad_() for place in places]

    def value_and_gradient() -> Any:
        value = loss(*values)
        return value.detach(), *library.autograd.grad(value, leaves)

    return value_and_gradient


def torch_compiled(case: Case) -> Callable[[], Any]:
    """`torch.compile` of `torch.func.grad_and_value`."""
    import torch as library

    _needs_called(case)
    if case.hessian:
        raise NotAskedError
    library._dynamo.reset()
    loss = partial(case.loss, words.torch_words())
    values = _tensors(case)
    both = library.func.grad_and_value(lambda *x: loss(*x), argnums=_places(case))

    @library.compile(fullgraph=True, dynamic=False)
    def compiled(*x: Any) -> Any:
        gradients, value = both(*x)
        return value, *gradients

    return partial(compiled, *values)


def autograd(case: Case) -> Callable[[], Any]:
    """`value_and_grad` or `hessian`."""
    import autograd as library

    _needs_called(case)
    loss = partial(case.loss, words.autograd_words())
    values, places = case.values, _places(case)
    if case.hessian:
        return partial(library.hessian(loss, places[0]), *values)
    if len(places) == 1:
        return partial(library.value_and_grad(loss, places[0]), *values)

    def of_several(chosen: tuple[Any, ...]) -> Any:
        everything = list(values)
        for place, value in zip(places, chosen, strict=True):
            everything[place] = value
        return loss(*everything)

    return partial(library.value_and_grad(of_several), tuple(values[place] for place in places))


def pytensor(case: Case) -> Callable[[], Any]:
    """A compiled function in the default mode of the installed version, without input checks."""
    import pytensor as library
    import pytensor.tensor as pt

    _needs_called(case)
    if case.hessian:
        raise NotAskedError
    values = [np.asarray(value, float) for value in case.values]
    inputs = [
        pt.tensor(name, dtype="float64", shape=(None,) * value.ndim)
        for name, value in zip(case.names, values, strict=True)
    ]
    value = case.loss(words.pytensor_words(), *inputs)
    gradients = pt.grad(value, [inputs[place] for place in _places(case)])
    function = library.function(inputs, [value, *gradients], on_unused_input="ignore")
    function.trust_input = True
    return partial(function, *values)


def casadi(case: Case) -> Callable[[], Any]:
    """Small cases only; bound cases through buffers that are set once, called ones with arrays."""
    import casadi as library

    if case.hessian or not case.small:
        raise NotAskedError
    values = [np.asarray(value, float) for value in case.values]
    inputs = [
        library.MX.sym(name, *(*value.shape, 1, 1)[:2])  # a vector is a column
        for name, value in zip(case.names, values, strict=True)
    ]
    value = case.loss(words.casadi_words(), *inputs)
    gradients = [library.gradient(value, inputs[place]) for place in _places(case)]
    function = library.Function("f", inputs, [value, *gradients])
    if case.form == "called":
        return partial(function, *values)
    arrays = [value.flatten("F") for value in values]
    results = [np.zeros(function.nnz_out(place)) for place in range(function.n_out())]
    buffer, run = function.buffer()
    for place, array in enumerate(arrays):
        buffer.set_arg(place, memoryview(array))
    for place, array in enumerate(results):
        buffer.set_res(place, memoryview(array))

    def filled(*_kept: Any) -> Any:
        run()
        return results

    return partial(filled, function, buffer, arrays)  # the buffer does not keep them alive


PEERS: dict[str, Callable[[Case], Callable[[], Any]]] = {
    "jax": jax,
    "torch": torch,
    "torch.compile": torch_compiled,
    "autograd": autograd,
    "casadi": casadi,
    "pytensor": pytensor,
}
SLOW = ("torch.compile", "pytensor")  # seconds to compile


def without_disk_caches(competitors: tuple[str, ...]) -> None:
    """From now on nothing that an earlier run compiled is used."""
    if "torch.compile" in competitors:
        from torch._inductor import config

        config.force_disable_caches = True
    if "pytensor" in competitors:
        from pytensor import config

        config.numba__cache = False


def _places(case: Case) -> tuple[int, ...]:
    return tuple(case.names.index(name) for name in case.wrt)


def _needs_called(case: Case) -> None:
    if case.form != "called":
        raise NotAskedError


def _tensors(case: Case) -> list[Any]:
    import torch as library

    return [library.tensor(value, dtype=library.float64) for value in case.values]


def installed(name: str) -> bool:
    """Whether the library of a competitor can be imported."""
    return find_spec(name.partition(".")[0]) is not None
