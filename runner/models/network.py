"""network.py - the network while it is trained: 784-W-W-W-10, fake-quantised

Learned step sizes after Esser et al., "Learned step size quantization"
(ICLR 2020), straight-through gradients after Bengio et al. (2013).
"""
import math

import torch
import torch.nn.functional as F

LAYERS = 4
GAMMA_MIN = 1e-3  # batch norm's gain stays positive: folding stays monotone


class LearnedStep(torch.autograd.Function):
    """v = s * clamp(round(x / s), lo, hi), with a gradient for the step s."""

    @staticmethod
    def forward(ctx, x, step, lo, hi, gain):
        q = x / step
        level = q.clamp(lo, hi).round()
        ctx.save_for_backward(q, level)
        ctx.limits = lo, hi, gain
        return level * step

    @staticmethod
    def backward(ctx, grad):
        q, level = ctx.saved_tensors
        lo, hi, gain = ctx.limits
        inside = (q >= lo) & (q <= hi)
        of_step = (grad * torch.where(inside, level - q, level) * gain).sum()
        return grad * inside, of_step.view(1), None, None, None


class ProductBf16(torch.autograd.Function):
    """x @ w.T in bfloat16 with float32 in and out."""

    @staticmethod
    def forward(ctx, x, w):
        x, w = x.bfloat16(), w.bfloat16()
        ctx.save_for_backward(x, w)
        return F.linear(x, w).float()

    @staticmethod
    def backward(ctx, grad):
        x, w = ctx.saved_tensors
        grad = grad.bfloat16()
        of_x = (grad @ w).float() if ctx.needs_input_grad[0] else None
        return of_x, (grad.t() @ x).float()


class Linear(torch.nn.Module):
    """A layer without bias; weights two's complement if bits < 32."""

    def __init__(self, inputs, outputs, bits, bf16):
        super().__init__()
        self.bits, self.bf16 = bits, bf16
        self.w = torch.nn.Parameter(torch.empty(outputs, inputs))
        torch.nn.init.kaiming_normal_(self.w)
        if bits < 32:
            self.lo, self.hi = -(1 << bits - 1), (1 << bits - 1) - 1
            step = 2 * self.w.detach().abs().mean() / math.sqrt(
                self.hi if bits > 2 else 1.5)
            self.step = torch.nn.Parameter(step.view(1))
            self.gain = 1 / math.sqrt(inputs * outputs * self.hi)

    def forward(self, x):
        w = self.w
        if self.bits < 32:
            w = LearnedStep.apply(w, self.step, self.lo, self.hi, self.gain)
        if self.bf16 and self.training:
            return ProductBf16.apply(x, w)
        return F.linear(x, w)

    def levels(self):
        """The integers that are stored, int32 [outputs, inputs]."""
        level = self.w.detach() / self.step.detach()
        return level.clamp(self.lo, self.hi).round().to(torch.int32)


class Activation(torch.nn.Module):
    """Unsigned levels 0 to 2^bits - 1 with one learned step."""

    def __init__(self, bits):
        super().__init__()
        self.hi = (1 << bits) - 1
        self.step = torch.nn.Parameter(torch.tensor([2.0 / self.hi]))

    def forward(self, x):
        gain = 1 / math.sqrt(x.numel() * self.hi)
        return LearnedStep.apply(x, self.step, 0, self.hi, gain)


class Mlp(torch.nn.Module):
    """Four linear layers, batch norm after each, ReLU or levels between."""

    def __init__(self, width, bits, bf16=False):
        super().__init__()
        self.bits = bits
        sizes = [784, width, width, width, 10]
        self.linear = torch.nn.ModuleList(
            Linear(sizes[i], sizes[i + 1], bits, bf16) for i in range(LAYERS))
        self.norm = torch.nn.ModuleList(
            torch.nn.BatchNorm1d(n, momentum=.05) for n in sizes[1:])
        self.act = torch.nn.ModuleList(
            Activation(bits) if bits < 32 else torch.nn.ReLU()
            for _ in range(LAYERS - 1))

    def gamma(self, at):
        """Batch norm's gain as used: positive in quantised networks."""
        weight = self.norm[at].weight
        return weight.abs() + GAMMA_MIN if self.bits < 32 else weight

    def forward(self, x):
        for at in range(LAYERS):
            norm = self.norm[at]
            x = F.batch_norm(self.linear[at](x), norm.running_mean,
                             norm.running_var, self.gamma(at), norm.bias,
                             self.training, norm.momentum, norm.eps)
            if at < LAYERS - 1:
                x = self.act[at](x)
        return x
