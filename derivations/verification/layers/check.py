"""Verifying the code of a layer against its mathematics: forward, and every gradient of backward.

With G the upstream gradient, backward has to give D(sum(G*f), a) for every argument a of f = forward.
That derivative is enclosed exactly at random points, and the code is judged by its rounding alone. A
gradient that is off is compared with the usual slips of the chain rule in f.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from derivations.verification.functions.calling import CallError
from derivations.verification.functions.float_points import (
    Point,
    Sizes,
    float_points,
    ladder_points,
    points_on_branches,
    special_points_of,
)
from derivations.verification.functions.float_sides import FloatPoint
from derivations.verification.functions.numeric_answers import entries_tried, numeric_answer
from derivations.verification.functions.numeric_slips import Asked, told_by_numbers
from derivations.verification.functions.point_checks import Finding, check_derivative, check_values
from derivations.verification.layers.arguments import LayerArguments, Places, find_arguments
from derivations.verification.layers.faults import faults_of_memory, slips_by_numbers
from derivations.verification.layers.runs import LayerRun
from derivations.verification.layers.verification import LayerVerification
from derivations.verification.mistakes.slip import Slip
from derivations.verification.result import Verification
from derivations.verification.sympy_inputs import declared_variables
from numeric.branches import Branch, branches, taken
from numeric.checks.subjects import RefusedError
from numeric.seeds import generator
from symbolic import gradient
from symbolic.errors import IndependentWarning, NameUnknownError
from symbolic.nodes import Expression, Variable
from symbolic.operations import constant, multiply, ones, sum
from symbolic.reading.declarations import Given
from symbolic.reading.parser import read
from symbolic.traverse import substitute, variables

_WHOLE = ("index", "counts")  # domains that nothing is differentiated by
_OUTCOMES = ("right", "wrong", "open", "failed")
_STREAM = 1  # other points than those of moderate size
_ENTRYWISE = ("real", "positive", "nonnegative", "unit")


def verify_layer(
    layer: Any,
    f: Any,
    given: Given | None = None,
    *,
    wrt: str | Iterable[str] | None = None,
    parameters: Places | None = None,
    accumulates: bool | None = None,
    seed: int = 0,
) -> LayerVerification:
    """Whether forward computes f, and backward its gradients for every upstream gradient.

    Formula: backward(G) = D(sum(G*f), a) for every argument and parameter a. `layer` is what
    `numeric.check_layer` takes: an object with forward and backward, a pair of functions, a
    `torch.autograd.Function`, a module, or a JAX function with a rule of its own. `f` is its mathematics, as
    text, LaTeX or an expression, in variables that `given` declares.

    Variables are the arguments and parameters of the same names; one that is left is the argument
    that is left. `parameters` says for a variable where its gradient is ("dW"), or the parameter
    and its gradient are (("fc.W", "fc.dW")), or its name in a module. `wrt` are the variables whose
    gradients are wanted, all of them by default; `accumulates=True` allows backward to add to
    gradients that are there. Sizes that no parameter fixes are varied, 1 among them.

    The answer is "verified" at best, by numbers only: at random points, zeros, ties, small integers and
    entries from about 0.001 to 10000 of both signs; it says which of them agreed. At a kink every choice of
    a slope is right, and noted where it is not the one taken here.

    Raises `NameUnknownError` for variables that cannot be matched, and the errors of `parse`, `gradient`
    and `check_layer`.

    >>> class Tanh:
    ...     def forward(self, x):
    ...         self.out = np.tanh(x)
    ...         return self.out
    ...     def backward(self, upstream):
    ...         return upstream * (1 - np.tanh(self.out) ** 2)
    >>> found = verify_layer(Tanh(), "tanh(x)", {"x": "n"})
    >>> found.verdict, found["x"].mistakes[0].kind
    ('refuted', 'derivative at the output')
    """
    whole = read(f, given)
    inside = variables(whole)
    declared = [variable for variable in declared_variables(given).values() if variable in inside]
    order = tuple(dict.fromkeys((*declared, *inside)))
    arguments = find_arguments(layer, order, parameters or {})
    wanted = _wanted(wrt, order, arguments)
    names = {variable.name for variable in order}
    upstream = Variable("G" if "G" not in names else "upstream_", whole.shape)
    question = _Question(layer, whole, upstream, order, wanted, arguments, seed)
    return question.answer(accumulates)


def _wanted(
    wrt: str | Iterable[str] | None, order: Sequence[Variable], arguments: LayerArguments
) -> tuple[Variable, ...]:
    """The variables whose gradients are verified."""
    names = {variable.name: variable for variable in order}
    if wrt is None:
        free = (v for v in order if v not in arguments.constants)
        return tuple(v for v in free if v.domain not in _WHOLE)
    chosen = [wrt] if isinstance(wrt, str) else list(wrt)
    for name in chosen:
        if name not in names:
            raise NameUnknownError(
                f"wrt={name!r}",
                f"the mathematics has the variables {', '.join(names)}",
                "name one of them",
            )
    return tuple(names[name] for name in chosen)


Part = Variable | None
"""A gradient, or forward (None)."""


class _Question:
    """One layer, its mathematics, and what the points have shown so far."""

    def __init__(
        self,
        layer: Any,
        whole: Expression,
        upstream: Variable,
        order: tuple[Variable, ...],
        wanted: tuple[Variable, ...],
        arguments: LayerArguments,
        seed: int,
    ) -> None:
        self.layer, self.whole, self.upstream, self.seed = layer, whole, upstream, seed
        self.order, self.wanted, self.arguments = order, wanted, arguments
        self.weighted = sum(multiply(upstream, whole)) if whole.rank else multiply(upstream, whole)
        parts: tuple[Part, ...] = (None, *wanted)
        self.found: dict[Part, list[Finding]] = {part: [] for part in parts}
        self.unseen: dict[Part, set[Branch]] = {part: branches([whole]) for part in parts}
        self.missing: set[Variable] = set()
        self.runs: list[LayerRun] = []

    def answer(self, accumulates: bool | None) -> LayerVerification:
        """Looks at all points, and says what they have shown."""
        rng = generator(self.seed)
        free = (*self.order, self.upstream)
        exact = list(float_points(free, [self.whole], rng, self.arguments.sizes))
        for located in exact:
            self._look(*located)
        others = generator(self.seed, _STREAM)
        for located in special_points_of(exact, others, [self.upstream]):
            self._look(*located, counted=("right", "wrong"), finite=True)
        for located in ladder_points(exact, self.order, others):
            self._look(*located, counted=("right", "wrong"))
        for located in points_on_branches(exact, self._unseen, rng):
            self._look(*located, counted=("wrong",))
        faults = faults_of_memory(self.runs[0], accumulates, self.seed) if self.runs else ()
        subject = self.runs[0].subject if self.runs else None
        return LayerVerification.of(
            type(self.layer).__name__ if subject is None else subject.title,
            self._of_forward(),
            {variable.name: self._of(variable) for variable in self.wanted},
            faults,
            self._notes(),
            self.seed,
            entries_tried(self.found[None], self.order),
        )

    def _look(
        self,
        point: Point,
        sizes: Sizes,
        *,
        counted: Collection[str] = _OUTCOMES,
        finite: bool = False,
    ) -> None:
        """Looks at a point, unless a gradient is known to be wrong, and keeps what is counted there."""
        if counted is not _OUTCOMES and self._is_refuted():
            return
        for part, finding in self._looked(self._floats(point, sizes), finite).items():
            if finding.outcome == "right":
                self.unseen[part] -= taken(self.unseen[part], point, sizes)
            elif finding.outcome == "wrong":
                self.unseen[part].clear()
            if finding.outcome in counted or finding.says_nothing:
                self.found[part].append(replace(finding, generic=counted is _OUTCOMES))

    def _is_refuted(self) -> bool:
        return any(each.outcome == "wrong" for found in self.found.values() for each in found)

    def _looked(self, point: FloatPoint, finite: bool) -> dict[Part, Finding]:
        """What one point shows of forward (None) and of every gradient."""
        try:
            like = self.runs[0].subject if self.runs else None
            wanted = frozenset(self.wanted)
            run = LayerRun(self.layer, self.arguments, point, self.upstream, wanted, like)
        except CallError as error:
            failed = Finding(point, "failed", str(error))
            return {None: failed, **dict.fromkeys(self.wanted, failed)}
        self.runs.append(run)
        found: dict[Part, Finding] = {
            None: check_values(self.whole, run.output, point, finite=finite)
        }
        for variable in self.wanted:
            finding = self._gradient(run, variable, point, finite)
            if finding is not None:
                found[variable] = finding
        return found

    def _gradient(
        self, run: LayerRun, variable: Variable, point: FloatPoint, finite: bool
    ) -> Finding | None:
        try:
            if not run.gives(variable, point.values):
                self.missing.add(variable)
                return None
            of = run.gradient(variable)
            return check_derivative(
                "gradient", self.weighted, of, variable, point, self.seed, finite=finite
            )
        except RefusedError as refusal:
            return Finding(point, "wrong", str(refusal))
        except CallError as error:
            return Finding(point, "failed", str(error))

    def _floats(self, point: Point, sizes: Sizes) -> FloatPoint:
        """A point that float32 holds exactly, as far as domains allow it."""
        arrays = {}
        for variable, array in point.items():
            floats = np.asarray(array, dtype=np.float64)
            if variable in self.arguments.constants:
                floats = np.full(floats.shape, self.arguments.constants[variable])
            elif variable.domain in _ENTRYWISE:
                floats = floats.astype(np.float32).astype(np.float64)
            arrays[variable] = floats.astype(self.arguments.dtypes.get(variable, np.float64))
        return FloatPoint(arrays, sizes)

    def _of_forward(self) -> Verification:
        asked = Asked(None, self.whole)
        return numeric_answer(
            self.found[None], "whether forward computes f", asked, "the enclosed value", self.seed,
            unseen=self.unseen[None], ranged=self.order,
        )  # fmt: skip

    def _of(self, variable: Variable) -> Verification:
        name = variable.name
        question = f"the gradient of sum({self.upstream.name}*f) by {name} that backward gives"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IndependentWarning)
            correct = gradient(self.weighted, variable)
        if variable in self.missing:
            reason = (
                f"backward gives no gradient of {name}; leave it out by wrt, if it is a constant"
            )
            return Verification("undecided", "not given", reason, question, correct=correct)
        asked = Asked(None, correct, self.weighted, variable, 1)
        found = numeric_answer(
            self.found[variable], question, asked, "the enclosed gradient", self.seed,
            unseen=self.unseen[variable], suspected=self._suspected(correct), ranged=[variable],
        )  # fmt: skip
        wrong = next((each for each in self.found[variable] if each.outcome == "wrong"), None)
        run = next((each for each in self.runs if wrong and each.point is wrong.point), None)
        if wrong is None or run is None or found.mistakes or wrong.kinks:
            return found
        names = slips_by_numbers(run, variable, self.seed)
        slips = told_by_numbers(names, correct)
        return replace(found, mistakes=slips.mistakes, notes=(*found.notes, *slips.notes))

    def _suspected(self, correct: Expression) -> list[Slip]:
        """Slips of backward beside those of the chain rule."""
        shape, upstream = self.whole.shape, self.upstream
        one = ones(*shape) if shape else constant(1)
        ignored = f"the upstream gradient {upstream.name} is ignored: it stands for ones"
        return [
            Slip(0.0, "zero gradient", lambda: "it is never written", 0 * correct, of_correct=True),
            Slip(
                0.5,
                "upstream gradient ignored",
                lambda: ignored,
                substitute(correct, {upstream: one}),
                of_correct=True,
            ),
        ]

    def _unseen(self) -> set[Branch]:
        """Branches that some part has not shown yet."""
        return set().union(*self.unseen.values())

    def _notes(self) -> tuple[str, ...]:
        notes: dict[str, None] = {}
        for run in self.runs:
            notes |= dict.fromkeys((*run.subject.notes, *sorted(run.claims.changed)))
            for name in run.unknown:
                notes[f"the layer has the parameter {name}, which the mathematics has not"] = None
        for variable in self.wanted:
            found = self.found[variable]
            told = [each.convention for each in found if each.convention][:1]
            told += [each.reason for each in found if each.says_nothing][:1]
            notes |= dict.fromkeys(f"gradient of {variable.name}: {words}" for words in told)
        return tuple(notes)
