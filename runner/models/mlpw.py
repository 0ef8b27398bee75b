"""mlpw.py - reads and writes weights files (the layout is in runner/net.h)"""
import hashlib
import os
import struct

import numpy as np

MAGIC, VERSION, LAYERS = b"MLPW", 2, 4
HEAD = struct.Struct("<4sIII48s32s")
LAYER_HEAD = struct.Struct("<III")


class Layer:
    """n neurons of k inputs.

    Integer files: w int8 [n, k], mul and add int32 [n], shift.
    Half-precision files: w float16 [n, k], bias float32 [n]."""

    def __init__(self, w, mul=None, add=None, shift=0, bias=None):
        self.w, self.mul, self.add, self.shift = w, mul, add, shift
        self.bias = bias


def pack_fields(w, bits):
    """Two's complement fields, lowest first, each row padded to a byte."""
    fields = 8 // bits
    n, k = w.shape
    padded = np.zeros((n, -(-k // fields) * fields), np.uint8)
    padded[:, :k] = w.astype(np.int64) & ((1 << bits) - 1)
    packed = np.zeros((n, padded.shape[1] // fields), np.uint8)
    for field in range(fields):
        packed |= padded[:, field::fields] << (field * bits)
    return packed


def unpack_fields(packed, k, bits):
    """The inverse of pack_fields(): int8 [n, k]."""
    fields = 8 // bits
    out = np.empty((packed.shape[0], packed.shape[1] * fields), np.int8)
    for field in range(fields):
        out[:, field::fields] = packed >> (field * bits) & ((1 << bits) - 1)
    sign = 1 << (bits - 1)
    return ((out[:, :k] ^ sign) - sign).astype(np.int8)


def layer_bytes(layer, bits):
    head = LAYER_HEAD.pack(*layer.w.shape, layer.shift)
    if bits == 16:
        return (head + layer.w.astype("<f2").tobytes() +
                layer.bias.astype("<f4").tobytes())
    return (head + pack_fields(layer.w, bits).tobytes() +
            layer.mul.astype("<i4").tobytes() +
            layer.add.astype("<i4").tobytes())


def write(path, bits, layers, trainer):
    """Write a weights file, whole or not at all; trainer: at most 47 bytes."""
    body = b"".join(layer_bytes(layer, bits) for layer in layers)
    name = trainer.encode("ascii")
    if len(name) > 47:
        raise ValueError(f"trainer '{trainer}' has more than 47 bytes")
    head = HEAD.pack(MAGIC, VERSION, bits, LAYERS, name,
                     hashlib.sha256(body).digest())
    with open(path + ".new", "wb") as file:
        file.write(head + body)
    os.replace(path + ".new", path)


class Cursor:
    """What is left of a file's bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def array(self, dtype, *shape):
        count = int(np.prod(shape))
        out = np.frombuffer(self.data, dtype, count, self.at).reshape(shape)
        self.at += out.nbytes
        return out


def read_layer(cursor, bits):
    n, k, shift = (int(v) for v in cursor.array("<u4", 3))
    if bits == 16:
        w = cursor.array("<f2", n, k)
        return Layer(w, bias=cursor.array("<f4", n))
    w = unpack_fields(cursor.array(np.uint8, n, -(-k * bits // 8)), k, bits)
    mul = cursor.array("<i4", n)
    return Layer(w, mul, cursor.array("<i4", n), shift)


def read(path):
    """-> (bits, layers, trainer); ValueError if the file is not whole."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < HEAD.size or data[:4] != MAGIC:
        raise ValueError(f"{path} does not begin with a weights head")
    _, version, bits, layers, trainer, digest = HEAD.unpack_from(data)
    if version != VERSION or bits not in (2, 4, 16) or layers != LAYERS:
        raise ValueError(f"{path}: version {version}, {bits} bits, "
                         f"{layers} layers are not known")
    if hashlib.sha256(data[HEAD.size:]).digest() != digest:
        raise ValueError(f"{path}: its bytes have changed since training")
    cursor = Cursor(data[HEAD.size:])
    return (bits, [read_layer(cursor, bits) for _ in range(layers)],
            trainer.rstrip(b"\0").decode("ascii"))
