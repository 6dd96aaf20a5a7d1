"""A layer at one point: its output and its gradients as functions of the variables of the mathematics."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derivations.verification.functions.calling import CallError
from derivations.verification.functions.float_sides import FloatPoint
from derivations.verification.layers.arguments import LayerArguments, is_torch_module
from numeric.checks.conventions import follow
from numeric.checks.function_pairs import FunctionPair
from numeric.checks.layer_claims import Claims
from numeric.checks.layers import subject_of
from numeric.checks.objects import LayerObject
from numeric.checks.subjects import RefusedError, Subject
from symbolic.errors import ChainruleError
from symbolic.nodes import Variable

Array = Any
Values = Mapping[str, Array]

_SINGLE = 2.0**-23  # the spacing of the numbers of float32 at 1
_WHOLE = ("index", "counts")  # domains whose values a layer gets as integers


class LayerRun:
    """A layer with parameters and inputs at a point, called as `numeric.check_layer` calls it.

    `names` gives the names that the subject has for variables that have gradients, `unknown` are the
    arguments that no variable is. Variables that are not `wanted` are constants. A subject that is
    `like` this one is used again where nothing but its arguments tells points apart.
    """

    def __init__(
        self,
        layer: Any,
        arguments: LayerArguments,
        point: FloatPoint,
        upstream: Variable,
        wanted: frozenset[Variable],
        like: Subject | None = None,
    ) -> None:
        self.point, self.upstream = point, upstream.name
        if like is None or not _differs_by_arguments_only(like, arguments):
            inputs = tuple(_given(variable, point) for variable in arguments.inputs)
            own = _with_parameters(layer, arguments, point)
            self.subject: Subject = protected(
                "the layer", lambda: subject_of(own, inputs, arguments.gradients or None)
            )
        else:
            self.subject = copy.copy(like)
        self.names = _names(self.subject, arguments)
        self.unknown = [name for name in self.subject.start if name not in self.names.values()]
        self._hold(arguments, wanted)
        self.subject.start = self._own(point.values)
        self.claims = Claims(self.subject)
        self._kept: dict[bytes, dict[str, Array | None]] = {}

    def _hold(self, arguments: LayerArguments, wanted: frozenset[Variable]) -> None:
        """Takes inputs that are not wanted for constants, where backward may leave them out."""
        if not isinstance(self.subject, (FunctionPair, LayerObject)):
            return
        for place, variable in enumerate(arguments.inputs):
            if variable not in wanted and variable in self.names:
                name = self.names.pop(variable)
                del self.subject.start[name]
                self.subject.constants.add(place)
                self.subject.inputs = tuple(n for n in self.subject.inputs if n != name)

    def _notice_adding(self, values: Values) -> None:
        """Finds gradients to which backward adds, where a layer keeps them."""
        upstream = values[self.upstream]
        if isinstance(self.subject, LayerObject) and self.subject.slots:
            output = self.output(values)
            if output.shape == upstream.shape:
                self.claims.notice_adding(upstream.astype(output.dtype), _SINGLE)

    def gives(self, variable: Variable, values: Values) -> bool:
        """Whether backward gives a gradient of a variable."""
        name = self.names.get(variable)
        return name is not None and self.gradients(values)[name] is not None

    def output(self, values: Values) -> Array:
        """The output of forward at values by the names of the mathematics. Raises `CallError`."""
        return protected("forward", lambda: self.subject.session().forward(self._own(values)))

    def gradient(self, variable: Variable) -> Callable[[Values], Array]:
        """The gradient of one variable at such values, of which the upstream gradient is one."""

        def at(values: Values) -> Array:
            found = self.gradients(values)[self.names[variable]]
            return np.zeros(0) if found is None else found

        return at

    def gradients(self, values: Values) -> dict[str, Array | None]:
        """All gradients by the names of the subject. Raises `CallError` and `RefusedError`."""
        key = b"".join(np.ascontiguousarray(array).tobytes() for array in values.values())
        if key not in self._kept:
            self._kept[key] = protected("backward", lambda: self._gradients(values))
        return self._kept[key]

    def _gradients(self, values: Values) -> dict[str, Array | None]:
        if not self._kept:
            self._notice_adding(values)
        session = self.subject.session()
        output = session.forward(self._own(values))
        upstream = np.asarray(values[self.upstream], dtype=output.dtype).reshape(output.shape)
        found = self.claims.from_session(session, upstream)
        return {name: _no_finer(g, output) for name, g in found.items()}

    def _own(self, values: Values) -> dict[str, Array]:
        """Values by the names of the subject, in its precision."""
        start = self.subject.start
        own = {name: np.array(values[v.name], start[name].dtype) for v, name in self.names.items()}
        return {**start, **own}


def _no_finer(gradient: Array | None, output: Array) -> Array | None:
    """A gradient in no more digits than the output has."""
    coarser = gradient is not None and np.finfo(output.dtype).eps > np.finfo(gradient.dtype).eps
    return gradient.astype(output.dtype) if gradient is not None and coarser else gradient


def _differs_by_arguments_only(subject: Any, arguments: LayerArguments) -> bool:
    """Whether all that differs between points is what a subject is given at each call."""
    names = set(_names(subject, arguments).values())
    return not arguments.parameters and set(subject.start) == names and not subject.constants


def _given(variable: Variable, point: FloatPoint) -> Any:
    array = np.array(point.arrays[variable])
    return array.astype(np.int64) if variable.domain in _WHOLE else array


def _with_parameters(layer: Any, arguments: LayerArguments, point: FloatPoint) -> Any:
    """A copy of the layer whose parameters have the values of the point."""
    if not arguments.parameters:
        return layer
    own = copy.deepcopy(layer)
    if is_torch_module(own):
        torch = sys.modules["torch"]
        held = dict(own.named_parameters())
        for variable, place in arguments.parameters.items():
            held[place].data = torch.tensor(
                point.arrays[variable], dtype=held[place].dtype, device=held[place].device
            )
        return own
    for variable, place in arguments.parameters.items():
        follow(own, tuple(place.split(".")))[...] = point.arrays[variable]
    return own


def _names(subject: Subject, arguments: LayerArguments) -> dict[Variable, str]:
    """The names that a subject has for variables."""
    positional = getattr(subject, "names", ())
    names = {v: n for v, n in zip(arguments.inputs, positional, strict=False) if n in subject.start}
    for variable, place in arguments.parameters.items():
        if not isinstance(subject, LayerObject):
            names[variable] = place
            continue
        array = follow(subject.layer, tuple(place.split(".")))
        for slot in subject.slots:
            if slot.read(subject.layer) is array:
                names[variable] = slot.name
    return names


def protected(what: str, run: Callable[[], Any]) -> Any:
    """What a layer gives; what it raises as an error of ours."""
    try:
        return run()
    except (ChainruleError, RefusedError):
        raise
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        raise CallError(
            what, f"it raises {type(error).__name__}: {lines[0][:200]}", "let it take these sizes"
        ) from error
