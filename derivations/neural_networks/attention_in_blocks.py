"""Attention in blocks: the blocks' maxima, normalisers and outputs merge to the softmax of the whole.

Each block of keys is worked through by itself, with its own largest score taken out. To merge them, every
normaliser is rescaled to the largest score of all, and each output counts as much as its normaliser. So a
long row of scores is never held in memory, and nothing overflows: every exponent is zero or less.
"""

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import float_error
from symbolic import dims, einsum, exp, matrix, max, named, rules, sum, tensor
from symbolic.calculus.exponential_rules import exp_of_sum

b, k, d = dims("b k d")
S = matrix("S", b, k)  # scores of one query, those with one block of keys a row
V = tensor("V", b, k, d)  # values of the keys

m = named("m", max(S, axis=1))  # largest score of each block
E = named("E", exp(S - m[:, None]))  # exponentials of each block, the largest of them 1
s = named("s", sum(E, axis=1))  # normaliser of each block
Y = named("Y", einsum("bk,b,bkd->bd", E, 1 / s, V))  # output of each block
M = named("M", max(m))  # largest score of all
r = named("r", s * exp(m - M))  # normalisers, rescaled
merged = r @ Y / sum(r)  # a mean of the outputs

normaliser = equation(sum(r), sum(exp(S - M)))
batch = einsum("bk,bkd->d", exp(S), V) / sum(exp(S))  # softmax of all scores, times the values

derivation = Derivation(
    given=(S, V),
    claim=(normaliser, equation(merged, batch)),
    steps=(
        begin(sum(r), "The normaliser of the whole"),
        equals(einsum("bk,b->", exp(S - m[:, None]), exp(m - M)), by=rules.algebra),
        equals(sum(exp(S - M)), by=(exp_of_sum, right_to_left(exp_of_sum))),
        begin(merged, "The output of the whole"),
        equals(
            einsum("bk,b,bkd->d", exp(S - m[:, None]), exp(m - M), V) / sum(r), by=rules.algebra
        ),
        equals(
            einsum("bk,b,bkd->d", exp(S - m[:, None]), exp(m - M), V) / sum(exp(S - M)),
            by=normaliser,
        ),
        equals(batch, by=exp_of_sum),
    ),
    source="Dao et al., FlashAttention (2022), section 3.1",
    evidence=(float_error(batch, merged, at={S: ((1000, 999), (998, 1001))}),),
)
