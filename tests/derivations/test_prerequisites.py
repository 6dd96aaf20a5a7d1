"""The order of prerequisites, and the graph of them as text and as a picture."""

import random
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from derivations import catalogue
from derivations.catalogue import TOPICS, Catalogue
from derivations.command_line import main
from derivations.pages.graph import around, graph_of, mermaid
from derivations.pages.picture import svg
from derivations.pages.prerequisites import depths, in_order, used_by, uses
from symbolic.errors import UnsupportedError

SVG = "{http://www.w3.org/2000/svg}"


def catalogue_of(folder: Path, pages: dict[str, list[str]]) -> Catalogue:
    """A catalogue of files that import each other; none of them can be run."""
    for page, needs in pages.items():
        path = folder / f"{page}.py"
        path.parent.mkdir(exist_ok=True)
        imports = (
            f"from derivations.{need.replace('/', '.')} import derivation\n" for need in needs
        )
        path.write_text(f'"""The {page}: <a> & b."""\n{"".join(imports)}raise AssertionError\n')
    return Catalogue(folder)


@pytest.fixture
def small(tmp_path):
    return catalogue_of(
        tmp_path,
        {
            "calculus/chain_rule": ["calculus/limits"],
            "calculus/limits": [],
            "calculus/taylor": ["calculus/chain_rule"],
            "neural_networks/backpropagation": ["calculus/chain_rule", "calculus/limits"],
            "generative/elbo": [],
        },
    )


def test_a_page_comes_after_those_that_it_uses_and_else_by_name(small):
    assert list(small) == [
        "calculus/limits",
        "calculus/chain_rule",
        "calculus/taylor",
        "neural_networks/backpropagation",
        "generative/elbo",
    ]


def test_the_order_inside_a_topic_holds_through_pages_of_another(tmp_path):
    needs = {"calculus/a": ["supervised/b"], "supervised/b": ["calculus/z"], "calculus/z": []}
    assert list(catalogue_of(tmp_path, needs)) == ["calculus/z", "calculus/a", "supervised/b"]


def test_uses_and_used_by(small):
    assert small.uses("neural_networks/backpropagation") == (
        "calculus/limits",
        "calculus/chain_rule",
    )
    assert small.used_by("calculus/chain_rule") == (
        "calculus/taylor",
        "neural_networks/backpropagation",
    )
    assert small.uses("generative/elbo") == small.used_by("generative/elbo") == ()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import derivations.calculus.limits", True),
        ("import derivations.calculus.limits as limits", True),
        ("from derivations.calculus import limits, chain_rule", True),
        ("from derivations.calculus.limits import derivation as limit", True),
        ("from . import limits", True),
        ("from .limits import derivation", True),
        ("from ..calculus import limits", True),
        ("from derivations import calculus", False),
        ("import sympy.calculus.limits", False),
        ("from derivations.calculus import limit", False),
        ("text = 'from derivations.calculus import limits'", False),
    ],
)
def test_imports_are_read_however_they_are_written(small, line, found):
    path = small.folder / "calculus" / "other.py"
    path.write_text(f'"""Other."""\n{line}\n')
    assert ("calculus/limits" in small.uses("calculus/other")) is found


def test_pages_that_need_each_other_are_refused_with_the_way_round(tmp_path):
    needs = {
        "calculus/a": ["calculus/b"],
        "calculus/b": ["calculus/c"],
        "calculus/c": ["calculus/a"],
    }
    with pytest.raises(UnsupportedError) as refused:
        list(catalogue_of(tmp_path, needs))
    assert str(refused.value) == (
        "the page 'calculus/a': it needs itself: calculus/a imports calculus/b imports calculus/c"
        " imports calculus/a; write what they share on a page of its own, and import that"
    )


def test_a_page_that_imports_itself_is_refused():
    with pytest.raises(UnsupportedError, match="it needs itself: a imports a;"):
        in_order({"a": ["a"]})


def test_any_graph_without_cycles_is_put_in_order():
    seed = 5
    print(f"seed: {seed}")
    random_source = random.Random(seed)
    for _ in range(50):
        names = [f"p{i}" for i in range(random_source.randint(1, 30))]
        random_source.shuffle(names)
        needs = {name: random_source.sample(names[:i], random_source.randint(0, min(i, 3)))
                 for i, name in enumerate(names)}  # fmt: skip
        shuffled = dict(sorted(needs.items()))
        order = in_order(shuffled)
        assert sorted(order) == sorted(names)
        assert all(order.index(need) < order.index(name) for name in names for need in needs[name])
        depth = depths(shuffled)
        assert all(depth[need] < depth[name] for name in names for need in needs[name])
        back = {**needs, names[0]: [names[-1]]}
        if _reaches(needs, names[-1], names[0]):
            with pytest.raises(UnsupportedError):
                in_order(back)


def _reaches(needs, start, end):
    return start == end or any(_reaches(needs, need, end) for need in needs[start])


def test_a_deep_chain_needs_no_deep_recursion():
    needs = {f"p{i}": [f"p{i + 1}"] for i in range(5000)} | {"p5000": []}
    assert in_order(needs)[0] == "p5000"


def test_what_is_no_page_uses_nothing():
    for name in ("", "no/page", "derivations"):
        assert uses(name) == used_by(name) == ()


def test_every_page_of_the_catalogue_comes_after_those_that_it_uses():
    order = list(catalogue)
    inside = [(page, need) for page in order for need in catalogue.uses(page)]
    assert inside
    for page, need in inside:
        assert page in used_by(need)
        if page.split("/")[0] == need.split("/")[0]:
            assert order.index(need) < order.index(page)


# --- the graph --------------------------------------------------------------------------------------


def test_the_graph_as_mermaid(small):
    assert mermaid(around(graph_of(small), ["calculus/taylor"])) == (
        "flowchart LR\n"
        '    subgraph calculus["Calculus"]\n'
        '        calculus__limits["limits"]\n'
        '        calculus__chain_rule["chain rule"]\n'
        '        calculus__taylor["taylor"]\n'
        "    end\n"
        "    calculus__limits --> calculus__chain_rule\n"
        "    calculus__chain_rule --> calculus__taylor"
    )


def test_around_a_page_are_what_it_needs_and_what_needs_it(small):
    assert set(around(graph_of(small), ["calculus/chain_rule"]).titles) == {
        *(page for page in small if page != "generative/elbo")
    }
    assert set(around(graph_of(small), ["generative/elbo"]).titles) == {"generative/elbo"}


def test_the_picture_has_every_page_once_without_overlap_and_arrows_to_the_right(small):
    for graph in (graph_of(small), graph_of(catalogue)):
        tree = ET.fromstring(svg(graph))
        titles = [group.findtext(f"{SVG}title") for group in tree.iter(f"{SVG}g")]
        assert sorted(title.split(":")[0] for title in titles) == sorted(graph.titles)
        boxes = {
            group.findtext(f"{SVG}title").split(":")[0]: [
                float(group.find(f"{SVG}rect").get(name)) for name in ("x", "y", "width", "height")
            ]
            for group in tree.iter(f"{SVG}g")
        }
        wide, high = float(tree.get("width")), float(tree.get("height"))
        for page, (x, y, width, height) in boxes.items():
            assert 0 <= x <= wide - width
            assert 0 <= y <= high - height
            for other, (x2, y2, _, _) in boxes.items():
                assert page == other or abs(x - x2) >= width or abs(y - y2) >= height
        for needed, page in graph.arrows:
            assert boxes[needed][0] + boxes[needed][2] < boxes[page][0]
        arrows = [path for path in tree.iter(f"{SVG}path") if path.get("class") == "arrow"]
        assert len(arrows) == len(graph.arrows)


def test_names_in_the_picture_fit_into_their_boxes():
    graph = graph_of(catalogue)
    for text in ET.fromstring(svg(graph)).iter(f"{SVG}text"):
        assert len(text.text) <= 26


def test_the_command_prints_mermaid_or_writes_a_picture(capsys, tmp_path):
    assert main(["graph", "softmax_cross_entropy"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("flowchart LR\n")
    assert "softmax_cross_entropy --> neural_networks__multilayer_perceptron" in out
    assert main(["graph", "--svg", str(tmp_path / "graph.svg")]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8").startswith("<svg")
    assert main(["graph", "--svg", str(tmp_path / "no" / "graph.svg")]) == 2
    assert "name a file that can be written" in capsys.readouterr().err
    assert main(["graph", "nothing_like_it"]) == 2


def test_every_topic_has_a_colour_of_its_own():
    from derivations.pages.picture import _colour

    assert len({_colour(topic) for topic in TOPICS}) == len(TOPICS)
