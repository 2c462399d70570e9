"""Plants cut out of the training photos, as sprites (float32 RGBA, premultiplied)."""
import cv2
import numpy as np


def excess_green(rgb):
    f = rgb.astype(np.float32)
    s = f.sum(2) + 1
    return (2 * f[..., 1] - f[..., 0] - f[..., 2]) / s


def _sprite(rgb, mask, limit=224):
    ys, xs = np.where(mask > 127)
    if len(xs) < 60:
        return None
    y0, y1, x0, x1 = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    rgb, mask = rgb[y0:y1, x0:x1].astype(np.float32) / 255, mask[y0:y1, x0:x1].astype(np.float32)[..., None] / 255
    mask = cv2.erode(mask, np.ones((3, 3), np.uint8))[..., None] if min(mask.shape[:2]) > 40 else mask
    s = np.concatenate([rgb * mask, mask], 2)
    h, w = s.shape[:2]
    f = limit / max(h, w)
    if f < 1:
        s = cv2.resize(s, (max(2, int(w * f)), max(2, int(h * f))), interpolation=cv2.INTER_AREA)
    h, w = s.shape[:2]
    d = max(h, w)
    out = np.zeros((d, d, 4), np.float32)
    out[(d - h) // 2:(d - h) // 2 + h, (d - w) // 2:(d - w) // 2 + w] = s
    return out


def green(rgb, box=None, thr=.06, part=.25):
    """The green thing of a photo (or of a box in it)."""
    if box is not None:
        x0, y0, x1, y1 = [int(v) for v in box]
        rgb = rgb[max(0, y0):y1, max(0, x0):x1]
    if min(rgb.shape[:2]) < 12:
        return None
    m = (cv2.GaussianBlur(excess_green(rgb), (3, 3), 0) > thr).astype(np.uint8)
    k = max(1, min(m.shape) // 150) * 2 + 1
    m = cv2.morphologyEx(m, cv2.MORPH_CLOSE, np.ones((k, k), np.uint8))
    n, lab, st, _ = cv2.connectedComponentsWithStats(m)
    if n < 2:
        return None
    big = st[1:, 4].max()
    keep = np.isin(lab, [i for i in range(1, n) if st[i, 4] > part * big]).astype(np.uint8) * 255
    if keep.mean() / 255 < .12:
        return None
    return _sprite(rgb, keep)


def round_(rgb, box):
    """A roundish body: the ellipse inside its box."""
    x0, y0, x1, y1 = [max(0, int(v)) for v in box]
    p = rgb[y0:y1, x0:x1]
    h, w = p.shape[:2]
    if min(h, w) < 12:
        return None
    m = np.zeros((h, w), np.uint8)
    cv2.ellipse(m, (w // 2, h // 2), (int(w * .47), int(h * .47)), 0, 0, 360, 255, -1, cv2.LINE_AA)
    return _sprite(p, m)


def recolour(rng, s, strength=1.):
    """Another hue, saturation and brightness for a cut-out."""
    a = s[..., 3:]
    rgb = np.clip(s[..., :3] / np.maximum(a, 1e-3), 0, 1)
    h = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    h[..., 0] = (h[..., 0] + rng.normal(0, 60) * strength) % 360
    h[..., 1] = np.clip(h[..., 1] * rng.uniform(.1, 1.3), 0, 1)
    h[..., 2] = np.clip(h[..., 2] * rng.uniform(.5, 1.4), 0, 1)
    return np.concatenate([cv2.cvtColor(h, cv2.COLOR_HSV2RGB) * a, a], 2)
