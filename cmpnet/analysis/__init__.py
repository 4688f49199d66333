"""Statistics, comparisons, claims and advice: pure functions of results."""
