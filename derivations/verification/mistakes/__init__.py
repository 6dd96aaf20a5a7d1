"""Naming the slip in a refuted claim: each usual slip is a suspicion that is put to a proof."""

from derivations.verification.mistakes.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
