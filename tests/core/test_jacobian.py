"""Structure is a true upper bound, entries are the derivatives, and nobody forms the matrix."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from gradcalc import GATES, GradcalcError, footprints, sparsity
from gradcalc.build import build
from gradcalc.graphs import Graph
from gradcalc.jacobian import Jacobian, Structure, answer, jacobians, patterns, structure
from gradcalc.session import Question
from gradcalc.sparsity import Pattern, as_labels, as_places
from gradcalc.syntax import parse

SHAPES: dict[str, tuple[int, ...]] = {
    "s": (),
    "x": (4,),
    "y": (4,),
    "A": (3, 4),
    "B": (4, 2),
    "C": (3, 1),
    "S": (3, 3),
    "T": (2, 3, 4),
    "U": (2, 4, 2),
    "I": (2, 2, 4, 5),
    "K": (3, 2, 2, 3),
    "G": (4, 1, 2, 2),
    "L": (2, 6),
    "M": (3, 2, 2),
    "b": (3,),
    "d": (2,),
    "g": (4,),
}

# expression, and for some inputs the structure and the number of nonzeros that it must come to
CASES: list[tuple[str, dict[str, tuple[str, int]]]] = [
    ("x", {"x": ("identity", 4)}),
    ("x + y", {"x": ("identity", 4), "y": ("identity", 4)}),
    ("x - y", {"x": ("identity", 4), "y": ("diagonal", 4)}),
    ("x * y", {"x": ("diagonal", 4), "y": ("diagonal", 4)}),
    ("max(0, x)", {"x": ("diagonal", 4)}),
    ("x + exp(x)", {"x": ("diagonal", 4)}),
    ("x + x", {"x": ("diagonal", 4)}),
    ("exp(sin(x))", {"x": ("diagonal", 4)}),
    ("sin(x + y) * y", {"x": ("diagonal", 4), "y": ("diagonal", 4)}),
    ("sign(x)", {"x": ("zero", 0)}),
    ("floor(x) + y", {"x": ("zero", 0), "y": ("identity", 4)}),
    ("x + s", {"x": ("identity", 4), "s": ("selection", 4)}),
    ("A + x", {"A": ("identity", 12), "x": ("selection", 12)}),
    ("A * C", {"A": ("diagonal", 12), "C": ("selection", 12)}),
    ("x[0]", {"x": ("selection", 1)}),
    ("x[1:3] * 2", {"x": ("selection", 2)}),
    ("x[range(0, 4)]", {"x": ("identity", 4)}),
    ("x[[0, 0, 3]]", {"x": ("selection", 3)}),
    ("A[:, 1]", {"A": ("selection", 3)}),
    ("A.T", {"A": ("selection", 12)}),
    ("A.T.T", {"A": ("identity", 12)}),
    ("reshape(exp(A), [4, 3])", {"A": ("diagonal", 12)}),
    ("S + S.T", {"S": ("sparse", 15)}),
    ("sum(x)", {"x": ("dense", 4)}),
    ("sum(A, axis=1)", {"A": ("block", 12)}),
    ("sum(A, axis=0)", {"A": ("sparse", 12)}),
    ("sum(C, axis=1)", {"C": ("identity", 3)}),
    ("mean(T, axis=[0, 2])", {"T": ("sparse", 24)}),
    ("max(A, axis=1, keepdims=True)", {"A": ("block", 12)}),
    ("A - mean(A, axis=1, keepdims=True)", {"A": ("block", 48)}),
    ("A - mean(A, axis=0)", {"A": ("sparse", 36)}),
    ("std(A, axis=-1)", {"A": ("block", 12)}),
    ("logsumexp(A, axis=0)", {"A": ("sparse", 12)}),
    ("norm(A, axis=1)", {"A": ("block", 12)}),
    ("prod(A, axis=1)", {}),
    ("median(A, axis=1)", {}),
    ("argmax(A, axis=1) + x[0]", {"A": ("zero", 0)}),
    ("softmax(x)", {"x": ("dense", 16)}),
    ("softmax(A)", {"A": ("block", 48)}),
    ("softmax(A, axis=0)", {"A": ("sparse", 36)}),
    ("log_softmax(T, axis=1)", {"T": ("sparse", 72)}),
    ("softmax(softmax(A, axis=0), axis=1)", {"A": ("dense", 144)}),
    ("sum(softmax(A), axis=0)", {"A": ("dense", 48)}),
    ("cumsum(x)", {"x": ("sparse", 10)}),
    ("cumsum(A, axis=0)", {"A": ("sparse", 24)}),
    ("cumsum(A, axis=1)", {"A": ("block", 30)}),
    ("cumprod(A)", {"A": ("sparse", 78)}),
    ("A @ x", {"A": ("block", 12), "x": ("dense", 12)}),
    ("x @ B", {"B": ("sparse", 8), "x": ("dense", 8)}),
    ("x @ y", {"x": ("dense", 4)}),
    ("A @ B", {"A": ("block", 24), "B": ("sparse", 24)}),
    ("max(0, A @ B)", {"A": ("block", 24), "B": ("sparse", 24)}),
    ("T @ U", {"T": ("block", 48), "U": ("block", 48)}),
    ("T @ B", {"T": ("block", 48), "B": ("sparse", 48)}),
    ("A @ U", {"A": ("sparse", 48), "U": ("block", 48)}),
    ("T @ x", {"T": ("block", 24)}),
    ("b @ T", {"b": ("dense", 24)}),
    ("A @ B @ B.T", {"A": ("block", 48)}),
    ("sum((A @ x)^2)", {"A": ("dense", 12), "x": ("dense", 4)}),
    ("dot(A, B)", {"A": ("block", 24), "B": ("sparse", 24)}),
    ("dot(A, U)", {"A": ("block", 48), "U": ("sparse", 48)}),
    ("dot(s, x)", {"s": ("selection", 4), "x": ("diagonal", 4)}),
    ("inner(A, A)", {}),
    ("inner(A, x)", {"A": ("block", 12)}),
    ("tensordot(T, A, axes=[[1, 2], [0, 1]])", {"T": ("block", 24), "A": ("dense", 24)}),
    ("tensordot(A, B, axes=1)", {"A": ("block", 24)}),
    ("tensordot(x, y, axes=0)", {"x": ("selection", 16), "y": ("selection", 16)}),
    ("vdot(x, y)", {"x": ("dense", 4)}),
    ("outer(x, b)", {"x": ("selection", 12), "b": ("selection", 12)}),
    ("kron(S, d)", {"S": ("selection", 18), "d": ("selection", 18)}),
    ("trace(S)", {"S": ("sparse", 3)}),
    ("trace(T, axis1=0, axis2=1)", {"T": ("sparse", 8)}),
    ('einsum("ij,jk->ik", A, B)', {"A": ("block", 24), "B": ("sparse", 24)}),
    ('einsum("ij->ji", A)', {"A": ("selection", 12)}),
    ('einsum("ii->i", S)', {"S": ("selection", 3)}),
    ('einsum("ii", S)', {"S": ("sparse", 3)}),
    ('einsum("bij,bjk->bik", T, U)', {"T": ("block", 48), "U": ("block", 48)}),
    ('einsum("i,j,k->ik", x, b, d)', {"x": ("selection", 8), "b": ("dense", 24)}),
    ('einsum("...j,j", T, x)', {"T": ("block", 24)}),
    ("inv(S)", {"S": ("dense", 81)}),
    ("det(S)", {"S": ("dense", 9)}),
    ("solve(S, b)", {"S": ("dense", 27), "b": ("dense", 9)}),
    ("solve(S, A)", {"A": ("sparse", 36)}),
    ("cholesky(S @ S.T + 3*eye(3))", {}),
    ("inv(T[:, :, 0:3])", {"T": ("block", 162)}),
    ("det(T[:, :, 0:3])", {"T": ("block", 18)}),
    ("slogdet(T[:, :, 0:3])", {}),
    ("concatenate([x, y])", {"x": ("selection", 4), "y": ("selection", 4)}),
    ("concatenate([x, exp(x)])", {"x": ("selection", 8)}),
    ("[x[0], x[1], x[2], x[3]]", {"x": ("identity", 4)}),
    ("[x[1], x[0], sin(x[2]), x[3]]", {"x": ("selection", 4)}),
    ("stack([x, y], axis=1)", {"x": ("selection", 4)}),
    ("hstack([A, A])", {"A": ("selection", 24)}),
    ("pad(A, 1)", {"A": ("selection", 12)}),
    ("roll(x, 1)", {"x": ("selection", 4)}),
    ("x + roll(x, 1)", {"x": ("sparse", 8)}),
    ("flip(A)", {"A": ("selection", 12)}),
    ("tile(x, 2)", {"x": ("selection", 8)}),
    ("repeat(x, 3)", {"x": ("selection", 12)}),
    ("broadcast_to(x, [3, 4])", {"x": ("selection", 12)}),
    ("diag(x)", {"x": ("selection", 4)}),
    ("diag(S)", {"S": ("selection", 3)}),
    ("tril(S)", {"S": ("diagonal", 6)}),
    ("take(x, [1, 1])", {"x": ("selection", 2)}),
    ("swapaxes(T, 0, 2)", {"T": ("selection", 24)}),
    ("where(x > 0, x, y)", {"x": ("diagonal", 4), "y": ("diagonal", 4)}),
    ("where([1, 0, 1, 0], x, s)", {"x": ("diagonal", 4), "s": ("selection", 4)}),
    ("mse_loss(x, y)", {"x": ("dense", 4)}),
    ('mse_loss(x, y, reduction="none")', {"x": ("diagonal", 4), "y": ("diagonal", 4)}),
    ("cross_entropy(A, [0, 1, 3])", {"A": ("dense", 12)}),
    ('cross_entropy(A, [0, 1, 3], reduction="none")', {"A": ("block", 12)}),
    ('svm_loss(A, [0, 1, 3], reduction="none")', {"A": ("block", 12)}),
    ('nll_loss(A, [0, 1, 3], reduction="none")', {"A": ("block", 12)}),
    ("cosine_similarity(A, x)", {"A": ("block", 12), "x": ("dense", 12)}),
    ("cosine_similarity(A, A + 1, axis=0)", {"A": ("sparse", 12)}),
    ("linear(T, B.T, d)", {"T": ("block", 48), "B": ("sparse", 48), "d": ("selection", 12)}),
    ("affine(A, B, d)", {"A": ("block", 24), "B": ("sparse", 24), "d": ("selection", 6)}),
    ("affine(x, B, d)", {"x": ("dense", 8), "B": ("sparse", 8)}),
    ("embedding([2, 0, 2], A)", {"A": ("selection", 12)}),
    ("batchnorm(A, x, y)", {"A": ("sparse", 36), "x": ("selection", 12), "y": ("selection", 12)}),
    ("batchnorm(T)", {"T": ("sparse", 192)}),
    ("layernorm(A, x, y)", {"A": ("block", 48), "x": ("selection", 12), "y": ("selection", 12)}),
    ("layernorm(T, A)", {"T": ("block", 288), "A": ("selection", 24)}),
    ("local_response_norm(T, size=3, alpha=0.5)", {"T": ("sparse", 56)}),
    ("local_response_norm(I, size=2, alpha=0.5)", {}),
    ("dropout(x)", {"x": ("diagonal", 4)}),
    ("scaled_dot_product_attention(A, S @ A, A)", {}),
    ("scaled_dot_product_attention(T, T + 1, T[:, :, 0:2])", {"T": ("block", 144)}),
    ("conv2d(I, K, b)", {"I": ("sparse", 54 * 12), "b": ("selection", 54)}),
    ("conv2d(I, K, padding=1, stride=2)", {}),
    ("conv2d(I, G, groups=2, dilation=[1, 2])", {}),
    ("conv1d(L, M, b)", {}),
    ("conv1d(L, M, padding=1)", {}),
    ("conv_transpose2d(I, K[0:2], stride=2, padding=1)", {}),
    ("conv_transpose2d(I, G[0:2], x[0:2], groups=2)", {}),
    ("max_pool2d(I)", {"I": ("sparse", 64)}),
    ("max_pool2d(I, kernel_size=3, stride=1, padding=1)", {}),
    ("max_pool1d(L)", {"L": ("block", 12)}),
    ("avg_pool2d(I, stride=1)", {}),
    ("avg_pool1d(L, kernel_size=3, padding=1, count_include_pad=False)", {}),
    ("adaptive_avg_pool2d(I, output_size=[3, 2])", {}),
    ("adaptive_avg_pool2d(I)", {"I": ("block", 80)}),
    ("max_pool2d(max(0, conv2d(I, K, b)))", {}),
    ("softmax(max(0, A @ B + d) @ B.T + x)", {"A": ("block", 48)}),
    ("sum(max(0, A - A[range(3), [0, 1, 3]][:, None] + 1), axis=1)", {"A": ("block", 12)}),
    ("f(t) = sin(t)^2; f(x)", {"x": ("diagonal", 4)}),
    ("f(t) = t^2 with dt = 2*t; f(x)", {"x": ("diagonal", 4)}),
    ("x * s", {"x": ("diagonal", 4), "s": ("selection", 4)}),
    ("s * exp(s)", {"s": ("diagonal", 1)}),
    ("s + 1", {"s": ("identity", 1)}),
]
TEXTS = [text for text, _ in CASES]


def built(text: str, seed: int = 0, shapes: dict[str, tuple[int, ...]] = SHAPES) -> Graph:
    """The graph of an expression at a random point, its passes run."""
    random = np.random.default_rng(seed)
    program = parse(text)
    names = {str(item.value) for item in program.items if item.kind == "name"}
    values = {name: random.normal(size=shapes[name]) for name in sorted(names & set(shapes))}
    graph = build(program, values)
    graph.forward()
    graph.backward()
    return graph


def numeric(graph: Graph, name: str, step: float = 1e-6) -> Any:
    """The matrix by central differences, column by column."""
    i = graph.names[name]
    start = graph.values[i]
    columns = []
    for k in range(np.size(start)):
        sides = []
        for h in (step, -step):
            moved = np.array(start)
            moved.flat[k] += h
            graph.values[i] = moved[()]
            graph.run(0)
            sides.append(np.ravel(graph.values[graph.output]).copy())
        columns.append((sides[0] - sides[1]) / (2 * step))
    graph.values[i] = start
    graph.run(0)
    return np.stack(columns, axis=1)


def mask(pattern: Pattern) -> Any:
    """The pattern as a matrix of truth values, or None where only its counts are known."""
    labels = as_labels(pattern)
    if labels is not None:
        return (labels[0][:, None] == labels[1]) & (labels[0][:, None] >= 0)
    if pattern.places is None and pattern.nonzeros:
        return None
    result = np.zeros((pattern.m, pattern.n), dtype=bool)
    result.flat[as_places(pattern)] = True
    return result


def holds(pattern: Pattern, matrix: Any) -> None:
    """Everything that a pattern says is true of this matrix."""
    assert matrix.shape == (pattern.m, pattern.n)
    there = matrix != 0
    assert there.sum() <= pattern.nonzeros <= matrix.size
    assert there.sum(axis=1).max(initial=0) <= pattern.across
    assert there.sum(axis=0).max(initial=0) <= pattern.down
    known = mask(pattern)
    if known is not None:
        assert not np.any(there & ~known)
        assert known.sum() == pattern.nonzeros
        assert known.sum(axis=1).max(initial=0) == pattern.across
        assert known.sum(axis=0).max(initial=0) == pattern.down
    if pattern.unit:
        assert np.all(matrix[there] == 1)
    word = structure(pattern)
    square = pattern.m == pattern.n
    if word is Structure.ZERO:
        assert not there.any()
    elif word is Structure.IDENTITY:
        assert np.array_equal(matrix, np.eye(pattern.n))
    elif word is Structure.DIAGONAL:
        assert square
        assert not np.any(there & ~np.eye(pattern.n, dtype=bool))
    elif word is Structure.SELECTION:
        assert there.sum(axis=1).max() <= 1
    elif word is Structure.BLOCK:
        assert any(
            not there[:r, c:].any() and not there[r:, :c].any()
            for r in range(1, pattern.m)
            for c in range(1, pattern.n)
        )


def entries(graph: Graph, name: str) -> Any:
    """The matrix by one backward pass a row."""
    (found,) = jacobians(graph, (name,), dense=True).jacobians
    return found.entries


@pytest.mark.parametrize("text", TEXTS)
def test_the_pattern_bounds_the_matrix(text: str) -> None:
    """At three points nothing is nonzero where the pattern says zero; entries are the derivatives."""
    for seed in range(3):
        graph = built(text, seed)
        found = patterns(graph, tuple(graph.variables.values()))
        for name, i in graph.variables.items():
            matrix = entries(graph, name)
            holds(found[i], matrix)
            if seed == 0:
                np.testing.assert_allclose(matrix, numeric(graph, name), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("most", [0, 12])
@pytest.mark.parametrize("text", TEXTS)
def test_bounds_hold_where_lists_are_too_long(text: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without lists of places what is left is weaker, and still true."""
    graph = built(text)
    exact = patterns(graph, tuple(graph.variables.values()))
    for module in (sparsity, footprints):
        monkeypatch.setattr(module, "EXPLICIT", most)
    monkeypatch.setattr(footprints, "TAPS", most)
    found = patterns(graph, tuple(graph.variables.values()))
    for name, i in graph.variables.items():
        holds(found[i], entries(graph, name))
        assert found[i].nonzeros >= exact[i].nonzeros


@pytest.mark.parametrize(("text", "expected"), [case for case in CASES if case[1]], ids=lambda v: str(v)[:40])
def test_structure_and_nonzeros(text: str, expected: dict[str, tuple[str, int]]) -> None:
    """The words and numbers of the table, input by input."""
    found = {j.input: (j.structure.word, j.nonzeros) for j in jacobians(built(text)).jacobians}
    assert {name: found[name] for name in expected} == expected


def test_every_gate_that_is_not_elementwise_is_tried() -> None:
    """A new gate needs a case here: its rule, or the lack of one, must be right."""
    tried = {gate.name for text in TEXTS for gate in built(text).gates}
    alike = {  # one rule for all of them
        "ptp", "min", "var", "argmin", "logdet", "take_along_axis", "gather", "ravel", "squeeze", "vstack",
        "expand_dims", "atleast_1d", "atleast_2d", "moveaxis", "flipud", "fliplr", "diagonal", "triu",
        "l1_loss", "huber_loss", "smooth_l1_loss", "binary_cross_entropy", "kl_div",
        "binary_cross_entropy_with_logits",
    }  # fmt: skip
    left = {name for name, gate in GATES.items() if not gate.elementwise} - tried - alike
    assert not left


def chains(seed: int) -> str:
    """A random chain of operations on a 3 x 3 matrix, with forks."""
    steps = [
        "S.T", "S + S.T", "softmax(S)", "softmax(S, axis=0)", "S * S", "max(0, S)", "cumsum(S, axis=1)",
        "S - mean(S, axis=0)", "roll(S, 1)", "S @ S", "tril(S)", "S[::-1]", "S + 1", "diag(diag(S))",
        "S[:, [0, 0, 2]]", "S * S[0]", "concatenate([S[1:], S[:1] * 2])", "outer(S[0], S[1])",
        "where([[1, 0, 1]], S, S.T)", "broadcast_to(sum(S, axis=0), [3, 3])", "floor(S) + S",
    ]  # fmt: skip
    random = np.random.default_rng(seed)
    lines = [f"S = {steps[k]}" for k in random.integers(len(steps), size=random.integers(1, 6))]
    last = ["S", "sum(S, axis=1)", "S[1]", "S @ [1, 2, 3]", "sum(S)"][random.integers(5)]
    return "; ".join(["S = P + 0", *lines, last])


@pytest.mark.parametrize("most", [0, 10, 1 << 16])
def test_random_chains(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any composition, with any length of list, is a true upper bound."""
    for module in (sparsity, footprints):
        monkeypatch.setattr(module, "EXPLICIT", most)
    for seed in range(150):
        graph = built(chains(seed), seed, {"P": (3, 3)})
        found = patterns(graph, tuple(graph.variables.values()))
        for name, i in graph.variables.items():
            holds(found[i], entries(graph, name))


@pytest.mark.parametrize("seed", range(40))
def test_products_and_sums_of_patterns(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """compose and add against matrices of truth values, for labels, lists and bounds."""
    random = np.random.default_rng(seed)

    def some(m: int, n: int) -> tuple[Pattern, Any]:
        kind = random.integers(4)
        if kind == 0 and m == n:
            pattern = sparsity.diagonal(n, unit=True)
        elif kind == 1:
            pattern = sparsity.selection(random.integers(-1, n, size=m), n, unit=True)
        elif kind == 2:
            pattern = sparsity.labelled(random.integers(-1, 3, size=m), random.integers(-1, 3, size=n))
        else:
            count = random.integers(1, m * n + 1)
            places = random.integers(m, size=count), random.integers(n, size=count)
            pattern = sparsity.listed(m, n, *places, unit=True)
        return pattern, mask(pattern)

    monkeypatch.setattr(sparsity, "EXPLICIT", int(random.choice([0, 5, 1000])))
    for _ in range(20):
        m, k, n = random.integers(1, 7, size=3)
        (a, one), (b, two), (c, three) = some(m, k), some(k, n), some(m, k)
        holds(sparsity.compose(a, b), one.astype(int) @ two.astype(int))
        holds(sparsity.add(a, c), one.astype(int) + three.astype(int))


def only(text: str, **inputs: Any) -> Jacobian:
    """The Jacobian of an expression in its one input."""
    (found,) = answer(Question(text, inputs)).jacobians
    return found


def test_the_lecture() -> None:
    """max(0, x) on 4096 entries is 4096 x 4096, diagonal: the diagonal is all that is needed."""
    found = only("max(0, x)", x=np.linspace(-1, 1, 4096))
    assert found.shape == (4096, 4096)
    assert found.structure is Structure.DIAGONAL
    assert (found.nonzeros, found.dense_bytes) == (4096, 134_217_728)
    assert found.entries is None


@pytest.mark.parametrize(
    "text", ["max(0, x)", "max(0, x)*x + exp(-x)", "softmax(max(0, x))", "sum(x, axis=0)"]
)
def test_a_minibatch_takes_a_few_copies(text: str) -> None:
    """100 x 4096: what would be 1.22 TiB is found in no more memory than a few copies of x."""
    x = np.random.default_rng(0).normal(size=(100, 4096))
    graph = build(parse(text), {"x": x})
    graph.forward()
    graph.backward()
    tracemalloc.start()
    (found,) = jacobians(graph).jacobians
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * x.nbytes
    if text != "sum(x, axis=0)":
        assert found.shape == (409_600, 409_600)
        assert found.dense_bytes == 8 * 409_600**2


def test_large_layers_keep_their_counts() -> None:
    """Batches of matrices and convolutions are counted, not listed."""
    inputs = {"x": np.zeros((100, 400)), "W": np.zeros((400, 300)), "b": np.zeros(300)}
    found = {j.input: j for j in answer(Question("max(0, x@W + b)", inputs)).jacobians}
    assert (found["x"].structure.word, found["x"].nonzeros) == ("block", 100 * 300 * 400)
    assert (found["W"].structure.word, found["W"].nonzeros) == ("sparse", 100 * 300 * 400)
    assert (found["b"].structure.word, found["b"].nonzeros) == ("selection", 100 * 300)
    inputs = {"x": np.zeros((2, 3, 32, 32)), "w": np.zeros((8, 3, 3, 3))}
    found = {j.input: j for j in answer(Question("relu(conv2d(x, w, padding=1))", inputs)).jacobians}
    taps = (3 * 32 - 2) ** 2
    assert (found["x"].structure.word, found["x"].nonzeros) == ("sparse", 2 * 8 * 3 * taps)
    assert (found["w"].structure.word, found["w"].nonzeros) == ("sparse", 2 * 8 * 3 * taps)


def test_a_long_chain_of_numbers() -> None:
    """A loop over the graph, no recursion."""
    found = only("\n".join(["y = x", *["y = y*x + 1"] * 20_000]), x=0.5)
    assert (found.structure.word, found.nonzeros) == ("diagonal", 1)


def test_small_matrices_have_entries() -> None:
    """Up to 64 of them; more where they are asked for."""
    small = only("x*x", x=np.arange(8.0)).entries
    assert small is not None
    assert np.array_equal(small, np.diag(2 * np.arange(8.0)))
    assert only("x*x", x=np.arange(9.0)).entries is None
    (found,) = answer(Question("x*x", {"x": np.arange(9.0)}), dense=True).jacobians
    assert found.entries is not None
    assert np.array_equal(found.entries, np.diag(2 * np.arange(9.0)))


def test_rows() -> None:
    """By number, by index, counted from the end."""
    x = np.arange(1.0, 13).reshape(3, 4)
    (found,) = answer(Question("x*x", {"x": x}), rows=("6", "1,2", "-1")).jacobians
    told = [(row.number, row.at, row.total) for row in found.rows]
    assert told == [(6, (1, 2), 1), (6, (1, 2), 1), (11, (2, 3), 1)]
    assert found.rows[0].nonzero == (((1, 2), 14.0),)
    assert found.rows[2].entries[11] == 24


@pytest.mark.parametrize("row", ["4", "-5", "1,1", "x", "", "1.5"])
def test_rows_that_are_not_there(row: str) -> None:
    """Refused, with what there is."""
    with pytest.raises(GradcalcError, match="--row"):
        answer(Question("x*x", {"x": np.arange(4.0)}), rows=(row,))


def test_wrt_and_of() -> None:
    """The inputs to differentiate, and another output."""
    asked = Question("q = x*y; f = sum(q)", {"x": np.ones(3), "y": np.ones(3)}, of="q", wrt=("y",))
    found = answer(asked)
    assert (found.label, found.shape) == ("q", (3,))
    assert [j.input for j in found.jacobians] == ["y"]
    with pytest.raises(GradcalcError, match="not an input"):
        answer(asked._replace(of=None, wrt=("q",)))


def test_a_matrix_beyond_the_cap() -> None:
    """--dense stays within --max-elements."""
    with pytest.raises(GradcalcError) as caught:
        answer(Question("x*x", {"x": np.zeros(50_000)}), dense=True)
    assert caught.value.kind == "limit"


def test_inputs_that_do_not_matter() -> None:
    """Not reached is zero; an index is no input to differentiate; a constant has none; empty is empty."""
    found = answer(Question("q = x*2; r = y*2", {"x": np.ones(2), "y": np.ones(2)}))
    assert [(j.input, j.structure.word) for j in found.jacobians] == [("x", "zero"), ("y", "diagonal")]
    assert [j.input for j in answer(Question("x[k]", {"x": np.ones(2), "k": 1})).jacobians] == ["x"]
    assert answer(Question("1 + 1")).jacobians == ()
    assert only("x*2", x=np.zeros(0)).shape == (0, 0)
