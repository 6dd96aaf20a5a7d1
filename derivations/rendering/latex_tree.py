"""Reading the LaTeX that the toolkit writes into a small tree, for MathML and for line breaks.

This is no LaTeX: it reads what `symbolic.printing.latex_printer` and a page's headings are made
of. A command that it does not know becomes an `unknown` node that shows the command as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derivations.rendering import latex_symbols as symbols

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_TALL = frozenset({"fraction", "large", "table", "binomial"})
_APART = frozenset({"fence", "bracket", "sized", "mark", "space", "binary", "relation", "large"})
_DEEPEST = 120  # brackets in brackets


@dataclass(frozen=True)
class Node:
    """A piece of a formula: its kind, what it shows, its parts, and where in the source it stands.

    | kind | text | parts |
    |---|---|---|
    | `letter`, `upright`, `function`, `number`, `text`, `unknown` | what is shown | |
    | `binary`, `relation`, `large`, `bracket`, `mark` | the operator | |
    | `sized` | the bracket, its size in `value` | |
    | `space` | | the width in `value` |
    | `row` | | the nodes |
    | `fraction`, `binomial` | | top, bottom |
    | `root` | | inside, or inside and degree |
    | `scripts` | | base, below, above (an empty row for none) |
    | `fence` | the two brackets, apart by a blank | the nodes inside |
    | `accent` | the accent | base |
    | `under` | | base, what stands below |
    | `table` | the environment | rows of cells |
    """

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()
    start: int = 0
    end: int = 0
    value: float = 0.0
    inside: tuple[int, int] = field(default=(0, 0))  # of a fence: where its inside stands


_EMPTY = Node("row")


def read_latex(source: str) -> tuple[Node, ...]:
    """The nodes of a formula, in order.

    >>> [node.kind for node in read_latex(r"x^{2} + \\foo")]
    ['scripts', 'binary', 'unknown']
    """
    return _Reader(source).nodes(until=())


def unknown_commands(nodes: tuple[Node, ...]) -> list[str]:
    """The commands that were not known, as written."""
    stack, found = list(nodes), []
    while stack:
        node = stack.pop()
        stack.extend(node.parts)
        if node.kind == "unknown":
            found.append(node.text)
    return sorted(found)


def is_tall(nodes: tuple[Node, ...]) -> bool:
    """Whether brackets around some nodes must be larger than the letters."""
    return any(node.kind in _TALL or is_tall(node.parts) for node in nodes)


_WITH_LIMITS = frozenset(
    {"max", "min", "argmax", "argmin", "arg max", "arg min", "lim", "sup", "inf"}
)


def has_limits(node: Node) -> bool:
    """Whether scripts stand under and over a node, as with a sum; those of an integral stand beside."""
    return (node.kind == "large" and node.text != "∫") or node.text in _WITH_LIMITS


def base_of(node: Node) -> Node:
    """What stands there without its scripts."""
    return base_of(node.parts[0]) if node.kind == "scripts" else node


def words_touch(before: Node, node: Node) -> bool:
    """Whether a name of several letters stands beside a factor, so that a space is needed."""
    if before.kind in _APART or node.kind in _APART:
        return False
    return _is_word(before) or (_is_word(node) and base_of(before).text not in ("∂", "d"))


def _is_word(node: Node) -> bool:
    base = base_of(node)
    return base.kind == "upright" and len(base.text) > 1 and base.text.isalpha()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(source)]
        self.place = 0
        self.depth = 0

    def peek(self) -> str:
        while self.place < len(self.tokens) and self.tokens[self.place][0].isspace():
            self.place += 1
        return self.tokens[self.place][0] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.place += 1
        return token

    def start(self) -> int:
        self.peek()
        return self.tokens[self.place][1] if self.place < len(self.tokens) else len(self.source)

    def end(self) -> int:
        place = min(self.place, len(self.tokens)) - 1
        return self.tokens[place][2] if place >= 0 else 0

    def nodes(self, until: tuple[str, ...]) -> tuple[Node, ...]:
        """Nodes up to one of the tokens `until` (which is left) or the end."""
        found: list[Node] = []
        self.depth += 1
        while (token := self.peek()) and token not in until:
            if self.depth > _DEEPEST:
                start, end = self.start(), len(self.source)
                self.place = len(self.tokens)
                found.append(Node("unknown", self.source[start:], start=start, end=end))
                break
            found.append(self.scripted())
        self.depth -= 1
        return tuple(found)

    def scripted(self) -> Node:
        start = self.start()
        base = _EMPTY if self.peek() in ("^", "_") else self.single()
        below = above = _EMPTY
        while (token := self.peek()) in ("^", "_", "'", r"\limits", r"\nolimits"):
            self.take()
            if token == "'":
                primes = "′" * (1 + self._more_primes())
                above = _row((above, Node("mark", primes))) if above.parts else Node("mark", primes)
            elif token == "^":
                script = self.single()
                above = script if above is _EMPTY else _row((above, script))
            elif token == "_":
                below = self.single()
        if below is _EMPTY and above is _EMPTY:
            return base
        return Node("scripts", "", (base, below, above), start, self.end())

    def _more_primes(self) -> int:
        count = 0
        while self.peek() == "'":
            self.take()
            count += 1
        return count

    def group(self) -> Node:
        """What a command is given: a group in braces, or one token."""
        return self.single() if self.peek() else _EMPTY

    def raw_group(self) -> str:
        """The text of a group in braces, as it stands."""
        if self.peek() != "{":
            return self.take()
        start = self.tokens[self.place][2]
        depth = 0
        while self.place < len(self.tokens):
            token, begin, _ = self.tokens[self.place]
            depth += (token == "{") - (token == "}")
            self.place += 1
            if depth == 0:
                return self.source[start:begin]
        return self.source[start:]

    def single(self) -> Node:
        start = self.start()
        node = self._single(self.take())
        kept = {"start": start, "end": self.end(), "inside": node.inside, "value": node.value}
        return Node(node.kind, node.text, node.parts, **kept)  # type: ignore[arg-type]

    def _single(self, token: str) -> Node:
        if token == "{":
            inside = self.nodes(("}",))
            self.take()
            return _row(inside)
        if token.startswith("\\"):
            return self._command(token)
        if token[0].isdigit():
            return Node("number", token)
        if token in "()[]|":
            return Node("bracket", token)
        if token in "+-*":
            return Node("binary", {"-": "−", "*": "∗"}.get(token, token))
        if token in "=<>:":
            return Node("relation", token)
        if token == "~":
            return Node("space", value=0.25)
        return Node("letter" if token.isalpha() else "mark", token)

    def _command(self, token: str) -> Node:
        name = token[1:]
        for kind, table in (
            ("letter", symbols.LETTERS),
            ("upright", symbols.UPRIGHT),
            ("binary", symbols.BINARY),
            ("relation", symbols.RELATIONS),
            ("large", symbols.LARGE),
        ):
            if name in table:
                return Node(kind, table[name])
        if name in symbols.FUNCTIONS:
            return Node("function", name)
        if token in symbols.DELIMITERS:
            return Node("bracket", symbols.DELIMITERS[token])
        if name in symbols.SPACES:
            return Node("space", value=symbols.SPACES[name])
        if name in symbols.SIZES:
            return Node("sized", symbols.DELIMITERS.get(self.take(), ""), value=symbols.SIZES[name])
        if name in symbols.STYLES:
            return _EMPTY
        if name in symbols.ALPHABETS:
            return self._alphabet(symbols.ALPHABETS[name])
        if name in symbols.ACCENTS:
            return Node("accent", symbols.ACCENTS[name], (self.group(),))
        return self._structure(token, name)

    def _structure(self, token: str, name: str) -> Node:
        if name in ("frac", "dfrac", "tfrac", "binom"):
            kind = "binomial" if name == "binom" else "fraction"
            return Node(kind, "", (self.group(), self.group()))
        if name == "sqrt":
            degree = self._option()
            inside = self.group()
            return Node("root", "", (inside,) if degree is None else (inside, degree))
        if name.startswith("operatorname"):
            return Node("function", _unescaped(self.raw_group()))
        if name in symbols.TEXTS:
            return Node("text", _unescaped(self.raw_group()))
        if name == "underset":
            below = self.group()
            return Node("under", "", (self.group(), below))
        if name == "substack":
            return self._stack()
        if name == "left":
            return self._fence()
        if name == "begin":
            return self._table()
        if name in ("#", "$", "%", "&", "_"):
            return Node("mark", name)
        return Node("unknown", token)

    def _option(self) -> Node | None:
        if self.peek() != "[":
            return None
        self.take()
        inside = self.nodes(("]",))
        self.take()
        return _row(inside)

    def _alphabet(self, alphabet: str) -> Node:
        text = self.raw_group()
        command = text[1:] if text.startswith("\\") else ""
        plain = symbols.LETTERS.get(command) or symbols.UPRIGHT.get(command) or _unescaped(text)
        shown = symbols.in_alphabet(plain, alphabet)
        if plain.isdigit():
            return Node("number", shown)
        return Node("letter" if alphabet == "italic" else "upright", shown)

    def _fence(self) -> Node:
        left = self.take()
        start = self.end()
        inside = self.nodes((r"\right",))
        end = self.start()
        self.take()
        right = self.take()
        return Node("fence", f"{left} {right}", inside, inside=(start, end))

    def _stack(self) -> Node:
        """Lines below one another, as under a sum."""
        self.take()
        rows = []
        while True:
            rows.append(Node("row", "", (_row(self.nodes((r"\\", "}"))),)))
            if self.take() != r"\\":
                return rows[0].parts[0] if len(rows) == 1 else Node("table", "stack", tuple(rows))

    def _table(self) -> Node:
        name = self.raw_group()
        if name not in symbols.ENVIRONMENTS and name != "array":
            return Node("unknown", rf"\begin{{{name}}}")
        if name == "array":
            self.raw_group()
        rows: list[Node] = []
        cells: list[Node] = []
        while True:
            cells.append(_row(self.nodes(("&", r"\\", r"\end"))))
            token = self.take()
            if token != "&":
                rows.append(Node("row", "", tuple(cells)))
                cells = []
            if token in (r"\end", ""):
                break
        self.raw_group()
        return Node(
            "table", name, tuple(row for row in rows if any(c != _EMPTY for c in row.parts))
        )


def _row(nodes: tuple[Node, ...]) -> Node:
    return nodes[0] if len(nodes) == 1 else Node("row", "", nodes)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([#$%&_{} ])", r"\1", text).replace(r"\,", " ")
