"""Read an exported file and print how each arm differs from the first, paired by seed.

cmpnet bench baseline ws --repeats 5 --export-json results.json
python examples/paired_difference.py results.json
"""

import sys

import cmpnet

results = cmpnet.load(sys.argv[1])
for row in results.compare():
    paired = row.comparison  # over the seeds that both arms have; errors are fractions
    print(
        f"{row.arm} - {row.reference}: {100 * paired.difference:+.2f} points over {paired.n} seeds"
    )

reference, *others = results.arms
for arm in others:  # the same numbers, seed by seed
    for seed in sorted(arm.repeats.keys() & reference.repeats.keys()):
        errors = arm.repeats[seed].test_error, reference.repeats[seed].test_error
        print(f"seed {seed}: {errors[0]:.4f} and {errors[1]:.4f}")
