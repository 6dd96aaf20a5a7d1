"""Named functions of matrices: inv, det, logdet, cholesky, eigenvalues, singular values, expm.

They act on the last two axes. Those of symmetric matrices read the symmetric part (A + A.T)/2, so that
their derivatives by the entries of A are those of that part.
"""

from __future__ import annotations

import sympy

from symbolic.errors import ShapeError
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Iverson, Sum, kernel_symbol
from symbolic.sizes import Shape, Size, shape_text
from symbolic.structured.entry import StructuredFunction, check_matrix


def _square(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    return check_matrix(name, operands[0], square=True)


def _scalar(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    return check_matrix(name, operands[0], square=True)[:-2]


def _eigenvalues(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    return check_matrix(name, operands[0], square=True)[:-1]


def _smaller(shape: Shape) -> Size:
    rows, columns = shape[-2:]
    least = sympy.Min(rows, columns)
    return int(least) if least.is_Integer else least


def _singular_values(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    shape = check_matrix(name, operands[0], square=False)
    return (*shape[:-2], _smaller(shape))


def _left_vectors(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    shape = check_matrix(name, operands[0], square=False)
    return (*shape[:-1], _smaller(shape))


def _right_vectors(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    shape = check_matrix(name, operands[0], square=False)
    return (*shape[:-2], shape[-1], _smaller(shape))


def _one_matrix(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    shape = check_matrix(name, operands[0], square=True)
    if len(shape) > 2:
        raise ShapeError(
            f"{name} of an array of shape {shape_text(shape)}",
            "it takes one matrix",
            "apply it to one matrix at a time",
        )
    return shape


def _matrix_and_tangent(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    shape = _one_matrix(name, operands, axis)
    if operands[1].shape[:2] != shape:
        raise ShapeError(
            f"{name}(A, E)",
            f"A has shape {shape_text(shape)}, E has {shape_text(operands[1].shape)}",
            "give E the shape of A, with further axes behind",
        )
    return operands[1].shape


# --- differentials -------------------------------------------------------------------------------

Labels = list[object]


class _Axes:
    """Labels of a matrix `[..., i, j]`, and of a tangent of it with further axes behind."""

    def __init__(self, node: Apply, tangent: Expression) -> None:
        rank = node.operand.rank
        self.batch: Labels = [("batch", axis) for axis in range(rank - 2)]
        self.further: Labels = [("further", axis) for axis in range(tangent.rank - rank)]

    def matrix(self, row: str, column: str) -> Labels:
        return [*self.batch, row, column]

    def tangent(self, row: str, column: str) -> Labels:
        return [*self.batch, row, column, *self.further]


def _reciprocal(node: Expression) -> Expression:
    x = kernel_symbol(0)
    return Elementwise(sympy.Lambda((x,), 1 / x), [node])


def _d_inv(node: Apply, tangent: Expression) -> Expression:
    at = _Axes(node, tangent)
    return Contraction(
        [node, tangent, node],
        [at.matrix("i", "k"), at.tangent("k", "l"), at.matrix("l", "j")],
        at.tangent("i", "j"),
        coefficient=-1,
    )


def _d_logdet(node: Apply, tangent: Expression) -> Expression:
    at = _Axes(node, tangent)
    inverse = Apply("inv", node.operand)
    return Contraction(
        [inverse, tangent], [at.matrix("j", "i"), at.tangent("i", "j")], [*at.batch, *at.further]
    )


def _d_det(node: Apply, tangent: Expression) -> Expression:
    at = _Axes(node, tangent)
    inverse = Apply("inv", node.operand)
    return Contraction(
        [node, inverse, tangent],
        [at.batch, at.matrix("j", "i"), at.tangent("i", "j")],
        [*at.batch, *at.further],
    )


def _symmetric_part(tangent: Expression, at: _Axes) -> Expression:
    """(dA + dA.T)/2"""
    half = sympy.Rational(1, 2)
    straight = Contraction(
        [tangent], [at.tangent("i", "j")], at.tangent("i", "j"), coefficient=half
    )
    turned = Contraction([tangent], [at.tangent("i", "j")], at.tangent("j", "i"), coefficient=half)
    return Sum([straight, turned])


def _d_cholesky(node: Apply, tangent: Expression) -> Expression:
    at = _Axes(node, tangent)
    n = node.shape[-1]
    inverse = Apply("inv", node)
    lower = Iverson((n, n), (1, -1), 0, ">=")
    half = Contraction((), (), (0, 0), {0: n}, sympy.Rational(-1, 2))
    return Contraction(
        [node, Sum([lower, half]), inverse, _symmetric_part(tangent, at), inverse],
        [
            at.matrix("i", "k"),
            ["k", "j"],
            at.matrix("k", "p"),
            at.tangent("p", "q"),
            at.matrix("j", "q"),
        ],
        at.tangent("i", "j"),
    )


def _d_eigenvalues(node: Apply, tangent: Expression) -> Expression:
    at = _Axes(node, tangent)
    vectors = Apply("eigvecsh", node.operand)
    return Contraction(
        [vectors, tangent, vectors],
        [at.matrix("i", "k"), at.tangent("i", "j"), at.matrix("j", "k")],
        [*at.batch, "k", *at.further],
    )


def _gaps(values: Expression) -> Expression:
    """F[..., i, j] = 1/(values_j - values_i) off the diagonal, 0 on it."""
    n, batch = values.shape[-1], list(range(values.rank - 1))
    sizes: dict[object, Size] = {"i": n, "j": n, **dict(enumerate(values.shape[:-1]))}
    whole: Labels = [*batch, "i", "j"]
    columns = Contraction([values], [[*batch, "j"]], whole, sizes)
    rows = Contraction([values], [[*batch, "i"]], whole, sizes, -1)
    same = Contraction((), (), [*batch, "i", "i"], sizes)
    hidden = Contraction((), (), [*batch, "i", "i"], sizes, -1)
    return Sum([_reciprocal(Sum([columns, rows, same])), hidden])


def _d_eigenvectors(node: Apply, tangent: Expression) -> Expression:
    at = _Axes(node, tangent)
    gaps = _gaps(Apply("eigvalsh", node.operand))
    return Contraction(
        [node, gaps, node, _symmetric_part(tangent, at), node],
        [
            at.matrix("i", "m"),
            at.matrix("m", "k"),
            at.matrix("p", "m"),
            at.tangent("p", "q"),
            at.matrix("q", "k"),
        ],
        at.tangent("i", "k"),
    )


def _d_singular_values(node: Apply, tangent: Expression) -> Expression:
    at = _Axes(node, tangent)
    left, right = Apply("svd_left", node.operand), Apply("svd_right", node.operand)
    return Contraction(
        [left, tangent, right],
        [at.matrix("i", "k"), at.tangent("i", "j"), at.matrix("j", "k")],
        [*at.batch, "k", *at.further],
    )


def _d_left_vectors(node: Apply, tangent: Expression) -> Expression:
    """The rule in the table, F_ij = 1/(s_j^2 - s_i^2) off the diagonal."""
    at = _Axes(node, tangent)
    return _d_vectors(
        node, Apply("svd_right", node.operand), tangent, at.tangent("p", "q"), at.tangent("i", "q")
    )


def _d_right_vectors(node: Apply, tangent: Expression) -> Expression:
    """As for the left ones, with A.T."""
    at = _Axes(node, tangent)
    return _d_vectors(
        node, Apply("svd_left", node.operand), tangent, at.tangent("q", "p"), at.tangent("q", "i")
    )


def _d_vectors(
    node: Apply, other: Apply, tangent: Expression, inner: Labels, outer: Labels
) -> Expression:
    """The differential of the singular vectors on one side; `other` are those on the other side."""
    at = _Axes(node, tangent)
    values = Apply("svdvals", node.operand)
    square = Elementwise(sympy.Lambda((kernel_symbol(0),), kernel_symbol(0) ** 2), [values])
    gaps, output = _gaps(square), at.tangent("i", "k")
    turned = Contraction(
        [node, gaps, node, tangent, other, values],
        [
            at.matrix("i", "m"),
            at.matrix("m", "k"),
            at.matrix("p", "m"),
            inner,
            at.matrix("q", "k"),
            [*at.batch, "k"],
        ],
        output,
    )
    crossed = Contraction(
        [node, gaps, values, other, tangent, node],
        [
            at.matrix("i", "m"),
            at.matrix("m", "k"),
            [*at.batch, "m"],
            at.matrix("q", "m"),
            inner,
            at.matrix("p", "k"),
        ],
        output,
    )
    outside = Contraction(
        [tangent, other, _reciprocal(values)],
        [outer, at.matrix("q", "k"), [*at.batch, "k"]],
        output,
    )
    inside = Contraction(
        [node, node, tangent, other, _reciprocal(values)],
        [
            at.matrix("i", "m"),
            at.matrix("p", "m"),
            inner,
            at.matrix("q", "k"),
            [*at.batch, "k"],
        ],
        output,
        coefficient=-1,
    )
    return Sum([turned, crossed, outside, inside])


def _d_expm(node: Apply, tangent: Expression) -> Expression:
    return Apply("expm_frechet", (node.operand, tangent))


def _d_expm_frechet(node: Apply, tangent: Expression) -> Expression:
    return Apply("expm_frechet", (node.operand, tangent))


def _adjoint_expm_frechet(node: Apply, adjoint: Expression, prefix: int) -> Expression:
    """<G, L(A, E)> = <L(A.T, G), E>; the prefix axes of the adjoint go behind and come back."""
    front = list(range(prefix))
    back = list(range(prefix, adjoint.rank))
    matrix, further = back[:2], back[2:]
    turned = Contraction([node.operand], [(0, 1)], (1, 0))
    moved = Contraction([adjoint], [front + back], matrix + front + further)
    pulled = Apply("expm_frechet", (turned, moved))
    return Contraction([pulled], [matrix + front + further], front + back)


# --- the table -----------------------------------------------------------------------------------

_COOKBOOK = "Petersen, Pedersen, The Matrix Cookbook (2012)"
_GILES = "Giles, An extended collection of matrix derivative results (2008)"
_MAGNUS = "Magnus, Neudecker, Matrix Differential Calculus"
_HIGHAM = "Higham, Functions of Matrices (2008)"
_TOWNSEND = "Townsend, Differentiating the singular value decomposition (2016)"
_SIGNED = (
    "    largest = np.take_along_axis(v, np.argmax(np.abs(v), -2)[..., None, :], -2)\n"
    "    return v * np.sign(largest)\n"
)
_SYMMETRIC = "(x + np.swapaxes(x, -1, -2)) / 2"

LINEAR_ALGEBRA: dict[str, StructuredFunction] = {
    entry.name: entry
    for entry in (
        StructuredFunction(
            "inv",
            _square,
            _d_inv,
            statement="d inv(A) = -inv(A) @ dA @ inv(A)",
            numpy="def inv(x):\n    return np.linalg.inv(x)\n",
            latex=r"{}^{-1}",
            condition="A is invertible",
            source=_COOKBOOK,
            requires="invertible",
        ),
        StructuredFunction(
            "det",
            _scalar,
            _d_det,
            statement="d det(A) = det(A) * trace(inv(A) @ dA)",
            numpy="def det(x):\n    return np.linalg.det(x)\n",
            latex=r"\det",
            condition="A is invertible",
            source=_COOKBOOK,
        ),
        StructuredFunction(
            "logdet",
            _scalar,
            _d_logdet,
            statement="d logdet(A) = trace(inv(A) @ dA), logdet(A) = log|det(A)|",
            numpy="def logdet(x):\n    return np.linalg.slogdet(x)[1]\n",
            latex=r"\log\left|\det({})\right|",
            condition="A is invertible",
            source=_COOKBOOK,
            requires="invertible",
        ),
        StructuredFunction(
            "cholesky",
            _square,
            _d_cholesky,
            statement=(
                "d L = L @ (tril(ones) - eye/2) * (inv(L) @ dA @ inv(L).T), L = cholesky(A)"
            ),
            numpy=f"def cholesky(x):\n    return np.linalg.cholesky({_SYMMETRIC})\n",
            latex=r"\operatorname{chol}",
            condition="A is symmetric positive definite",
            source="Murray, Differentiation of the Cholesky decomposition (2016)",
            requires="spd",
        ),
        StructuredFunction(
            "eigvalsh",
            _eigenvalues,
            _d_eigenvalues,
            statement="d lambda_k = v_k @ dA @ v_k",
            numpy=f"def eigvalsh(x):\n    return np.linalg.eigvalsh({_SYMMETRIC})\n",
            latex=r"\boldsymbol{\lambda}",
            condition="A is symmetric with distinct eigenvalues, in ascending order",
            source=_MAGNUS,
            requires="distinct eigenvalues",
        ),
        StructuredFunction(
            "eigvecsh",
            _square,
            _d_eigenvectors,
            statement=(
                "d V = V @ (F * (V.T @ dA @ V)), F_ij = 1/(lambda_j - lambda_i) off the diagonal"
            ),
            numpy=(
                f"def eigvecsh(x):\n    v = np.linalg.eigh({_SYMMETRIC})[1]\n{_SIGNED}"
            ),
            latex=r"\operatorname{eigvec}",
            condition=(
                "A is symmetric with distinct eigenvalues; unit columns whose largest entry is "
                "positive"
            ),
            source=_GILES,
            requires="distinct eigenvalues",
        ),
        StructuredFunction(
            "svdvals",
            _singular_values,
            _d_singular_values,
            statement="d sigma_k = u_k @ dA @ v_k",
            numpy="def svdvals(x):\n    return np.linalg.svd(x, compute_uv=False)\n",
            latex=r"\boldsymbol{\sigma}",
            condition="distinct singular values above 0, in descending order",
            source=_GILES,
            requires="distinct singular values",
        ),
        StructuredFunction(
            "svd_left",
            _left_vectors,
            _d_left_vectors,
            statement=(
                "d U = U @ (F * (U.T @ dA @ V @ S + S @ V.T @ dA.T @ U))"
                " + (I - U @ U.T) @ dA @ V @ inv(S)"
            ),
            numpy=(
                "def svd_left(x):\n"
                "    v = np.linalg.svd(x, full_matrices=False)[0]\n" + _SIGNED
            ),
            latex=r"\operatorname{svd}_U",
            condition=(
                "distinct singular values above 0; unit columns whose largest entry is positive"
            ),
            source=_TOWNSEND,
            requires="distinct singular values",
        ),
        StructuredFunction(
            "svd_right",
            _right_vectors,
            _d_right_vectors,
            statement=(
                "d V = V @ (F * (S @ U.T @ dA @ V + V.T @ dA.T @ U @ S))"
                " + (I - V @ V.T) @ dA.T @ U @ inv(S)"
            ),
            numpy=(
                "def svd_right(x):\n"
                "    u, _, vt = np.linalg.svd(x, full_matrices=False)\n"
                "    place = np.argmax(np.abs(u), -2)[..., None, :]\n"
                "    return np.swapaxes(vt, -1, -2) * np.sign(np.take_along_axis(u, place, -2))\n"
            ),
            latex=r"\operatorname{svd}_V",
            condition="distinct singular values above 0; signs such that A = U @ diag(s) @ V.T",
            source=_TOWNSEND,
            requires="distinct singular values",
        ),
        StructuredFunction(
            "expm",
            _one_matrix,
            _d_expm,
            statement="d expm(A) = expm_frechet(A, dA)",
            numpy="def expm(x):\n    return scipy.linalg.expm(x)\n",
            latex=r"e^{}",
            condition="all square A",
            source=_HIGHAM,
        ),
        StructuredFunction(
            "expm_frechet",
            _matrix_and_tangent,
            _d_expm_frechet,
            statement="expm_frechet(A, E) = integral over s in (0, 1) of expm(s*A) @ E @ expm((1 - s)*A)",
            numpy=(
                "def expm_frechet(x, e):\n"
                "    n, flat = len(x), e.reshape(*x.shape, -1)\n"
                "    parts = []\n"
                "    for k in range(flat.shape[-1]):\n"
                "        block = np.block([[x, flat[..., k]], [np.zeros_like(x), x]])\n"
                "        parts.append(scipy.linalg.expm(block)[:n, n:])\n"
                "    return np.stack(parts, -1).reshape(e.shape)\n"
            ),
            latex=r"L_{\exp}",
            condition="all square A, linear in E",
            source=_HIGHAM,
            adjoint=_adjoint_expm_frechet,
        ),
    )
}  # fmt: skip
