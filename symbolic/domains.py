"""Domains: what is known of a variable, as data that sampler, simplifier and printer read."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.errors import DomainError
from symbolic.sizes import Shape, shape_text


@dataclass(frozen=True)
class Domain:
    """One domain: its name, what it says, and the shapes it makes sense for.

    `latex` follows the variable, as in `y \\in \\{0, 1\\}^{n}`; `{shape}` stands for the shape.
    `entrywise` domains hold entry by entry; `square` ones need a square matrix.
    `sums_to_one` is the axis (from the end) along which entries sum to one.
    """

    name: str
    meaning: str
    latex: str
    entrywise: bool = False
    square: bool = False
    symmetric: bool = False
    sums_to_one: int | None = None
    positive: bool = False
    nonnegative: bool = False
    idempotent: bool = False

    def check(self, name: str, shape: Shape) -> None:
        """Raise `DomainError` unless a variable of this shape can lie in the domain."""
        if self.square and (len(shape) != 2 or shape[0] != shape[1]):
            raise DomainError(
                f"{name}: {self.name}",
                f"its shape is {shape_text(shape)}",
                "declare a square matrix, for example 'n n'",
            )
        least = {"prob columns": 2, "orthogonal": 2, "prob": 1, "onehot": 1, "unit_norm": 1,
                 "descending": 1}  # fmt: skip
        rank = least.get(self.name, 0)
        if len(shape) < rank:
            raise DomainError(
                f"{name}: {self.name}",
                f"its shape is {shape_text(shape)}",
                f"declare at least {rank} size(s), or another domain",
            )


_REALS = r"\mathbb{R}^{shape}"
DOMAINS = {
    domain.name: domain
    for domain in (
        Domain("real", "real", _REALS, entrywise=True),
        Domain("positive", "greater than zero", r"\mathbb{R}_{>0}^{shape}", entrywise=True,
               positive=True, nonnegative=True),
        Domain("nonnegative", "zero or greater", r"\mathbb{R}_{\ge 0}^{shape}", entrywise=True,
               nonnegative=True),
        Domain("descending", "zero or greater, in descending order",
               r"\mathbb{R}_{\ge 0,\,\downarrow}^{shape}", nonnegative=True),
        Domain("unit", "between 0 and 1", r"[0, 1]^{shape}", entrywise=True, nonnegative=True),
        Domain("binary", "0 or 1", r"\{0, 1\}^{shape}", entrywise=True, nonnegative=True,
               idempotent=True),
        Domain("pm1", "-1 or +1", r"\{-1, 1\}^{shape}", entrywise=True),
        Domain("counts", "0, 1, 2, ...", r"\mathbb{N}_0^{shape}", entrywise=True, nonnegative=True),
        Domain("index", "an index: 0, 1, 2, ...", r"\mathbb{N}_0^{shape}", entrywise=True,
               nonnegative=True),
        Domain("symmetric", "equal to its transpose", r"\mathbb{S}^{shape}", square=True,
               symmetric=True),
        Domain("spd", "symmetric positive definite", r"\mathbb{S}_{++}^{shape}", square=True,
               symmetric=True),
        Domain("psd", "symmetric positive semidefinite", r"\mathbb{S}_{+}^{shape}", square=True,
               symmetric=True),
        Domain("invertible", "square with an inverse", r"\mathrm{GL}({shape})", square=True),
        Domain("orthogonal", "with orthonormal columns", r"\mathrm{O}({shape})"),
        Domain("diagonal", "zero off the diagonal", r"\mathrm{diag}({shape})", square=True,
               symmetric=True),
        Domain("lower", "lower triangular", r"\mathrm{tril}({shape})", square=True),
        Domain("onehot", "rows with a single 1, else 0", r"\{0, 1\}^{shape}_{\mathbf{1}}",
               sums_to_one=-1, nonnegative=True, idempotent=True),
        Domain("prob", "rows that sum to one", r"\Delta^{shape}", sums_to_one=-1, nonnegative=True),
        Domain("prob columns", "columns that sum to one", r"\Delta_{\mathrm{col}}^{shape}",
               sums_to_one=-2, nonnegative=True),
        Domain("unit_norm", "of length one", r"\mathbb{S}_{1}^{shape}"),
    )
}  # fmt: skip


def domain_of(name: str) -> Domain:
    """The domain called `name`.

    >>> domain_of("binary").meaning
    '0 or 1'
    """
    try:
        return DOMAINS[name]
    except KeyError:
        raise DomainError(
            f"domain {name!r}", "no such domain", "use one of " + ", ".join(DOMAINS)
        ) from None
