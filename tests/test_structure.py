"""What the source must look like, read with `ast`: nothing here runs the code it reads."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("symbolic", "numeric", "derivations")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]

FORBIDDEN_IMPORTS = {"symbolic": {"numeric", "derivations"}, "numeric": {"derivations"}}
HEAVY = {"scipy", "flint", "rich", "matplotlib", "IPython"}
MAY_EXECUTE = {
    "symbolic/code/compilation.py",
    "numeric/evaluation.py",
    "numeric/stabilizing/result.py",
}  # runs the source it generated itself
LONGEST_FILE = 600  # lines


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


def each_source(*packages: str) -> pytest.MarkDecorator:
    chosen = [path for path in SOURCES if package_of(path) in packages]
    return pytest.mark.parametrize("path", chosen, ids=name_of)


def imported(node: ast.AST) -> set[str]:
    """Top-level names of what one statement imports; a relative import stays in its package."""
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return {node.module.partition(".")[0]}
    return set()


def run_on_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run when the module is imported: no function bodies, no `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield other
                yield from run_on_import(other)
            continue
        yield node
        yield from run_on_import(node)


def executions(tree: ast.AST) -> Iterator[str]:
    """Uses of `eval` and `exec`, and calls that make SymPy evaluate text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in {"eval", "exec", "parse_expr"}:
            yield f"line {node.lineno}: {node.id}"
        elif isinstance(node, ast.Attribute) and (
            node.attr == "parse_expr" or ast.unparse(node) in {"builtins.eval", "builtins.exec"}
        ):
            yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {alias.name for alias in node.names}
            if found := names & {"eval", "exec", "parse_expr", "sympy.parsing.sympy_parser"}:
                yield f"line {node.lineno}: import of {', '.join(sorted(found))}"
        elif isinstance(node, ast.Call) and node.args:
            function = ast.unparse(node.func).rpartition(".")[2]
            if function in {"sympify", "S"} and is_text(node.args[0]):
                yield f"line {node.lineno}: {ast.unparse(node)}"


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_where_these_tests_look(package):
    assert (ROOT / package / "__init__.py") in SOURCES


@each_source(*FORBIDDEN_IMPORTS)
def test_imports_run_one_way(path):
    reached = set().union(*map(imported, ast.walk(tree_of(path))))
    assert not reached & FORBIDDEN_IMPORTS[package_of(path)]


@each_source(*PACKAGES)
def test_sources_import_nothing_of_the_repository_but_the_packages(path):
    reached = set().union(*map(imported, ast.walk(tree_of(path))))
    assert not reached & {"tests", "benchmarks", "docs", "examples"}


@each_source("symbolic", "derivations")
def test_heavy_imports_are_lazy(path):
    reached = set().union(*map(imported, run_on_import(tree_of(path))))
    assert not reached & HEAVY


@each_source(*PACKAGES)
def test_text_is_never_executed(path):
    found = list(executions(tree_of(path)))
    if name_of(path) in MAY_EXECUTE:
        found = [use for use in found if not use.endswith(": exec")]
    assert not found


@each_source(*PACKAGES)
def test_files_are_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{lines} lines: split the file by meaning"


@pytest.mark.parametrize("package", PACKAGES)
def test_public_functions_and_classes_have_docstrings(package):
    module = importlib.import_module(package)
    assert module.__doc__
    bare = []
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value):
            doc = vars(value).get("__doc__") or ""
            if doc.startswith(f"{value.__name__}("):  # written by @dataclass
                doc = ""
        elif inspect.isroutine(value):
            doc = value.__doc__ or ""
        else:
            continue
        if not doc.strip():
            bare.append(name)
    assert not bare, f"no docstring: {', '.join(bare)}"


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "run = exec",
        "import builtins\nbuiltins.exec('')",
        "from builtins import eval",
        "sympy.sympify('x')",
        "S(f'{x}')",
        "sympy.parse_expr(x)",
        "from sympy.parsing.sympy_parser import parse_expr as p",
        "import sympy.parsing.sympy_parser",
    ],
)
def test_the_reader_sees_executed_text(source):
    assert list(executions(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "sympy.sympify(2)",
        "sympify(value)",
        "S(1)",
        "ast.literal_eval('1')",
        "class f:\n    def eval(cls, x): ...",
        "sympy.S.Half",
    ],
)
def test_the_reader_lets_harmless_calls_pass(source):
    assert not list(executions(ast.parse(source)))


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("import scipy.special", True),
        ("from rich.table import Table", True),
        ("try:\n    import flint\nexcept ImportError:\n    pass", True),
        ("class A:\n    from IPython import display", True),
        ("def f():\n    import scipy", False),
        ("if TYPE_CHECKING:\n    from rich.table import Table", False),
        ("from .rich import f", False),
    ],
)
def test_the_reader_tells_lazy_imports_apart(source, seen):
    reached = set().union(*map(imported, run_on_import(ast.parse(source))))
    assert bool(reached & HEAVY) is seen
