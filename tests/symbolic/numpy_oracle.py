"""The value of an expression, node by node, with code that the generator of NumPy code has no part in.

One `np.einsum` a contraction, one SymPy function a kernel, an array of comparisons a bracket.
"""

import re
import string
from functools import cache

import numpy as np
import scipy.linalg
import sympy

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import Apply, Contraction, Elementwise, Iverson, Named, Sum, Variable
from symbolic.traverse import postorder, variables

SIZES = {"n": 6, "d": 3, "k": 4}


def number(value, sizes):
    return float(sympy.sympify(value).xreplace({s.dims(a)[0]: b for a, b in sizes.items()}))


def helper(source):
    namespace = {"np": np}
    exec(source, namespace)
    return namespace[re.match(r"def (\w+)", source)[1]]


HEADS = {
    name: helper(entry.numpy)
    for name, entry in ELEMENTWISE.items()
    if entry.numpy.startswith("def ")
}


# --- functions of whole arrays -------------------------------------------------------------------


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def hardmax(x, axis):
    best = x == x.max(axis, keepdims=True)
    return best / best.sum(axis, keepdims=True)


def symmetric(x):
    return (x + np.swapaxes(x, -1, -2)) / 2


def with_signs(vectors, others=None):
    """Columns whose largest entry (or that of their partners) is positive."""
    deciding = vectors if others is None else others
    rows = np.abs(deciding).argmax(-2)[..., None, :]
    return vectors * np.sign(np.take_along_axis(deciding, rows, -2))


def frechet(a, e):
    """By central differences of order 4 along the line, exact to ten digits."""
    if e.ndim > 2:
        each = [frechet(a, e[..., k]) for k in range(e.shape[-1])]
        return np.stack(each, -1)
    h = 1e-3
    at = [scipy.linalg.expm(a + t * h * e) for t in (-2, -1, 1, 2)]
    return (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * h)


APPLIED = {
    "softmax": softmax,
    "log_softmax": lambda x, axis: np.log(softmax(x, axis)),
    "logsumexp": lambda x, axis: np.log(np.exp(x).sum(axis)),
    "norm": lambda x, axis: np.sqrt((x**2).sum(axis)),
    "max": lambda x, axis: x.max(axis),
    "min": lambda x, axis: x.min(axis),
    "prod": lambda x, axis: x.prod(axis),
    "hardmax": hardmax,
    "inv": lambda x, axis: np.linalg.inv(x),
    "det": lambda x, axis: np.linalg.det(x),
    "logdet": lambda x, axis: np.log(np.abs(np.linalg.det(x))),
    "cholesky": lambda x, axis: np.linalg.cholesky(symmetric(x)),
    "eigvalsh": lambda x, axis: np.linalg.eigvalsh(symmetric(x)),
    "eigvecsh": lambda x, axis: with_signs(np.linalg.eigh(symmetric(x))[1]),
    "svdvals": lambda x, axis: np.linalg.svd(x)[1],
    "svd_left": lambda x, axis: with_signs(np.linalg.svd(x, full_matrices=False)[0]),
    "svd_right": lambda x, axis: with_signs(
        np.swapaxes(np.linalg.svd(x, full_matrices=False)[2], -1, -2),
        np.linalg.svd(x, full_matrices=False)[0],
    ),
    "expm": lambda x, axis: scipy.linalg.expm(x),
}


# --- nodes ---------------------------------------------------------------------------------------


def bracket_of(node, sizes):
    shape = [int(number(size, sizes)) for size in node.shape]
    places = np.indices(shape) if shape else []
    total = number(node.offset, sizes) + sum(
        (number(c, sizes) * at for c, at in zip(node.coefficients, places, strict=True)),
        start=np.zeros(shape),
    )
    return np.where(total == 0 if node.relation == "==" else total >= 0, 1.0, 0.0)


def einsum_of(node, values, sizes):
    operands, groups = list(values), [list(each) for each in node.labels]
    size = {label: int(number(each, sizes)) for label, each in enumerate(node.sizes)}
    output = []
    for label in node.output:
        if label in output:
            size[fresh := len(size)] = size[label]
            operands.append(np.eye(size[label]))
            groups.append([label, fresh])
            label = fresh
        elif not any(label in each for each in groups):
            operands.append(np.ones(size[label]))
            groups.append([label])
        output.append(label)
    letter = string.ascii_letters
    subscripts = ",".join("".join(letter[label] for label in each) for each in groups)
    target = "".join(letter[label] for label in output)
    path = "optimal" if len(operands) > 3 else False
    product = np.einsum(f"{subscripts}->{target}", *operands, optimize=path) if operands else 1.0
    return number(node.coefficient, sizes) * product


@cache
def kernel_of(kernel, sizes):
    """The function of arrays that a kernel stands for at some sizes."""
    known = kernel.expr.xreplace({s.dims(a)[0]: b for a, b in sizes})
    return sympy.lambdify(kernel.variables, known, [HEADS, "scipy", "numpy"])


def evaluate(expression, data, sizes):
    """The value of an expression, node by node."""
    values = {}
    for node in postorder(expression):
        below = [values[child] for child in node.children]
        match node:
            case Variable():
                values[node] = np.asarray(data[node.name], dtype=float)
            case Named():
                values[node] = below[0]
            case Contraction():
                values[node] = einsum_of(node, below, sizes)
            case Sum():
                values[node] = sum(below[1:], start=below[0])
            case Elementwise():
                values[node] = kernel_of(node.kernel, tuple(sizes.items()))(*below)
            case Iverson():
                values[node] = bracket_of(node, sizes)
            case Apply(function="expm_frechet"):
                values[node] = frechet(*below)
            case Apply():
                values[node] = APPLIED[node.function](below[0], node.axis)
    return values[expression]


# --- data and comparison -------------------------------------------------------------------------


def sample(variable, rng, sizes):
    shape = tuple(int(number(size, sizes)) for size in variable.shape)
    values = rng.normal(size=shape)
    match variable.domain:
        case "binary":
            values = (values > 0) * 1.0
        case "real":
            pass
        case "spd":
            values = symmetric(values @ np.swapaxes(values, -1, -2)) + np.eye(shape[-1])
        case "symmetric":
            values = symmetric(values)
        case "invertible":
            values = values + 3 * np.eye(shape[-1])
        case "unit":
            values = 1 / (1 + np.exp(-values))
        case "prob":
            values = softmax(values, -1)
        case "lower":
            values = np.tril(values) + 3 * np.eye(shape[-1])
        case _:
            values = np.abs(values) + 0.1
    return values if shape else float(values)


def data_for(expressions, rng, sizes=SIZES):
    found = {variable for each in expressions for variable in variables(each)}
    by_name = sorted(found, key=lambda each: each.name)
    return {variable.name: sample(variable, rng, sizes) for variable in by_name}


def assert_close(found, wanted, message="", tolerance=1e-9):
    scale = np.abs(wanted).max(initial=1.0)
    np.testing.assert_allclose(
        found, wanted, rtol=tolerance, atol=tolerance / 10 * scale, err_msg=message
    )
    assert np.shape(found) == np.shape(wanted)


def same_as_oracle(expression, rng, sizes=SIZES, also=(), tolerance=1e-9):
    """Compare; `also` are arguments that only give sizes."""
    arguments = tuple(dict.fromkeys([*variables(expression), *also]))
    data = data_for([expression, *arguments], rng, sizes)
    function = lambdify(expression, arguments=arguments)
    found = function(**data)
    assert_close(found, evaluate(expression, data, sizes), function.source, tolerance)
    return function


def same_as_differences(expression, variable, rng, sizes=SIZES, also=(), tolerance=1e-6):
    """Compare the generated gradient of a scalar with central differences of the oracle."""
    arguments = tuple(dict.fromkeys([*variables(expression), *also]))
    data = data_for(arguments, rng, sizes)
    function = lambdify(s.gradient(expression, variable), arguments=arguments)
    found = function(**data)
    at = np.asarray(data[variable.name], dtype=float)
    wanted, h = np.zeros(at.shape), 1e-5
    for place in np.ndindex(at.shape):
        step = np.zeros(at.shape)
        step[place] = h
        above, below = (
            evaluate(expression, data | {variable.name: at + sign * step}, sizes)
            for sign in (1, -1)
        )
        wanted[place] = (above - below) / (2 * h)
    assert_close(found, wanted, function.source, tolerance)
