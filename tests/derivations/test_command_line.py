"""The command `chainrule`: what it prints, and its exit status."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from derivations import catalogue
from derivations.catalogue import Catalogue
from derivations.command_line import main, page_called
from symbolic.errors import NameUnknownError

ROOT = Path(__file__).parents[2]
PAGES = list(catalogue)


@pytest.fixture
def with_a_wrong_page(monkeypatch):
    """The catalogue with a factor of two slipped into one line of the logistic page."""
    right = catalogue["supervised/logistic_regression"]
    place = next(i for i, step in enumerate(right.steps) if step.relation == "equals")
    wrong = replace(right.steps[place], line=2 * right.steps[place].line)
    steps = (*right.steps[:place], wrong, *right.steps[place + 1 :])
    bad = replace(right, steps=steps, name="supervised/logistic_regression", about="Wrong\n\nVery.")
    usual = Catalogue.__getitem__

    def look_up(self, page):
        return bad if page == "supervised/logistic_regression" else usual(self, page)

    monkeypatch.setattr(Catalogue, "__getitem__", look_up)


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
    assert all(f"  {page}\n" in out for page in PAGES)
    flat = " ".join(out.split())
    assert all(catalogue.title(page) in flat for page in PAGES)
    assert max(map(len, out.splitlines())) <= 80


def test_list_imports_no_page_and_nothing_heavy():
    code = (
        "import sys; from derivations.command_line import main; main(['list']);"
        "heavy = {'scipy', 'matplotlib', 'IPython', 'numeric'};"
        "print([name for name in sys.modules if name in heavy"
        " or name.startswith('derivations.') and name.count('.') > 1], file=sys.stderr)"
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


def test_an_unknown_page_is_one_message_with_a_suggestion(capsys):
    assert main(["show", "logistic_regresion"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "chainrule: page 'logistic_regresion': no such page; "
        "did you mean 'supervised/logistic_regression'?\n"
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
    assert main(["check", "unsupervised/pca", "pca"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1  # a page named twice is checked once
    assert lines[0].split()[:2] == ["unsupervised/pca", "proved"]


def test_check_fails_on_a_refuted_line_and_shows_it(with_a_wrong_page, capsys):
    assert main(["check", "logistic_regression", "pca", "--seed", "3"]) == 1
    out = capsys.readouterr().out
    assert "supervised/logistic_regression  refuted" in out
    assert "2 refuted" in out.splitlines()[0]  # the wrong line, and the right one after it
    assert "  (1)  =  2*D(" in out
    assert "X = [" in out
    assert max(map(len, out.splitlines())) <= 80


def test_show_with_check_has_the_same_exit_status(with_a_wrong_page, capsys):
    assert main(["show", "logistic_regression", "--check"]) == 1
    assert "refuted" in capsys.readouterr().out


def test_json_of_a_check(with_a_wrong_page, capsys):
    assert main(["check", "logistic_regression", "pca", "--seed", "3", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    wrong, right = found["pages"]
    assert set(wrong) == {
        "page", "title", "verdict", "passed", "seed", "counts", "lines", "claims",
    }  # fmt: skip
    assert (wrong["page"], wrong["verdict"], wrong["passed"]) == (
        "supervised/logistic_regression",
        "refuted",
        False,
    )
    assert (right["page"], right["passed"], right["seed"]) == ("unsupervised/pca", True, 3)
    line = wrong["lines"][0]
    assert set(line) == {
        "number", "relation", "line", "by", "verdict", "method", "reason", "points",
        "counterexample",
    }  # fmt: skip
    assert line["verdict"] == "refuted"
    assert line["counterexample"]
    assert sum(right["counts"].values()) == len(right["lines"])


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
