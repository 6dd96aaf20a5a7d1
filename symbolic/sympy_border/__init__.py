"""The borders to SymPy: its expressions become ours, and ours become SymPy's."""
