"""Lines in plain SymPy: their normal form, the facts known of them, and rules that rewrite them.

A scalar page of the catalogue needs no tensors: it is written in SymPy. Each rule is a named value
that is executed on a line and gives the next, in one module for each subject (`limits`, `integrals`,
`sums`, `elementary`, ...).
"""
