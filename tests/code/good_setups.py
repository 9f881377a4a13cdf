"""How the right code in unusual styles is called, by FILE.py:NAME."""

from __future__ import annotations

from collections.abc import Mapping

from planting import Setup

AFFINE = {"x": "4x3", "w": "3x5", "b": "5"}
LAYERS = ("W1", "b1", "W2", "b2", "W3", "b3")

FUNCTIONS: Mapping[str, Setup] = {
    "float32_least_squares": Setup("loss", ("w",), {"w": "3", "X": "6x3", "y": "6"}),
    "list_quadratic": Setup("loss", ("x",), {"x": "4"}),
    "prefixed_names": Setup("loss", ("a", "b"), {"a": "4", "b": "4"}),
    "suffixed_names": Setup("loss", ("u", "v"), {"u": "4", "v": "4"}),
    "leibniz_names": Setup("loss", ("p", "q"), {"p": "4", "q": "4"}),
    "short_names": Setup("loss", ("m", "k"), {"m": "4", "k": "4"}),
    "cubic,grad_cubic": Setup("pair", ("x",), {"x": "4"}),
    "bell,grad_bell": Setup("pair", ("x",), {}, {"x": "0.8"}),
    "spring": Setup("loss", ("k", "x"), {}, {"k": "2.5", "x": "-0.7"}),
    "power_loss": Setup("loss", ("x",), {"x": "4"}),
    "elastic_net": Setup("loss", ("w",), {"w": "4"}, params={"l1": 0.3, "l2": 0.7}),
    "sum_of_norms": Setup("loss", ("a", "b", "c"), {"a": "3", "b": "4", "c": "2"}),
    "classify": Setup("loss", ("W",), {"W": "3x4", "X": "5x3"}, {"y": "[0,3,2,1,1]"}),
    "careful_norm": Setup("loss", ("x",), {"x": "4"}),
    "bilinear": Setup("loss", ("x", "A", "y"), {"x": "3", "A": "3x4", "y": "4"}),
    "zero_dimensional": Setup("loss", ("a", "b"), {}, {"a": "1.5", "b": "-0.4"}),
    "loops": Setup("loss", ("A", "B"), {"A": "2x3", "B": "3x2"}),
    "one_hot_loss": Setup("loss", ("logits",), {"logits": "3x3"}, {"targets": "[[0,1,0],[1,0,0],[0,0,1]]"}),
    "masked_mean": Setup("loss", ("x",), {"x": "6"}, {"mask": "[1,0,1,1,0,1]"}),
    "column_vector": Setup("loss", ("w",), {"w": "3x1", "X": "6x3", "t": "6x1"}),
    "matrices": Setup("loss", ("W",), {"W": "3x2", "X": "4x3"}),
    "evaluate": Setup("loss", ("x",), {"x": "4"}),
    "wide_huber": Setup("loss", ("x",), {"x": "4"}),
    "strongly_damped": Setup("loss", ("x",), {"x": "4"}),
    "decorated": Setup("loss", ("x",), {"x": "4"}),
    "remembered,grad_remembered": Setup("pair", ("x",), {"x": "4"}),
    "talkative": Setup("loss", ("x",), {"x": "4"}),
}

POINTS: Mapping[str, Setup] = {
    "module_constants": Setup("loss", ("x",), {"x": "4"}),
    "absolute": Setup("loss", ("x",), {"x": "5"}),
    "relu_at_zero": Setup("loss", ("x",), {}, {"x": "[0.0,-1.5,2.0,0.0,0.3]"}),
    "relu_at_zero_one": Setup("loss", ("x",), {}, {"x": "[0.0,-1.5,2.0,0.0,0.3]"}),
    "absolute_at_zero": Setup("loss", ("x",), {}, {"x": "[0.0,-1.5,2.0]"}),
    "large_offset": Setup("loss", ("x",), {"x": "4"}),
    "tiny_scale": Setup("loss", ("x",), {"x": "4"}),
    "huge_scale": Setup("loss", ("x",), {"x": "4"}),
    "integers": Setup("loss", ("x",), {}, {"x": "[1,2,-3]"}),
    "ordered": Setup("loss", ("x",), {"x": "5"}),
    "largest": Setup("loss", ("x",), {"x": "3x4"}),
    "warns": Setup("loss", ("x",), {}, {"x": "[0.5,-1.5,2.0,-0.3]"}),
    "recursive": Setup("loss", ("x",), {"x": "4"}),
    "fortran_order": Setup("loss", ("A",), {"A": "3x4"}),
    "broadcast_view": Setup("loss", ("x",), {"x": "3x4"}),
    "flat_in_two_variables": Setup("loss", ("x", "y"), {"x": "3", "y": "2"}),
}

PAIRS: Mapping[str, Setup] = {
    "dictcache": Setup("layer", ("x", "w", "b"), AFFINE),
    "scaled": Setup("layer", ("x", "gain"), {"x": "4x3", "gain": "3"}),
    "cube": Setup("layer", ("x",), {"x": "4x3"}),
    "clipped": Setup("layer", ("x",), {"x": "4x5"}),
    "StaticAffine": Setup("layer", ("x", "w"), {"x": "4x3", "w": "3x5"}),
    "batched": Setup("layer", ("a", "b"), {"a": "2x3x4", "b": "2x4x2"}),
    "seeded_dropout": Setup("layer", ("x",), {"x": "4x5"}, params={"drop": 0.4, "seed": 7}),
    "noisy": Setup("layer", ("x",), {"x": "4x5"}, params={"seed": 7}),
    "global_dropout": Setup("layer", ("x",), {"x": "4x5"}),
    "running": Setup("layer", ("x", "gamma", "beta"), {"x": "6x4", "gamma": "4", "beta": "4"}),
    "tolerant": Setup("layer", ("x", "w"), {"x": "4x3", "w": "3x5"}),
    "single": Setup("layer", ("x", "w"), {"x": "4x3", "w": "3x5"}),
    "mse": Setup("layer", ("pred", "target"), {"pred": "4x3", "target": "4x3"}),
    "moments": Setup("layer", ("x",), {"x": "4x3"}),
    "negate": Setup("layer", ("x",), {"x": "4x3"}),
    "leaky": Setup("layer", ("x",), {"x": "4x3"}),
    "inplace_softmax": Setup("layer", ("x",), {"x": "4x5"}),
}

SHAPES: Mapping[str, Setup] = {
    "flatten": Setup("layer", ("x",), {"x": "3x2x4"}),
    "pad": Setup("layer", ("x",), {"x": "2x3x4"}, params={"pad": 1}),
    "concat": Setup("layer", ("a", "b"), {"a": "4x2", "b": "4x3"}),
    "upsample": Setup("layer", ("x",), {"x": "3x4"}),
    "onehot_embedding": Setup("layer", ("table",), {"table": "5x3"}, {"words": "[0,2,2,4]"}),
    "gather": Setup("layer", ("x",), {"x": "5x3"}, {"rows": "[0,2,2,4]"}),
    "conv1d": Setup("layer", ("signal", "kernel"), {"signal": "9", "kernel": "3"}),
    "rowgain": Setup("layer", ("x", "g"), {"x": "4x3", "g": "1x3"}),
    "pool1d": Setup("layer", ("x",), {"x": "3x7"}),
    "cumsum": Setup("layer", ("x",), {"x": "3x5"}),
}

CLASSES: Mapping[str, Setup] = {
    "Tanh": Setup("class", ("x",), {"x": "4x3"}),
    "Bias": Setup("class", ("x", "b"), {"x": "4x3", "b": "3"}),
    "Callable": Setup("class", ("x",), {"x": "4x3"}),
    "WithProperties": Setup("class", ("x", "W"), {"x": "4x3", "W": "3x5"}),
    "Slotted": Setup("class", ("x",), {"x": "4x5"}),
    "DictBackward": Setup("class", ("x", "scale", "shift"), {"x": "4x3", "scale": "3", "shift": "3"}),
    "Sequential": Setup("class", ("x", "b"), {"x": "4x3", "b": "3"}),
    "KeywordOnly": Setup("class", ("x",), {"x": "4x3"}, params={"slope": 1.5}),
    "SoftmaxLoss": Setup("class", ("x",), {"x": "5x4"}, {"t": "[0,3,2,1,1]"}),
    "TwoOutputs": Setup("class", ("a", "b"), {"a": "4x3", "b": "4x3"}),
}

STATEFUL: Mapping[str, Setup] = {
    "DataAffine": Setup("class", ("x", "W", "b"), {"x": "4x3", "W": "3x5", "b": "5"}),
    "Accumulating": Setup("class", ("x", "W"), {"x": "4x3", "W": "3x5"}),
    "OwnDropout": Setup("class", ("x",), {"x": "4x5"}, params={"rate": 0.3, "seed": 1}),
    "RunningNorm": Setup("class", ("x", "gamma", "beta"), {"x": "6x4", "gamma": "4", "beta": "4"}),
    "ListGrads": Setup("class", ("x", "W", "b"), {"x": "4x3", "W": "3x5", "b": "5"}),
    "DeepNet": Setup("network", LAYERS, {"X": "5x4"}, {"y": "[0,2,1,2,1]"}, {"reg": 0.1}),
}

FILES = {
    "good_variants.py": FUNCTIONS,
    "good_points.py": POINTS,
    "good_layers.py": PAIRS,
    "good_shapes.py": SHAPES,
    "good_classes.py": CLASSES,
    "good_stateful.py": STATEFUL,
}
GOOD_SETUPS: Mapping[str, Setup] = {
    f"{file}:{name}": setup for file, setups in FILES.items() for name, setup in setups.items()
}
