"""Expressions as text of the language and as LaTeX."""
