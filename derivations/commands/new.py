"""The command `chainrule new`: a page with blanks, to be filled in."""

from __future__ import annotations

import argparse
import keyword
import os
import re
from pathlib import Path
from typing import Any

from derivations.catalogue import NOT_PAGES, TOPICS, catalogue
from derivations.commands.output import PASSED
from symbolic.errors import DataError, NameUnknownError, NotAllowedError, UnsupportedError

_EXAMPLE = """\
examples:
  chainrule new calculus/chain_rule             tensors of symbolic size
  chainrule new calculus/chain_rule --scalar    plain SymPy
  chainrule new calculus/chain_rule --folder my_pages

{topics}

The page is written into the catalogue of a checkout, and elsewhere into the
folder that is named. 'chainrule check' then says what is missing.
"""

_TENSORS = '''\
"""{title}: say here, in one sentence, what holds.

Say why it matters, in one to three sentences, as a good textbook would.
"""

from derivations import D, Derivation, equals, equation
from symbolic import dims, matrix, rules, vector

# The notation: each variable with its shape, its domain if it has one, and what it means.
n, d = dims("n d")
X = matrix("X", n, d)  # one example a row
w = vector("w", d)  # weights
y = vector("y", n)  # targets

residual = X @ w - y  # what several lines need gets a name
loss = residual @ residual

derivation = Derivation(
    given=(X, w, y),  # all the variables that occur
    claim=equation(D(loss, w), 2 * X.T @ residual),
    steps=(
        # The first line is the left side of the claim. Each step below is the next line, with the
        # rule that leads to it; the last is the right side of the claim. One step is missing here.
        equals(2 * D(residual, w).T @ residual, by=rules.product_rule),
    ),
    # source="the book and its section, if you have looked it up",
)
'''

_SCALAR = '''\
"""{title}: say here, in one sentence, what holds.

Say why it matters, in one to three sentences, as a good textbook would.
"""

from sympy import Symbol, log

from derivations import Derivation, equals, equation
from symbolic.scalars import elementary

# The notation: each symbol with what is assumed of it (at least real=True), and what it means.
x = Symbol("x", positive=True)  # a length
y = Symbol("y", positive=True)  # another

derivation = Derivation(
    given=(x, y),  # all the symbols that occur, and conditions on them such as x < y
    claim=equation(log(x**3 * y), 3 * log(x) + log(y)),
    steps=(
        # The first line is the left side of the claim. Each step below is the next line, with the
        # rule that leads to it; the last is the right side of the claim. One step is missing here.
        equals(log(x**3) + log(y), by=elementary.log_of_product),
    ),
    # source="the book and its section, if you have looked it up",
)
'''


def add_new(commands: Any) -> None:
    """Add the command `new` to the parser."""
    import textwrap

    topics = textwrap.fill(f"The topics are {', '.join(TOPICS)}.", 78)
    parser = commands.add_parser(
        "new",
        help="write a page with blanks",
        description="Write a page with blanks; docs/writing_a_page.md tells how to fill it in.",
        epilog=_EXAMPLE.format(topics=topics),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("page", metavar="TOPIC/RESULT", help="its id, such as calculus/chain_rule")
    parser.add_argument("--scalar", action="store_true", help="plain SymPy instead of tensors")
    parser.add_argument("--folder", help="where the folder of the topic is, or is made")
    parser.set_defaults(run=_new)


def _new(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.folder) if arguments.folder else _checkout()
    path = new_page(arguments.page, folder, scalar=arguments.scalar)
    shown = min(os.path.relpath(path), str(path), key=len)
    inside = path.resolve().is_relative_to(catalogue.folder.resolve())
    print(f"{shown} is written: fill it in, and see what is missing with")
    print(f"  chainrule check {arguments.page if inside else shown}")
    return PASSED


def new_page(page: str, folder: Path, *, scalar: bool = False) -> Path:
    """Write a page with blanks below a folder, and tell where it is.

    Raises a `ChainruleError` when the id is none, the page exists, or it cannot be written.
    """
    topic, name = _checked(page)
    path = folder / topic / f"{name}.py"
    text = (_SCALAR if scalar else _TENSORS).format(title=name.replace("_", " ").capitalize())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        package = path.with_name("__init__.py")
        if folder.resolve() == catalogue.folder.resolve() and not package.exists():
            package.write_text(f'"""{TOPICS[topic]}."""\n', encoding="utf-8")
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UnsupportedError(
            f"new page {page!r}", f"{path} exists", "edit it, or choose another name"
        ) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise DataError(f"new page {page!r}", f"{path}: {why}", "choose another --folder") from None
    return path


def _checked(page: str) -> tuple[str, str]:
    """The topic and the name of an id. Raises a `ChainruleError` when it is none."""
    topic, slash, name = page.partition("/")
    if not slash:
        topic, name = "<topic>", topic
    good = re.sub(r"\W+", "_", name.lower()).strip("_") or "<result>"
    if not slash or topic not in TOPICS:
        raise NameUnknownError(
            f"new page {page!r}",
            f"no topic {topic!r}" if slash else "no topic",
            f"write {good!r} after one of " + ", ".join(f"{topic}/" for topic in TOPICS),
        )
    allowed = re.fullmatch(r"[a-z][a-z0-9_]*", name) and not keyword.iskeyword(name)
    if not allowed or name in NOT_PAGES:
        raise NotAllowedError(
            f"new page {page!r}",
            f"{name!r} is no name of small letters, digits and underscores",
            f"write '{topic}/{good if good != name else 'another_name'}'",
        )
    return topic, name


def _checkout() -> Path:
    """The folder of the catalogue, where it belongs to a checkout that can be written."""
    folder = catalogue.folder
    if (folder.parent / "pyproject.toml").is_file() and os.access(folder, os.W_OK):
        return folder
    raise UnsupportedError(
        "new", f"{folder} is no checkout that can be written", "say where, with --folder FOLDER"
    )
