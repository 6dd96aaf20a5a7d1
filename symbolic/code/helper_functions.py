"""All the helper functions that a generated module may define: nothing else may have their names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbolic.code.array_api_functions import (
    ELEMENTWISE_PORTABLE,
    LARGEST,
    PARTS_PORTABLE,
    STRUCTURED_PORTABLE,
)
from symbolic.code.array_api_moves import GATHER, PLACES, READ
from symbolic.code.array_api_products import CHOSEN, DIAGONAL, SAME
from symbolic.code.array_api_systems import LOGDET_CHOLESKY
from symbolic.code.factorizations import SOURCES
from symbolic.code.hypotenuses import HYPOT
from symbolic.code.joint_functions import JOINT
from symbolic.code.logistic_losses import (
    LOGISTIC_LOSS,
    LOSS_AND_SIGMOID,
    LOSS_AND_SLOPE,
    SOFTPLUS_AND_SIGMOID,
)
from symbolic.code.numpy_brackets import ADD_WINDOWS, SPREAD
from symbolic.code.softmax_losses import LIKELIHOOD_AND_SOFTMAX

SUM_ROWS = '''def sum_rows(sums, arrays, others, block, threads=1):
    """Sums over the rows of arrays, in blocks; each thread takes rows that follow each other."""
    n = len(arrays[0])
    given = sums, arrays, others, block
    threads = min(threads, -(-n // block))
    if threads == 1:
        return add_blocks(*given, 0, n)
    from concurrent.futures import ThreadPoolExecutor

    ends = [n * k // threads for k in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(lambda k: add_blocks(*given, ends[k], ends[k + 1]), range(threads))
        return add_parts(list(parts))


def add_blocks(sums, arrays, others, block, start, stop):
    """The sums from start to stop; blocks are added in pairs, so that few errors add up."""
    if stop - start <= block:
        return list(sums(*(array[start:stop] for array in arrays), *others))
    middle = start + block * max(1, (stop - start) // block // 2)
    ends = ((start, middle), (middle, stop))
    return add_parts([add_blocks(sums, arrays, others, block, *each) for each in ends])


def add_parts(parts):
    """The first of several lists of sums, with the others added to it."""
    first, *others = parts
    for other in others:
        for k, part in enumerate(other):
            first[k] += part
    return first
'''


def defined(sources: Iterable[str]) -> frozenset[str]:
    """The names of the functions that sources define.

    >>> sorted(defined([SUM_ROWS]))
    ['add_blocks', 'add_parts', 'sum_rows']
    """
    return frozenset(re.findall(r"^def (\w+)\(", "\n".join(sources), re.MULTILINE))


_PAIRS = (
    *JOINT.values(),
    LOGISTIC_LOSS,
    LOSS_AND_SIGMOID,
    LOSS_AND_SLOPE,
    SOFTPLUS_AND_SIGMOID,
    LIKELIHOOD_AND_SOFTMAX,
)
_PORTABLE = (ELEMENTWISE_PORTABLE, STRUCTURED_PORTABLE, PARTS_PORTABLE)

OF_NUMPY = defined(
    [SUM_ROWS, HYPOT, SPREAD, ADD_WINDOWS, *SOURCES.values(), *(source for _, source in _PAIRS)]
)
OF_ARRAY_API = defined(
    [GATHER, PLACES, READ, CHOSEN, DIAGONAL, SAME, LOGDET_CHOLESKY, LARGEST[1]]
    + [function.helper for table in _PORTABLE for function in table.values()]
)
