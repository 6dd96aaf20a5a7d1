"""Derivatives, and the rules that derive them step by step."""
