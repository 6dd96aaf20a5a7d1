"""Reading LaTeX: structure, phrases, names, meaning."""
