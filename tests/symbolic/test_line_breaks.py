"""Long statements of generated source: broken over lines, they say what they said on one line."""

import ast
import random
import subprocess

import pytest

from symbolic.code.line_breaks import COLUMNS, broken

NAMES = ["X", "w", "K_factor", "gradient_first_weights", "regularisation_strength", "t1", "z"]


def expression(draw, depth):
    """A random expression as the generator writes them."""
    if depth == 0 or draw.random() < 0.1:
        return draw.choice([*NAMES, "0.5", "n", "1"])

    def part():
        return expression(draw, depth - 1)

    kind = draw.randrange(8)
    if kind == 0:
        return f"np.exp({part()})"
    if kind == 1:
        return f"({part()} + {part()}) * {draw.choice(NAMES)} / {draw.choice(NAMES)}"
    if kind == 2:
        return f"np.tensordot({part()}, {part()}, axes=([0], [2]))"
    if kind == 3:
        return f'np.einsum("ij,k->ijk", {part()}, {part()})[:, None, ..., ::-1]'
    if kind == 4:
        return f"{part()} + {part()} - {draw.choice(NAMES)}"
    if kind == 5:
        return f"np.where({draw.choice(NAMES)} <= {draw.choice(NAMES)}, {part()}, {part()})"
    if kind == 6:
        return f"-{draw.choice(NAMES)} @ np.transpose({part()}, (1, 0, 2))"
    return f"np.pad({part()}[1:], ({part()}, 0)).sum(axis=1)"


def statements(seed, number):
    draw = random.Random(seed)
    for _ in range(number):
        value = expression(draw, draw.randrange(1, 5))
        kind = draw.randrange(5)
        if kind == 0:
            yield "return ", ", ".join([value, *draw.sample(NAMES, draw.randrange(5))])
        elif kind == 1:
            names = draw.sample(NAMES, draw.randrange(2, 7))
            yield f"{', '.join(names)} = ", f"sum_rows(lambda rows: f_rows({value}), n, block, 1)"
        elif kind == 2:
            yield 'np.einsum("iijk->ijk", t11)[...] += ', value
        else:
            yield f"{draw.choice(NAMES)} = ", value


def test_broken_statements_mean_what_they_meant():
    seed = random.randrange(10**6)
    print("seed", seed)
    for head, value in statements(seed, 2000):
        lines = broken(head, value)
        assert all(line.startswith("    ") for line in lines)
        whole = "def f():\n" + "\n".join(lines)
        assert ast.dump(ast.parse(whole)) == ast.dump(ast.parse(f"def f():\n    {head}{value}"))


def test_what_fits_stays_on_its_line():
    head, value = "z = ", "x" * (COLUMNS - 8)
    assert broken(head, value) == [f"    {head}{value}"]
    assert broken("return ", "z,") == ["    return (z,)"]


def test_a_name_that_is_too_long_stays_whole():
    lines = broken("z = ", "x" * COLUMNS)
    assert "".join(line.strip() for line in lines) == f"z = ({'x' * COLUMNS})"


@pytest.mark.parametrize(
    ("head", "value"),
    [
        ("", f"def value_and_gradients({', '.join(f'long_argument_{k}' for k in range(8))}):"),
        ("return ", ", ".join(f"gradient_W{k}" for k in range(9))),
        ("t = ", " + ".join(f"np.exp(first_{k} * second_{k})" for k in range(5))),
        ("t = ", f"2 * np.transpose(np.tensordot({'a' * 30}, {'b' * 30}, axes=1), (1, 0, 2))"),
        ("t = ", f"-np.transpose(np.tensordot({'a' * 30}, {'b' * 30}, axes=([0], [1])), (1, 0))"),
        ("t = ", f"np.pad({'a' * 40}, ({'b' * 20}, {'c' * 20}))[{'d' * 9} : n + 1][..., ::-1]"),
        ("s, t = ", f"sum_rows(lambda rows: f_rows({'a' * 30}[rows], {'b' * 30}), n, block, threads)"),
        (", ".join(f"gradient_W{k}_sum" for k in range(7)) + " = ", "sum_rows(part, n, block)"),
        ("", "lambda rows: " + f"f({'a' * 40}[rows], {'b' * 40}[rows])"),
    ],
)  # fmt: skip
def test_the_layout_is_that_of_the_formatter(head, value, tmp_path):
    ruff = pytest.importorskip("ruff.__main__", reason="ruff is not installed").find_ruff_bin()
    lines = broken(head, value, "" if value.startswith("def") else "    ")
    lines = [*lines, "    return 1"] if value.startswith("def") else ["def f():", *lines]
    assert len(lines) > 3
    path = tmp_path / "statement.py"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [ruff, "format", "--isolated", "--no-cache", "--diff", "--line-length=100", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
