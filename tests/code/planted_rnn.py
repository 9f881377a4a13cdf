"""Mistakes in recurrent layers, embeddings and attention."""

from __future__ import annotations

from planting import Planted, planter

step = planter("rnn_layers.py", "rnn_step")
rnn = planter("rnn_layers.py", "rnn")
lstm = planter("rnn_layers.py", "lstm_step")

ALL = "x prev_h Wx Wh b"
SLOPE = "dz = dnext_h * (1 - next_h**2)"
STEP: tuple[Planted, ...] = (
    step(SLOPE, "dz = dnext_h * (1 - next_h)", ALL, "missing-factor", "1 - tanh for 1 - tanh^2"),
    step(SLOPE, "dz = dnext_h", ALL, "missing-factor", "slope of tanh forgotten"),
    step(SLOPE, "dz = dnext_h * (1 - np.tanh(next_h) ** 2)", ALL, "wrong-point", "tanh twice"),
    step(SLOPE, "dz = 1 - next_h**2", ALL, "upstream-ignored", "upstream ignored"),
    step(
        SLOPE, "dz = dnext_h * next_h * (1 - next_h)", ALL, "missing-factor extra-factor", "slope of sigmoid"
    ),
    step(SLOPE, "dz = -dnext_h * (1 - next_h**2)", ALL, "sign", "sign lost"),
    step(
        "dprev_h = dz.dot(Wh.T)\n    dWx = x.T.dot(dz)",
        "dprev_h = dz.dot(Wh)\n    dWx = x.T.dot(dz)",
        "prev_h",
        "transposed",
        "Wh for its transpose: it is square",
    ),
    step("dWh = prev_h.T.dot(dz)", "dWh = dz.T.dot(prev_h)", "Wh", "transposed", "product transposed"),
    step("dWh = prev_h.T.dot(dz)", "dWh = next_h.T.dot(dz)", "Wh", "wrong-point", "next_h for prev_h"),
    step("db = dz.sum(axis=0)", "db = dz.mean(axis=0)", "b", "averaged factor", "mean for sum"),
    step("db = dz.sum(axis=0)", "db = dz", "b", "not-summed", "batch not summed"),
    step("db = dz.sum(axis=0)", "db = dz.sum()", "b", "not-summed", "everything summed"),
    step("db = dz.sum(axis=0)", "db = dnext_h.sum(axis=0)", "b", "missing-factor", "slope of tanh forgotten"),
    step("dx = dz.dot(Wx.T)", "dx = dnext_h.dot(Wx.T)", "x", "missing-factor", "slope of tanh forgotten"),
    step(
        "dWx = x.T.dot(dz)\n", "dWx = x.T.dot(dnext_h)\n", "Wx", "missing-factor", "slope of tanh forgotten"
    ),
    step(
        "return dx, dprev_h, dWx, dWh, db\n\n\ndef rnn_f",
        "return dx, dprev_h, dWh, dWx, db\n\n\ndef rnn_f",
        "Wx Wh",
        "swapped",
        "returned in another order",
    ),
    step(
        "return dx, dprev_h, dWx, dWh, db\n\n\ndef rnn_f",
        "return dprev_h, dx, dWx, dWh, db\n\n\ndef rnn_f",
        "x prev_h",
        "swapped",
        "returned in another order",
    ),
    step(SLOPE, "dnext_h *= 1 - next_h**2\n    dz = dnext_h", "", "mutates", "right, but in place"),
)

RNN: tuple[Planted, ...] = (
    rnn(
        "total = dh[:, t] + carry",
        "total = dh[:, t]",
        "x h0 Wx Wh b",
        "lost-term",
        "the later steps are forgotten",
    ),
    rnn(
        "total = dh[:, t] + carry", "total = carry", "x h0 Wx Wh b", "zero lost-term", "the step's own output"
    ),
    rnn("dWx += dWx_t", "dWx = dWx_t", "Wx", "overwritten", "= for +="),
    rnn("dWh += dWh_t", "dWh = dWh_t", "Wh", "overwritten", "= for +="),
    rnn("db += db_t", "db = db_t", "b", "overwritten", "= for +="),
    rnn("reversed(range(T))", "range(T)", "x h0 Wx Wh b", "lost-term flipped permuted", "forwards in time"),
    rnn(
        "reversed(range(T))",
        "reversed(range(1, T))",
        "x h0 Wx Wh b",
        "lost-term region",
        "the first step is lost",
    ),
    rnn(
        "reversed(range(T))",
        "reversed(range(T - 1))",
        "x h0 Wx Wh b",
        "lost-term region",
        "the last step is lost",
    ),
    rnn("dh0 = carry", "dh0 = np.zeros((N, H))", "h0", "zero", "never filled"),
    rnn("dh0 = carry", "dh0 = carry + dh[:, 0]", "h0", "extra-term", "the first output is no h0"),
    rnn("    dh0 = carry\n", "    dh0 = carry\n    db /= T\n", "b", "averaged factor", "averaged over time"),
    rnn("dx[:, t], carry", "dx[:, T - 1 - t], carry", "x", "flipped permuted", "time reversed"),
    rnn(
        "total = dh[:, t] + carry",
        "total = dh[:, t]\n        total += carry",
        "",
        "mutates",
        "right, but in place",
    ),
    rnn(
        "total = dh[:, t] + carry",
        "total = dh[:, -1] if t == T - 1 else carry",
        "x h0 Wx Wh b",
        "lost-term output-lost",
        "the last output only",
    ),
)

LSTM_ALL = "x prev_h Wx Wh b"
LSTM: tuple[Planted, ...] = (
    lstm(
        "dc = dnext_c + dnext_h * o * (1 - tanh_c**2)",
        "dc = dnext_h * o * (1 - tanh_c**2)",
        "x prev_h prev_c Wx Wh b",
        "output-lost lost-term",
        "dnext_c forgotten",
    ),
    lstm(
        "dc = dnext_c + dnext_h * o * (1 - tanh_c**2)",
        "dc = dnext_c",
        "x prev_h prev_c Wx Wh b",
        "output-lost lost-term",
        "path from h to c forgotten",
    ),
    lstm(
        "dc = dnext_c + dnext_h * o * (1 - tanh_c**2)",
        "dc = dnext_c + dnext_h * o * (1 - tanh_c)",
        "x prev_h prev_c Wx Wh b",
        "missing-factor",
        "1 - tanh for 1 - tanh^2",
    ),
    lstm(
        "dc = dnext_c + dnext_h * o * (1 - tanh_c**2)",
        "dc = dnext_c + dnext_h * (1 - tanh_c**2)",
        "x prev_h prev_c Wx Wh b",
        "missing-factor",
        "output gate forgotten",
    ),
    lstm(
        "dc = dnext_c + dnext_h * o * (1 - tanh_c**2)",
        "dc = dnext_c + dnext_h * o",
        "x prev_h prev_c Wx Wh b",
        "missing-factor",
        "slope of tanh forgotten",
    ),
    lstm("do = dnext_h * tanh_c", "do = dnext_h * next_c", LSTM_ALL, "wrong-point region", "c for tanh(c)"),
    lstm(
        "di = dc * g\n    df = dc * prev_c",
        "di = dc * prev_c\n    df = dc * g",
        LSTM_ALL,
        "swapped permuted region",
        "gates i and f exchanged",
    ),
    lstm(
        "np.hstack((dai, daf, dao, dag))",
        "np.hstack((daf, dai, dao, dag))",
        LSTM_ALL,
        "permuted swapped region",
        "gates i and f exchanged",
    ),
    lstm(
        "np.hstack((dai, daf, dao, dag))",
        "np.hstack((dai, daf, dag, dao))",
        LSTM_ALL,
        "permuted swapped region",
        "gates o and g exchanged",
    ),
    lstm(
        "dag = dg * (1 - g**2)",
        "dag = dg * g * (1 - g)",
        LSTM_ALL,
        "missing-factor extra-factor region",
        "sigmoid's slope",
    ),
    lstm(
        "dag = dg * (1 - g**2)",
        "dag = dg * (1 - np.tanh(g) ** 2)",
        LSTM_ALL,
        "wrong-point region",
        "tanh twice",
    ),
    lstm("dai = di * i * (1 - i)", "dai = di * i", LSTM_ALL, "missing-factor region", "1 - i forgotten"),
    lstm(
        "daf = df * f * (1 - f)",
        "daf = df * sigmoid(f) * (1 - sigmoid(f))",
        LSTM_ALL,
        "wrong-point region",
        "sigmoid twice",
    ),
    lstm("dg = dc * i", "dg = dc * f", LSTM_ALL, "swapped region", "f for i"),
    lstm("dprev_c = dc * f", "dprev_c = dc", "prev_c", "missing-factor", "forget gate forgotten"),
    lstm(
        "dprev_c = dc * f",
        "dprev_c = dnext_c * f",
        "prev_c",
        "output-lost lost-term",
        "path from h forgotten",
    ),
    lstm("dprev_c = dc * f", "dprev_c = dc * i", "prev_c", "swapped", "i for f"),
    lstm("db = da.sum(axis=0)", "db = da.mean(axis=0)", "b", "averaged factor", "mean for sum"),
    lstm("db = da.sum(axis=0)", "db = da", "b", "not-summed", "batch not summed"),
    lstm("dWh = prev_h.T.dot(da)", "dWh = prev_c.T.dot(da)", "Wh", "swapped wrong-point", "c for h"),
    lstm(
        "return dx, dprev_h, dprev_c, dWx",
        "return dx, dprev_c, dprev_h, dWx",
        "prev_h prev_c",
        "swapped",
        "returned in another order",
    ),
    lstm("df = dc * prev_c", "df = dc * next_c", LSTM_ALL, "wrong-point region", "next_c for prev_c"),
    lstm(
        "da = np.hstack((dai, daf, dao, dag))",
        "da = np.hstack((dai, daf, 0 * dao, dag))",
        LSTM_ALL,
        "lost-term output-lost region",
        "output gate lost",
    ),
    lstm("dprev_c = dc * f", "dprev_c = dc * f + dnext_c", "prev_c", "extra-term", "dnext_c counted again"),
)

MISTAKES: tuple[Planted, ...] = STEP + RNN + LSTM
