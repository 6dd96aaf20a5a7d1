"""Which argument or parameter of a layer each variable of its mathematics is.

By name first: arguments of forward, then arrays that the layer holds. A variable that is left is the
argument that is left, in the order of declaration; a number that the layer holds is a constant.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np
import sympy

from numeric.binding import bind_sizes
from numeric.checks.jax_layers import is_jax_function
from numeric.checks.objects import LayerObject
from numeric.checks.torch_layers import is_torch_layer
from symbolic.errors import NameUnknownError
from symbolic.nodes import Variable

Array = Any
Places = Mapping[str, "str | tuple[str, str]"]

_DEPTH = 5


@dataclass(frozen=True)
class LayerArguments:
    """Where the variables of the mathematics go in a layer.

    inputs      variables in the order of the arguments of forward
    parameters  the place in the layer of each variable that is a parameter
    gradients   the places of gradients that were given, by those of the parameters
    constants   values of variables that the layer keeps fixed
    sizes       numbers of size letters that the parameters fix
    dtypes      of the parameters of an object, which keep theirs
    """

    inputs: tuple[Variable, ...]
    parameters: Mapping[Variable, str]
    gradients: Mapping[str, str]
    constants: Mapping[Variable, float]
    sizes: Mapping[sympy.Symbol, int]
    dtypes: Mapping[Variable, Any]


def find_arguments(layer: Any, wanted: Sequence[Variable], places: Places) -> LayerArguments:
    """Match the variables of the mathematics with a layer.

    `places` says for a variable where its gradient is, or where it and its gradient are, or where
    it is in a module. Raises `NameUnknownError` for what is left over on one side.
    """
    names = {variable.name: variable for variable in wanted}
    for name in places:
        if name not in names:
            raise NameUnknownError(
                f"parameters={{{name!r}: ...}}",
                f"the mathematics has the variables {', '.join(names)}",
                "name parameters as the mathematics does",
            )
    if is_torch_module(layer):
        places = {
            n: (place, "") if isinstance(place, str) else place for n, place in places.items()
        }
    required, optional = forward_arguments(layer)
    inputs = {name: names[name] for name in (*required, *optional) if name in names}
    left = [v for v in wanted if v not in inputs.values()]
    held = dict(_held(layer, (), 0))
    found = {v: _place(v.name, held, places) for v in left}
    parameters = {v: place for v, place in found.items() if place is not None}
    numbers = {v: getattr(layer, v.name, None) for v in left if v not in parameters}
    constants = {v: float(n) for v, n in numbers.items() if isinstance(n, (int, float))}
    left = [v for v in left if v not in parameters and v not in constants]
    inputs |= _remaining([name for name in required if name not in inputs], left, not required)
    order = [inputs[name] for name in takewhile(inputs.__contains__, (*required, *optional))]
    shapes = {v: held[place].shape for v, place in parameters.items()}
    return LayerArguments(
        tuple(order) if required else tuple(left),
        parameters,
        {parameters[names[n]]: p if isinstance(p, str) else p[1] for n, p in places.items()},
        constants,
        bind_sizes(shapes) if shapes else {},
        {} if is_torch_module(layer) else {v: held[p].dtype for v, p in parameters.items()},
    )


def is_torch_module(layer: Any) -> bool:
    """Whether a layer is a PyTorch module, which holds parameters."""
    return is_torch_layer(layer) and hasattr(layer, "named_parameters")


def _remaining(
    arguments: Sequence[str], left: Sequence[Variable], unknown: bool
) -> dict[str, Variable]:
    """What is left on both sides: by names but for case, else in order."""
    small = {variable.name.lower(): variable for variable in left}
    if len(small) == len(left) and set(small) == {name.lower() for name in arguments}:
        return {name: small[name.lower()] for name in arguments}
    if len(arguments) == len(left) or unknown:
        return dict(zip(arguments, left, strict=False))
    raise NameUnknownError(
        f"the variables {', '.join(v.name for v in left) or 'none'} of the mathematics",
        f"forward takes {', '.join(arguments) or 'no arguments'} beside those that were matched",
        'name them as the layer does, or say where they are: parameters={"W": ("fc.W", "fc.dW")}',
    )


def _place(name: str, held: Mapping[str, Array], places: Places) -> str | None:
    """The path of the array that a layer holds under a name."""
    given = places.get(name, name)
    path = given[0] if isinstance(given, tuple) else name
    for alike in _ALIKE:
        found = [each for each in held if alike(each) == path]
        if len(found) == 1:
            return found[0]
    if isinstance(given, tuple):
        raise NameUnknownError(
            f"parameters={{{name!r}: {given!r}}}",
            f"the layer holds {', '.join(held) or 'no arrays'}",
            "name one of those",
        )
    return None


_ALIKE: tuple[Callable[[str], str], ...] = (
    lambda path: path,
    lambda path: path.removesuffix(".data").removesuffix(".value"),
    lambda path: path.removesuffix(".data").removesuffix(".value").rpartition(".")[2],
    lambda path: path.replace(".", "_"),
)


def _held(layer: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[str, Array]]:
    """The arrays of real numbers that a layer holds, with dotted paths."""
    if is_torch_module(layer):
        for name, value in layer.named_parameters():
            yield name, value.detach().cpu().numpy()
    elif not depth and (isinstance(layer, (tuple, list)) or is_torch_layer(layer)):
        return
    elif isinstance(layer, np.ndarray):
        if layer.dtype.kind == "f":
            yield ".".join(path), layer
    elif depth < _DEPTH:
        for step, part in _parts(layer):
            yield from _held(part, (*path, step), depth + 1)


def _parts(layer: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(layer, Mapping):
        yield from ((str(key), value) for key, value in layer.items())
    elif isinstance(layer, (list, tuple)):
        yield from ((str(place), value) for place, value in enumerate(layer))
    else:
        yield from getattr(layer, "__dict__", {}).items()


def forward_arguments(layer: Any) -> tuple[list[str], list[str]]:
    """The arguments of forward by position: those that it needs, and those that it may get."""
    function, skipped = _forward(layer)
    try:
        parameters = list(inspect.signature(function).parameters.values())[skipped:]
    except (TypeError, ValueError):
        return [], []
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    placed = [p for p in parameters if p.kind in plain]
    return (
        [p.name for p in placed if p.default is p.empty],
        [p.name for p in placed if p.default is not p.empty],
    )


def _forward(layer: Any) -> tuple[Any, int]:
    """What computes the output, and how many of its arguments are not inputs."""
    if isinstance(layer, (tuple, list)):
        return layer[0], 0
    if is_jax_function(layer):
        return layer, 0
    if is_torch_layer(layer) and not is_torch_module(layer):
        inherited = sys.modules["torch"].autograd.Function.setup_context
        return layer.forward, int(layer.setup_context is inherited)
    return LayerObject.forward_of(layer), 0
