"""The backward pass of a layer against the mathematics written as text."""
