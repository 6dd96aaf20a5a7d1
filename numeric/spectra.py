"""Eigenvalues, eigenvectors, singular values and vectors on jets.

The values at the point come as bounds from the arithmetic. Their nilpotent parts follow from the equations

    S v = lambda v,  v . v = 1

by Newton's method from the exact solution: each step with the Jacobian at the point makes one more
order right. Singular values and vectors are the eigenvalues s and the eigenvectors (u, v)/sqrt(2) of

    [[0, A], [A.T, 0]].
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from numeric import jets
from numeric.arithmetic import Arithmetic
from numeric.interpreter import powered
from numeric.jets import STILL, Array, Jet, as_array
from numeric.matrices import each_matrix, product, symmetric_part


@each_matrix
def eigenvalues(jet: Jet, over: Arithmetic) -> Jet:
    symmetric = symmetric_part(jet, over)
    values, vectors = over.eigensystem(symmetric.value)
    pairs = [_moved(symmetric, values[k], vectors[:, k], over) for k in range(len(values))]
    return jets.stack([value for value, _ in pairs], (len(pairs),), over.zero)


@each_matrix
def eigenvectors(jet: Jet, over: Arithmetic) -> Jet:
    symmetric = symmetric_part(jet, over)
    values, vectors = over.eigensystem(symmetric.value)
    columns = []
    for k in range(len(values)):
        vector = _signed(vectors[:, k], vectors[:, k], over)
        columns.append(_moved(symmetric, values[k], vector, over)[1])
    return _as_columns(columns, over)


@each_matrix
def singular_values(jet: Jet, over: Arithmetic) -> Jet:
    pairs = _singular_pairs(jet, over)
    return jets.stack([value for value, _ in pairs], (len(pairs),), over.zero)


@each_matrix
def left_vectors(jet: Jet, over: Arithmetic) -> Jet:
    rows = jet.shape[0]
    pairs = _singular_pairs(jet, over)
    return _as_columns([jets.at(vector, slice(0, rows)) for _, vector in pairs], over)


@each_matrix
def right_vectors(jet: Jet, over: Arithmetic) -> Jet:
    rows, columns = jet.shape
    pairs = _singular_pairs(jet, over)
    halves = [jets.at(vector, slice(rows, rows + columns)) for _, vector in pairs]
    return _as_columns(halves, over)


def _singular_pairs(jet: Jet, over: Arithmetic) -> list[tuple[Jet, Jet]]:
    """Each singular value, descending, with u and v in one vector; the largest entry of u is positive."""
    rows = jet.shape[0]
    whole = _joined(jet, over)
    values, vectors = over.eigensystem(whole.value)
    two = Jet({0: as_array(over.number(Fraction(2)))})
    root = powered(two, Fraction(1, 2), over).value.item()
    found = []
    for k in range(1, min(jet.shape) + 1):
        vector = _signed(vectors[:, -k], vectors[:rows, -k], over)
        value, moved = _moved(whole, values[-k], vector, over)
        found.append((value, jets.scale(root, moved)))
    return found


def _joined(jet: Jet, over: Arithmetic) -> Jet:
    """[[0, A], [A.T, 0]]"""
    rows, columns = jet.shape
    parts = {}
    for mask, part in jet.parts.items():
        absent = STILL if mask else over.zero
        whole = np.full((rows + columns, rows + columns, *part.shape[2:]), absent, dtype=object)
        whole[:rows, rows:] = part
        whole[rows:, :rows] = np.swapaxes(part, 0, 1)
        parts[mask] = whole
    return Jet(parts)


def _as_columns(columns: list[Jet], over: Arithmetic) -> Jet:
    stacked = jets.stack(columns, (len(columns),), over.zero)
    return Jet({mask: np.swapaxes(part, 0, 1) for mask, part in stacked.parts.items()})


def _signed(vector: Array, leading: Array, over: Arithmetic) -> Array:
    """The vector with the sign that makes the entry of largest magnitude of `leading` positive."""
    sizes = [abs(entry) if over.is_defined(entry) else entry for entry in leading]
    largest = [
        entry
        for entry, size in zip(leading, sizes, strict=True)
        if not any(over.sign(other - size) == 1 for other in sizes)
    ]
    signs = {over.sign(entry) for entry in largest}
    if signs == {1}:
        return vector
    if signs == {-1}:
        return -vector
    over.notes.add("it cannot be told which entry of a vector is the largest, so its sign is open")
    return np.full(vector.shape, over.undefined, dtype=object)


def _moved(matrix: Jet, value: object, vector: Array, over: Arithmetic) -> tuple[Jet, Jet]:
    """An eigenvalue and its unit eigenvector with their nilpotent parts."""
    eigenvalue, eigenvector = Jet({0: as_array(value)}), Jet({0: vector})
    if not matrix.order:
        return eigenvalue, eigenvector
    n = len(vector)
    jacobian = np.full((n + 1, n + 1), over.zero, dtype=object)
    jacobian[:n, :n] = matrix.value
    for i in range(n):
        jacobian[i, i] = jacobian[i, i] - value
        jacobian[i, n] = -vector[i]
        jacobian[n, i] = vector[i]
    backwards = Jet({0: over.inverse(jacobian)})
    for _ in range(matrix.order):
        residual = jets.rest(_residual(matrix, eigenvalue, eigenvector, over), over.zero)
        step = jets.rest(jets.scale(-1, product(backwards, residual, over)), over.zero)
        eigenvector = jets.add(eigenvector, jets.at(step, slice(0, n)))
        eigenvalue = jets.add(eigenvalue, jets.at(step, n))
    return eigenvalue, eigenvector


def _residual(matrix: Jet, eigenvalue: Jet, eigenvector: Jet, over: Arithmetic) -> Jet:
    """(S v - lambda v, (v . v - 1)/2), up to the constant."""
    n = len(eigenvector.value)
    scaled = jets.contract([eigenvector, eigenvalue], [(0,), ()], (0,), (n,), over.zero)
    off = jets.add(product(matrix, eigenvector, over), jets.scale(-1, scaled))
    square = jets.contract([eigenvector, eigenvector], [(0,), (0,)], (), (n,), over.zero)
    half = jets.scale(over.number(Fraction(1, 2)), square)
    rows = [jets.at(off, i) for i in range(n)] + [half]
    return jets.stack(rows, (n + 1,), over.zero)
