"""Orders that fail only in places which random points do not meet, and orders that hold."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import Gt, Lt, cos, exp, log, sin, sqrt

from derivations import Derivation, at_least, at_most, inequality, verify_steps
from derivations.rules.sampling import sampling
from numeric.linear import determinant
from symbolic import parse
from symbolic.traverse import variables

FALSE = [
    ("x@A@B@x >= 0", {"A": "n n: spd", "B": "n n: spd", "x": "n"}),
    ("x@(A@B+B@A)@x >= 0", {"A": "n n: spd", "B": "n n: spd", "x": "n"}),
    ("trace(A@B@C) >= 0", {"A": "n n: spd", "B": "n n: spd", "C": "n n: spd"}),
    ("x@inv(A)@B@x >= 0", {"A": "n n: spd", "B": "n n: spd", "x": "n"}),
    ("A[0,1] <= A[0,0]", {"A": "n n: spd"}),
    ("A[1,0] <= A[1,1]", {"A": "n n: spd"}),
    ("A[0,1]**2 <= A[0,0]**2", {"A": "n n: spd"}),
    ("abs(sum(A@B)) <= sum(A)*sum(B)", {"A": "n n: spd", "B": "n n: spd"}),
    ("x@A@B@x >= 0", {"A": "2 2: spd", "B": "2 2: spd", "x": "2"}),
    ("A[0,1] <= A[0,0]", {"A": "2 2: spd"}),
    ("trace(A@B@C) >= 0", {"A": "2 2: spd", "B": "2 2: spd", "C": "2 2: spd"}),
    ("sum(abs(x)) <= 2*norm(x)", {"x": "n"}),
    ("1 <= sign(s)**2", {"s": ""}),
    ("exp(-(s - 1234.567)**2) <= 1/2", {"s": ""}),
    ("exp(-(s - 3.7)**2*10**6) <= 1/2", {"s": ""}),
    ("1/(1 + norm(10**6*(x - y))) <= 1/2", {"x": "n", "y": "n"}),
    ("log(s) <= 1000", {"s": ": positive"}),
    ("softplus(s) <= 10**30", {"s": ""}),
    ("x@A@B@A@x <= x@A@A@x*trace(B)/2", {"A": "n n: spd", "B": "n n: spd", "x": "n"}),
    ("det(A) <= prod(diag(A))/(1+A[0,1]**2)", {"A": "2 2: spd"}),
    ("x@A@x*(y@A@y) <= 2*(x@A@y)**2+x@x*(y@y)", {"A": "n n: spd", "x": "n", "y": "n"}),
    ("trace(A@B) <= trace(A)*trace(B)/2", {"A": "n n: spd", "B": "n n: spd"}),
    ("trace(A@A) >= trace(A)**2", {"A": "n n: spd"}),
    ("x@A@x/(x@x) <= A[0,0]+1000", {"A": "n n: spd", "x": "n"}),
    ("x@A@x/(x@x) >= 1/1000", {"A": "n n: spd", "x": "n"}),
    ("(x@A@x)*(x@inv(A)@x) <= 1000*(x@x)**2", {"A": "n n: spd", "x": "n"}),
    ("trace(A@B@A@B) >= trace(A@A@B@B)", {"A": "n n: spd", "B": "n n: spd"}),
    ("logdet(A+B) >= logdet(A)+logdet(B)", {"A": "n n: spd", "B": "n n: spd"}),
    ("logdet(A) <= trace(A)-n-1/1000", {"A": "n n: spd"}),
    ("det(A+B) <= 2*(det(A)+det(B))", {"A": "n n: spd", "B": "n n: spd"}),
    ("x@A@A@x <= trace(A)*(x@A@x)/2", {"A": "n n: spd", "x": "n"}),
    ("x@(A@inv(B)+inv(B)@A)@x >= 0", {"A": "n n: spd", "B": "n n: spd", "x": "n"}),
    ("max(A) <= A[0,0]", {"A": "n n: spd"}),
    ("sum(A) >= trace(A)/2", {"A": "n n: spd"}),
    ("sum(A) >= 0 - max(A)/10 + min(diag(A))", {"A": "n n: spd"}),
    ("trace(inv(A)) <= n**2*1000/trace(A)", {"A": "n n: spd"}),
    ("A[0,1] <= (A[0,0]+A[1,1])/2 - 1/10**6", {"A": "n n: spd"}),
    ("det(A) >= 1/1000", {"A": "n n: psd"}),
    ("trace(A)**2 <= 2*trace(A@A)", {"A": "n n: psd"}),
    ("spectral_norm(A-B) <= abs(trace(A)-trace(B))", {"A": "n n: spd", "B": "n n: spd"}),
    ("sum(p*log(p/q)) >= sum(abs(p-q))**2/1.99", {"p": "n: prob", "q": "n: prob"}),
    ("sum(p*log(p/q)) <= sum((p-q)**2)*10", {"p": "n: prob", "q": "n: prob"}),
    ("sum(p*log(p/q)) <= 100", {"p": "n: prob", "q": "n: prob"}),
    ("-sum(p*log(p)) <= 2", {"p": "n: prob"}),
    ("sum(p**2) <= max(p)**2*3", {"p": "n: prob"}),
    ("max(p) >= 1/10", {"p": "n: prob"}),
    ("p@q <= 1 - norm(p-q)", {"p": "n: prob", "q": "n: prob"}),
    ("sum(sqrt(p*q)) >= 1-sum(abs(p-q))/3", {"p": "n: prob", "q": "n: prob"}),
    ("sum(p**2) <= 9/10", {"p": "n: prob"}),
    ("sum(p*x)**2 >= sum(p*x**2)-sum(x**2)/10", {"p": "n: prob", "x": "n"}),
    ("log(sum(p*exp(x))) <= sum(p*x)+sum(x**2)/10", {"p": "n: prob", "x": "n"}),
    ("prod(a) <= (sum(a)/n)**n - 1/10**6", {"a": "n: positive"}),
    ("sum(a)*sum(1/a) <= 100*n**2", {"a": "n: positive"}),
    ("sum(a**2) <= sum(a)", {"a": "n: positive"}),
    ("log(sum(a)) >= sum(log(a))", {"a": "n: positive"}),
    ("sqrt(s*t) <= (s+t)/2 - (s-t)**2/1000", {"s": ": positive", "t": ": positive"}),
    ("log(s) <= s - 1 - 1/10**5", {"s": ": positive"}),
    ("s**s >= 7/10", {"s": ": positive"}),
    ("s*log(s) >= -1/3", {"s": ": positive"}),
    ("exp(s) <= 1+s+s**2", {"s": ": nonnegative"}),
    (
        "s**3+t**3+r**3 >= 3*s*t*r + (s-t)**2/100",
        {"s": ": nonnegative", "t": ": nonnegative", "r": ": nonnegative"},
    ),
    ("sum(sqrt(a)) <= 3*sqrt(sum(a))", {"a": "n: nonnegative"}),
    ("trace(A@A@A@A) >= trace(A@A)**2/2", {"A": "n n: symmetric"}),
    ("spectral_norm(A) <= max(abs(A))", {"A": "n n: symmetric"}),
    (
        "trace(A@B)**2 <= trace(A@A)*trace(B@B)-trace(A@B@A@B)/10**6",
        {"A": "n n: symmetric", "B": "n n: symmetric"},
    ),
    ("trace(expm(A+B)) >= trace(expm(A)@expm(B))", {"A": "n n: symmetric", "B": "n n: symmetric"}),
    ("x@A@A@x <= 2*(x@A@x)**2+x@x/10", {"A": "n n: symmetric", "x": "n"}),
    ("trace(A@A@B@B) <= trace(A@B@A@B)", {"A": "n n: symmetric", "B": "n n: symmetric"}),
    ("det(A) >= 0-trace(A@A)", {"A": "n n: symmetric"}),
    ("Q[0,0]**2 + Q[1,1]**2 <= 19/10", {"Q": "n n: orthogonal"}),
    ("trace(Q) >= 0-n/2", {"Q": "n n: orthogonal"}),
    ("abs(sum(Q)) <= n-1/100", {"Q": "n n: orthogonal"}),
    ("trace(Q)**2 <= 3", {"Q": "n n: orthogonal"}),
    ("x@Q@x >= 0-9/10*x@x", {"Q": "n n: orthogonal", "x": "n"}),
    ("det(Q) >= 0", {"Q": "n n: orthogonal"}),
    ("max(abs(Q)) <= 999/1000", {"Q": "n n: orthogonal"}),
    ("norm(A@A) <= 9/10*norm(A)**2", {"A": "n n"}),
    ("spectral_norm(A@B) >= spectral_norm(A)*spectral_norm(B)/10", {"A": "n n", "B": "n n"}),
    ("spectral_norm(A)*spectral_norm(inv(A)) <= 10000000", {"A": "n n: invertible"}),
    ("trace(A)**2 <= 2*trace(A.T@A)", {"A": "n n"}),
    ("det(A)**2 <= prod(sum(A**2,axis=1))-det(A)**2/10**6", {"A": "n n"}),
    ("(a@b)**2 <= (a@a)*(b@b)-sum((a-b)**2)/1000000", {"a": "n", "b": "n"}),
    ("max(x) <= logsumexp(x) - log(n)/10", {"x": "n"}),
    ("logsumexp(x) <= max(x)+2", {"x": "n"}),
    ("norm(x-y) <= norm(x)", {"x": "n", "y": "n"}),
    ("sum(tanh(x)) <= norm(x)", {"x": "n"}),
    ("norm(softmax(x)-softmax(y)) <= norm(x-y)/3", {"x": "n", "y": "n"}),
    ("sum(x**4) >= sum(x**2)**2/2", {"x": "n"}),
    ("(a@b)**2 + (a@a-1)**2 + (b@b-1)**2 + (a[0]-b[0]-1/3)**2 >= 1/100000", {"a": "n", "b": "n"}),
    ("sum(relu(x)) <= relu(sum(x)) + sum(abs(x))/3", {"x": "n"}),
    ("norm(x)**2 <= sum(abs(x))*max(abs(x))-1/10**9*sum(x**4)", {"x": "n"}),
    ("abs(x@y) <= norm(x)*norm(y)*(1-10**-6)", {"x": "n", "y": "n"}),
    ("(s*c-1)**2+s**2 >= 1/1000", {"s": "", "c": ""}),
    ("(s*c-1)**2+s**2 >= 1/1000000", {"s": "", "c": ""}),
    ("s**4-2*s**2*c+c**2+ s**2*(c-3)**2>= s**2/1000000", {"s": "", "c": ""}),
    ("s**4*c**2+s**2*c**4+1-3*s**2*c**2 >= 1/10000", {"s": "", "c": ""}),
    ("sin(s)*sin(c)*sin(r) <= 9999/10000", {"s": "", "c": "", "r": ""}),
    ("sin(s)+cos(s*sqrt(2)) <= 1999/1000", {"s": ""}),
    ("(1-s)**2+100*(c-s**2)**2 >= 1/10**8", {"s": "", "c": ""}),
    ("where(s==7/3,5,0) <= 1", {"s": ""}),
    ("sign(abs(s-7/3)) >= 1", {"s": ""}),
    ("p*(1-p) <= 1/4-1/10**8", {"p": ": unit"}),
    ("-p*log(p)-(1-p)*log(1-p) <= log(2)-1/10**7", {"p": ": unit"}),
    ("sigmoid(s)*(1-sigmoid(s)) <= 2499/10000", {"s": ""}),
    ("abs(tanh(s)-tanh(c)) <= 99/100*abs(s-c)", {"s": "", "c": ""}),
    ("sum(b*x) <= max(abs(x))*sum(b)-sum(abs(x))/10**3", {"b": "n: binary", "x": "n"}),
    ("sum(e*x) <= norm(x)", {"e": "n: pm1", "x": "n"}),
    ("sum(u) <= 1", {"u": "n: unit_norm"}),
    ("u@A@u >= min(diag(A))", {"u": "n: unit_norm", "A": "n n: spd"}),
]
TRUE = [
    ("(a@b)**2 <= (a@a)*(b@b)", {"a": "n", "b": "n"}),
    ("abs(a@b) <= norm(a)*norm(b)", {"a": "n", "b": "n"}),
    ("norm(a+b) <= norm(a)+norm(b)", {"a": "n", "b": "n"}),
    ("det(A) <= prod(diag(A))", {"A": "n n: spd"}),
    ("det(A)**2 <= prod(sum(A**2,axis=1))", {"A": "n n"}),
    ("prod(a) <= (sum(a)/n)**n", {"a": "n: positive"}),
    ("sqrt(s*t) <= (s+t)/2", {"s": ": positive", "t": ": positive"}),
    ("sum(p*log(p/q)) >= sum(abs(p-q))**2/2", {"p": "n: prob", "q": "n: prob"}),
    ("sum(p*log(p/q)) >= 0", {"p": "n: prob", "q": "n: prob"}),
    ("-sum(p*log(p)) <= log(n)", {"p": "n: prob"}),
    ("trace(expm(A+B)) <= trace(expm(A)@expm(B))", {"A": "n n: symmetric", "B": "n n: symmetric"}),
    ("exp(sum(p*x)) <= sum(p*exp(x))", {"p": "n: prob", "x": "n"}),
    ("log(sum(p*exp(x))) >= sum(p*x)", {"p": "n: prob", "x": "n"}),
    ("sum(p*x)**2 <= sum(p*x**2)", {"p": "n: prob", "x": "n"}),
    ("det(A+B) >= det(A)+det(B)", {"A": "n n: spd", "B": "n n: spd"}),
    ("logdet(A) <= trace(A)-n", {"A": "n n: spd"}),
    ("logdet((A+B)/2) >= (logdet(A)+logdet(B))/2", {"A": "n n: spd", "B": "n n: spd"}),
    ("(x@A@x)*(x@inv(A)@x) >= (x@x)**2", {"A": "n n: spd", "x": "n"}),
    ("trace(A@B) <= trace(A)*trace(B)", {"A": "n n: spd", "B": "n n: spd"}),
    ("trace(A@B) >= 0", {"A": "n n: spd", "B": "n n: spd"}),
    ("trace(A@B@A@B) <= trace(A@A@B@B)", {"A": "n n: spd", "B": "n n: spd"}),
    ("x@A@B@A@x <= x@A@A@x*trace(B)", {"A": "n n: spd", "B": "n n: spd", "x": "n"}),
    ("x@A@A@x <= trace(A)*(x@A@x)", {"A": "n n: spd", "x": "n"}),
    ("A[0,1] <= (A[0,0]+A[1,1])/2", {"A": "n n: spd"}),
    ("A[0,1]**2 <= A[0,0]*A[1,1]", {"A": "n n: spd"}),
    ("trace(A)*trace(inv(A)) >= n**2", {"A": "n n: spd"}),
    ("trace(inv(A+B)) <= trace(inv(A))", {"A": "n n: spd", "B": "n n: spd"}),
    ("sum(p**2) <= max(p)", {"p": "n: prob"}),
    ("p@q <= max(p)", {"p": "n: prob", "q": "n: prob"}),
    ("sum(sqrt(p*q)) <= 1", {"p": "n: prob", "q": "n: prob"}),
    ("sum((sqrt(p)-sqrt(q))**2) <= sum(abs(p-q))", {"p": "n: prob", "q": "n: prob"}),
    ("sum(a)*sum(1/a) >= n**2", {"a": "n: positive"}),
    ("log(s) <= s-1", {"s": ": positive"}),
    (
        "s**3+t**3+r**3 >= 3*s*t*r",
        {"s": ": nonnegative", "t": ": nonnegative", "r": ": nonnegative"},
    ),
    ("exp(s) >= 1+s", {"s": ""}),
    ("s**4*c**2+s**2*c**4+1-3*s**2*c**2 >= 0", {"s": "", "c": ""}),
    ("sin(s)*sin(c) <= 1", {"s": "", "c": ""}),
    ("p*(1-p) <= 1/4", {"p": ": unit"}),
    ("abs(tanh(s)-tanh(c)) <= abs(s-c)", {"s": "", "c": ""}),
    ("sigmoid(s)*(1-sigmoid(s)) <= 1/4", {"s": ""}),
    ("trace(A@A@A@A) >= trace(A@A)**2/n", {"A": "n n: symmetric"}),
    ("trace(A@B)**2 <= trace(A@A)*trace(B@B)", {"A": "n n: symmetric", "B": "n n: symmetric"}),
    ("trace(A)**2 <= n*trace(A.T@A)", {"A": "n n"}),
    ("norm(A@B) <= norm(A)*norm(B)", {"A": "n n", "B": "n n"}),
    ("trace(Q) <= n", {"Q": "n n: orthogonal"}),
    ("abs(sum(Q)) <= n", {"Q": "n n: orthogonal"}),
    ("abs(x@Q@y) <= norm(x)*norm(y)", {"Q": "n n: orthogonal", "x": "n", "y": "n"}),
    ("max(abs(Q)) <= 1", {"Q": "n n: orthogonal"}),
    ("max(x) <= logsumexp(x)", {"x": "n"}),
    ("logsumexp(x) <= max(x)+log(n)", {"x": "n"}),
    ("norm(x) <= sum(abs(x))", {"x": "n"}),
    ("sum(abs(x)) <= sqrt(n)*norm(x)", {"x": "n"}),
    ("norm(x)**2 <= sum(abs(x))*max(abs(x))", {"x": "n"}),
    ("sum(relu(x)) <= relu(sum(x)) + sum(abs(x))/2", {"x": "n"}),
    ("sum(e*x) <= sum(abs(x))", {"e": "n: pm1", "x": "n"}),
    ("sum(u) <= sqrt(n)", {"u": "n: unit_norm"}),
    ("u@A@u <= trace(A)", {"u": "n: unit_norm", "A": "n n: spd"}),
    ("-p*log(p)-(1-p)*log(1-p) <= log(2)", {"p": ": unit"}),
    ("det(A) <= (trace(A)/n)**n", {"A": "n n: psd"}),
    ("sum(sqrt(a)) <= sqrt(n*sum(a))", {"a": "n: nonnegative"}),
]


ON_PAGES = [
    ("sum(abs(x)) <= 2*norm(x)", {"x": "n"}),
    ("1 <= sign(s)**2", {"s": ""}),
    ("sum(ones(n)) <= 50", {"x": "n"}),
    *FALSE[::8],
]
x, y, z = sympy.symbols("x y z", real=True)
u, v = sympy.symbols("u v", positive=True)
w = sympy.Symbol("w", nonnegative=True)
m, k = sympy.Symbol("m", integer=True, positive=True), sympy.Symbol("k", integer=True)
integer = sympy.Symbol("integer", integer=True)
FALSE_IN_SYMPY = [
    ((x,), sympy.Integer(1), sympy.sign(x) ** 2),
    ((x, y), sympy.Rational(1, 1000), (x * y - 1) ** 2 + x**2),
    ((x, y), sympy.Rational(1, 10**8), (1 - x) ** 2 + 100 * (y - x**2) ** 2),
    ((x, y), x**2 / 10**6, x**4 - 2 * x**2 * y + y**2 + x**2 * (y - 3) ** 2),
    ((x, y, z), sin(x) * sin(y) * cos(z), sympy.Rational(9999, 10000)),
    ((u, v), sqrt(u * v), (u + v) / 2 - (u - v) ** 2 / 1000),
    ((u,), sympy.Rational(-1, 3), u * log(u)),
    ((u, v), (u + v) * (1 / u + 1 / v), sympy.Integer(10**6)),
    ((w,), exp(w), 1 + w + w**2),
    ((u, v, Lt(u, v)), v - u, v * log(v / u) - (v - u) ** 2 / 10),
    ((x, y, Gt(x, y)), x - y, x**2 - y**2 + 1000),
    ((m,), m, sympy.Integer(10**6)),
    ((m,), sympy.Integer(1), (m - 20) ** 2),
    ((integer,), sympy.Integer(-500), integer),
    ((m,), sympy.Sum(1 / k, (k, 1, m)), sympy.Integer(4)),
    ((m,), sympy.factorial(m), 10**8 * 2**m),
]
TRUE_IN_SYMPY = [
    ((x, y), sympy.Integer(0), (x * y - 1) ** 2 + x**2),
    ((x, y, z), x * y + y * z + z * x, x**2 + y**2 + z**2),
    ((u, v), sqrt(u * v), (u + v) / 2),
    ((u, v), 2 * (u + v), (u + v) ** 2 * (1 / u + 1 / v) / 2),
    ((u, v), u - v, u * log(u / v)),
    ((u, v, Lt(u, v)), sympy.Integer(1), v / u),
    ((w,), 1 + w + w**2 / 2, exp(w)),
    ((m, w), 1 + m * w, (1 + w) ** m),
    ((m,), sympy.Sum(1 / k, (k, 1, m)), 1 + log(m)),
]


def lies_in(domain: str, value: np.ndarray) -> bool:
    """Whether a value of fractions lies exactly in a domain."""
    columns = value.T @ value if value.ndim == 2 else None
    match domain:
        case "positive":
            return bool(np.all(value > 0))
        case "nonnegative":
            return bool(np.all(value >= 0))
        case "unit":
            return bool(np.all((value >= 0) & (value <= 1)))
        case "prob":
            return bool(np.all(value >= 0) and np.all(value.sum(axis=-1) == 1))
        case "symmetric":
            return bool(np.all(value == value.T))
        case "spd":
            minors = [determinant(value[:k, :k]) for k in range(1, len(value) + 1)]
            return bool(np.all(value == value.T)) and all(minor > 0 for minor in minors)
        case "psd":
            return bool(
                np.all(value == value.T) and np.linalg.eigvalsh(value.astype(float))[0] > -1e-9
            )
        case "orthogonal":
            return bool(np.all(columns == np.eye(len(columns), dtype=int)))
        case "invertible":
            return determinant(value) != 0
        case "unit_norm":
            return bool((value * value).sum() == 1)
        case "binary" | "pm1":
            return bool(
                np.all(np.isin(value.astype(int), (0, 1) if domain == "binary" else (-1, 1)))
            )
        case "real":
            return True
    raise AssertionError(domain)


def page(line: str, given: dict[str, str]) -> Derivation:
    """A page that claims a line, by sampling."""
    relation = "<=" if "<=" in line else ">="
    left, right = (parse(side, given) for side in line.split(relation))
    step = (at_most if relation == "<=" else at_least)(right, by=sampling)
    return Derivation(tuple(variables([left, right])), inequality(left, right, relation), (step,))


@pytest.mark.parametrize(("line", "given"), FALSE, ids=str)
def test_an_order_that_fails_somewhere_is_refuted(line: str, given: dict[str, str]) -> None:
    (only,) = verify_steps([line], given).lines
    assert only.verdict == "refuted"
    point = only.verification.counterexample
    declared = {
        each.name: each
        for each in variables([parse(s, given) for s in line.split("<=" if "<=" in line else ">=")])
    }
    for name, value in point.point.items():
        assert lies_in(declared[name].domain, np.asarray(value, dtype=object)), name


TOUCHING = [  # at no rational point
    ("(x**2 - 2)**2 > 0", {"x": ""}),
    ("abs(x**3 - x - 1) > 0", {"x": ""}),
    ("x**2 - 2*sqrt(2)*x + 2 > 0", {"x": ""}),
    ("(log(x) - 1)**2 > 0", {"x": ": positive"}),
    ("(x*y - 2)**2 + (x - y)**2 > 0", {"x": "", "y": ""}),
    ("(norm(p)**2 - 1/2)**2 > 0", {"p": "n: prob"}),
]
STRICT = [
    ("sigmoid(x) < 1", {"x": ""}),
    ("softplus(x) > x", {"x": ""}),
    ("exp(-x**2) > 0", {"x": ""}),
    ("exp(x) > x", {"x": ""}),
    ("logdet(A) < trace(A)", {"A": "n n: spd"}),
]


@pytest.mark.parametrize(("line", "given"), TOUCHING, ids=str)
def test_a_strict_order_whose_sides_touch_is_not_verified(line: str, given: dict[str, str]) -> None:
    (only,) = verify_steps([line], given).lines
    assert only.verdict == "undecided"
    assert "too close" in only.reason


@pytest.mark.parametrize(("line", "given"), STRICT, ids=str)
def test_a_strict_order_whose_sides_only_come_close_far_out_holds(
    line: str, given: dict[str, str]
) -> None:
    assert verify_steps([line], given).lines[0].verdict in ("proved", "verified")


@pytest.mark.parametrize(("line", "given"), TRUE, ids=str)
def test_an_order_that_holds_is_never_refuted(line: str, given: dict[str, str]) -> None:
    (only,) = verify_steps([line], given).lines
    assert only.verdict in ("verified", "proved")
    assert only.verdict == "proved" or "lowest of walks downhill" in only.reason


@pytest.mark.parametrize(("line", "given"), FALSE[::10], ids=str)
def test_a_violation_is_found_with_other_random_numbers(line: str, given: dict[str, str]) -> None:
    assert {verify_steps([line], given, seed=seed).verdict for seed in (1, 2)} == {"refuted"}


@pytest.mark.parametrize(("line", "given"), ON_PAGES, ids=str)
def test_a_page_refutes_what_lines_of_a_person_do(line: str, given: dict[str, str]) -> None:
    report = page(line, given).check()
    assert report.verdict == verify_steps([line], given).verdict == "refuted"
    assert report.chains[0][0].counterexample


@pytest.mark.parametrize(("line", "given"), TRUE[::8], ids=str)
def test_a_page_verifies_what_lines_of_a_person_do(line: str, given: dict[str, str]) -> None:
    (found,) = page(line, given).check().chains[0]
    assert (found.verdict, found.method) == ("verified", "sampled")
    assert found.reason.startswith("the order held at")


@pytest.mark.parametrize(("given", "low", "high"), FALSE_IN_SYMPY, ids=str)
def test_an_order_of_sympy_lines_that_fails_is_refuted(given, low, high) -> None:
    step = at_most(high, by=sampling)
    assert Derivation(given, inequality(low, high), (step,)).check().verdict == "refuted"


@pytest.mark.parametrize(("given", "low", "high"), TRUE_IN_SYMPY, ids=str)
def test_an_order_of_sympy_lines_that_holds_is_seen(given, low, high) -> None:
    step = at_most(high, by=sampling)
    assert Derivation(given, inequality(low, high), (step,)).check().verdict == "verified"


@pytest.mark.parametrize(
    ("line", "given", "verdict"),
    [
        ("log(t) <= t - 1", {"t": ""}, "undecided"),  # half of the points have no logarithm
        ("norm(a - b) > 0", {"a": "n", "b": "n"}, "refuted"),
        ("t**2 + exp(-t) > 0", {"t": ""}, "verified"),
        ("sum(p*log(p)) <= 0", {"p": "n: prob"}, "verified"),  # no value where a probability is 0
        ("x@x/norm(x) >= 0", {"x": "n"}, "verified"),
    ],
)
def test_where_a_side_has_no_value(line: str, given: dict[str, str], verdict: str) -> None:
    (only,) = verify_steps([line], given).lines
    assert only.verdict == verdict
    assert ("with zeros or ties" in only.reason) == (verdict == "verified" and "t" not in given)
