"""Training. Stage `base` sees no nursery photo; stage `nursery` starts from it and sees them, or all but one fold.

    python train.py --stage base --minutes 25 --out base.pt
    python train.py --stage nursery --start base.pt --fold 0 --minutes 6 --out fold0.pt
    python train.py --stage nursery --start base.pt --minutes 20 --out final.pt
"""
import argparse
import math
import os
import time
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
import cv2
import numpy as np
import torch
import data
from dataset import Mix, bare_patches, cut_plants
from model import Plants, loss


def groups(stage, fold):
    """Shares of the mix: (photos, share, smallest and largest plant in pixels)."""
    palms, _ = data.palms()
    seed, pots = data.seedlings(), data.pots()
    rng = np.random.default_rng(7)
    if stage == 'base':
        return [(palms, .27, 15, 170), (seed, .08, 20, 200), (pots, .04, 50, 270), (None, .61, 15, 240)], cut_plants(pots + seed, rng), bare_patches(seed[::3] + pots[::6], rng)
    out = set(data.FOLDS[fold]) if fold is not None else set()
    nur = [p for p in data.nursery() if p.name not in out]
    agir, suc = [p for p in nur if p.kind == 'agir'], [p for p in nur if p.kind == 'succulents']
    cut = cut_plants(pots + seed, rng, 150) + cut_plants(nur, rng)
    weighed = [p for p in suc for _ in range(1 + len(p.boxes) // 8)]
    return [(palms, .24, 12, 170), (seed, .05, 20, 200), (pots, .03, 50, 270), (agir, .12, 18, 210), (weighed, .17, 7, 180), (None, .39, 15, 240)], cut, bare_patches(seed[::3] + pots[::6], rng) + bare_patches(nur, rng, 30, 200)


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--stage', choices=['base', 'nursery'], required=True)
    a.add_argument('--start')
    a.add_argument('--fold', type=int)
    a.add_argument('--minutes', type=float)
    a.add_argument('--steps', type=int, help='instead of --minutes: the same result on every machine')
    a.add_argument('--lr', type=float, default=2e-3)
    a.add_argument('--out', required=True)
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--batch', type=int, default=16)
    a.add_argument('--workers', type=int, default=2)
    a.add_argument('--threads', type=int, default=2)
    o = a.parse_args()
    cv2.setNumThreads(0)                                     # a forked loader hangs on OpenCV threads
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)
    net = Plants()
    if o.start:
        net.load_state_dict(torch.load(o.start, weights_only=True)['ema'])
    else:
        net.pretrained()
    net = net.to(memory_format=torch.channels_last).train().freeze()
    ema = {k: v.detach().clone().float() for k, v in net.state_dict().items()}
    new = [p for n, p in net.named_parameters() if p.requires_grad and not n.startswith('features')]
    old = [p for n, p in net.named_parameters() if p.requires_grad and n.startswith('features')]
    opt = torch.optim.AdamW([{'params': new, 'k': 1.}, {'params': old, 'k': .5}], lr=o.lr, weight_decay=1e-2)
    g, cut, bare = groups(o.stage, o.fold)
    seed = o.seed * 1000 + (0 if o.stage == 'base' else 100) + (0 if o.fold is None else 10 + o.fold)
    loader = torch.utils.data.DataLoader(Mix(g, cut, bare, seed), o.batch, num_workers=o.workers, prefetch_factor=4)
    t0, step, run, saved = time.time(), 0, None, 0.

    def save():
        torch.save({'ema': {k: v.to(net.state_dict()[k].dtype) for k, v in ema.items()}, 'step': step}, o.out + '.part')
        os.replace(o.out + '.part', o.out)

    for im, th, td, bw, hw in loader:
        done = step / o.steps if o.steps else (time.time() - t0) / (60 * o.minutes)
        if done >= 1:
            break
        lr = o.lr * min(1., (step + 1) / 120) * (.02 + .98 * .5 * (1 + math.cos(math.pi * done)))
        for p in opt.param_groups:
            p['lr'] = lr * p['k']
        x = im.float().div_(255).contiguous(memory_format=torch.channels_last)
        with torch.autocast('cpu', torch.bfloat16):
            heat, dist = net(x)
        lh, lb = loss(heat, dist, th, td, bw, hw)
        opt.zero_grad(set_to_none=True)
        (lh + 1.5 * lb).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.)
        opt.step()
        step += 1
        d = min(.998, (1 + step) / (12 + step))
        with torch.no_grad():
            for k, v in net.state_dict().items():
                if v.dtype.is_floating_point:
                    ema[k].mul_(d).add_(v.float(), alpha=1 - d)
                else:
                    ema[k].copy_(v)
        cur = np.array([lh.item(), lb.item()])
        run = cur if run is None else run * .97 + cur * .03
        if step % 50 == 0:
            el = time.time() - t0
            print(f'step {step} {el / 60:.1f} min heat {run[0]:.3f} box {run[1]:.3f} {step * o.batch / el:.1f} images/s', flush=True)
        if time.time() - saved > 60:
            saved = time.time()
            save()
    save()
    print(f'done: {step} steps, {(time.time() - t0) / 60:.1f} minutes', flush=True)


if __name__ == '__main__':
    main()
