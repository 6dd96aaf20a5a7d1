"""Canonical forms, textbook notation, and equality by algebra."""
