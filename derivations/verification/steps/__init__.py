"""A derivation that a person wrote, line by line, verified."""

from derivations.verification.steps.result import LineVerification, StepsVerification
from derivations.verification.steps.verify import verify_steps

__all__ = ["LineVerification", "StepsVerification", "verify_steps"]
