"""What a person derived by hand, verified: gradients, equalities, lines of a derivation, documents."""
