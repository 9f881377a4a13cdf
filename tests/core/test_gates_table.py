"""The table of all gates: read family by family, and the same as if it had been read at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import gradcalc.gates
from gradcalc import GATES
from gradcalc.calls import operators, spellings
from gradcalc.gates import FAMILIES, Gates


def test_no_word_means_two_gates() -> None:
    """So it makes no difference which families have been read when a word is looked for."""
    words = Counter(word for gate in GATES.values() for word in (gate.name, *gate.names))
    assert [word for word, count in words.items() if count > 1] == []
    signs = Counter(gate.symbol for gate in GATES.values() if gate.symbol)
    assert [sign for sign, count in signs.items() if count > 1] == []


def test_every_word_is_found() -> None:
    """In a table of which nothing has been read, one word at a time, from the last family on."""
    for gate in reversed(list(GATES.values())):
        fresh = Gates(FAMILIES)
        assert fresh[gate.name] is gate
        assert all(spellings(fresh)[word] is gate for word in (gate.name, *gate.names))
        assert not gate.symbol or operators(fresh)[gate.symbol] is gate
    assert spellings(Gates(FAMILIES)).find("nothing") is None
    assert set(spellings(Gates(FAMILIES)).all()) == {w for g in GATES.values() for w in (g.name, *g.names)}


def test_every_family_is_listed() -> None:
    """Each file that declares gates, but that of the makers."""
    files = Path(gradcalc.gates.__file__).parent.glob("*.py")
    declares = {path.stem for path in files if "\n@gate(" in path.read_text(encoding="utf-8")}
    assert declares == set(FAMILIES)


def test_threads_may_read_it_side_by_side() -> None:
    """Each builds and runs a graph with gates of another family, none of which has been read."""
    code = (
        "import sys, threading, gradcalc\n"
        "texts = ['sum(x)', 'norm(x)', 'relu(x)', 'stack([x, x])', 'log(x)', 'tanh(x)', 'zeros(2)*x']\n"
        "wait, done = threading.Barrier(len(texts)), []\n"
        "def go(text):\n"
        "    wait.wait()\n"
        "    done.append(gradcalc.graph(text, x=2.0).backward())\n"
        "sys.setswitchinterval(1e-6)\n"
        "threads = [threading.Thread(target=go, args=(text,)) for text in texts]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "print(len(done))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert (ran.stdout, ran.stderr) == ("7\n", "")


def test_it_is_a_mapping_that_nobody_changes() -> None:
    """It has a length, keys in the order of the families, and no way in."""
    table: Any = Gates(FAMILIES)
    assert "conv2d" in table
    assert "nothing" not in table
    assert list(table) == list(GATES)
    assert len(table) == len(GATES)
    broken = GATES["mul"].break_("x", lambda code: code)
    assert (table | {"mul": broken})["mul"] is broken
    with pytest.raises(TypeError):
        table["mul"] = broken


@pytest.mark.parametrize(
    ("text", "families"),
    [("(x+y)*x", {"arithmetic"}), ("exp(x)/y", {"arithmetic", "elementary"})],
)
def test_a_circuit_reads_the_families_that_it_uses(text: str, families: set[str]) -> None:
    """The others cost a start nothing."""
    code = (
        "import sys, gradcalc\n"
        f"gradcalc.check({text!r}, x=2, y=3).assert_ok()\n"
        "print(*(name for name in gradcalc.gates.FAMILIES if f'gradcalc.gates.{name}' in sys.modules))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert set(ran.stdout.split()) == families
