"""What the repeats say: statistics, comparisons, claims, advice. Numbers in, numbers out."""
