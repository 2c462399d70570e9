"""What bad cameras and bad light do to a photo. uint8 in, uint8 out."""
import cv2
import numpy as np


def degrade(rng, im):
    f = im.astype(np.float32) / 255
    S = im.shape[0]
    if rng.random() < .6:                                    # white balance
        f = f * rng.uniform(.85, 1.18, 3).astype(np.float32)
    if rng.random() < .4:                                    # saturation
        g = f.mean(2, keepdims=True)
        f = g + (f - g) * rng.uniform(.25, 1.5)
    if rng.random() < .03:
        f = np.repeat(f.mean(2, keepdims=True), 3, 2)
    if rng.random() < .25:                                   # light falls off to one side, or a hard shadow
        a = rng.uniform(0, 6.28)
        y, x = np.mgrid[-1:1:S * 1j, -1:1:S * 1j].astype(np.float32)
        d = x * np.cos(a) + y * np.sin(a) + rng.uniform(-.5, .5)
        m = 1 + rng.uniform(.1, .5) * np.clip(d, -1, 1) if rng.random() < .7 else 1 - rng.uniform(.2, .6) * np.clip(d * 20, 0, 1)
        f = f * m[..., None]
    if rng.random() < .22:                                   # out of focus, shaken, small
        k = rng.random()
        if k < .5:
            f = cv2.GaussianBlur(f, (0, 0), rng.uniform(.5, 2.2))
        elif k < .75:
            n = int(rng.integers(3, 9))
            ker = np.zeros((n, n), np.float32)
            ker[n // 2] = 1 / n
            ker = cv2.warpAffine(ker, cv2.getRotationMatrix2D((n / 2 - .5, n / 2 - .5), rng.uniform(0, 180), 1), (n, n))
            f = cv2.filter2D(f, -1, ker / max(ker.sum(), 1e-3))
        else:
            n = int(S * rng.uniform(.45, .8))
            f = cv2.resize(cv2.resize(f, (n, n), interpolation=cv2.INTER_AREA), (S, S), interpolation=cv2.INTER_LINEAR)
    elif rng.random() < .15:                                 # oversharpened
        f = f + rng.uniform(.3, 1.2) * (f - cv2.GaussianBlur(f, (0, 0), 1.2))
    f = np.clip(f, 0, 1)
    k = rng.random()
    if k < .16:                                              # underexposed
        f = f ** rng.uniform(.9, 1.3) * np.exp(rng.uniform(np.log(.07), np.log(.6)))
    elif k < .32:                                            # overexposed, faded
        f = f * rng.uniform(1.2, 2.6) + rng.uniform(0, .3)
    elif k < .65:
        f = (f ** rng.uniform(.65, 1.5)) * rng.uniform(.75, 1.25)
    if rng.random() < .35:
        f = f + rng.normal(0, rng.uniform(.005, .05) * max(.15, float(f.mean())) * 2, f.shape).astype(np.float32)
    im = (np.clip(f, 0, 1) * 255).astype(np.uint8)
    if rng.random() < .45:
        im = cv2.imdecode(cv2.imencode('.jpg', im[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))])[1], cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(im)
