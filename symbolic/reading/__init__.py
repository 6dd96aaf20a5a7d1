"""Reading text of the language into expressions."""
