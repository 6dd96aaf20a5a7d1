"""How a derivation is shown: one sheet of what is shown, and a module for each form."""
