"""The commands `chainrule verify` and `chainrule derive`: a question and its answer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from derivations.commands.options import Once
from derivations.commands.output import FAILED, PASSED, console, print_styled, with_verdicts
from symbolic.errors import ParseError, UnsupportedError

if TYPE_CHECKING:
    from derivations.verification.result import Verification
    from derivations.verification.steps import StepsVerification

_TAKE_TEXT = ("--given", "--function", "--wrt", "--claim", "--steps", "--equal")
_MOST_READ = 1_000_000  # characters from standard input

_VERIFY_EXAMPLE = """\
questions:
  --function TEXT --wrt NAME --claim TEXT [--jacobian | --hessian]
  --equal TEXT TEXT
  --steps TEXT
  -

example:
  chainrule verify --given 'X: n d' --given 'w: d' --given 'y: n: unit' \\
      --function 'mean(softplus(X @ w) - y*(X @ w))' \\
      --wrt w --claim 'X.T @ (sigmoid(X @ w) - y)/n'

  --given also takes definitions ('z = X @ w'), and several of either with ';'
  between them. Text with a backslash is LaTeX. One of the texts may be '-':
  it is read from standard input. With '-' alone the whole question is, as JSON:
  {"given": {"x": "n"}, "function": "x @ x", "wrt": "x", "claim": "2*x"}

exit status:
  0 proved or verified, 1 refuted or undecided, 2 wrong use
"""

_DERIVE_EXAMPLE = """\
example:
  chainrule derive --given 'X: n d; w: d; y: n' \\
      --function 'norm(X @ w - y)**2' --wrt w --check

exit status:
  0, or 1 when a checked line is refuted or undecided, 2 for wrong use
"""


def add_verify(commands: Any) -> None:
    """Add the command `verify` to the parser."""
    parser = commands.add_parser(
        "verify",
        help="is this the gradient of that? are these lines right?",
        description="Verify a derivative, an equality, or all lines of a derivation.",
        usage="chainrule verify [--given DECLARATION]... QUESTION [options]",
        epilog=_VERIFY_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "question", nargs="?", choices=["-"], metavar="-", help="the question as JSON"
    )
    _add_question(parser)
    parser.add_argument(
        "--claim", action=Once, metavar="TEXT", help="what the derivative is said to be"
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--jacobian", action="store_true", help="the claim is a Jacobian")
    kind.add_argument("--hessian", action="store_true", help="the claim is a Hessian")
    kind.add_argument(
        "--equal", action="append", metavar="TEXT", help="two expressions after it: are they equal?"
    )
    kind.add_argument(
        "--steps", action=Once, metavar="TEXT", help="lines of a derivation, or a LaTeX block"
    )
    parser.add_argument("--latex", action="store_true", help="all texts are LaTeX")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.add_argument("--seed", type=int, default=0, help="of the random points (default: 0)")
    parser.set_defaults(run=_verify)


def add_derive(commands: Any) -> None:
    """Add the command `derive` to the parser."""
    parser = commands.add_parser(
        "derive",
        help="a derivative, with the rule of every line",
        description="Print the derivation of a gradient (of an array: of its Jacobian).",
        epilog=_DERIVE_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_question(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--latex", action="store_true", help="print a LaTeX article")
    form.add_argument("--markdown", action="store_true", help="print Markdown with mathematics")
    form.add_argument("--html", action="store_true", help="print an HTML page")
    form.add_argument("--json", action="store_true", help="check, and print all lines as JSON")
    parser.add_argument("--check", action="store_true", help="check every line, show the verdicts")
    parser.add_argument("--seed", type=int, default=0, help="of the random points (default: 0)")
    parser.set_defaults(run=_derive)


def add_given(parser: argparse.ArgumentParser) -> None:
    """Add the option that declares variables to a parser."""
    parser.add_argument(
        "--given", action="append", default=[], metavar="DECLARATION",
        help="a variable, as in 'X: n d' or 'lam: : positive'; may be repeated",
    )  # fmt: skip


def _add_question(parser: argparse.ArgumentParser) -> None:
    add_given(parser)
    parser.add_argument("--function", action=Once, metavar="TEXT", help="what is differentiated")
    parser.add_argument(
        "--wrt", action=Once, metavar="NAME", help="the variable it is differentiated by"
    )


def joined(arguments: Sequence[str]) -> list[str]:
    """Arguments in which an option and its text are one, so that a text may begin with a minus sign.

    >>> joined(["verify", "--claim", "-x", "--equal", "-a", "b"])
    ['verify', '--claim=-x', '--equal=-a', '--equal=b']
    """
    result: list[str] = []
    waiting: list[str] = []
    for argument in arguments:
        if waiting:
            result.append(f"{waiting.pop()}={argument}")
        elif argument in _TAKE_TEXT:
            waiting = [argument] * (2 if argument == "--equal" else 1)
        else:
            result.append(argument)
    return result + waiting[:1]


def _verify(arguments: argparse.Namespace) -> int:
    question = _question(arguments)
    found = _answer(question)
    if arguments.json:
        print(found.to_json())
    else:
        print_styled(console(), with_verdicts(str(found)))
    return PASSED if found.passed else FAILED


def _question(arguments: argparse.Namespace) -> dict[str, Any]:
    """What is asked, from the arguments or from JSON on standard input."""
    if arguments.question == "-":
        return _from_json(standard_input())
    texts = {"function": arguments.function, "claim": arguments.claim, "steps": arguments.steps}
    equal = list(arguments.equal or [])
    places = [name for name, text in texts.items() if text == "-"]
    if len(places) + equal.count("-") > 1:
        raise UnsupportedError("-", "two texts from standard input", "give one of them as it is")
    if places or "-" in equal:
        read = standard_input()
        texts = {name: read if text == "-" else text for name, text in texts.items()}
        equal = [read if text == "-" else text for text in equal]
    kind = "jacobian" if arguments.jacobian else "hessian" if arguments.hessian else "gradient"
    return {
        **{name: text for name, text in texts.items() if text is not None},
        **({"equal": equal} if arguments.equal else {}),
        **({"wrt": arguments.wrt} if arguments.wrt else {}),
        "given": given_of(arguments.given),
        "kind": kind,
        "latex": arguments.latex,
        "seed": arguments.seed,
    }


def given_of(texts: Sequence[str]) -> dict[str, str]:
    """What `--given` declares, as a mapping.

    >>> given_of(["X: n d; y: n: unit", "z = X @ w"])
    {'X': 'n d', 'y': 'n: unit', 'z': '= X @ w'}
    """
    from derivations.verification.documents.declarations import Declaration, Problem, read_comment
    from derivations.verification.documents.pieces import Piece

    given: dict[str, str] = {}
    for text in texts:
        for item in read_comment(Piece("declaration", text, 1)):
            if isinstance(item, Problem):
                raise item.error
            if not isinstance(item, Declaration) or item.value is None:
                raise ParseError(
                    f"--given {text!r}", "no declaration", "write 'NAME: SIZES: DOMAIN'"
                )
            if item.name in given:
                raise ParseError(
                    f"--given {text!r}", f"{item.name} is declared twice", "say it once"
                )
            given[item.name] = item.value
    return given


def standard_input() -> str:
    try:
        text = sys.stdin.read(_MOST_READ + 1)
    except UnicodeDecodeError:
        raise ParseError("standard input", "not UTF-8", "send text") from None
    if len(text) > _MOST_READ:
        raise ParseError("standard input", f"more than {_MOST_READ:,} characters", "send less")
    return text.removeprefix("\ufeff").strip()


_FIELDS = {"given", "function", "wrt", "claim", "kind", "equal", "steps", "latex", "seed"}


def _from_json(text: str) -> dict[str, Any]:
    import json

    try:
        question = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(
            "standard input", f"not JSON: {error}", "see 'chainrule verify --help'"
        ) from None
    if not isinstance(question, dict):
        raise ParseError("standard input", "JSON, but no object", "see 'chainrule verify --help'")
    unknown = sorted(set(question) - _FIELDS)
    if unknown:
        raise ParseError(
            f"the field {unknown[0]!r}", "unknown", f"use {', '.join(sorted(_FIELDS))}"
        )
    given = question.get("given", {})
    if isinstance(given, list) and all(isinstance(each, str) for each in given):
        question["given"] = given_of(given)
    _check_fields(question)
    return question


def _check_fields(question: dict[str, Any]) -> None:
    def is_text(value: Any) -> bool:
        return isinstance(value, str)

    tests = {
        "given": lambda value: isinstance(value, dict) and all(map(is_text, value.values())),
        "equal": lambda value: isinstance(value, list) and all(map(is_text, value)),
        "steps": lambda value: (
            is_text(value) or (isinstance(value, list) and all(map(is_text, value)))
        ),
        "latex": lambda value: isinstance(value, bool),
        "seed": lambda value: isinstance(value, int) and not isinstance(value, bool),
        "kind": lambda value: value in ("gradient", "jacobian", "hessian"),
    }
    for name, value in question.items():
        if not tests.get(name, is_text)(value):
            found = f"a value of the type {type(value).__name__}"
            raise ParseError(f"the field {name!r}", found, "see 'chainrule verify --help'")


def _answer(question: dict[str, Any]) -> Verification | StepsVerification:
    import derivations
    from symbolic import Latex

    def text(written: str) -> str:
        return Latex(written) if question.get("latex") else written

    given, seed = question.get("given", {}), question.get("seed", 0)
    if "steps" in question:
        steps = question["steps"]
        return derivations.verify_steps(
            [text(each) for each in steps] if isinstance(steps, list) else text(steps),
            given,
            seed=seed,
        )
    if "equal" in question:
        if len(question["equal"]) != 2:
            raise UnsupportedError(
                "--equal", f"{len(question['equal'])} texts", "give two expressions"
            )
        left, right = map(text, question["equal"])
        return derivations.equivalent(left, right, given, seed=seed)
    for name in ("function", "wrt", "claim"):
        if name not in question:
            raise UnsupportedError("the question", f"no {name}", f"add --{name}, or see --help")
    verify = {
        "gradient": derivations.verify_gradient,
        "jacobian": derivations.verify_jacobian,
        "hessian": derivations.verify_hessian,
    }[question.get("kind", "gradient")]
    return verify(
        text(question["function"]), question["wrt"], text(question["claim"]), given, seed=seed
    )


def _derive(arguments: argparse.Namespace) -> int:
    from derivations.commands.checked_pages import page_as_json
    from derivations.trace import derive
    from symbolic.reading.declarations import identifier

    if arguments.function is None or arguments.wrt is None:
        missing = "function" if arguments.function is None else "wrt"
        raise UnsupportedError("derive", f"no {missing}", f"add --{missing}, or see --help")
    text = standard_input() if arguments.function == "-" else arguments.function
    derivation = derive(text, identifier(arguments.wrt), given_of(arguments.given))
    checked = arguments.check or arguments.json
    report = derivation.check(seed=arguments.seed) if checked else None
    if arguments.json:
        assert report is not None
        print(page_as_json(report))
    else:
        show(derivation, report, arguments)
    return PASSED if report is None or report.passed else FAILED


def show(derivation: Any, report: Any, arguments: argparse.Namespace) -> None:
    """Print a derivation in the form that the arguments ask for."""
    shapes, index = getattr(arguments, "shapes", False), getattr(arguments, "index", False)
    if arguments.latex:
        from derivations.rendering.latex import document as form
    elif arguments.markdown:
        from derivations.rendering.markdown import markdown as form
    elif arguments.html:
        from derivations.rendering.html import page as form
    else:
        from derivations.rendering.text import styled

        if index:
            raise UnsupportedError(
                "--index", "text has no index form", "add --latex, --markdown or --html"
            )
        print_styled(console(), styled(derivation, report, shapes=shapes))
        return
    print(form(derivation, report, index=index), end="")
