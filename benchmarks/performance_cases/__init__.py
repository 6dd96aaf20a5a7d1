"""The cases of `benchmarks/performance.py` (one file a family), the competitors, and the clock.

A family lists its cases; `case` says what a case is; `competitors` is who takes part, with `ours`
asked through the public functions alone, `ours` being told nothing but the text of the loss;
`peers` are the libraries that differentiate too. `clock` measures, `tables` writes.
"""
