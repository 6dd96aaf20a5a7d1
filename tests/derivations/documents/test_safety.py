"""A document executes nothing, and neither its formulas nor its characters do harm."""

import json
import os
import subprocess
import sys

from derivations.command_line import main
from derivations.verification.documents.process import Checker
from tests.derivations.documents.common import ROOT


def run(*arguments, folder=ROOT):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_formula_that_takes_too_long_is_ended_and_the_next_one_checked():
    with Checker(0.001) as checker:
        request = {"text": "x = x", "given": {"x": "n"}}
        assert "takes longer" in checker.ask(request)["failed"]
        checker.seconds = 60
        assert checker.ask(request)["lines"][0]["verdict"] == "proved"
        checker._process.kill()
        assert "broke down" in checker.ask(request)["failed"]
        assert checker.ask(request)["lines"][0]["verdict"] == "proved"


def test_the_memory_of_the_process_is_bounded():
    code = (
        "from derivations.verification.documents.worker import MEMORY, _bound_memory\n"
        "_bound_memory()\n"
        "try: bytearray(MEMORY)\n"
        "except MemoryError: print('bounded')"
    )
    assert run("-c", code).stdout == "bounded\n"


def test_hostile_documents_execute_nothing(tmp_path):
    """Neither text nor modules that lie beside the document."""
    canary = tmp_path / "canary"
    attack = f"__import__('pathlib').Path({str(canary)!r}).touch()"
    for name in ("sympy", "numpy", "lark", "derivations", "resource", "json"):
        (tmp_path / f"{name}.py").write_text(attack, encoding="utf-8")
    attacks = [
        attack,
        f"eval({attack!r})",
        "\\input{/etc/passwd}",
        f"\\write18{{touch {canary}}}",
        "{}.__class__",
    ]
    text = "".join(
        f"<!-- chainrule: x: n; {each}: n; q: {each}; z = {each}; h(x) = {each} -->\n$$ x = {each} $$\n"
        f"Let $z = {each}$.\n\n$$\n\\nabla_x {each} = x\n$$\n\n"
        for each in attacks
    )
    cell = {"cell_type": "markdown", "source": text}
    (tmp_path / "evil.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    (tmp_path / "evil.md").write_text(text, encoding="utf-8")
    (tmp_path / "evil.tex").write_text(text, encoding="utf-8")
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from derivations.command_line import main; "
        f"sys.exit(main(['check', '.', '--given', {attack!r} + ': n']))"
    )
    done = run("-I", "-c", program, folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not canary.exists()


def test_control_characters_do_not_reach_the_terminal(tmp_path, capsys):
    (tmp_path / "a.md").write_text(
        "<!-- chainrule: \x1b]0;title\x07 -->\n$$ \x1b[2J = 1 $$", encoding="utf-8"
    )
    assert main(["check", str(tmp_path / "a.md"), "--verbose"]) == 1
    assert "\x1b" not in capsys.readouterr().out
