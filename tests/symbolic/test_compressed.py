"""Compressed results: the same array as without compression, held as what it is made of."""

import itertools
import pickle

import numpy as np
import pytest
import scipy.linalg
import sympy

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.code.compressed import Compressed
from symbolic.code.patterns import Pattern
from symbolic.errors import ShapeError, UnsupportedError
from symbolic.nodes import Contraction
from symbolic.traverse import variables
from tests.symbolic.numpy_oracle import assert_close, data_for

n, d, k = s.dims("n d k")
SIZES = {"n": 5, "d": 3, "k": 2}
SMALLEST = {"n": 1, "d": 1, "k": 1}
GIVEN = {
    "M": "n d", "U": "n k", "V": "d k", "W": "n d", "x": "n", "y": "n", "z": "d", "X": "n d", "B": "d k",
    "Y": "n k", "A": "n n", "C": "d d", "S": "n n: spd", "lam": ": positive",
}  # fmt: skip

# loss, by which variable, and how the Hessian reads in words
HESSIANS = {
    "factorisation": ("0.5*sum((M - U @ V.T)**2)", "U", "identity(5) kron 2 x 2"),
    "other factor": ("0.5*sum((M - U @ V.T)**2)", "V", "identity(3) kron 2 x 2"),
    "masked": ("sum(W*(M - U @ V.T)**2)", "U", "block-diagonal: 5 blocks of 2 x 2"),
    "logistic": ("sum(softplus(x) - y*x)", "x", "diagonal: 5 entries"),
    "entries of a matrix": ("sum(log(cosh(X)) + X**4)", "X", "diagonal: 15 entries"),
    "squares": ("0.5*sum(X**2)", "X", "multiple of identity(15)"),
    "ridge": ("sum((X @ B - Y)**2) + lam*sum(B**2)", "B", "3 x 3 kron identity(2)"),
    "multiclass": ("sum(logsumexp(X @ B, axis=1) - sum(Y*(X @ B), axis=1))", "B", None),
    "one sample": ("logsumexp(B.T @ z)", "B", "3 x 3 kron diagonal(2) + 3 x 3 kron 2 x 2"),
    "quadratic form": ("trace(X.T @ A @ X @ C)", "X", "5 x 5 kron 3 x 3 + 5 x 5 kron 3 x 3"),
    "weighted": ("trace(X.T @ S @ X)", "X", "5 x 5 kron identity(3)"),
    "square of a sum": ("sum(x)**2", "x", "outer product c->ab"),
    "sum and fourth powers": ("sum(x)**2 + sum(x**4)", "x", "outer product c->ab + diagonal: 5 entries"),
    "cube": ("(x @ y)**3", "x", "outer product a,b->ab"),
    "determinant": ("logdet(S)", "S", "product ad,bc->abcd"),
    "vector": ("x @ A @ x", "x", None),
    "softmax": ("logsumexp(x)", "x", "diagonal: 5 entries + outer product a,b->ab"),
}  # fmt: skip


def both(expression, sizes, rng, arguments, dtype=float):
    """The result as it is and compressed, for the same data."""
    data = data_for(arguments, rng, sizes)
    data = {name: np.asarray(value, dtype) for name, value in data.items()}
    plain = lambdify(expression, arguments=arguments)(**data)
    return plain, lambdify(expression, arguments=arguments, compressed=True)(**data)


def check(held, plain, rng, tolerance=1e-9):
    """All that a compressed array tells, compared with the whole."""
    assert held.shape == plain.shape
    assert held.ndim == plain.ndim
    assert held.dtype == plain.dtype
    assert_close(held.dense(), plain, repr(held), tolerance)
    assert_close(np.asarray(held), plain, repr(held), tolerance)
    for axes in range(1, plain.ndim + 1):
        vector = rng.normal(size=plain.shape[plain.ndim - axes :]).astype(plain.dtype)
        wanted = np.tensordot(plain, vector, axes=axes)
        assert_close(held @ vector, wanted, repr(held), tolerance)
        assert (held @ vector).dtype == plain.dtype
    half = plain.ndim // 2
    if plain.ndim % 2 or plain.shape[:half] != plain.shape[half:]:
        return
    side = int(np.prod(plain.shape[:half]))
    matrix = plain.reshape(side, side)
    try:
        diagonal = held.diagonal()
    except UnsupportedError:
        assert held.merged
        return
    assert_close(diagonal.ravel(), matrix.diagonal(), repr(held), tolerance)
    check_blocks(held, plain, tolerance)
    check_kron(held, matrix, tolerance)
    check_solution(held, matrix, rng, 1e3 * tolerance)


def check_blocks(held, plain, tolerance):
    try:
        blocks = held.blocks
    except UnsupportedError:
        return
    if held.merged:
        whole = scipy.linalg.block_diag(*blocks)
        assert_close(whole, plain.reshape(whole.shape), repr(held), tolerance)
        return
    rows = plain.ndim // 2
    ties = [axis for axis in range(rows) if off_diagonal_is_zero(plain, axis)]
    assert ties
    total = np.sum(plain**2)
    assert_close(np.sum(blocks**2), total, repr(held), tolerance)
    assert blocks.shape[1] == blocks.shape[2]
    assert len(blocks) * blocks.shape[1] == np.prod(plain.shape[:rows])


def off_diagonal_is_zero(plain, axis):
    moved = np.moveaxis(plain, (axis, axis + plain.ndim // 2), (0, 1))
    return not moved[~np.eye(len(moved), dtype=bool)].any()


def check_kron(held, matrix, tolerance):
    try:
        factors = held.kron
    except UnsupportedError:
        return
    whole = np.ones((1, 1))
    for factor in factors:
        whole = np.kron(whole, factor)
    assert len(factors) > 1
    assert_close(whole, matrix, repr(held), tolerance)


def check_solution(held, matrix, rng, tolerance):
    if np.linalg.matrix_rank(matrix) < len(matrix) or np.linalg.cond(matrix) > 1e4:
        return
    right = rng.normal(size=held.shape[: held.ndim // 2]).astype(matrix.dtype)
    try:
        found = held.solve(right)
    except UnsupportedError:
        return
    assert found.dtype == matrix.dtype
    assert_close(found.ravel(), np.linalg.solve(matrix, right.ravel()), repr(held), tolerance)


@pytest.mark.parametrize("case", HESSIANS)
def test_hessian(case, rng):
    loss, by, words = HESSIANS[case]
    value = s.parse(loss, GIVEN)
    hessian = s.hessian(value, by)
    arguments = variables([value])
    plain, held = both(hessian, SIZES, rng, arguments)
    if words is None:
        assert isinstance(held, np.ndarray)
        assert_close(held, plain)
        return
    shape = ", ".join(map(str, plain.shape))
    assert repr(held) == f"Compressed({words}, shape ({shape}))"
    assert held.nbytes < plain.nbytes
    check(held, plain, rng)
    plain, held = both(hessian, SMALLEST, rng, arguments)
    check(held, plain, rng)
    plain, held = both(hessian, SIZES, rng, arguments, dtype=np.float32)
    assert held.dtype == np.float32
    check(held, plain, rng, tolerance=1e-4)


@pytest.mark.parametrize("seed", range(60))
def test_random_structure(seed):
    print(f"seed: {seed}")
    rng = np.random.default_rng(seed)
    expression, _ = random_sum(rng)
    arguments = (*variables([expression]), s.tensor("sizes", n, d))
    for sizes in (SIZES, SMALLEST):
        plain, held = both(expression, sizes, rng, arguments)
        if isinstance(held, np.ndarray):
            assert_close(held, plain)
        else:
            check(held, plain, rng)


def random_sum(rng):
    """Labels at random: on diagonals, of factors, of none, summed between factors."""
    letters = [n, d, n, d]
    rank = int(rng.integers(2, 5))
    shape = [letters[i] for i in rng.integers(len(letters), size=rank)]
    if rank == 4 and rng.random() < 0.6:
        shape = shape[:2] * 2
    weights = s.scalar("lam", domain="positive")
    terms = []
    for _ in range(rng.integers(1, 4)):
        output = []
        for size in shape:
            same = [label for label, other in zip(output, shape, strict=False) if other == size]
            reuse = same and rng.random() < 0.5
            output.append(same[rng.integers(len(same))] if reuse else f"o{len(output)}")
        sizes = dict(zip(output, shape, strict=True)) | {"s": d, "t": n}
        operands, labels = [weights], [[]]
        for place in range(rng.integers(0, 4)):
            at = [label for label in sizes if rng.random() < 0.4]
            operands.append(s.tensor(f"T{len(terms)}_{place}", *(sizes[each] for each in at)))
            labels.append(at)
        terms.append(Contraction(operands, labels, output, sizes, int(rng.integers(1, 4))))
    return (terms[0] if len(terms) == 1 else sum(terms[1:], start=terms[0])), rank


# --- axes that are several in one ---

VECTORIZED = {
    "factorisation": ("0.5*sum((M - U @ V.T)**2)", "U", "2 x 2 kron identity(5)"),
    "other factor": ("0.5*sum((M - U @ V.T)**2)", "V", "2 x 2 kron identity(3)"),
    "masked": ("sum(W*(M - U @ V.T)**2)", "U", "interleaved: 5 blocks of 2 x 2"),
    "entries of a matrix": ("sum(log(cosh(X)) + X**4)", "X", "diagonal: 15 entries"),
    "squares": ("0.5*sum(X**2)", "X", "multiple of identity(15)"),
    "ridge": ("sum((X @ B - Y)**2) + lam*sum(B**2)", "B", "identity(2) kron 3 x 3"),
    "one sample": ("logsumexp(B.T @ z)", "B", "product abc,d->abcd"),
    "quadratic form": ("trace(X.T @ A @ X @ C)", "X", "3 x 3 kron 5 x 5 + 3 x 3 kron 5 x 5"),
    "weighted": ("trace(X.T @ S @ X)", "X", "identity(3) kron 5 x 5"),
    "determinant": ("logdet(S)", "S", "product ad,bc->abcd"),
    "square of a sum": ("sum(X)**2", "X", "3 x 3 kron 5 x 5"),
}  # fmt: skip


@pytest.mark.parametrize("case", VECTORIZED)
def test_hessian_by_a_matrix_as_one_vector(case, rng):
    loss, by, words = VECTORIZED[case]
    value = s.parse(loss, GIVEN)
    hessian = s.hessian(value, by, vectorized=True)
    arguments = variables([value])
    plain, held = both(hessian, SIZES, rng, arguments)
    assert isinstance(held, Compressed)
    assert repr(held) == f"Compressed({words}, shape {plain.shape})"
    assert held.nbytes < plain.nbytes
    check(held, plain, rng)
    check(pickle.loads(pickle.dumps(held)), plain, rng)
    plain, held = both(hessian, SMALLEST, rng, arguments)
    check(held, plain, rng)
    plain, held = both(hessian, SIZES, rng, arguments, dtype=np.float32)
    check(held, plain, rng, tolerance=1e-4)


KRONECKER = {
    "kron(A, C)": "5 x 5 kron 3 x 3",
    "2*kron(A, eye(d)) + lam*kron(eye(n), C)": "5 x 5 kron identity(3) + identity(5) kron 3 x 3",
    "kron(A, C) - lam*eye(d*n)": "5 x 5 kron 3 x 3 + multiple of identity(15)",
    "kron(A, C) + diag(vec(X.T))": "5 x 5 kron 3 x 3 + diagonal: 15 entries",
    "kron(X, B)": "product ac,bd->abcd",
    "kron(B, B.T)": "product ac,bd->abcd",
    "kron(A, kron(C, B.T @ B))": "5 x 5 kron 6 x 6",
    "outer(vec(X), vec(X))": "outer product a,b->ab",
    "diag(vec(X))": "diagonal: 15 entries",
    "kron(outer(x, y), C)": "5 x 5 kron 3 x 3",
}  # fmt: skip


@pytest.mark.parametrize("text", KRONECKER)
def test_kronecker_products(text, rng):
    expression = s.parse(text, GIVEN)
    plain, held = both(expression, SIZES, rng, variables([expression]))
    assert repr(held) == f"Compressed({KRONECKER[text]}, shape {plain.shape})"
    check(held, plain, rng)
    plain, held = both(expression, SMALLEST, rng, variables([expression]))
    check(held, plain, rng)


def test_factors_of_kronecker_products(rng):
    A, C = rng.normal(size=(5, 5)), rng.normal(size=(3, 3))
    held = lambdify(s.parse("2*kron(A, C)", GIVEN), compressed=True)(A, C)
    assert_close(np.kron(*held.kron), 2 * np.kron(A, C))
    blocks = lambdify(s.parse("kron(eye(n), C)", GIVEN), arguments=["C", s.vector("x", n)],
                      compressed=True)(C, np.ones(5)).blocks  # fmt: skip
    assert_close(blocks, np.array([C] * 5))
    interleaved = lambdify(s.parse("kron(C, eye(n))", GIVEN), arguments=["C", s.vector("x", n)],
                           compressed=True)(C, np.ones(5))  # fmt: skip
    with pytest.raises(UnsupportedError, match="is not block-diagonal"):
        _ = interleaved.blocks
    turned = lambdify(s.parse("kron(B, B.T)", GIVEN), compressed=True)(np.ones((3, 2)))
    assert turned.shape == (6, 6)
    for operation in (turned.diagonal, lambda: turned.solve(np.ones(6))):
        with pytest.raises(UnsupportedError):
            operation()


@pytest.mark.parametrize("seed", range(40))
def test_random_structure_in_merged_axes(seed):
    print(f"seed: {seed}")
    rng = np.random.default_rng(seed)
    expression, rank = random_sum(rng)
    order = [int(axis) for axis in rng.permutation(rank)]
    turned = Contraction([expression], [range(rank)], order, dict(enumerate(expression.shape)))
    whole = turned if rng.random() < 0.5 else expression
    cuts = sorted({0, rank, *(int(cut) for cut in rng.integers(1, rank, size=2))})
    shape = [sympy.Mul(*whole.shape[a:b]) for a, b in itertools.pairwise(cuts)]
    merged = s.reshape(whole, *shape)
    arguments = (*variables([expression]), s.tensor("sizes", n, d))
    for sizes in (SIZES, SMALLEST):
        plain, held = both(merged, sizes, rng, arguments)
        if isinstance(held, np.ndarray):
            assert_close(held, plain)
        else:
            check(held, plain, rng)


UNSTRUCTURED = ["X", "X @ C", "X.T @ X", "exp(X)", "A + outer(x, y)", "A + diag(x)", "x @ y", "x", "A*S",
                "exp(diag(x))", "outer(x, y)*A", "2*ones(n)"]  # fmt: skip


@pytest.mark.parametrize("text", UNSTRUCTURED)
def test_other_results_are_as_without_compression(text, rng):
    expression = s.parse(text, GIVEN)
    arguments = (*variables([expression]), s.vector("sizes", n))
    plain, held = both(expression, SIZES, rng, arguments)
    assert type(held) is type(plain)
    assert_close(held, plain)
    function = lambdify(expression, arguments=arguments, compressed=True)
    assert function.source == lambdify(expression, arguments=arguments).source


def test_several_results_share_their_work(rng):
    loss = s.parse("0.5*sum((M - U @ V.T)**2)", GIVEN)
    results = (loss, s.gradient(loss, "U"), s.hessian(loss, "U"), s.hessian(loss, "V"))
    function = lambdify(results, names=["loss", "slope", "H", "G"], compressed=True)
    assert function.source.count("return loss, slope, H, G") == 1
    data = data_for(variables(results), rng, SIZES)
    found, plain = function(**data), lambdify(results)(**data)
    assert len(found) == 4
    assert_close(found[0], plain[0])
    assert_close(found[1], plain[1])
    check(found[2], plain[2], rng)
    check(found[3], plain[3], rng)
    again = pickle.loads(pickle.dumps(function))(**data)
    assert_close(again[2].dense(), plain[2])
    prepared = function.prepare(M=data["M"], U=data["U"])
    assert_close(prepared(V=data["V"])[2].dense(), plain[2])


def test_blocks_that_are_the_same_are_one_block_in_memory():
    held = Compressed((Pattern(("bc",), "abac", (0,), (("a", 1),)),), (2 * np.eye(2), 1000))
    assert held.blocks.shape == (1000, 2, 2)
    assert held.blocks.strides[0] == 0
    assert held.nbytes == 32
    assert held.solve(np.ones((1000, 2))).tolist() == [[0.5, 0.5]] * 1000


def test_diagonal_kronecker_factors_are_divided_by():
    weights = np.arange(1.0, 2001.0)
    pattern = Pattern(("a", "bc"), "abac", (0, 1))
    held = Compressed((pattern,), (weights, np.array([[2.0, 1.0], [0.0, 1.0]])))
    assert repr(held).startswith("Compressed(diagonal(2000) kron 2 x 2")
    right = np.ones((2000, 2))
    assert_close(held @ held.solve(right), right)
    weights[3] = 0
    with pytest.raises(np.linalg.LinAlgError):
        held.solve(right)


def test_singular_arrays_are_not_solved():
    diagonal = Compressed((Pattern(("a",), "aa", (0,)),), (np.array([1.0, 0.0]),))
    with pytest.raises(np.linalg.LinAlgError):
        diagonal.solve(np.ones(2))
    outer = Compressed((Pattern(("c",), "abcd", (0,), (("a", 1), ("b", 2), ("d", 2))),),
                       (np.ones(2), 2, 3))  # fmt: skip
    with pytest.raises(np.linalg.LinAlgError):
        outer.solve(np.ones((2, 3)))
    nothing = Compressed(
        (Pattern(("bc", "s"), "abac", (0, 1), (("a", 2),)),), (np.eye(2), np.zeros(1), 3)
    )
    with pytest.raises(np.linalg.LinAlgError):
        nothing.solve(np.ones((3, 2)))


def test_empty_arrays():
    held = Compressed((Pattern(("bc",), "abac", (0,), (("a", 1),)),), (np.eye(2), 0))
    assert held.dense().shape == (0, 2, 0, 2)
    assert (held @ np.ones((0, 2))).shape == (0, 2)
    assert held.blocks.shape == (0, 2, 2)
    assert held.solve(np.ones((0, 2))).shape == (0, 2)


def test_what_does_not_fit_is_refused(rng):
    hessian = s.hessian(s.parse("sum(softplus(x))", GIVEN), "x")
    function = lambdify(hessian, compressed=True)
    held = function(x=np.ones(3))
    for vector in (np.ones(4), np.ones((4, 3)), np.ones((3, 3, 3)), 1.0):
        with pytest.raises(ShapeError, match="shape of its last axes"):
            held @ vector
    with pytest.raises(ShapeError, match="right side"):
        held.solve(np.ones(4))
    with pytest.raises(UnsupportedError, match="no Kronecker product"):
        _ = held.kron
    with pytest.raises(UnsupportedError, match="without compressed=True"):
        function(x=np.ones(3), out=np.empty((3, 3)))
    with pytest.raises(UnsupportedError, match="needs the size n"):
        lambdify(s.hessian(s.parse("0.5*sum((M - U @ V.T)**2)", GIVEN), "U"), compressed=True)
    jacobian = lambdify(s.jacobian(s.parse("X @ z", GIVEN), "X"), arguments=["z", s.vector("x", n)],
                        compressed=True)(z=np.ones(3), x=np.ones(5))  # fmt: skip
    assert jacobian.shape == (5, 5, 3)
    with pytest.raises(UnsupportedError, match="square matrix"):
        jacobian.solve(np.ones(5))
    rank_one = lambdify(s.hessian(s.parse("(x @ y)**2", GIVEN), "x"), compressed=True)(y=np.ones(3))
    with pytest.raises(UnsupportedError, match=r"solve with dense\(\)"):
        rank_one.solve(np.ones(3))
    with pytest.raises(UnsupportedError, match="not block-diagonal"):
        _ = rank_one.blocks


def test_compressed_arrays_cannot_be_changed_and_can_be_stored():
    held = Compressed((Pattern(("a",), "aa", (0,)),), (np.array([1.0, 2.0]),))
    with pytest.raises(AttributeError):
        held.values = ()
    again = pickle.loads(pickle.dumps(held))
    assert again.dense().tolist() == [[1.0, 0.0], [0.0, 2.0]]
    assert repr(again) == repr(held) == "Compressed(diagonal: 2 entries, shape (2, 2))"
    assert held.factors[0][0].tolist() == [1.0, 2.0]
    assert held.patterns[0].subscripts == "a->aa"
    with pytest.raises(ValueError, match="copy"):
        np.asarray(held, copy=False)
