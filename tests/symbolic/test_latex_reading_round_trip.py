"""What our own printer writes is read back with the same value, or refused: never with another."""

import numpy as np
import pytest

import symbolic as s
from symbolic import ChainruleError, Latex, latex, parse
from symbolic.algebra.normal import equal_by_algebra
from symbolic.traverse import variables
from tests.symbolic.random_expressions import SIZES, Writer

SEEDS = 220


def read_back(expression):
    """The expression of its LaTeX, or None when it is refused."""
    try:
        return parse(Latex(latex(expression)), {each.name: each for each in variables(expression)})
    except ChainruleError:
        return None


def close(a, b, seed):
    """Whether two expressions have the same values at random points."""
    random = np.random.default_rng(seed)
    places = sorted({*variables(a), *variables(b)}, key=lambda each: each.name)
    data = {
        each.name: random.uniform(0.2, 0.8, [int(SIZES.get(size, size)) for size in each.shape])
        for each in places
    }
    values = []
    for expression in (a, b):
        function = s.lambdify(expression, arguments=places, check=False)
        values.append(np.asarray(function(**data)))
    return np.allclose(*values, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("part", range(4))
def test_random_expressions(part):
    seen = 0
    for seed in range(part, SEEDS, 4):
        writer = Writer(seed, names=False)
        expression = writer.expression(writer.shape(), 2)
        back = read_back(expression)
        if back is None:
            continue
        seen += 1
        assert back.shape == expression.shape, (seed, latex(expression))
        assert equal_by_algebra(back, expression) or close(back, expression, seed), (
            seed,
            latex(expression),
            str(back),
        )
    assert seen >= SEEDS // 4 // 3
