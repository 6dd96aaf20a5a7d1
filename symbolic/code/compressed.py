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
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from symbolic.errors import ShapeError, UnsupportedError

Array = np.ndarray[Any, np.dtype[Any]]
Sizes = dict[str, int]


@dataclass(frozen=True)
class Pattern:
    """How one term is made of factors: `inputs` are the letters of each, `output` of the result.

    `places` are the places of the factors among the values that are held; `missing` are the letters
    that no factor has, with the places of their sizes.
    """

    inputs: tuple[str, ...]
    output: str
    places: tuple[int, ...]
    missing: tuple[tuple[str, int], ...] = ()

    @property
    def subscripts(self) -> str:
        """The pattern as `np.einsum` writes it."""
        return f"{','.join(self.inputs)}->{self.output}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Compressed:
    """A sum of terms, each a product of arrays that share no sum.

    The first half of the axes of a Hessian are its rows and the second half its columns.

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

    # --- what it is made of ---

    @property
    def factors(self) -> tuple[tuple[Array, ...], ...]:
        """The arrays of each term."""
        return tuple(self._arrays(pattern) for pattern in self.patterns)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the whole array."""
        sizes = self._sizes(self.patterns[0])
        return tuple(sizes[letter] for letter in self.patterns[0].output)

    @property
    def ndim(self) -> int:
        """The number of axes of the whole array."""
        return len(self.patterns[0].output)

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
        return self._summed([(pattern, ()) for pattern in self.patterns], ())

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
        terms = []
        for pattern in self.patterns:
            columns = pattern.output[kept:]
            inputs = (*pattern.inputs, columns)
            terms.append((Pattern(inputs, pattern.output[:kept], pattern.places), (vector,)))
        return self._summed(terms, (vector,))

    def __matmul__(self, vector: Any) -> Array:
        return self.matvec(vector)

    def diagonal(self) -> Array:
        """The entries whose row is their column, in the shape of the rows."""
        rows = self._square()
        return self._summed([(_on_diagonal(p, rows), ()) for p in self.patterns], ())

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
            view += _spread(pattern.inputs, arrays, distinct, sizes)
        assert total is not None
        return total[()]

    # --- blocks and Kronecker factors ---

    @property
    def blocks(self) -> Array:
        """The blocks of a block-diagonal matrix, one behind the other: an array of matrices.

        Blocks that are all the same are one block in memory.
        """
        ties = self._ties()
        if not ties:
            raise UnsupportedError(
                "blocks of a compressed array",
                f"{self._words()} is not block-diagonal",
                "use dense() or factors",
            )
        rows = self._square()
        rest = [axis for axis in range(rows) if axis not in ties]
        order = [*ties, *rest, *(axis + rows for axis in rest)]
        total: Array | None = None
        for pattern in self.patterns:
            sizes = self._sizes(pattern)
            output = "".join(pattern.output[axis] for axis in order)
            term = _embedded(pattern.inputs, self._arrays(pattern), output, sizes, len(ties))
            total = term if total is None else total + term
        assert total is not None
        count = tuple(self.shape[axis] for axis in ties)
        side = prod(self.shape[axis] for axis in rest)
        flat = total.reshape(*total.shape[: len(ties)], side, side)
        return np.broadcast_to(flat, (*count, side, side)).reshape(prod(count), side, side)

    @property
    def kron(self) -> tuple[Array, ...]:
        """The matrices whose `np.kron`, one after the other, is the matrix of rows and columns."""
        found = self._components()
        if found is None or len(found) < 2:
            raise UnsupportedError(
                "Kronecker factors of a compressed array",
                f"{self._words()} is no Kronecker product",
                "use dense() or factors",
            )
        matrices = [self._kron_factor(axes) for axes in found]
        matrices[0] = self._scale() * matrices[0]
        return tuple(matrices)

    def _kron_factor(self, axes: Sequence[int]) -> Array:
        """The matrix of rows and columns along some of the axes, without scalar factors."""
        (pattern,) = self.patterns
        sizes = self._sizes(pattern)
        letters = [pattern.output[axis + shift] for shift in (0, self.ndim // 2) for axis in axes]
        chosen = [
            (inputs, array)
            for inputs, array in zip(pattern.inputs, self._arrays(pattern), strict=True)
            if set(inputs) & set(letters)
        ] or [("", np.ones((), self.dtype))]
        inputs, arrays = zip(*chosen, strict=True)
        side = prod(sizes[letter] for letter in letters[: len(axes)])
        return _embedded(inputs, arrays, "".join(letters), sizes, 0).reshape(side, side)

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
        if right.shape != self.shape[:rows]:
            raise ShapeError(
                f"a right side of shape {right.shape}",
                f"the compressed array has shape {self.shape}",
                f"pass an array of shape {self.shape[:rows]}",
            )
        components = self._components()
        if components is not None and len(components) > 1:
            return self._solved_by_factors(right, components)
        ties = self._ties()
        if not ties:
            raise UnsupportedError(
                "a linear system with a compressed array",
                f"{self._words()} is neither block-diagonal nor a Kronecker product",
                "solve with dense()",
            )
        rest = [axis for axis in range(rows) if axis not in ties]
        moved = right.transpose(*ties, *rest)
        blocks = self.blocks
        columns = moved.reshape(blocks.shape[0], blocks.shape[1], 1)
        found = np.linalg.solve(blocks, columns).reshape(moved.shape)
        return found.transpose(np.argsort([*ties, *rest]))

    def _solved_by_factors(self, right: Array, components: list[list[int]]) -> Array:
        """The solution for one factor after the other, each along its own axes."""
        (pattern,) = self.patterns
        found = right.astype(np.result_type(right, self.dtype), copy=False)
        letters = {letter for each in pattern.inputs for letter in each}
        half = self.ndim // 2
        for axes in components:
            rows, columns = ([pattern.output[a + shift] for a in axes] for shift in (0, half))
            if rows == columns and letters.isdisjoint(rows):
                continue  # an identity
            matrix = self._kron_factor(axes)
            front = np.moveaxis(found, axes, range(len(axes)))
            columns = front.reshape(len(matrix), prod(front.shape[len(axes) :]))
            solved = np.linalg.solve(matrix, columns).reshape(front.shape)
            found = np.moveaxis(solved, range(len(axes)), axes)
        scale = self._scale()
        if scale == 0:
            raise np.linalg.LinAlgError("Singular matrix")
        return found / scale

    def _square(self) -> int:
        """The number of axes of the rows, of an array whose rows and columns have one shape."""
        shape = self.shape
        half = len(shape) // 2
        if shape[:half] != shape[half:]:
            raise UnsupportedError(
                f"an array of shape {shape} as a square matrix",
                "the first half of its axes differs from the second",
                "use dense() or matvec",
            )
        return half

    def _ties(self) -> list[int]:
        """The axes of the rows that are on the diagonal in every term."""
        half = self.ndim // 2
        if self.ndim % 2:
            return []
        return [
            axis
            for axis in range(half)
            if all(
                p.output[axis] == p.output[axis + half] and p.output.count(p.output[axis]) == 2
                for p in self.patterns
            )
        ]

    def _components(self) -> list[list[int]] | None:
        """The axes of each Kronecker factor of a single term, if they stand side by side."""
        if len(self.patterns) > 1 or self.ndim % 2:
            return None
        (pattern,) = self.patterns
        half = self.ndim // 2
        parts = [{axis} for axis in range(half)]
        tied = [*pattern.inputs, *pattern.output]
        for letters in tied:
            axes = {place % half for place, each in enumerate(pattern.output) if each in letters}
            if axes:
                touching = [part for part in parts if part & axes]
                parts = [part for part in parts if part not in touching]
                parts.append(axes.union(*touching))
        ordered = sorted(sorted(part) for part in parts)
        aligned = all(part == list(range(part[0], part[-1] + 1)) for part in ordered)
        return ordered if aligned and self.shape[:half] == self.shape[half:] else None

    # --- in words ---

    def _words(self) -> str:
        return " + ".join(self._term_words(pattern) for pattern in self.patterns)

    def _term_words(self, pattern: Pattern) -> str:
        single = Compressed((pattern,), self.values)
        sizes = self._sizes(pattern)
        letters = {letter for each in pattern.inputs for letter in each}
        half = single.ndim // 2
        ties = [] if single.ndim % 2 else single._ties()
        if ties and len(ties) == half and not letters.isdisjoint(pattern.output):
            if letters >= set(pattern.output):
                return f"diagonal: {prod(sizes[letter] for letter in set(pattern.output))} entries"
        elif ties and len(ties) == half:
            return f"multiple of identity({prod(sizes[letter] for letter in set(pattern.output))})"
        components = single._components()
        if components is not None and len(components) > 1:
            return " kron ".join(
                _kron_words(pattern, axes, half, sizes, letters) for axes in components
            )
        if ties:
            count = prod(sizes[pattern.output[axis]] for axis in ties)
            side = prod(sizes[pattern.output[a]] for a in range(half) if a not in ties)
            return f"block-diagonal: {count} blocks of {side} x {side}"
        if all(len(each) <= 1 for each in pattern.inputs) and "".join(pattern.inputs):
            return f"outer product {pattern.subscripts}"
        return f"product {pattern.subscripts}"

    def __repr__(self) -> str:
        return f"Compressed({self._words()}, shape {self.shape})"


def _kron_words(
    pattern: Pattern, axes: list[int], half: int, sizes: Sizes, letters: set[str]
) -> str:
    rows = [pattern.output[axis] for axis in axes]
    columns = [pattern.output[axis + half] for axis in axes]
    side = prod(sizes[letter] for letter in rows)
    if rows != columns:
        return f"{side} x {side}"
    return f"diagonal({side})" if letters & set(rows) else f"identity({side})"


def _on_diagonal(pattern: Pattern, rows: int) -> Pattern:
    """The entries of a term whose row is their column."""
    same: dict[str, str] = {}

    def first(letter: str) -> str:
        while letter in same:
            letter = same[letter]
        return letter

    for row, column in zip(pattern.output[:rows], pattern.output[rows:], strict=True):
        one, other = sorted((first(row), first(column)))
        if one != other:
            same[other] = one
    inputs = tuple("".join(map(first, each)) for each in pattern.inputs)
    return Pattern(inputs, "".join(map(first, pattern.output[:rows])), pattern.places)


def _spread(inputs: Sequence[str], arrays: Sequence[Array], letters: str, sizes: Sizes) -> Array:
    """A product with one axis a letter, of size 1 where no factor has the letter.

    A letter of the inputs that is not asked for is summed.
    """
    present = "".join(letter for letter in letters if any(letter in each for each in inputs))
    core = np.einsum(f"{','.join(inputs)}->{present}", *arrays, optimize=len(arrays) > 1)
    shape = [sizes[letter] if letter in present else 1 for letter in letters]
    return np.reshape(core, shape)


def _embedded(
    inputs: Sequence[str], arrays: Sequence[Array], output: str, sizes: Sizes, free: int
) -> Array:
    """A product with its diagonals written out; the first `free` axes may be left of size 1."""
    distinct = "".join(dict.fromkeys(output))
    core = _spread(inputs, arrays, distinct, sizes)
    whole = [*core.shape[:free], *(sizes[letter] for letter in distinct[free:])]
    core = np.broadcast_to(core, whole)
    if len(distinct) == len(output):
        return core
    shape = [*core.shape[:free], *(sizes[letter] for letter in output[free:])]
    full = np.zeros(shape, core.dtype)
    np.einsum(f"{output}->{distinct}", full)[...] = core
    return full
