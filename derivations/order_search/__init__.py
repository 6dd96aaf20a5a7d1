"""Whether an order holds at points: one search, for lines of a page and for lines of a person."""
