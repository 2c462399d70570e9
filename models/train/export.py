"""Checkpoint -> plants.onnx in the layout of Ultralytics' detectors: images [N,3,H,W] -> output0 [N,5,A].

    python export.py final.pt ../plants/1/plants.onnx
"""
import sys
import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F
from model import STRIDE, Plants

META = {
    'description': 'Demeter plants: single plants seen from above', 'author': 'Demeter', 'version': '1', 'task': 'detect',
    'license': 'weights trained by the Demeter project; backbone start BSD-3-Clause (torchvision); photos MIT and CC BY 4.0, see CARD.md',
    'stride': str(STRIDE), 'batch': '1', 'imgsz': '[640, 640]', 'names': "{0: 'plant'}", 'channels': '3', 'args': "{'dynamic': True, 'nms': False}",
}


class Detector(nn.Module):
    """Heat peaks (3x3) and boxes as cx, cy, w, h in input pixels, score last."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, images):
        heat, d = self.net(images)
        s = torch.sigmoid(heat)
        s = s * (s >= F.max_pool2d(s, 3, 1, 1)).to(s.dtype)
        one = torch.ones_like(s)
        gx, gy = (one.cumsum(3) - .5) * STRIDE, (one.cumsum(2) - .5) * STRIDE
        l, t, r, b = d[:, 0:1], d[:, 1:2], d[:, 2:3], d[:, 3:4]
        y = torch.cat([gx + (r - l) / 2, gy + (b - t) / 2, l + r, t + b, s], 1)
        return y.flatten(2)


def load(path):
    net = Plants()
    net.load_state_dict(torch.load(path, weights_only=True)['ema'])
    return Detector(net.eval()).eval()


def export(checkpoint, out):
    m = load(checkpoint)
    x = torch.rand(1, 3, 320, 320)
    torch.onnx.export(m, x, out, input_names=['images'], output_names=['output0'], opset_version=17, dynamo=False,
                      dynamic_axes={'images': {0: 'batch', 2: 'height', 3: 'width'}, 'output0': {0: 'batch', 2: 'anchors'}})
    g = onnx.load(out)
    del g.metadata_props[:]
    for k, v in META.items():
        p = g.metadata_props.add()
        p.key, p.value = k, v
    d = g.graph.output[0].type.tensor_type.shape.dim[1]
    d.Clear()
    d.dim_value = 5
    for n in g.graph.node:                                   # no paths of the machine that exported
        n.doc_string = ''
    onnx.save(g, out)
    import onnxruntime as ort
    x = torch.rand(2, 3, 224, 352)
    a = ort.InferenceSession(out, providers=['CPUExecutionProvider']).run(None, {'images': x.numpy()})[0]
    with torch.no_grad():
        b = m(x).numpy()
    return float(np.abs(a - b).max())


if __name__ == '__main__':
    print('largest difference to PyTorch:', export(sys.argv[1], sys.argv[2]))
