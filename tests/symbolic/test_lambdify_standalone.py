"""Generated source is a module of its own: it runs alone, is clean, and can be pickled and traced."""

import pickle
import re
import subprocess
import sys
import traceback

import numpy as np
import pytest

import symbolic as s
from symbolic.code.compilation import lambdify
from tests.symbolic.lambdify_examples import X, d, k, loss, n, w
from tests.symbolic.numpy_oracle import data_for, same_as_oracle

BLOCKER = """
import importlib.abc, sys
class OnlyNumPy(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sympy", "symbolic", "numeric", "derivations", "scipy"}:
            raise ImportError(name)
sys.meta_path.insert(0, OnlyNumPy())
"""


def test_source_runs_alone_in_another_process(tmp_path, rng):
    outputs = (loss, s.gradient(loss, w), s.hessian(loss, w))
    f = lambdify(outputs, name="logistic")
    (tmp_path / "generated.py").write_text(f.source, encoding="utf-8")
    data = data_for(outputs, rng)
    np.savez(tmp_path / "data.npz", **data)
    run = BLOCKER + (
        "import numpy as np\nfrom generated import logistic\ndata = np.load('data.npz')\n"
        "outputs = logistic(**{name: data[name][()] for name in data})\n"
        "np.savez('out.npz', *outputs)\n"
    )
    (tmp_path / "run.py").write_text(run, encoding="utf-8")
    subprocess.run([sys.executable, "-W", "error", "run.py"], cwd=tmp_path, check=True, timeout=60)
    found = np.load(tmp_path / "out.npz")
    for place, wanted in enumerate(f(**data)):
        assert np.array_equal(found[f"arr_{place}"], wanted)


def test_only_used_helpers_are_written():
    source = lambdify(s.sigmoid(w)).source
    assert re.findall(r"^def (\w+)", source, re.M) == ["sigmoid", "f"]
    assert re.findall(r"^import .*", source, re.M) == ["import numpy as np"]
    special = lambdify(s.erf(w)).source
    assert "    from scipy.special import erf" in special
    assert "It needs NumPy, and SciPy for special functions." in special


def test_source_is_clean_to_ruff(tmp_path):
    S, x = s.matrix("S", n, n, domain="spd"), s.vector("x", n)
    moves = s.sum(s.tanh(s.conv1d(x[1:], s.vector("u", k), stride=2, padding=1))) + x @ s.solve(
        S, x
    )
    outputs = (loss, s.gradient(loss, w), s.hessian(loss, w), moves, *s.gradient(moves, [x, S]))
    outputs = (
        *outputs,
        s.einsum("iok,ok->i", s.iverson("i0 == i1 + i2", n, d, 2), (X.T @ X)[:, :2]),
    )
    path = tmp_path / "generated.py"
    path.write_text(lambdify(outputs).source, encoding="utf-8")
    ruff = pytest.importorskip("ruff.__main__", reason="ruff is not installed")
    command = [ruff.find_ruff_bin(), "check", "--isolated", "--select", "E,F,I,W,B,SIM,UP"]
    command += ["--line-length", "100", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "name",
    ["lambda", "np", "sigmoid", "t1", "f", "dtype", "sum", "n", "match", "norm", "ﬁ", "Σ", "def"],
)
def test_awkward_names_are_safe(name, rng):
    variable = s.vector(name, n)
    expression = s.sigmoid(variable) * s.norm(variable) + s.exp(s.sigmoid(variable)) / n
    same_as_oracle(expression, rng)
    assert lambdify(expression).args == (name,)


def test_tracebacks_show_the_generated_line():
    f = lambdify(s.log(s.matrix("Q", n, d)), check=False)
    with pytest.raises(FloatingPointError) as caught, np.errstate(all="raise"):
        f(-np.ones((2, 2)))
    assert "return np.log(Q)" in "".join(traceback.format_exception(caught.value))


def test_functions_pickle(rng):
    outputs = (loss, s.gradient(loss, w))
    f = lambdify(outputs, names=("loss", "gradient"))
    again = pickle.loads(pickle.dumps(f))
    data = data_for(outputs, rng)
    assert again.source == f.source
    assert again(**data)[0] == f(**data)[0]
