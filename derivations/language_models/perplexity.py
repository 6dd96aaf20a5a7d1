"""Perplexity is one over the geometric mean of the probabilities of the tokens.

The loss of a language model is the mean surprise, minus the logarithm of the probability of each token given
those before it. Its exponential says among how many tokens the model hesitates: a model that holds V tokens
for equally probable has perplexity V.
"""

from sympy import Function, Product, Sum, Symbol, exp, log

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import float_error
from symbolic.scalars import elementary, sums
from symbolic.scalars.products import log_of_finite_product

T = Symbol("T", integer=True, positive=True)  # number of tokens
t = Symbol("t", integer=True, positive=True)
p = Function("p", positive=True)  # p(t), probability of token t given those before it
V = Symbol("V", integer=True, positive=True)  # size of the vocabulary
q = Symbol("q", positive=True)  # a probability that all tokens have

surprise = -Sum(log(p(t)), (t, 1, T)) / T
perplexity = Product(p(t), (t, 1, T)) ** (-1 / T)

derivation = Derivation(
    given=(T, p, V),
    claim=(
        equation(exp(surprise), perplexity),
        equation(exp(-Sum(log(1 / V), (t, 1, T)) / T), V),
    ),
    steps=(
        begin(exp(surprise), "Perplexity"),
        equals(exp(-log(Product(p(t), (t, 1, T))) / T), by=right_to_left(log_of_finite_product)),
        equals(perplexity, by=right_to_left(elementary.power_as_exponential)),
        begin(exp(-Sum(log(1 / V), (t, 1, T)) / T), "Of a model that knows nothing"),
        equals(V, by=sums.sum_of_constant),
    ),
    source="Jurafsky, Martin, Speech and Language Processing (third edition, draft), section 3.3",
    evidence=(float_error(log(q**T), T * log(q), at={q: 0.001, T: 200}),),
)
