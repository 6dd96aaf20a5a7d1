"""Reasons that relate whole lines: rules of equations, of inequalities and of limits."""
