"""`python -m tests.fuzz --n 10000`: read many damaged inputs; ends with 1 if one is not answered rightly."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz.run import failures
from fuzz.seeds import SEEDS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--n", type=int, default=1000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=0, help="of the damage")
    parser.add_argument("--start", type=int, default=0, help="number of the first input")
    parser.add_argument("--kind", action="append", choices=list(SEEDS), help="only these formats")
    parser.add_argument("--keep", default="", help="a folder to keep the inputs in")
    chosen = parser.parse_args()
    kinds = tuple(chosen.kind or SEEDS)
    bad = 0
    for done, failure in enumerate(
        failures(chosen.n, chosen.seed, chosen.start, kinds, chosen.keep), start=1
    ):
        if failure is not None:
            bad += 1
            print(failure, flush=True)
        if done % 500 == 0:
            print(f"{done} inputs, {bad} failures", file=sys.stderr, flush=True)
    print(f"{chosen.n} inputs, {bad} failures")
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
