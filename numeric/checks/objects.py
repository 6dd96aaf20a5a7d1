"""A layer given as an object with forward(x) and backward(upstream), which keeps state."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from numeric.arrays import real_array
from numeric.checks.conventions import Slot, found_slots, named_slots
from numeric.checks.subjects import (
    Array,
    Session,
    Subject,
    Values,
    argument_names,
    gradient_array,
    named_gradients,
    repeated_random_numbers,
    split,
)
from symbolic.errors import UnsupportedError

_CLEARING = ("zero_grad", "zero_grads", "zero_gradients", "zerograds", "clear_grad", "cleargrads")


class LayerObject(Subject):
    """Every session works on a deep copy: the object that was given is never run or changed."""

    def __init__(self, layer: Any, x: Any, parameters: Mapping[str, str] | None) -> None:
        super().__init__(type(layer).__name__)
        self.layer = self._copied(layer)
        self.arguments = x if isinstance(x, tuple) else (x,)
        self.names = argument_names(self.forward_of(layer), len(self.arguments))
        self.slots: list[Slot] = []
        self.start, self.constants = split(self.arguments, self.names, promote=False)
        self._find(parameters)
        if not self.start and not self.slots:
            self.start, self.constants = split(self.arguments, self.names)
            self._find(parameters)
        self.slots = [self._apart(slot) for slot in self.slots]
        for slot in self.slots:
            self.start[slot.name] = np.array(real_array(slot.read(self.layer), slot.name))
        self._reused = self._without_memory()

    def _find(self, parameters: Mapping[str, str] | None) -> None:
        """The parameters, by running forward and backward once."""
        self.inputs, self.given = tuple(self.start), dict(self.start)
        used = _ObjectSession(self)
        result = used.run(np.ones_like(used.forward(self.start)))
        self.slots = self._slots(parameters, used.layer)
        if result is None and self.slots and self.inputs:
            self.notes.append(f"backward returns no gradient of {', '.join(self.inputs)}")
            self.start, self.inputs = {}, ()

    def _apart(self, slot: Slot) -> Slot:
        """A parameter that does not share its name with an input."""
        return replace(slot, name=f"self.{slot.name}") if slot.name in self.names else slot

    @staticmethod
    def forward_of(layer: Any) -> Any:
        """The method that computes the output."""
        return getattr(layer, "forward", layer)

    def session(self) -> Session:
        return _ObjectSession(self)

    def output(self, values: Values) -> Array:
        """By one session for all where forward remembers nothing, else each time by a new one."""
        return (self._reused or self.session()).forward(values)

    def clears(self) -> bool:
        return any(callable(getattr(self.layer, name, None)) for name in _CLEARING)

    def _without_memory(self) -> Session | None:
        """A session whose forward gives the same output whatever it was asked before."""
        session = self.session()
        other = {name: value * 1.01 + 0.01 for name, value in self.start.items()}
        try:
            first, _, again = (session.forward(v) for v in (self.start, other, self.start))
        except (ValueError, ArithmeticError, IndexError):
            return None
        fresh = self.session().forward(self.start)
        same = np.array_equal(first, again, equal_nan=True)
        return session if same and np.array_equal(first, fresh, equal_nan=True) else None

    def _slots(self, parameters: Mapping[str, str] | None, used: Any) -> list[Slot]:
        if parameters is not None:
            return named_slots(self.layer, parameters)
        slots = found_slots(self.layer, used, self._run)
        known = [slot.read(self.layer) for slot in slots]
        known += [slot.read_gradient(self.layer) for slot in slots]
        unknown = [
            name
            for name, value in getattr(self.layer, "__dict__", {}).items()
            if isinstance(value, np.ndarray) and value.dtype.kind == "f"
            if not any(
                each is not None and np.shares_memory(value, np.asarray(each)) for each in known
            )
        ]
        self.unchecked = tuple(name for name in unknown if self._moves_the_output(name))
        return slots

    def _moves_the_output(self, name: str) -> bool:
        """Whether the output depends on an array of the layer."""
        before = _ObjectSession(self).forward(self.start)
        trial = self._copied(self.layer)
        value = getattr(trial, name)
        setattr(trial, name, (value * 1.01 + 0.01).astype(value.dtype))
        try:
            after = _ObjectSession(self, trial).forward(self.start)
        except (ValueError, ArithmeticError, IndexError):
            return True
        return not np.array_equal(before, after, equal_nan=True)

    def _run(self, layer: Any) -> None:
        session = _ObjectSession(self, layer)
        session.forward(self.start)

    def _copied(self, layer: Any) -> Any:
        try:
            return copy.deepcopy(layer)
        except Exception as error:
            raise UnsupportedError(
                f"a layer of type {type(layer).__name__}",
                f"it cannot be copied ({error})",
                "check a pair of functions (forward, backward) instead",
            ) from error

    def placed(self, values: Values) -> list[Any]:
        """All inputs in order, copied."""
        return [
            given
            if place in self.constants
            else np.array(values[name] if name in values else self.given[name])
            for place, (name, given) in enumerate(zip(self.names, self.arguments, strict=True))
        ]


class _ObjectSession(Session):
    def __init__(self, subject: LayerObject, layer: Any = None) -> None:
        super().__init__()
        self.subject = subject
        self.layer = copy.deepcopy(subject.layer) if layer is None else layer

    def forward(self, values: Values) -> Array:
        subject = self.subject
        for slot in subject.slots:
            slot.write(self.layer, values[slot.name])
        self.values, self.given = values, subject.placed(values)
        with repeated_random_numbers(), np.errstate(all="ignore"):
            output = subject.forward_of(self.layer)(*self.given)
        self._compare("forward")
        return np.array(real_array(output, "forward(x)"))

    def backward(self, upstream: Array) -> dict[str, Array | None]:
        slots = self.subject.slots
        for slot in slots:
            held = slot.read_gradient(self.layer)
            self.before[slot.name] = None if held is None else np.array(held)
        found = self._of_inputs(self.run(upstream))
        for slot in slots:
            found[slot.name] = gradient_array(slot.read_gradient(self.layer), slot.name)
        if not self.takes_upstream():
            scale = float(np.sum(upstream))
            found = {name: None if g is None else g * scale for name, g in found.items()}
        return found

    def run(self, upstream: Array) -> Any:
        """What backward returns."""
        given = np.array(upstream)
        with repeated_random_numbers(), np.errstate(all="ignore"):
            result = self.layer.backward(*([given] if self.takes_upstream() else []))
        if not np.array_equal(given, upstream, equal_nan=True):
            self.changed.add("backward changes the upstream gradient in place")
        self._compare("backward")
        return result

    def takes_upstream(self) -> bool:
        """Whether backward has a place for the upstream gradient; a loss may need none."""
        try:
            return bool(inspect.signature(self.layer.backward).parameters)
        except (TypeError, ValueError):
            return True

    def _of_inputs(self, result: Any) -> dict[str, Array | None]:
        names = self.subject.inputs
        if result is None or (isinstance(result, (tuple, list)) and not result):
            return dict.fromkeys(names)
        if isinstance(result, (tuple, list)) and len(result) == len(self.subject.names):
            gradients = named_gradients(result, self.subject.names)
        else:
            gradients = named_gradients(result, names) if names else {}
        return {name: gradient_array(gradients.get(name), name) for name in names}

    def _compare(self, who: str) -> None:
        values = dict(zip(self.subject.names, self.given, strict=True))
        for name in self.subject.inputs:
            if not np.array_equal(values[name], self.values[name], equal_nan=True):
                self.changed.add(f"{who} changes {name} in place")
