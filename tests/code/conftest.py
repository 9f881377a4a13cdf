"""Only the tests are collected: the other files are what they read, and two of them need torch or jax."""

from __future__ import annotations

from pathlib import Path

collect_ignore = [p.name for p in Path(__file__).parent.glob("*.py") if not p.name.startswith("test_")]
