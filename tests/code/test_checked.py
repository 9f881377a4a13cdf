"""The check on the corpus: right code is right in whatever style, mistakes are caught, and most are named."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from mistakes import GOOD_SETUPS, MISTAKES, RIGHT_SETUPS, SETUPS, Planted, planted_source

from gradcalc.code.child.broken import Broken
from gradcalc.code.given import Given, shape
from gradcalc.code.job import Job, failed, look
from gradcalc.code.local import Local
from gradcalc.code.record import Examined

FOLDER = Path(__file__).parent
NEEDS = {"torch_code.py": "torch", "jax_code.py": "jax"}
NUMPY = [m for m in MISTAKES if m.file not in NEEDS]


def examined(path: Path, key: str, *, mend: bool = True) -> Examined:
    """The verdict on a target of the corpus whose file is at `path`."""
    file, _, target = key.partition(":")
    if file in NEEDS:
        pytest.importorskip(NEEDS[file], reason=f"{file} needs {NEEDS[file]}, which is no dependency of ours")
    setup = SETUPS[key]
    given = Given(
        typed=dict(setup.values),
        shapes={name: shape(text) for name, text in setup.shapes.items()},
        params=dict(setup.params),
    )
    job = Job(f"{path}:{target}", given, mend=mend)
    runner = Local()
    before = set(sys.modules)
    try:
        names = [n.strip() for n in target.split(",")]
        described = runner.ask("load", "load", kind="file", where=str(path), names=names, shown=file)
        return look(runner, described, job)
    except Broken as error:
        return failed(job, error)
    finally:
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(path.parent)):
                del sys.modules[name]


KEYS = [*RIGHT_SETUPS, *GOOD_SETUPS]


@pytest.mark.parametrize("key", KEYS)
def test_right_code_is_right(key: str) -> None:
    """No false alarm, and every gradient that its author gives is looked at."""
    found = examined(FOLDER / key.partition(":")[0], key)
    assert found.verdict in ("pass", "kink"), str(found)
    assert set(SETUPS[key].wrt) <= {a.name for a in found.arguments}


def planted(mistake: Planted, tmp_path: Path, *, mend: bool) -> Examined:
    """The verdict on a file with one mistake in it."""
    for sibling in FOLDER.glob("*.py"):
        if sibling.name not in (mistake.file, "conftest.py") and not sibling.name.startswith("test_"):
            (tmp_path / sibling.name).symlink_to(sibling)
    path = tmp_path / mistake.file
    path.write_text(planted_source(mistake), encoding="utf-8")
    return examined(path, f"{mistake.file}:{mistake.target}", mend=mend)


@pytest.mark.parametrize("mistake", NUMPY[::4], ids=lambda m: f"{m.target}-{m.note}")
def test_mistakes_are_caught(mistake: Planted, tmp_path: Path) -> None:
    """The gradients of exactly those arguments fail that the mistake makes wrong."""
    found = planted(mistake, tmp_path, mend=False)
    assert found.verdict == "fail"
    wrong = {a.name for a in found.arguments if a.verdict == "fail"}
    assert wrong == set(mistake.arguments) or not mistake.arguments or "crash" in mistake.names


def diagnoses(found: Examined) -> set[str]:
    """All names that a verdict gives to what is wrong."""
    names = {m.name for a in found.arguments for m in a.mistakes}
    said = " ".join(found.notes)
    for pattern, name in (
        ("writes into", "mutates"),
        ("deterministic", "nondeterministic"),
        ("fails:", "crash"),
    ):
        if re.search(pattern, said):
            names.add(name)
    return names


@pytest.mark.parametrize("quarter", range(4))
def test_most_mistakes_are_named(quarter: int, tmp_path: Path) -> None:
    """Of an even sample at least four in five, by a name that a teacher would accept."""
    sample = [m for m in NUMPY[::23] if m.names][quarter::4]
    named = []
    for k, mistake in enumerate(sample):
        (tmp_path / str(k)).mkdir()
        found = planted(mistake, tmp_path / str(k), mend=True)
        named.append(bool(diagnoses(found) & mistake.names))
    missed = [f"{m.target}: {m.note}" for m, hit in zip(sample, named, strict=True) if not hit]
    assert sum(named) >= 0.8 * len(named), missed
