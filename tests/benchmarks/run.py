"""All benchmarks, as ratios measured in one run: `python tests/benchmarks/run.py [NAME]...`.

Peers come with `pip install -e '.[bench,peers]'`; a missing one is left out and said so.
"""

from __future__ import annotations

import sys

import arrays
import corpus
import grading
import hard_cases
import named
import norm
import rows
import scalar
import startup

ALL = {
    "startup": startup.main,
    "scalar": scalar.main,
    "rows": rows.main,
    "arrays": arrays.main,
    "norm": norm.main,
    "hard": hard_cases.main,
    "corpus": corpus.main,
    "grading": grading.main,
    "mistakes": named.main,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or ALL:
        print(f"\n== {name}")
        ALL[name]()
