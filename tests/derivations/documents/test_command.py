"""`chainrule check` with documents: what it shows, and its exit status."""

import json
import re

import pytest

from derivations.command_line import main
from tests.derivations.documents.common import ROOT, SAMPLES


def test_check_shows_the_first_wrong_line_and_the_repair(capsys):
    assert main(["check", str(SAMPLES / "notes.md")]) == 1
    out = capsys.readouterr().out
    assert f"{SAMPLES / 'notes.md'}:19: refuted:" in out
    assert "    slip      " in out
    assert "    repaired  " in out
    assert "1 skipped (--verbose tells why)" in " ".join(out.split())
    shown = [line for line in out.splitlines() if str(SAMPLES) not in line]
    assert max(map(len, shown)) <= 80


def test_a_long_path_stands_with_its_verdict_on_one_line(tmp_path, capsys):
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    document = folder / "notes.md"
    document.write_text("<!-- chainrule: x: n -->\n\n$$ x = 2x $$\n", encoding="utf-8")
    assert main(["check", str(document)]) == 1
    assert f"{document}:3: refuted:\n    " in capsys.readouterr().out


def test_verbose_shows_every_formula(capsys):
    main(["check", str(SAMPLES / "notes.md"), "--verbose"])
    out = capsys.readouterr().out
    assert [int(line) for line in re.findall(r"notes\.md:(\d+): ", out)] == [6, 12, 19, 37, 43]


def test_documents_and_pages_in_one_command(capsys):
    status = main(["check", "pca", str(SAMPLES / "notebook.ipynb"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (status, found["pages"][0]["page"]) == (1, "unsupervised/pca")
    (document,) = found["documents"]
    assert [(each["cell"], each["line"], each["verdict"]) for each in document["formulas"]] == [
        (1, 6, "stated"), (3, 2, "proved"), (3, 7, "refuted"),
    ]  # fmt: skip
    assert document["counts"] == {"refuted": 1, "proved": 1, "stated": 1}


@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        ("$$ x = x $$", [], 0),
        ("$$ x = 2 x $$", [], 1),
        ("$$ x = v $$", [], 0),
        ("$$ x = v $$", ["--strict"], 1),
        ("$$ x = v $$", ["--given", "v: n"], 1),
        ("$$ z = z $$ <!-- chainrule: z -->", [], 1),
        ("$$ x = x $$ <!-- chainrule: z -->", ["--allow-undecided"], 0),
        ("$$ x = 2 x $$", ["--allow-undecided"], 1),
        ("no formula", [], 0),
    ],
)
def test_the_exit_status(tmp_path, text, options, status):
    (tmp_path / "a.md").write_text(f"<!-- chainrule: x: n -->\n{text}", encoding="utf-8")
    assert main(["check", str(tmp_path / "a.md"), *options]) == status


def test_the_pre_commit_hook_runs_what_it_says(tmp_path):
    hook = {}
    for line in (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8").splitlines():
        key, _, value = line.removeprefix("- ").strip().partition(": ")
        hook[key] = value
    assert (hook["id"], hook["language"]) == ("chainrule-check", "python")
    names = ["a.md", "b/paper.tex", "c.ipynb", "d.py", "e.mdx"]
    assert [name for name in names if re.search(hook["files"], name)] == names[:3]
    program, *arguments = hook["entry"].split()
    assert f'{program} = "derivations.command_line:main"' in (ROOT / "pyproject.toml").read_text(
        encoding="utf-8"
    )
    (tmp_path / "a.md").write_text("$$ 1 = 2 $$", encoding="utf-8")
    assert main([*arguments, str(tmp_path / "a.md")]) == 1
