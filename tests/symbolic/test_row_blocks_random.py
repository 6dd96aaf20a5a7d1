"""Random expressions with their gradients and Hessians, in blocks of two rows, against the oracle."""

import warnings

import numpy as np
import pytest

import symbolic as s
from symbolic.code import row_blocks, row_code
from symbolic.code.compilation import lambdify
from symbolic.traverse import variables
from tests.symbolic.numpy_oracle import assert_close, evaluate
from tests.symbolic.random_expressions import LETTERS, Writer, draw

SEEDS = range(300)
LENGTHS = dict(zip(LETTERS, (5, 3, 4), strict=True))
SIZES = {str(letter): length for letter, length in LENGTHS.items()}


def outputs_of(seed):
    """A random scalar, its gradients by one or two variables, and often a Hessian."""
    value = Writer(seed, smooth=seed % 2 == 0).scalar(2 + seed % 3)
    by = [each for each in variables(value) if each.domain in ("real", "positive")][:2]
    second = [s.hessian(value, by[0])] if by and seed % 6 in (0, 4) else []
    return [value, *(s.gradient(value, each) for each in by), *second]


def cut_where_it_is_allowed(seed, monkeypatch):
    """Blocks of two rows, also where they do not pay; along an axis that the seed chooses."""
    letter = LETTERS[seed % 3]
    monkeypatch.setattr(row_code, "FEWEST_ROWS", 2)
    monkeypatch.setattr(row_code, "BLOCK_ENTRIES", 0)
    monkeypatch.setattr(row_blocks, "LONG", 1)
    monkeypatch.setattr(
        row_blocks, "_pays", lambda plan, order: seed % 5 == 0 or plan.letter == letter
    )


@pytest.mark.parametrize("start", SEEDS[::10])
def test_random_expressions_in_blocks(start, monkeypatch):
    for seed in range(start, start + 10):
        outputs = outputs_of(seed)
        sizes = s.tensor("all_sizes", *LETTERS)
        found_variables = variables([*outputs, sizes])
        data = draw([*outputs, sizes], LENGTHS, np.random.default_rng(seed))
        values = {each.name: data[each] for each in found_variables}
        cut_where_it_is_allowed(seed, monkeypatch)
        f = lambdify(tuple(outputs), arguments=found_variables)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = [evaluate(each, values, SIZES) for each in outputs]
            for threads in (1, 3) if f.threaded else (None,):
                found = f(**values, threads=threads)
                for one, right in zip(found, wanted, strict=True):
                    message = f"seed {seed}, {threads} threads\n{f.source}"
                    assert_close(one, right, message, tolerance=1e-8)
