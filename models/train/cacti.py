"""Procedural cacti and stone plants: ribbed, tubercled, star-shaped, padded, Lithops and Conophytum, clumps."""
import math
import cv2
import numpy as np
from leaves import SIZE, agave, blank, hsv, leaf, rosette, shift, tone


def _polar(S, rng, squash=.12):
    gx = (np.arange(S, dtype=np.float32)[None] - S / 2) / (S * .48)
    gy = (np.arange(S, dtype=np.float32)[:, None] - S / 2) / (S * .48)
    gx, gy = gx * rng.uniform(1, 1 + squash), gy * rng.uniform(1, 1 + squash)
    a = rng.uniform(0, 6.28)
    gx, gy = gx * math.cos(a) - gy * math.sin(a), gx * math.sin(a) + gy * math.cos(a)
    return gx, gy, np.sqrt(gx * gx + gy * gy), np.arctan2(gy, gx)


def noise(rng, S, cell):
    n = max(2, int(S / cell))
    return cv2.resize(rng.random((n, n), np.float32), (S, S), interpolation=cv2.INTER_CUBIC)


def spines(img, rng, pts, length, colour, count):
    """Short lines in all directions from each areole."""
    for x, y in pts:
        for _ in range(count):
            a, l = rng.uniform(0, 6.28), length * rng.uniform(.5, 1.2)
            c = np.clip(colour * rng.uniform(.75, 1.15), 0, 1)
            cv2.line(img, (int(x), int(y)), (int(x + math.cos(a) * l), int(y + math.sin(a) * l)), (*map(float, c), 1.), 1, cv2.LINE_AA)


def _spine_colour(rng):
    return hsv(rng.uniform(0, 50), rng.uniform(0, .6), rng.uniform(.3, 1.)) if rng.random() < .8 else np.float32([.95, .95, .92])


def globe(rng, S=SIZE):
    """Ribbed ball from above: Notocactus, Echinocactus, Gymnocalycium; few ribs: Astrophytum."""
    img = blank(S)
    gx, gy, r, th = _polar(S, rng)
    ribs = int(rng.integers(4, 9)) if rng.random() < .3 else int(rng.integers(9, 30))
    depth = rng.uniform(.05, .3) if ribs > 8 else rng.uniform(.15, .45)
    twist = rng.normal(0, .5)
    wave = .5 + .5 * np.cos(ribs * (th + twist * r))
    edge = 1 - depth * (1 - wave) * .8
    a = np.clip((edge - r) * S * .25, 0, 1)
    base = tone(rng, rng.random() < .55)
    z = np.sqrt(np.clip(1 - (r / np.maximum(edge, .1)) ** 2, 0, 1))
    la = rng.uniform(0, 6.28)
    light = np.clip(.62 + .35 * z + .22 * (gx * math.cos(la) + gy * math.sin(la)), .2, 1.25)
    groove = 1 - rng.uniform(.35, .7) * (1 - wave) ** 2 * np.clip(r * 3, 0, 1)
    col = base * (light * groove * (.9 + .2 * noise(rng, S, 9)))[..., None]
    if rng.random() < .35:                                   # flecks
        f = noise(rng, S, 4) > rng.uniform(.6, .8)
        col = np.where(f[..., None], col + (.9 - col) * .5, col)
    if rng.random() < .45:                                   # woolly crown
        k = np.clip((rng.uniform(.08, .25) - r) * 20, 0, 1)[..., None]
        col = col + (hsv(rng.uniform(20, 60), rng.uniform(0, .35), rng.uniform(.6, 1)) * (.8 + .3 * noise(rng, S, 3))[..., None] - col) * k
    img[..., :3], img[..., 3] = col * a[..., None], a
    if rng.random() < .8:
        pts = []
        for k in range(ribs):
            for rr in np.linspace(.15, .97, int(rng.integers(4, 9))):
                t = 2 * math.pi * k / ribs - twist * rr
                pts.append((S / 2 + math.cos(t) * rr * S * .46, S / 2 + math.sin(t) * rr * S * .46))
        spines(img, rng, pts, S * rng.uniform(.03, .14), _spine_colour(rng), int(rng.integers(2, 5)))
    return img


def mammillaria(rng, S=SIZE):
    """Tubercles in spirals, white or brown spines."""
    img = blank(S)
    gx, gy, r, th = _polar(S, rng)
    base = tone(rng, rng.random() < .6)
    a = np.clip((1 - r) * S * .25, 0, 1)
    img[..., :3], img[..., 3] = (base * .45) * a[..., None], a
    n, pts = int(rng.integers(50, 150)), []
    g, sc = 2.39996, _spine_colour(rng)
    for i in range(n, 0, -1):
        f = math.sqrt(i / n)
        x, y = S / 2 + math.cos(i * g) * f * S * .44, S / 2 + math.sin(i * g) * f * S * .44
        rad = max(2, S * .5 / math.sqrt(n) * rng.uniform(.8, 1.05) * (.6 + .4 * f))
        c = shift(rng, base) * (1.1 - .35 * f)
        cv2.circle(img, (int(x), int(y)), int(rad), (*map(float, c * .7), 1.), -1, cv2.LINE_AA)
        cv2.circle(img, (int(x - rad * .15), int(y - rad * .15)), max(1, int(rad * .65)), (*map(float, np.clip(c * 1.15, 0, 1)), 1.), -1, cv2.LINE_AA)
        pts.append((x, y))
    if rng.random() < .85:
        spines(img, rng, pts, S * rng.uniform(.03, .09), sc, int(rng.integers(2, 6)))
    return img


def head(rng, S=SIZE, base=None):
    """One Lithops or Conophytum body: two halves, a cleft, a patterned top."""
    img = blank(S)
    base = tone(rng) if base is None else base
    gx, gy, r, th = _polar(S, rng, .45)
    sq = rng.uniform(2, 2.8)
    rr = (np.abs(gx) ** sq + np.abs(gy) ** sq) ** (1 / sq)
    rr = rr * (1 + .08 * (noise(rng, S, S / 3.) - .5))
    a = np.clip((.97 - rr) * S * .25, 0, 1)
    la = rng.uniform(0, 6.28)
    light = np.clip(1.05 - .5 * rr ** 4 + .2 * (gx * math.cos(la) + gy * math.sin(la)), .25, 1.3)
    col = np.broadcast_to(base, (S, S, 3)) * 1.0
    kind = rng.random()
    if kind < .6:                                            # windows, veins, spots
        pat = np.abs(noise(rng, S, rng.uniform(6, 22)) - .5) * 2 if rng.random() < .5 else noise(rng, S, rng.uniform(5, 25))
        m = np.clip((pat - rng.uniform(.35, .65)) * 8, 0, 1) * np.clip((.9 - rr) * 8, 0, 1)
        other = tone(rng) if rng.random() < .3 else np.clip(base * rng.choice([.45, .6, 1.5, 1.8]), 0, 1)
        col = col + (other - col) * (m * rng.uniform(.4, .9))[..., None]
    elif kind < .75:                                         # fine dots
        m = noise(rng, S, 5) > .72
        col = np.where(m[..., None], col * .55, col)
    col = col * (light * (.93 + .14 * noise(rng, S, 3)))[..., None]
    w = rng.uniform(.015, .06)
    if rng.random() < .8:
        bend = rng.normal(0, .06)
        span = rng.uniform(.25, .45) if rng.random() < .3 else 1.1
        d = np.abs(gx + bend * gy * gy)
        k = np.exp(-(d / w) ** 2) * (np.abs(gy) < span)
        lip = np.exp(-((d - 2.5 * w) / w) ** 2) * (np.abs(gy) < span)
        col = col * (1 - .65 * k + .18 * lip)[..., None]
    if rng.random() < .15:                                   # dry old skin round the rim
        k = np.clip((rr - .8) * 8, 0, 1) * (noise(rng, S, S / 4) > .5)
        col = col + (hsv(35, .3, .8) - col) * k[..., None]
    img[..., :3], img[..., 3] = np.clip(col, 0, 1) * a[..., None], a
    return img


def paste_rgba(dst, src, cx, cy, size):
    """Paste a sprite (colours premultiplied by alpha), scaled to size, with its middle at (cx, cy)."""
    s = max(4, int(size))
    sm = cv2.resize(src, (s, s), interpolation=cv2.INTER_AREA)
    H, W = dst.shape[:2]
    x, y = int(cx - s / 2), int(cy - s / 2)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(W, x + s), min(H, y + s)
    if x1 <= x0 or y1 <= y0:
        return
    q = sm[y0 - y:y1 - y, x0 - x:x1 - x]
    d = dst[y0:y1, x0:x1]
    a = q[..., 3:]
    d[..., :3] = d[..., :3] * (1 - a) + np.minimum(q[..., :3], 1)
    if d.shape[2] == 4:
        d[..., 3:] = np.maximum(d[..., 3:], a)


def clump(rng, S=SIZE):
    """Offsets round a mother plant, or a tight cushion: counted as one plant."""
    img = blank(S)
    make = [rosette, globe, mammillaria, agave][int(rng.integers(4))]
    one = make(rng, 128)
    n = int(rng.integers(3, 9))
    order = [(S / 2 + math.cos(a) * S * .3 * rng.uniform(.85, 1.1), S / 2 + math.sin(a) * S * .3 * rng.uniform(.85, 1.1), S * rng.uniform(.22, .4))
             for a in rng.uniform(0, 6.28, n)] + [(S / 2, S / 2, S * rng.uniform(.5, .7))]
    for x, y, s in order:
        paste_rgba(img, np.rot90(one, int(rng.integers(4))).copy(), x, y, s)
    return img


def sedum(rng, S=SIZE):
    """A mat of small fat leaves."""
    img = blank(S)
    base = tone(rng)
    for _ in range(int(rng.integers(25, 90))):
        a, rr = rng.uniform(0, 6.28), S * .36 * math.sqrt(rng.random())
        L = S * rng.uniform(.09, .2)
        leaf(img, S / 2 + math.cos(a) * rr, S / 2 + math.sin(a) * rr, rng.uniform(0, 6.28), L, L * rng.uniform(.4, .8), shift(rng, base, .2), shift(rng, base * 1.15, .2), 1.2, .6)
    return img


def opuntia(rng, S=SIZE):
    img = blank(S)
    base, pts = tone(rng, True), []
    for i in range(int(rng.integers(2, 6))):
        a, L = rng.uniform(0, 6.28), S * rng.uniform(.25, .45)
        leaf(img, S / 2, S / 2, a, L, L * rng.uniform(.5, .8), shift(rng, base), shift(rng, base * 1.1), 1.1, .5)
        for _ in range(14):
            t, v = rng.uniform(.2, .9) * L, rng.normal(0, L * .12)
            pts.append((S / 2 + math.cos(a) * t - math.sin(a) * v, S / 2 + math.sin(a) * t + math.cos(a) * v))
    spines(img, rng, pts, S * rng.uniform(.01, .06), _spine_colour(rng), 3)
    return img


def column(rng, S=SIZE):
    """A short stem seen from the side or at a slant: young columnar cactus, club-shaped seedling."""
    img = blank(S)
    a, L, w = rng.uniform(0, 6.28), S * rng.uniform(.12, .3), S * rng.uniform(.1, .18)
    gx, gy = np.arange(S, dtype=np.float32)[None] - S / 2, np.arange(S, dtype=np.float32)[:, None] - S / 2
    u, v = gx * math.cos(a) + gy * math.sin(a), gy * math.cos(a) - gx * math.sin(a)
    r = w * (1 + rng.uniform(-.1, .35) * np.clip(u / L, -1, 1))
    d = np.sqrt((u - np.clip(u, -L, L)) ** 2 + v ** 2)
    m, x = np.clip(r - d, 0, 1), np.clip(v / r, -1, 1)
    base, k = tone(rng, rng.random() < .7), int(rng.integers(0, 9))
    tip = np.clip(base * rng.uniform(.7, 1.4) + rng.normal(0, .04, 3), 0, 1)
    col = base + (tip - base) * np.clip(u / L * .5 + .5, 0, 1)[..., None]
    col = col * (1.15 - .5 * (d / r) ** 2 + .12 * np.cos(k * 2 * np.arcsin(x)) * (k > 2))[..., None]
    img[..., :3], img[..., 3] = np.clip(col, 0, 1) * m[..., None], m
    if rng.random() < .6:
        t, q = rng.uniform(-1, 1.2, 26) * L, rng.uniform(-.95, .95, 26) * w
        pts = np.stack([S / 2 + t * math.cos(a) - q * math.sin(a), S / 2 + t * math.sin(a) + q * math.cos(a)], 1)
        spines(img, rng, pts, S * rng.uniform(.04, .16), _spine_colour(rng), 4)
    return img
