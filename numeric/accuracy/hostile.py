"""Points at which generated code is measured: ordinary ones, and those that break naive forms.

A point is drawn exactly inside the domains and rounded to the format. Probabilities and labels are
also 0 and 1, where their domains have them. What may have any size is made large (exponentials
overflow, classes become certain), tiny (differences from 1 vanish), nearly equal, and moved far from 0
(variances cancel).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from numeric.accuracy.formats import Format
from numeric.sampling import sample, special_points
from symbolic.nodes import Variable

FloatPoint = dict[Variable, Any]

_SCALES = (1.0, 2.0**5, 2.0**-20)
_OFFSET = 1000.0
_NEARNESS = 2.0**-8
_ANY_SIZE = {"real", "positive", "nonnegative"}


def points(
    variables: Sequence[Variable],
    sizes: Sequence[Mapping[sympy.Symbol, int]],
    form: Format,
    rng: np.random.Generator,
) -> Iterator[FloatPoint]:
    """Points of every kind in turn, for ever; each array holds numbers of the format as float64.

    >>> from itertools import islice
    >>> from numeric.accuracy.formats import float32
    >>> from symbolic.variables import scalar
    >>> x = scalar("x")
    >>> found = islice(points([x], [{}], float32, np.random.default_rng(0)), 12)
    >>> max(abs(float(point[x])) for point in found) > 20
    True
    """
    for known in sizes:
        generic = sample(variables, known, rng)
        for special in special_points(variables, known, rng):
            chosen = {
                each: (generic if each.domain in _ANY_SIZE else special)[each] for each in variables
            }
            if any(chosen[each] is not generic[each] for each in variables):
                yield _rounded(chosen, form)
    kind = 0
    while True:
        for known in sizes:
            point = _rounded(sample(variables, known, rng), form)
            yield {
                each: form.round(_changed(each, point[each], kind, place))
                for place, each in enumerate(variables)
            }
            kind += 1


def _changed(variable: Variable, values: Any, kind: int, place: int) -> Any:
    """The values of a variable, made hostile in one of five ways; those of a narrow domain stay."""
    if variable.domain not in _ANY_SIZE:
        return values
    way = kind % (len(_SCALES) + 2)
    if way < len(_SCALES):
        return values * _SCALES[way]
    if way == len(_SCALES):  # every third variable is moved away from 0, each in its turn
        moved = (kind // (len(_SCALES) + 2) + place) % 3 == 0
        return _OFFSET + values if moved else values
    middle = float(values.flat[0]) if values.size else 0.0
    return middle + (values - middle) * _NEARNESS


def _rounded(point: Mapping[Variable, Any], form: Format) -> FloatPoint:
    return {each: form.round(np.asarray(a, dtype=np.float64)) for each, a in point.items()}
