"""Photos as PNG files, and graphs whose numbers depend on them."""

import struct
import zlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RNG = np.random.default_rng(7)
SIZE = 64
ANCHORS = sum((SIZE // stride) ** 2 for stride in (8, 16, 32))
NAMES = ["potter's wheel", "pot", "plant"]
FLOAT = TensorProto.FLOAT


def write_png(path: Path, rgb: np.ndarray) -> None:
    height, width, _ = rgb.shape
    rows = b"".join(b"\0" + rgb[y].tobytes() for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def tensor(rgb: np.ndarray, mean=0.0, std=1.0, bgr=False) -> np.ndarray:
    pixels = rgb[:, :, ::-1] if bgr else rgb
    scaled = (pixels.astype(np.float64) / 255 - np.array(mean)) / np.array(std)
    return scaled.astype(np.float32).transpose(2, 0, 1)[None].copy()


class Graph:
    def __init__(self):
        self.nodes, self.weights, self.count = [], [], 0

    def weight(self, array) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def add(self, op: str, *inputs, out: str | None = None, **attributes) -> str:
        self.count += 1
        out = out or f"t{self.count}"
        self.nodes.append(helper.make_node(op, list(inputs), [out], **attributes))
        return out

    def save(self, path: Path, inputs, outputs, metadata=None) -> None:
        graph = helper.make_graph(self.nodes, "g", inputs, outputs, self.weights)
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=9)
        helper.set_model_props(model, {k: str(v) for k, v in (metadata or {}).items()})
        onnx.checker.check_model(model)
        onnx.save(model, path)


def info(name, dims, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, dims)


def features(g: Graph, channels=3) -> str:
    pooled = g.add("AveragePool", "images", kernel_shape=[8, 8], strides=[8, 8])
    shape = g.weight(np.array([1, channels * 64], np.int64))
    return g.add("Reshape", pooled, shape)


def head(g: Graph, trunk: str, dims, low, high, to: str, spread=0.25, channels=3) -> None:
    """[1, *dims], low to high (which broadcast against it), by a random layer of the photo."""
    count = int(np.prod(dims))
    weights = RNG.normal(0, spread, (channels * 64, count)).astype(np.float32)
    centred = g.add("Sub", trunk, g.weight(np.float32(0.5)))
    flat = g.add("MatMul", centred, g.weight(weights))
    shaped = g.add("Reshape", flat, g.weight(np.array([1, *dims], np.int64)))
    unit = g.add("Sigmoid", shaped)
    low, high = np.broadcast_to(low, dims), np.broadcast_to(high, dims)
    scaled = g.add("Mul", unit, g.weight((high - low).astype(np.float32)[None]))
    g.add("Add", scaled, g.weight(low.astype(np.float32)[None]), out=to)


def columns(*parts):
    """low and high of each channel, from (count, low, high)."""
    low = np.concatenate([np.full(n, a, float) for n, a, _ in parts])
    high = np.concatenate([np.full(n, b, float) for n, _, b in parts])
    return low, high


IMAGE = info("images", [1, 3, SIZE, SIZE])
