r"""Prose inside LaTeX: what LaTeX would take for a command, or does not have, is written out."""

from __future__ import annotations

from derivations.rendering import latex_symbols as symbols

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": "$<$",
    ">": "$>$", "|": "$|$", "′": "$'$", "−": "$-$", "²": "$^2$", "³": "$^3$", "√": r"$\surd$",
    "‖": r"$\|$", "ᵀ": r"$^\top$", "\u00a0": "~", "—": "---", "–": "--", "’": "'", "‘": "`",
    "“": "``", "”": "''", "…": r"\ldots{}", "\n": " ",
}  # fmt: skip
_COMMANDS = {
    character: rf"$\{name}$"
    for table in (
        symbols.LETTERS,
        symbols.UPRIGHT,
        symbols.BINARY,
        symbols.RELATIONS,
        symbols.LARGE,
    )
    for name, character in table.items()
    if not character.isascii()
}
_LAST_ACCENTED = 0x17F  # the end of Latin Extended-A, which LaTeX reads by itself


def escaped(text: str) -> str:
    r"""Prose as LaTeX; a character that no table has is shown by its code point, never dropped.

    >>> escaped("50% of x_1 & σ")
    '50\\% of x\\_1 \\& $\\sigma$'
    """
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    found = _SPECIAL.get(character) or _COMMANDS.get(character)
    if found:
        return found
    if ord(character) <= _LAST_ACCENTED and (character.isprintable() or character == " "):
        return character
    return f"[U+{ord(character):04X}]"
