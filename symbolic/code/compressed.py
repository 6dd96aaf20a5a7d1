"""Arrays of mostly zeros or repeated entries, kept as the few arrays that they are made of.

A Hessian of shape (n, k, n, k) that is `identity(n) kron B` is held as the k x k matrix B. Each term
is written as in `np.einsum`, where a letter that the result has twice is a diagonal and a letter of no
factor stands for an identity, or for repetition if the result has it once:

| pattern         | factors            | meaning                      |
|-----------------|--------------------|------------------------------|
| `a->aa`         | a vector           | a diagonal matrix            |
| `bc->abac`      | a k x k matrix     | `identity(n) kron k x k`     |
| `abc->abac`     | an n x k x k array | n blocks of k x k            |
| `ac,bd->abcd`   | two matrices       | a Kronecker product          |
| `a,b->ab`       | two vectors        | an outer product             |

Letters of a pattern may be parts of one axis: the Hessian by `vec(U)` of shape (k*n, k*n) is the same
k x k matrix with the pattern `ab->acbc`, whose rows are a and c, and whose columns are b and c.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import Any

import numpy as np

from symbolic.code.patterns import (
    Array,
    Pattern,
    Sizes,
    embedded,
    is_diagonal,
    is_identity,
    is_leading,
    kronecker_axes,
    spread,
    term_words,
    tied_axes,
)
from symbolic.errors import ShapeError, UnsupportedError


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Compressed:
    """A sum of terms, each a product of arrays that share no sum.

    The first half of the axes of a Hessian are its rows and the second half its columns. `merged`
    says how many letters of the patterns each axis stands for, if not all stand for one: the Hessian
    by `vec(U)` is a matrix, and its rows and its columns are two letters each.

    >>> H = Compressed((Pattern(("bc",), "abac", (0,), (("a", 1),)),), (2 * np.eye(2), 3))
    >>> H
    Compressed(identity(3) kron 2 x 2, shape (3, 2, 3, 2))
    >>> H @ np.ones((3, 2))
    array([[2., 2.],
           [2., 2.],
           [2., 2.]])
    """

    patterns: tuple[Pattern, ...]
    values: tuple[Any, ...]
    merged: tuple[int, ...] = ()

    # --- what it is made of ---

    @property
    def factors(self) -> tuple[tuple[Array, ...], ...]:
        """The arrays of each term."""
        return tuple(self._arrays(pattern) for pattern in self.patterns)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the whole array."""
        lengths = iter(self._lengths)
        if not self.merged:
            return tuple(lengths)
        return tuple(prod(islice(lengths, count)) for count in self.merged)

    @property
    def ndim(self) -> int:
        """The number of axes of the whole array."""
        return len(self.merged) or len(self.patterns[0].output)

    @property
    def _lengths(self) -> tuple[int, ...]:
        """The size of each letter of the result."""
        sizes = self._sizes(self.patterns[0])
        return tuple(sizes[letter] for letter in self.patterns[0].output)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries."""
        return np.result_type(*(array for term in self.factors for array in term))

    @property
    def nbytes(self) -> int:
        """The memory of the arrays that are held."""
        return sum({id(array): array.nbytes for term in self.factors for array in term}.values())

    def _arrays(self, pattern: Pattern) -> tuple[Array, ...]:
        return tuple(np.asarray(self.values[place]) for place in pattern.places)

    def _sizes(self, pattern: Pattern) -> Sizes:
        sizes = {letter: int(self.values[place]) for letter, place in pattern.missing}
        for letters, array in zip(pattern.inputs, self._arrays(pattern), strict=True):
            sizes.update(zip(letters, array.shape, strict=True))
        return sizes

    # --- the whole array ---

    def dense(self) -> Array:
        """The whole array.

        >>> Compressed((Pattern(("a",), "aa", (0,)),), (np.array([1.0, 2.0]),)).dense()
        array([[1., 0.],
               [0., 2.]])
        """
        return self._summed([(pattern, ()) for pattern in self.patterns], ()).reshape(self.shape)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("a compressed array becomes a NumPy array only by a copy")
        return np.asarray(self.dense(), dtype=dtype)

    def matvec(self, vector: Any) -> Array:
        """The product with an array that has the last axes, which are summed.

        >>> Compressed((Pattern(("a", "b"), "ab", (0, 0)),), (np.ones(3),)).matvec([1, 2, 3])
        array([6., 6., 6.])
        """
        vector = np.asarray(vector)
        kept = self.ndim - vector.ndim
        if kept < 0 or vector.ndim == 0 or vector.shape != self.shape[kept:]:
            raise ShapeError(
                f"a product with an array of shape {vector.shape}",
                f"the compressed array has shape {self.shape}",
                "pass an array of the shape of its last axes",
            )
        rows = sum(self.merged[:kept]) if self.merged else kept
        split = vector.reshape(self._lengths[rows:])
        terms = []
        for pattern in self.patterns:
            columns = pattern.output[rows:]
            inputs = (*pattern.inputs, columns)
            terms.append((Pattern(inputs, pattern.output[:rows], pattern.places), (split,)))
        found = self._summed(terms, (split,))
        return found.reshape(self.shape[:kept])[()]

    def __matmul__(self, vector: Any) -> Array:
        return self.matvec(vector)

    def diagonal(self) -> Array:
        """The entries whose row is their column, in the shape of the rows."""
        self._square()
        found = self._summed([(pattern.on_diagonal(), ()) for pattern in self.patterns], ())
        return found.reshape(self.shape[: self.ndim // 2])

    def _summed(
        self, terms: Sequence[tuple[Pattern, tuple[Array, ...]]], further: tuple[Array, ...]
    ) -> Array:
        """The sum of terms whose last inputs are further arrays."""
        total: Array | None = None
        for (pattern, more), own in zip(terms, self.patterns, strict=True):
            sizes = self._sizes(own)
            arrays = [*self._arrays(pattern), *more]
            shape = tuple(sizes[letter] for letter in pattern.output)
            distinct = "".join(dict.fromkeys(pattern.output))
            if total is None:
                kind = np.result_type(self.dtype, *further)
                total = np.zeros(shape, kind)
            whole = distinct == pattern.output
            view = total if whole else np.einsum(f"{pattern.output}->{distinct}", total)
            view += spread(pattern.inputs, arrays, distinct, sizes)
        assert total is not None
        return total[()]

    # --- blocks and Kronecker factors ---

    @property
    def blocks(self) -> Array:
        """The blocks of a block-diagonal matrix, one behind the other: an array of matrices.

        Blocks that are all the same are one block in memory.
        """
        self._square()
        ties = tied_axes(self.patterns)
        if not ties or (self.merged and not is_leading(ties)):
            raise UnsupportedError(
                "blocks of a compressed array",
                f"{self._words()} is not block-diagonal",
                "use dense() or factors",
            )
        return self._blocks(ties)

    def _blocks(self, ties: list[int]) -> Array:
        """The blocks: one for each entry along the axes that are on the diagonal."""
        rows = self._square()
        rest = [axis for axis in range(rows) if axis not in ties]
        order = [*ties, *rest, *(axis + rows for axis in rest)]
        total: Array | None = None
        for pattern in self.patterns:
            sizes = self._sizes(pattern)
            output = "".join(pattern.output[axis] for axis in order)
            term = embedded(pattern.inputs, self._arrays(pattern), output, sizes, len(ties))
            total = term if total is None else total + term
        assert total is not None
        lengths = self._lengths
        count = tuple(lengths[axis] for axis in ties)
        side = prod(lengths[axis] for axis in rest)
        flat = total.reshape(*total.shape[: len(ties)], side, side)
        return np.broadcast_to(flat, (*count, side, side)).reshape(prod(count), side, side)

    @property
    def kron(self) -> tuple[Array, ...]:
        """The matrices whose `np.kron`, one after the other, is the matrix of rows and columns."""
        found = self._kronecker_axes()
        if found is None:
            raise UnsupportedError(
                "Kronecker factors of a compressed array",
                f"{self._words()} is no Kronecker product",
                "use dense() or factors",
            )
        matrices = [self._kron_factor(axes) for axes in found]
        matrices[0] = self._scale() * matrices[0]
        return tuple(matrices)

    def _kron_factor(self, axes: Sequence[int], *, diagonal: bool = False) -> Array:
        """The matrix of rows and columns along some of the axes, or its diagonal; no scalar factors."""
        (pattern,) = self.patterns
        sizes = self._sizes(pattern)
        shifts = (0,) if diagonal else (0, len(pattern.output) // 2)
        letters = [pattern.output[axis + shift] for shift in shifts for axis in axes]
        chosen = [
            (inputs, array)
            for inputs, array in zip(pattern.inputs, self._arrays(pattern), strict=True)
            if set(inputs) & set(letters)
        ] or [("", np.ones((), self.dtype))]
        inputs, arrays = zip(*chosen, strict=True)
        side = prod(sizes[letter] for letter in letters[: len(axes)])
        full = embedded(inputs, arrays, "".join(letters), sizes, 0)
        return full.reshape((side,) * len(shifts))

    def _scale(self) -> Any:
        """The product of the scalar factors of a single term."""
        (pattern,) = self.patterns
        arrays = zip(pattern.inputs, self._arrays(pattern), strict=True)
        return prod(
            (array.sum() for inputs, array in arrays if not set(inputs) & set(pattern.output)),
            start=1,
        )

    def solve(self, right: Any) -> Array:
        """The array x with `self @ x == right`, block by block or factor by factor.

        >>> Compressed((Pattern(("a",), "aa", (0,)),), (np.array([1.0, 2.0]),)).solve([1, 1])
        array([1. , 0.5])
        """
        right = np.asarray(right)
        rows = self._square()
        shape = self.shape[: self.ndim // 2]
        if right.shape != shape:
            raise ShapeError(
                f"a right side of shape {right.shape}",
                f"the compressed array has shape {self.shape}",
                f"pass an array of shape {shape}",
            )
        split = right.reshape(self._lengths[:rows])
        components = self._kronecker_axes()
        if components is not None:
            return self._solved_by_factors(split, components).reshape(shape)
        ties = tied_axes(self.patterns)
        if not ties:
            raise UnsupportedError(
                "a linear system with a compressed array",
                f"{self._words()} is neither block-diagonal nor a Kronecker product",
                "solve with dense()",
            )
        rest = [axis for axis in range(rows) if axis not in ties]
        moved = split.transpose(*ties, *rest)
        blocks = self._blocks(ties)
        columns = moved.reshape(blocks.shape[0], blocks.shape[1], 1)
        found = np.linalg.solve(blocks, columns).reshape(moved.shape)
        return found.transpose(np.argsort([*ties, *rest])).reshape(shape)

    def _solved_by_factors(self, right: Array, components: list[list[int]]) -> Array:
        """The solution for one factor after the other, each along its own axes."""
        (pattern,) = self.patterns
        found = right.astype(np.result_type(right, self.dtype), copy=False)
        for axes in components:
            if is_identity(pattern, axes):
                continue
            factor = self._kron_factor(axes, diagonal=is_diagonal(pattern, axes))
            front = np.moveaxis(found, axes, range(len(axes)))
            columns = front.reshape(len(factor), prod(front.shape[len(axes) :]))
            if factor.ndim == 1:
                solved = _divided(columns, factor[:, None])
            else:
                solved = np.linalg.solve(factor, columns)
            found = np.moveaxis(solved.reshape(front.shape), range(len(axes)), axes)
        return _divided(found, self._scale())

    def _square(self) -> int:
        """The number of letters of the rows, of an array whose rows and columns are made alike."""
        rows, columns = self._sides()
        if rows != columns:
            raise UnsupportedError(
                f"an array of shape {self.shape} as a square matrix",
                f"its rows are made of axes {rows}, its columns of axes {columns}",
                "use dense() or matvec",
            )
        return len(rows)

    def _sides(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The sizes of the letters of the rows and of the columns."""
        half = self.ndim // 2
        rows = sum(self.merged[:half]) if self.merged else half
        return self._lengths[:rows], self._lengths[rows:]

    def _kronecker_axes(self) -> list[list[int]] | None:
        """The axes of two or more Kronecker factors of a single term."""
        rows, columns = self._sides()
        if len(self.patterns) > 1 or rows != columns:
            return None
        found = kronecker_axes(self.patterns[0])
        return found if found is not None and len(found) > 1 else None

    # --- in words ---

    def _words(self) -> str:
        return " + ".join(
            term_words(pattern, self._sizes(pattern), merged=bool(self.merged))
            for pattern in self.patterns
        )

    def __repr__(self) -> str:
        return f"Compressed({self._words()}, shape {self.shape})"


def _divided(array: Array, divisor: Any) -> Array:
    if not np.all(divisor):
        raise np.linalg.LinAlgError("Singular matrix")
    return array / divisor
