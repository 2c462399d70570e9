"""Training samples: crops of real photos at a chosen plant size, and composed scenes; targets at stride 8."""
import math
import cv2
import numpy as np
import torch
from augment import degrade
from cutouts import excess_green, green, round_
from scenes import Stock, compose, tilted

S, STRIDE = 320, 8
G = S // STRIDE
UNSURE = (9., 13.)                    # sqrt(w*h) between: neither right nor wrong; below: background, so that a
                                      # group of specks is never taken for one plant at too coarse a level

PART = (.25, .5)                      # visible share of a plant cut by the edge: below background, above a plant


def crop_real(rng, photo, lo=15., hi=200.):
    """A window of a photo, scaled so that a plant gets a log-uniform size. Returns uint8, boxes, ignore boxes, loose mask."""
    im = photo.rgb()
    h, w = im.shape[:2]
    boxes, ign = photo.boxes, photo.ignore
    if len(boxes):
        b = boxes[int(rng.integers(len(boxes)))]
        size = math.sqrt(max(16., (b[2] - b[0]) * (b[3] - b[1])))
        c = ((b[0] + b[2]) / 2, (b[1] + b[3]) / 2)
    else:
        size, c = max(h, w) / 8, (rng.uniform(0, w), rng.uniform(0, h))
    f = math.exp(rng.uniform(math.log(lo), math.log(hi))) / size
    f = float(np.clip(f, (300 if rng.random() < .85 or size / max(h, w) < .06 else 200) / max(h, w), 2.0 if size < 60 else 1.3))
    win = S / f
    x0 = c[0] - rng.uniform(.05, .95) * win
    y0 = c[1] - rng.uniform(.05, .95) * win
    pad_ok = rng.random() < .3                               # letterbox now and then, else stay inside the photo
    if win < w or not pad_ok:
        x0 = float(np.clip(x0, min(0, w - win), max(0, w - win)))
    if win < h or not pad_ok:
        y0 = float(np.clip(y0, min(0, h - win), max(0, h - win)))
    ix0, iy0, ix1, iy1 = max(0, int(x0)), max(0, int(y0)), min(w, int(math.ceil(x0 + win))), min(h, int(math.ceil(y0 + win)))
    part = im[iy0:iy1, ix0:ix1]
    pw, ph = max(1, round((ix1 - ix0) * f)), max(1, round((iy1 - iy0) * f))
    part = cv2.resize(part, (pw, ph), interpolation=cv2.INTER_AREA if f < 1 else cv2.INTER_CUBIC)
    ox, oy = int(round((ix0 - x0) * f)), int(round((iy0 - y0) * f))
    ox, oy = max(0, min(ox, S - 1)), max(0, min(oy, S - 1))
    pw, ph = min(pw, S - ox), min(ph, S - oy)
    out = np.full((S, S, 3), 114, np.uint8)
    valid = np.zeros((S, S), bool)
    out[oy:oy + ph, ox:ox + pw] = part[:ph, :pw]
    valid[oy:oy + ph, ox:ox + pw] = True
    off = np.array([ix0, iy0, ix0, iy0], np.float32)
    place = np.array([ox, oy, ox, oy], np.float32)
    tb, ti = (boxes - off) * f + place, (ign - off) * f + place
    loose = None
    if photo.loose_green:
        loose = (excess_green(out) > .07) & valid
        for q in tb:
            a = [int(np.clip(v, 0, S)) for v in (q[0] - 2, q[1] - 2, q[2] + 3, q[3] + 3)]
            loose[a[1]:a[3], a[0]:a[2]] = False
    return out, tb, ti, loose, valid


def turn(rng, im, boxes_list, masks):
    """One of the eight symmetries."""
    k, fl = int(rng.integers(4)), rng.random() < .5
    def tm(m):
        m = np.rot90(m, k)
        return np.ascontiguousarray(m[:, ::-1] if fl else m)
    def tb(b):
        b = np.array(b, np.float32).reshape(-1, 4)
        for _ in range(k):                                   # rot90: (x, y) -> (y, S - x)
            b = np.stack([b[:, 1], S - b[:, 2], b[:, 3], S - b[:, 0]], 1)
        if fl:
            b = np.stack([S - b[:, 2], b[:, 1], S - b[:, 0], b[:, 3]], 1)
        return b
    return tm(im), [tb(b) for b in boxes_list], [None if m is None else tm(m) for m in masks]


def targets(boxes, ignore, loose, valid):
    """heat, box distances (pixels), box weight, heat weight."""
    heat, dist = np.zeros((G, G), np.float32), np.zeros((4, G, G), np.float32)
    bw, hw = np.zeros((G, G), np.float32), np.ones((G, G), np.float32)
    gy, gx = np.mgrid[0:G, 0:G].astype(np.float32) * STRIDE + STRIDE / 2
    if loose is not None:
        hw[cv2.resize(loose.astype(np.float32), (G, G), interpolation=cv2.INTER_AREA) > .06] = 0
    def ign(b, grow=0.):
        a = [int(np.clip(math.floor((v + g) / STRIDE), 0, G)) for v, g in zip(b, (-grow, -grow, grow + 7, grow + 7))]
        hw[a[1]:a[3], a[0]:a[2]] = 0
    for b in ignore:
        ign(b)
    keep = []
    for b in boxes:
        c = np.clip(b, 0, S)
        full, seen = max(1., (b[2] - b[0]) * (b[3] - b[1])), (c[2] - c[0]) * (c[3] - c[1])
        if seen <= 0 or c[2] - c[0] < 3 or c[3] - c[1] < 3:
            continue
        if math.sqrt(full) < UNSURE[0] or seen / full < PART[0]:
            continue
        if seen / full < PART[1] or math.sqrt(seen) < UNSURE[1]:
            ign(c)
            continue
        keep.append(c)
    for c in sorted(keep, key=lambda q: -(q[2] - q[0]) * (q[3] - q[1])):
        w, h = c[2] - c[0], c[3] - c[1]
        cx, cy = (c[0] + c[2]) / 2, (c[1] + c[3]) / 2
        sx, sy = max(5.5, w * .11), max(5.5, h * .11)
        g = np.exp(-((gx - cx) ** 2 / (2 * sx * sx) + (gy - cy) ** 2 / (2 * sy * sy)))
        iy, ix = min(G - 1, int(cy / STRIDE)), min(G - 1, int(cx / STRIDE))
        g[iy, ix] = 1.
        m = (g > .6) & (g > heat)
        for k, d in enumerate((gx - c[0], gy - c[1], c[2] - gx, c[3] - gy)):
            dist[k][m] = d[m]
        bw[m] = g[m]
        heat = np.maximum(heat, g)
        hw = np.maximum(hw, (g > .3).astype(np.float32))
    hw[cv2.resize(valid.astype(np.float32), (G, G), interpolation=cv2.INTER_AREA) < .01] *= .3
    return heat[None], np.maximum(dist, 1.), bw[None], hw[None]


def cut_plants(photos, rng, limit=700):
    """Sprites from labelled photos: green things, and round bodies of succulents."""
    out = []
    for p in photos:
        im = p.rgb()
        for b in p.boxes:
            if p.kind == 'palms' or (p.kind == 'seedlings' and rng.random() < .5):
                continue
            inside = b[0] > 4 and b[1] > 4 and b[2] < im.shape[1] - 4 and b[3] < im.shape[0] - 4
            s = (round_(im, b) if p.kind == 'succulents' else green(im, b)) if inside else None
            if s is not None and s.shape[0] >= 16:
                out.append(s)
    rng.shuffle(out) if len(out) > limit else None
    return out[:limit]


def bare_patches(photos, rng, each=6, tries=60):
    """Square patches without plants: real gravel, soil, cloth, pot rims."""
    out = []
    for p in photos:
        im = p.rgb()
        h, w = im.shape[:2]
        greens = excess_green(im) > .06 if p.loose_green or p.kind == 'pots' else None
        got = 0
        for _ in range(tries):
            n = int(min(h, w) * rng.uniform(.12, .5))
            if n < 90 or got >= each:
                continue
            x, y = int(rng.integers(0, w - n)), int(rng.integers(0, h - n))
            q = np.concatenate([p.boxes, p.ignore])
            hit = (q[:, 0] < x + n) & (q[:, 2] > x) & (q[:, 1] < y + n) & (q[:, 3] > y)
            if hit.any() or (greens is not None and greens[y:y + n, x:x + n].mean() > .003):
                continue
            out.append(im[y:y + n, x:x + n] if n <= 480 else cv2.resize(im[y:y + n, x:x + n], (480, 480), interpolation=cv2.INTER_AREA))
            got += 1
    return out


class Mix(torch.utils.data.IterableDataset):
    """groups: [(photos or None for scenes, share, lo, hi)]."""

    def __init__(self, groups, cut, bare, seed):
        self.groups, self.cut, self.bare, self.seed = groups, cut, bare, seed

    def sample(self, rng, stock):
        share = np.array([g[1] for g in self.groups])
        photos, _, lo, hi = self.groups[int(rng.choice(len(share), p=share / share.sum()))]
        if photos is None:
            im, boxes = (tilted if rng.random() < .25 else compose)(rng, stock, S, lo, hi)
            im, ign, loose, valid = (im * 255).astype(np.uint8), [], None, np.ones((S, S), bool)
        else:
            im, boxes, ign, loose, valid = crop_real(rng, photos[int(rng.integers(len(photos)))], lo, hi)
        im, (boxes, ign), (loose, valid) = turn(rng, im, [boxes, ign], [loose, valid])
        im = degrade(rng, im)
        im[~valid] = 114
        return im, boxes, ign, loose, valid

    def __iter__(self):
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, info.id if info else 0])
        cv2.setNumThreads(1)
        stock = Stock(rng, self.cut, self.bare)
        while True:
            im, boxes, ign, loose, valid = self.sample(rng, stock)
            t = targets(boxes, ign, loose, valid)
            yield (torch.from_numpy(im.transpose(2, 0, 1).copy()),) + tuple(torch.from_numpy(v) for v in t)
