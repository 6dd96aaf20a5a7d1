"""Which files are documents, and how their bytes become text."""

import os
import re

import pytest

from derivations.verification.documents import documents
from derivations.verification.documents.files import MAX_BYTES, read_document
from symbolic.errors import ChainruleError


def test_windows_line_ends_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf<!-- chainrule: x: n -->\r\n\r\n$$\r\nx = x\r\n$$\r\n")
    _, pieces = read_document(path)
    assert [(piece.kind, piece.line) for piece in pieces] == [("declaration", 1), ("display", 3)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.md", b"\xff\xfe\x00x", "null bytes"),
        ("a.md", b"fine\n\xff", "a.md:2: not UTF-8"),
        ("a.ipynb", b"{", "not JSON"),
        ("a.ipynb", b"[]", "no object with cells"),
        ("a.ipynb", b'{"a": 1}', "no object with cells"),
        ("a.ipynb", b'{"cells": 3}', "a int where a list belongs"),
        ("a.ipynb", b'{"cells": [{"cell_type": "markdown", "source": [1]}]}', "cell 1"),
        ("a.ipynb", b"[" * 200_000, "not JSON: brackets nested too deeply"),
        ("a.ipynb", b"9" * 6_000, "not JSON"),
        ("a.md", b"x" * (MAX_BYTES + 1), "more than 5,000,000 bytes"),
        ("a.txt", b"x", "not one of .md"),
    ],
)
def test_files_that_are_no_documents(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ChainruleError, match=re.escape(message)) as caught:
        read_document(path)
    assert name in str(caught.value)


def test_missing_files_pipes_and_folders(tmp_path):
    with pytest.raises(ChainruleError, match="no such file"):
        documents([str(tmp_path / "none.md")])
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(ChainruleError, match="not a regular file"):
        read_document(tmp_path / "pipe.md")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "sub").mkdir()
    for name in (".hidden/a.md", "sub/b.tex", "sub/c.txt", "d.ipynb"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = documents([str(tmp_path), str(tmp_path / "d.ipynb")])
    assert [path.name for path in found] == ["d.ipynb", "b.tex"]


def test_a_folder_without_documents_does_not_pass_in_silence(tmp_path):
    (tmp_path / "calculus").mkdir()
    (tmp_path / "calculus" / "page.py").write_text("derivation = None", encoding="utf-8")
    for name, said in ((str(tmp_path), "a page is named by its file"), ("", "the name is empty")):
        with pytest.raises(ChainruleError, match=said):
            documents([name])
