"""Claims and functions that are Python code: compared in floating point."""
