"""The named functions, written with nothing but the Python array API standard.

Each form does not overflow where the function does not, keeps NaN, and has the right slope at every
point, so that the library's own differentiation of the code is right too (0 in the arguments, ties).
What the standard lacks is asked of the library itself: `OF_LIBRARIES` says where each keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.errors import UnsupportedError


@dataclass(frozen=True)
class PortableFunction:
    """How a function is called, the helper that it needs, and functions asked of the library.

    `inner` are the helpers that the helper calls, each with its name.
    """

    call: str
    helper: str = ""
    needs: tuple[str, ...] = ()
    inner: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What the code calls."""
        return self.call.partition("(")[0]


def _standard(name: str) -> PortableFunction:
    return PortableFunction(f"xp.{name}({{}})")


def _of_library(name: str) -> PortableFunction:
    return PortableFunction(f"{name}({{}})", needs=(name,))


def _helper(name: str, *lines: str) -> PortableFunction:
    body = "".join(f"    {line}\n" for line in lines)
    return PortableFunction(f"{name}(xp, {{}})", f"def {name}(xp, x):\n{body}")


_EXP_MINUS_ABS = "e = xp.exp(xp.where(x >= 0, -x, x))"
_POSITIVE_PART = "xp.where(x < 0, xp.zeros_like(x), x)"

ELEMENTWISE_PORTABLE: dict[str, PortableFunction] = {
    **{
        name: _standard(name)
        for name in (
            "exp", "log", "log1p", "expm1", "sin", "cos", "tanh", "sqrt", "abs", "sign", "maximum",
            "minimum",
        )
    },
    "arctanh": _standard("atanh"),
    **{
        name: _of_library(name)
        for name in ("erf", "erfc", "erfcx", "gamma", "lgamma", "digamma", "hurwitz_zeta")
    },
    "trigamma": PortableFunction("hurwitz_zeta(2.0, {})", needs=("hurwitz_zeta",)),
    "log_ndtr": PortableFunction(
        "log_ndtr(xp, {}, erfc, erfcx)",
        "def log_ndtr(xp, x, erfc, erfcx):\n"
        "    far = xp.where(x < -1, x, -xp.ones_like(x))\n"
        "    near = xp.where(x < -1, xp.zeros_like(x), x)\n"
        "    tail = xp.log(erfcx(-0.7071067811865476 * far) / 2) - far * far / 2\n"
        "    return xp.where(x < -1, tail, xp.log1p(-erfc(0.7071067811865476 * near) / 2))\n",
        ("erfc", "erfcx"),
    ),
    "sinh": _helper(
        "sinh",
        "a = xp.where(x < 0, -x, x)",
        "h = xp.exp(a / 2)  # of which the square may be too large",
        "e = xp.expm1(xp.where(a < 20, a, xp.ones_like(a)))",
        "size = xp.where(a < 20, (e + e / (e + 1)) / 2, h / 2 * h)",
        "return xp.where(x < 0, -size, size)",
    ),
    "cosh": _helper(
        "cosh",
        "h = xp.exp(xp.where(x < 0, -x, x) / 2)  # of which the square may be too large",
        "return h / 2 * h + 0.5 / h / h",
    ),
    "sigmoid": _helper(
        "sigmoid",
        _EXP_MINUS_ABS,
        "return xp.where(x >= 0, xp.ones_like(e), e) / (1 + e)",
    ),
    "softplus": _helper(
        "softplus",
        _EXP_MINUS_ABS,
        f"return {_POSITIVE_PART} + xp.log1p(e)",
    ),
    "hypot": PortableFunction(
        "hypot(xp, {})",
        "def hypot(xp, a, b):\n"
        "    scale = xp.maximum(xp.where(a < 0, -a, a), xp.where(b < 0, -b, b))\n"
        "    scale = xp.where(scale > 0, scale, xp.ones_like(scale))\n"
        "    return scale * xp.sqrt((a / scale) ** 2 + (b / scale) ** 2)\n",
    ),
    "relu": _helper("relu", "return xp.where(x <= 0, xp.zeros_like(x), x)"),
    "step": _helper(
        "step",
        "return xp.where(x > 0, xp.ones_like(x), xp.where(x <= 0, xp.zeros_like(x), x))",
    ),
    "half_step": _helper(
        "half_step",
        "return (xp.sign(x) + 1) / 2",
    ),
    "silu": _helper(
        "silu",
        "h = xp.exp(xp.where(x >= 0, -x, x) / 2)  # of which the square may be too small",
        "return xp.where(x >= 0, x, x * h * h) / (1 + h * h)",
    ),
    "gelu": PortableFunction(
        "gelu(xp, {}, erfc, erfcx)",
        "def gelu(xp, x, erfc, erfcx):\n"
        "    near = x * erfc(-0.7071067811865476 * x) / 2\n"
        "    a = xp.where(x < -2, -x, xp.full_like(x, 2))\n"
        "    a = xp.where(a < 64, a, xp.full_like(a, 64))  # where the tail is 0\n"
        "    c = xp.floor(16 * a) / 16  # of which the square is exact, as a * a is not\n"
        "    tail = a / 2 * erfcx(0.7071067811865476 * a)\n"
        "    tail = tail * xp.exp((c - a) * (c + a) / 2) * xp.exp(-c * c / 2)\n"
        "    return xp.where(x < -2, -tail, near)\n",
        ("erfc", "erfcx"),
    ),
}  # fmt: skip


def _along(name: str, *lines: str) -> PortableFunction:
    body = "".join(f"    {line}\n" for line in lines)
    return PortableFunction(f"{name}(xp, {{}})", f"def {name}(xp, x, axis=None):\n{body}")


def _linear(text: str) -> PortableFunction:
    return PortableFunction(f"xp.linalg.{text}")


_SYMMETRIC = "(x + xp.matrix_transpose(x)) / 2"
LARGEST = (
    "largest",
    "def largest(xp, x):\n"
    '    """The sign of the largest entry of each column."""\n'
    "    rows = xp.reshape(xp.arange(x.shape[-2]), (-1, 1))\n"
    "    first = rows == xp.argmax(xp.abs(x), axis=-2, keepdims=True)\n"
    "    return xp.sign(xp.sum(xp.where(first, x, xp.zeros_like(x)), axis=-2, keepdims=True))\n",
)


def _log_of_rest(options: str) -> tuple[str, ...]:
    """Lines for rest = log(sum(exp(s))), where the largest s is 0."""
    return (
        "e = xp.exp(s)",
        f"rest = xp.sum(e, {options}) - 1",
        f"others = xp.sum(xp.where(s < 0, e, 0.0), {options})",
        "rest = xp.log1p(xp.where(rest < 0.5, others, rest))  # one leads: sum the others alone",
    )


STRUCTURED_PORTABLE: dict[str, PortableFunction] = {
    "logsumexp": _along(
        "logsumexp",
        "m = xp.max(x, axis=axis, keepdims=True)",
        "s = x - m",
        *_log_of_rest("axis=axis"),
        "return xp.reshape(m, rest.shape) + rest",
    ),
    "softmax": _along(
        "softmax",
        "e = xp.exp(x - xp.max(x, axis=axis, keepdims=True))",
        "return e / xp.sum(e, axis=axis, keepdims=True)",
    ),
    "log_softmax": _along(
        "log_softmax",
        "s = x - xp.max(x, axis=axis, keepdims=True)",
        *_log_of_rest("axis=axis, keepdims=True"),
        "return s - rest",
    ),
    "norm": _along(
        "norm",
        "if 0 in x.shape:",
        "    return xp.sqrt(xp.sum(x * x, axis=axis))",
        "m = xp.max(xp.abs(x), axis=axis, keepdims=True)",
        "m = xp.where(xp.isfinite(m) & (m > 0), m, xp.ones_like(m))",
        "scale = 2.0 ** xp.floor(xp.log2(m))  # so that no square is out of range",
        "size = xp.sqrt(xp.sum((x / scale) ** 2, axis=axis))",
        "return size * xp.reshape(scale, size.shape)",
    ),
    "max": _standard("max"),
    "min": _standard("min"),
    "prod": _standard("prod"),
    "hardmax": _along(
        "hardmax",
        "largest = xp.astype(x == xp.max(x, axis=axis, keepdims=True), x.dtype)",
        "return largest / xp.sum(largest, axis=axis, keepdims=True)",
    ),
    "inv": _linear("inv({})"),
    "det": _linear("det({})"),
    "logdet": _linear("slogdet({})[1]"),
    "cholesky": _helper("cholesky", f"return xp.linalg.cholesky({_SYMMETRIC})"),
    "eigvalsh": _helper("eigvalsh", f"return xp.linalg.eigvalsh({_SYMMETRIC})"),
    "eigvecsh": PortableFunction(
        "eigvecsh(xp, {})",
        "def eigvecsh(xp, x):\n"
        f"    v = xp.linalg.eigh({_SYMMETRIC})[1]\n"
        "    return v * largest(xp, v)\n",
        inner=(LARGEST,),
    ),
    "svdvals": _linear("svdvals({})"),
    "svd_left": PortableFunction(
        "svd_left(xp, {})",
        "def svd_left(xp, x):\n"
        "    u = xp.linalg.svd(x, full_matrices=False)[0]\n"
        "    return u * largest(xp, u)\n",
        inner=(LARGEST,),
    ),
    "svd_right": PortableFunction(
        "svd_right(xp, {})",
        "def svd_right(xp, x):\n"
        "    u, _, vt = xp.linalg.svd(x, full_matrices=False)\n"
        "    return xp.matrix_transpose(vt) * largest(xp, u)\n",
        inner=(LARGEST,),
    ),
    "expm": _of_library("expm"),
    "expm_frechet": PortableFunction(
        "expm_frechet(xp, expm, {})",
        "def expm_frechet(xp, expm, x, e):\n"
        "    n, parts = x.shape[0], []\n"
        "    flat = xp.reshape(e, (n, n, -1))\n"
        "    below = xp.concat([xp.zeros_like(x), x], axis=1)\n"
        "    for k in range(flat.shape[2]):\n"
        "        above = xp.concat([x, flat[:, :, k]], axis=1)\n"
        "        parts.append(expm(xp.concat([above, below], axis=0))[:n, n:])\n"
        "    return xp.reshape(xp.stack(parts, axis=-1), e.shape)\n",
        ("expm",),
    ),
}

_BOTH = '"""A large part and a small one: a sum that takes it last keeps its digits."""'

PARTS_PORTABLE: dict[str, PortableFunction] = {
    "sigmoid": _helper(
        "sigmoid_parts",
        _BOTH,
        _EXP_MINUS_ABS,
        "large = xp.where(x < 0, xp.zeros_like(x), xp.ones_like(x))",
        "return large, xp.where(x < 0, e, -e) / (1 + e)",
    ),
    "softplus": _helper(
        "softplus_parts",
        _BOTH,
        _EXP_MINUS_ABS,
        f"return {_POSITIVE_PART}, xp.log1p(e)",
    ),
    "logsumexp": _along(
        "logsumexp_parts",
        _BOTH,
        "m = xp.max(x, axis=axis, keepdims=True)",
        "s = x - m",
        *_log_of_rest("axis=axis"),
        "return xp.reshape(m, rest.shape), rest",
    ),
    "softmax": _along(
        "softmax_parts",
        _BOTH,
        "s = x - xp.max(x, axis=axis, keepdims=True)",
        "e = xp.exp(s)",
        "total = xp.sum(e, axis=axis, keepdims=True)",
        "others = xp.sum(xp.where(s < 0, e, 0.0), axis=axis, keepdims=True)",
        "leads = s >= xp.astype(total >= 1.5, x.dtype)  # the largest, if it is one",
        "return xp.astype(leads, x.dtype), xp.where(leads, -others, e) / total",
    ),
}

_SPECIAL = {
    "torch": "torch.special", "jax": "jax.scipy.special", "cupy": "cupyx.scipy.special",
    "dask": "scipy.special",  # its functions are applied to the blocks
}  # fmt: skip

OF_LIBRARIES: dict[str, dict[str, str]] = {  # function -> library -> where the library keeps it
    "erf": {library: f"{module}.erf" for library, module in _SPECIAL.items()},
    "erfc": {library: f"{module}.erfc" for library, module in _SPECIAL.items()},
    "erfcx": {library: f"{module}.erfcx" for library, module in _SPECIAL.items()},
    "gamma": {name: f"{at}.gamma" for name, at in _SPECIAL.items() if name != "torch"},
    "lgamma": {library: f"{module}.gammaln" for library, module in _SPECIAL.items()},
    "digamma": {library: f"{module}.digamma" for library, module in _SPECIAL.items()},
    "hurwitz_zeta": {library: f"{module}.zeta" for library, module in _SPECIAL.items()},
    "expm": {
        "torch": "torch.linalg.matrix_exp", "jax": "jax.scipy.linalg.expm",
        "cupy": "cupyx.scipy.linalg.expm",
    },
}  # fmt: skip


def portable_function(name: str) -> PortableFunction:
    """The form of a named function. Errors: `UnsupportedError`.

    >>> portable_function("arctanh").call
    'xp.atanh({})'
    """
    found = ELEMENTWISE_PORTABLE.get(name) or STRUCTURED_PORTABLE.get(name)
    if found is None:
        raise UnsupportedError(
            f"{name} for other array libraries",
            "it has no form in the array API standard",
            "evaluate it with NumPy arrays, or write it with functions of the language",
        )
    return found
