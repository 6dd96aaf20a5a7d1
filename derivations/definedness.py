"""Where lines have values: what has to hold for it, and what does not follow where it does not hold.

An equation may be multiplied by inv(A) or 1/s only where these have a value. Where the claim has a part
without value as well, it says nothing about such points; elsewhere the part must provably have one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from derivations.derivation import Derivation, Step
from derivations.languages import Side, is_scalar, latex_of
from derivations.lemma import Lemma
from derivations.reasons import RightToLeft
from derivations.statements import Claim, Implication, parts, sides
from symbolic import Assumption, Expression
from symbolic.calculus.conditions import conditions
from symbolic.scalars.conditions import conditions as scalars
from symbolic.scalars.facts import Facts
from symbolic.traverse import unfold


def undefined_between(derivation: Derivation) -> list[str]:
    """What a chain of implications multiplies by, and its claim does not have, without surely a value.

    >>> from derivations import Derivation, equation, follows, implies
    >>> from derivations.rules.equations import multiply_both_sides
    >>> from symbolic import constant, scalar
    >>> s = scalar("s")
    >>> steps = (implies(s, constant(1), by=multiply_both_sides(1 / s)),)
    >>> claim = follows(equation(s**2, s), equation(s, constant(1)))
    >>> undefined_between(Derivation((s,), claim, steps))
    ['s != 0 need not hold where the premise does']
    """
    found = []
    for claim, chain in zip(derivation.claims, derivation.chains, strict=False):
        if not isinstance(claim, Implication):
            continue
        said = {_key(each) for each in conditions(_ends(chain))}
        said |= {(about, "x != 0") for about, statement in said if statement == "x > 0"}
        for each in conditions(_between(chain)):
            if _key(each) not in said:
                found.append(f"{_of_arrays(each)} need not hold where the premise does")
    return list(dict.fromkeys(found))


def _key(condition: Assumption) -> tuple[Expression, str]:
    return unfold(condition.about), condition.statement


def _ends(chain: Sequence[Step]) -> Iterator[Expression]:
    for step in (chain[0], chain[-1]):
        yield from (each for each in sides(step.line) if isinstance(each, Expression))


def _between(chain: Sequence[Step]) -> Iterator[Expression]:
    for step in chain[1:-1]:
        yield from (each for each in sides(step.line) if isinstance(each, Expression))
    yield from _about(chain)


def _about(chain: Sequence[Step]) -> Iterator[Expression]:
    """What the reasons of a chain multiply by, and the like."""
    for step in chain[1:]:
        for reason in step.by:
            about = getattr(reason, "about", ())
            yield from (each for each in about if isinstance(each, Expression))


@dataclass(frozen=True)
class Needed:
    """One thing that has to hold for lines to have values, as text and as LaTeX."""

    text: str
    latex: str

    def __str__(self) -> str:
        return self.text


_SAID = {"invertible": "is invertible", "symmetric positive definite": "is symmetric positive definite",
         "distinct eigenvalues": "has distinct eigenvalues",
         "distinct singular values": "has distinct singular values"}  # fmt: skip
_LATEX = {"!= 0": r"\ne 0", ">= 0": r"\ge 0"}


def needed(derivation: Derivation) -> tuple[Needed, ...]:
    """What has to hold for the lines of a derivation to have values, and is not given.

    An equation is about the points at which both its sides have values; these conditions say where.

    >>> from derivations import Derivation, equals, equation
    >>> from symbolic import eye, inv, matrix, rules
    >>> A = matrix("A", "n", "n")
    >>> claim = equation(A @ inv(A), eye("n"))
    >>> print(*needed(Derivation((A,), claim, (equals(eye("n"), by=rules.inverse),))))
    A is invertible
    """
    lines = [side for chain in derivation.chains for step in chain for side in sides(step.line)]
    lines += [each for chain in derivation.chains for each in _about(chain)]
    own = _of_lines(lines, derivation.facts)
    inherited = [each for chain in derivation.chains for each in _of_lemmas(chain)]
    return tuple(dict.fromkeys((*own, *(each for each in inherited if each not in own))))


def _of_lines(lines: Iterable[Side], facts: Facts) -> list[Needed]:
    found = list(
        map(_of_arrays, conditions(each for each in lines if isinstance(each, Expression)))
    )
    for line in lines:
        if is_scalar(line):
            found += [Needed(str(each), each.latex()) for each in scalars(line, facts)]
    return found


def _of_lemmas(chain: Sequence[Step]) -> Iterator[Needed]:
    """What the lines of other pages need, of which the statement that is used shows nothing."""
    for step in chain:
        for reason in step.by:
            while isinstance(reason, RightToLeft):
                reason = reason.reason
            if isinstance(reason, Lemma):
                for each in _hidden(reason.derivation, reason.proved):
                    shown = rf"{each.latex} \text{{ in {reason.name}}}"
                    yield Needed(f"{each}, in {reason.name}", shown)


def _hidden(derivation: Derivation, proved: Claim) -> list[Needed]:
    """What the chain that proves a claim needs and the claim itself does not."""
    for claim, chain in zip(derivation.claims, derivation.chains, strict=False):
        if claim == proved:
            said = _of_lines(parts(claim), derivation.facts)
            lines = [side for step in chain for side in sides(step.line)]
            needs = [*_of_lines([*lines, *_about(chain)], derivation.facts), *_of_lemmas(chain)]
            return [each for each in needs if each not in said]
    return []


def _of_arrays(condition: Assumption) -> Needed:
    about = condition.about
    compared = condition.statement.removeprefix("x ")
    if compared != condition.statement:
        return Needed(f"{about} {compared}", f"{latex_of(about)} {_LATEX.get(compared, compared)}")
    said = _SAID.get(condition.statement, condition.statement)
    return Needed(f"{about} {said}", rf"{latex_of(about)} \text{{ {said}}}")


__all__ = ["Needed", "needed", "undefined_between"]
