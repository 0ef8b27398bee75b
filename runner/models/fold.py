"""fold.py - a trained network to the numbers that the runner computes with

docs/runner.md, "Integer semantics", has the formulas.  The accuracies here
are the runner's, computed a second time: exact integers for 2 and 4 bits.
"""
import numpy as np

from mlpw import LAYERS, Layer

INT32_MAX = 2 ** 31 - 1


def widest_shift(a, b, reach):
    """The largest shift at which no mul * acc + add leaves 32 bits."""
    shift = 30
    while np.max(np.abs(np.rint(a * 2.0 ** shift)) * reach +
                 np.abs(np.rint(b * 2.0 ** shift))) >= INT32_MAX:
        shift -= 1
    return shift


def affine_of(net, at):
    """Batch norm as gain and offset of the plain sums, float64 [n]."""
    norm = net.norm[at]
    gain = (net.gamma(at).detach().double() /
            (norm.running_var.double() + norm.eps).sqrt()).numpy()
    return gain, (norm.bias.detach().double().numpy() -
                  gain * norm.running_mean.double().numpy())


def fold_layer(net, at, in_step):
    """-> the integer layer and the step of its output."""
    top = (1 << net.bits) - 1
    w = net.linear[at].levels().numpy().astype(np.int64)
    gain, b = affine_of(net, at)
    a = gain * float(net.linear[at].step) * in_step
    out_step = 1.0
    if at < LAYERS - 1:
        out_step = float(net.act[at].step)
        a, b = a / out_step, b / out_step + 0.5
    reach = top * np.maximum(np.clip(w, 0, None).sum(1),
                             np.clip(-w, 0, None).sum(1))
    shift = widest_shift(a, b, reach)
    scale = 2.0 ** shift
    return Layer(w.astype(np.int8), np.rint(a * scale).astype(np.int32),
                 np.rint(b * scale).astype(np.int32), shift), out_step


def fold_integers(net):
    """The four layers of a 2 or 4-bit file."""
    step, layers = 1.0 / ((1 << net.bits) - 1), []
    for at in range(LAYERS):
        layer, step = fold_layer(net, at, step)
        layers.append(layer)
    return layers


def fold_halves(net):
    """The four layers of a half-precision file, batch norm folded in."""
    layers = []
    for at in range(LAYERS):
        gain, bias = affine_of(net, at)
        w = net.linear[at].w.detach().double().numpy() * gain[:, None]
        layers.append(Layer(w.astype(np.float32).astype(np.float16),
                            bias=bias.astype(np.float32)))
    return layers


def predict_integers(layers, pixels, bits):
    """Classes [n] of pixels uint8 [n, 784], in exact integers."""
    top = (1 << bits) - 1
    acts = (pixels.astype(np.int64) * top + 127) // 255
    for at, layer in enumerate(layers):
        # float64 products are exact here: every sum is below 2^53
        acc = acts.astype(np.float64) @ layer.w.T.astype(np.float64)
        y = acc.astype(np.int64) * layer.mul + layer.add
        if at == LAYERS - 1:
            return y.argmax(1)
        acts = np.clip(y >> layer.shift, 0, top)


def predict_halves(layers, pixels):
    """Classes [n], weights in half, arithmetic in single precision."""
    x = pixels.astype(np.float32) / 255
    for at, layer in enumerate(layers):
        x = x @ layer.w.T.astype(np.float32) + layer.bias
        if at < LAYERS - 1:
            x = np.maximum(x, 0)
    return x.argmax(1)


def predict(bits, layers, pixels):
    """Classes [n] by the rules of a weights file of these bits."""
    if bits == 16:
        return predict_halves(layers, pixels)
    return predict_integers(layers, pixels, bits)
