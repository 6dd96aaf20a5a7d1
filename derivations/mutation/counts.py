"""What was changed and what was caught, by kind of change, as a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class MutationCounts:
    """How many changed derivations were made of each kind, and what a check said to them."""

    refuted: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, verdict: str) -> None:
        """Count one changed derivation by the verdict of its check."""
        if verdict in ("proved", "verified"):
            self.passed[kind] += 1
        else:
            getattr(self, verdict)[kind] += 1

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of change, in alphabetical order."""
        return tuple(sorted({*self.refuted, *self.undecided, *self.passed}))

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [
            ("change", "made", "refuted", "undecided", "passed", "caught")
        ]
        for kind in (*self.kinds, "all"):
            chosen = [kind] if kind != "all" else list(self.kinds)
            refuted, undecided, passed = (
                sum(counter[each] for each in chosen)
                for counter in (self.refuted, self.undecided, self.passed)
            )
            made = refuted + undecided + passed
            share = f"{100 * (made - passed) / made:.1f} %" if made else "-"
            rows.append((kind, *map(str, (made, refuted, undecided, passed)), share))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            row[0].ljust(widths[0])
            + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
            for row in rows
        )
