"""Pages checked by several processes: in order, with what breaks named and nothing lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derivations.checking import PageResult, check_pages, known_results
from derivations.checking.counts import Counts, by_topic, counts_of, styled_counts
from derivations.checking.results import from_data
from derivations.rendering.text import as_plain

ROOT = Path(__file__).parents[2]
RIGHT = '''"""The gradient of a square.

It is short.
"""

from derivations import D, Derivation, equals, equation
from symbolic import dims, rules, vector

(n,) = dims("n")
x = vector("x", n)

derivation = Derivation(
    given=(x,),
    claim=equation(D(x @ x, x), 2 * x),
    steps=(equals(2 * x, by=(rules.product_rule, rules.linear_map)),),
)
'''
PAGES = {
    "a_right": RIGHT,
    "b_wrong": RIGHT.replace("equals(2 * x", "equals(3 * x"),
    "c_raises": RIGHT.replace("x @ x", "x @ y"),
    "d_shapes": RIGHT.replace("x @ x, x", "x @ vector('y', n, n), x"),
    "e_crashes": "import os\nos._exit(3)",
    "f_hangs": "while True:\n    pass",
    "g_empty": '"""Nothing."""',
    "h_syntax": "x = (",
    "i_prints": f"print('noise')\n{RIGHT}",
    "j_exits": "raise SystemExit(0)",
    "k_right": RIGHT,
}


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "calculus"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / f"{name}.py").write_text(text)
    return [str(path) for path in sorted(folder.iterdir())]


def test_what_breaks_is_named_and_the_others_go_on(files):
    seen = []
    found = list(check_pages(files, jobs=2, seconds=8, progress=lambda *event: seen.append(event)))
    assert [result.page for result in found] == files
    verdicts = {Path(result.page).stem: result.verdict for result in found}
    right = {"a_right", "i_prints", "k_right"}
    assert {name for name, verdict in verdicts.items() if verdict == "proved"} == right
    assert {name for name, verdict in verdicts.items() if verdict == "refuted"} == {"b_wrong"}
    said = {Path(result.page).stem: as_plain(result.failures) for result in found}
    flat = {name: " ".join(text.split()) for name, text in said.items()}
    for name, text in {
        "b_wrong": "3*x",
        "c_raises": "NameError: name 'y' is not defined",
        "d_shapes": "vector('y', n, n)",
        "e_crashes": "the process that checks it broke down: status 3",
        "f_hangs": "it takes longer than 8 seconds",
        "g_empty": "no derivation; write derivation = Derivation(...)",
        "h_syntax": "line 1, 'x = (': SyntaxError: '(' was never closed",
        "j_exits": "line 1, 'raise SystemExit(0)': SystemExit: 0",
    }.items():
        assert text in flat[name], flat[name]
        assert max(map(len, said[name].splitlines()[2:])) <= 80
    assert "line 14, 'claim=equation(D(x @ y, x), 2 * x),': " in flat["c_raises"]
    assert [page for page, done, total in seen if (done, total) == (1, 1)][-1] == files[-1]
    known = known_results(files)
    assert {Path(page).stem for page in known} == {"a_right", "b_wrong", "i_prints", "k_right"}
    again = list(check_pages(list(known)))
    assert all(result.cached for result in again)
    whole = {result.page: result.as_data() for result in found}
    assert [result.as_data() for result in again] == [whole[result.page] for result in again]


def test_leaving_early_ends_the_processes(files):
    started = check_pages([files[0], files[5]], jobs=2)
    assert next(started).passed
    started.close()
    assert not [line for line in _children() if "checking.worker" in line]


def _children() -> list[str]:
    """The commands of the processes that this one has started, where the system tells."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            command = (status.parent / "cmdline").read_text()
        except (OSError, ValueError):
            continue
        if parent == os.getpid():
            found.append(command)
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a terminal")
def test_an_interrupt_ends_everything_and_keeps_what_is_found(files, tmp_path):
    hanging = tmp_path / "calculus" / "f_hangs.py"
    mark = tmp_path / "started"
    hanging.write_text(f"open({str(mark)!r}, 'w').close()\nwhile True:\n    pass")
    done = subprocess.Popen(
        [sys.executable, "-m", "derivations", "check", files[0], files[5], "--jobs", "1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert "proved" in done.stdout.readline()
    while not mark.exists():
        assert done.poll() is None
        time.sleep(0.05)
    os.killpg(done.pid, signal.SIGINT)
    out, err = done.communicate()
    assert (done.returncode, out, err) == (130, "", "chainrule: stopped\n")
    assert list(known_results([files[0]])) == [files[0]]
    with pytest.raises(ProcessLookupError):  # no process of the group is left
        os.killpg(done.pid, 0)


def test_no_pages_are_no_results():
    assert list(check_pages([])) == []


# --- counts -----------------------------------------------------------------------------------------


def result(page: str, *steps: tuple[str, str], passed: bool = True) -> PageResult:
    lines = [{"verdict": verdict, "method": method} for verdict, method in steps]
    verdicts = [verdict for verdict, _ in steps]
    counts = {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)}
    verdict = "verified" if passed else "undecided"
    details = {"verdict": verdict, "counts": counts, "lines": lines, "claims": []}
    return from_data({"page": page, "details": details, "failures": []})


PROVED, VERIFIED, SAMPLED = (
    ("proved", "executed"),
    ("verified", "enclosed"),
    ("verified", "sampled"),
)


def test_each_step_counts_once():
    found = counts_of(result("calculus/a", PROVED, PROVED, VERIFIED, SAMPLED))
    assert found == Counts(pages=1, proved=2, verified=1, sampled=1, failing=0)
    assert found.steps == 4
    failing = result("calculus/a", PROVED, ("refuted", "sampled"), ("undecided", "x"), passed=False)
    assert counts_of(failing) == Counts(pages=1, proved=1, failing=2)
    broken = result("calculus/a", passed=False)
    assert counts_of(broken) == Counts(pages=1, failing=1)


def test_counts_are_added_by_topic_in_their_order():
    found = by_topic([
        result("generative/a", PROVED),
        result("calculus/a", PROVED, SAMPLED),
        result("calculus/b", VERIFIED),
        result("elsewhere/notes/c.py", PROVED),
    ])  # fmt: skip
    assert list(found) == ["calculus", "generative", "elsewhere/notes"]
    assert found["calculus"] == Counts(pages=2, proved=1, verified=1, sampled=1)


def test_the_table_of_counts():
    text = as_plain(
        styled_counts(
            [result("calculus/a", PROVED, PROVED, SAMPLED), result("generative/a", PROVED)]
        )
    )
    assert text.splitlines() == [
        "                        pages steps proved        verified sampled failing",
        "Calculus                    1     3      2   67 %        0       1       0",
        "Generative models           1     1      1  100 %        0       0       0",
        "",
        "All topics                  2     4      3   75 %        0       1       0",
    ]
