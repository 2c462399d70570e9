"""Makes a small model of each family and what it must give: `make.py FOLDER`.

The graphs have the layouts of real exports and numbers that depend on the photo. What comes out of
them is read here with NumPy alone, on the runtime's own outputs, and written to expected.json; the
test compares a server's answers with it. Photos have the size of the input, so that no resizer differs.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from graphs import (
    ANCHORS,
    FLOAT,
    IMAGE,
    NAMES,
    RNG,
    SIZE,
    Graph,
    columns,
    features,
    head,
    info,
    tensor,
    write_png,
)
from onnx import TensorProto
from reading import CONFIDENCE, IOU, anchor_rows, corners, objects, run, softmax

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


def half(folder: Path) -> None:
    """The first family with float16 in, within and out, as `half=True` exports it."""
    low, high = columns((2, 0, SIZE), (2, 6, 26), (len(NAMES), -0.3, 0.75))
    g = Graph()
    g.add("Cast", "pixels", out="images", to=FLOAT)
    head(g, features(g), (len(low), ANCHORS), low[:, None], high[:, None], "whole")
    g.add("Cast", "whole", out="output0", to=TensorProto.FLOAT16)
    image = info("pixels", [1, 3, SIZE, SIZE], TensorProto.FLOAT16)
    output = info("output0", [1, len(low), ANCHORS], TensorProto.FLOAT16)
    g.save(folder / "half.onnx", [image], [output], metadata_of("detect"))


def metadata_of(task, kpt_shape=None):
    names = dict(enumerate(NAMES))
    own = {"kpt_shape": kpt_shape} if kpt_shape else {}
    return {"task": task, "names": names, "imgsz": [SIZE, SIZE], "stride": 32, **own}


def make_manifest(folder, name, layout, classes, **more):
    """Moves the bare file under a manifest, for what files cannot say themselves."""
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
    half(folder)
    rows = anchor_rows(run(folder / "half.onnx", {"pixels": x.astype(np.float16)})[0][0], "detect")
    expected["half"] = {"objects": objects(rows, len(NAMES), "detect")}
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
