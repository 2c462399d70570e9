"""Counting: scale search, tiles, merging. The rule in README.md, section "How a photo is counted"."""
import io
import json
import math
import os
import numpy as np
import onnxruntime as ort
from PIL import Image, ImageOps

Image.MAX_IMAGE_PIXELS = None
PAD = 114
EDGE_SHARE = .004                                          # of the long side: so near, a box is cut by the photo's edge


def open_photo(path):
    return ImageOps.exif_transpose(Image.open(path)).convert('RGB')


def open_photo_bytes(data):
    return open_photo(io.BytesIO(data))


def levels(long_side, wanted):
    """Long sides to try. Small photos are enlarged up to the second level; then the photo as it is, if clearly larger."""
    out = [l for l in wanted if l <= max(long_side, wanted[1])]
    if long_side > 1.25 * out[-1]:
        out.append(long_side)
    return out


def starts(n, tile, overlap):
    if n <= tile:
        return [0]
    step = int(tile * (1 - overlap))
    k = math.ceil((n - tile) / step)
    return [min(i * step, n - tile) for i in range(k + 1)]


def area(b):
    return (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])


def inter(a, b):
    """a [4] with b [n,4]."""
    w = np.minimum(a[2], b[:, 2]) - np.maximum(a[0], b[:, 0])
    h = np.minimum(a[3], b[:, 3]) - np.maximum(a[1], b[:, 1])
    return np.clip(w, 0, None) * np.clip(h, 0, None)


def nms(boxes, scores, iou, inside):
    """Greedy; a box also goes when `inside` of its own area lies in a kept one."""
    order, keep = np.argsort(-scores, kind='stable'), []
    ar = area(boxes)
    while len(order):
        i, order = order[0], order[1:]
        keep.append(i)
        x = inter(boxes[i], boxes[order])
        gone = (x / (ar[i] + ar[order] - x + 1e-9) > iou) | (x / (ar[order] + 1e-9) > inside)
        order = order[~gone]
    return np.array(keep, int)


class Counter:
    def __init__(self, model, manifest, threads=2):
        o = ort.SessionOptions()
        o.intra_op_num_threads = threads
        self.s = ort.InferenceSession(model, o, providers=['CPUExecutionProvider'])
        m = json.load(open(manifest)) if isinstance(manifest, str) else manifest
        self.m, self.conf, self.iou = m, m['thresholds']['confidence'], m['thresholds']['iou']
        self.inside = m['thresholds'].get('inside', 2.)
        self.edge = m['thresholds'].get('edge_confidence', 0.)
        self.lo = m['object_px'][0]
        self.check = m.get('scale_check', {'up_to': 0, 'more_than': 1e9})
        self.tile, self.overlap, self.levels = m['input']['size'][0], m['tile_overlap'], m['scale_levels']

    def infer(self, rgb, conf):
        """rgb uint8 [h,w,3], at most one tile. Boxes x0 y0 x1 y1 and scores above conf, after NMS."""
        h, w = rgb.shape[:2]
        H, W = -(-h // 32) * 32, -(-w // 32) * 32
        x = np.full((H, W, 3), PAD, np.uint8)
        x[:h, :w] = rgb
        y = self.s.run(None, {'images': x.transpose(2, 0, 1)[None].astype(np.float32) / 255})[0][0]
        y = y[:, y[4] >= conf]
        b = np.stack([y[0] - y[2] / 2, y[1] - y[3] / 2, y[0] + y[2] / 2, y[1] + y[3] / 2], 1)
        b = np.clip(b, 0, [w, h, w, h])
        k = nms(b, y[4], self.iou, self.inside)
        return b[k], y[4][k]

    def at(self, photo, long_side, conf=None):
        """All plants of the photo at one level, in pixels of that level."""
        conf = self.conf if conf is None else conf
        f = long_side / max(photo.size)
        w, h = max(1, round(photo.size[0] * f)), max(1, round(photo.size[1] * f))
        im = np.asarray(photo if (w, h) == photo.size else photo.resize((w, h), Image.LANCZOS))
        T = self.tile
        tiles = [(x, y) for y in starts(h, T, self.overlap) for x in starts(w, T, self.overlap)]
        B, Sc, cut, home = [], [], [], []
        for n, (x, y) in enumerate(tiles):
            b, s = self.infer(im[y:y + T, x:x + T], conf)
            tw, th = min(T, w - x), min(T, h - y)
            c = ((b[:, 0] < 2) & (x > 0)) | ((b[:, 1] < 2) & (y > 0)) | ((b[:, 2] > tw - 2) & (x + tw < w)) | ((b[:, 3] > th - 2) & (y + th < h))
            B.append(b + [x, y, x, y])
            Sc.append(s)
            cut.append(c)
            home.append(np.full(len(s), n))
        B, Sc, cut, home = np.concatenate(B), np.concatenate(Sc), np.concatenate(cut), np.concatenate(home)
        if len(tiles) > 1:
            B, Sc = merge(B, Sc, cut, home)
            k = nms(B, Sc, self.iou, self.inside)
            B, Sc = B[k], Sc[k]
        return B, Sc

    def sure_at_edge(self, b, s, size):
        """Without what the photo's edge cuts, unless its score is `edge_confidence`."""
        m = EDGE_SHARE * max(size)
        cut = (b[:, 0] < m) | (b[:, 1] < m) | (b[:, 2] > size[0] - m) | (b[:, 3] > size[1] - m)
        ok = ~cut | (s >= self.edge)
        return b[ok], s[ok]

    def count(self, photo, verbose=False):
        """(boxes in photo pixels, scores, level): the first level whose median plant is large enough, unless the next one
        shows clearly more plants, large enough too and no less certain."""
        long_side = max(photo.size)
        todo, found = levels(long_side, self.levels), []

        def look(i):
            while len(found) <= i:
                b, s = self.at(photo, todo[len(found)])
                found.append((b, s, float(np.median(np.sqrt(area(b)))) if len(b) else 0.))
            return found[i]

        best = None
        for i, l in enumerate(todo):
            b, s, med = look(i)
            if len(b):
                best = (b * (long_side / l), s, l)
            if len(b) and med >= self.lo:
                if l > self.check['up_to'] or i + 1 == len(todo):
                    break
                b2, s2, med2 = look(i + 1)
                if len(b2) <= self.check['more_than'] * len(b) or med2 < self.lo or s2.mean() < s.mean():
                    break
        if best is None:
            best = (np.zeros((0, 4)), np.zeros(0), 0)
        best = (*self.sure_at_edge(*best[:2], photo.size), best[2])
        return (*best, [(l, len(f[0]), round(f[2], 1)) for l, f in zip(todo, found)]) if verbose else best


def merge(B, S, cut, home):
    """Boxes that an inner tile edge has cut: gone where a whole box of another tile covers them, else joined with their other part."""
    B, S = B.copy(), S.copy()
    ar = area(B)
    alive = np.ones(len(B), bool)
    whole = ~cut
    for i in np.where(cut)[0]:
        x = inter(B[i], B)
        if np.any((x / (ar[i] + 1e-9) >= .6) & whole & (home != home[i])):
            alive[i] = False
    for i in np.where(cut & alive)[0]:
        if not alive[i]:
            continue
        a = area(B)
        x = inter(B[i], B)
        mate = np.where(alive & cut & (home != home[i]) & (x / (np.minimum(a, a[i]) + 1e-9) >= .4))[0]
        for j in mate:
            B[i] = [min(B[i][0], B[j][0]), min(B[i][1], B[j][1]), max(B[i][2], B[j][2]), max(B[i][3], B[j][3])]
            S[i] = max(S[i], S[j])
            alive[j] = False
    return B[alive], S[alive]


def default_counter(folder=None):
    folder = folder or os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'plants', '1')
    return Counter(os.path.join(folder, 'plants.onnx'), os.path.join(folder, 'manifest.json'))
