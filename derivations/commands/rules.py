"""The command `chainrule rules`: what a page can name in `by=`."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING, Any

from derivations.commands.output import PASSED, WIDTH, console, print_styled
from symbolic.errors import NameUnknownError

if TYPE_CHECKING:
    from derivations.rendering.text import Styled

_EXAMPLE = """\
examples:
  chainrule rules                  all rules, with the import that each needs
  chainrule rules softmax          those that have this word
"""


def add_rules(commands: Any) -> None:
    """Add the command `rules` to the parser."""
    parser = commands.add_parser(
        "rules",
        help="the rules that a page can name",
        description="The rules that a page can name in by=, by the import that each needs.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="what name or statement has")
    parser.set_defaults(run=_rules)


def _rules(arguments: argparse.Namespace) -> int:
    from derivations.rules.table import entries

    words = [word.lower().replace("_", " ") for word in arguments.words]
    lines: list[Styled] = []
    heading = ""
    for entry in entries():
        called = getattr(entry.rule, "name", "")  # as it stands beside a step
        text = f"{entry.module}.{entry.name} {called} {entry.statement}".lower().replace("_", " ")
        if not all(word in text for word in words):
            continue
        if entry.imported != heading:
            heading = entry.imported
            lines.extend([*([[]] if lines else []), [(heading, "heading")]])
        lines.append([(f"  {entry.spelled}", "title")])
        lines.extend([(f"      {line}", "")] for line in textwrap.wrap(entry.statement, WIDTH - 6))
    if not lines:
        written = f"rules {' '.join(arguments.words)!r}"
        raise NameUnknownError(written, "no rule has this", "see 'chainrule rules'")
    print_styled(console(), lines)
    return PASSED
