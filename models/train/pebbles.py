"""Ground of round overlapping stones: what a Lithops imitates, and what must not be counted."""
import math
import cv2
import numpy as np
from leaves import hsv


def stone(rng, colour, n=56):
    """One smooth stone: float32 RGBA, premultiplied."""
    y, x = np.mgrid[-1:1:n * 1j, -1:1:n * 1j].astype(np.float32)
    a = rng.uniform(0, 6.28)
    x, y = (x * math.cos(a) - y * math.sin(a)), (x * math.sin(a) + y * math.cos(a)) * rng.uniform(1, 1.6)
    p, k = rng.uniform(1.7, 3.2), int(rng.integers(3, 6))
    lump = cv2.resize(rng.random((k, k)).astype(np.float32), (n, n), interpolation=cv2.INTER_CUBIC)
    rr = (np.abs(x) ** p + np.abs(y) ** p) ** (1 / p) + .35 * (lump - .5)
    m = np.clip((.9 - rr) * n * .3, 0, 1)
    z = np.sqrt(np.clip(1 - (rr / .92) ** 2, 0, 1))
    la = rng.uniform(0, 6.28)
    light = rng.uniform(.45, .75) + rng.uniform(.2, .5) * z + .2 * (x * math.cos(la) + y * math.sin(la))
    c = max(3, int(n / rng.uniform(2, 8)))
    mottle = cv2.resize(rng.random((c, c)).astype(np.float32), (n, n), interpolation=cv2.INTER_LINEAR) - .5
    col = colour * (light * (1 + rng.uniform(0, .5) * mottle))[..., None]
    if rng.random() < .3:                                    # glassy: a bright spot
        s = np.exp(-((x - math.cos(la) * .3) ** 2 + (y - math.sin(la) * .3) ** 2) / rng.uniform(.02, .1))
        col = col + rng.uniform(.1, .4) * s[..., None]
    if rng.random() < .12:                                   # a vein or a crack
        d = np.abs(x * math.sin(la) - y * math.cos(la) + rng.normal(0, .2) + .1 * (lump - .5))
        col = col * (1 + rng.choice([-.5, .35]) * np.exp(-(d / rng.uniform(.03, .08)) ** 2))[..., None]
    return np.concatenate([np.clip(col, 0, 1) * m[..., None], m[..., None]], 2)


def pebbles(rng, S, palette, size=None):
    size = size or math.exp(rng.uniform(math.log(8), math.log(90)))
    img = np.ones((S, S, 3), np.float32) * hsv(30, .2, rng.uniform(.05, .4))
    share = rng.dirichlet(np.ones(len(palette)))
    bank = []
    for _ in range(28):
        c = hsv(*palette[int(rng.choice(len(palette), p=share))]) * rng.uniform(.75, 1.2)
        s = stone(rng, np.clip(c, 0, 1).astype(np.float32))
        n = max(5, int(size * rng.uniform(.6, 1.5)))
        bank.append(cv2.resize(s, (n, n), interpolation=cv2.INTER_AREA if n < 56 else cv2.INTER_LINEAR))
    for _ in range(int(min(4000, rng.uniform(2, 6) * (S / size) ** 2))):
        s = bank[int(rng.integers(len(bank)))]
        s = np.rot90(s, int(rng.integers(4)))
        n = s.shape[0]
        x, y = int(rng.integers(-n // 2, S - n // 2)), int(rng.integers(-n // 2, S - n // 2))
        for dx, dark in ((max(1, n // 14), True), (0, False)):
            x0, y0, x1, y1 = max(0, x + dx), max(0, y + dx), min(S, x + dx + n), min(S, y + dx + n)
            if x1 <= x0 or y1 <= y0:
                continue
            q = s[y0 - y - dx:y1 - y - dx, x0 - x - dx:x1 - x - dx]
            d = img[y0:y1, x0:x1]
            if dark:
                d *= 1 - .45 * q[..., 3:]
            else:
                d *= 1 - q[..., 3:]
                d += q[..., :3]
    return img
