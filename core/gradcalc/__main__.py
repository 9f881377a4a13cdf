"""`python -m gradcalc` is the gradcalc command."""

from __future__ import annotations

import importlib
import sys

if __name__ == "__main__":
    # By name: the library does not depend on its command line.
    sys.exit(importlib.import_module("gradcalc_cli.__main__").main())
