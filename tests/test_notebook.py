"""The notebook runs from top to bottom, and shows what it should."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parent.parent / "examples"
SHOWN = {  # pictures, and words that are printed
    "logistic_regression": (2, ("refuted", "gradient norm")),
    "floating_point": (2, ("order 1.50", "ill-conditioned")),
    "verify_by_hand": (0, ("proved", "refuted", "right if")),
}
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    printed = "".join(output.get("text", "") for output in outputs)
    count, words = SHOWN[path.stem]
    assert len(pictures) == count
    for word in words:
        assert word in printed
