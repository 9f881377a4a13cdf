"""Code as people lay it out: packages, records of gradients, dictionaries of parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gradcalc.code.given import Given, shape
from gradcalc.code.job import Job, run
from gradcalc.code.record import Examined
from gradcalc.errors import GradcalcError

LAYERS = """
from dataclasses import dataclass
from typing import NamedTuple
import numpy as np

class Grads(NamedTuple):
    w: np.ndarray
    x: np.ndarray

@dataclass
class Record:
    dw: np.ndarray
    dx: np.ndarray

def tuple_forward(x, w): return x @ w, (x, w)
def tuple_backward(dout, cache):
    x, w = cache
    return Grads(w=x.T @ dout, x=dout @ w.T)

def record_forward(x, w): return x @ w, (x, w)
def record_backward(dout, cache):
    x, w = cache
    return Record(dw=x.T @ dout, dx=dout @ w.T)

def mode_forward(x, bn_param):
    mode = bn_param["mode"]
    return (x * 2, mode) if mode == "train" else (x * 3, mode)
def mode_backward(dout, mode): return dout * 2
"""


def checked(target: str, given: dict[str, str], **params: Any) -> Examined:
    """What a check finds."""
    return run(Job(target, Given({}, {n: shape(s) for n, s in given.items()}, params)))


@pytest.fixture
def layers(tmp_path: Path) -> str:
    """The file above."""
    (tmp_path / "layers.py").write_text(LAYERS, encoding="utf-8")
    return str(tmp_path / "layers.py")


@pytest.mark.parametrize("name", ["tuple", "record"])
def test_records_of_gradients(layers: str, name: str) -> None:
    """Each field is its input's, in whatever order they stand."""
    assert checked(f"{layers}:{name}", {"x": "4x5", "w": "5x3"}).verdict == "pass"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [('{"mode": "train"}', "pass"), ('{"mode": "test"}', "fail"), ({"mode": "test"}, "fail")],
)
def test_a_dictionary_given_whole(layers: str, value: Any, verdict: str) -> None:
    """As JSON on the command line, or as a table in pyproject.toml."""
    assert checked(f"{layers}:mode", {"x": "3"}, bn_param=value).verdict == verdict


def test_what_is_no_dictionary(layers: str) -> None:
    """It is said how to write one."""
    with pytest.raises(GradcalcError, match="bn_param is a dictionary"):
        checked(f"{layers}:mode", {"x": "3"}, bn_param=3)


@pytest.mark.parametrize("target", ["{}/pkg/layer.py:scale", "pkg.layer:scale"])
def test_packages_that_are_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """By file, though it has relative imports; and by module, from the folder that the package is in."""
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "util.py").write_text("def half(x): return x / 2\n", encoding="utf-8")
    (package / "layer.py").write_text(
        "from .util import half\ndef scale_forward(x): return half(x), None\n"
        "def scale_backward(dout, cache): return dout / 2\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    assert checked(target.format(tmp_path), {"x": "3"}).verdict == "pass"


def test_a_precision_that_tells_nothing(layers: str) -> None:
    """Wherever it is written: on the command line, in pyproject.toml, in a sheet."""
    job = Job(f"{layers}:tuple", Given({}, {"x": shape("4x5"), "w": shape("5x3")}), dtype="float16")
    with pytest.raises(GradcalcError, match="there is no check in float16"):
        run(job)
