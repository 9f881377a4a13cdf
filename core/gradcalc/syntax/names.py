"""Names that are more than a name: calls, keywords, prefixes such as np., methods and .T."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .brackets import Frame
from .operators import BASE
from .refusals import OTHER_LANGUAGES, refuse

if TYPE_CHECKING:
    from .expression import Reader

PREFIXES = frozenset(
    [
        "np", "np.linalg", "np.random", "numpy", "numpy.linalg", "numpy.random", "math",
        "torch", "torch.linalg", "torch.special", "torch.nn.functional", "nn.functional", "F",
        "jnp", "jnp.linalg", "jax.numpy", "jax.numpy.linalg", "jax.nn", "jax.scipy.special",
        "scipy.special", "special", "tf", "tf.math", "tf.nn", "tf.linalg",
    ]
)  # fmt: skip
# Every beginning of a prefix: torch, torch.nn, torch.nn.functional.
STARTS = frozenset(
    ".".join(parts[: count + 1])
    for parts in [prefix.split(".") for prefix in PREFIXES]
    for count in range(len(parts))
)
CONSTANTS = {"pi": "pi", "e": "e", "inf": "inf", "nan": "nan", "newaxis": "None"}


def named(reader: Reader, at: int) -> tuple[int, bool]:
    """A name before an opening bracket, a dot or the = of a keyword."""
    token, after = reader.tokens[at], reader.tokens[at + 1].kind
    if after == "(":
        return call(reader, at, at)
    if after == "key" and reader.waiting[-1] is BASE and reader.frames:
        frame = reader.frames[-1]
        if frame.kind == "call" and reader.tokens[at - 1].kind in ("(", ","):
            if token.text in frame.keys:
                what = f"the argument {token.text} is given twice"
                refuse(reader.source, what, token.start, token.end, "remove one of them")
            frame.keys[token.text] = None
            return at + 2, True
    if after == "." and token.text not in reader.bound:
        follows = prefixed(reader, at)
        if follows is not None:
            return follows
    reader.name(token.text, token.start, token.end)
    return at + 1, False


def prefixed(reader: Reader, at: int) -> tuple[int, bool] | None:
    """The call or constant after a prefix, if there is one: np.exp(x) is exp(x)."""
    tokens = reader.tokens
    chain, last, longest = tokens[at].text, at, None
    while chain in STARTS and tokens[last + 1].kind == "." and tokens[last + 2].kind == "name":
        if chain in PREFIXES:
            longest = (chain, last)
        last += 2
        chain += "." + tokens[last].text
    if longest is None:
        return None
    chain, last = longest
    name = tokens[last + 2]
    if tokens[last + 3].kind == "(":
        return call(reader, at, last + 2, chain)
    if name.text in CONSTANTS:
        reader.name(CONSTANTS[name.text], tokens[at].start, name.end)
        reader.items[-1] = reader.items[-1]._replace(form=chain)
        return last + 3, False
    if name.text == "T":
        return None
    what = f"{chain}.{name.text} is neither called nor a constant"
    hint = f"write {chain}.{name.text}(x) to call it; the constants are pi, e, inf and nan"
    refuse(reader.source, what, tokens[at].start, name.end, hint)


def call(reader: Reader, at: int, name: int, form: str = "") -> tuple[int, bool]:
    """A function and its opening bracket; the call began at token `at`."""
    tokens = reader.tokens
    token, bracket = tokens[name], tokens[name + 1]
    if not form and token.text not in reader.defined:
        if token.text in reader.bound or token.text in ("pi", "e", "inf", "nan"):
            product = f"{token.text}*{' '.join(reader.enclosed(name + 1).split())}"
            end = tokens[reader.partner(name + 1)].end
            what = reader.source[token.start : end]
            what = " ".join(what.split()) if len(what) <= 40 else "this"
            hint = f"write {product} for a product; to call {token.text} it must be a function"
            if len(hint) > 120:
                hint = "write a * for a product; a function needs a name that is not a variable"
            refuse(reader.source, f"{what} has two readings", token.start, end, hint)
        if token.text == "print":
            hint = OTHER_LANGUAGES["print"]
            refuse(reader.source, "print is not needed", token.start, token.end, hint)
    frame = Frame("call", bracket.start, bracket.end, len(reader.values))
    frame.name, frame.form = token.text, form
    reader.open(frame, tokens[at].start)
    return name + 2, True


def ranged(reader: Reader, at: int) -> tuple[int, bool]:
    """range(...), which stands only after `for t in` and inside subscripts."""
    token = reader.tokens[at]
    welcome = reader.in_for or any(frame.kind == "index" for frame in reader.frames)
    if reader.tokens[at + 1].kind != "(" or not welcome:
        hint = "write for t in range(4): or x[range(4), y]; range cannot be a name"
        refuse(reader.source, "range(...) belongs to a for or a subscript", token.start, token.end, hint)
    return call(reader, at, at)


def dotted(reader: Reader, at: int) -> tuple[int, bool]:
    """A dot after an operand: a transpose or a method."""
    tokens = reader.tokens
    dot, name = tokens[at], tokens[at + 1]
    if name.kind != "name":
        hint = "a dot stands in numbers (0.5), in W.T and in x.sum(); a product is written *"
        refuse(reader.source, "this dot is followed by no name", dot.start, dot.end, hint)
    if tokens[at + 2].kind == "(" and name.text != "T":
        bracket = tokens[at + 2]
        frame = Frame("call", bracket.start, bracket.end, len(reader.values) - 1)
        frame.name, frame.form = name.text, "method"
        reader.open(frame, reader.starts[-1])
        return at + 3, True
    if name.text != "T":
        hint = "after a dot stand T, as in W.T, and calls, as in x.sum()"
        refuse(reader.source, f".{name.text} is not understood", dot.start, name.end, hint)
    reader.put("op", ".T", (reader.values.pop(),), reader.starts.pop(), name.end)
    return at + 2, False
