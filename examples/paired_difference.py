"""Read an export and give the paired difference by seed of every arm against the first.

cmpnet bench baseline ws --repeats 5 --export-json results.json
python examples/paired_difference.py results.json
"""

import json
import statistics
import sys


def main(path: str) -> None:
    with open(path) as file:
        document = json.load(file)
    errors = {
        arm["name"]: {repeat["seed"]: repeat["test_error"] for repeat in arm["repeats"]}
        for arm in document["arms"]
    }
    reference, *others = errors
    for name in others:
        seeds = sorted(errors[reference].keys() & errors[name].keys())
        differences = [100 * (errors[name][s] - errors[reference][s]) for s in seeds]
        mean = statistics.fmean(differences)
        print(f"{name} - {reference}: {mean:+.2f} points over {len(seeds)} seeds")


if __name__ == "__main__":
    main(sys.argv[1])
