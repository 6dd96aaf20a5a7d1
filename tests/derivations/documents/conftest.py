"""One process that checks the documents of all tests, and texts checked as documents."""

import contextlib

import pytest

from derivations.verification.documents import check_document, checking
from derivations.verification.documents.process import Checker


@pytest.fixture(scope="session")
def process():
    with Checker(60) as checker:
        yield checker


@pytest.fixture(autouse=True)
def one_process(process, monkeypatch):
    """One process for all tests here, since each takes a second to start."""
    monkeypatch.setattr(checking, "Checker", lambda seconds: contextlib.nullcontext(process))


@pytest.fixture
def check(tmp_path):
    """Checks a text as Markdown, and gives the findings."""

    def checked(text, name="a.md", **options):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return check_document(tmp_path / name, **options).findings

    return checked
