"""From a name to a subject: which of the ways to write a gradient stands here."""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

from .broken import Broken
from .frameworks import JaxFunction, TorchFunction, TorchModule, TorchPlain
from .functions import Pair, TwoFunctions, ValueAndGradient
from .layers import Layer, network
from .loading import attribute, public
from .subject import CACHES, Subject, arguments_of

FORWARD = ("forward", "fwd", "fprop", "fw")
BACKWARD = ("backward", "bwd", "bprop", "bw", "back")
PARTNERS = (
    "grad_{}", "{}_grad", "d{}", "d_{}", "{}_gradient", "gradient_{}", "{}_prime", "d{}_dx", "{}_deriv",
    "{}_derivative", "{}_backward", "{}_jac", "{}_jacobian", "d{}dx",
)  # fmt: skip
LOSSES = ("loss", "loss_and_grad", "loss_and_gradient", "value_and_grad", "cost")
GRADIENTS = ("gradient", "gradients", "grad", "compute_gradients")


def candidates(module: ModuleType, names: Sequence[str], shown: str) -> list[Subject]:
    """The subjects that these names may stand for, the likeliest first; Broken where there is none."""
    found: list[Subject] = []
    first: Broken | None = None
    for make in _ways(module, names, shown):
        try:
            found.append(make())
        except Broken as error:
            first = first or error
    if not found:
        raise first or Broken("call", "convention", f"{shown} is nothing that has a gradient")
    return found


Way = Callable[[], Subject]


def _ways(module: ModuleType, names: Sequence[str], shown: str) -> Iterator[Way]:
    if len(names) == 2:
        f, g = (_get(module, name, shown) for name in names)
        yield from _two(module, (names[0], names[1]), f, g)
        return
    (name,) = names
    pair = None if "." in name else _pair(module, name)
    made = _find(module, name)
    if made is None and pair is None:
        raise _nothing(module, name, shown)
    if pair is not None and (made is None or name in pair):
        a, b = pair
        yield lambda: Pair((a, b), getattr(module, a), getattr(module, b))
        return
    if made is not None:
        yield from _one(module, name, made)
    if pair is not None:
        a, b = pair
        yield lambda: Pair((a, b), getattr(module, a), getattr(module, b))


def _one(module: ModuleType, name: str, made: Any) -> Iterator[Way]:
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    cls = made if isinstance(made, type) else None
    if torch is not None:
        if cls is not None and issubclass(cls, torch.autograd.Function):
            yield lambda: TorchFunction(name, made)
            return
        if isinstance(made, torch.nn.Module) or (cls is not None and issubclass(cls, torch.nn.Module)):
            yield lambda: TorchModule(name, made)
            return
    if jax is not None and type(made).__name__ in ("custom_vjp", "custom_jvp", "PjitFunction"):
        yield lambda: JaxFunction(name, made)
        return
    if "." in name and cls is None:
        owner, _, method = name.rpartition(".")
        yield from _method(owner, attribute(module, owner), method)
        return
    if cls is not None or not inspect.isroutine(made):
        yield from _class(name, made)
    if cls is None and callable(made):
        partner = next((p.format(name) for p in PARTNERS if _find(module, p.format(name)) is not None), None)
        yield lambda: ValueAndGradient(name, made)
        if partner is not None:
            yield from _two(module, (name, partner), made, getattr(module, partner))
        if torch is not None:
            yield lambda: TorchPlain(name, made)
        if jax is not None:
            yield lambda: JaxFunction(name, made)


def _two(module: ModuleType, names: tuple[str, str], f: Any, g: Any) -> Iterator[Way]:
    a, b = names
    if "." in a and "." in b and a.rpartition(".")[0] == b.rpartition(".")[0]:
        owner = a.rpartition(".")[0]
        cls, methods = attribute(module, owner), (a.rpartition(".")[2], b.rpartition(".")[2])
        if "back" in methods[1].lower():
            yield lambda: Layer(owner, cls, *methods)
        else:
            yield lambda: network(owner, cls, methods)
        return
    mine = {p.name for p in arguments_of(f)}
    theirs = [p.name for p in arguments_of(g) if p.required]
    foreign = [n for n in theirs if n not in mine]
    if (
        any(n.lower() in CACHES for n in theirs)
        or len(theirs) > len(mine)
        or (foreign and len(foreign) < len(theirs))
    ):
        yield lambda: Pair((a, b), f, g)
        return
    yield lambda: TwoFunctions((a, b), (f, g))
    yield lambda: Pair((a, b), f, g)


def _class(name: str, made: Any) -> Iterator[Way]:
    forward = next((m for m in (*FORWARD, "__call__") if _own(made, m)), None)
    backward = next((m for m in BACKWARD if _own(made, m)), None)
    if forward and backward and _is_static(made, forward) and _is_static(made, backward):
        names = f"{name}.{forward}", f"{name}.{backward}"
        yield lambda: Pair(names, getattr(made, forward), getattr(made, backward))
        return
    if forward and backward:
        yield lambda: Layer(name, made, forward, backward)
        yield lambda: network(name, made, (forward, backward))  # where backward is the slope at the same x
    loss = next((m for m in LOSSES if _own(made, m)), None)
    gradient = next((m for m in GRADIENTS if _own(made, m)), None)
    if loss:
        yield lambda: network(name, made, (loss,))
        if gradient:
            yield lambda: network(name, made, (loss, gradient))
    if isinstance(made, type) and not (forward and backward) and not loss:
        raise Broken("call", "convention", f"the class {name} has no forward and backward, and no loss")


def _is_static(made: Any, method: str) -> bool:
    """Whether a method needs no object."""
    found = inspect.getattr_static(made, method)
    return isinstance(found, staticmethod) or (isinstance(found, classmethod) and isinstance(made, type))


def _method(owner: str, made: Any, method: str) -> Iterator[Way]:
    words = (*FORWARD, "__call__")
    other = next((m for m in BACKWARD if _own(made, m)), None)
    if method in BACKWARD or (method in words and other):
        forward = method if method in words else next((m for m in words if _own(made, m)), None)
        backward = method if method in BACKWARD else other
        if forward and backward:
            yield lambda: Layer(owner, made, forward, backward)
            return
    yield lambda: network(owner, made, (method,))
    gradient = next((m for m in GRADIENTS if _own(made, m)), None)
    if gradient:
        yield lambda: network(owner, made, (method, gradient))


def _own(made: Any, method: str) -> bool:
    cls = made if isinstance(made, type) else type(made)
    return callable(getattr(cls, method, None)) and (method != "__call__" or method in vars(cls))


def _pair(module: ModuleType, name: str) -> tuple[str, str] | None:
    """The names of a forward and a backward that `name` stands for, or None."""
    stem, tail = name, ""
    for word in FORWARD + BACKWARD:
        found = re.fullmatch(rf"(.*?)_?{word}(_\w+)?", name)
        if found and (found[1] or found[2]):
            stem, tail = found[1], found[2] or ""
            break
    options = []
    for f in FORWARD:
        for b in BACKWARD:
            for key in list(vars(module)):
                hit = re.fullmatch(rf"{re.escape(stem)}_?{f}(_\w+)?", key)
                other = f"{key[: len(key) - len(f + (hit[1] or ''))]}{b}{hit[1] or ''}" if hit else ""
                if hit and callable(getattr(module, key)) and callable(getattr(module, other, None)):
                    options.append((key, other, hit[1] or ""))
            front, back = f"{f}_{stem}", f"{b}_{stem}"
            if callable(getattr(module, front, None)) and callable(getattr(module, back, None)):
                options.append((front, back, ""))
    if not options:
        return None
    order = ["", "_naive", "_vectorized"]
    exact = [o for o in options if name in (o[0], o[1])] or [o for o in options if o[2] == tail] or options
    exact.sort(key=lambda o: order.index(o[2]) if o[2] in order else len(order))
    return exact[0][0], exact[0][1]


def nameable(module: ModuleType) -> list[str]:
    """What of a module may be named: a forward and a backward by their common stem."""
    found: list[str] = []
    known = public(module)
    for name in known:
        pair = _pair(module, name)
        stem = next((name[: -len(w) - 1] for w in FORWARD if pair and pair[0].endswith("_" + w)), name)
        stem = pair[0].partition("_" + "forward")[0] if pair and "_forward_" in pair[0] else stem
        if pair and name == pair[1]:
            continue
        if stem not in found:
            found.append(stem)
    return found


def _find(module: ModuleType, name: str) -> Any:
    try:
        return attribute(module, name)
    except AttributeError:
        return None


def _get(module: ModuleType, name: str, shown: str) -> Any:
    value = _find(module, name)
    if value is None:
        raise _nothing(module, name, shown)
    return value


def _nothing(module: ModuleType, name: str, shown: str) -> Broken:
    known = nameable(module)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    said = f"{shown} has no {name}"
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known[:12])}" if known else ""
    return Broken("call", "missing", said, [hint] if hint else [])
