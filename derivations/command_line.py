"""The command `chainrule`: pages listed, shown and checked, documents checked, claims verified."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from derivations.catalogue import catalogue
from derivations.commands.check import add_check, page_or_file
from derivations.commands.generate import add_generate
from derivations.commands.listing import add_graph, add_list
from derivations.commands.new import add_new
from derivations.commands.output import FAILED, PASSED, WRONG_USE, console
from derivations.commands.rules import add_rules
from derivations.commands.verify import add_derive, add_verify, joined, show
from symbolic.errors import ChainruleError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0, 1 when a check fails, 2 when it is used wrongly."""
    try:
        arguments = _parser().parse_args(joined(sys.argv[1:] if argv is None else argv))
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except ChainruleError as error:
        print(f"chainrule: {error}", file=sys.stderr)
        return WRONG_USE
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PASSED
    except KeyboardInterrupt:
        print("chainrule: stopped", file=sys.stderr)
        return 130
    except Exception as error:
        found = f"{type(error).__name__}: {error}".partition("\n")[0]
        print(f"chainrule: a defect of this program, please report it: {found}", file=sys.stderr)
        return WRONG_USE
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chainrule",
        description="Derivations of machine-learning mathematics, every line executed and checked.",
    )
    parser.add_argument("--version", action="version", version=f"chainrule {_version()}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    add_list(commands)
    show = commands.add_parser("show", help="one page, as text or in another form")
    show.add_argument("page", help="its id or the end of it, such as logistic_regression; a file")
    form = show.add_mutually_exclusive_group()
    form.add_argument(
        "--latex", action="store_true", help="a LaTeX article that needs amsmath alone"
    )
    form.add_argument("--markdown", action="store_true", help="Markdown with mathematics")
    form.add_argument("--html", action="store_true", help="an HTML page that needs no network")
    form.add_argument("--shapes", action="store_true", help="text, with the shape of each line")
    show.add_argument(
        "--index", action="store_true", help="sums over indices instead of products of matrices"
    )
    show.add_argument("--check", action="store_true", help="check the page and show the verdicts")
    show.add_argument(
        "--accuracy", action="store_true", help="check, and measure the generated code in ulps"
    )
    show.add_argument("--seed", type=int, default=0, help="of the random points (default: 0)")
    show.set_defaults(run=_show)

    add_check(commands)
    add_graph(commands)
    add_new(commands)
    add_rules(commands)
    add_verify(commands)
    add_derive(commands)
    add_generate(commands)

    demo = commands.add_parser("demo", help="derive, check and use three derivations on real data")
    demo.set_defaults(run=_demo)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("chainrule")
    except PackageNotFoundError:
        return "(not installed)"


def _show(arguments: argparse.Namespace) -> int:
    derivation = catalogue.load(page_or_file(arguments.page))
    report = None
    if arguments.check or arguments.accuracy:
        report = derivation.check(seed=arguments.seed, accuracy=arguments.accuracy)
    show(derivation, report, arguments)
    return PASSED if report is None or report.passed else FAILED


def _demo(arguments: argparse.Namespace) -> int:
    from derivations.demo import run

    run(console())
    return PASSED
