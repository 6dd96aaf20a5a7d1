r"""Where a long formula may break: before outer relations and signs first, then inside brackets.

A break inside `\left( ... \right)` turns the pair into brackets of one fixed size, because LaTeX
(and MathML) cannot stretch a pair over two lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derivations.rendering.latex_tree import Node, has_limits, is_tall, read_latex

_INDENT = 2.0  # em by which a continued line is set in


def broken(source: str, room: float) -> list[str]:
    """A formula in lines of about `room` em at most, as far as it can be broken.

    >>> broken(r"a + b + c", 4)
    ['a + b', '+ c']
    """
    lines: list[str] = []
    for piece in pieces(source, room):
        joined = f"{lines[-1]} {piece}" if lines else piece
        if lines and width(joined) <= room - (_INDENT if len(lines) > 1 else 0):
            lines[-1] = joined
        else:
            lines.append(piece)
    return lines


def pieces(source: str, room: float) -> list[str]:
    """A formula cut wherever a line may break; brackets are opened up only where they must be."""
    return _pieces(source, read_latex(source), room)


def _pieces(source: str, nodes: tuple[Node, ...], room: float) -> list[str]:
    found: list[str] = []
    for part in _split(nodes):
        if width_of(part) <= room:
            found.append(_text(source, part))
            continue
        for factor in _cut(part, _is_large):
            opened = _opened(source, factor, room) if width_of(factor) > room else []
            found.extend(opened or [_text(source, each) for each in _last_resort(factor, room)])
    return found


def _last_resort(part: tuple[Node, ...], room: float) -> Iterator[tuple[Node, ...]]:
    """A run without brackets to open, cut between factors, and inside plain brackets if it must be."""
    if width_of(part) <= room:
        yield part
        return
    for factor in _cut(part, _is_factor):
        yield from _inside(factor) if width_of(factor) > room else (factor,)


def _inside(part: tuple[Node, ...]) -> list[tuple[Node, ...]]:
    """A run cut before the signs and behind the commas that are one plain bracket deep."""
    runs: list[list[Node]] = [[]]
    depth = 0
    for place, node in enumerate(part):
        before = part[place - 1] if place else node
        sign = node.kind == "binary" and node.text in "+−"
        if depth == 1 and runs[-1] and sign and _ends_factor(before):
            runs.append([])
        depth += _opens(node)
        runs[-1].append(node)
        if depth == 1 and node.kind == "mark" and node.text == ",":
            runs.append([])
    return [tuple(run) for run in runs if run]


def _text(source: str, part: tuple[Node, ...]) -> str:
    return source[part[0].start : part[-1].end].strip()


def _cut(part: tuple[Node, ...], begins: Callable[[Node, Node], bool]) -> list[tuple[Node, ...]]:
    """A run cut between factors, before each that begins a piece after the one before it."""
    runs: list[list[Node]] = [[]]
    depth = 0
    for place, node in enumerate(part):
        follows = place > 0 and depth == 0 and _ends_factor(part[place - 1])
        if follows and begins(part[place - 1], node):
            runs.append([])
        depth += _opens(node)
        runs[-1].append(node)
    return [tuple(run) for run in runs]


def _is_large(before: Node, node: Node) -> bool:
    """Whether a node is a sum, an integral, a limit or a maximum, with what stands at it."""
    if node.kind in ("scripts", "under"):
        return _is_large(before, node.parts[0])
    return node.kind == "large" or has_limits(node)


def _is_factor(before: Node, node: Node) -> bool:
    """Whether a factor begins here; brackets after a letter may be the arguments of a function.

    The variable of an integral stays with its d.
    """
    if before.kind == "letter" and before.text == "d":
        return False
    if node.kind in ("fence", "bracket"):
        return before.kind in ("fence", "bracket")
    if node.kind in ("scripts", "under"):
        return _is_factor(before, node.parts[0])
    return node.kind in ("letter", "upright", "accent", "function", "fraction", "root", "large")


def _ends_factor(node: Node) -> bool:
    if node.kind == "scripts":
        return _ends_factor(node.parts[0])
    if node.kind == "bracket":
        return node.text in ")]"
    return node.kind in ("letter", "upright", "accent", "number", "fraction", "fence", "root")


def _opens(node: Node) -> int:
    """1 for an opening bracket, -1 for a closing one, which may have scripts."""
    if node.kind == "scripts":
        return _opens(node.parts[0])
    return {"(": 1, "[": 1, ")": -1, "]": -1}.get(node.text, 0) if node.kind == "bracket" else 0


def _split(nodes: tuple[Node, ...]) -> list[tuple[Node, ...]]:
    """Runs of nodes, each but the first beginning with a relation, a sign between operands, or a gap."""
    runs: list[list[Node]] = []
    depth = 0
    for place, node in enumerate(nodes):
        depth += _opens(node)
        sign = node.kind == "binary" and node.text in "+−" and place > 0
        between = sign and nodes[place - 1].kind not in ("binary", "relation", "bracket", "mark")
        closed = sign and nodes[place - 1].kind == "bracket" and nodes[place - 1].text in ")]|‖"
        wide = node.kind == "space" and node.value >= 1  # before words
        if not runs or (depth == 0 and (node.kind == "relation" or between or closed or wide)):
            runs.append([])
        runs[-1].append(node)
    return [tuple(run) for run in runs]


def _opened(source: str, part: tuple[Node, ...], room: float) -> list[str]:
    """A run cut inside its widest pair of brackets; [] when it has none to cut."""
    fences = [(width_of(pair.parts), place) for place, node in enumerate(part)
              if (pair := _pair(node)) is not None]  # fmt: skip
    if not fences:
        return []
    place = max(fences)[1]
    whole = part[place]
    pair = _pair(whole)
    assert pair is not None
    scripts = width_of((whole,)) - width_of((pair,))
    inner = _pieces(source, pair.parts, room - _INDENT)
    if len(inner) < 2 and scripts > _INDENT:  # long scripts behind the brackets need room
        inner = [_text(source, run) for run in _cut(pair.parts, _is_factor)]
    if len(inner) < 2:
        return []
    left, right = pair.text.split(" ")
    size = "bigg" if is_tall(pair.parts) else "big"
    head = source[part[0].start : whole.start] + (rf"\{size}l{left}" if left != "." else "")
    tail = (rf"\{size}r{right}" if right != "." else "") + source[pair.end : part[-1].end]
    return [f"{head} {inner[0]}".strip(), *inner[1:-1], f"{inner[-1]} {tail}".strip()]


def _pair(node: Node) -> Node | None:
    """The brackets that a node is, or is with scripts."""
    if node.kind == "scripts":
        return _pair(node.parts[0])
    return node if node.kind == "fence" else None


# --- widths, in em --------------------------------------------------------------------------------

_WIDTHS = {"letter": 0.57, "binary": 1.2, "relation": 1.35, "large": 1.5, "bracket": 0.39,
           "mark": 0.45}  # fmt: skip
_SCALES = (1.0, 1.0, 0.72, 0.55)  # of display, text, scripts, and scripts of scripts


def width(source: str) -> float:
    """About how wide a formula is, in em."""
    return width_of(read_latex(source))


def width_of(nodes: tuple[Node, ...], style: int = 0) -> float:
    """About how wide some nodes are, in em; `style` is 0 in display, more in fractions and scripts."""
    return sum(_width(node, style) for node in nodes)


def _width(node: Node, style: int) -> float:
    script = min(max(style, 1) + 1, 3)
    scale = _SCALES[style]
    match node.kind:
        case "upright" | "function" | "text" | "unknown" | "number":
            room = {"function": 0.17, "upright": 0.15}.get(node.kind, 0.0)
            return (0.5 * len(node.text) + room) * scale
        case "sized":
            return 0.3 + 0.15 * node.value
        case "space":
            return node.value
        case "fraction" | "binomial":
            return max(_width(part, min(style + 1, 3)) for part in node.parts) + 0.5
        case "root":
            return width_of(node.parts, style) + 0.9 * scale
        case "scripts":
            base = _width(node.parts[0], style)
            above_or_below = max(_width(part, script) for part in node.parts[1:])
            stacked = has_limits(node.parts[0]) and style == 0
            return max(base, above_or_below) if stacked else base + above_or_below
        case "under":
            return max(_width(node.parts[0], style), _width(node.parts[1], script))
        case "fence":
            return width_of(node.parts, style) + (1.6 if is_tall(node.parts) else 1.0) * scale
        case "table":
            columns = zip(
                *([_width(cell, 1) for cell in row.parts] for row in node.parts), strict=False
            )
            return sum(max(column) + 1.0 for column in columns) + 1.0
        case "row" | "accent":
            return width_of(node.parts, style)
        case kind if style >= 2 and kind in ("binary", "relation"):
            return 0.8 * scale
        case kind:
            return _WIDTHS.get(kind, 0.5) * scale
