"""The same U-Net in PyTorch: beats per second on one thread.

python unet_torch.py [tiny|small|base] [seconds] [cpu|cuda] [seconds of warm-up]
"""
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

LEADS, LENGTH, CLASSES = 8, 160, 2
DEVICE = sys.argv[3] if len(sys.argv) > 3 else "cpu"
WARM_UP = float(sys.argv[4]) if len(sys.argv) > 4 else 0.0
SIZES = {
    "tiny": dict(patch=4, base=16, multipliers=[1, 2], attention=1, heads=2),
    "small": dict(patch=4, base=32, multipliers=[1, 2, 2], attention=1, heads=4),
    "base": dict(patch=2, base=64, multipliers=[1, 2, 4], attention=2, heads=8),
}


class Block(nn.Module):
    def __init__(self, cin, cout, hidden):
        super().__init__()
        self.a = nn.Conv1d(cin, cout, 3, padding=1)
        self.shift = nn.Linear(hidden, cout)
        self.b = nn.Conv1d(cout, cout, 3, padding=1)
        self.short = nn.Conv1d(cin, cout, 1) if cin != cout else nn.Identity()

    def forward(self, x, c):
        h = self.a(F.elu(x)) + self.shift(c)[:, :, None]
        return self.b(F.elu(h)) + self.short(x)


class Attention(nn.Module):
    def __init__(self, channels, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in range(3))
        self.out = nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        b, c, n = x.shape
        q, k, v = (p(x).view(b, self.heads, c // self.heads, n).transpose(2, 3) for p in self.qkv)
        y = F.scaled_dot_product_attention(q, k, v)
        return x + self.out(y.transpose(2, 3).reshape(b, c, n))


class UNet(nn.Module):
    def __init__(self, patch, base, multipliers, attention, heads):
        super().__init__()
        rows, hidden, levels = LEADS * patch, 4 * base, len(multipliers)
        widths = [base * m for m in multipliers]
        self.time = nn.Sequential(nn.Linear(base, hidden), nn.ELU(), nn.Linear(hidden, hidden))
        self.table = nn.Parameter(torch.randn(CLASSES + 1, hidden))
        self.first = nn.Conv1d(2 * rows, widths[0], 3, padding=1)
        attend = lambda level: (Attention(widths[level], heads) if level >= levels - attention
                                else nn.Identity())
        self.down, self.shrink, self.up, self.grow = (nn.ModuleList() for _ in range(4))
        channels = widths[0]
        for level, width in enumerate(widths):
            self.down.append(nn.ModuleList([Block(channels, width, hidden), attend(level)]))
            channels = width
            if level < levels - 1:
                self.shrink.append(nn.Conv1d(width, width, 3, 2, 1))
        self.middle = nn.ModuleList([Block(channels, channels, hidden), attend(levels - 1)])
        for level in reversed(range(levels)):
            width = widths[level]
            self.up.append(nn.ModuleList([Block(channels + width, width, hidden), attend(level)]))
            channels = width
            if level > 0:
                self.grow.append(nn.Conv1d(width, width, 3, padding=1))
        self.last = nn.Conv1d(channels, rows, 3, padding=1)

    def forward(self, x, step, one_hot):
        c = F.elu(self.time(step) + one_hot @ self.table)
        h, skips = self.first(x), []
        for i, (block, attention) in enumerate(self.down):
            h = attention(block(h, c))
            skips.append(h)
            if i < len(self.shrink):
                h = self.shrink[i](h)
        h = self.middle[1](self.middle[0](h, c))
        for i, (block, attention) in enumerate(self.up):
            h = attention(block(torch.cat([h, skips.pop()], 1), c))
            if i < len(self.grow):
                h = self.grow[i](F.interpolate(h, scale_factor=2))
        return self.last(F.elu(h))


def rate(name, seconds, batch, step):
    warm = time.perf_counter() + WARM_UP
    for i in range(1_000_000):
        if i >= 5 and time.perf_counter() > warm:
            break
        step()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    median = statistics.median(times)
    print(f"torch {name} {batch / median:.1f} beats/s (median of {len(times)} steps, "
          f"{median * 1e3:.1f} ms; best {batch / min(times):.1f})", flush=True)


def main():
    size = SIZES[sys.argv[1] if len(sys.argv) > 1 else "small"]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(1)
    torch.manual_seed(1)
    torch.backends.cudnn.allow_tf32 = False
    net = UNet(**size).to(DEVICE)
    adam = torch.optim.Adam(net.parameters(), 1e-3, (0.9, 0.99))
    rows, positions = LEADS * size["patch"], LENGTH // size["patch"]

    def inputs(batch):
        one_hot = F.one_hot(torch.arange(batch) % CLASSES, CLASSES + 1).float()
        return [x.to(DEVICE) for x in (
            torch.randn(batch, 2 * rows, positions), torch.randn(batch, size["base"]), one_hot)]

    sampled, trained = inputs(16), inputs(32)

    def infer():
        with torch.no_grad():
            net(*sampled).cpu()

    def train():
        adam.zero_grad()
        # As ours does: the noise of each batch is drawn anew.
        loss = F.mse_loss(net(*trained), torch.randn(32, rows, positions, device=DEVICE))
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        loss.item()

    print(f"PyTorch {torch.__version__}, {sum(p.numel() for p in net.parameters()):,} weights")
    rate("infer", seconds, 16, infer)
    rate("train", seconds, 32, train)


if __name__ == "__main__":
    main()
