"""Writing an expression task by task: a task asks for the pieces it needs and gets them.

Functions that write are generators: `piece = yield Task(node)`. The tasks wait on a list instead of
Python's stack, and each is done once, so that no expression is too deep and shared parts cost once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from symbolic.errors import UnsupportedError
from symbolic.nodes import Expression
from symbolic.printing.index_names import Index
from symbolic.printing.latex_pieces import Piece

LONGEST = 2_000_000  # characters


@dataclass(frozen=True)
class Task:
    """What is to be written: a node, or with `at` its entry at these indices.

    An index is an expression of index symbols and sizes, counted from 1; None stands for an axis of
    a derivative's variable that shows no index. `scope` are the indices in use around it.
    """

    node: Expression
    at: tuple[Index | None, ...] | None = None
    scope: frozenset[Index] = frozenset()


Writing = Generator[Task, Piece, Piece]


def write_all(first: Task, write: Callable[[Task], Writing]) -> Piece:
    """The piece of a task, every task it leads to done once."""
    done: dict[Task, Piece] = {}
    waiting: list[tuple[Task, Writing]] = [(first, write(first))]
    answer: Piece | None = None
    while waiting:
        task, writing = waiting[-1]
        try:
            asked = next(writing) if answer is None else writing.send(answer)
        except StopIteration as stopped:
            done[task] = answer = stopped.value
            if answer.text.length > LONGEST:
                raise UnsupportedError(
                    "printing an expression",
                    f"its LaTeX passes {LONGEST} characters",
                    "name the intermediates that occur often",
                ) from None
            waiting.pop()
            continue
        answer = done.get(asked)
        if answer is None:
            waiting.append((asked, write(asked)))
    return done[first]
