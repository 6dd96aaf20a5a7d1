"""Pages made wrong on purpose: a check has to say no to every one of them.

lines     one line changed: a sign, a factor, an index, a function, a bound
mutants   derivations with one thing changed, and whether their check says no
counts    what was changed and what was caught, as a table
"""

from derivations.mutation.counts import MutationCounts
from derivations.mutation.mutants import Mutant, mutants_of

__all__ = ["Mutant", "MutationCounts", "mutants_of"]
