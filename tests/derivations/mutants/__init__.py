"""Wrong derivations from right ones, and an oracle that tells which of them really are wrong.

`kinds` are the slips, one function each, and `rewriting` what is none; `engine` makes them at random
places of a text, a tree in `syntax`. `oracle` gives the value of a text at one of the `points` by its own
reading and in an `arithmetic`; `truth` compares values. `corpus` has the right claims. Nothing here
derives or compares with the code that is tested; the parser is asked only whether a text fits.
"""
