"""How a contraction is spelt: the one operation of the language that it is, if it is one.

Every printer, and the code generator, asks `spell` and writes the operation in its own way, so that
they agree on what a node means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from symbolic.moves import spell_move
from symbolic.nodes import Contraction, Expression
from symbolic.sizes import Shape, Size


@dataclass(frozen=True)
class Spelling:
    """One operation of the language: its name, its operands and what else it needs.

    | operation   | detail                                                      |
    |-------------|-------------------------------------------------------------|
    | `constant`  | the value                                                   |
    | `filled`    | (value, sizes): an array of one value                       |
    | `eye`       | the size                                                    |
    | `scale`     | the coefficient                                             |
    | `transpose` |                                                             |
    | `sum`, `mean` | (axes or None, keepdims)                                  |
    | `trace`, `diagonal`, `diag`, `outer`, `matmul` |                          |
    | `multiply`  | entrywise, NumPy's broadcasting does what the labels say    |
    | `broadcast` | the axes (of the result) that are new                       |
    | `index`     | one integer or slice an axis                                |
    | `pad`       | (before, after, axis)                                       |
    | `windows`   | (size, axis, stride, dilation, padding)                     |
    | `reshape`   | the shape                                                   |
    | `vec`, `kron` |                                                           |
    | `tril`, `triu` | the diagonal k                                           |
    | `einsum`    | (coefficient, subscripts); no output label is free          |
    """

    operation: str
    operands: tuple[Expression, ...] = ()
    detail: Any = None
    sizes: Shape = ()  # of the result, where it cannot be told from the operands


def spell(node: Contraction) -> Spelling:
    """The operation that a contraction is."""
    count = len(node.operands)
    if count == 0:
        return _spell_constant(node)
    if count == 1:
        return _spell_one(node)
    move = spell_move(node)
    if move is not None:
        return Spelling(*move)
    if count == 2 and node.coefficient == 1:
        found = _spell_two(node)
        if found is not None:
            return found
    return _spell_einsum(node)


def _spell_constant(node: Contraction) -> Spelling:
    if not node.output:
        return Spelling("constant", detail=node.coefficient)
    if node.output == (0, 0) and node.coefficient == 1:
        return Spelling("eye", detail=node.sizes[0])
    if len(set(node.output)) == len(node.output):
        return Spelling("filled", detail=(node.coefficient, node.shape))
    return _spell_einsum(node)


def _spell_one(node: Contraction) -> Spelling:
    (operand,), (labels,), output = node.operands, node.labels, node.output
    c = node.coefficient
    if labels == output and len(set(labels)) == len(labels):
        return Spelling("scale", (operand,), c)
    if len(set(labels)) == len(labels) and len(set(output)) == len(output):
        summed = [axis for axis, label in enumerate(labels) if label not in output]
        new = [axis for axis, label in enumerate(output) if label not in labels]
        kept = [label for label in output if label in labels]
        in_order = kept == sorted(kept)
        if c == 1 and not summed and not new and output == labels[::-1]:
            return Spelling("transpose", (operand,))
        if c == 1 and not summed and new and in_order:
            return Spelling("broadcast", (operand,), tuple(new), node.shape)
        if (
            c == 1
            and summed
            and not new
            and in_order
            and all(operand.shape[axis] == 1 for axis in summed)
        ):
            parts = [0 if axis in summed else slice(None) for axis in range(operand.rank)]
            return Spelling("index", (operand,), tuple(parts))
        if summed and in_order and _keeps(new, summed, node):
            count = sympy.Mul(*(operand.shape[axis] for axis in summed))
            axes = None if len(summed) == len(labels) else tuple(summed)
            if c == 1:
                return Spelling("sum", (operand,), (axes, bool(new)))
            if c * count == 1:
                return Spelling("mean", (operand,), (axes, bool(new)))
    if c == 1 and labels == (0, 0) and output in ((), (0,)):
        return Spelling("diagonal" if output else "trace", (operand,))
    if c == 1 and labels == (0,) and output == (0, 0):
        return Spelling("diag", (operand,))
    return _spell_einsum(node)


def _keeps(new: list[int], summed: list[int], node: Contraction) -> bool:
    """Whether new output axes are just the summed ones kept with size 1 (or there are none)."""
    return not new or (new == summed and all(node.shape[axis] == 1 for axis in new))


def _spell_two(node: Contraction) -> Spelling | None:
    left, right = node.labels
    output = node.output
    if len(set(left)) < len(left) or len(set(right)) < len(right) or len(set(output)) < len(output):
        return None
    shared = set(left) & set(right)
    if len(shared) == 1 and not shared & set(output) and len(left) <= 2 and len(right) <= 2:
        (inner,) = shared
        if left[-1] == inner and right[0] == inner and output == left[:-1] + right[1:]:
            return Spelling("matmul", node.operands)
    if not shared and len(left) == len(right) == 1 and output == left + right:
        return Spelling("outer", node.operands)
    if not set(output) <= set(left) | set(right):
        return None
    if (
        _trailing(left, node, 0)
        and _trailing(right, node, 1)
        and len(output) == max(len(left), len(right))
    ):
        return Spelling("multiply", node.operands)
    return None


def _trailing(labels: tuple[int, ...], node: Contraction, place: int) -> bool:
    """Whether NumPy would line the operand's axes up with the labels of the output."""
    operand = node.operands[place]
    if len(labels) > len(node.output):
        return False
    aligned = node.output[len(node.output) - len(labels) :]
    others = {label for i, each in enumerate(node.labels) if i != place for label in each}
    return all(
        label == wanted or (operand.shape[axis] == 1 and label not in others | set(node.output))
        for axis, (label, wanted) in enumerate(zip(labels, aligned, strict=True))
    )


def _spell_einsum(node: Contraction) -> Spelling:
    """Subscripts with an explicit identity for each repeated output label, ones for a free one."""
    from symbolic.operations import eye, ones

    operands = list(node.operands)
    labels = [list(each) for each in node.labels]
    sizes: dict[int, Size] = dict(enumerate(node.sizes))
    output: list[int] = []
    known = {label for each in labels for label in each}
    for label in node.output:
        if label in output:
            fresh = len(sizes)
            sizes[fresh] = sizes[label]
            operands.append(eye(sizes[label]))
            labels.append([label, fresh])
            known.update((label, fresh))
            output.append(fresh)
        else:
            output.append(label)
    for label in output:
        if label not in known:
            operands.append(ones(sizes[label]))
            labels.append([label])
            known.add(label)
    letters = _letters(labels)
    subscripts = ",".join("".join(letters[label] for label in each) for each in labels)
    target = "".join(letters[label] for label in output)
    return Spelling("einsum", tuple(operands), (node.coefficient, f"{subscripts}->{target}"))


def _letters(labels: list[list[int]]) -> dict[int, str]:
    names = "ijklmnopqrstuvwxyzabcdefghIJKLMNOPQRSTUVWXYZABCDEFGH"
    order = dict.fromkeys(label for each in labels for label in each)
    return {label: names[place] for place, label in enumerate(order)}
