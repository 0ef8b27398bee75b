#!/usr/bin/python3
"""train.py - trains the MNIST MLP 784-W-W-W-10 and writes its weights file

    train.py --width 256 --bits 2 [--epochs 40] [--out DIR]

bits 2 and 4 train quantised from the first step; 16 trains in single
precision and stores half.  Recipe, data and accuracies: README.md beside
this file.  One JSON line says what was reached; the test images are looked
at once, at the end.

Needs Debian's python3-torch and python3-numpy (scripts/packages/train.txt).
"""
import argparse
import json
import math
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import fold
import mlpw
import mnist
import network

TRAINER_VERSION = 1
WARM_UP_STEPS = 200
EPOCHS = {2: {256: 40, 512: 40, 1024: 12, 2048: 10},
          4: {256: 40, 512: 20, 1024: 16, 2048: 16},
          16: {256: 40, 512: 20, 1024: 16, 2048: 14}}


def parse_options():
    p = argparse.ArgumentParser(
        description="train one network and write its weights file")
    p.add_argument("--width", type=int, default=256)
    p.add_argument("--bits", type=int, default=2, choices=(2, 4, 16))
    p.add_argument("--epochs", type=int,
                   help="default: that of the committed weights, else 20")
    p.add_argument("--batch", type=int,
                   help="default 256, 512 from width 1024 up")
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--copies", type=int, default=16,
                   help="warped copies of the training set, 0 for none")
    p.add_argument("--clean", type=float, default=.15,
                   help="share of unwarped images in an epoch")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--bf16", action="store_true",
                   help="bfloat16 products: faster where the CPU has them")
    p.add_argument("--images", type=int, default=60000,
                   help="train on the first N images only")
    p.add_argument("--hold", type=int, default=0,
                   help="hold out the last N of them and report on them: "
                   "for choosing a recipe without the test set")
    p.add_argument("--data", default="data/mnist")
    p.add_argument("--cache", default="build/train",
                   help="folder of the warped copies (0.75 GB)")
    p.add_argument("--out", default=".", help="folder of the weights file")
    o = p.parse_args()
    o.batch = o.batch or (512 if o.width >= 1024 else 256)
    o.epochs = o.epochs or EPOCHS[o.bits].get(o.width, 20)
    return o


class Epochs:
    """Images of each epoch: one warped copy, a share of it unwarped."""

    def __init__(self, o):
        self.images, self.labels = mnist.load(o.data, "train")
        self.images = self.images[:o.images]
        self.count = self.images.shape[0] - o.hold
        self.pool = mnist.warped_pool(self.images, o.copies, o.cache)
        self.clean, self.batch = o.clean, o.batch
        self.steps = self.count // o.batch

    def batches(self, epoch):
        source = self.images
        if self.pool is not None:
            copy = np.array(self.pool[epoch % self.pool.shape[0]])
            keep = torch.rand(self.images.shape[0]) < self.clean
            source = torch.where(keep[:, None], source, torch.from_numpy(copy))
        order = torch.randperm(self.count)
        for at in range(self.steps):
            pick = order[at * self.batch:(at + 1) * self.batch]
            yield source[pick], self.labels[pick]


def rate(o, step, steps):
    """The learning rate: linear warm-up, then a cosine down to 0."""
    return (o.lr * min(1, (step + 1) / WARM_UP_STEPS) * .5 *
            (1 + math.cos(math.pi * step / steps)))


def train(o, epochs):
    """-> the trained network in evaluation mode."""
    net = network.Mlp(o.width, 32 if o.bits == 16 else o.bits, o.bf16)
    adam = torch.optim.Adam(net.parameters(), lr=o.lr, foreach=True)
    step = 0
    for epoch in range(o.epochs):
        start, total = time.time(), 0.0
        net.train()
        for pixels, labels in epochs.batches(epoch):
            adam.param_groups[0]["lr"] = rate(o, step, o.epochs * epochs.steps)
            step += 1
            loss = F.cross_entropy(net(mnist.quant_input(pixels, net.bits)),
                                   labels)
            adam.zero_grad(set_to_none=True)
            loss.backward()
            adam.step()
            total += float(loss)
        print(f"epoch {epoch + 1}/{o.epochs} loss {total / epochs.steps:.4f} "
              f"{time.time() - start:.1f} s", file=sys.stderr, flush=True)
    return net.eval()


def correct(bits, layers, images, labels):
    return int((fold.predict(bits, layers, images.numpy()) ==
                labels.numpy()).sum())


def wilson(k, n, z=1.959964):
    """95 % interval of a share k / n in percent (Wilson 1927)."""
    p, d = k / n, 1 + z * z / n
    mid = (p + z * z / (2 * n)) / d
    half = z / d * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return [round(100 * (mid - half), 2), round(100 * (mid + half), 2)]


def main():
    o = parse_options()
    start, cpu = time.time(), time.process_time()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    torch.set_flush_denormal(True)
    epochs = Epochs(o)
    net = train(o, epochs)
    layers = fold.fold_halves(net) if o.bits == 16 else fold.fold_integers(net)
    path = os.path.join(o.out, f"mlp-w{o.width}-b{o.bits}.mlpw")
    trainer = f"train.py {TRAINER_VERSION} seed {o.seed} epochs {o.epochs}"
    mlpw.write(path, o.bits, layers, trainer)
    images, labels = mnist.load(o.data, "t10k")
    k = correct(o.bits, layers, images, labels)
    said = dict(file=path, trainer=trainer, correct=k, n=len(labels),
                top1_pct=100 * k / len(labels), top1_95=wilson(k, len(labels)),
                wall_s=round(time.time() - start, 1),
                cpu_s=round(time.process_time() - cpu, 1))
    if o.hold:
        held = correct(o.bits, layers, epochs.images[epochs.count:],
                       epochs.labels[epochs.count:o.images])
        said.update(held_out_correct=held, held_out_n=o.hold)
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
