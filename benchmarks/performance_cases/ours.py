"""This project's answer to a case: through the public functions, from the text of the loss."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

from performance_cases.case import Case
from symbolic import gradient, hessian, lambdify, parse

_runs = count(1)


def build(case: Case) -> Callable[[], Any]:
    """A call without arguments that gives what the expert gives."""
    values = dict(zip(case.names, case.values, strict=True))
    function = _function(case)
    if case.bound:
        data = {name: values[name] for name in function.args if name not in case.wrt}
        bound = function.prepare(**data)
        return partial(bound, *(values[name] for name in case.wrt))
    return partial(function, *(values[name] for name in function.args))


def source(case: Case) -> str:
    """The generated module."""
    return _function(case).source


def renamed(case: Case) -> Case:
    """The case with a number after each name of a variable and of a size: nothing is remembered."""
    number = f"_{next(_runs)}"
    declared = " ".join(shape.partition(":")[0] for shape in case.given.values())
    sizes = re.findall(r"[A-Za-z]\w*", declared)
    words = re.compile(rf"\b({'|'.join(sorted({*sizes, *case.given}))})\b")

    def numbered(shape: str) -> str:
        sizes, colon, domain = shape.partition(":")
        return words.sub(rf"\1{number}", sizes) + colon + domain

    return replace(
        case,
        text=words.sub(rf"\1{number}", case.text),
        given={name + number: numbered(shape) for name, shape in case.given.items()},
        wrt=tuple(name + number for name in case.wrt),
        names=tuple(name + number for name in case.names),
        arguments=tuple(name + number for name in case.arguments),
        data=partial(_renamed_data, case, number),
    )


def _renamed_data(case: Case, number: str, rng: Any) -> dict[str, Any]:
    return {name + number: value for name, value in case.data(rng).items()}


def _function(case: Case) -> Any:
    loss = parse(case.text, case.given)
    wanted = [parse(name, case.given) for name in case.arguments] or None
    if not case.hessian:
        return lambdify((loss, *gradient(loss, list(case.wrt))), arguments=wanted)
    curvature = hessian(loss, *case.wrt)
    if case.form == "compressed":
        return lambdify(curvature, arguments=wanted, compressed=True)
    return lambdify(curvature, arguments=wanted)
