"""The command `chainrule`: what it prints, and its exit status."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from derivations import catalogue
from derivations.catalogue import TOPICS
from derivations.command_line import main
from derivations.commands.check import page_called, page_or_file
from symbolic.errors import NameUnknownError

ROOT = Path(__file__).parents[2]
PAGES = list(catalogue)
SHORT = "unsupervised/pca_reconstruction"  # a page of four steps
PAGES_AS_MODULES = [page.replace("/", ".") for page in PAGES]


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def wrong_page(tmp_path):
    """The logistic page with a factor of two slipped into one line."""
    source = catalogue.path("supervised/logistic_regression").read_text(encoding="utf-8")
    right = "D(mean(-y * log(p)"
    assert source.count(right) == 1
    path = tmp_path / "supervised" / "wrong.py"
    path.parent.mkdir()
    path.write_text(source.replace(right, f"2 * {right}"), encoding="utf-8")
    return str(path)


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_list_shows_every_page_in_80_columns(capsys):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    entries = [line.split() for line in out.splitlines() if line[:2] == "  " and line[2] != " "]
    assert entries == [[page, "-"] for page in PAGES]
    flat = " ".join(out.split())
    assert all(catalogue.title(page) in flat for page in PAGES)
    headings = [line for line in out.splitlines() if line and line[0] != " "]
    topics = dict.fromkeys(page.split("/")[0] for page in PAGES)
    assert headings[:-1] == [TOPICS[topic] for topic in topics]
    assert headings[-1] == f"{len(PAGES)} pages; 'chainrule check' tells what is proved"
    assert max(map(len, out.splitlines())) <= 80


def test_list_shows_what_a_check_has_found(capsys):
    assert main(["check", SHORT]) == 0
    capsys.readouterr()
    assert main(["list", "pca", "keeping"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[:2] == ["Unsupervised learning", f"  {SHORT:<70}3 proved"]
    assert out.splitlines()[-1] == "1 page, 3 of 3 steps proved"


@pytest.mark.parametrize("command", ["list", "find"])
def test_pages_are_found_by_words(command, capsys):
    assert main([command, "softmax", "cross-entropy"]) == 0
    out = capsys.readouterr().out
    assert "neural_networks/softmax_cross_entropy" in out
    assert "unsupervised/pca" not in out
    assert main([command, "sofmax"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "chainrule: find 'sofmax': no page has this; did you mean 'softmax'?\n"


def test_list_imports_no_page_and_nothing_heavy():
    code = (
        "import sys; from derivations.command_line import main; main(['list']);"
        "heavy = {'scipy', 'matplotlib', 'IPython', 'numeric'};"
        "print([name for name in sys.modules if name in heavy"
        f" or name.partition('.')[2] in {PAGES_AS_MODULES}], file=sys.stderr)"
    )
    done = run("-c", code)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "name",
    ["logistic_regression", "supervised/logistic_regression", "logistic-regression"],
)
def test_a_page_is_found_by_its_end(name):
    assert page_called(name) == "supervised/logistic_regression"


def test_a_page_is_found_by_its_file(wrong_page, monkeypatch):
    assert page_or_file("derivations/unsupervised/pca.py") == "unsupervised/pca"
    assert page_or_file(wrong_page) == wrong_page
    monkeypatch.chdir(ROOT / "derivations" / "unsupervised")
    assert page_or_file("pca.py") == "unsupervised/pca"
    assert page_or_file("logistic_regression") == "supervised/logistic_regression"
    with pytest.raises(NameUnknownError, match="no such page"):
        page_or_file("nowhere.py")


def test_an_unknown_page_is_one_message_with_a_suggestion(capsys):
    assert main(["show", "logistic_regresion"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(
        "chainrule: page 'logistic_regresion': no such page; "
        "did you mean 'supervised/logistic_regression'"
    )


def test_a_page_like_no_other_points_to_the_list():
    with pytest.raises(NameUnknownError, match="no such page; see 'chainrule list'"):
        page_called("zzzzzz")


@pytest.mark.parametrize(
    ("option", "start", "end"),
    [
        ("--latex", r"\documentclass{article}", "\\end{document}\n"),
        ("--markdown", "# Logistic regression", "\n"),
        ("--html", "<!DOCTYPE html>", "</html>\n"),
        ("--shapes", "Logistic regression", "\n"),
    ],
)
def test_show_in_each_form(option, start, end, capsys):
    assert main(["show", "logistic_regression", option]) == 0
    out = capsys.readouterr().out
    assert out.startswith(start)
    assert out.endswith(end)


def test_text_has_no_index_form(capsys):
    assert main(["show", "pca", "--index"]) == 2
    assert "--index: text has no index form; add --latex" in capsys.readouterr().err
    assert main(["show", "pca", "--latex", "--index"]) == 0


def test_show_does_not_check_unless_asked(capsys, monkeypatch):
    def never(*arguments, **options):
        raise AssertionError("checked")

    monkeypatch.setattr("derivations.verdicts.check", never)
    assert main(["show", "pca"]) == 0
    assert "proved" not in capsys.readouterr().out


def test_check_passes_a_right_page(capsys):
    assert main(["check", SHORT, "pca_reconstruction"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1  # a page named twice is checked once
    assert lines[0].split()[0] == SHORT
    assert lines[0].split()[1] in ("proved", "verified")


def test_check_fails_on_a_refuted_line_and_shows_it(wrong_page, capsys):
    assert main(["check", wrong_page, SHORT, "--seed", "3"]) == 1
    out = capsys.readouterr().out
    first, second = out.splitlines()[:2]
    assert first.split()[:2] == [wrong_page, "refuted"]
    assert "2 refuted" in first  # the wrong line, and the right one after it
    assert second.split()[0] == SHORT
    assert "  (1)  =  2*D(" in out
    assert "X = [" in out
    assert out.splitlines()[-1] in (
        "2 pages: 1 proved, 1 refuted",
        "2 pages: 1 verified, 1 refuted",
    )
    assert max(map(len, out.splitlines()[2:])) <= max(80, len(wrong_page))


def test_a_failure_that_is_known_looks_like_a_fresh_one(wrong_page, capsys):
    arguments = ["check", wrong_page, SHORT]
    assert main(arguments) == 1
    fresh = capsys.readouterr().out
    assert main(arguments) == 1
    known = capsys.readouterr().out
    assert known == fresh.rstrip("\n") + "; 2 known before (--fresh checks again)\n"
    assert main([*arguments, "--fresh"]) == 1
    assert capsys.readouterr().out == fresh


def test_counts_of_a_check(wrong_page, capsys):
    assert main(["check", SHORT, "softmax_cross_entropy", "--counts"]) == 0
    head, unsupervised, networks, _, whole = capsys.readouterr().out.splitlines()
    assert head.split() == ["pages", "steps", "proved", "verified", "sampled", "failing"]
    assert unsupervised.split()[:6] == ["Unsupervised", "learning", "1", "3", "3", "100"]
    assert networks.split()[:3] == ["Neural", "networks", "1"]
    assert whole.split()[:3] == ["All", "topics", "2"]
    assert main(["check", wrong_page, "--counts"]) == 1
    out = capsys.readouterr().out
    assert "refuted" in out
    assert out.splitlines()[-2].split()[-1] == "2"
    assert main(["check", SHORT, "--counts", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["unsupervised"]["proved"] == 3


def test_show_with_check_has_the_same_exit_status(wrong_page, capsys):
    assert main(["show", wrong_page, "--check"]) == 1
    assert "refuted" in capsys.readouterr().out


def test_json_of_a_check(wrong_page, capsys):
    assert main(["check", wrong_page, SHORT, "--seed", "3", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    wrong, right = found["pages"]
    assert set(wrong) == {
        "page", "title", "verdict", "passed", "seed", "counts", "lines", "claims", "experiments",
        "cached",
    }  # fmt: skip
    assert (wrong["page"], wrong["verdict"], wrong["passed"]) == (wrong_page, "refuted", False)
    assert (right["page"], right["passed"], right["seed"]) == (SHORT, True, 3)
    line = wrong["lines"][0]
    assert set(line) == {
        "number", "relation", "line", "by", "verdict", "method", "reason", "points",
        "counterexample",
    }  # fmt: skip
    assert line["verdict"] == "refuted"
    assert line["counterexample"]
    assert sum(right["counts"].values()) == len(right["lines"])
    assert main(["check", wrong_page, SHORT, "--seed", "3", "--json"]) == 1
    again = json.loads(capsys.readouterr().out)
    assert [page["cached"] for page in found["pages"] + again["pages"]] == [False] * 2 + [True] * 2
    assert again["pages"] == [{**page, "cached": True} for page in found["pages"]]


@pytest.mark.parametrize("option", [["--jobs", "0"], ["--jobs", "x"], ["--time-limit", "-1"]])
def test_numbers_that_make_no_sense_are_wrong_use(option, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["check", *option])
    assert stopped.value.code == 2
    assert option[0] in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["shew"], ["show"], ["check", "--seed", "x"]])
def test_wrong_use_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: chainrule" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith("chainrule ")


def test_a_reader_that_stops_early_is_no_error():
    code = (
        "import subprocess, sys;"
        "p = subprocess.Popen([sys.executable, '-m', 'derivations', 'show', 'pca', '--shapes'],"
        " stdout=subprocess.PIPE, stderr=subprocess.PIPE);"
        "p.stdout.close(); err = p.stderr.read(); print(p.wait(), err)"
    )
    assert run("-c", code).stdout.strip() == "0 b''"


def test_no_colours_in_a_pipe_or_with_no_color():
    done = run("-m", "derivations", "show", "pca")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout


# --- verify and derive ------------------------------------------------------------------------------

LOGISTIC = [
    "--given", "X: n d; w: d", "--given", "y: n: unit",
    "--function", "mean(softplus(X @ w) - y*(X @ w))", "--wrt", "w",
]  # fmt: skip
RIGHT = "X.T @ (sigmoid(X @ w) - y)/n"


def test_verify_a_right_gradient(capsys):
    assert main(["verify", *LOGISTIC, "--claim", RIGHT]) == 0
    out = capsys.readouterr().out
    assert out.startswith("proved: ")
    assert max(map(len, out.splitlines())) <= 80


def test_verify_a_wrong_gradient_names_the_slip(capsys):
    assert main(["verify", *LOGISTIC, "--claim", "X.T @ (sigmoid(X @ w) - y)"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("refuted: ")
    assert "claim = n * correct" in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_answer_as_json(capsys):
    assert main(["verify", *LOGISTIC, "--claim", "-X.T @ y", "--seed", "3", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["passed"], found["seed"]) == ("refuted", False, 3)
    assert found["correct"] == RIGHT


@pytest.mark.parametrize(
    ("question", "status"),
    [
        (["--jacobian", "--function", "A @ x", "--wrt", "x", "--claim", "A"], 0),
        (["--jacobian", "--function", "A @ x", "--wrt", "x", "--claim", "A.T"], 1),
        (["--hessian", "--function", "x @ A @ x", "--wrt", "x", "--claim", "A + A.T"], 0),
        (["--hessian", "--function", "x @ A @ x", "--wrt", "x", "--claim", "2*A"], 1),
        (["--equal", "-x @ A", "-A.T @ x"], 0),
        (["--equal", "-x @ A", "-A @ x"], 1),
        (["--latex", "--function", "x^T A x", "--wrt", "x", "--claim", "A x + A^T x"], 0),
        (["--function", r"x^\top A x", "--wrt", "x", "--claim", r"\nabla_x f = 2 A x"], 1),
    ],
)
def test_every_kind_of_question(question, status):
    assert main(["verify", "--given", "A: n n; x: n", *question]) == status


@pytest.mark.parametrize(
    ("arguments", "read", "status"),
    [
        (["--function", "-", "--wrt", "x", "--claim", "2*x"], "x @ x\n", 0),
        (["--function", "x @ x", "--wrt", "x", "--claim", "-"], "\ufeff3*x", 1),
        (["--equal", "-", "x + x"], "2*x", 0),
        (["--steps", "-"], "z = 2*x\nL = z @ z\nD(L, x) = 8*x", 0),
        (["--steps", "-"], "z = 2*x\nL = z @ z\nD(L, x) = 4*x", 1),
        (["-"], '{"given": {"x": "n"}, "function": "x @ x", "wrt": "x", "claim": "2*x"}', 0),
        (["-"], '{"given": ["x: n; z = 2*x"], "steps": ["L = z @ z", "L = 4*(x @ x)"]}', 0),
        (["-"], '{"given": {"x": "n"}, "equal": ["x", "2*x"], "seed": 4}', 1),
    ],
)
def test_questions_from_standard_input(arguments, read, status, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(read))
    given = [] if arguments == ["-"] else ["--given", "x: n"]
    assert main(["verify", *given, *arguments]) == status


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "--function", "x @ x"], "no wrt; add --wrt"),
        (["verify", "--given", "x", "--function", "x"], "'x': no declaration"),
        (["verify", "--given", "x: n; x: d"], "x is declared twice"),
        (["verify", *LOGISTIC, "--claim", "w", "--claim", RIGHT], "--claim X.T"),
        (["verify", *LOGISTIC, "--wrt", "X", "--claim", RIGHT], "--wrt X: given twice"),
        (["derive", *LOGISTIC, "--function", "w @ w"], "--function w @ w: given twice"),
        (["verify", "--steps", "a", "--steps", "b"], "--steps b: given twice"),
        (["verify", *LOGISTIC[:-1], "v", "--claim", RIGHT], "a derivative by 'v'"),
        (["verify", *LOGISTIC, "--claim", "X.T @ ("], "("),
        (["verify", *LOGISTIC, "--claim", "foo(w)"], "foo"),
        (["verify", *LOGISTIC, "--claim", "__import__('os').system('true')"], "__import__"),
        (["verify", *LOGISTIC, "--claim", r"\frac{1"], "frac"),
        (["verify", "--given", "x: : wrong", "--equal", "x", "x"], "wrong"),
        (["verify", "--given", "x: ", "--equal", "9**9**9", "x"], "9"),
        (["verify", "--given", "x: ", "--equal", "(" * 5000, "x"], "("),
        (["verify", "--equal", "-", "-"], "two texts from standard input"),
        (["derive", "--given", "x: n", "--function", "x @ x"], "no wrt"),
        (["derive", "--given", "x: n", "--function", "x @", "--wrt", "x"], "x @"),
        (["check", "none.md"], "document 'none.md': no such file"),
        (["check", "--given", "X n d", "README.md"], "no declaration"),
    ],
)
def test_wrong_use_is_one_message_and_no_traceback(arguments, message, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("chainrule: ")
    assert message in captured.err
    assert "defect" not in captured.err
    assert all(line.startswith("    ") for line in captured.err.splitlines()[1:])


@pytest.mark.parametrize(
    ("read", "message"),
    [
        ("{", "not JSON"),
        ("[]", "no object"),
        ('{"functions": "x"}', "the field 'functions': unknown; use claim"),
        ('{"given": 3}', "the field 'given'"),
        ('{"given": {"x": 3}}', "the field 'given'"),
        ('{"function": ["x"], "wrt": "x", "claim": "x"}', "the field 'function'"),
        ('{"kind": "tensor"}', "the field 'kind'"),
        ('{"seed": true}', "the field 'seed'"),
        ("[" * 100_000, "not JSON"),
        ("9" * 2_000_000, "more than 1,000,000 characters"),
    ],
)
def test_wrong_json_is_one_message(read, message, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(read))
    assert main(["verify", "-"]) == 2
    assert message in capsys.readouterr().err


def test_a_defect_shows_no_traceback(monkeypatch, capsys):
    def breaks(*arguments, **options):
        raise KeyError("oops")

    monkeypatch.setattr("derivations.commands.verify._answer", breaks)
    assert main(["verify", "--equal", "1", "1"]) == 2
    assert capsys.readouterr().err == (
        "chainrule: a defect of this program, please report it: KeyError: 'oops'\n"
    )


def test_derive_prints_the_derivation(capsys):
    arguments = ["derive", "--given", "X: n d; w: d; y: n", "--function", "norm(X @ w - y)**2"]
    assert main([*arguments, "--wrt", "w", "--check"]) == 0
    out = capsys.readouterr().out
    assert "power rule  proved" in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("option", "start"),
    [
        ("--latex", r"\documentclass"),
        ("--markdown", "# "),
        ("--html", "<!DOCTYPE"),
        ("--json", "{"),
    ],
)
def test_derive_in_each_form(option, start, capsys):
    assert main(["derive", "--given", "x: n", "--function", "x @ x", "--wrt", "x", option]) == 0
    assert capsys.readouterr().out.startswith(start)


@pytest.mark.parametrize(
    "command", ["verify", "derive", "check", "list", "find", "graph", "new", "rules", "generate"]
)
def test_help_shows_an_example_in_80_columns(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert f"  chainrule {'list' if command == 'find' else command} " in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_answers_have_colours_on_a_terminal_only(capsys, monkeypatch):
    assert main(["verify", "--given", "x: ", "--equal", "x", "2*x"]) == 1
    plain = capsys.readouterr().out
    assert "\x1b" not in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(["verify", "--given", "x: ", "--equal", "x", "2*x"]) == 1
    assert "\x1b[1;31mrefuted" in capsys.readouterr().out
