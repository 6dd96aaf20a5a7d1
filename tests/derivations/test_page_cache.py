"""Results that are kept: found again while nothing changes, and never where something does."""

import json
import os
import time
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from derivations import catalogue
from derivations.catalogue import Catalogue
from derivations.checking import page_cache, page_key, processes
from derivations.checking.page_cache import cache_folder, forget_unused, read_entry, write_entry
from derivations.checking.page_key import page_keys

PAGE = "calculus/chain_rule"


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    folder = tmp_path / "cache"
    monkeypatch.setenv(page_cache.VARIABLE, str(folder))
    return folder / "pages"


# --- the key ----------------------------------------------------------------------------------------


@pytest.fixture
def packages(monkeypatch, tmp_path):
    """Three small packages with pages that use each other."""
    files = {
        "symbolic/__init__.py": "",
        "symbolic/reading/grammar.lark": "start: x",
        "numeric/core.py": "",
        "derivations/verdicts.py": "",
        "derivations/calculus/__init__.py": "",
        "derivations/calculus/notation.py": "x = 1",
        "derivations/calculus/limits.py": "from derivations.calculus.notation import x",
        "derivations/calculus/chain_rule.py": "from derivations.calculus import limits",
        "derivations/calculus/taylor.py": "from . import chain_rule",
        "derivations/generative/elbo.py": "import sympy",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def find_spec(package):
        spec = ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(tmp_path / package)]
        return spec

    monkeypatch.setattr(page_key, "find_spec", find_spec)
    monkeypatch.setattr(page_key, "catalogue", Catalogue(tmp_path / "derivations"))
    return tmp_path


def key_of(page=PAGE, seed=0):
    return page_keys([page], seed)[page]


@pytest.mark.parametrize(
    "name",
    [
        "derivations/calculus/chain_rule.py",
        "derivations/calculus/limits.py",
        "derivations/calculus/notation.py",
        "derivations/calculus/__init__.py",
        "derivations/verdicts.py",
        "derivations/a_new_module.py",
        "derivations/data/table.csv",
        "numeric/core.py",
        "symbolic/reading/grammar.lark",
        "symbolic/reading/new/grammar.lark",
    ],
)
def test_the_key_changes_with_every_file_that_matters(packages, name):
    before = key_of()
    assert key_of() == before
    path = packages / name
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "\n# one more line")
    assert key_of() not in (before, None)


@pytest.mark.parametrize(
    "name",
    [
        "derivations/calculus/taylor.py",
        "derivations/generative/elbo.py",
        "derivations/generative/another.py",
        "derivations/__pycache__/verdicts.cpython-311.pyc",
        "derivations/.verdicts.py.swp",
        "docs/page.md",
    ],
)
def test_the_key_does_not_change_with_files_that_do_not_matter(packages, name):
    before = key_of()
    path = packages / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("# something else")
    assert key_of() == before


def test_the_key_changes_where_two_files_exchange_their_names(packages):
    (packages / "numeric" / "a.py").write_text("1")
    (packages / "numeric" / "b.py").write_text("2")
    before = key_of()
    (packages / "numeric" / "a.py").write_text("2")
    (packages / "numeric" / "b.py").write_text("1")
    assert key_of() != before


def test_the_key_changes_with_seed_page_libraries_and_python(packages, monkeypatch):
    keys = {key_of(), key_of(seed=1), key_of("calculus/limits")}
    real = page_key.version
    for library in page_key._LIBRARIES:
        newer = {library: "99"}
        monkeypatch.setattr(
            page_key, "version", lambda name, newer=newer: newer.get(name) or real(name)
        )
        keys.add(key_of())
    monkeypatch.setattr(page_key, "version", real)
    monkeypatch.setattr("platform.python_version", lambda: "9.9.9")
    keys.add(key_of())
    assert len(keys) == 4 + len(page_key._LIBRARIES)


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import time",
        "from pathlib import Path",
        "import my_own_module",
        "from importlib import import_module",
        "from derivations import catalogue",
        "import derivations\nx = derivations.catalogue",
        "from derivations import derive",
        "text = open('data')",
        "x = __import__('os')",
        "exec('x = 1')",
        "x = (",
    ],
)
def test_a_page_that_may_reach_further_than_its_imports_has_no_key(packages, line):
    assert key_of() is not None
    (packages / "derivations/calculus/limits.py").write_text(line)
    assert key_of("calculus/limits") is None
    assert key_of() is None  # it uses that page


def test_a_page_that_does_not_exist_has_no_key():
    assert key_of("nowhere.py") is None


def test_every_page_of_the_catalogue_has_a_key():
    keys = page_keys(catalogue, 0)
    assert None not in keys.values()
    assert len(set(keys.values())) == len(keys)


# --- the entries ------------------------------------------------------------------------------------


def test_what_is_written_is_read():
    assert read_entry("k") is None
    write_entry("k", {"verdict": "proved", "lines": [1, "é", None]})
    assert read_entry("k") == {"verdict": "proved", "lines": [1, "é", None]}
    assert read_entry("other") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-20],
        lambda text: text.replace("refuted", "proved"),
        lambda text: text.replace('"k"', '"j"'),
        lambda text: "null",
        lambda text: "[]",
        lambda text: "{}",
        lambda text: '{"key": "k", "digest": "0", "result": {"verdict": "proved"}}',
        lambda text: "[" * 100_000,
        lambda text: "\x00\ud800",
    ],
)
def test_a_damaged_entry_is_no_entry(cache, damage):
    write_entry("k", {"verdict": "refuted"})
    path = cache / "k.json"
    path.write_bytes(damage(path.read_text()).encode("utf-8", "surrogatepass"))
    assert read_entry("k") is None
    write_entry("k", {"verdict": "refuted"})
    assert read_entry("k") == {"verdict": "refuted"}


def test_an_entry_is_written_in_one_move(cache, monkeypatch):
    write_entry("k", {"verdict": "proved"})
    assert [path.name for path in cache.iterdir()] == ["k.json"]

    def interrupted(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_entry("k", {"verdict": "refuted"})
    assert [path.name for path in cache.iterdir()] == ["k.json"]
    assert read_entry("k") == {"verdict": "proved"}


def test_a_folder_that_cannot_be_written_keeps_nothing(cache, monkeypatch):
    cache.parent.write_text("a file where the folder should be")
    write_entry("k", {"verdict": "proved"})
    assert read_entry("k") is None
    forget_unused()
    monkeypatch.setattr(page_cache, "cache_folder", lambda: None)
    write_entry("k", {"verdict": "proved"})
    assert read_entry("k") is None
    forget_unused()


def test_entries_that_nobody_reads_are_forgotten(cache):
    long_ago = time.time() - 100 * 24 * 3600
    for key in ("used", "unused"):
        write_entry(key, {"verdict": "proved"})
        os.utime(cache / f"{key}.json", (long_ago, long_ago))
    (cache / "foreign.txt").write_text("not ours")
    os.utime(cache / "foreign.txt", (long_ago, long_ago))
    assert read_entry("used")
    forget_unused()
    assert sorted(path.name for path in cache.iterdir()) == ["foreign.txt", "used.json"]


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {}, "~/.cache/chainrule"),
        ("linux", {"XDG_CACHE_HOME": "/caches"}, "/caches/chainrule"),
        ("darwin", {"XDG_CACHE_HOME": "/caches"}, "~/Library/Caches/chainrule"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/chainrule"),
        ("win32", {}, "~/AppData/Local/chainrule"),
        ("linux", {"CHAINRULE_CACHE": "/mine", "XDG_CACHE_HOME": "/caches"}, "/mine"),
    ],
)
def test_the_folder_is_the_one_of_the_platform(monkeypatch, platform, variables, folder):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", page_cache.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert cache_folder() == Path(folder).expanduser()


def test_without_a_home_nothing_is_kept(monkeypatch):
    def homeless():
        raise RuntimeError("no home")

    monkeypatch.delenv(page_cache.VARIABLE)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache_folder() is None


# --- results ----------------------------------------------------------------------------------------


def results(pages, **options):
    return list(processes.check_pages(pages, **options))


def test_a_known_result_is_the_same_as_a_fresh_one(cache):
    pages = ["unsupervised/pca_reconstruction"]
    [fresh] = results(pages)
    [known] = results(pages)
    assert (fresh.cached, known.cached) == (False, True)
    assert fresh.as_data() == known.as_data()
    [again] = results(pages, fresh=True)
    assert not again.cached
    assert again.as_data() == fresh.as_data()
    [other] = results(pages, seed=1)
    assert not other.cached
    assert len(list(cache.iterdir())) == 2


def test_nothing_is_kept_when_a_file_changes_meanwhile(cache, monkeypatch):
    keys = iter(["before", "after"])
    monkeypatch.setattr(
        processes, "page_keys", lambda pages, seed: dict.fromkeys(pages, next(keys))
    )
    [result] = results(["unsupervised/pca_reconstruction"])
    assert result.passed
    assert not cache.exists()


def test_an_entry_of_the_wrong_form_is_refused_by_its_digest(cache):
    [fresh] = results(["unsupervised/pca_reconstruction"])
    [path] = cache.iterdir()
    entry = json.loads(path.read_text())
    entry["result"]["details"]["verdict"] = "refuted"
    path.write_text(json.dumps(entry))
    [again] = results(["unsupervised/pca_reconstruction"])
    assert not again.cached
    assert again.as_data() == fresh.as_data()
