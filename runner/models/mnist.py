"""mnist.py - the training and test images, and the warped copies

Files are the four IDX files of MNIST (http://yann.lecun.com/exdb/mnist),
raw or .gz, as scripts/fetch-mnist lays them into data/mnist.
"""
import gzip
import math
import os

import numpy as np
import torch
import torch.nn.functional as F

PIXELS = 784
SIDE = 28
POOL_SEED = 7  # of the warps: one pool serves every network


def read_idx(path):
    """The array of bytes in an IDX file, or in PATH.gz."""
    opener = open
    if not os.path.exists(path):
        path, opener = path + ".gz", gzip.open
    with opener(path, "rb") as file:
        raw = file.read()
    dims = [int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big")
            for i in range(raw[3])]
    if raw[:3] != b"\0\0\x08" or len(raw) != 4 + 4 * raw[3] + math.prod(dims):
        raise ValueError(f"{path} is not an IDX file of bytes, or not whole")
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(dims)


def load(folder, part):
    """Images uint8 [n, 784] and labels int64 [n]; part: "train" or "t10k"."""
    images = read_idx(os.path.join(folder, f"{part}-images-idx3-ubyte"))
    labels = read_idx(os.path.join(folder, f"{part}-labels-idx1-ubyte"))
    return (torch.from_numpy(images.copy()).view(-1, PIXELS),
            torch.from_numpy(labels.copy()).long())


def quant_input(pixels, bits):
    """Pixels to activations; the runner's integer formula for bits < 32."""
    if bits == 32:
        return pixels.float() / 255
    top = (1 << bits) - 1
    level = torch.div(pixels.int() * top + 127, 255, rounding_mode="floor")
    return level.float() / top


def smooth_noise(count, gen, sigma=4.0, amplitude=2.0):
    """Displacements [count, 28, 28, 2] in grid units, blurred noise."""
    r = torch.arange(-8, 9, dtype=torch.float32)
    blur = torch.exp(-r * r / (2 * sigma * sigma))
    blur = blur / blur.sum()
    noise = torch.rand(count, 2, SIDE, SIDE, generator=gen) * 2 - 1
    noise = F.conv2d(noise.view(-1, 1, SIDE, SIDE), blur.view(1, 1, 1, -1),
                     padding=(0, 8))
    noise = F.conv2d(noise, blur.view(1, 1, -1, 1), padding=(8, 0))
    noise = noise.view(count, 2, SIDE, SIDE)
    return (noise / noise.std() * (amplitude / 14 * .5)).permute(0, 2, 3, 1)


def affine(count, gen, rot=12.0, scale=.12, shear=.15, shift=2.0):
    """One random affine map [count, 2, 3] an image; rot in degrees, shift
    in pixels."""
    def uniform(limit):
        return (torch.rand(count, generator=gen) * 2 - 1) * limit
    angle = uniform(rot * math.pi / 180)
    sx, sy, sh = 1 + uniform(scale), 1 + uniform(scale), uniform(shear)
    c, s = torch.cos(angle), torch.sin(angle)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = c * sx, (-s + sh) * sy
    theta[:, 1, 0], theta[:, 1, 1] = s * sx, c * sy
    theta[:, 0, 2] = uniform(shift * 2 / SIDE)
    theta[:, 1, 2] = uniform(shift * 2 / SIDE)
    return theta


def warp(images, gen, chunk=4000):
    """Each image [n, 784] by its own affine map and smooth elastic warp
    (Simard, Steinkraus and Platt, ICDAR 2003)."""
    out = torch.empty_like(images)
    for at in range(0, images.shape[0], chunk):
        part = images[at:at + chunk].view(-1, 1, SIDE, SIDE).float()
        count = part.shape[0]
        grid = F.affine_grid(affine(count, gen), (count, 1, SIDE, SIDE),
                             align_corners=False)
        grid = grid + smooth_noise(count, gen)
        part = F.grid_sample(part, grid, align_corners=False)
        out[at:at + chunk] = part.round().clamp(0, 255).to(
            torch.uint8).view(-1, PIXELS)
    return out


def warped_pool(images, copies, folder):
    """`copies` warped sets [copies, n, 784], made once, then mapped."""
    if not copies:
        return None
    path = os.path.join(folder,
                        f"warped-{POOL_SEED}-{copies}-{images.shape[0]}.npy")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        gen = torch.Generator().manual_seed(POOL_SEED)
        new = f"{path}.{os.getpid()}"
        pool = np.lib.format.open_memmap(new, "w+", np.uint8,
                                         (copies,) + tuple(images.shape))
        for copy in range(copies):
            pool[copy] = warp(images, gen).numpy()
        pool.flush()
        os.rename(new, path)
    return np.load(path, mmap_mode="r")
