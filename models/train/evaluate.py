"""Counts of the photos that were never trained on, by the ONNX through onnxruntime. Prints JSON.

    python evaluate.py [--model ../plants/1] [--only tray] [--confidence 0.4]
"""
import argparse
import json
import os
import time
import numpy as np
import count
import data

P = 'photos-and-models/'
SINGLE = [  # name, path, truth, allowed difference (None: reported only)
    ('arabidopsis_tray', P + 'trays/arabidopsis_tray.jpg', 19, 1),
    ('tray_mosaic_20MP', P + 'derived/tray_mosaic_20MP.jpg', 76, 4),
    ('tray_blurred', P + 'derived/tray_blurred.jpg', 19, 3),
    ('tray_dark', P + 'derived/tray_dark.jpg', 19, 3),
    ('tray_overexposed', P + 'derived/tray_overexposed.jpg', 19, 3),
    ('tray_exif_orientation6', P + 'derived/tray_exif_orientation6.jpg', 19, 3),
    ('pots_grid_small', P + 'trays/pots_grid_small.jpg', 18, None),
    ('trays-small', 'train-nursery/trays-small/2016-05-25_1031_chamber129.jpg', 19, None),
    ('plug-tray-45', 'train-nursery/plug-tray-45/VIS_TV_AA0237.png', 28, None),
    ('plug-tray-45 empty', 'train-nursery/plug-tray-45/VIS_TV_AA0000.png', 0, None),
    ('cat on a chair', P + 'gps-and-formats/empty_gps_16MP.jpg', 0, None),
    ('palm_mosaic_10MP', P + 'derived/palm_mosaic_10MP.jpg', 1722, None),
]
SETS = [('palms valid', 'train-palms/valid/images', 'train-palms/valid/labels', .10), ('aerial palms', P + 'aerial-palms', P + 'aerial-palms', None)]


def lines(path):
    return sum(1 for l in open(path) if l.strip())


def folder(c, images, labels, verbose=False):
    err = tot = got = n = 0
    for f in sorted(os.listdir(os.path.join(data.ROOT, images))):
        lab = os.path.join(data.ROOT, labels, os.path.splitext(f)[0] + '.txt')
        if not f.lower().endswith(('.jpg', '.png')) or not os.path.exists(lab):
            continue
        t = lines(lab)
        k = len(c.count(count.open_photo(os.path.join(data.ROOT, images, f)))[0])
        err, tot, got, n = err + abs(k - t), tot + t, got + k, n + 1
    return {'photos': n, 'plants': tot, 'counted': got, 'error': round(err / max(1, tot), 4)}


def in_truth(boxes, photo):
    """Without the boxes whose middle lies where the labels are known to be missing."""
    c = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2], 1) if len(boxes) else np.zeros((0, 2))
    ok = np.ones(len(boxes), bool)
    for r in photo.ignore:
        ok &= ~((c[:, 0] >= r[0]) & (c[:, 0] <= r[2]) & (c[:, 1] >= r[1]) & (c[:, 1] <= r[3]))
    return boxes[ok]


def matched(boxes, truth, iou=.3):
    """How many true boxes have a detection of their own."""
    used, hit = set(), 0
    for t in truth:
        if not len(boxes):
            break
        x = count.inter(t, boxes)
        v = x / (count.area(boxes) + count.area(t) - x + 1e-9)
        for j in np.argsort(-v):
            if v[j] < iou:
                break
            if int(j) not in used:
                used.add(int(j))
                hit += 1
                break
    return hit


def nursery(c, names=None):
    """Nursery photos (each by a model that has not seen it: leave_out.py)."""
    out = {}
    for p in data.nursery():
        if names is not None and p.name not in names:
            continue
        b, s, l = c.count(count.open_photo_bytes(p.data))
        b = in_truth(b, p)
        out[p.name] = {'kind': p.kind, 'plants': len(p.boxes), 'counted': len(b), 'found': matched(b, p.boxes), 'level': l}
    return out


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--model', default=os.path.join(data.HERE, '..', 'plants', '1'))
    a.add_argument('--confidence', type=float)
    a.add_argument('--only', default='')
    o = a.parse_args()
    c = count.default_counter(o.model)
    if o.confidence:
        c.conf = o.confidence
    res = {'confidence': c.conf, 'photos': {}, 'sets': {}}
    for name, path, truth, tol in SINGLE:
        if o.only in name:
            t0 = time.time()
            b, s, l, seen = c.count(count.open_photo(os.path.join(data.ROOT, path)), True)
            r = {'plants': truth, 'counted': len(b), 'level': l, 'tried': seen, 'seconds': round(time.time() - t0, 2)}
            if tol is not None:
                r.update(allowed=tol, ok=abs(len(b) - truth) <= tol)
            res['photos'][name] = r
    for name, im, lab, tol in SETS:
        if o.only in name:
            r = folder(c, im, lab)
            if tol is not None:
                r.update(allowed=tol, ok=r['error'] <= tol)
            res['sets'][name] = r
    print(json.dumps(res, indent=1))


if __name__ == '__main__':
    main()
