"""Pots, trays, labels and other things that are no plants, drawn into a float32 RGB canvas."""
import math
import cv2
import numpy as np
from leaves import hsv, leaf, blank
from grounds import octaves


def pot_colour(rng):
    k = rng.random()
    if k < .45:
        return hsv(rng.uniform(0, 360), rng.uniform(0, .2), rng.uniform(.04, .28))     # black, dark grey
    if k < .72:
        return hsv(rng.uniform(4, 24), rng.uniform(.5, .85), rng.uniform(.4, .8))      # terracotta
    if k < .87:
        return hsv(rng.uniform(0, 360), rng.uniform(0, .1), rng.uniform(.5, .95))      # grey, white
    return hsv(rng.uniform(0, 360), rng.uniform(.3, .8), rng.uniform(.3, .8))


def _shape(size, round_, corner):
    m = np.zeros((size, size), np.uint8)
    if round_:
        cv2.circle(m, (size // 2, size // 2), max(1, size // 2 - 1), 255, -1, cv2.LINE_AA)
    else:
        r = max(1, int(size * corner))
        cv2.rectangle(m, (r, 0), (size - 1 - r, size - 1), 255, -1)
        cv2.rectangle(m, (0, r), (size - 1, size - 1 - r), 255, -1)
        for x in (r, size - 1 - r):
            for y in (r, size - 1 - r):
                cv2.circle(m, (x, y), r, 255, -1)
    return m.astype(np.float32) / 255


def draw_pot(img, rng, cx, cy, size, colour, fill, round_, rim=.06, corner=.1, light=0.):
    """fill: texture, at least as large as the canvas."""
    S = img.shape[0]
    size = int(size)
    x, y = int(cx - size / 2), int(cy - size / 2)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(S, x + size), min(S, y + size)
    if x1 - x0 < 2 or y1 - y0 < 2 or size < 6:
        return
    cut = (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))
    outer = _shape(size, round_, corner)
    k = max(1, int(size * rim))
    inner = np.zeros_like(outer)
    inner[k:size - k, k:size - k] = _shape(size - 2 * k, round_, corner)
    gx = np.linspace(-1, 1, size, dtype=np.float32)
    grad = math.cos(light) * gx[None] + math.sin(light) * gx[:, None]
    wall = cv2.GaussianBlur(inner, (0, 0), max(.8, size * .04))
    fx, fy = rng.integers(0, max(1, fill.shape[1] - (x1 - x0))), rng.integers(0, max(1, fill.shape[0] - (y1 - y0)))
    sub = fill[fy:fy + y1 - y0, fx:fx + x1 - x0]
    reg = img[y0:y1, x0:x1]
    o, i, g, w = outer[cut][..., None], inner[cut][..., None], grad[cut][..., None], wall[cut][..., None]
    ring = np.abs(wall - .5)[cut][..., None]
    reg += (colour * (1 + .25 * g + .5 * (.5 - ring)) - reg) * o
    reg += (sub * np.clip(.45 + .6 * w - .12 * g, .2, 1.1) - reg) * i


def tag(img, rng, x, y, size):
    """A plant label: plain, written, or with a code."""
    h, w = max(4, int(size)), max(4, int(size * rng.uniform(.3, 1.2)))
    c = hsv(rng.choice([0, 50, 50, 210, 110]), rng.uniform(0, .15) if rng.random() < .75 else .6, rng.uniform(.75, 1))
    t = np.ones((h, w, 4), np.float32)
    t[..., :3] = c
    k = rng.random()
    if k < .4:
        n = int(rng.integers(6, 14))
        q = cv2.resize((rng.random((n, n)) < .5).astype(np.float32), (w, max(2, int(h * .6))), interpolation=cv2.INTER_NEAREST)
        t[:q.shape[0], :, :3] = np.where(q[..., None] > 0, .05, .95)
    elif k < .8:
        for yy in range(2, h - 2, max(3, h // 6)):
            cv2.line(t, (2, yy), (int(w * rng.uniform(.4, .95)), yy + int(rng.integers(-1, 2))), (*map(float, hsv(220, .3, .2)), 1.), 1, cv2.LINE_AA)
    stamp(img, t, x, y, rng.uniform(-.5, .5) if rng.random() < .7 else rng.uniform(0, 6.28))


def stamp(img, s, cx, cy, angle=0., scale=1.):
    """Paste a premultiplied RGBA patch, turned and scaled; returns the box of its visible alpha or None."""
    h, w = s.shape[:2]
    if scale < 1:
        w, h = max(3, int(w * scale)), max(3, int(h * scale))
        s = cv2.resize(s, (w, h), interpolation=cv2.INTER_AREA)
        scale = 1.
    D = int(math.hypot(w, h) * scale) + 3
    M = cv2.getRotationMatrix2D((w / 2, h / 2), math.degrees(angle), scale)
    M[:, 2] += D / 2 - np.array([w / 2, h / 2])
    p = cv2.warpAffine(s, M, (D, D), flags=cv2.INTER_LINEAR)
    S = img.shape[0]
    x, y = int(cx - D / 2), int(cy - D / 2)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(S, x + D), min(S, y + D)
    a = p[..., 3]
    ys, xs = np.where(a.max(1) > .35)[0], np.where(a.max(0) > .35)[0]
    if x1 > x0 and y1 > y0:
        q = p[y0 - y:y1 - y, x0 - x:x1 - x]
        reg = img[y0:y1, x0:x1]
        reg *= 1 - q[..., 3:]
        reg += np.minimum(q[..., :3], 1)
    if not len(xs) or not len(ys):
        return None
    return x + xs[0], y + ys[0], x + xs[-1] + 1, y + ys[-1] + 1


def clutter(img, rng, size):
    """Things that must not be counted."""
    S = img.shape[0]
    x, y = rng.uniform(0, S, 2)
    k = rng.random()
    if k < .35:
        tag(img, rng, x, y, size * rng.uniform(.3, 1.2))
    elif k < .55:                                            # one large stone
        n = int(rng.integers(5, 11))
        a = np.sort(rng.uniform(0, 6.28, n))
        r = size * rng.uniform(.15, .5) * rng.uniform(.7, 1, n)
        b = hsv(rng.uniform(0, 50), rng.uniform(0, .45), rng.uniform(.15, .85))
        for f, l in ((1, .6), (.85, .95), (.55, 1.1)):
            p = np.stack([x + np.cos(a) * r * f - (1 - f) * 2, y + np.sin(a) * r * f - (1 - f) * 3], 1).astype(np.int32)
            cv2.fillPoly(img, [p], tuple(map(float, np.clip(b * l, 0, 1))), cv2.LINE_AA)
    elif k < .7:                                             # hose, stick, cable
        p = np.cumsum(rng.normal(0, S / 6, (5, 2)), 0) + rng.uniform(0, S, 2)
        cv2.polylines(img, [p.astype(np.int32)], False, tuple(map(float, hsv(rng.uniform(0, 360), rng.uniform(0, .5), rng.uniform(.05, .9)))), int(rng.integers(1, 8)), cv2.LINE_AA)
    elif k < .8:                                             # fingers
        skin = hsv(rng.uniform(8, 28), rng.uniform(.25, .6), rng.uniform(.3, .95))
        a = rng.uniform(0, 6.28)
        for i in range(int(rng.integers(1, 5))):
            L, w = size * rng.uniform(1, 2.5), size * rng.uniform(.2, .4)
            px, py = x - math.sin(a) * i * w * 1.05, y + math.cos(a) * i * w * 1.05
            for f, l in ((1., .75), (.75, .95), (.4, 1.08)):
                cv2.line(img, (int(px), int(py)), (int(px + math.cos(a) * L), int(py + math.sin(a) * L)), tuple(map(float, np.clip(skin * l, 0, 1))), max(1, int(w * f)), cv2.LINE_AA)
    elif k < .92:                                            # dry fallen leaf
        s = blank(96)
        c = hsv(rng.uniform(20, 45), rng.uniform(.3, .7), rng.uniform(.25, .7))
        leaf(s, 8, 48, rng.normal(0, .2), 80, 80 * rng.uniform(.2, .5), c, c * 1.1, 1., .8, None, c * .7)
        stamp(img, s, x, y, rng.uniform(0, 6.28), min(1, size * rng.uniform(.2, .7) / 96))
    else:                                                    # board, bench edge
        p0, a, w = rng.uniform(0, S, 2), rng.choice([0, math.pi / 2]) + rng.normal(0, .1), S * rng.uniform(.03, .2)
        d = np.array([math.cos(a), math.sin(a)]) * S * 2
        cv2.line(img, tuple(int(v) for v in p0 - d), tuple(int(v) for v in p0 + d), tuple(map(float, hsv(rng.uniform(0, 360), rng.uniform(0, .4), rng.uniform(.1, .95)))), max(2, int(w)), cv2.LINE_AA)
