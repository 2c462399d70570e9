"""Non-maximum suppression by torchvision and by SAHI: `merge.py BOXES`, the boxes as float32 rows of
x1, y1, x2, y2, score. For each line of JSON {"who", "count"} on stdin it suppresses the first `count`
at IoU 0.5 and answers {"ms", "kept"}."""

import json
import sys
import time

import numpy as np
import torch
from sahi.postprocess.combine import nms as sahi_nms
from torchvision.ops import nms as torchvision_nms

IOU = 0.5


def torchvision(rows):
    boxes, scores = torch.from_numpy(rows[:, :4].copy()), torch.from_numpy(rows[:, 4].copy())
    started = time.perf_counter()
    kept = torchvision_nms(boxes, scores, IOU)
    return started, len(kept)


def sahi(rows):
    predictions = np.concatenate([rows, np.zeros((len(rows), 1), np.float32)], axis=1)
    started = time.perf_counter()
    kept = sahi_nms(predictions, "IOU", IOU)
    return started, len(kept)


rows = np.fromfile(sys.argv[1], dtype="<f4").reshape(-1, 5)
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    suppress = {"torchvision": torchvision, "sahi": sahi}[request["who"]]
    started, kept = suppress(rows[: request["count"]])
    ms = (time.perf_counter() - started) * 1000
    print(json.dumps({"ms": ms, "kept": kept}), flush=True)
