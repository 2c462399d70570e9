"""Makes a small model of each family and what it must give: `_families.py FOLDER`.

The graphs have the layouts of real exports and numbers that depend on the photo. What comes out of
them is read here with NumPy alone, on the runtime's own outputs, and written to expected.json; the
test compares a server's answers with it. Photos have the size of the input, so that no resizer differs.
"""

import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

RNG = np.random.default_rng(7)
SIZE = 64
ANCHORS = sum((SIZE // stride) ** 2 for stride in (8, 16, 32))
NAMES = ["potter's wheel", "pot", "plant"]
CONFIDENCE, IOU = 0.25, 0.45
FLOAT = TensorProto.FLOAT


# --- photos


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


# --- graphs


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
PROTOTYPES = 32


def ultralytics(folder: Path, name: str, task: str, extra, kpt_shape=None) -> None:
    low, high = columns((2, 0, SIZE), (2, 6, 26), (len(NAMES), -0.3, 0.75), *extra)
    g = Graph()
    trunk = features(g)
    head(g, trunk, (len(low), ANCHORS), low[:, None], high[:, None], "output0")
    outputs = [info("output0", [1, len(low), ANCHORS])]
    if task == "segment":
        head(g, trunk, (PROTOTYPES, 16, 16), -1, 1, "output1", spread=1)
        outputs.append(info("output1", [1, PROTOTYPES, 16, 16]))
    g.save(folder / f"{name}.onnx", [IMAGE], outputs, metadata_of(task, kpt_shape))


def final(folder: Path, name: str, task: str, extra, rows=12, kpt_shape=None) -> None:
    """Rows of box, score, class; the last four are not in use."""
    rotated = task == "obb"
    sides = ((2, 0, SIZE), (2, 6, 26)) if rotated else ((2, 0, 30), (2, 32, SIZE))
    low, high = columns(*sides, (1, 0.3, 0.95), (1, 0, 0), *extra)
    lows, highs = np.tile(low, (rows, 1)), np.tile(high, (rows, 1))
    lows[:, 5] = highs[:, 5] = np.arange(rows) % len(NAMES)
    lows[-4:], highs[-4:] = 0, 0
    g = Graph()
    trunk = features(g)
    head(g, trunk, lows.shape, lows, highs, "output0")
    outputs = [info("output0", [1, *lows.shape])]
    if task == "segment":
        head(g, trunk, (PROTOTYPES, 16, 16), -1, 1, "output1", spread=1)
        outputs.append(info("output1", [1, PROTOTYPES, 16, 16]))
    g.save(folder / f"{name}.onnx", [IMAGE], outputs, metadata_of(task, kpt_shape))


def metadata_of(task, kpt_shape=None):
    names = dict(enumerate(NAMES))
    own = {"kpt_shape": kpt_shape} if kpt_shape else {}
    return {"task": task, "names": names, "imgsz": [SIZE, SIZE], "stride": 32, **own}


# --- reading outputs


def order(scores):
    return sorted(range(len(scores)), key=lambda k: (-scores[k], k))


def iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0, width) * max(0, height)
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])  # noqa: E731
    return shared / (area(a) + area(b) - shared)


def gaussian(box):
    _, _, w, h, angle = box
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ np.diag([w * w / 12, h * h / 12]) @ turn.T


def prob_iou(a, b):
    """1 - Hellinger distance of two Gaussians, by the definition."""
    mean = (gaussian(a) + gaussian(b)) / 2
    apart = np.array(a[:2]) - np.array(b[:2])
    own = np.linalg.det(gaussian(a)) * np.linalg.det(gaussian(b))
    distance = apart @ np.linalg.inv(mean) @ apart / 8
    distance += np.log(np.linalg.det(mean) / np.sqrt(own)) / 2
    return 1 - np.sqrt(max(0, 1 - np.exp(-distance)))


def corners(box):
    cx, cy, w, h, angle = box
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    sides = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2
    return sides @ turn.T + [cx, cy]


def keep(found, suppresses):
    kept = []
    for k in order([f["score"] for f in found]):
        if not any(found[k]["class"] == o["class"] and suppresses(found[k], o) for o in kept):
            kept.append(found[k])
    return kept


def clip(box):
    return [float(min(max(v, 0), SIZE)) for v in box]


def objects(rows, of_classes, task, prototypes=None):
    """Rows of x1, y1, x2, y2 (obb: cx, cy, w, h), score, class, then what the task adds."""
    found = []
    for row in rows:
        box, score, c, extra = row[:4], float(row[4]), int(row[5]), row[6:]
        if score <= CONFIDENCE or c >= of_classes:
            continue
        one = {"score": score, "class": c}
        if task == "obb":
            one["rotated"] = [float(v) for v in (*box, extra[0])]
            points = corners(one["rotated"])
            box = [*points.min(axis=0), *points.max(axis=0)]
        one["box"] = clip(box)
        if task == "pose":
            one["keypoints"] = [float(v) for v in extra]
        if task == "segment":
            one["coefficients"] = extra
        found.append(one)
    if task == "obb":
        kept = keep(found, lambda a, b: prob_iou(a["rotated"], b["rotated"]) >= IOU)
    else:
        kept = keep(found, lambda a, b: iou(a["box"], b["box"]) > IOU)
    for one in kept:
        if task == "segment":
            one["mask"] = mask(one.pop("coefficients"), prototypes, one["box"])
    return kept


def mask(coefficients, prototypes, box):
    """Pixels of the photo inside the object, as [y, x]."""
    count, height, width = prototypes.shape
    logits = (coefficients @ prototypes.reshape(count, -1)).reshape(height, width)
    large = bilinear(bilinear(logits, SIZE).T, SIZE).T
    ys, xs = np.nonzero(large > 0)
    x1, y1, x2, y2 = box
    inside = (xs >= x1) & (xs < x2) & (ys >= y1) & (ys < y2)
    return [[int(y), int(x)] for y, x in zip(ys[inside], xs[inside], strict=True)]


def bilinear(rows, size):
    """Resizes the first axis, half-pixel centres."""
    at = np.clip((np.arange(size) + 0.5) * len(rows) / size - 0.5, 0, len(rows) - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(rows) - 1)
    share = (at - low)[:, None]
    return rows[low] * (1 - share) + rows[high] * share


def anchor_rows(output, task):
    """[4+nc+extra, A] to the rows that `objects` takes; obb keeps its angle last."""
    out = output.astype(np.float64).T
    scores = out[:, 4 : 4 + len(NAMES)]
    box = out[:, :4]
    if task != "obb":
        box = np.concatenate([box[:, :2] - box[:, 2:] / 2, box[:, :2] + box[:, 2:] / 2], axis=1)
    best = scores.argmax(axis=1)
    score = scores.max(axis=1)
    return np.concatenate([box, score[:, None], best[:, None], out[:, 4 + len(NAMES) :]], axis=1)


def run(path: Path, feeds):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, feeds)


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# --- families


def make_manifest(folder, name, layout, classes, **more):
    """Moves the bare file under a manifest, for what files cannot say themselves."""
    import hashlib

    version = folder / name / "1"
    version.mkdir(parents=True)
    path = (folder / f"{name}.onnx").rename(version / f"{name}.onnx")
    output = {"layout": layout, **more.pop("output", {})}
    manifest = {
        "name": name,
        "version": "1",
        "role": "plants",
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "input": {"size": [SIZE, SIZE], **more.pop("input", {})},
        "output": output,
        "tiling": "off",
        "thresholds": {"confidence": CONFIDENCE, "iou": IOU},
        "object_px": [4, 64],
        **({"classes": classes} if classes else {}),
        **more,
    }
    (version / "manifest.json").write_text(json.dumps(manifest))
    return path


def make_yolo(folder, x):
    expected = {}
    cases = [
        ("detect", [], None),
        ("segment", [(PROTOTYPES, -1, 1)], None),
        ("pose", [(15, 0, 1)], [5, 3]),
        ("obb", [(1, -np.pi / 4, 3 * np.pi / 4)], None),
    ]
    for task, extra, kpt_shape in cases:
        for name, make in ((task, ultralytics), (f"{task}-final", final)):
            make(folder, name, task, extra, kpt_shape=kpt_shape)
            outputs = run(folder / f"{name}.onnx", {"images": x})
            rows = outputs[0][0].astype(np.float64)
            rows = anchor_rows(outputs[0][0], task) if make is ultralytics else rows
            prototypes = outputs[1][0].astype(np.float64) if task == "segment" else None
            expected[name] = {"objects": objects(rows, len(NAMES), task, prototypes)}
    return expected


def make_detr(folder, x):
    queries = 10
    g = Graph()
    trunk = features(g)
    head(g, trunk, (queries, 4), [0, 0, 0.4, 0.4], [0.4, 0.4, 1, 1], "unit")
    sizes = g.add("Cast", "orig_target_sizes", to=FLOAT)
    twice = g.add("Concat", sizes, sizes, axis=1)
    g.add("Mul", "unit", g.add("Unsqueeze", twice, g.weight(np.array([1]))), out="boxes")
    head(g, trunk, (queries,), 0.1, 0.9, "scores")
    labels = g.weight((np.arange(queries) % 3)[None].astype(np.int64))
    g.add("Identity", labels, out="labels")
    sized = info("orig_target_sizes", [1, 2], TensorProto.INT64)
    outputs = [
        info("labels", [1, queries], TensorProto.INT64),
        info("boxes", [1, queries, 4]),
        info("scores", [1, queries]),
    ]
    g.save(folder / "detr.onnx", [IMAGE, sized], outputs)
    path = make_manifest(folder, "detr", "detr-final", NAMES)
    feeds = {"images": x, "orig_target_sizes": np.array([[SIZE, SIZE]])}
    labels, boxes, scores = (o[0] for o in run(path, feeds))
    rows = np.concatenate([boxes, scores[:, None], labels[:, None]], axis=1)
    expected = {"detr": {"objects": objects(rows, len(NAMES), "detect")}}

    for name, logit_count in (("detr-softmax", len(NAMES) + 1), ("detr-sigmoid", len(NAMES))):
        g = Graph()
        trunk = features(g)
        head(g, trunk, (queries, logit_count), -3, 3, "logits", spread=1)
        head(g, trunk, (queries, 4), [0.3, 0.3, 0.1, 0.1], [0.7, 0.7, 0.5, 0.5], "pred_boxes")
        outputs = [info("logits", [1, queries, logit_count]), info("pred_boxes", [1, queries, 4])]
        masked = info("pixel_mask", [1, "h", "w"], TensorProto.INT64)
        # DETR's graphs take a mask of where there is photo; here it only has to be fed.
        inputs = [IMAGE, masked] if name == "detr-softmax" else [IMAGE]
        if name == "detr-softmax":
            g.add("Shape", "pixel_mask", out="mask_shape")
            outputs.append(info("mask_shape", [3], TensorProto.INT64))
        g.save(folder / f"{name}.onnx", inputs, outputs)
        path = make_manifest(folder, name, "detr-logits", NAMES)
        ones = {"pixel_mask": np.ones((1, SIZE, SIZE), np.int64)}
        logits, boxes = run(path, {"images": x, **(ones if len(inputs) > 1 else {})})[:2]
        logits, boxes = logits[0].astype(np.float64), boxes[0].astype(np.float64) * SIZE
        chances = 1 / (1 + np.exp(-logits)) if name == "detr-sigmoid" else softmax(logits)
        chances = chances[:, : len(NAMES)]
        xyxy = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)
        score, best = chances.max(axis=1), chances.argmax(axis=1)
        rows = np.concatenate([xyxy, score[:, None], best[:, None]], axis=1)
        expected[name] = {"objects": objects(rows, len(NAMES), "detect")}
    return expected


def make_whole(folder, rgb):
    """Classifiers by metadata and by manifest (grey), and an embedding of ImageNet's numbers."""
    g = Graph()
    head(g, features(g), (3,), -4, 4, "logits", spread=1)
    g.add("Softmax", "logits", out="output0", axis=1)
    g.save(folder / "classify.onnx", [IMAGE], [info("output0", [1, 3])], metadata_of("classify"))
    chances = run(folder / "classify.onnx", {"images": tensor(rgb)})[0][0]

    g = Graph()
    head(g, features(g, 1), (3,), -4, 4, "logits", spread=1, channels=1)
    grey_input = info("images", [1, 1, SIZE, SIZE])
    g.save(folder / "grey.onnx", [grey_input], [info("logits", [1, 3])])
    more = {"color": "GREY", "mean": [0.4], "std": [0.5]}
    path = make_manifest(folder, "grey", "classify", NAMES, input=more)
    grey = np.floor(rgb.astype(np.float64) @ [0.299, 0.587, 0.114] + 0.5)[:, :, None]
    logits = run(path, {"images": tensor(grey, 0.4, 0.5)})[0][0]

    g = Graph()
    head(g, features(g), (16,), -2, 2, "embedding")
    g.save(folder / "embed.onnx", [IMAGE], [info("embedding", [1, 16])])
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    more = {"color": "BGR", "mean": mean, "std": std, "fit": "stretch"}
    path = make_manifest(folder, "embed", "embed", None, input=more)
    vector = run(path, {"images": tensor(rgb, mean, std, bgr=True)})[0][0]
    return {
        "classify": {"classes": chances.tolist()},
        "grey": {"classes": softmax(logits.astype(np.float64)).tolist()},
        "embed": {"embedding": vector.tolist()},
    }


CHARACTERS = "abcdefgh"


def make_reader(folder, line):
    g = Graph()
    pooled = g.add("AveragePool", "images", kernel_shape=[48, 8], strides=[48, 8])
    count = len(CHARACTERS) + 2
    weights = RNG.normal(0, 9, (count, 3, 1, 1)).astype(np.float32)
    logits = g.add("Conv", pooled, g.weight(weights))
    steps = g.add("Transpose", g.add("Squeeze", logits, g.weight(np.array([2]))), perm=[0, 2, 1])
    g.add("Softmax", steps, out="probabilities", axis=2)
    inputs, outputs = [info("images", ["n", 3, 48, "w"])], [info("probabilities", ["n", "t", count])]
    g.save(folder / "ctc.onnx", inputs, outputs, {"character": "\n".join(CHARACTERS)})
    x = tensor(line, 0.5, 0.5, bgr=True)
    chances = run(folder / "ctc.onnx", {"images": x})[0][0]
    best = chances.argmax(axis=1)
    starts = [t for t in range(len(best)) if best[t] != 0 and (t == 0 or best[t] != best[t - 1])]
    text = "".join((CHARACTERS + " ")[best[t] - 1] for t in starts)
    confidence = float(np.mean([chances[t, best[t]] for t in starts]))
    return {"ctc": {"text": text, "confidence": confidence}}


def make_finder(folder, lines):
    """White is text; `lines` are the centre, sides and angle of what is white on the page."""
    g = Graph()
    sums = g.add("Conv", "x", g.weight(np.full((1, 3, 1, 1), 4, np.float32)))
    g.add("Sigmoid", sums, out="sigmoid_0.tmp_0")
    dims = ["n", 3, "h", "w"]
    g.save(folder / "db.onnx", [info("x", dims)], [info("sigmoid_0.tmp_0", ["n", 1, "h", "w"])])
    found = []
    for box in lines:
        cx, cy, width, height, angle = box
        by = width * height * 1.5 / (2 * (width + height))
        found.append(corners([cx, cy, width + 2 * by, height + 2 * by, angle]).ravel().tolist())
    return {"db": {"corners": found}}


def main(folder: Path) -> None:
    blocks = RNG.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    photo = np.kron(blocks, np.ones((8, 8, 1), np.uint8))
    write_png(folder / "photo.png", photo)
    stripes = RNG.integers(0, 256, (22, 3), dtype=np.uint8)
    line = np.broadcast_to(np.repeat(stripes, 16, axis=0)[None], (48, 352, 3)).copy()
    write_png(folder / "line.png", line)

    page = np.zeros((128, 160, 3), np.uint8)
    page[20:31, 10:61] = 255
    page[90:101, 30:131] = 255
    # A band that falls by one in two; its corners are whole pixels.
    ys, xs = np.mgrid[0:128, 0:160]
    page[(abs(xs - 2 * ys - 40) <= 10) & (abs(2 * xs + ys - 250) <= 50)] = 255
    write_png(folder / "page.png", page)
    root, angle = np.sqrt(5), np.arctan(0.5)
    lines = [(35, 25, 50, 10, 0), (80, 95, 100, 10, 0), (108, 34, 100 / root, 20 / root, angle)]

    x = tensor(photo)
    expected = {
        **make_yolo(folder, x),
        **make_detr(folder, x),
        **make_whole(folder, photo),
        **make_reader(folder, line),
        **make_finder(folder, lines),
    }
    (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
