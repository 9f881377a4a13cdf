"""How the code of the corpus that mistakes are planted in is called, by FILE.py:NAME."""

from __future__ import annotations

from collections.abc import Mapping

from planting import Setup

CONV = {"x": "2x2x7x6", "w": "3x2x3x4", "b": "3"}
POOL = {"pool_height": 3, "pool_width": 4, "stride": 2}
NORM = ("x", "gamma", "beta")
RNN = ("x", "prev_h", "Wx", "Wh", "b")
WEIGHTS = ("W1", "b1", "W2", "b2")

RIGHT_SETUPS: Mapping[str, Setup] = {
    "layers.py:affine": Setup("layer", ("x", "w", "b"), {"x": "4x2x3", "w": "6x5", "b": "5"}),
    "layers.py:relu": Setup("layer", ("x",), {"x": "4x5"}),
    "layers.py:dropout": Setup("layer", ("x",), {"x": "5x6"}, params={"p": 0.6, "mode": "train", "seed": 3}),
    "layers.py:conv_forward_naive,conv_backward_naive": Setup(
        "layer", ("x", "w", "b"), CONV, params={"stride": 2, "pad": 1}
    ),
    "layers.py:max_pool_forward_naive,max_pool_backward_naive": Setup(
        "layer", ("x",), {"x": "2x2x7x8"}, params=POOL
    ),
    "layers.py:svm_loss": Setup("loss", ("x",), {"x": "5x4"}, {"y": "[0,3,2,1,1]"}),
    "layers.py:softmax_loss": Setup("loss", ("x",), {"x": "5x4"}, {"y": "[0,3,2,1,1]"}),
    "norm_layers.py:batchnorm": Setup(
        "layer", NORM, {"x": "6x4", "gamma": "4", "beta": "4"}, params={"mode": "train"}
    ),
    "norm_layers.py:batchnorm_forward,batchnorm_backward_alt": Setup(
        "layer", NORM, {"x": "6x4", "gamma": "4", "beta": "4"}, params={"mode": "train"}
    ),
    "norm_layers.py:layernorm": Setup("layer", NORM, {"x": "4x6", "gamma": "6", "beta": "6"}),
    "norm_layers.py:spatial_batchnorm": Setup(
        "layer", NORM, {"x": "3x2x4x5", "gamma": "2", "beta": "2"}, params={"mode": "train"}
    ),
    "norm_layers.py:spatial_groupnorm": Setup(
        "layer", NORM, {"x": "2x6x3x4", "gamma": "1x6x1x1", "beta": "1x6x1x1"}, params={"G": 2}
    ),
    "norm_layers.py:l2norm": Setup("layer", ("x",), {"x": "4x3"}),
    "norm_layers.py:cosine": Setup("layer", ("a", "b"), {"a": "4x3", "b": "4x3"}),
    "rnn_layers.py:rnn_step": Setup(
        "layer", RNN, {"x": "3x4", "prev_h": "3x5", "Wx": "4x5", "Wh": "5x5", "b": "5"}
    ),
    "rnn_layers.py:rnn": Setup(
        "layer",
        ("x", "h0", "Wx", "Wh", "b"),
        {"x": "2x4x3", "h0": "2x5", "Wx": "3x5", "Wh": "5x5", "b": "5"},
    ),
    "rnn_layers.py:lstm_step": Setup(
        "layer",
        ("x", "prev_h", "prev_c", "Wx", "Wh", "b"),
        {"x": "3x4", "prev_h": "3x5", "prev_c": "3x5", "Wx": "4x20", "Wh": "5x20", "b": "20"},
    ),
    "rnn_layers.py:word_embedding": Setup("layer", ("W",), {"W": "5x3"}, {"x": "[[0,2,1],[2,2,4]]"}),
    "rnn_layers.py:temporal_affine": Setup("layer", ("x", "w", "b"), {"x": "2x3x4", "w": "4x5", "b": "5"}),
    "rnn_layers.py:attention": Setup("layer", ("Q", "K", "V"), {"Q": "4x3", "K": "5x3", "V": "5x2"}),
    "activations.py:sigmoid": Setup("layer", ("x",), {"x": "4x5"}),
    "activations.py:tanh": Setup("layer", ("x",), {"x": "4x5"}),
    "activations.py:leaky_relu": Setup("layer", ("x",), {"x": "4x5"}),
    "activations.py:softplus": Setup("layer", ("x",), {"x": "4x5"}),
    "activations.py:gelu": Setup("layer", ("x",), {"x": "4x5"}),
    "activations.py:swish": Setup("layer", ("x", "beta"), {"x": "4x5"}, {"beta": "1.3"}),
    "activations.py:prelu": Setup("layer", ("x", "alpha"), {"x": "6x4", "alpha": "4"}),
    "losses.py:svm_loss_naive": Setup(
        "loss", ("W",), {"W": "6x4", "X": "9x6"}, {"y": "[0,3,2,1,1,0,2,3,1]"}, {"reg": 0.3}
    ),
    "losses.py:softmax_loss_vectorized": Setup(
        "loss", ("W",), {"W": "6x4", "X": "9x6"}, {"y": "[0,3,2,1,1,0,2,3,1]"}, {"reg": 0.3}
    ),
    "losses.py:mse_loss": Setup("loss", ("pred",), {"pred": "4x3", "target": "4x3"}),
    "losses.py:huber_loss": Setup("loss", ("pred",), {"pred": "5x4", "target": "5x4"}),
    "losses.py:bce_loss": Setup("loss", ("logits",), {"logits": "6"}, {"labels": "[0,1,1,0,1,0]"}),
    "losses.py:cross_entropy_loss": Setup(
        "loss",
        ("probs",),
        {},
        {
            "probs": "[[0.2,0.5,0.3],[0.6,0.3,0.1],[0.1,0.15,0.75],[0.25,0.35,0.4]]",
            "targets": "[[0,1,0],[1,0,0],[1,0,0],[0,0,1]]",
        },
    ),
    "classes.py:MulLayer": Setup("class", ("x", "y"), {"x": "4x3", "y": "4x3"}),
    "classes.py:AddLayer": Setup("class", ("x", "y"), {"x": "4x3", "y": "3"}),
    "classes.py:Relu": Setup("class", ("x",), {"x": "4x5"}),
    "classes.py:Sigmoid": Setup("class", ("x",), {"x": "4x5"}),
    "classes.py:Affine": Setup("class", ("x", "W", "b"), {"x": "4x2x3", "W": "6x5", "b": "5"}),
    "classes.py:SoftmaxWithLoss": Setup("class", ("x",), {"x": "5x4"}, {"t": "[0,3,2,1,1]"}),
    "classes.py:BatchNormalization": Setup("class", NORM, {"x": "6x4", "gamma": "4", "beta": "4"}),
    "classes.py:Dropout": Setup("class", ("x",), {"x": "5x6"}, params={"dropout_ratio": 0.4}),
    "classes.py:Convolution": Setup(
        "class",
        ("x", "W", "b"),
        {"x": "2x2x7x6", "W": "3x2x3x4", "b": "3"},
        params={"stride": 2, "pad": 1},
    ),
    "classes.py:Pooling": Setup(
        "class", ("x",), {"x": "2x2x7x8"}, params={"pool_h": 3, "pool_w": 4, "stride": 2}
    ),
    "recurrent_classes.py:MatMul": Setup("class", ("x", "W"), {"x": "4x3", "W": "3x5"}),
    "recurrent_classes.py:Embedding": Setup("class", ("W",), {"W": "5x3"}, {"idx": "[0,2,2,4,2]"}),
    "recurrent_classes.py:RNN": Setup(
        "class",
        ("x", "h_prev", "Wx", "Wh", "b"),
        {"x": "3x4", "h_prev": "3x5", "Wx": "4x5", "Wh": "5x5", "b": "5"},
    ),
    "recurrent_classes.py:LSTM": Setup(
        "class",
        ("x", "h_prev", "c_prev", "Wx", "Wh", "b"),
        {"x": "3x4", "h_prev": "3x5", "c_prev": "3x5", "Wx": "4x20", "Wh": "5x20", "b": "20"},
    ),
    "recurrent_classes.py:TimeAffine": Setup("class", ("x", "W", "b"), {"x": "2x3x4", "W": "4x5", "b": "5"}),
    "networks.py:TwoLayerNet": Setup(
        "network",
        WEIGHTS,
        {"X": "5x4"},
        {"y": "[0,2,1,2,1]"},
        {"input_dim": 4, "hidden_dim": 7, "num_classes": 3, "weight_scale": 0.5, "reg": 0.3},
    ),
    "networks.py:LayeredNet": Setup(
        "network",
        WEIGHTS,
        {"x": "5x4"},
        {"t": "[0,2,1,2,1]"},
        {"input_size": 4, "hidden_size": 7, "output_size": 3, "weight_init_std": 0.5},
    ),
    "functions.py:rosenbrock,grad_rosenbrock": Setup("pair", ("x",), {"x": "5"}),
    "functions.py:himmelblau,grad_himmelblau": Setup("pair", ("p",), {"p": "2"}),
    "functions.py:logistic_loss,grad_logistic_loss": Setup(
        "pair", ("w",), {"w": "3", "X": "6x3"}, {"y": "[1,-1,-1,1,1,-1]"}
    ),
    "functions.py:ridge": Setup("loss", ("w",), {"w": "3", "X": "6x3", "y": "6"}),
    "functions.py:log_sum_exp": Setup("loss", ("x",), {"x": "5"}),
    "functions.py:quadratic_form": Setup("loss", ("x", "A", "b"), {"x": "4", "A": "4x4", "b": "4"}),
    "functions.py:entropy,grad_entropy": Setup("pair", ("p",), {}, {"p": "[0.2,0.45,0.05,0.3]"}),
    "functions.py:distance": Setup("loss", ("a", "b"), {"a": "4", "b": "4"}),
    "functions.py:gaussian_loglik": Setup(
        "loss", ("mu", "log_sigma"), {"x": "6"}, {"mu": "0.7", "log_sigma": "-0.4"}
    ),
    "functions.py:polynomial": Setup("loss", ("c", "x"), {"c": "4", "x": "5"}),
    "functions.py:trace_product": Setup("loss", ("A", "B"), {"A": "3x4", "B": "4x3"}),
    "functions.py:log_det,grad_log_det": Setup("pair", ("A",), {"A": "4x4"}),
    "functions.py:variance": Setup("loss", ("x",), {"x": "6"}),
    "functions.py:matrix_factorisation": Setup(
        "loss",
        ("U", "V"),
        {"U": "4x2", "V": "5x2"},
        {"R": "[[5,3,0,1,0],[4,0,0,1,2],[1,1,0,5,0],[0,1,5,4,3]]"},
    ),
    "functions.py:pendulum": Setup("loss", ("theta", "omega"), {}, {"theta": "0.6", "omega": "-1.7"}),
    "functions.py:sigmoid_neuron": Setup(
        "loss", ("w", "x"), {}, {"w": "[2.0,-3.0,-3.0]", "x": "[-1.0,-2.0]"}
    ),
    "torch_code.py:Cube": Setup("torch", ("x",), {"x": "4x3"}),
    "torch_code.py:Linear": Setup(
        "torch", ("x", "weight", "bias"), {"x": "4x3", "weight": "5x3", "bias": "5"}
    ),
    "torch_code.py:SoftmaxCrossEntropy": Setup(
        "torch", ("logits",), {"logits": "5x4"}, {"labels": "[0,3,2,1,1]"}
    ),
    "torch_code.py:ScaledTanh": Setup("torch", ("x",), {"x": "4x3"}, params={"scale": 1.7}),
    "torch_code.py:Dense": Setup(
        "torch", ("x", "weight", "bias"), {"x": "4x3"}, params={"in_features": 3, "out_features": 5}
    ),
    "jax_code.py:log1pexp": Setup("jax", ("x",), {"x": "4x3"}),
    "jax_code.py:affine": Setup("jax", ("x", "w", "b"), {"x": "4x3", "w": "3x5", "b": "5"}),
    "jax_code.py:unit": Setup("jax", ("x",), {"x": "5"}),
}
