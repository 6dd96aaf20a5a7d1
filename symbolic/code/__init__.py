"""NumPy code from expressions."""
