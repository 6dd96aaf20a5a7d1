"""PyTorch layers: a `torch.autograd.Function`, or a module (whose parameters are checked too).

PyTorch is never imported: the layer belongs to it, so it is loaded.
"""

from __future__ import annotations

import copy
import sys
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

_REFUSALS = ("invalid gradient", "incorrect number of gradients")


def is_torch_layer(layer: Any) -> bool:
    """Whether a layer is a module, or an autograd function (the class or an object of it)."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    kind = layer if isinstance(layer, type) else type(layer)
    return issubclass(kind, (torch.autograd.Function, torch.nn.Module))


class TorchLayer(Subject):
    """In float64 where the layer runs in it, else in its own precision."""

    def __init__(self, layer: Any, x: Any) -> None:
        self.torch: Any = sys.modules["torch"]
        self.module = copy.deepcopy(layer) if isinstance(layer, self.torch.nn.Module) else None
        self.function: Any = layer if isinstance(layer, type) else type(layer)
        super().__init__(self.function.__name__)
        self.arguments = x if isinstance(x, tuple) else (x,)
        self.names = self._names(len(self.arguments))
        self.device = self._device()
        parameters = self._parameters()
        self.start, self.constants = split(self.arguments, self.names, promote=not parameters)
        self.inputs = tuple(self.start)
        self.start |= parameters
        self._promote()

    def _names(self, count: int) -> tuple[str, ...]:
        if self.module is not None:
            return argument_names(self.module.forward, count)
        base = self.torch.autograd.Function
        with_context = self.function.setup_context is base.setup_context
        return argument_names(self.function.forward, count, skipped=1 if with_context else 0)

    def _parameters(self) -> dict[str, Array]:
        if self.module is None:
            return {}
        named = dict(self.module.named_parameters())
        return {name: real_array(p, name) for name, p in named.items() if p.is_floating_point()}

    def _device(self) -> Any:
        tensors = [each for each in self.arguments if isinstance(each, self.torch.Tensor)]
        if self.module is not None:
            tensors += list(self.module.parameters())
        return tensors[0].device if tensors else self.torch.device("cpu")

    def _promote(self) -> None:
        """Goes on in float64 if forward and backward run there and keep it."""
        if all(array.dtype == np.float64 for array in self.start.values()):
            return
        own, own_module = dict(self.start), self.module
        self.start = {name: array.astype(np.float64) for name, array in own.items()}
        if own_module is not None:
            self.module = copy.deepcopy(own_module).double()
        try:
            session = self.session()
            output = session.forward(self.start)
            session.backward(np.ones_like(output))
            wide = output.dtype == np.float64
        except RefusedError:
            return
        except (RuntimeError, TypeError, NotImplementedError):
            wide = False
        if wide:
            self.notes.append("promoted to float64")
            return
        self.notes.append("compared in its own precision: it does not run in float64")
        self.start, self.module = own, own_module

    def session(self) -> Session:
        return _TorchSession(self)

    def output(self, values: Values) -> Array:
        return joined(self.run({name: self.tensor(value) for name, value in values.items()}))

    def tensor(self, value: Array) -> Any:
        """An array as a tensor of its own."""
        return self.torch.tensor(np.asarray(value), device=self.device)

    def run(self, tensors: dict[str, Any]) -> Any:
        """What forward returns, with random numbers that start alike each time."""
        given = [
            value if place in self.constants else tensors[name]
            for place, (name, value) in enumerate(zip(self.names, self.arguments, strict=True))
        ]
        generator = self.torch.default_generator
        before = generator.get_state()
        generator.manual_seed(0)
        try:
            if self.module is None:
                return self.function.apply(*given)
            state = {name: buffer.clone() for name, buffer in self.module.named_buffers()}
            state |= {name: tensors[name] for name in tensors if name not in self.inputs}
            return self.torch.func.functional_call(self.module, state, tuple(given))
        finally:
            generator.set_state(before)


class _TorchSession(Session):
    def __init__(self, layer: TorchLayer) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, values: Values) -> Array:
        self.leaves = {
            name: self.layer.tensor(value).requires_grad_() for name, value in values.items()
        }
        given = {name: leaf.clone() for name, leaf in self.leaves.items()}
        self.result = self.layer.run(given)
        for name, leaf in self.leaves.items():
            if not self.layer.torch.equal(given[name].detach(), leaf.detach()):
                self.changed.add(f"forward changes {name} in place")
        return joined(self.result)

    def backward(self, upstream: Array) -> dict[str, Array | None]:
        torch, names = self.layer.torch, list(self.leaves)
        flat, pairs, first = upstream.ravel(), [], 0
        for each in tensors_of(self.result):
            part = self.layer.tensor(flat[first : first + each.numel()].reshape(tuple(each.shape)))
            first += each.numel()
            if each.requires_grad:
                pairs.append((each, part.to(each.dtype)))
        if not pairs:
            return dict.fromkeys(names)
        outputs, parts = zip(*pairs, strict=True)
        given = [part.clone() for part in parts]
        try:
            found = torch.autograd.grad(
                outputs,
                [self.leaves[n] for n in names],
                given,
                allow_unused=True,
                retain_graph=True,
            )
        except RuntimeError as error:
            if any(mark in str(error) for mark in _REFUSALS):
                raise RefusedError(f"PyTorch refuses what backward returns: {error}") from error
            raise
        if not all(torch.equal(a, b) for a, b in zip(given, parts, strict=True)):
            self.changed.add("backward changes the upstream gradient in place")
        return {
            name: None if g is None else np.array(real_array(g, f"the gradient of {name}"))
            for name, g in zip(names, found, strict=True)
        }


def tensors_of(result: Any) -> list[Any]:
    """The real tensors in what forward returns, in order."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (tuple, list)):
        return [each for part in result for each in tensors_of(part)]
    is_real = hasattr(result, "is_floating_point") and result.is_floating_point()
    return [result] if is_real else []


def joined(result: Any) -> Array:
    """One output in its shape, several as one vector."""
    arrays = [np.array(real_array(each, "forward(x)")) for each in tensors_of(result)]
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate([array.ravel() for array in arrays]) if arrays else np.zeros(0)
