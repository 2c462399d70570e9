"""The mean of several checkpoints that started from the same one.

    python soup.py out.pt final.pt fold0.pt fold1.pt fold2.pt
"""
import sys
import torch

if __name__ == '__main__':
    parts = [torch.load(p, weights_only=True)['ema'] for p in sys.argv[2:]]
    mean = {k: (sum(p[k].float() for p in parts) / len(parts)).to(v.dtype) for k, v in parts[0].items()}
    torch.save({'ema': mean, 'step': 0}, sys.argv[1])
