"""Where the photos lie, their labels, and what is kept out of training.

Only train-* folders are trained on. The photos of photos-and-models, train-palms/valid, plug-tray-45
and trays-small are never opened here.
"""
import glob
import io
import os
from dataclasses import dataclass, field
import numpy as np
from PIL import Image, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get('DEMETER_TEST_DATA') or os.path.join(HERE, '..', '..', '..', 'shared', 'data')
OWN = os.path.join(HERE, 'labels')
# leave-out folds of the nursery photos: each photo is held out exactly once
FOLDS = [
    ['barley', 'horseweed', 'mustard', 'l2', 'data-matrix_labeling_1'],
    ['beet', 'maize', 'soybean', 'traditional_labeling', 'l1'],
    ['palmer_amaranth', 'pitted_morning-glory', 'upland_cotton', 'winter_wheat', 'test_exif', 'IMG_20220330_0757191'],
]


@dataclass
class Photo:
    name: str
    kind: str
    data: bytes
    boxes: np.ndarray                 # n x 4, pixels x0 y0 x1 y1
    ignore: np.ndarray                # regions without truth
    loose_green: bool = False         # green outside boxes may be an unlabelled plant
    cache: object = field(default=None, repr=False)

    def rgb(self):
        if self.cache is not None:
            return self.cache
        im = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(self.data))).convert('RGB'))
        if self.kind in ('agir', 'succulents'):
            self.cache = im
        return im


def yolo(path, w, h):
    """(plants, ignore regions) of a YOLO text; class 1 in our own labels is an ignore region."""
    rows = [list(map(float, l.split()[:5])) for l in open(path) if l.strip()] if os.path.exists(path) else []
    out = {0: [], 1: []}
    own = os.path.dirname(os.path.abspath(path)) == OWN
    for c, x, y, bw, bh in rows:
        out[1 if own and c == 1 else 0].append([(x - bw / 2) * w, (y - bh / 2) * h, (x + bw / 2) * w, (y + bh / 2) * h])
    return tuple(np.array(out[k], np.float32).reshape(-1, 4) for k in (0, 1))


def _photo(path, label, kind, **kw):
    data = open(path, 'rb').read()
    w, h = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).size
    boxes, ignore = yolo(label, w, h)
    return Photo(os.path.splitext(os.path.basename(path))[0], kind, data, boxes, ignore, **kw)


def _split(folder, part, kind, **kw):
    out = []
    for p in sorted(glob.glob(os.path.join(ROOT, folder, part, 'images', '*'))):
        out.append(_photo(p, os.path.join(ROOT, folder, part, 'labels', os.path.splitext(os.path.basename(p))[0] + '.txt'), kind, **kw))
    return out


def palms():
    """(training, kept out for the choice of the threshold): every 12th training photo is kept out."""
    a = _split('train-palms', 'train', 'palms')
    return [p for i, p in enumerate(a) if i % 12 != 5], [p for i, p in enumerate(a) if i % 12 == 5]


def seedlings():
    return _split('train-seedlings', 'train', 'seedlings', loose_green=True)


def pots():
    """One plant per photo on blue mesh; the box is the green thing (see cutouts)."""
    from cutouts import excess_green
    out = []
    for p in sorted(glob.glob(os.path.join(ROOT, 'train-pots', '*.jpg'))):
        ph = _photo(p, '', 'pots')
        im = ph.rgb()
        m = excess_green(im) > .08
        h, w = m.shape
        m[:, int(w * .8):] = False                           # the colour card
        c, r = np.where(m.mean(0) > .01)[0], np.where(m.mean(1) > .01)[0]
        if len(c) and len(r):
            ph.boxes = np.array([[c[0], r[0], c[-1], r[-1]]], np.float32)
            out.append(ph)
    return out


def nursery():
    """agir-pots and succulents with a label of theirs or of ours."""
    out = []
    for p in sorted(glob.glob(os.path.join(ROOT, 'train-nursery', 'agir-pots', '*.jpg'))):
        out.append(_photo(p, p[:-4] + '.txt', 'agir', loose_green=True))
    for p in sorted(glob.glob(os.path.join(ROOT, 'train-nursery', 'succulents-datamatrix', '*.jpg'))):
        own = os.path.join(OWN, os.path.basename(p)[:-4] + '.txt')
        lab = own if os.path.exists(own) else p[:-4] + '.txt'
        if os.path.exists(lab):
            out.append(_photo(p, lab, 'succulents'))
    return out
