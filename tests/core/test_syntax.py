"""What the language says: sources and their trees."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcalc.errors import GradcalcError
from gradcalc.syntax import Bind, Define, For, Part, Program, parse
from gradcalc.syntax.lexer import tokens


def tree(program: Program, part: Part | None = None) -> str:
    """An expression as an s-expression: (x+y)*z is (* (+ x y) z)."""
    if part is None:
        last = program.statements[-1]
        assert isinstance(last, Bind)
        part = last.value
    written: list[str] = []
    for item in program.items[part.first : part.root + 1]:
        args = [written[arg - part.first] if arg >= 0 else "_" for arg in item.args]
        keyed = len(args) - len(item.keys)
        args[keyed:] = [f"{key}={arg}" for key, arg in zip(item.keys, args[keyed:], strict=True)]
        if item.kind == "number":
            written.append(f"{item.value:g}")
        elif item.kind in ("name", "all"):
            written.append(str(item.value))
        elif item.kind == "text":
            written.append(repr(item.value))
        else:
            head = (
                str(item.value) if item.kind in ("op", "call") else {"list": str(item.value)}.get(item.kind)
            )
            written.append(f"({' '.join([head or item.kind, *args])})")
    return written[-1]


TREES = {
    # numbers and names
    "2": "2",
    ".5": "0.5",
    "1e-3": "0.001",
    "1.": "1",
    "２": "2",
    "½": "0.5",
    "x₁": "x1",
    "x₁₂": "x12",
    "x_1": "x_1",
    "σ": "σ",
    "lambda": "lambda",
    "ｘ": "x",
    "𝑥": "x",
    "ŷ": "ŷ",
    "y\u0302": "ŷ",
    "∞": "inf",
    # precedence
    "(x+y)*z": "(* (+ x y) z)",
    "x+y*z": "(+ x (* y z))",
    "x-y-z": "(- (- x y) z)",
    "x/y/z": "(/ (/ x y) z)",
    "x/y*z": "(* (/ x y) z)",
    "x@y%z": "(% (@ x y) z)",
    "x^y^z": "(** x (** y z))",
    "x**y": "(** x y)",
    "-x^2": "(neg (** x 2))",
    "2^-1": "(** 2 (neg 1))",
    "2^-x^2": "(** 2 (neg (** x 2)))",
    "2^-x*y": "(* (** 2 (neg x)) y)",
    "-x*y": "(* (neg x) y)",
    "-x+y": "(+ (neg x) y)",
    "x--y": "(- x (neg y))",
    "x*-y": "(* x (neg y))",
    "+x": "x",
    "x == 2": "(== x 2)",
    "x+1<y*2": "(< (+ x 1) (* y 2))",
    "(0<x)*(x<1)": "(* (< 0 x) (< x 1))",
    "((x))": "x",
    # products without a sign
    "2x": "(* 2 x)",
    "2 x": "(* 2 x)",
    "2(x+1)": "(* 2 (+ x 1))",
    "(x+y)z": "(* (+ x y) z)",
    "(a)(b)": "(* a b)",
    "2(x)(y)": "(* (* 2 x) y)",
    "2sin(x)": "(* 2 (sin x))",
    "sin(x)cos(x)": "(* (sin x) (cos x))",
    "2x^2": "(* 2 (** x 2))",
    "-2x": "(* (neg 2) x)",
    "2x/3": "(/ (* 2 x) 3)",
    "x+2y": "(+ x (* 2 y))",
    "1e5x": "(* 100000 x)",
    "2e": "(* 2 e)",
    "w[0]x": "(* (index w 0) x)",
    "1/(2)": "(/ 1 2)",
    "½x": "(* 0.5 x)",
    # paper
    "x×y·z": "(* (* x y) z)",
    "x÷y−z–w": "(- (- (/ x y) z) w)",
    "x²": "(** x 2)",
    "x²y³": "(* (** x 2) (** y 3))",
    "2x²": "(* 2 (** x 2))",
    "-x²": "(neg (** x 2))",
    "x⁻¹": "(** x (neg 1))",
    "x¹⁰": "(** x 10)",
    "x₁²": "(** x1 2)",
    "e²(x+1)": "(* (** e 2) (+ x 1))",
    "Wᵀ": "(.T W)",
    "Wᵀ@x": "(@ (.T W) x)",
    "√x": "(sqrt x)",
    "√(x+1)": "(sqrt (+ x 1))",
    "2√x+1": "(+ (* 2 (sqrt x)) 1)",
    "√x*y": "(* (sqrt x) y)",
    "√x.T": "(sqrt (.T x))",
    "√(2)x": "(* (sqrt 2) x)",
    "√√x": "(sqrt (sqrt x))",
    "|x|": "(abs x)",
    "|x-y|^2": "(** (abs (- x y)) 2)",
    "|x|²": "(** (abs x) 2)",
    "2|x|": "(* 2 (abs x))",
    "|x|y": "(* (abs x) y)",
    "| |x|-|y| |": "(abs (- (abs x) (abs y)))",
    "|x|+|y|": "(+ (abs x) (abs y))",
    "|f(|x|)|": "(abs (f (abs x)))",
    "||x||": "(norm x)",
    "‖x‖²": "(** (norm x) 2)",
    "½‖w‖²": "(* 0.5 (** (norm w) 2))",
    "x ≤ y": "(<= x y)",
    "x ≥ y": "(>= x y)",
    "x ≠ y": "(!= x y)",
    "（x＋y）＊z": "(* (+ x y) z)",
    "x\u00a0+\u2009y": "(+ x y)",
    "\ufeffx + y": "(+ x y)",
    "x\u2062y": "(* x y)",
    "σ(x)": "(σ x)",
    # calls
    "f(x, y)": "(f x y)",
    "f()": "(f)",
    "f(x,)": "(f x)",
    "sum(x, axis=0)": "(sum x axis=0)",
    "sum(x, axis=(0, 1))": "(sum x axis=(( 0 1))",
    "x.sum()": "(sum x)",
    "X.dot(W).sum(axis=1)": "(sum (dot X W) axis=1)",
    "(X@W).sum()": "(sum (@ X W))",
    "W.T": "(.T W)",
    "W.T.T": "(.T (.T W))",
    "einsum('ij,jk->ik', A, B)": "(einsum 'ij,jk->ik' A B)",
    "einsum(“ij->ji”, A)": "(einsum 'ij->ji' A)",
    "np.exp(x)": "(exp x)",
    "np.linalg.norm(x)": "(norm x)",
    "torch.nn.functional.relu(x)": "(relu x)",
    "torch.relu(x)": "(relu x)",
    "F.relu(x)": "(relu x)",
    "math.pi*x": "(* pi x)",
    "np.inf": "inf",
    "np.sin(np.pi)": "(sin pi)",
    # conversions are nothing
    "array([1, 2])": "([ 1 2)",
    "np.array([1, 2], dtype=float)*x": "(* ([ 1 2) x)",
    "float(3)": "3",
    "np.float64(-3)": "(neg 3)",
    "torch.tensor([1.], requires_grad=True)": "([ 1)",
    "array(array(2)) + 1": "(+ 2 1)",
    # lists and subscripts
    "[1, 2]": "([ 1 2)",
    "[1, 2,]": "([ 1 2)",
    "[[1, 2], [3, x+1]]": "([ ([ 1 2) ([ 3 (+ x 1)))",
    "(1, 2)": "(( 1 2)",
    "(1,)": "(( 1)",
    "s[0]": "(index s 0)",
    "s[-1]": "(index s (neg 1))",
    "W[:, 1]": "(index W (slice _ _ _) 1)",
    "x[1:, 0]": "(index x (slice 1 _ _) 0)",
    "x[:n+1]": "(index x (slice _ (+ n 1) _))",
    "x[1:5:2]": "(index x (slice 1 5 2))",
    "x[::-1]": "(index x (slice _ _ (neg 1)))",
    "x[...,0]": "(index x ... 0)",
    "x[…, 0]": "(index x ... 0)",
    "x[:, None]": "(index x (slice _ _ _) None)",
    "x[np.newaxis]": "(index x None)",
    "s[range(5), y]": "(index s (range 5) y)",
    "x[0][1]": "(index (index x 0) 1)",
    "[1, 2][0]": "(index ([ 1 2) 0)",
    "x[0].sum()": "(sum (index x 0))",
    "True+None": "(+ True None)",
    # lines
    "f(x,\n  y)": "(f x y)",
    "[1, # one\r\n 2]": "([ 1 2)",
    "  x  # a comment": "x",
    "\tx\n\n": "x",
}


@pytest.mark.parametrize("source", TREES)
def test_tree(source: str) -> None:
    """Every source says what stands beside it."""
    assert TREES[source] == tree(parse(source))


@pytest.mark.parametrize("source", TREES)
def test_items_are_in_postorder_with_spans_in_the_text(source: str) -> None:
    """Arguments come first, subtrees are contiguous, and a span holds the spans of its arguments."""
    items = parse(source).items
    first: list[int] = []
    for at, item in enumerate(items):
        args = [arg for arg in item.args if arg >= 0]
        expected = at
        for arg in reversed(args):
            assert expected - 1 == arg
            expected = first[arg]
            assert item.start <= items[arg].start <= items[arg].end <= item.end
        first.append(expected)
        assert 0 <= item.start < item.end <= len(source)
    assert first[-1] == 0


@pytest.mark.parametrize(
    ("source", "span"),
    [
        ("(x+y)z", "(x+y)z"),
        ("2 (x+1) + y", "2 (x+1) + y"),
        ("θ×ψ²", "θ×ψ²"),
        ("np.exp(x)", "np.exp(x)"),
        ("x.sum()", "x.sum()"),
        ("((x))", "x"),
        ("((x+1))", "x+1"),
        ("−ｘ", "−ｘ"),
    ],
)
def test_span_of_the_root(source: str, span: str) -> None:
    """Spans point into the original text, whatever was normalised."""
    last = parse(source).items[-1]
    assert span == source[last.start : last.end]


def test_span_covers_the_brackets_of_both_operands() -> None:
    """The span of an operation includes the brackets around its operands."""
    items = parse("1 + (x+y)(z)").items
    product = next(item for item in items if item.value == "*")
    assert product.span == (4, 12)


@pytest.mark.parametrize(
    ("source", "form"),
    [
        ("sum(x)", ""),
        ("x.sum()", "method"),
        ("np.sum(x)", "np"),
        ("np.linalg.norm(x)", "np.linalg"),
        ("np.pi", "np"),
    ],
)
def test_form(source: str, form: str) -> None:
    """What was dropped is kept in the form."""
    assert form == parse(source).items[-1].form


@pytest.mark.parametrize(
    ("source", "bound", "expected"),
    [
        ("F.sum()", {"F"}, "(sum F)"),
        ("np.sum(x)", {"np"}, "(sum np x)"),
        ("F = 2; F.sum()", set(), "(sum F)"),
        ("e.T", {"e"}, "(.T e)"),
        ("2j", {"j"}, "(* 2 j)"),
        ("x^T", {"T"}, "(** x T)"),
        ("array([1])", {"array"}, None),
        ("x²(y+1)", {"x"}, "(* (** x 2) (+ y 1))"),
    ],
)
def test_bound_names(source: str, bound: set[str], expected: str | None) -> None:
    """Names bound outside or in the text are variables."""
    if expected is None:
        with pytest.raises(GradcalcError, match="two readings"):
            parse(source, bound=bound)
    else:
        assert expected == tree(parse(source, bound=bound))


# Programs


def names(program: Program) -> list[str | None]:
    """The names of a program's statements."""
    return [statement.name for statement in program.statements]


@pytest.mark.parametrize(
    "source",
    [
        "x = -2; y = 5\nq = x + y\nq*2",
        "x = -2 # one\r\ny = 5\r\n\r\n# two\r\nq = x + y;\r\nq*2\r\n",
        "x = -2, y = 5, q = x + y; q*2",
        "   x = -2\n      y = 5\n   q = x+y\n q*2",
        ";;x=-2;;y=5;q=x+y;q*2;",
    ],
)
def test_statements(source: str) -> None:
    """Statements end at a line's end, a semicolon, or a comma before a binding."""
    program = parse(source)
    assert names(program) == ["x", "y", "q", None]
    assert tree(program) == "(* q 2)"


def test_the_line_of_the_slide() -> None:
    """The lecture's own line defines a function and binds its arguments."""
    program = parse("f(x,y,z) = (x+y)z, x=-2, y=5, z=-4")
    define = program.statements[0]
    assert isinstance(define, Define)
    assert (define.name, define.params, define.locals) == ("f", ("x", "y", "z"), {})
    assert tree(program, define.body) == "(* (+ x y) z)"
    assert names(program) == ["f", "x", "y", "z"]


def test_definition_with_gradients() -> None:
    """A definition may declare the gradients of its parameters; then bindings may follow."""
    source = "f(a, b) = a*b + a  with  da = b + 1, db = a, a = 2, b = 3"
    program = parse(source)
    define = program.statements[0]
    assert isinstance(define, Define)
    assert {name: tree(program, part) for name, part in define.locals.items()} == {"a": "(+ b 1)", "b": "a"}
    assert source[slice(*define.span)] == "f(a, b) = a*b + a  with  da = b + 1, db = a"
    assert names(program) == ["f", "a", "b"]


def test_a_bare_binding_has_spans() -> None:
    """Spans of statements and of their names."""
    source = " ab = 2x ; 3y"
    bind, bare = parse(source).statements
    assert isinstance(bind, Bind)
    assert isinstance(bare, Bind)
    assert [source[slice(*span)] for span in (bind.name_span, bind.span)] == ["ab", "ab = 2x"]
    assert [source[slice(*span)] for span in (bare.name_span, bare.span)] == ["", "3y"]


def test_functions_may_be_called_before_their_definition() -> None:
    """A defined function is no variable, also where the name is bound too."""
    assert tree(parse("g(t) = t^2; g(x+1)", bound={"g"})) == "(g (+ x 1))"


def outline(statements: tuple[object, ...]) -> list[object]:
    """Names, with the bodies of loops as nested lists."""
    return [
        [s.name, *outline(s.body)] if isinstance(s, For) else s.name  # type: ignore[attr-defined]
        for s in statements
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("for t in range(3): h = tanh(h)", [["t", "h"]]),
        ("for t in range(3): h = tanh(h); g = h\ny = h", [["t", "h", "g"], "y"]),
        ("for t in range(3):\n  h = 1\n  g = 2\ny = h", [["t", "h", "g"], "y"]),
        ("for t in range(3):\n\th = 1\n\n  # note\n\tg = 2\ny = h", [["t", "h", "g"], "y"]),
        (
            "for t in range(3):\n  for s in range(t):\n    h = 1\n  g = 2\ny = h",
            [["t", ["s", "h"], "g"], "y"],
        ),
        ("for t in range(3):\n  for s in range(t):\n    h = 1\ny = h", [["t", ["s", "h"]], "y"]),
        ("for t in range(3):\n  for s in range(t): h = 1\n  g = 2", [["t", ["s", "h"], "g"]]),
        ("for t in range(3): for s in range(2): h = 1\ng = 2", [["t", ["s", "h"]], "g"]),
        ("  for t in range(3):\n    h = 1\n  y = h", [["t", "h"], "y"]),
        ("for t in range(3):  # note\n  h = [1,\n2]\ny = h", [["t", "h"], "y"]),
    ],
)
def test_loops(source: str, expected: list[object]) -> None:
    """Loops on one line and with indented bodies, nested too."""
    assert expected == outline(parse(source).statements)


def test_loop_over_a_range() -> None:
    """`over` is the range call."""
    program = parse("for t in range(2, n+1): h = t")
    loop = program.statements[0]
    assert isinstance(loop, For)
    assert tree(program, loop.over) == "(range 2 (+ n 1))"
    assert loop.span == (0, 29)


# Size

LONG = 100_000


@pytest.mark.parametrize(
    ("source", "items"),
    [
        ("+".join(["x"] * LONG), 2 * LONG - 1),
        ("-" * LONG + "x", LONG + 1),
        ("√" * LONG + "x", LONG + 1),
        ("^".join(["x"] * LONG), 2 * LONG - 1),
        ("x = 1\n" * LONG, LONG),
        ("f(t) = t\n" * LONG, LONG),
        ("x" + "[0]" * LONG, 2 * LONG + 1),
        ("W" + ".T" * LONG, LONG + 1),
        ("2" + "(x)" * LONG, 2 * LONG + 1),
        ("x" + "²ᵀ" * LONG, 3 * LONG + 1),
        ("for t in range(3): x = 1\n" * LONG, 3 * LONG),
        ("[" + "1," * LONG + "]", LONG + 1),
    ],
    ids=lambda value: str(value)[:12],
)
def test_long_texts(source: str, items: int) -> None:
    """Chains of any kind are read without recursion, each item once."""
    assert items == len(parse(source).items)


def test_long_sum_groups_to_the_left() -> None:
    """A long sum is a chain down its left side."""
    items = parse("+".join(["x"] * LONG)).items
    assert all(items[at].args == (at - 2, at - 1) for at in range(4, len(items), 2))


def deep(frames: int, source: str) -> int:
    """Parse from `frames` frames below."""
    return deep(frames - 1, source) if frames else len(parse(source).items)


@pytest.mark.parametrize("pair", ["()", "[]", ("f(", ")"), ("x[", "]"), ("| ", " |"), ("(1+", ")")])
def test_deep_nesting(pair: tuple[str, str]) -> None:
    """200 levels are read from a deep place with a small stack; 201 are refused by name of the option."""
    assert sys.getrecursionlimit() <= 10_000
    left, right = pair
    assert deep(100, left * 200 + "x" + right * 200)
    with pytest.raises(GradcalcError) as caught:
        parse(left * 201 + "x" + right * 201)
    assert (caught.value.kind, caught.value.message) == ("limit", "brackets are nested more than 200 deep")
    assert caught.value.hint == "--max-depth 400 allows more"
    assert parse(left * 201 + "x" + right * 201, max_depth=201).items


def test_deep_loops() -> None:
    """Loops nest as deeply as brackets."""
    text = "".join(" " * depth + "for t in range(2):\n" for depth in range(200))
    assert deep(100, text + " " * 200 + "x = 1") == 401
    with pytest.raises(GradcalcError, match="nested more than 200 deep"):
        parse(text + " " * 200 + "for t in range(2): x")


def test_long_text_is_refused() -> None:
    """The cap on the text names its option."""
    with pytest.raises(GradcalcError) as caught:
        parse("x+y+z", max_text=4)
    assert (caught.value.kind, caught.value.hint) == ("limit", "--max-text 5 allows it")
    assert caught.value.message == "the text has 5 characters, more than 4"


@given(st.text())
def test_tokens_do_not_overlap(text: str) -> None:
    """Tokens stand in order in the original text."""
    try:
        found = tokens(text)
    except GradcalcError:
        return
    ends = [token.end for token in found]
    assert all(end <= token.start for end, token in zip(ends, found[1:], strict=False))
    assert len(text) == ends[-1]
