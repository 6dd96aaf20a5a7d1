"""Supervised learning."""
