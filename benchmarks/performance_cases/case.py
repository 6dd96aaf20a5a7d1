"""What a case is: a loss as text, data, what an expert types, and the loss in a peer's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One row of the table.

    `text` with `given` is all that this project is told. `expert` is a function of the arrays that
    `names` lists; it returns (value, *gradients by `wrt`) or, for a Hessian, the one array. `loss`
    takes the functions of a peer, then the same arrays. `form` is how ours is asked: "called" with
    all arrays, "bound" to the data beforehand, or "compressed" (a Hessian in its structured form).
    """

    name: str
    text: str
    given: Mapping[str, str]
    wrt: tuple[str, ...]
    names: tuple[str, ...]
    data: Callable[[np.random.Generator], Arrays]
    expert: Callable[..., Any]
    loss: Callable[..., Any]
    hessian: bool = False
    form: str = "called"
    target: float | None = None
    arguments: tuple[str, ...] = ()  # of our function, where the result alone lacks a size
    tuned: bool = True  # False for the losses that nobody tuned for
    small: bool = False  # small enough for tools that work entry by entry

    @property
    def bound(self) -> bool:
        """Whether the data are handed over before the calls that are timed."""
        return self.form == "bound"

    @property
    def values(self) -> list[Any]:
        """The arrays in the order of `names`, the same in every run."""
        arrays = self.data(np.random.default_rng(0))
        return [arrays[name] for name in self.names]


@dataclass(frozen=True)
class Loss:
    """What the cases of one loss share; `case` adds sizes and a target."""

    text: str
    given: Mapping[str, str]
    wrt: tuple[str, ...]
    names: tuple[str, ...]
    data: Callable[..., Arrays]
    expert: Callable[..., Any]
    loss: Callable[..., Any]
    options: Mapping[str, Any] = field(default_factory=dict)

    def case(self, name: str, sizes: Sequence[int], **changed: Any) -> Case:
        """A case of these sizes."""
        return Case(
            name,
            data=lambda rng: self.data(rng, *sizes),
            **{
                "text": self.text,
                "given": self.given,
                "wrt": self.wrt,
                "names": self.names,
                "expert": self.expert,
                "loss": self.loss,
                **self.options,
                **changed,
            },
        )


def one_hot(rng: np.random.Generator, rows: int, classes: int) -> np.ndarray:
    """Random labels as rows with a single 1."""
    return np.eye(classes)[rng.integers(0, classes, rows)]
