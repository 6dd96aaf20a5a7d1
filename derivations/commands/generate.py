"""The command `chainrule generate`: a page or a function as a standalone NumPy module."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derivations.commands.check import page_called
from derivations.commands.options import Once
from derivations.commands.output import PASSED
from derivations.commands.verify import add_given, given_of, standard_input
from symbolic.errors import DataError, IndependentWarning, NameUnknownError, UnsupportedError

if TYPE_CHECKING:
    from derivations.generated import Work

_EXAMPLE = """\
examples:
  chainrule generate supervised/logistic_regression > logistic.py
  chainrule generate --given 'X: n d; w: d; y: n: unit' \\
      --function 'mean(softplus(X @ w) - y*(X @ w))' --gradient w --hessian w

  The module needs NumPy (and SciPy where NumPy lacks a function), nothing of
  this program. --gradient, --jacobian and --hessian may be repeated; their work
  is shared. --given also takes definitions: 'z = X @ w' keeps the name z. Text
  with a backslash is LaTeX. '--function -' is read from standard input.

exit status:
  0, or 2 for wrong use; then nothing is written
"""
_KINDS = ("gradient", "jacobian", "hessian")


def add_generate(commands: Any) -> None:
    """Add the command `generate` to the parser."""
    parser = commands.add_parser(
        "generate",
        help="standalone NumPy for a page or a function",
        description="Print a NumPy module: a function with its derivatives, their work shared.",
        usage="chainrule generate [PAGE | --given TEXT... --function TEXT] [options]",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("page", nargs="?", help="the id of a page, or the end of it")
    add_given(parser)
    parser.add_argument(
        "--function", action=Once, metavar="TEXT", help="what is computed and differentiated"
    )
    parser.add_argument(
        "--gradient", "--wrt", action="append", default=[], metavar="NAME",
        help="the gradient of a scalar by a variable",
    )  # fmt: skip
    parser.add_argument(
        "--jacobian", action="append", default=[], metavar="NAME",
        help="the Jacobian of an array by a variable",
    )  # fmt: skip
    parser.add_argument(
        "--hessian", action="append", default=[], metavar="NAME",
        help="the Hessian of a scalar by a variable",
    )  # fmt: skip
    parser.add_argument("--latex", action="store_true", help="the function is LaTeX")
    parser.add_argument(
        "--value", action=argparse.BooleanOptionalAction, default=True,
        help="whether the value of the function comes first (default: it does)",
    )  # fmt: skip
    parser.add_argument(
        "--accuracy", action=argparse.BooleanOptionalAction, default=True,
        help="whether the error of the code is measured, and said in the module (default: it is)",
    )  # fmt: skip
    parser.add_argument("--name", action=Once, help="what the function is called in the module")
    parser.add_argument(
        "--output", action=Once, metavar="FILE", help="write the module there, print nothing"
    )
    parser.set_defaults(run=_generate)


def _generate(arguments: argparse.Namespace) -> int:
    from derivations.generated import module

    work = _of_page(arguments) if arguments.page else _of_function(arguments)
    written = module(work, name=arguments.name, accuracy=arguments.accuracy)
    if arguments.output is None:
        print(written, end="")
        return PASSED
    try:
        Path(arguments.output).write_text(written, encoding="utf-8")
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise DataError(
            f"--output {arguments.output!r}", why, "name a file that can be written"
        ) from None
    return PASSED


def _of_page(arguments: argparse.Namespace) -> Work:
    from derivations.catalogue import catalogue
    from derivations.generated import work_of_page

    for option in ("function", "given", "latex", *_KINDS):
        if getattr(arguments, option):
            raise UnsupportedError(
                f"--{option} with the page {arguments.page!r}",
                "a page has its own",
                "give a page, or --function with its options",
            )
    return work_of_page(catalogue[page_called(arguments.page)], value=arguments.value)


def _of_function(arguments: argparse.Namespace) -> Work:
    from derivations.generated import work_of_function
    from symbolic import Latex
    from symbolic.reading.declarations import identifier
    from symbolic.reading.parser import read

    if arguments.function is None:
        raise UnsupportedError("generate", "no page and no function", "add one, or see --help")
    text = standard_input() if arguments.function == "-" else arguments.function
    given = given_of(arguments.given)
    whole = read(Latex(text) if arguments.latex else text, given)
    by = {kind: [identifier(name) for name in getattr(arguments, kind)] for kind in _KINDS}
    for kind, names in by.items():
        for name in names:
            if names.count(name) > 1:
                raise NameUnknownError(f"--{kind} {name}", "given twice", "give it once")
    with warnings.catch_warnings():
        warnings.simplefilter("error", IndependentWarning)
        try:
            return work_of_function(whole, given, by, value=arguments.value)
        except IndependentWarning as warning:
            raise UnsupportedError(
                "generate", str(warning), "leave that derivative out, or correct the function"
            ) from None
