"""The answer about a layer, as a person reads it and as a program does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from derivations.verification.functions.numeric_answers import WORST_LAST
from derivations.verification.result import WIDTH, Verification
from numeric.shown import html_table, shortened
from symbolic.errors import NameUnknownError

_NAME = 20  # columns of a name


@dataclass(frozen=True, repr=False)
class LayerVerification:
    """The answer of `verify_layer`; `found["W"]` is that about one argument.

    verdict    "verified", "refuted" or "undecided": the worst of all
    title      the layer
    reason     one sentence
    forward    whether forward computes the mathematics
    arguments  for each variable, whether backward gives its gradient
    faults     what is wrong beside the formulas: gradients that add up, a cache that is too old
    notes      promotions, changes in place
    """

    verdict: str
    title: str
    reason: str
    forward: Verification
    arguments: Mapping[str, Verification]
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int = 0

    @classmethod
    def of(
        cls,
        title: str,
        forward: Verification,
        arguments: Mapping[str, Verification],
        faults: tuple[str, ...],
        notes: tuple[str, ...],
        seed: int,
        tried: str = "",
    ) -> LayerVerification:
        """The answer from its parts; `tried` says at which entries all of them were found right."""
        parts = {"forward": forward, **arguments}
        verdict = max((part.verdict for part in parts.values()), key=WORST_LAST.index)
        if faults:
            verdict = "refuted"
        reason = _reason(verdict, parts, faults)
        if verdict == "verified" and tried:
            reason += f"; {tried}"
        return cls(verdict, title, reason, forward, dict(arguments), faults, notes, seed)

    @property
    def passed(self) -> bool:
        """Whether the layer is verified."""
        return self.verdict == "verified"

    def __getitem__(self, argument: str) -> Verification:
        if argument not in self.arguments:
            found = f"the arguments are {', '.join(self.arguments)}"
            raise NameUnknownError(f"found[{argument!r}]", found, "ask for one of them")
        return self.arguments[argument]

    def as_dict(self) -> dict[str, Any]:
        """Everything as strings, numbers, lists and mappings, as JSON has them."""
        return {
            "verdict": self.verdict,
            "passed": self.passed,
            "title": self.title,
            "reason": self.reason,
            "forward": self.forward.as_dict(),
            "arguments": {name: part.as_dict() for name, part in self.arguments.items()},
            "faults": list(self.faults),
            "notes": list(self.notes),
            "seed": self.seed,
        }

    def to_json(self) -> str:
        """The answer as JSON."""
        return json.dumps(self.as_dict(), indent=2)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The answer in lines of at most 80 columns."""
        head = f"{self.title}: {self.verdict}: {self.reason}"
        yield from wrap(head, WIDTH, subsequent_indent="    ")
        for name, verdict, told in self._rows():
            row = f"  {shortened(name, _NAME):{_NAME}}  {verdict:9}  {told}".rstrip()
            yield from wrap(row, WIDTH, subsequent_indent=" " * 8, drop_whitespace=True) or [row]
        for fault in self.faults:
            yield from wrap(f"  fault: {fault}", WIDTH, subsequent_indent="    ")
        for note in self.notes:
            yield from wrap(f"  note: {note}", WIDTH, subsequent_indent="    ")
        for name, part in {"forward": self.forward, **self.arguments}.items():
            if part.verdict == "refuted":
                yield ""
                yield f"{shortened(name, WIDTH - 1)}:"
                yield from part.lines()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        foot = "; ".join((self.reason, *self.faults, *self.notes))
        return html_table(
            ("argument", "verdict", "mistake"),
            self._rows(),
            f"{self.title}: {self.verdict}. {foot}",
        )

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        for name, part in {"forward": self.forward, **self.arguments}.items():
            told = "; ".join(map(str, part.mistakes)) or part.reason * (part.verdict == "refuted")
            yield name, part.verdict, told


def _reason(verdict: str, parts: Mapping[str, Verification], faults: tuple[str, ...]) -> str:
    for name, part in parts.items():
        if part.verdict == verdict and verdict != "verified":
            return f"{name}: {part.reason}"
    if faults:
        return f"each gradient is right in a first call, but {faults[0]}"
    return "by numbers only: forward and all gradients agree with the mathematics"
