"""Procedural grounds: gravel, pumice, soil, cloth, mesh, wood, plastic, concrete. Float32 RGB 0..1."""
import math
import cv2
import numpy as np
from leaves import hsv
from pebbles import pebbles

# palettes of stones: lists of (hue, saturation, value)
STONES = [
    [(45, .10, .85), (40, .15, .75), (0, 0, .9), (50, .25, .7), (30, .1, .6)],         # white quartz
    [(35, .35, .75), (30, .4, .65), (40, .3, .85), (25, .3, .5), (20, .3, .35)],       # pumice, akadama
    [(15, .55, .45), (10, .5, .35), (20, .5, .55), (0, .3, .25)],                      # lava
    [(30, .12, .5), (210, .08, .45), (20, .2, .6), (40, .3, .7), (0, 0, .3), (10, .35, .5)],  # river gravel
    [(0, 0, .12), (30, .1, .2), (0, 0, .3)],                                           # black
    [(210, .05, .55), (0, 0, .45), (200, .05, .7)],                                    # grey chippings
]


def octaves(rng, S, cells=(128, 64, 32, 16, 8, 4, 2), fall=.75):
    out, w = np.zeros((S, S), np.float32), 1.
    for c in cells:
        n = max(2, S // c)
        out += w * (cv2.resize(rng.random((n, n), np.float32), (S, S), interpolation=cv2.INTER_CUBIC) - .5)
        w *= fall
    return out / out.std()


def gravel(rng, S, size=None):
    """Stones as warped Voronoi cells with domes, lit from one side."""
    size = size or math.exp(rng.uniform(math.log(4), math.log(44)))
    pal = STONES[int(rng.integers(len(STONES)))]
    step = max(2.5, size)
    n = int(S / step) + 2
    gy, gx = np.mgrid[0:n, 0:n].astype(np.float32) * step
    gx += rng.uniform(-.5, .5, gx.shape) * step
    gy += rng.uniform(-.5, .5, gy.shape) * step
    keep = rng.random(gx.shape) > rng.uniform(0, .45)
    xs, ys = gx[keep].astype(int), gy[keep].astype(int)
    ok = (xs >= 0) & (xs < S) & (ys >= 0) & (ys < S)
    mask = np.full((S, S), 255, np.uint8)
    mask[ys[ok], xs[ok]] = 0
    _, lab = cv2.distanceTransformWithLabels(mask, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    amp = rng.uniform(.03, .09)
    mx = (np.arange(S, dtype=np.float32)[None] + octaves(rng, S, (16, 8, 4)) * size * amp)
    my = (np.arange(S, dtype=np.float32)[:, None] + octaves(rng, S, (16, 8, 4)) * size * amp)
    lab = cv2.remap(lab.astype(np.float32), mx, my, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT).astype(np.int32)
    edge = np.ones((S, S), np.uint8)
    edge[:, 1:] &= (lab[:, 1:] == lab[:, :-1]).astype(np.uint8)
    edge[1:] &= (lab[1:] == lab[:-1]).astype(np.uint8)
    d = cv2.distanceTransform(edge, cv2.DIST_L2, 3)
    h = 1 - np.exp(-d / (size * rng.uniform(.12, .3)))
    h = cv2.GaussianBlur(h, (0, 0), max(.6, size * .05))
    sx, sy = cv2.Sobel(h, cv2.CV_32F, 1, 0), cv2.Sobel(h, cv2.CV_32F, 0, 1)
    la = rng.uniform(0, 6.28)
    light = np.clip(.35 + .65 * h + rng.uniform(.1, .5) * min(size, 14) * .1 * (sx * math.cos(la) + sy * math.sin(la)), .08, 1.4)
    m = int(lab.max()) + 1
    tint = rng.uniform(.75, 1.2)
    cols = np.stack([hsv(*p) for p in pal])[rng.choice(len(pal), m, p=rng.dirichlet(np.ones(len(pal))))]
    cols = cols * rng.uniform(.75, 1.2, (m, 1)) * tint + rng.normal(0, .008, (m, 3))
    img = cols[lab].astype(np.float32) * light[..., None]
    return np.clip(img + octaves(rng, S, (8, 4, 2))[..., None] * .025, 0, 1)


def soil(rng, S):
    base = hsv(rng.uniform(12, 40), rng.uniform(.1, .55), rng.uniform(.08, .5))
    img = base * (1 + rng.uniform(.15, .4) * octaves(rng, S, fall=rng.uniform(.75, 1.05)))[..., None]
    if rng.random() < .6:                                    # perlite, bark, slow-release fertiliser
        for _ in range(int(rng.integers(20, 500))):
            c = hsv(rng.uniform(20, 60), rng.uniform(0, .5), rng.uniform(.4, 1))
            x, y = int(rng.integers(S)), int(rng.integers(S))
            ax = (int(rng.integers(1, 5)), int(rng.integers(1, 4)))
            cv2.ellipse(img, (x, y), ax, float(rng.uniform(0, 180)), 0, 360, tuple(map(float, c)), -1, cv2.LINE_AA)
    if rng.random() < .25:                                   # cracks
        m = np.abs(octaves(rng, S, (64, 32, 16))) < .08
        img[m] *= .4
    if rng.random() < .15:                                   # moss, algae
        k = np.clip(octaves(rng, S, (64, 16, 8, 4)) - .6, 0, 1)[..., None] * .7
        img = img + (hsv(rng.uniform(60, 120), .5, .35) - img) * k
    return np.clip(img, 0, 1).astype(np.float32)


def cloth(rng, S):
    """Woven ground cloth, fleece or capillary mat."""
    base = hsv(rng.choice([0, 210, 30, 120, 225]), rng.uniform(0, .5 if rng.random() < .3 else .12), rng.uniform(.08, .6))
    per = rng.uniform(2.5, 9)
    x, y = np.arange(S)[None], np.arange(S)[:, None]
    weave = np.sin(x * 2 * math.pi / per) * np.sin(y * 2 * math.pi / (per * rng.uniform(.6, 1.6)))
    img = base * (1 + rng.uniform(.05, .25) * weave + .15 * octaves(rng, S, (128, 64, 32)))[..., None]
    img = img * (1 + .07 * octaves(rng, S, (4, 2)))[..., None]
    for _ in range(int(rng.integers(0, 6))):                 # creases
        a, b = rng.integers(0, S, 2), rng.integers(0, S, 2)
        cv2.line(img, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), tuple(map(float, base * rng.choice([.5, 1.5]))), int(rng.integers(1, 4)), cv2.LINE_AA)
    if rng.random() < .4:
        grit = octaves(rng, S, (8, 4, 2)) > rng.uniform(1.6, 2.4)
        img[grit] = hsv(30, .3, rng.uniform(.2, .6))
    return np.clip(img, 0, 1).astype(np.float32)


def bench(rng, S):
    """Planks, wire mesh, tiles, sheet: what pots stand on."""
    k = rng.random()
    base = hsv(rng.uniform(20, 40), rng.uniform(.1, .5), rng.uniform(.3, .8)) if k < .4 else hsv(rng.uniform(0, 360), rng.uniform(0, .15), rng.uniform(.25, .95))
    if k > .9:
        base = hsv(rng.uniform(0, 360), rng.uniform(.3, .8), rng.uniform(.3, .8))
    img = base * np.ones((S, S, 3), np.float32) * (1 + .06 * octaves(rng, S))[..., None]
    if k < .4:
        img *= (1 + .08 * np.repeat(rng.normal(0, 1, (S, 1)), S, 1))[..., None]
        for y in range(int(rng.integers(10, 60)), S, int(rng.integers(40, 160))):
            img[y:y + int(rng.integers(2, 6))] *= .3
    elif k < .7:
        p = int(rng.integers(8, 60))
        w = max(1, p // int(rng.integers(5, 14)))
        f = rng.choice([.35, 1.6])
        for o in range(int(rng.integers(p)), S, p):
            img[o:o + w] *= f
            img[:, o:o + w] *= f
    return np.clip(img, 0, 1).astype(np.float32)


def ground(rng, S=448):
    """(is it what pots are filled with, image)"""
    k = rng.random()
    img = pebbles(rng, S, STONES[int(rng.integers(len(STONES)))]) if k < .22 else gravel(rng, S) if k < .48 else soil(rng, S) if k < .72 else cloth(rng, S) if k < .86 else bench(rng, S)
    if k < .48 and rng.random() < .2:                        # bigger stones on finer ones
        big, m = gravel(rng, S, rng.uniform(24, 60)), octaves(rng, S, (48, 24)) > rng.uniform(.3, 1.2)
        img = np.where(m[..., None], big, img)
    return k < .72, img
