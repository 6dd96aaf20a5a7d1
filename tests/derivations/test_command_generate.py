"""The command `chainrule generate`: modules that run alone, say what they rest on, and read well."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy

from derivations import catalogue
from derivations.command_line import main
from derivations.commands.verify import given_of
from derivations.generated import module, work_of_page
from symbolic import UnsupportedError, gradient, hessian, lambdify, parse
from symbolic.reading.declarations import declare
from symbolic.sizes import size_symbol

LOGISTIC = [
    "--given", "X: n d; w: d", "--given", "y: n: unit", "--given", "z = X @ w",
    "--function", "mean(softplus(z) - y*z)",
]  # fmt: skip


def computes(page):
    """Whether a page claims something that numbers can be put into."""
    try:
        return bool(catalogue[page].lambdify(value=True).source)
    except UnsupportedError:
        return False


QUESTIONS = {  # what is declared, the function, the variable of its derivatives
    "ridge": ("X: n d; w: d; y: n; lam: : positive", "norm(X @ w - y)**2 + lam*norm(w)**2", "w"),
    "softmax": ("X: n d; W: d c; Y: n c: onehot", "-sum(Y*log_softmax(X @ W, axis=1))/n", "W"),
    "poisson": ("X: n d; w: d; y: n: counts; z = X @ w", "mean(exp(z) - y*z)", "w"),
    "gaussian": ("K: n n: spd; y: n", "y @ inv(K) @ y/2 + logdet(K)/2", "y"),
    "quadratic": ("A: n n; x: n; b: n", "x @ A @ x + b @ x", "x"),
    "factorisation": ("R: n m; U: n k; V: m k", "sum((R - U @ V.T)**2)/2", "U"),
    "attention": (
        "Q: n d; K: m d; V: m k; G: n k; P = softmax(Q @ K.T/sqrt(d), axis=1)", "sum(G*(P @ V))", "V",
    ),
    "convolution": ("x: n+2; w: 3; y: n", "sum((conv1d(x, w) - y)**2)/2", "w"),
    "probit": ("X: n d; w: d; y: n: pm1", "-sum(log((1 + erf(y*(X @ w)/sqrt(2)))/2))", "w"),
    "triplet": (
        "A: n d; P: n d; N: n d; m: : positive",
        "mean(maximum(sum((A - P)**2, axis=1) - sum((A - N)**2, axis=1) + m, 0))", "A",
    ),
    "long_names": (
        "features: n d; weights_of_the_features: d; targets_of_the_examples: n: unit; strength_of_it: ",
        "mean(softplus(features @ weights_of_the_features) - targets_of_the_examples*"
        "(features @ weights_of_the_features)) + strength_of_it*norm(weights_of_the_features)**2",
        "weights_of_the_features",
    ),
}  # fmt: skip


def generated(capsys, *arguments):
    assert main(["generate", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def arguments_of(question):
    given, function, by = QUESTIONS[question]
    return ["--given", given, "--function", function, "--gradient", by, "--hessian", by]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A folder with the module of every question and page."""
    folder = tmp_path_factory.mktemp("generated")
    for question in QUESTIONS:
        wanted = [*arguments_of(question), "--name", "run"]
        assert (
            main(["generate", *wanted, "--no-accuracy", "--output", f"{folder}/{question}.py"]) == 0
        )
    for page in filter(computes, catalogue):
        path = folder / f"{page.replace('/', '_')}.py"
        assert main(["generate", page, "--no-accuracy", "--output", str(path)]) == 0
    return folder


# --- the numbers ----------------------------------------------------------------------------------

ALONE = """
import importlib.util, pathlib, sys
import numpy as np
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"symbolic", "numeric", "derivations", "sympy"}:
            raise AssertionError(f"a generated module imports {name}")
sys.meta_path.insert(0, Blocked())
for path in sorted(pathlib.Path().glob("*.npz")):
    source = pathlib.Path(sys.argv[1], path.stem + ".py")
    spec = importlib.util.spec_from_file_location("grad", source)
    grad = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(grad)
    data = np.load(path)
    found = grad.run(**{name: data[name][()] for name in data})
    np.savez(path.with_suffix(".out"), *found)
"""


def data_of(question, rng):
    """Arguments for a question: sizes from 3 on, entries of their domains."""
    sizes = {size_symbol(letter): 3 + place for place, letter in enumerate("dnkmc")}
    data = {}
    for name, variable in declare(given_of([QUESTIONS[question][0]])).items():
        shape = [int(sympy.sympify(size).subs(sizes)) for size in variable.shape]
        values = rng.normal(size=shape)
        if variable.domain == "spd":
            values = values @ values.T + np.eye(*shape)
        elif variable.domain == "onehot":
            values = np.eye(shape[1])[rng.integers(0, shape[1], shape[0])]
        elif variable.domain == "counts":
            values = np.floor(np.abs(values) * 3)
        elif variable.domain == "pm1":
            values = np.where(values > 0, 1.0, -1.0)
        elif variable.domain != "real":
            values = np.abs(values) / (1 + np.abs(values))
        data[name] = values
    return data


def test_modules_run_alone_and_give_the_numbers_of_lambdify(corpus, tmp_path):
    rng = np.random.default_rng(7)
    data = {question: data_of(question, rng) for question in QUESTIONS}
    for question, arrays in data.items():
        np.savez(tmp_path / f"{question}.npz", **arrays)
    (tmp_path / "alone.py").write_text(ALONE, encoding="utf-8")
    command = [sys.executable, "-I", "-W", "error", "alone.py", corpus]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=100)
    for question, (declared, text, by) in QUESTIONS.items():
        given = given_of([declared])
        whole = parse(text, given)
        f = lambdify((whole, gradient(whole, by), hessian(whole, by)))
        wanted = f(**{name: data[question][name] for name in f.args})
        found = np.load(tmp_path / f"{question}.out.npz")
        for place, value in enumerate(wanted):
            assert np.array_equal(found[f"arr_{place}"], value), (question, place)


def test_a_page_computes_what_its_lambdify_does(corpus):
    rng = np.random.default_rng(3)
    X, w, y, lam = rng.normal(size=(6, 3)), rng.normal(size=3), rng.integers(0, 2, 6), 0.5
    namespace = {}
    exec((corpus / "supervised_logistic_regression.py").read_text(), namespace)
    found = namespace["logistic_regression"](X, y, w, lam)
    wanted = catalogue["supervised/logistic_regression"].lambdify(value=True)(X, y, w, lam)
    assert all(map(np.array_equal, found, wanted))


def test_a_module_does_nothing_when_it_is_run(corpus):
    before = set(corpus.iterdir())
    for path in (corpus / "gaussian.py", corpus / "unsupervised_pca.py"):
        done = subprocess.run(
            [sys.executable, "-I", path], cwd=corpus, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert set(corpus.iterdir()) == before


# --- how it reads ---------------------------------------------------------------------------------


def ruff(*arguments):
    program = pytest.importorskip("ruff.__main__", reason="ruff is not installed").find_ruff_bin()
    command = [program, *arguments, "--isolated", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_modules_are_clean_to_ruff_and_to_its_formatter(corpus):
    ruff("check", str(corpus))
    ruff("check", "--line-length=100", "--select=E,F,W,I,B,UP,C4,SIM,RET", str(corpus))
    ruff("format", "--diff", "--line-length=100", str(corpus))


def test_the_module_of_a_page_names_it_and_what_it_assumes(capsys):
    text = generated(capsys, "logistic_regression", "--no-accuracy")
    opening = text.split('"""')[1]
    assert opening.startswith(
        "Logistic regression: gradient and Hessian of the mean loss with an L2"
    )
    assert "The page supervised/logistic_regression of chainrule derives it." in opening
    assert "Bishop, Pattern" in opening
    assert "Assumptions:\n    y: 0 or 1\n" in opening
    assert "It needs NumPy and nothing else." in " ".join(opening.split())
    assert re.search(r"^def logistic_regression\(X, y, w, lam", text, re.M)
    assert '"""Return loss, gradient_w, hessian_w.\n' in text
    assert re.search(r"^    z = X", text, re.M)
    assert re.search(r"^    p = ", text, re.M)


def test_a_page_without_its_value(capsys):
    text = generated(capsys, "logistic_regression", "--no-value", "--no-accuracy")
    assert '"""Return gradient_w, hessian_w.\n' in text
    assert "def logistic_regression(X, y, w, lam" in text


def test_results_of_a_page_that_have_names_keep_them():
    results = list(work_of_page(catalogue["neural_networks/multilayer_perceptron"]).results)
    assert results[:4] == ["loss", "delta3", "delta2", "delta1"]
    assert results[4:6] == ["gradient_W3", "gradient_b3"]


@pytest.mark.parametrize(
    ("options", "name", "results"),
    [
        (["--gradient", "w"], "value_and_gradient", "value, gradient"),
        (["--gradient", "w", "--no-value"], "gradient", None),
        (["--no-value"], "value", None),
        (["--hessian", "w", "--gradient", "w"], "value_gradient_and_hessian",
         "value, gradient, hessian"),
        (["--gradient", "X", "--gradient", "w"], "value_and_gradients",
         "value, gradient_X, gradient_w"),
        (["--gradient", "w", "--name", "loss_and_gradient"], "loss_and_gradient",
         "value, gradient"),
        (["--jacobian", "w"], "value_and_jacobian", "value, jacobian"),
    ],
)  # fmt: skip
def test_names_say_what_is_computed(options, name, results, capsys):
    text = generated(capsys, *LOGISTIC, *options, "--no-accuracy")
    assert re.search(rf"^def {name}\(X, w, y\b", text, re.M)
    if results is not None:
        assert f'"""Return {results}.' in text
    assert text.count('"""NumPy code') == 0
    assert "Assumptions:\n    y: between 0 and 1\n" in text


def test_conditions_of_functions_are_assumptions(capsys):
    question = ["--given", "K: n n: spd; y: n; x: n", "--function", "y @ inv(K) @ y + sum(log(x))"]
    text = generated(capsys, *question, "--gradient", "K", "--gradient", "x", "--no-accuracy")
    opening = text.split('"""')[1]
    assert "    x > 0, in log\n" in opening
    assert "    K: symmetric positive definite\n" in opening


def test_a_named_value_keeps_its_name(capsys):
    question = ["--given", "x: n; L = x @ x", "--function", "L", "--gradient", "x", "--no-accuracy"]
    text = generated(capsys, *question)
    assert '"""Return L, gradient.' in text
    assert text.startswith('"""The value and gradient of x @ x.')


def test_arguments_are_those_in_use_in_the_order_they_are_given(capsys):
    declared = ["--given", "unused: k; y: n; w: d; X: n d"]
    text = generated(capsys, *declared, "--function", "sum(X @ w - y)", "--no-accuracy")
    assert "def value(y, w, X" in text
    text = generated(capsys, "--given", "x: n; a: ", "--function", "a*n", "--no-accuracy")
    assert "def value(x, a" in text  # the size is read from x


def test_latex_and_standard_input(capsys, monkeypatch):
    latex = r"\frac{1}{2} \|X w - y\|_2^2"
    declared = ["--given", "X: n d; w: d; y: n", "--gradient", "w", "--no-accuracy"]
    wanted = generated(capsys, *declared, "--function", "norm(X @ w - y)**2/2")
    assert generated(capsys, *declared, "--function", latex) == wanted
    monkeypatch.setattr("sys.stdin.read", lambda *_: latex, raising=False)
    assert generated(capsys, *declared, "--function", "-") == wanted
    assert generated(capsys, *declared, "--latex", "--function", r"\tfrac{1}{2} \|X w - y\|^2")


def test_the_accuracy_is_measured_unless_it_is_not_wanted(capsys):
    with_it = generated(capsys, *LOGISTIC, "--gradient", "w")
    without = generated(capsys, *LOGISTIC, "--gradient", "w", "--no-accuracy")
    assert re.search(r"Accuracy, measured against enclosures:\n    error at most \S+ ulp", with_it)
    assert "ulp" not in without
    assert with_it.split('"""', 2)[2] == without.split('"""', 2)[2]


def test_texts_cannot_leave_the_docstring():
    page = catalogue["supervised/logistic_regression"]
    work = work_of_page(page)
    title = 'A title """ with a quote, and \\alpha at its end"'
    text = module(type(work)(work.results, work.given, "f", title), accuracy=False)
    namespace = {}
    exec(text, namespace)
    assert "\\alpha at its end" in namespace["__doc__"]


def test_the_same_question_gives_the_same_text_in_every_process(capsys):
    wanted = generated(capsys, "multilayer_perceptron", "--no-accuracy")
    root = Path(__file__).parents[2]
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "derivations", "generate", "multilayer_perceptron", "--no-accuracy"],
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": seed},
            cwd=root, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        assert done.stdout == wanted


# --- files and wrong use --------------------------------------------------------------------------


def test_output_writes_a_file_and_prints_nothing(tmp_path, capsys):
    path = tmp_path / "grad.py"
    assert generated(capsys, "pca", "--no-accuracy", "--output", str(path)) == ""
    assert path.read_text(encoding="utf-8") == generated(capsys, "pca", "--no-accuracy")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no page and no function"),
        (["logistic_regresion"], "no such page"),
        (["pca", "--function", "x @ x"], "--function with the page 'pca': a page has its own"),
        (["pca", "--gradient", "S"], "--gradient with the page"),
        (["backpropagation"], "has no NumPy form in the table"),
        ([*LOGISTIC, "--gradient", "v"], "a derivative by 'v': no such name"),
        ([*LOGISTIC, "--given", "v: k", "--gradient", "v"], "does not contain v"),
        ([*LOGISTIC, "--gradient", "w", "--gradient", "w"], "--gradient w: given twice"),
        ([*LOGISTIC, "--function", "x"], "--function x: given twice; give it once"),
        ([*LOGISTIC, "--name", "f", "--name", "g"], "--name g: given twice"),
        ([*LOGISTIC, "--output", "a", "--output", "b"], "--output b: given twice"),
        ([*LOGISTIC, "--name", "2x"], "not a free identifier"),
        ([*LOGISTIC, "--name", "logistic_loss_and_slope"], "not a free identifier"),
        ([*LOGISTIC, "--name", "import os"], "not a free identifier"),
        (["--given", "x: n", "--function", "2*x", "--gradient", "x"], "not a scalar"),
        (["--given", "x: n", "--function", "x @", "--gradient", "x"], "x @"),
        (["--given", "x n", "--function", "x"], "no declaration"),
        (["--given", "x: ", "--function", "__import__('os')"], "__import__"),
        (["pca", "--output", "/nowhere/grad.py"], "no such file or directory"),
        (["pca", "--output", "."], "name a file that can be written"),
        (["pca", "--output", "a\0b"], "name a file that can be written"),
    ],
)
def test_wrong_use_is_one_message_and_writes_nothing(arguments, message, capsys):
    assert main(["generate", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("chainrule: ")
    assert message in captured.err
    assert "defect" not in captured.err
    assert "Traceback" not in captured.err


def test_help_shows_an_example_in_80_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as stopped:
        main(["generate", "--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert "  chainrule generate supervised/logistic_regression > " in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_documented_module_is_what_is_generated(capsys):
    """From the imports on; the accuracy above them depends on the machine's own exponential."""
    text = (Path(__file__).parents[2] / "docs" / "generated_code.md").read_text()
    shown = text.partition("`chainrule generate supervised/logistic_regression`:")[2]
    assert main(["generate", "supervised/logistic_regression"]) == 0
    documented = shown.partition("```python\n")[2].partition("```")[0]
    made = capsys.readouterr().out
    assert made.partition("import numpy")[2] == documented.partition("import numpy")[2] != ""
