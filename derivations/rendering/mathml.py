"""LaTeX of the toolkit as MathML Core, which browsers typeset by themselves, without a network."""

from __future__ import annotations

import re
from html import escape

from derivations.rendering import latex_symbols as symbols
from derivations.rendering.latex_tree import (
    Node,
    base_of,
    has_limits,
    is_tall,
    read_latex,
    words_touch,
)

_HARD_SPACE = "\u00a0"
_THIN = '<mspace width="0.1667em"/>'
_SPACES = {"binary": 0.2222, "relation": 0.2778}  # em on both sides, as in TeX
_FLUSH = 'lspace="0em" rspace="0em"'
_SPACED = re.compile(r'lspace="[0-9.]+em" rspace="[0-9.]+em"')
_BESIDE = '<mspace width="0.12em"/>'  # beside a fraction
_APART = '<mspace width="0.25em"/>'  # between two limits
_BIG = 1.2  # em; brackets of this size are as tall as letters
_DOTS = ("˙", "¨")
_TAILED = frozenset("fgjpqyβγζημξρφχψ")  # letters that go below the line
_TIGHT_BEFORE = ("binary", "relation", "large", "space")


def mathml(source: str, *, display: bool = True, continued: bool = False) -> str:
    """A formula as one `<math>` element.

    `continued` says that the formula goes on from an earlier piece, so that an operator in front is
    one between two operands and no sign.

    >>> mathml("x^{2}")
    '<math display="inline" displaystyle="true"><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    style = "true" if display else "false"
    return (
        f'<math display="inline" displaystyle="{style}">'
        f"{_inside(read_latex(source), continued=continued)}</math>"
    )


def _inside(nodes: tuple[Node, ...], *, continued: bool = False) -> str:
    out: list[str] = []
    before: Node | None = None
    for place, node in enumerate(nodes):
        after = nodes[place + 1] if place + 1 < len(nodes) else None
        if node.kind in _SPACES:
            infix = continued if before is None else _ends_operand(before)
            out.append(_operator(node, infix or node.kind == "relation", leads=before is None))
        elif node.kind == "bracket":
            out.append(_bracket(node.text, before))
        else:
            if before is not None:
                out.append(_gap(before, node))
            out.append(_element(node))
            if _is_function(node) and after is not None and not _opens(after):
                out.append(_THIN)
        if node.kind != "space":
            before = node
    return "".join(out)


def _gap(before: Node, node: Node) -> str:
    """The space between two things side by side, as TeX leaves it."""
    if _is_function(node):
        limits = _is_function(before) and has_limits(base_of(before))
        return _APART if limits else _THIN if _ends_operand(before) else ""
    if _is_function(before) or not _ends_operand(before):
        return ""
    if words_touch(before, node):
        return _THIN
    return _BESIDE * sum(base_of(each).kind == "fraction" for each in (before, node))


def _ends_operand(node: Node) -> bool:
    if node.kind in ("bracket", "sized"):
        return node.text not in symbols.OPENING
    return node.kind not in _TIGHT_BEFORE and not _is_function(node)


def _is_function(node: Node) -> bool:
    return node.kind == "function" or (node.kind == "scripts" and _is_function(node.parts[0]))


def _opens(node: Node) -> bool:
    if node.kind == "scripts":
        return _opens(node.parts[0])
    return node.kind in ("fence", "sized", "space") or (
        node.kind == "bracket" and node.text in symbols.OPENING
    )


def _operator(node: Node, infix: bool, *, leads: bool = False) -> str:
    right = _SPACES[node.kind] if infix else 0
    left = 0 if leads else right
    form = "infix" if infix else "prefix"
    return f'<mo form="{form}" lspace="{left}em" rspace="{right}em">{escape(node.text)}</mo>'


def _bracket(text: str, before: Node | None) -> str:
    opens = text in symbols.OPENING or (
        text in "|‖" and (before is None or not _ends_operand(before))
    )
    form = "prefix" if opens else "postfix"
    return f'<mo stretchy="false" form="{form}" {_FLUSH}>{escape(text)}</mo>'


def _grouped(nodes: tuple[Node, ...]) -> str:
    return f"<mrow>{_inside(nodes)}</mrow>"


def _element(node: Node) -> str:
    text = escape(node.text)
    match node.kind:
        case "letter":
            return f"<mi>{text}</mi>"
        case "upright":
            return f'<mi mathvariant="normal">{text}</mi>'
        case "function":
            return f'<mi mathvariant="normal">{text}</mi>'
        case "number":
            return f"<mn>{text}</mn>"
        case "text" | "unknown":
            return f"<mtext>{text.replace(' ', _HARD_SPACE)}</mtext>"
        case "binary" | "relation":
            return f"<mo {_FLUSH}>{text}</mo>"  # alone in a script
        case "large":
            return f'<mo form="prefix" movablelimits="false" largeop="true">{text}</mo>'
        case "bracket":
            return _bracket(node.text, None)
        case "mark":
            space = 0.1667 if text in ",;" else 0
            return f'<mo lspace="0em" rspace="{space}em">{text}</mo>'
        case "sized":
            size = f'minsize="{node.value}em" maxsize="{node.value}em"'
            stretchy = f'stretchy="{str(node.value > _BIG).lower()}"'
            return f'<mo {stretchy} symmetric="true" {size} {_FLUSH}>{text}</mo>'
        case "space":
            return f'<mspace width="{node.value}em"/>'
        case "row":
            return _grouped(node.parts)
        case "accent":
            close = "" if text in _DOTS else ' accent="true"'  # dots would touch the letter
            return f"<mover{close}>{_element(node.parts[0])}<mo>{text}</mo></mover>"
        case "under":
            return f"<munder>{_element(node.parts[0])}{_element(node.parts[1])}</munder>"
        case "fraction":
            return f"<mfrac>{_element(node.parts[0])}{_element(node.parts[1])}</mfrac>"
        case "binomial":
            top, bottom = map(_element, node.parts)
            return _fenced("(", f'<mfrac linethickness="0">{top}{bottom}</mfrac>', ")")
        case "root":
            if len(node.parts) == 1:
                return f"<msqrt>{_element(node.parts[0])}</msqrt>"
            return f"<mroot>{_element(node.parts[0])}{_element(node.parts[1])}</mroot>"
        case "fence":
            left, right = (symbols.DELIMITERS.get(each, each) for each in node.text.split(" "))
            return _fenced(left, _inside(node.parts), right, tall=is_tall(node.parts))
        case "table":
            return _table(node)
        case _:
            return _scripts(node)


def _scripts(node: Node) -> str:
    base, below, above = node.parts
    if above.kind == "mark":  # primes stand raised by themselves
        marked = Node("scripts", "", (base, below, Node("row"))) if _present(below) else base
        return f"<mrow>{_element(marked)}{_element(above)}</mrow>"
    limits = has_limits(base)
    inner = [_element(base) if limits else _as_tall_as_a_letter(base)]
    tag = ""
    if _present(below):
        tag += "under" if limits else "sub"
        inner.append(_tight(_element(below)))
    if _present(above):
        tag += "over" if limits else "sup"
        inner.append(_tight(_script_above(above)))
    return f"<m{tag}>{''.join(inner)}</m{tag}>"


def _as_tall_as_a_letter(base: Node) -> str:
    """A base as TeX sees it: scripts keep their height at a tail, and at brackets of usual size."""
    if base.kind == "letter" and base.text in _TAILED:
        return f'<mpadded depth="0em">{_element(base)}</mpadded>'
    if (base.kind == "fence" and not is_tall(base.parts)) or base.kind == "bracket":
        return f'<mpadded height="0.7em" depth="0.1em">{_element(base)}</mpadded>'
    if base.kind == "sized":  # browsers give a bracket its size in a row alone
        return f"<mrow>{_element(base)}</mrow>"
    return _element(base)


def _tight(markup: str) -> str:
    """No spaces around operators: TeX sets none in scripts."""
    return _SPACED.sub(_FLUSH, markup)


def _script_above(node: Node) -> str:
    if node.kind == "upright":  # a transpose; as an operator it would bring spaces
        return f'<mi mathvariant="normal">{escape(node.text)}</mi>'
    return _element(node)


def _present(node: Node) -> bool:
    return node.kind != "row" or bool(node.parts)


def _fenced(left: str, inside: str, right: str, *, tall: bool = True) -> str:
    """Brackets stretch only around tall things: browsers set stretched ones too far apart."""
    options = f'fence="true" symmetric="false" stretchy="{str(tall).lower()}" {_FLUSH}'
    pair = [
        f'<mo form="{form}" {options}>{escape(text)}</mo>' if text else ""
        for text, form in ((left, "prefix"), (right, "postfix"))
    ]
    return f"<mrow>{pair[0]}{inside}{pair[1]}</mrow>"


def _table(node: Node) -> str:
    left, right = symbols.ENVIRONMENTS.get(node.text, ("", ""))
    side = ' style="text-align: left"' if node.text == "cases" else ""
    rows = "".join(
        f"<mtr>{''.join(f'<mtd{side}>{_element(cell)}</mtd>' for cell in row.parts)}</mtr>"
        for row in node.parts
    )
    return _fenced(left, f"<mtable>{rows}</mtable>", right)
