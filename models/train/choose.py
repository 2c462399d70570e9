"""Threshold and smallest plant size, chosen on photos kept out of training; leave-out numbers of the nursery photos.

Kept out: every 12th training palm photo, composed scenes of another seed, and each nursery photo by the fold model
that has not seen it. The photos of evaluate.py are not used here. Prints JSON.

    python choose.py --general base.onnx --folds fold0.onnx fold1.onnx fold2.onnx
"""
import argparse
import json
import numpy as np
from PIL import Image
import count
import data
from evaluate import in_truth, matched
from manifest import INSIDE, IOU, LEVELS, OVERLAP

CONFS = [.25, .3, .35, .4, .45, .5, .55]
SIZES = [20, 23, 26, 29, 32, 36, 40]
RULES = [(1.3, 640), (0., 0), (1.1, 640), (1.5, 640), (1.3, 1280)]    # (more, upto), see pick; the first wins a draw


def counter(path):
    return count.Counter(path, {'thresholds': {'confidence': CONFS[0], 'iou': IOU, 'inside': INSIDE}, 'object_px': [26, 280],
                                'input': {'size': [640, 640]}, 'tile_overlap': OVERLAP, 'scale_levels': LEVELS})


def look(c, photo):
    """Detections at every level, at the lowest threshold, in photo pixels."""
    out = []
    for l in count.levels(max(photo.size), c.levels):
        b, s = c.at(photo, l)
        out.append((l, b * (max(photo.size) / l), s, np.sqrt(count.area(b)) if len(b) else np.zeros(0)))
    return out


def pick(seen, conf, lo, more=0., upto=0):
    """The rule of count.Counter.count on stored detections."""
    best = (np.zeros((0, 4)), 0)
    for i, (l, b, s, size) in enumerate(seen):
        k = s >= conf
        if not k.any():
            continue
        best = (b[k], l)
        if np.median(size[k]) >= lo:
            if more and l <= upto and i + 1 < len(seen):
                _, _, s2, size2 = seen[i + 1]
                k2 = s2 >= conf
                if k2.sum() > more * k.sum() and np.median(size2[k2]) >= lo and s2[k2].mean() >= s[k].mean():
                    continue
            break
    return best


def scenes(n=48, side=640, seed=4242):
    """Composed photos with every plant in view; plants of 3 to 20 % of the side."""
    from augment import degrade
    from scenes import Stock, compose
    rng = np.random.default_rng(seed)
    st = Stock(rng)
    for _ in range(150):
        st.tick()
    for _ in range(n):
        im, boxes = compose(rng, st, side, side * .03, side * .25)
        im = degrade(rng, (im * 255).astype(np.uint8))
        b = np.array(boxes, np.float32).reshape(-1, 4)
        c = np.clip(b, 0, side)
        part = count.area(c) / np.maximum(1, count.area(b))
        yield Image.fromarray(im), c[part >= .5]


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--general', required=True)
    a.add_argument('--folds', nargs='*', default=[])
    a.add_argument('--palms', type=int, default=42)
    o = a.parse_args()
    c, sets, photos = counter(o.general), {}, {}
    sets['palms'] = [(look(c, count.open_photo_bytes(p.data)), p.boxes, p) for p in data.palms()[1][:o.palms]]
    sets['scenes'] = [(look(c, im), b, None) for im, b in scenes()]
    nur = {p.name: p for p in data.nursery()}
    for k, f in enumerate(o.folds):
        c = counter(f)
        for n in data.FOLDS[k]:
            p = nur[n]
            sets.setdefault(p.kind, []).append((look(c, count.open_photo_bytes(p.data)), p.boxes, p))
    table = []
    for more, upto, lo, conf in [(*r, s, c) for r in RULES for s in SIZES for c in CONFS]:
        row = {'more': more, 'upto': upto, 'min_px': lo, 'confidence': conf}
        for name, items in sets.items():
            err = tot = 0
            for seen, truth, p in items:
                b, l = pick(seen, conf, lo, more, upto)
                if p is not None and len(b):
                    b = in_truth(b, p)
                err, tot = err + abs(len(b) - len(truth)), tot + len(truth)
            row[name] = round(err / max(1, tot), 3)
        row['mean'] = round(float(np.mean([row[n] for n in sets])), 4)
        table.append(row)
    best = min(table, key=lambda r: r['mean'])
    def like(*names):
        return [r for r in table if all(r[n] == best[n] for n in names)]
    res = {'best': best, 'plateau': sorted(table, key=lambda r: r['mean'])[:12], 'by_confidence': like('more', 'upto', 'min_px'),
           'by_size': like('more', 'upto', 'confidence'), 'by_rule': like('min_px', 'confidence'), 'photos': {}}
    for kind in ('agir', 'succulents'):
        for seen, truth, p in sets.get(kind, []):
            b, l = pick(seen, best['confidence'], best['min_px'], best['more'], best['upto'])
            b = in_truth(b, p)
            res['photos'][p.name] = {'kind': kind, 'plants': len(truth), 'counted': len(b), 'found': matched(b, truth), 'level': l}
    print(json.dumps(res, indent=1))


if __name__ == '__main__':
    main()
