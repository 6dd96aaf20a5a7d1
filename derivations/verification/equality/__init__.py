"""Whether two expressions are equal: points that refute, proofs, and what agrees to many digits."""
