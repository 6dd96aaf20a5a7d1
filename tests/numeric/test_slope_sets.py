"""What formulas of slopes may be at kinks holds every choice, and nothing far beyond."""

import numpy as np
import pytest

from numeric.exact_check import check_expression
from numeric.slope_sets import slope_sets
from symbolic import gradient, parse
from symbolic.traverse import variables

CASES = [
    ("where(s > 0, s, 0)", "s", {"s": 0}, [(0, 1)]),
    ("sum(abs(x))", "x", {"x": [0, 2, -3]}, [(-1, 1), (1, 1), (-1, -1)]),
    ("max(x)", "x", {"x": [1, 1, 0]}, [(0, 1), (0, 1), (0, 0)]),
    ("sum(maximum(x, y))", "x", {"x": [0, 1], "y": [0, 0]}, [(0, 1), (1, 1)]),
    ("sum(relu(x)**2)", "x", {"x": [0, 1]}, [(0, 0), (2, 2)]),
]


@pytest.mark.parametrize(("text", "wrt", "point", "ends"), CASES)
def test_every_choice_lies_inside(text, wrt, point, ends):
    given = {name: " ".join("n" * np.ndim(value)) for name, value in point.items()}
    slope = gradient(text, wrt, given)
    at = {v: np.array(point[v.name], dtype=object) for v in variables([parse(text, given), slope])}
    for ball, (low, high) in zip(slope_sets([slope], at, {}).flat, ends, strict=True):
        assert ball.contains(low)
        assert ball.contains(high)
        assert not ball.contains(high + 0.01)
        assert not ball.contains(low - 0.01)


def test_what_may_have_no_value_is_not_known():
    x = parse("where(s > 0, log(s), 0)", {"s": ""})
    (s,) = variables(x)
    assert not slope_sets([x], {s: 0}, {}).item().is_finite()
    assert slope_sets([x], {s: 1}, {}).item() == 0


def test_a_choice_at_each_function_passes_in_floating_point():
    """Along each coordinate the slope is 0 at the corner, but beside it there are slopes of 1."""
    f, given = "minimum(relu(s), relu(t))", {"s": "", "t": ""}
    corner = {"s": 0.0, "t": 0.0}

    def check(value):
        return check_expression(f, np.array(value), corner, wrt="s", given=given).verdict

    assert [check(value) for value in (0.0, 0.5, 1.0, 2.0, -1.0)] == ["pass"] * 3 + ["fail"] * 2
