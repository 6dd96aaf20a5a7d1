"""The code of a row plan: one function of some rows for each pass, and the one that calls them.

def f_rows(X, y, w):          # sums over some rows of X and y
    ...
def f(X, w, y, *, threads=1):
    block = max(256, 160000 // (d + 3))
    if n <= block:
        s1, s2 = f_rows(X, y, w)
    else:
        s1, s2 = sum_rows(f_rows, (X, y), (w,), block, threads)
    ...
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence

import sympy

from symbolic.code.helper_functions import SUM_ROWS
from symbolic.code.numpy_layout import definition, statement, wrapped
from symbolic.code.product_order import assumed_size
from symbolic.code.products import arranges
from symbolic.code.row_blocks import Pass, RowPlan, without_arrangement
from symbolic.code.source_writer import SourceWriter
from symbolic.code.written import Written, opened
from symbolic.nodes import Contraction, Expression, Iverson, Named, Variable
from symbolic.printing.text_printer import ATOM
from symbolic.traverse import substitute, variables

_UFUNCS = {ast.Mult: "multiply", ast.Div: "divide", ast.Add: "add", ast.Sub: "subtract"}
FEWEST_ROWS = 256  # in a block, so that matrix products stay efficient
BLOCK_ENTRIES = 160_000  # numbers, 1.3 MB of float64: about what stays in a core's cache
PRODUCT_ENTRIES, MOST_ENTRIES = 18, 23  # powers of 2, with products: 2 and 64 MiB
PER_PRODUCT = 8  # numbers of a block for each multiplication in a row


def rows_code(
    outputs: Sequence[Expression],
    arguments: Sequence[Variable],
    original: Mapping[Expression, Named],
    inside: Collection[tuple[Iverson, int]],
    plan: RowPlan,
    name: str,
    results: Sequence[str] | None,
) -> Written:
    """The functions that evaluate outputs in blocks of rows.

    Raises `WholeRowsError` where code for some of the rows would need to know which ones they are.
    """
    return _Blocks(outputs, arguments, original, inside, plan, name, results).written()


class _Blocks:
    def __init__(
        self,
        outputs: Sequence[Expression],
        arguments: Sequence[Variable],
        original: Mapping[Expression, Named],
        inside: Collection[tuple[Iverson, int]],
        plan: RowPlan,
        name: str,
        results: Sequence[str] | None,
    ) -> None:
        self.results = results
        self.plan, self.name, self.inside = plan, name, inside
        self.original = original
        prefix = "_" * (1 + max((len(each.name) for each in arguments), default=0))
        self.bare = {root: _bare(root) for each in plan.passes for root in each.sums}
        kept = {root: root for each in plan.passes for root in each.kept}
        made = dict.fromkeys([*self.bare.values(), *kept])
        self.found = {
            root: Variable(f"{prefix}s{place}", root.shape) for place, root in enumerate(made, 1)
        }
        self.mapping = {root: self.found[root] for root in kept} | {
            root: _scaled(self.found[bare], root) for root, bare in self.bare.items()
        }
        self.outputs = self._outside(outputs)
        self.given = [self._given(each) for each in plan.passes]
        crossing = [node for given in self.given for node in self._outside(given)]
        self.main = SourceWriter(
            [*self.outputs, *crossing],
            arguments,
            self._originals(self.mapping),
            inside,
            given=self._wanted_names(),
        )
        self.prefix = prefix
        self.block, self.threads = self.main.names.take("block"), "threads"
        self.helpers: dict[str, str] = {}
        self.taken: set[str] = set()

    def _wanted_names(self) -> dict[Variable, str]:
        """What the passes give is called after the result that it is, or the first that it is for."""
        names: dict[Variable, str] = {}
        called = [
            (output, output.name if isinstance(output, Named) else result)
            for output, result in zip(self.outputs, self.results or ("result",), strict=True)
        ]
        for output, name in called:
            core = without_arrangement(output)
            if isinstance(core, Variable) and core in self.found.values():
                names.setdefault(core, name)
        for output, name in called:
            for variable in variables(output):
                if variable in self.found.values():
                    names.setdefault(variable, f"{name}_sum")
        inner = (each for each in self.found.values() if each not in names)
        return names | dict.fromkeys(inner, "total")

    def _outside(self, nodes: Sequence[Expression]) -> list[Expression]:
        """Nodes as the calling function computes them: what the passes give is known."""
        return [substitute(node, self.mapping) for node in nodes]

    def _originals(self, mapping: Mapping[Expression, Expression]) -> dict[Expression, Named]:
        return {substitute(node, mapping): named for node, named in self.original.items()}

    def _given(self, one: Pass) -> list[Expression]:
        """What a pass reads that does not go row by row, arguments and computed values."""
        found: dict[Expression, None] = {}
        waiting = [child for node in (*self.plan.below(one), *one.roots) for child in node.children]
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, Variable):
                found[node] = None
            elif node in self.plan.axis or isinstance(node, Iverson):
                continue
            elif arranges(node):
                waiting.extend(node.children)
            elif node.children:
                found[node] = None
        return list(found)

    # --- writing ---

    def written(self) -> Written:
        """All functions."""
        main, results = self.main, self.results
        called = main.name_results(self.outputs, results)
        several = len(self.plan.passes) > 1
        parts = [
            self._part(one, given, main.names.take(f"{self.name}_rows{place if several else ''}"))
            for place, (one, given) in enumerate(zip(self.plan.passes, self.given, strict=True), 1)
        ]
        main.write_return(self.outputs, several=results is not None)
        largest = f"{self._entries()} // {self._width()}"
        first = statement(f"{self.block} = ", f"max({FEWEST_ROWS}, {largest})")
        signature = (*main.parameters, "*", f"{self.threads}=1")
        lines = (*opened(main), *first, *main.lines)
        self.taken |= main.names.taken
        helpers = {"sum_rows": SUM_ROWS, **main.helpers, **self.helpers}
        return Written(
            tuple(main.parameters),
            signature,
            lines,
            tuple(called),
            tuple(parts),
            helpers,
            frozenset(self.taken),
        )

    def _part(self, one: Pass, given: Sequence[Expression], name: str) -> tuple[str, ...]:
        """The function of some rows."""
        main, called = self.main, {}
        mapping: dict[Expression, Expression] = {}
        for place, node in enumerate(given):
            outside = substitute(node, self.mapping)
            variable = (
                node
                if isinstance(node, Variable)
                else Variable(f"{self.prefix}g{place}", node.shape)
            )
            called[variable] = main.write_variable(outside)
            if variable is not node:
                mapping[node] = variable
        bare = list(dict.fromkeys(self.bare[node] for node in one.sums))
        sums = [substitute(node, mapping) for node in bare]
        kept = [substitute(node, mapping) for node in one.kept]
        writer = SourceWriter(
            [*sums, *kept],
            tuple(called),
            self._originals(mapping),
            self.inside,
            called=called,
            rows=self.plan.letter,
            passed=main.letters,
        )
        targets = [writer.names.take(main.pieces[self.found[node]].text) for node in one.kept]
        turned = [line for each in called for line in self._turned(writer.pieces[each].text, each)]
        for node, target in zip(kept, targets, strict=True):
            writer.write([node])
            writer.lines.extend(_stored(target, writer.value(node).text))
        writer.write_return(sums, several=True)
        passed = writer.passed_letters()
        by_rows, others = self._divided(called)
        parameters = [
            *(writer.pieces[each].text for each in by_rows),
            *targets,
            *(writer.pieces[each].text for each in others),
            *(writer.letters[each] for each in passed),
        ]
        self.helpers.update(writer.helpers)
        self.taken |= writer.names.taken
        self._call(one, bare, called, passed, name)
        said = wrapped(f'"""{_purpose(targets, bool(sums))}."""', "    ")
        head = (*definition(name, parameters), *said, *turned)
        return (*head, *opened(writer, passed), *writer.lines)

    def _divided(self, called: Iterable[Variable]) -> tuple[list[Variable], list[Variable]]:
        """What goes row by row, and the rest."""
        by_rows = [each for each in called if self.plan.axis.get(each) is not None]
        return by_rows, [each for each in called if each not in by_rows]

    def _rows_first(self, label: str, variable: Variable) -> str:
        axis = self.plan.axis[variable]
        return f"np.moveaxis({label}, {axis}, 0)" if axis else label

    def _turned(self, label: str, variable: Variable) -> list[str]:
        """The line that gives a variable its axes back."""
        axis = self.plan.axis.get(variable)
        return statement(f"{label} = ", f"np.moveaxis({label}, 0, {axis})") if axis else []

    def _call(
        self,
        one: Pass,
        sums: Sequence[Expression],
        called: Mapping[Variable, str],
        letters: Sequence[sympy.Symbol],
        name: str,
    ) -> None:
        """The lines that call the function of some rows for each block."""
        main = self.main
        for node in one.kept:
            variable = self.found[node]
            made = f"np.empty({main.shape(node.shape)}, dtype={main.dtype()})"
            main.lines.extend(statement(f"{main.pieces[variable].text} = ", made))
        by_rows, others = self._divided(called)
        arrays = [self._rows_first(called[each], each) for each in by_rows]
        arrays += [main.pieces[self.found[node]].text for node in one.kept]
        rest = [called[each] for each in others] + [main.integer(each).text for each in letters]
        found = [main.pieces[self.found[node]].text for node in sums]
        head = f"{', '.join(found)} = " if len(found) > 1 else f"({found[0]},) = " if found else ""
        at_once = f"{name}({', '.join([*arrays, *rest])})"
        given = f"{_tuple(arrays)}, {_tuple(rest)}, {self.block}, {self.threads}"
        in_blocks = f"sum_rows({name}, {given})"
        main.lines.append(f"    if {main.integer(self.plan.letter).text} <= {self.block}:")
        main.lines.extend(statement(head, at_once, indent=8))
        main.lines.append("    else:")
        main.lines.extend(statement(head, in_blocks, indent=8))

    def _entries(self) -> str:
        """How many numbers a block may have: those of the cache, or more where products outweigh them.

        The more multiplications a number takes part in, the less it matters where the number lies,
        and the more the sums of few rows cost.
        """
        work = [
            sympy.Mul(*node.sizes) / self.plan.letter
            for node in {*self.plan.axis, *self.bare.values()}
            if isinstance(node, Contraction) and len(node.operands) > 1 and _sums(node)
        ]
        largest = max(work, key=lambda each: (assumed_size(each), str(each)), default=sympy.S.One)
        if largest.is_Symbol or largest.is_number:
            return f"{BLOCK_ENTRIES}"
        times = PER_PRODUCT * round(sum(map(assumed_size, work)) / assumed_size(largest))
        products = self.main.integer(times * largest).text
        return f"min(2**{MOST_ENTRIES}, max(2**{PRODUCT_ENTRIES}, {products}))"

    def _width(self) -> str:
        """How many numbers a row of everything takes."""
        total = sympy.S.Zero
        for node, axis in self.plan.axis.items():
            constant = isinstance(node, Contraction) and not node.operands
            if not (arranges(node) or isinstance(node, Named) or constant):
                total += sympy.Mul(*(s for k, s in enumerate(node.shape) if k != axis))
        width = sympy.expand(total)
        written = self.main.integer(width)
        has_number = width.as_coeff_Add()[0] != 0
        return written.at_least(ATOM) if has_number else f"max(1, {written.text})"


def _tuple(items: Sequence[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _sums(node: Contraction) -> bool:
    return {label for at in node.labels for label in at} > set(node.output)


def _purpose(targets: Sequence[str], sums: bool) -> str:
    """What a function of some rows is for."""
    if not targets:
        return "Sums over some of the rows"
    written = f"Write some of the rows of {', '.join(targets)}"
    return f"{written}; return sums over them" if sums else written


def _stored(target: str, value: str) -> list[str]:
    """The lines that put a value into an array; the last operation writes there itself."""
    match ast.parse(value, mode="eval").body:
        case ast.BinOp(left, operation, right) if type(operation) in _UFUNCS:
            name = _UFUNCS[type(operation)]
        case ast.Call(ast.Attribute(left, "dot"), [right]):
            name = "matmul"
        case _:
            return statement(f"{target}[...] = ", value)
    first, second = (ast.get_source_segment(value, side) for side in (left, right))
    return statement("", f"np.{name}({first}, {second}, out={target})")


def _bare(node: Contraction) -> Contraction:
    """A sum without its coefficient."""
    return Contraction(node.operands, node.labels, node.output, dict(enumerate(node.sizes)))


def _scaled(variable: Variable, node: Expression) -> Expression:
    """The coefficient of a sum times the variable that holds the rest of it."""
    assert isinstance(node, Contraction)
    if node.coefficient == 1:
        return variable
    axes = tuple(range(variable.rank))
    return Contraction([variable], [axes], axes, coefficient=node.coefficient)
