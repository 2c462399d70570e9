"""Composed scenes: plants (procedural and cut out) in pots, trays and on grounds, with exact boxes."""
import math
import cv2
import numpy as np
import cacti
import leaves
from cutouts import recolour
from grounds import ground
from pots import clutter, draw_pot, pot_colour, stamp, tag

MAKERS = [(leaves.rosette, 3.2), (leaves.agave, 1.5), (leaves.herb, 1.8), (leaves.seedling, 1.2), (leaves.grass, 1.),
          (cacti.globe, 2.4), (cacti.mammillaria, 1.4), (cacti.head, 3.2), (cacti.clump, 1.0), (cacti.sedum, .6), (cacti.opuntia, .5), (cacti.column, 1.2)]
BODIES = (cacti.head, cacti.globe, leaves.seedling, leaves.rosette, cacti.mammillaria, cacti.column)
_P = np.array([m[1] for m in MAKERS])


class Stock:
    """A slowly changing stock of sprites and grounds, so that each scene is cheap."""

    def __init__(self, rng, cut=(), bare=(), sprites=420, grounds=36):
        """cut: sprites cut out of photos; bare: photo patches without plants."""
        self.rng, self.cut, self.bare, self.n, self.g = rng, list(cut), list(bare), sprites, grounds
        self.sprites, self.grounds = [], []
        for _ in range(40):
            self.grow()
        for _ in range(6):
            self.grounds.append(ground(rng))

    def grow(self):
        f = MAKERS[int(self.rng.choice(len(MAKERS), p=_P / _P.sum()))][0]
        item = (f, f(self.rng))
        if len(self.sprites) < self.n:
            self.sprites.append(item)
        else:
            self.sprites[int(self.rng.integers(self.n))] = item

    def tick(self):
        self.grow()
        if self.rng.random() < .25:
            g = ground(self.rng)
            if len(self.grounds) < self.g:
                self.grounds.append(g)
            else:
                self.grounds[int(self.rng.integers(self.g))] = g

    def sprite(self, bodies=False):
        r = self.rng
        if self.cut and r.random() < .35:
            s = self.cut[int(r.integers(len(self.cut)))]
            return recolour(r, s) if r.random() < .6 else s
        for _ in range(12):
            f, s = self.sprites[int(r.integers(len(self.sprites)))]
            if not bodies or f in BODIES:
                break
        return s

    def ground(self, S, natural=False):
        if self.bare and self.rng.random() < .3:
            b = self.bare[int(self.rng.integers(len(self.bare)))]
            n = int(self.rng.uniform(.5, 1) * b.shape[0])
            o = self.rng.integers(0, b.shape[0] - n + 1, 2)
            g = cv2.resize(b[o[0]:o[0] + n, o[1]:o[1] + n], (S, S), interpolation=cv2.INTER_AREA if n > S else cv2.INTER_LINEAR)
            return np.ascontiguousarray(np.rot90(g, int(self.rng.integers(4)))).astype(np.float32) / 255
        for _ in range(8):
            loose, g = self.grounds[int(self.rng.integers(len(self.grounds)))]
            if loose or not natural:
                break
        z = self.rng.uniform(.75, 1.5)
        n = int(g.shape[0] * z)
        g = cv2.resize(g, (max(n, S), max(n, S)), interpolation=cv2.INTER_AREA if z < 1 else cv2.INTER_LINEAR)
        o = self.rng.integers(0, g.shape[0] - S + 1, 2)
        return np.rot90(g[o[0]:o[0] + S, o[1]:o[1] + S], int(self.rng.integers(4))).copy()


def shrink(s, size):
    """Once per scene: no more pixels than this scene can show."""
    n = max(8, int(size))
    return s if n >= s.shape[0] else cv2.resize(s, (n, n), interpolation=cv2.INTER_AREA)


def bury(rng, s):
    """Grains lie over the rim of a small body."""
    n = s.shape[0]
    y, x = np.mgrid[-1:1:n * 1j, -1:1:n * 1j].astype(np.float32)
    k = int(rng.integers(4, 9))
    grain = cv2.resize(rng.random((k, k)).astype(np.float32), (n, n), interpolation=cv2.INTER_CUBIC)
    edge = np.sqrt(x * x + y * y) > rng.uniform(.5, .8)
    return s * (1 - (edge & (grain > rng.uniform(.5, .8))).astype(np.float32))[..., None]


def put(img, rng, sprite, x, y, size, light):
    """One plant with its shadow; size is the longer side of the sprite."""
    f = size / sprite.shape[0]
    if f > 1.4:
        f = 1.4
    ang = rng.uniform(0, 6.28)
    if rng.random() < .8:
        sh = np.zeros((*sprite.shape[:2], 4), np.float32)
        sh[..., 3] = cv2.blur(sprite[..., 3], (9, 9)) * rng.uniform(.25, .65)
        d = size * rng.uniform(.02, .09)
        stamp(img, sh, x + math.cos(light) * d, y + math.sin(light) * d, ang, f)
    return stamp(img, sprite, x, y, ang, f)


def compose(rng, stock, S=320, lo=15., hi=240.):
    """Returns float32 image and boxes [x0, y0, x1, y1] (may reach beyond the image)."""
    stock.tick()
    img, light, boxes = stock.ground(S), rng.uniform(0, 6.28), []
    size = math.exp(rng.uniform(math.log(lo), math.log(hi)))
    kind = rng.random()
    fill = stock.ground(S, True) if rng.random() < .8 else img.copy()
    col, round_ = pot_colour(rng), rng.random() < .5
    rim, corner = rng.uniform(.02, .1), rng.uniform(.02, .22)
    empty = rng.choice([0, .08, .25, .6, 1.], p=[.3, .3, .2, .12, .08])
    if kind < .2:                                            # pots with many small plants each
        size = min(size, 70.) * (1. if rng.random() < .75 else .35)
        sprites = [shrink(stock.sprite(True), size * 1.3) for _ in range(int(rng.integers(1, 6)))]
        sprites = [bury(rng, s) if rng.random() < .35 else s for s in sprites]
        P = max(70., size * rng.uniform(3, 9))
        gap = P * rng.uniform(1.02, 1.2)
        o = rng.uniform(0, gap, 2)
        for i in range(-1, int(S / gap) + 2):
            for j in range(-1, int(S / gap) + 2):
                cx, cy = o[0] + i * gap, o[1] + j * gap
                draw_pot(img, rng, cx, cy, P, col, fill, round_, rim * .6, corner, light)
                if rng.random() < .5:
                    tag(img, rng, cx + rng.normal(0, P * .2), cy - P * .45, P * rng.uniform(.12, .3))
                done = []
                for _ in range(int(rng.integers(0, 22) * (rng.random() > empty))):
                    x, y = cx + rng.uniform(-.38, .38) * P, cy + rng.uniform(-.38, .38) * P
                    s = size * rng.uniform(.65, 1.3)
                    if all(math.hypot(x - a, y - b) > .46 * (s + t) for a, b, t in done):
                        done.append((x, y, s))
                        boxes.append(put(img, rng, sprites[int(rng.integers(len(sprites)))], x, y, s, light))
    else:
        sprites = [shrink(stock.sprite(), size * 1.35) for _ in range(int(rng.integers(1, 5)))]
        spread = rng.uniform(0, .35)
        if kind < .72:                                       # rows of pots, cells of a tray
            P = size * (rng.uniform(.8, 1.3) if rng.random() < .4 else rng.uniform(1.1, 3.5))
            P = float(np.clip(P, 14, 330))
            tray = rng.random() < .4
            gx = P * (1.0 if tray else rng.uniform(1.0, 1.35))
            gy = gx * (1. if tray else rng.uniform(.95, 1.15))
            hexa, o, jit = rng.random() < .25, rng.uniform(0, gx, 2), 0 if tray else P * .03
            many = rng.random() < .06
            ang = rng.normal(0, .06)
            spots = [(o[0] + (i + (.5 * (j % 2) if hexa else 0)) * gx + j * gy * ang, o[1] + j * gy - i * gx * ang) for i in range(-2, int(S / gx) + 3) for j in range(-2, int(S / gy) + 3)]
            nopot = rng.random() < .12
            for cx, cy in spots:
                if not nopot:
                    draw_pot(img, rng, cx + rng.normal(0, jit + .01), cy + rng.normal(0, jit + .01), P, col, fill, round_ and not tray, rim, corner, light)
            for cx, cy in spots:
                if rng.random() < empty:
                    continue
                s = min(size * rng.uniform(1 - spread, 1 + spread) * (rng.uniform(.2, .5) if rng.random() < spread * .45 else 1), P * 1.35)
                boxes.append(put(img, rng, sprites[int(rng.integers(len(sprites)))], cx + rng.normal(0, P * .06), cy + rng.normal(0, P * .06), s, light))
                if rng.random() < .06 + many * .5:
                    tag(img, rng, cx + rng.normal(0, P * .3), cy - P * .4, P * rng.uniform(.1, .35))
        else:                                                # free on the ground
            n = int(rng.integers(0, max(2, min(70, int(1.1 * (S / size) ** 2 * rng.uniform(.1, .75))))) + (rng.random() < .8))
            done, close = [], rng.uniform(.36, .8)
            for _ in range(n * 2):
                x, y, s = *rng.uniform(-.05 * S, 1.05 * S, 2), size * rng.uniform(1 - spread, 1 + spread)
                if len(done) < n and all(math.hypot(x - a, y - b) > close * (s + t) for a, b, t in done):
                    done.append((x, y, s))
                    boxes.append(put(img, rng, sprites[int(rng.integers(len(sprites)))], x, y, s, light))
    for _ in range(int(rng.integers(0, 4)) if rng.random() < .5 else 0):
        before = img.copy()
        clutter(img, rng, size)
        _keep_plants(img, before, boxes)
    return np.clip(img, 0, 1), [b for b in boxes if b is not None]


def _keep_plants(img, before, boxes):
    """Clutter lies under plants, so that no labelled plant is hidden."""
    S = img.shape[0]
    for b in boxes:
        if b is not None:
            x0, y0, x1, y1 = [int(np.clip(v, 0, S)) for v in b]
            img[y0:y1, x0:x1] = before[y0:y1, x0:x1]


def tilted(rng, stock, S=320, lo=15., hi=240.):
    """A scene seen at a slant: the far side is smaller."""
    W = int(S * 1.25)
    img, boxes = compose(rng, stock, W, lo * 1.1, hi)
    far, near, high = W * rng.uniform(.9, 1), W * rng.uniform(.55, .85), W * rng.uniform(.75, 1)
    c, y = W / 2, (W - high) * rng.random()
    src = np.float32([[c - far / 2, y], [c + far / 2, y], [c + near / 2, y + high], [c - near / 2, y + high]])
    M = cv2.getPerspectiveTransform(src, np.float32([[0, 0], [S, 0], [S, S], [0, S]]))
    out = cv2.warpPerspective(img, M, (S, S), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
    t = np.linspace(0, 2 * math.pi, 13)[:-1]
    res = []
    for x0, y0, x1, y1 in boxes:
        p = np.stack([(x0 + x1) / 2 + np.cos(t) * (x1 - x0) / 2, (y0 + y1) / 2 + np.sin(t) * (y1 - y0) / 2], 1).astype(np.float32)
        q = cv2.perspectiveTransform(p[None], M)[0]
        res.append((*q.min(0), *q.max(0)))
    return out, res
