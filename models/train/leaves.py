"""Procedural plants made of leaves: rosettes, agaves, leafy herbs, seedlings, grass.

A sprite is float32 RGBA (0..1, colours premultiplied by alpha), square, plant centred. Nothing here is copied from a photo.
"""
import math
import cv2
import numpy as np

SIZE = 208


def hsv(h, s, v):
    """h in degrees."""
    i = (h % 360) / 60.0
    f = i - math.floor(i)
    p, q, t = v * (1 - s), v * (1 - s * f), v * (1 - s * (1 - f))
    return np.array([(v, t, p), (q, v, p), (p, v, t), (p, q, v), (t, p, v), (v, p, q)][int(i) % 6], np.float32)


# name: weight, hue range, saturation range, value range
TONES = [
    (3.0, (65, 130), (.35, .85), (.30, .80)),    # green
    (1.6, (130, 210), (.06, .35), (.35, .80)),   # blue-grey
    (1.2, (20, 200), (.00, .12), (.20, .75)),    # grey
    (1.2, (330, 372), (.15, .45), (.50, .85)),   # pink
    (1.6, (-14, 14), (.45, .90), (.30, .75)),    # red
    (1.8, (4, 32), (.35, .80), (.18, .60)),      # red-brown, ochre
    (1.3, (270, 345), (.15, .60), (.15, .55)),   # purple
    (0.7, (0, 360), (.05, .40), (.07, .18)),     # near black
    (1.0, (45, 75), (.30, .80), (.45, .90)),     # yellow-green
]
_W = np.array([t[0] for t in TONES])


def tone(rng, green=False):
    k = 0 if green and rng.random() < .8 else int(rng.choice(len(TONES), p=_W / _W.sum()))
    _, h, s, v = TONES[k]
    return hsv(rng.uniform(*h), rng.uniform(*s), rng.uniform(*v))


def shift(rng, c, amount=.12):
    return np.clip(c * rng.uniform(1 - amount, 1 + amount) + rng.normal(0, amount * .25, 3), 0, 1).astype(np.float32)


def blank(size=SIZE):
    return np.zeros((size, size, 4), np.float32)


def leaf(img, x, y, ang, length, width, base, tip, p=1.0, q=.8, edge=None, mid=None, bands=0, petiole=0., shade=.35, rng=None):
    """One leaf from (x, y) outward. p moves the widest place, q rounds it, petiole is the bare share of the length."""
    S = img.shape[0]
    ca, sa = math.cos(ang), math.sin(ang)
    ex, ey = x + ca * length, y + sa * length
    m = width / 2 + 3
    x0, x1 = max(0, int(min(x, ex) - m)), min(S, int(max(x, ex) + m) + 1)
    y0, y1 = max(0, int(min(y, ey) - m)), min(S, int(max(y, ey) + m) + 1)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    gx = np.arange(x0, x1, dtype=np.float32)[None] - x
    gy = np.arange(y0, y1, dtype=np.float32)[:, None] - y
    u = (gx * ca + gy * sa) / length
    v = gy * ca - gx * sa
    t = np.clip((u - petiole) / (1 - petiole), 0, 1)
    half = (width / 2) * np.maximum(np.sin(np.pi * t ** p), 0) ** q
    if petiole:
        half = np.maximum(half, width * .07 * (u < petiole + .1))
    half = np.where((u > 0) & (u < 1), half, 0)
    d = half - np.abs(v)
    a = np.clip(d + .5, 0, 1) * (half > .3)
    dark = np.clip((d + 3) / 5, 0, 1) * (half > .3)          # soft shadow under the leaf
    reg = img[y0:y1, x0:x1]
    reg[..., :3] *= 1 - shade * dark[..., None] * (reg[..., 3:] > .5)
    r = np.clip(np.abs(v) / np.maximum(half, .5), 0, 1)
    col = base + (tip - base) * (t ** 1.6)[..., None]
    col = col * (1.12 - .38 * r ** 2 - .25 * np.exp(-t * 6))[..., None]
    if mid is not None:
        col = col + (mid - col) * (.6 * np.exp(-(v / max(1., width * .05)) ** 2))[..., None]
    if edge is not None:
        col = col + (edge - col) * (np.clip((r - .72) * 3.5, 0, .85))[..., None]
    if bands:
        col = col * (1 + .25 * np.sign(np.sin(u * bands * np.pi)) * (r < .95))[..., None]
    reg[..., :3] += (col - reg[..., :3]) * a[..., None]
    reg[..., 3] = np.maximum(reg[..., 3], a)


def rosette(rng, S=SIZE):
    """Echeveria, Sempervivum, Graptopetalum."""
    img = blank(S)
    n = int(rng.integers(12, 70))
    ratio = rng.uniform(.26, .62)
    base, tip = tone(rng), tone(rng)
    tip = base + (tip - base) * rng.uniform(0, .8)
    edge = tone(rng) if rng.random() < .4 else (np.clip(base * 1.35, 0, 1) if rng.random() < .5 else None)
    p, q = rng.uniform(1.1, 2.4), rng.uniform(.5, 1.0)
    R, g = S * .48, rng.uniform(2.2, 2.6)
    inner = rng.uniform(.12, .3)
    a0, squash = rng.uniform(0, 6.28), rng.uniform(.0, .1)
    young = np.clip(base * rng.uniform(.75, 1.35), 0, 1)
    for i in range(n):
        f = 1 - i / n                                       # 1 outside, 0 centre
        L = R * (inner + (1 - inner) * f ** rng.uniform(.8, .95)) * rng.uniform(1 - squash, 1)
        c = young + (base - young) * f
        leaf(img, S / 2, S / 2, a0 + i * g + rng.normal(0, .06), L, max(5, L * ratio * (1 + .5 * (1 - f))), shift(rng, c), shift(rng, tip), p, q, edge)
    return img


def agave(rng, S=SIZE):
    """Agave, Aloe, Haworthia, Gasteria: narrow stiff leaves, often banded or edged."""
    img = blank(S)
    n = int(rng.integers(6, 34))
    base, tip = tone(rng, rng.random() < .4), tone(rng)
    tip = base + (tip - base) * rng.uniform(0, .5)
    edge = hsv(rng.uniform(20, 80), rng.uniform(0, .5), rng.uniform(.6, 1)) if rng.random() < .4 else None
    bands = int(rng.integers(6, 16)) if rng.random() < .35 else 0
    ratio, p, a0 = rng.uniform(.10, .32), rng.uniform(.35, .8), rng.uniform(0, 6.28)
    fan = rng.random() < .15                                # two-ranked, Gasteria
    for i in range(n):
        f = 1 - i / n
        L = S * .48 * (.3 + .7 * f) * rng.uniform(.8, 1)
        ang = a0 + (math.pi * (i % 2) + rng.normal(0, .25) if fan else i * 2.39996 + rng.normal(0, .1))
        leaf(img, S / 2, S / 2, ang, L, max(4, L * ratio), shift(rng, base), shift(rng, tip), p, rng.uniform(.6, .9), edge, None, bands)
    return img


def herb(rng, S=SIZE):
    """Leafy young plants: stalked leaves, mostly green."""
    img = blank(S)
    n = int(rng.integers(3, 16))
    base = tone(rng, True)
    mid = np.clip(base * 1.4 + .08, 0, 1) if rng.random() < .6 else None
    ratio, p, pet = rng.uniform(.25, .75), rng.uniform(.7, 1.8), rng.uniform(0, .45)
    a0, g = rng.uniform(0, 6.28), rng.choice([2.39996, math.pi / 2, 2.2])
    for i in range(n):
        f = 1 - i / n
        L = S * .48 * (.35 + .65 * f) * rng.uniform(.65, 1)
        leaf(img, S / 2, S / 2, a0 + i * g + rng.normal(0, .2), L, max(6, L * ratio * rng.uniform(.8, 1.2)),
             shift(rng, base, .2), shift(rng, base * rng.uniform(.9, 1.2), .15), p, rng.uniform(.5, .9), None, mid, 0, pet, .3)
    return img


def seedling(rng, S=SIZE):
    """Two seed leaves, sometimes the first two true ones."""
    img = blank(S)
    base = tone(rng, True)
    a0, ratio, p = rng.uniform(0, 6.28), rng.uniform(.3, .8), rng.uniform(.7, 1.6)
    for i in range(2 if rng.random() < .6 else 4):
        ang = a0 + math.pi * (i % 2) + (math.pi / 2 if i > 1 else 0) + rng.normal(0, .25)
        L = S * .46 * rng.uniform(.75, 1) * (1 if i < 2 else .7)
        leaf(img, S / 2, S / 2, ang, L, max(6, L * ratio), shift(rng, base, .15), shift(rng, base, .15), p, .7, None, np.clip(base * 1.3, 0, 1), 0, rng.uniform(0, .3), .25)
    return img


def grass(rng, S=SIZE):
    """A tuft of bending blades."""
    img = np.zeros((S, S, 4), np.float32)
    base = tone(rng, True)
    few = rng.random() < .4                                  # maize: few broad blades
    for _ in range(int(rng.integers(2, 6) if few else rng.integers(6, 26))):
        a, L, bend = rng.uniform(0, 6.28), S * rng.uniform(.2, .48), rng.normal(0, .5 if few else .9)
        t = np.linspace(0, 1, 12)
        aa = a + bend * t
        x = S / 2 + np.cumsum(np.cos(aa)) * L / 12 + rng.normal(0, 4)
        y = S / 2 + np.cumsum(np.sin(aa)) * L / 12 + rng.normal(0, 4)
        c = shift(rng, base, .25)
        pts = np.stack([x, y], 1)
        w = rng.integers(8, 20) if few else rng.integers(2, 7)
        for k in range(11):
            th = max(1, int(w * math.sin(math.pi * (.18 + .8 * k / 11)) if few else w * (1 - k / 12)))
            cv2.line(img, tuple(int(v) for v in pts[k]), tuple(int(v) for v in pts[k + 1]), (*[float(v) for v in c * (.8 + .03 * k)], 1.), th, cv2.LINE_AA)
    return img
