"""Lines of a function without those that nothing reads.

A node may have become a variable for one that is then written in another way: a triangle of which
LAPACK reads just the entries, a size of what is added to a diagonal in place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_ASSIGNMENT = re.compile(r"    (\w+) = ")
_GOES_ON = re.compile(r"     |    [)\]}]")
_WORD = re.compile(r"[^\W\d]\w*")


def without_unused(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines without the variables that no other line names, and the remarks on them.

    >>> without_unused(["    n = len(x)", "    a = x + n", "    # twice x", "    b = 2 * x", "    return b"])
    ('    # twice x', '    b = 2 * x', '    return b')
    """
    statements = _statements(lines)
    words = [_words(statement) for statement in statements]
    uses: Counter[str] = Counter()
    for each in words:
        uses.update(each)
    kept = []
    for statement, own in zip(reversed(statements), reversed(words), strict=True):
        target = next(filter(None, map(_ASSIGNMENT.match, statement)), None)
        if target is not None and uses[target[1]] == 1:
            uses.subtract(own)
        else:
            kept.append(statement)
    return tuple(line for statement in reversed(kept) for line in statement)


def _statements(lines: Sequence[str]) -> list[list[str]]:
    """Lines that belong together: remarks, the line they are on, and those that it goes on in."""
    found: list[list[str]] = []
    remarked = False
    for line in lines:
        if found and (remarked or _GOES_ON.match(line)):
            found[-1].append(line)
        else:
            found.append([line])
        remarked = line.startswith("    #")
    return found


def _words(statement: Sequence[str]) -> Counter[str]:
    return Counter(word for line in statement for word in _WORD.findall(line.partition("#")[0]))
