r"""Reading index-form LaTeX as numbers: sums, products, entries and Iverson brackets.

It shares no code with the printer: what the printer writes is read as a mathematician reads it. A
product with a bracket that is 0 is 0; any other entry outside its array is an error.
"""

import itertools
import re
from collections.abc import Callable
from fractions import Fraction
from math import prod

import numpy as np

Names = dict[str, int]
Number = Fraction | float
Value = Callable[[Names], Number]

_TOKEN = re.compile(
    r"\\sum_\{(?P<over>\w)=1\}\^(?P<limit>\{[^{}]*\}|\w)"
    r"|\\(?P<extreme>max|min)_(?P<indices>\{[^{}]*\}|\w)"
    r"|\\prod_\{(?P<times>\w)=1\}\^(?P<last>\{[^{}]*\}|\w)"
    r"|(?P<name>[A-Za-z])_(?P<at>\{[^{}]*\}|\w)"
    r"|\[(?P<relation>[^\[\]]*)\]"
    r"|\\frac\{(?P<top>[^{}]*)\}\{(?P<bottom>[^{}]*)\}"
    r"|(?P<open>\\left[(\[]|\()|(?P<close>\\right[)\]]|\))"
    r"|(?P<sign>[+-])|\^(?P<power>\d)|(?P<number>\d+|[a-z])|\s+"
)


def read(latex: str, arrays: dict[str, np.ndarray], sizes: Names) -> Callable[[Names], Number]:
    """The value of a formula as a function of its free indices; sizes are numbers."""
    matches, place = [], 0
    while place < len(latex):
        found = _TOKEN.match(latex, place)
        assert found, f"cannot read {latex[place:]!r} of {latex!r}"
        if not found.group().isspace():
            matches.append(found)
        place = found.end()
    reader = _Reader(matches, arrays, sizes)
    value = reader.sum()
    assert not reader.waiting, f"left over in {latex!r}"
    return lambda names: value({**sizes, **names})


def integer(text: str, names: Names) -> int:
    """An affine expression as it stands in a subscript, as `2i+k-2` and `n(i-1)+k`."""
    text = text.strip("{}")
    while r"\lfloor" in text:  # the innermost first
        text = re.sub(r"\\lfloor ((?:(?!\\lfloor).)*?)/(\d+) \\rfloor", r"((\1)//\2)", text)
    spaced = re.sub(r"([\w)])\s*(?=[A-Za-z(])", r"\1*", text)
    return int(eval(spaced, {"__builtins__": {}}, names))


def holds(relation: str, names: Names) -> bool:
    """Whether a chain of relations holds."""
    parts = re.split(r"(=|\\le|\\ge)", relation)
    values = [integer(part.strip(), names) for part in parts[::2]]
    compare = {"=": lambda a, b: a == b, r"\le": lambda a, b: a <= b, r"\ge": lambda a, b: a >= b}
    pairs = itertools.pairwise(values)
    return all(compare[sign](*pair) for sign, pair in zip(parts[1::2], pairs, strict=True))


class _Reader:
    def __init__(self, waiting: list[re.Match], arrays: dict, sizes: Names) -> None:
        self.waiting, self.arrays, self.sizes = waiting, arrays, sizes

    def ahead(self, group: str) -> bool:
        return bool(self.waiting) and self.waiting[0][group] is not None

    def sum(self) -> Value:
        terms = []
        while self.waiting and not self.ahead("close"):
            sign = -1 if self.ahead("sign") and self.waiting.pop(0)["sign"] == "-" else 1
            terms.append((sign, self.product()))
        return lambda names: sum(sign * term(names) for sign, term in terms)

    def product(self) -> Value:
        factors: list[Value] = []
        conditions: list[str] = []
        while self.waiting and not self.ahead("close") and not self.ahead("sign"):
            if self.ahead("relation"):
                conditions.append(self.waiting.pop(0)["relation"])
                continue
            factors.append(self.powered(self.factor()))
        return lambda names: (
            prod(factor(names) for factor in factors)
            if all(holds(each, names) for each in conditions)
            else 0
        )

    def powered(self, base: Value) -> Value:
        if not self.ahead("power"):
            return base
        power = int(self.waiting.pop(0)["power"])
        return lambda names: base(names) ** power

    def factor(self) -> Value:
        token = self.waiting.pop(0)
        if token["over"] or token["times"]:
            index, limit = token["over"] or token["times"], token["limit"] or token["last"]
            body, combine = self.product(), sum if token["over"] else prod
            return lambda names: combine(
                body({**names, index: k}) for k in range(1, integer(limit, names) + 1)
            )
        if token["extreme"]:
            found = re.fullmatch(r"\{1 \\le (\w) \\le (.*)\}", token["indices"])
            assert found, f"no range in {token.group()}"
            body, best = self.product(), max if token["extreme"] == "max" else min
            return lambda names: best(
                body({**names, found[1]: k}) for k in range(1, integer(found[2], names) + 1)
            )
        if token["open"]:
            inside = self.sum()
            self.waiting.pop(0)
            return inside
        if token["top"]:
            return lambda names: Fraction(
                integer(token["top"], names), integer(token["bottom"], names)
            )
        if token["number"]:
            return lambda names: integer(token["number"], names)
        return lambda names: self.entry(token["name"], token["at"].strip("{}"), names)

    def entry(self, name: str, at: str, names: Names) -> float:
        array = self.arrays[name]
        parts = at.split(",") if "," in at or array.ndim == 1 else list(at)
        places = tuple(integer(part, names) for part in parts)
        for place, size in zip(places, array.shape, strict=True):
            assert 1 <= place <= size, f"{name}_{at} is outside at {names}"
        return float(array[tuple(place - 1 for place in places)])
