"""The house: who imports whom, what core needs, and that it never prints."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core" / "gradcalc"
FILES = sorted(CORE.rglob("*.py"))
OPTIONAL = {"scipy", "joblib", "distributed"}  # inside functions, as extras

# Each module may import those named before it (and gates, syntax and errors stand where they stand).
ORDER = (
    "errors", "syntax", "gate", "gates", "diagnose", "growth", "graphs", "calls", "compose", "build",
    "numeric", "kinks", "tangents", "probe", "faults", "jitter", "verdicts", "task", "lost", "judge",
    "limits", "moves", "blame", "effort", "checks", "proof", "labels", "groups", "formulas", "writer",
    "report", "files", "values", "tie", "dots", "session", "same", "chunks", "sparsity", "footprints",
    "jacobian", "rows", "written", "digits", "quantities", "replay", "mistakes", "rounding", "follow",
    "carried", "corners", "answers", "sentences", "marking", "key", "hints", "blanks", "tutor",
    "circuits", "telling", "weak", "exercises", "explain", "recipes", "generate", "selftest", "sheets",
    "api", "__init__", "__main__",
)  # fmt: skip


def imports(path: Path, *, everywhere: bool = True) -> list[tuple[int, str, int]]:
    """Every import of a file: (level, module, line)."""
    found: list[tuple[int, str, int]] = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            found += [(0, alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.level, node.module or "", node.lineno))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(CORE)))
def test_core_needs_only_numpy(path: Path) -> None:
    """Core imports numpy, the standard library and itself; scipy is asked for inside functions only."""
    allowed = set(sys.stdlib_module_names) | {"numpy", "gradcalc"}
    for level, module, line in imports(path):
        top = module.split(".")[0]
        if level == 0:
            assert top in allowed | OPTIONAL, f"{path.name}:{line} imports {module}"
    for level, module, line in imports(path, everywhere=False):
        assert level or module.split(".")[0] not in OPTIONAL, f"{path.name}:{line} imports {module} at once"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(CORE)))
def test_core_never_prints(path: Path) -> None:
    """No print, no input and no sys.argv in core."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "input", "eval", "exec"), f"{path.name}:{node.lineno}"
        assert not (isinstance(node, ast.Attribute) and node.attr == "argv"), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", sorted(CORE.glob("*.py")), ids=lambda p: p.name)
def test_imports_run_one_way(path: Path) -> None:
    """A module imports only what stands before it in ORDER."""
    here = ORDER.index(path.stem)
    for level, module, line in imports(path, everywhere=False):
        if level == 1 and module:
            there = module.split(".")[0]
            assert ORDER.index(there) < here, f"{path.name}:{line} imports {there}, which stands above it"


def test_syntax_knows_no_gates() -> None:
    """The grammar imports itself and errors."""
    for path in (CORE / "syntax").glob("*.py"):
        for level, module, line in imports(path):
            assert level < 2 or module == "errors", f"{path.name}:{line} imports {module}"


def test_numeric_shares_no_code_with_the_analytic_side() -> None:
    """numeric.py imports numpy alone."""
    modules = {m for level, m, _ in imports(CORE / "numeric.py") if m != "__future__"}
    assert modules <= {"numpy", "typing", "collections.abc", "math"}
