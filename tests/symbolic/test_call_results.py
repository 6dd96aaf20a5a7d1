"""Results are NumPy arrays and numbers of their own, of the type of the data, whatever the code gives."""

import re
import types

import numpy as np
import pytest

import symbolic as s
from symbolic.code.number_types import holds_single
from symbolic.functions import ELEMENTWISE
from symbolic.structured import STRUCTURED

GIVEN = {"w": "d", "X": "n d", "lam": "", "p": "d: positive", "q": "n d: prob", "A": "n n"}
SIZES = {"n": 3, "d": 2}
DTYPES = [np.float64, np.float32, np.float16]

CONSTANTS = {
    "3": 3, "0*lam": 0, "pi": np.pi, "1/3": 1 / 3, "d": 2, "n/d": 1.5, "exp(0*lam)": 1, "sum(q)": 3,
    "trace(eye(d))": 2, "logdet(2*eye(d))": 2 * np.log(2), "where(lam > 0, 1, 2)": 1,
    "where(lam > 0, lam, 2)": 0.5, "where(where(lam > 0, 1, 2) > 1, 3, 4)": 4,
}  # fmt: skip


def arguments():
    return [s.parse(name, GIVEN) for name in ("X", "q", "w", "lam")]


def data(dtype):
    rows = np.array([[1, 0], [0, 1], [0.5, 0.5]])
    return {"X": dtype(rows), "q": dtype(rows), "w": dtype([1, 2]), "lam": dtype(0.5)}


def is_result(result, dtype, shape=()):
    kind = np.ndarray if shape else dtype
    return type(result) is kind and result.dtype == dtype and result.shape == shape


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", CONSTANTS)
def test_a_constant_is_a_number_of_the_type_of_the_data(text, dtype):
    for e in (s.parse(text, GIVEN), s.simplify(s.parse(text, GIVEN))):
        f = s.lambdify(e, arguments=arguments())
        for _ in range(2):
            found = f(**data(dtype))
            assert is_result(found, dtype)
            np.testing.assert_allclose(found, dtype(CONSTANTS[text]), rtol=1e-6)
        assert is_result(f.prepare(**data(dtype))(), dtype)
        buffer = np.empty((), dtype)
        assert f(**data(dtype), out=buffer) is buffer
        assert buffer == found


def test_derivatives_that_are_constant():
    lam, w = s.scalar("lam"), s.vector("w", "d")
    value = 3 * lam
    results = (value, s.gradient(value, lam), s.hessian(lam**2, lam), s.gradient(s.sum(3 * w), w))
    f = s.lambdify(results, arguments=[lam, w])
    for dtype in DTYPES:
        found = f(dtype(2), dtype([1, 2, 3]))
        for result, shape in zip(found, [(), (), (), (3,)], strict=True):
            assert is_result(result, dtype, shape)
        assert [each.tolist() for each in found] == [6, 3, 2, [3, 3, 3]]
    found = s.lambdify(results, arguments=[lam, w], compressed=True)(1, np.ones(3, np.float32))
    assert is_result(found[1], np.float32)
    many = s.lambdify(s.gradient(value, lam), arguments=[lam], batch=[lam])
    assert many(np.ones(4, np.float32)).tolist() == [3] * 4
    assert is_result(many(np.float32(1)), np.float32)
    assert is_result(many.prepare(lam=np.float32(1))(), np.float32)


def test_results_without_arguments_are_float64():
    assert is_result(s.lambdify(3)(), np.float64)
    assert is_result(s.lambdify((s.constant(3),))()[0], np.float64)


@pytest.mark.parametrize("text", ["diagonal(A @ A)", "diagonal(A)", "A", "A.T", "w[:, None]", "X[:, 1]",
                                  "2*ones(d)", "where(w > 1, 1, 2)"])  # fmt: skip
def test_results_can_be_written_and_belong_to_nothing(text):
    f = s.lambdify(s.parse(text, GIVEN), arguments=[s.parse(name, GIVEN) for name in "AXw"])
    for dtype in DTYPES:
        given = {"A": np.ones((3, 3), dtype), "X": np.ones((3, 2), dtype), "w": np.ones(2, dtype)}
        wanted = f(**given)
        found = f(**given)
        assert not any(np.shares_memory(found, each) for each in given.values())
        found[...] = 7
        np.testing.assert_array_equal(f(**given), wanted)


# --- numbers that float32 has not ----------------------------------------------------------------

LITERALS = [
    "1e-60*w*1e60*lam", "log(p + 1e-60)", "w/(norm(0*w) + 1e-50)*1e-50", "exp(w + 100)*exp(-100)",
    "(1e60*w)*(1e-60*w)", "where(w > 1e-60, 1e-60*w, 0)*1e60", "1e-45*p + 0*lam", "lam*3**90*w/3**90",
    "1e-60*sum(w)/d**2*1e60", "sqrt(1e-80*w**2)*1e40", "w/(lam*d**40*n**40)*d**40*n**40",
]  # fmt: skip


@pytest.mark.parametrize("text", LITERALS)
@pytest.mark.parametrize("simplified", [False, True])
def test_numbers_beyond_float32_are_neither_zero_nor_infinite(text, simplified):
    e = s.parse(text, GIVEN)
    e = s.simplify(e) if simplified else e
    f = s.lambdify(e, arguments=[s.parse(name, GIVEN) for name in ("X", "w", "p", "lam")])
    given = {
        "X": np.ones((3, 2)),
        "w": np.array([1.0, 2.0]),
        "p": np.array([1e-30, 2.0]),
        "lam": 0.5,
    }
    wanted = f(**given)
    for scalar in (float, np.float32):
        typed = {k: scalar(v) if k == "lam" else np.float32(v) for k, v in given.items()}
        for found in (
            f(**typed),
            f.prepare(X=typed["X"], p=typed["p"])(w=typed["w"], lam=typed["lam"]),
        ):
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, wanted.astype(np.float32), rtol=1e-6)
    half = f(**{k: np.float16(v) for k, v in given.items() if k != "p"}, p=np.float16([1, 2]))
    assert half.dtype == np.float16


def test_what_overflows_in_the_end_says_so():
    f = s.lambdify(s.parse("1e60*w", GIVEN))
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert np.isinf(f(np.ones(2, np.float32))).all()


def test_other_functions_are_computed_in_float32():
    for text in (
        "0.1*w/3 + pi*w**20",
        "softmax(w)",
        "w/norm(w)",
        "1e30*w",
        "1e-30*w/d",
        "lgamma(p)",
    ):
        f = s.lambdify(s.parse(text, GIVEN))
        values = [np.ones(2, np.float32)] * len(f.args)
        assert f.admission.accept(f.admission.plain(values)).number.working == np.float32, text


@pytest.mark.parametrize("number", [1e-60, -1e-60, 1e-45, 1e39, -1e39])
def test_arguments_beyond_float32_are_refused(number):
    f = s.lambdify(s.parse("lam*w", GIVEN))
    size = "small" if abs(number) < 1 else "large"
    for dtype in (np.float32, np.float16):
        with pytest.raises(
            s.DataError, match=re.escape(f"lam = {number!r}: it is too {size} for float32")
        ):
            f(number, np.ones(2, dtype))
    assert f(number, np.ones(1)).tolist() == [number]
    assert f(3.4028235e38, np.ones(1, np.float32)) == np.finfo(np.float32).max
    assert f(0, np.ones(1, np.float32)).tolist() == [0]


@pytest.mark.parametrize("table", [ELEMENTWISE, STRUCTURED])
def test_numbers_of_helpers_are_numbers_of_float32(table):
    for name, entry in table.items():
        if not entry.numpy.startswith("def "):
            continue
        module = {"np": np}
        exec(entry.numpy, module)
        functions = [each for each in module.values() if isinstance(each, types.FunctionType)]
        assert functions
        assert all(map(holds_single, functions)), name
