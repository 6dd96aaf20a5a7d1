"""The commands of `chainrule`, a module each."""
