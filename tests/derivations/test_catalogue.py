"""The catalogue: what is a page, how pages are found, and pages that lie elsewhere."""

import ast
import doctest
import sys
from pathlib import Path

import pytest

import derivations
from derivations import catalogue
from derivations.catalogue import TOPICS, Catalogue
from symbolic.errors import NameUnknownError

FOLDER = Path(derivations.__file__).parent
PAGE = '''"""{title}.

{why}
"""

from derivations import D, Derivation, equals, equation
from symbolic import dims, rules, vector

(n,) = dims("n")
x = vector("x", n)  # a point

derivation = Derivation(
    given=(x,),
    claim=equation(D(x @ x, x), 2 * x),
    steps=(equals(2 * x, by=(rules.product_rule, rules.linear_map)),),
)
'''


@pytest.fixture
def small(tmp_path):
    for page, title, why in (
        ("calculus/softplus", "The slope of softplus is the sigmoid", "It is smooth."),
        ("neural_networks/softmax_regression", "Softmax regression", "The log-sum-exp is convex."),
        ("neural_networks/attention", "Attention is three products", "It needs the softmax."),
    ):
        path = tmp_path / f"{page}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(PAGE.format(title=title, why=why))
    for other in ("__init__.py", "notation.py", "notes.md"):
        (tmp_path / "calculus" / other).write_text('"""Softmax."""')
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "softmax.py").write_text('"""Softmax."""')
    return Catalogue(tmp_path)


def test_only_files_of_topics_are_pages(small):
    assert list(small) == [
        "calculus/softplus",
        "neural_networks/attention",
        "neural_networks/softmax_regression",
    ]
    assert len(small) == 3
    for name in ("calculus/notation", "calculus/__init__", "evidence/softmax", "calculus", "a/b/c"):
        assert name not in small
    assert "calculus/../calculus/softplus" not in small


def test_every_file_with_a_derivation_is_in_a_topic_and_every_page_has_one():
    with_one = {
        path.relative_to(FOLDER).with_suffix("").as_posix()
        for path in FOLDER.glob("*/*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and any(isinstance(to, ast.Name) and to.id == "derivation" for to in node.targets)
    }
    assert with_one == set(catalogue)


def test_titles_of_pages_come_first_when_words_are_found(small):
    assert small.find("softmax") == {
        "neural_networks/softmax_regression": "Softmax regression",
        "neural_networks/attention": "Attention is three products",
    }


@pytest.mark.parametrize(
    ("words", "pages"),
    [
        ("SIGMOID", ["calculus/softplus"]),
        ("sigm", ["calculus/softplus"]),
        ("log-sum-exp", ["neural_networks/softmax_regression"]),
        ("convex softmax", ["neural_networks/softmax_regression"]),
        ("neural_networks", ["neural_networks/attention", "neural_networks/softmax_regression"]),
        ("neural networks attention", ["neural_networks/attention"]),
        ("product_rule smooth", ["calculus/softplus"]),
    ],
)
def test_words_are_found_wherever_a_page_has_them(small, words, pages):
    assert list(small.find(words)) == pages


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("sofmax", "did you mean 'softmax'?"),
        ("sigmoid convex", "nearest is 'calculus/softplus'"),
        ("qqqq", "see 'chainrule list'"),
        ("", "see 'chainrule list'"),
        ("--", "see 'chainrule list'"),
    ],
)
def test_what_no_page_has_is_an_error_that_says_what_is_near(small, words, advice):
    with pytest.raises(NameUnknownError) as refused:
        small.find(words)
    assert str(refused.value) == f"find {words!r}: no page has this; {advice}"


def test_a_page_with_an_error_is_listed_and_nothing_breaks(small):
    (small.folder / "calculus" / "broken.py").write_text("x = (")
    (small.folder / "calculus" / "odd.py").write_bytes(b"\xff\xfe\x00")
    assert "calculus/broken" in list(small)
    assert small.title("calculus/broken") == "calculus/broken"
    assert small.uses("calculus/odd") == ()
    assert list(small.find("broken")) == ["calculus/broken"]


def test_a_page_that_changes_is_read_again(small):
    assert small.title("calculus/softplus") == "The slope of softplus is the sigmoid"
    (small.folder / "calculus" / "softplus.py").write_text('"""Another title, of other length."""')
    assert small.title("calculus/softplus") == "Another title, of other length"


def test_topics_are_named_once_and_have_packages():
    for topic, title in TOPICS.items():
        assert title[0].isupper()
        assert title.replace(" ", "_").lower().startswith(topic.split("_")[0][:5])
    for page in catalogue:
        assert (FOLDER / page).parent.joinpath("__init__.py").is_file()


def test_a_page_of_another_folder_is_loaded_without_touching_the_catalogue(tmp_path):
    path = tmp_path / "supervised" / "logistic_regression.py"
    path.parent.mkdir()
    path.write_text(PAGE.format(title="Mine", why="It is mine."))
    usual = catalogue["supervised/logistic_regression"]
    mine = catalogue.load(str(path))
    assert (mine.title, mine.why) == ("Mine", "It is mine.")
    assert mine.id == "supervised/logistic_regression"
    assert catalogue["supervised/logistic_regression"] is usual
    assert catalogue.load("supervised/logistic_regression") is usual
    assert sys.modules["derivations.supervised.logistic_regression"].derivation is usual


def test_a_file_without_a_derivation_is_refused(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("x = 1")
    with pytest.raises(NameUnknownError, match="no derivation; write derivation = "):
        catalogue.load(str(path))
    with pytest.raises(NameUnknownError, match="no such page"):
        catalogue.load(str(tmp_path / "missing.py"))


def test_the_examples_of_the_document_run():
    document = FOLDER.parent / "docs" / "catalogue.md"
    result = doctest.testfile(str(document), module_relative=False)
    assert result.attempted > 4
    assert result.failed == 0
