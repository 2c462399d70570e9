"""Writes manifest.json beside plants.onnx.

    python manifest.py ../plants/1 --chosen choose.json --evaluated evaluate.json
"""
import argparse
import hashlib
import json
import os

IOU, INSIDE, EDGE, OVERLAP, LEVELS = .5, .8, .45, .2, [320, 640, 1280, 2560]


def write(folder, confidence, object_px, check, metrics=None):
    path = os.path.join(folder, 'plants.onnx')
    m = {
        'name': 'plants', 'version': '1', 'role': 'plants', 'task': 'detect', 'file': 'plants.onnx',
        'sha256': hashlib.sha256(open(path, 'rb').read()).hexdigest(),
        'input': {'name': 'images', 'layout': 'NCHW', 'dtype': 'float32', 'size': [640, 640], 'range': [0, 1], 'color': 'RGB', 'letterbox': 114},
        'output': {'layout': 'yolo-detect'}, 'classes': ['plant'],
        'thresholds': {'confidence': confidence, 'iou': IOU, 'inside': INSIDE, 'edge_confidence': EDGE},
        'object_px': list(object_px), 'tile_overlap': OVERLAP, 'scale_levels': LEVELS, 'scale_check': check,
        'licence': 'The weights are ours (the project\'s licence). Start of the backbone: torchvision MobileNetV2, BSD-3-Clause. Photos: MIT and CC BY 4.0, named in CARD.md.',
        'metrics': metrics or {},
        'trained_on': [
            'PalmVision oil palms, train split (CC BY 4.0)', 'Crop-or-Weed-Detection seedlings, train split (CC BY 4.0)',
            'phenome2020-workshop potted Arabidopsis (MIT)', 'AgIR-CVToolkit pots, 10 photos (MIT)',
            'Plants-Data-Organizer cacti and Lithops, 6 photos (MIT)', 'scenes drawn by our own program (models/train)'],
    }
    with open(os.path.join(folder, 'manifest.json'), 'w') as f:
        json.dump(m, f, indent=2)
        f.write('\n')


def summary(path):
    """The numbers of evaluate.py, short."""
    r = json.load(open(path))
    out = {k: {'plants': v['plants'], 'counted': v['counted']} for k, v in r['photos'].items()}
    out.update({k: {'plants': v['plants'], 'counted': v['counted'], 'error': v['error']} for k, v in r['sets'].items()})
    return out


if __name__ == '__main__':
    a = argparse.ArgumentParser()
    a.add_argument('folder')
    a.add_argument('--confidence', type=float, default=.35)
    a.add_argument('--min-px', type=int, default=32)
    a.add_argument('--chosen', help='JSON of choose.py: takes threshold and size from it')
    a.add_argument('--evaluated', help='JSON of evaluate.py: its numbers go into "metrics"')
    o = a.parse_args()
    check = {'up_to': 640, 'more_than': 1.3}
    if o.chosen:
        best = json.load(open(o.chosen))['best']
        o.confidence, o.min_px = best['confidence'], best['min_px']
        check = {'up_to': best['upto'], 'more_than': best['more'] or 1e9}
    write(o.folder, o.confidence, (o.min_px, 280), check, summary(o.evaluated) if o.evaluated else None)
