"""Where a from-scratch layer keeps its parameters and their gradients.

Found are, in this order: dicts or lists `params` and `grads` (attributes or methods); what
`parameters()` gives, with `.grad` and `.data` or `.value`; arrays with an array of a kindred name
(W and dW, weight and grad_weight, b and b_grad, ...); and all of these in layers inside the layer.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic.errors import DataError, NameUnknownError

Array = Any
Path = tuple[str, ...]

_PARAMETERS = ("params", "parameters", "weights")
_GRADIENTS = ("grads", "gradients", "grad", "dparams")
_KINDRED = ("d{}", "d_{}", "grad_{}", "{}_grad", "{}grad", "grad{}", "{}_gradient", "g{}")
_DEPTH = 4


@dataclass(frozen=True)
class Slot:
    """A parameter of a layer and the place of its gradient, as paths from the layer."""

    name: str
    value: Path
    gradient: Path

    def read(self, layer: Any) -> Any:
        """The parameter."""
        return follow(layer, self.value)

    def read_gradient(self, layer: Any) -> Any:
        """Its gradient, None where there is nothing yet."""
        try:
            return follow(layer, self.gradient)
        except (AttributeError, KeyError, IndexError):
            return None

    def write(self, layer: Any, value: Array) -> None:
        """Sets the parameter, in place where that is possible, so that other names see it too."""
        current = self.read(layer)
        if isinstance(current, np.ndarray) and current.dtype == value.dtype:
            current[...] = value
            return
        holder = follow(layer, self.value[:-1])
        _put(holder, self.value[-1], np.array(value))


def named_slots(layer: Any, parameters: Mapping[str, str]) -> list[Slot]:
    """Slots from names as "W": "dW" or "params.W": "grads.W". Errors: `NameUnknownError`."""
    if not isinstance(parameters, Mapping):
        kind = type(parameters).__name__
        raise DataError("parameters", f"{kind} is no mapping", 'give {"W": "dW"}')
    slots = []
    for value, gradient in parameters.items():
        slot = Slot(value, tuple(value.split(".")), tuple(gradient.split(".")))
        try:
            slot.read(layer)
        except (AttributeError, KeyError, IndexError, ValueError):
            raise NameUnknownError(
                f"parameters={{{value!r}: {gradient!r}}}",
                f"{type(layer).__name__} has no {value!r}",
                "name attributes of the layer, with dots into dicts, lists and layers inside it",
            ) from None
        slots.append(slot)
    return slots


def found_slots(layer: Any, used: Any, run: Callable[[Any], None]) -> list[Slot]:
    """Slots by convention.

    `used` is a copy of the layer after forward and backward; `run(copy)` runs forward, which tells
    parameters from values that forward only keeps.
    """
    slots: list[Slot] = []
    seen: set[int] = set()
    for slot in _in(layer, used, (), 0):
        try:
            value = slot.read(layer)
        except (AttributeError, KeyError, IndexError):
            continue  # it came into being in forward
        if id(value) in seen or _array(value) is None:
            continue
        if len(slot.value) and slot.value[-1] != "data" and _overwritten(layer, slot, run):
            continue
        seen.add(id(value))
        slots.append(slot)
    return slots


def _in(layer: Any, used: Any, path: Path, depth: int) -> Iterator[Slot]:
    yield from _containers(used, path)
    yield from _objects(used, path)
    yield from _kindred(used, path)
    if depth < _DEPTH:
        for step, part in _parts(used):
            yield from _in(layer, part, path + step, depth + 1)


def _containers(layer: Any, path: Path) -> Iterator[Slot]:
    for first, second in ((a, b) for a in _PARAMETERS for b in _GRADIENTS):
        held, gradients = _member(layer, first), _member(layer, second)
        if held is None or gradients is None:
            continue
        (first_step, values), (second_step, slopes) = held, gradients
        if isinstance(values, Mapping) and isinstance(slopes, Mapping):
            for key in values:
                other = next((k for k in (key, f"d{key}") if k in slopes), key)
                yield _slot((*path, first_step, str(key)), (*path, second_step, str(other)))
        elif isinstance(values, (list, tuple)) and isinstance(slopes, (list, tuple)):
            for k in range(len(values)):
                yield _slot((*path, first_step, str(k)), (*path, second_step, str(k)))


def _objects(layer: Any, path: Path) -> Iterator[Slot]:
    held = _member(layer, "parameters") or _member(layer, "params")
    if held is None or not isinstance(held[1], (list, tuple, Mapping)):
        return
    step, values = held
    keys = list(values) if isinstance(values, Mapping) else range(len(values))
    for key in keys:
        kept = next((a for a in ("data", "value") if _has_array(values[key], a)), None)
        if kept and "grad" in _names(values[key]):
            here = (*path, step, str(key))
            yield Slot(_spoken(here), (*here, kept), (*here, "grad"))


def _kindred(layer: Any, path: Path) -> Iterator[Slot]:
    names = _names(layer)
    for name in names:
        if _array(getattr(layer, name)) is None:
            kept = getattr(layer, name)
            held = next((a for a in ("data", "value") if _has_array(kept, a)), None)
            if held and "grad" in _names(kept):
                here = (*path, name)
                yield Slot(_spoken(here), (*here, held), (*here, "grad"))
            continue
        for pattern in _KINDRED:
            other = pattern.format(name)
            slope = getattr(layer, other, None)
            if other in names and (slope is None or hasattr(slope, "shape")):
                yield _slot((*path, name), (*path, other))
                break


def _parts(layer: Any) -> Iterator[tuple[Path, Any]]:
    """Layers inside a layer: objects with forward and backward, alone, in lists or in dicts."""
    for name in _names(layer):
        value = getattr(layer, name)
        if _is_layer(value):
            yield (name,), value
        elif isinstance(value, (list, tuple)):
            yield from (((name, str(k)), part) for k, part in enumerate(value) if _is_layer(part))
        elif isinstance(value, Mapping):
            yield from (((name, str(k)), part) for k, part in value.items() if _is_layer(part))


def _is_layer(value: Any) -> bool:
    return not isinstance(value, type) and all(
        callable(getattr(value, name, None)) for name in ("forward", "backward")
    )


def _overwritten(layer: Any, slot: Slot, run: Callable[[Any], None]) -> bool:
    """Whether forward replaces the value: then it is something kept, not a parameter."""
    trial = copy.deepcopy(layer)
    changed = np.asarray(slot.read(trial), dtype=np.float64) * 1.001 + 0.001
    changed = changed.astype(np.asarray(slot.read(trial)).dtype)
    slot.write(trial, changed)
    try:
        run(trial)
    except (ValueError, ArithmeticError, IndexError):
        return False
    return not np.array_equal(np.asarray(slot.read(trial)), changed)


def follow(layer: Any, path: Path) -> Any:
    """The value at a path: attributes, keys, indices and calls."""
    for step in path:
        if isinstance(layer, Mapping):
            layer = layer[next((key for key in layer if str(key) == step), step)]
        elif isinstance(layer, (list, tuple)):
            layer = layer[int(step)]
        else:
            layer = getattr(layer, step.removesuffix("()"))
            if step.endswith("()"):
                layer = layer()
                layer = layer if isinstance(layer, Mapping) else list(layer)
    return layer


def _put(holder: Any, step: str, value: Array) -> None:
    if isinstance(holder, dict):
        holder[next((key for key in holder if str(key) == step), step)] = value
    elif isinstance(holder, list):
        holder[int(step)] = value
    else:
        setattr(holder, step, value)


def _member(layer: Any, name: str) -> tuple[str, Any] | None:
    """An attribute or what a method without arguments gives, with the step that leads to it."""
    value = getattr(layer, name, None)
    if value is None:
        return None
    if not callable(value):
        return name, value
    try:
        value = value()
    except TypeError:
        return None
    if not isinstance(value, Mapping) and not hasattr(value, "__iter__"):
        return None
    return f"{name}()", value if isinstance(value, Mapping) else list(value)


def _slot(value: Path, gradient: Path) -> Slot:
    return Slot(_spoken(value), value, gradient)


def _spoken(path: Path) -> str:
    """A path as a name: what only says that this is a parameter is left out."""
    plain = [step for step in path if step.removesuffix("()") not in _PARAMETERS]
    return ".".join(plain) if plain and not plain[-1].isdigit() else ".".join(path)


def _names(layer: Any) -> list[str]:
    return list(getattr(layer, "__dict__", {}))


def _array(value: Any) -> Array | None:
    is_array = hasattr(value, "dtype") and hasattr(value, "shape")
    return value if is_array and np.asarray(value).dtype.kind == "f" else None


def _has_array(value: Any, name: str) -> bool:
    return name in _names(value) and _array(getattr(value, name)) is not None
