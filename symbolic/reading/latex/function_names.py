"""The functions that LaTeX may call by name, in all their spellings."""

from __future__ import annotations

_SPELLINGS = """
exp: exp
log: log ln
sin: sin
cos: cos
sinh: sinh
cosh: cosh
tanh: tanh
arctanh: arctanh artanh atanh
sqrt: sqrt
sign: sign sgn
sigmoid: sigmoid sigm Sigmoid logistic expit
softplus: softplus Softplus
relu: relu ReLU Relu
silu: silu SiLU swish Swish
gelu: gelu GELU
erf: erf
erfc: erfc
step: step
log1p: log1p
expm1: expm1
lgamma: lgamma
digamma: digamma
trigamma: trigamma
abs: abs
softmax: softmax Softmax
log_softmax: log_softmax logsoftmax LogSoftmax logSoftmax
logsumexp: logsumexp LogSumExp LSE lse
trace: tr Tr trace Trace
det: det Det
logdet: logdet
diag: diag Diag
vec: vec
rowsum: rowsum
colsum: colsum
sum: sum
mean: mean avg
var: Var var
max: max
min: min
norm: norm
expectation: E
chol: chol
eigvec: eigvec
expm: expm
tril: tril
triu: triu
"""
_NAMES = {
    spelling: line.partition(":")[0]
    for line in _SPELLINGS.strip().splitlines()
    for spelling in line.partition(":")[2].split()
}
_COMMANDS_ONLY = frozenset(("E",))
CONVENTIONAL = {"Gamma": "gamma", "psi": "digamma"}  # where nothing declares them
LOGARITHMS = (r"\log", r"\ln")


def builtin(word: str) -> str | None:
    """The function that a word or command calls, or None.

    >>> builtin("ln"), builtin("Tr"), builtin("foo")
    ('log', 'trace', None)
    """
    return None if word in _COMMANDS_ONLY else _NAMES.get(word)
