"""Reads outputs as each family lays them out, with NumPy alone."""

import numpy as np
import onnxruntime

from graphs import NAMES, SIZE

CONFIDENCE, IOU = 0.25, 0.45


def run(path, feeds):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, feeds)


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


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
