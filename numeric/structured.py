"""The structured functions (softmax, logsumexp, norm, ...) on jets, from their definitions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from numeric import jets
from numeric.arithmetic import Arithmetic
from numeric.interpreter import run
from numeric.jets import Jet
from numeric.kernels import Operation

Rule = Callable[[Jet, int | None, Arithmetic], Jet]


def _mapped(function: str, jet: Jet, over: Arithmetic) -> Jet:
    program = (Operation("operand", (), 0), Operation("apply", (0,), (function, 0)))
    return run(program, [jet], jet.shape, {}, over)


def _inverse(jet: Jet, over: Arithmetic) -> Jet:
    program = (Operation("operand", (), 0), Operation("power", (0,), Fraction(-1)))
    return run(program, [jet], jet.shape, {}, over)


def _reduced(jet: Jet, axis: int | None, over: Arithmetic) -> Jet:
    """The sum along the axis, or of all entries."""
    labels = tuple(range(len(jet.shape)))
    rest = () if axis is None else tuple(label for label in labels if label != axis)
    return jets.contract([jet], [labels], rest, jet.shape, over.zero)


def _repeated(jet: Jet, like: Jet, axis: int | None, over: Arithmetic) -> Jet:
    """A reduced value repeated along the axis it lost."""
    labels = tuple(range(len(like.shape)))
    rest = () if axis is None else tuple(label for label in labels if label != axis)
    return jets.contract([jet], [rest], labels, like.shape, over.zero)


def _logsumexp(z: Jet, axis: int | None, over: Arithmetic) -> Jet:
    return _mapped("log", _reduced(_mapped("exp", z, over), axis, over), over)


def _softmax(z: Jet, axis: int | None, over: Arithmetic) -> Jet:
    exponentials = _mapped("exp", z, over)
    inverse = _inverse(_reduced(exponentials, axis, over), over)
    return jets.multiply(exponentials, _repeated(inverse, z, axis, over))


def _log_softmax(z: Jet, axis: int | None, over: Arithmetic) -> Jet:
    shift = _repeated(_logsumexp(z, axis, over), z, axis, over)
    return jets.add(z, jets.scale(over.number(Fraction(-1)), shift))


def _norm(x: Jet, axis: int | None, over: Arithmetic) -> Jet:
    square = _reduced(jets.multiply(x, x), axis, over)
    program = (Operation("operand", (), 0), Operation("power", (0,), Fraction(1, 2)))
    return run(program, [square], square.shape, {}, over)


STRUCTURED_RULES: dict[str, Rule] = {
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "norm": _norm,
}
