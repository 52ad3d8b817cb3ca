"""The same network in PyTorch on images of the default size: images per second on one thread.

python rtcn_torch.py [tiny|small] [batch] [seconds]
"""
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

SIZES = {
    "tiny": dict(stem=8, stride=2, stages=[8, 16, 16], layers=1, dim=32, heads=4, ff=64),
    "small": dict(stem=16, stride=2, stages=[16, 32, 64], layers=2, dim=64, heads=4, ff=128),
}


class Residual(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.a = nn.Conv2d(cin, cout, 3, stride, 1)
        self.b = nn.Conv2d(cout, cout, 3, 1, 1)
        self.s = None
        if cin != cout or stride != 1:
            self.s = nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x):
        y = self.b(F.relu(self.a(x)))
        return F.relu(y + (x if self.s is None else self.s(x)))


class Rtcn(nn.Module):
    def __init__(self, stem, stride, stages, layers, dim, heads, ff, blocks=1,
                 inputs=24, voices=24, columns=32, classes=6, dropout=0.1):
        super().__init__()
        self.stem = nn.Conv2d(inputs, stem, 3, stride, 1)
        height = (voices - 1) // stride + 1
        body, channels = [], stem
        for i, out in enumerate(stages):
            for b in range(blocks):
                s = 2 if i > 0 and b == 0 else 1
                body.append(Residual(channels, out, s))
                height = (height - 1) // s + 1
                channels = out
        self.body = nn.Sequential(*body)
        self.tokens = nn.Linear(channels * height, dim)
        self.encoder = nn.ModuleList(
            nn.TransformerEncoderLayer(dim, heads, ff, dropout, "gelu", batch_first=True,
                                       norm_first=True) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        x = self.body(F.relu(self.stem(x)))
        x = self.tokens(x.permute(0, 3, 1, 2).flatten(2))
        for layer in self.encoder:
            x = layer(x)
        return self.head(self.drop(self.norm(x).mean(1)))


def rate(name, seconds, batch, step):
    for _ in range(5):
        step()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    median = statistics.median(times)
    print(f"torch {name} {batch / median:.1f} images/s (median of {len(times)} steps, "
          f"{median * 1e3:.1f} ms; best {batch / min(times):.1f})", flush=True)


def main():
    size = sys.argv[1] if len(sys.argv) > 1 else "small"
    batch = int(sys.argv[2]) if len(sys.argv) > 2 else 32
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 8
    torch.set_num_threads(1)
    torch.manual_seed(1)
    net = Rtcn(**SIZES[size])
    adam = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=1e-2)
    x = torch.randn(batch, 24, 24, 32)
    y = torch.arange(batch) % 6

    def train():
        adam.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        adam.step()
        loss.item()

    def infer():
        with torch.no_grad():
            net(x)

    print(f"# PyTorch {torch.__version__}, {sum(p.numel() for p in net.parameters()):,} weights")
    rate("train", seconds, batch, train)
    net.eval()
    rate("infer", seconds / 2, batch, infer)


if __name__ == "__main__":
    main()
