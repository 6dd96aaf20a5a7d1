"""`chainrule new`: pages with blanks, and what a check says of them until they are filled in."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from derivations import catalogue
from derivations.catalogue import TOPICS, Catalogue
from derivations.checking import check_pages
from derivations.command_line import main
from derivations.commands.new import new_page
from symbolic.errors import ChainruleError, DataError, UnsupportedError

FILLED = {
    False: (
        "        equals(2 * D(residual, w).T @ residual, by=rules.product_rule),\n",
        "        equals(2 * X.T @ residual, by=(rules.linearity, rules.linear_map)),\n",
    ),
    True: (
        "        equals(log(x**3) + log(y), by=elementary.log_of_product),\n",
        "        equals(3 * log(x) + log(y), by=elementary.log_of_power),\n",
    ),
}


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "cache"))


def filled(path: Path, scalar: bool) -> None:
    """Write the step that is missing."""
    last, missing = FILLED[scalar]
    source = path.read_text(encoding="utf-8")
    assert source.count(last) == 1
    path.write_text(source.replace(last, last + missing), encoding="utf-8")


@pytest.mark.parametrize("scalar", [False, True])
def test_a_new_page_is_undecided_and_says_what_is_missing(tmp_path, capsys, monkeypatch, scalar):
    monkeypatch.chdir(tmp_path)
    options = ["--folder", str(tmp_path), *(["--scalar"] if scalar else [])]
    assert main(["new", "calculus/my_result", *options]) == 0
    path = tmp_path / "calculus" / "my_result.py"
    out = capsys.readouterr().out
    assert out.splitlines()[1] == "  chainrule check calculus/my_result.py"
    assert main(["check", str(path)]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "undecided 1 proved" in out
    assert "claim 1 undecided: the last line" in out
    assert "is not that of the claim" in out
    assert "Traceback" not in out
    filled(path, scalar)
    assert main(["check", str(path)]) == 0
    assert "2 proved" in capsys.readouterr().out


@pytest.mark.parametrize("scalar", [False, True])
def test_a_new_page_has_the_form_of_a_page(tmp_path, scalar):
    path = new_page("calculus/my_result", tmp_path, scalar=scalar)
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert (ast.get_docstring(tree) or "").startswith("My result: say here, in one sentence,")
    assert max(map(len, source.splitlines())) <= 100
    assert not [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.For | ast.If)
    ]
    assert "# " in source
    assert not list(tmp_path.glob("**/__init__.py"))
    linter = Path(sys.executable).with_name("ruff")
    if linter.exists():
        for command in (["check"], ["format", "--check"]):
            done = subprocess.run(
                [linter, *command, "--config", Path(__file__).parents[2] / "pyproject.toml", path],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout


def test_nothing_is_overwritten(tmp_path):
    path = new_page("calculus/my_result", tmp_path)
    path.write_text("mine")
    with pytest.raises(UnsupportedError, match="exists; edit it, or choose another name"):
        new_page("calculus/my_result", tmp_path)
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("my_result", "no topic; write 'my_result' after one of linear_algebra/, calculus/,"),
        (
            "analysis/my_result",
            "no topic 'analysis'; write 'my_result' after one of linear_algebra/",
        ),
        ("", "no topic; write '<result>' after one of"),
        ("calculus/", "'' is no name of small letters, digits and underscores; write 'calculus/<r"),
        ("calculus/My-Result", "write 'calculus/my_result'"),
        ("calculus/2nd_order", "write 'calculus/another_name'"),
        ("calculus/class", "write 'calculus/another_name'"),
        ("calculus/notation", "write 'calculus/another_name'"),
        ("calculus/__init__", "write 'calculus/init'"),
        ("calculus/../../x", "write 'calculus/x'"),
        ("calculus/a/b", "write 'calculus/a_b'"),
        ("../calculus/a", "no topic '..'"),
        ("calculus/x\n", "write 'calculus/x'"),
    ],
)
def test_a_bad_name_is_refused_with_a_better_one(tmp_path, page, said):
    with pytest.raises(ChainruleError) as refused:
        new_page(page, tmp_path)
    assert said in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_every_topic_is_listed_where_it_is_missing(tmp_path, capsys):
    assert main(["new", "my_result", "--folder", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert all(f"{topic}/" in error for topic in TOPICS)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "calculus").write_text("a file")
    with pytest.raises(ChainruleError):
        new_page("calculus/my_result", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="choose another --folder"):
        new_page("calculus/my_result", tmp_path / "file")


def test_the_catalogue_of_a_checkout_gets_the_page_and_its_package(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "derivations"
    folder.mkdir()
    monkeypatch.setattr("derivations.commands.new.catalogue", Catalogue(folder))
    assert main(["new", "calculus/my_result"]) == 2
    assert "is no checkout that can be written; say where, with --folder" in capsys.readouterr().err
    (tmp_path / "pyproject.toml").write_text("")
    assert main(["new", "calculus/my_result"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "  chainrule check calculus/my_result"
    assert (folder / "calculus" / "my_result.py").is_file()
    assert (folder / "calculus" / "__init__.py").read_text() == '"""Calculus."""\n'
    assert list(Catalogue(folder)) == ["calculus/my_result"]


def test_the_topics_of_the_real_catalogue_are_packages_of_their_own():
    assert {page.split("/")[0] for page in catalogue} <= set(TOPICS)


DOCUMENT = Path(__file__).parents[2] / "docs" / "writing_a_page.md"


@pytest.mark.parametrize("place", [0, 1])
def test_the_pages_of_the_document_pass(tmp_path, place):
    found = re.findall(
        r"<!-- page -->\n```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL
    )
    assert len(found) == 2
    path = tmp_path / "supervised" / "weighted_least_squares.py"
    path.parent.mkdir()
    path.write_text(found[place], encoding="utf-8")
    [result] = check_pages([str(path)])
    assert result.counts == {"proved": 2}
    assert result.passed


def test_the_document_says_what_the_commands_say(tmp_path, capsys):
    document = DOCUMENT.read_text("utf-8")
    path = new_page("supervised/weighted_least_squares", tmp_path)
    assert main(["check", str(path)]) == 1
    *_, claim, rest = capsys.readouterr().out.splitlines()
    assert claim + "\n" + rest in document
    source = path.read_text("utf-8")
    last, _ = FILLED[False]
    path.write_text(
        source.replace(last, "        equals(2 * X.T @ residual, by=rules.product_rule),\n")
    )
    assert main(["check", str(path)]) == 1
    hint = capsys.readouterr().out.splitlines()[-1]
    assert hint in document
