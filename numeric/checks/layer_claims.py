"""The gradients that a layer claims, each computed once for each upstream gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from numeric.checks.cotangents import same
from numeric.checks.subjects import Session, Subject

Array = Any


class Claims:
    """What backward gives for an upstream gradient, by argument; None where it gives nothing.

    Where backward adds to what is there, the claim is what it adds.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.adding: set[str] = set()  # arguments whose gradient adds up over calls
        self.changed: set[str] = set()
        self._kept: dict[bytes, dict[str, Array | None]] = {}

    def of(self, upstream: Array) -> dict[str, Array | None]:
        """All gradients, for a layer that is as it was given."""
        key = upstream.tobytes()
        if key not in self._kept:
            session = self.subject.session()
            session.forward(self.subject.start)
            self._kept[key] = self.from_session(session, upstream)
        return self._kept[key]

    def from_session(self, session: Session, upstream: Array) -> dict[str, Array | None]:
        """The gradients of one call of backward in a session."""
        given = session.backward(upstream)
        self.changed |= session.changed
        return {name: self._added(name, value, session) for name, value in given.items()}

    def _added(self, name: str, value: Array | None, session: Session) -> Array | None:
        before = session.before.get(name)
        if name in self.adding and value is not None and before is not None:
            return value - before
        return value

    def notice_adding(self, upstream: Array, eps: float) -> None:
        """Finds the gradients to which a second call of backward adds the same again."""
        session = self.subject.session()
        session.forward(self.subject.start)
        first = session.backward(upstream)
        before = dict(session.before)
        session.forward(self.subject.start)
        second = session.backward(upstream)
        for name, value in first.items():
            if name not in before or value is None or second[name] is None:
                continue
            old = before[name]
            start = old if old is not None and np.shape(old) == value.shape else 0 * value
            step = value - start
            if np.any(step) and same(second[name] - value, step, eps):
                self.adding.add(name)
        self._kept.clear()
