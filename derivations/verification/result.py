"""What a verification found, as a person reads it and as a program does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap
from typing import Any

from derivations.rendering.wrapping import wrapped
from derivations.verification.equality.decision import Counterexample
from symbolic import Expression

WIDTH = 80
_LABEL = 15  # columns of the labels
_ENTRIES = 12  # numbers of one variable that a person is shown


@dataclass(frozen=True)
class Mistake:
    """A slip in a claim, itself verified: `repaired`, the claim without it, is right.

    kind      a word for a program: "sign", "factor", "transposed", ...
    detail    a sentence for a person: "claim = n * correct"
    repaired  the claim without the slip
    """

    kind: str
    detail: str
    repaired: Expression

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True, repr=False)
class Verification:
    """The answer to one question about a claim.

    verdict         "proved", "verified", "refuted" or "undecided"
    method          how it was reached: "algebra", "enclosures", "shapes", "finite differences", ...
    reason          one sentence
    question        what was asked: "the gradient of norm(x)**2 by x"
    claim, correct  the claim and the right answer; None where there is no expression of it
    points          rational points at which both were enclosed; their `sizes`, the `seed` that drew them
    assumptions     facts that the verdict rests on
    counterexample  a rational point at which the two differ, with both values
    mistakes        slips that explain the difference
    right_if        assumptions under which the claim would be right
    notes           readings that were taken, and whatever else a reader should know
    """

    verdict: str
    method: str
    reason: str
    question: str
    claim: Expression | None = None
    correct: Expression | None = None
    points: int = 0
    sizes: tuple[Mapping[str, int], ...] = ()
    seed: int = 0
    assumptions: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    mistakes: tuple[Mistake, ...] = ()
    right_if: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the claim is proved or verified."""
        return self.verdict in ("proved", "verified")

    def as_dict(self) -> dict[str, Any]:
        """Everything as strings, numbers, lists and mappings, as JSON has them."""
        found = self.counterexample
        return {
            "verdict": self.verdict,
            "passed": self.passed,
            "method": self.method,
            "reason": self.reason,
            "question": self.question,
            "claim": _text(self.claim),
            "correct": _text(self.correct),
            "points": self.points,
            "sizes": [dict(sizes) for sizes in self.sizes],
            "seed": self.seed,
            "assumptions": list(self.assumptions),
            "counterexample": None
            if found is None
            else {
                "sizes": dict(found.sizes),
                "point": {name: _plain(value) for name, value in found.point.items()},
                "entry": list(found.entry),
                "correct": found.left,
                "claimed": found.right,
            },
            "mistakes": [
                {"kind": each.kind, "detail": each.detail, "repaired": str(each.repaired)}
                for each in self.mistakes
            ],
            "right_if": list(self.right_if),
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """The answer as JSON."""
        return json.dumps(self.as_dict(), indent=2)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The answer in lines of at most 80 columns."""
        yield from wrap(f"{self.verdict}: {self.reason}", WIDTH, subsequent_indent="    ")
        for label, text, is_formula in self.details():
            room = WIDTH - _LABEL
            parts = wrapped(text, room) if is_formula else wrap(text, room)
            for place, part in enumerate(parts):
                yield f"  {label if place == 0 else '':<{_LABEL - 2}}{part}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from derivations.verification.rendering import as_html

        return as_html(self)

    def details(self) -> Iterator[tuple[str, str, bool]]:
        """Labels and texts, and whether a text is a formula."""
        yield "asked", self.question, False
        if self.claim is not None:
            yield "claimed", str(self.claim), True
        if self.correct is not None:
            yield "correct", str(self.correct), True
        for mistake in self.mistakes:
            yield "mistake", str(mistake), False
        for assumption in self.right_if:
            yield "right if", assumption, False
        if self.counterexample is not None:
            yield from _counterexample(self.counterexample)
        if self.assumptions:
            yield "assumes", "; ".join(self.assumptions), False
        if self.points and self.counterexample is None:
            where = "; ".join(_sizes(sizes) for sizes in self.sizes if sizes)
            text = f"{self.points} rational point" + "s" * (self.points > 1)
            yield (
                "compared at",
                f"{text}{where and ' ('}{where}{where and ')'}, seed {self.seed}",
                False,
            )
        for note in self.notes:
            yield "note", note, False


def _counterexample(found: Counterexample) -> Iterator[tuple[str, str, bool]]:
    place, entry = place_of(found)
    yield "at", place, False
    yield "", f"{entry}claimed {found.right}, correct {found.left}", False


def place_of(found: Counterexample) -> tuple[str, str]:
    """Where two sides differ, as a person reads it: the point, and the words before an entry."""
    values = [_sizes(found.sizes)] if found.sizes else []
    values += [f"{name} = {_shown(value)}" for name, value in found.point.items()]
    entry = f"in entry {list(found.entry)}: " if found.entry else ""
    return ", ".join(values) or "every point", entry


def _sizes(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{letter} = {number}" for letter, number in sizes.items())


def _shown(value: Any) -> str:
    """A number or nested lists of numbers, long ones cut."""
    if not isinstance(value, (list, tuple)):
        return str(value)
    parts = [_shown(each) for each in value[:_ENTRIES]]
    return "[" + ", ".join(parts) + ", ..." * (len(value) > _ENTRIES) + "]"


def _plain(value: Any) -> Any:
    """Fractions as text, which loses nothing; lists as lists."""
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Fraction) else value


def _text(expression: Expression | None) -> str | None:
    return None if expression is None else str(expression)
