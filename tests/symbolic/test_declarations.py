"""Declarations: sizes, domains, and every way to write them wrongly."""

import pytest

from symbolic.errors import DomainError, NameUnknownError, ShapeError, UnsupportedError
from symbolic.nodes import Variable
from symbolic.reading.declarations import declare, declared_sizes, definitions, notations
from symbolic.reading.parser import parse
from symbolic.variables import dims, matrix, scalar, vector


def test_sizes_and_domains():
    n, d = dims("n d")
    declared = declare(
        {
            "X": "n d",
            "y": "n: unit",
            "S": "d d: spd",
            "P": " n  d :  prob   columns ",
            "lam": ": positive",
            "s": "",
            "A": "2 2",
        }
    )
    assert list(declared) == ["X", "y", "S", "P", "lam", "s", "A"]
    assert declared["X"] is Variable("X", (n, d))
    assert declared["y"] is Variable("y", (n,), "unit")
    assert declared["S"] is Variable("S", (d, d), "spd")
    assert declared["P"] is Variable("P", (n, d), "prob columns")
    assert declared["lam"] is Variable("lam", (), "positive")
    assert declared["s"] is scalar("s")
    assert declared["A"] is matrix("A", 2, 2)
    assert declared_sizes(declared) == ("d", "n")


def test_variables_are_taken_as_they_are():
    w = vector("w", "d")
    assert declare({"w": w, "y": "n"})["w"] is w
    assert declare([w, scalar("s")]) == {"w": w, "s": scalar("s")}
    assert declare(each for each in [w, w]) == {"w": w}
    assert declare(None) == declare({}) == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lambda": ""}, "variable 'lambda': a keyword of Python; write 'lam'"),
        ({"in": ""}, "variable 'in': a keyword of Python; write 'in_'"),
        ({"exp": "n"}, "variable 'exp': a function of the language; choose another name"),
        ({"det": "n"}, "variable 'det': a function of the language"),
        ({"pi": ""}, "variable 'pi': the number pi; choose another name"),
        ({"2x": ""}, "variable '2x': not an identifier; use letters, digits and underscores"),
        ({"x y": ""}, "variable 'x y': not an identifier"),
        ({"": ""}, "variable '': not an identifier"),
        ({"x" * 200: ""}, "200 characters"),
        ({"__class__": ""}, "it starts with two underscores"),
        ({"ｓ": ""}, "U+FF53 FULLWIDTH LATIN SMALL LETTER S; write 's'"),
        ({"λ": ""}, "U+03BB GREEK SMALL LETTER LAMDA; use ASCII letters, digits and operators, or"),
        ({"а": ""}, "U+0430 CYRILLIC SMALL LETTER A"),
        ({3: "n"}, "variable 3: not a string"),
        ({"n": "", "x": "n"}, "'n' as a size of 'x': a variable called 'n' is declared as well"),
        ({"x": "exp"}, "'x': size 'exp': a function of the language"),
        ({"x": "for"}, "'x': size 'for': a keyword of Python"),
        ({"x": "ｎ"}, "'x': size 'ｎ': the character U+FF4E"),
        ({"x": vector("y", "n")}, "'x': the variable 'y': two different names; declare it as 'y'"),
        ([vector("w", "d"), vector("w", "n")], "variable 'w': declared twice"),
        ([Variable("gamma")], "variable 'gamma': a function of the language"),
    ],
)
def test_names_that_are_refused(given, message):
    with pytest.raises(NameUnknownError) as error:
        declare(given)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (
            "n, d",
            "'x': size 'n,': neither a letter nor a positive integer, nor a sum",
        ),
        ("(n d)", "size '(n': neither a letter nor a positive integer"),
        ("0", "size '0': not a positive integer of moderate length; give a size of 1 or more"),
        ("-1", "size '-1': neither a letter nor a positive integer"),
        ("2.5", "size '2.5': neither"),
        ("9" * 30, "not a positive integer of moderate length"),
        ("n d spd", "size 'spd': a domain where a size is expected; write ': spd'"),
        ("2 " * 40, "40 sizes; give at most 32"),
    ],
)
def test_sizes_that_are_refused(sizes, message):
    with pytest.raises(ShapeError) as error:
        declare({"x": sizes})
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("n: unti", "'x': domain 'unti': no such domain; did you mean 'unit'?"),
        ("n: qqq", "no such domain; use one of real, positive"),
        ("n:", "domain '': no domain after the colon"),
        ("n: unit: real", "domain 'unit: real': no such domain"),
        ("n: spd", "x: spd: its shape is (n,); declare a square matrix"),
        ("n d: spd", "its shape is (n, d)"),
        (": prob", "declare at least 1 size"),
    ],
)
def test_domains_that_are_refused(written, message):
    with pytest.raises(DomainError) as error:
        declare({"x": written})
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("x: n", "given='x: n': a str; write a mapping"),
        (5, "given=5: a int"),
        (["x"], "a str among the given variables: not a variable"),
        ({"x": 3}, "'x': 3: a int; write sizes and domain as text"),
        ({"x": ("n", "d")}, "'x': ('n', 'd'): a tuple"),
    ],
)
def test_forms_that_are_refused(given, message):
    with pytest.raises(UnsupportedError) as error:
        declare(given)
    assert message in str(error.value)


def test_latex_keys_become_identifiers():
    declared = declare(
        {r"\delta^{(l)}": "k", r"\hat{y}": "n", r"\lambda": ": positive", "W^{(2)}": "k h"}
    )
    assert list(declared) == ["delta_l", "y_hat", "lam", "W_2"]
    assert list(declare({r"\frac{\partial L}{\partial z}": "k"})) == ["dL_dz"]


def test_two_keys_of_one_name_are_refused():
    with pytest.raises(NameUnknownError, match="declared twice"):
        declare({"W_2": "k h", "W^{(2)}": "k h"})


def test_definitions_and_notations_are_no_variables():
    given = {"X": "n d", "w": "d", "z": "= X @ w", "|A|": "det", "layout": "numerator"}
    assert list(declare(given)) == ["X", "w"]
    assert definitions(given) == [("z", "X @ w")]
    assert notations(given) == {"|A|": "det", "layout": "numerator"}


def test_a_sign_has_only_its_own_meanings():
    with pytest.raises(UnsupportedError, match="no meaning that this sign can have"):
        declare({"|A|": "elementwise"})


def test_a_definition_is_read_after_what_it_uses():
    assert str(parse("2*z", {"X": "n d", "w": "d", "z": "= X @ w"})) == "2*z"
    with pytest.raises(NameUnknownError):
        parse("p", {"p": "= 2*z", "z": "= X @ w", "X": "n d", "w": "d"})
