"""The same network in PyTorch on images of the default size: images per second on one thread.

python rtcn_torch.py [tiny|small|base] [batch] [seconds] [cpu|cuda] [tf32] [warm=SECONDS]
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
    "base": dict(stem=64, stride=2, stages=[64, 128, 256], layers=4, dim=256, heads=8, ff=1024,
                 blocks=2, kernels=(3, 5), class_token=True),
}

DEVICE = sys.argv[4] if len(sys.argv) > 4 else "cpu"
WARM_UP = {"cpu": 0.0}
for argument in sys.argv:
    if argument.startswith("warm="):
        WARM_UP[DEVICE] = float(argument[5:])


class Residual(nn.Module):
    def __init__(self, cin, cout, stride, kernels):
        super().__init__()
        share = cout // len(kernels)
        self.a = nn.ModuleList(
            nn.Conv2d(cin, share if i else cout - share * (len(kernels) - 1), k, stride, k // 2)
            for i, k in enumerate(kernels))
        self.b = nn.Conv2d(cout, cout, 3, 1, 1)
        self.s = None
        if cin != cout or stride != 1:
            self.s = nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x):
        a = [scale(x) for scale in self.a]
        y = self.b(F.relu(a[0] if len(a) == 1 else torch.cat(a, 1)))
        return F.relu(y + (x if self.s is None else self.s(x)))


class Rtcn(nn.Module):
    def __init__(self, stem, stride, stages, layers, dim, heads, ff, blocks=1,
                 inputs=24, voices=24, columns=32, classes=6, dropout=0.1,
                 kernels=(3,), class_token=False):
        super().__init__()
        self.stem = nn.Conv2d(inputs, stem, 3, stride, 1)
        height = (voices - 1) // stride + 1
        body, channels = [], stem
        for i, out in enumerate(stages):
            for b in range(blocks):
                s = 2 if i > 0 and b == 0 else 1
                body.append(Residual(channels, out, s, kernels))
                height = (height - 1) // s + 1
                channels = out
        self.body = nn.Sequential(*body)
        self.first = nn.Parameter(torch.zeros(1, 1, dim)) if class_token else None
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
        if self.first is not None:
            x = torch.cat([self.first.expand(len(x), -1, -1), x], 1)
        for layer in self.encoder:
            x = layer(x)
        x = self.norm(x)
        return self.head(self.drop(x.mean(1) if self.first is None else x[:, 0]))


def rate(name, seconds, batch, step):
    warm = time.perf_counter() + WARM_UP.get(DEVICE, seconds)
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
    print(f"torch {name} {batch / median:.1f} images/s (median of {len(times)} steps, "
          f"{median * 1e3:.1f} ms; best {batch / min(times):.1f})", flush=True)


def main():
    size = sys.argv[1] if len(sys.argv) > 1 else "small"
    batch = int(sys.argv[2]) if len(sys.argv) > 2 else 32
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 8
    torch.set_num_threads(1)
    torch.manual_seed(1)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = "tf32" in sys.argv
    net = Rtcn(**SIZES[size]).to(DEVICE)
    adam = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=1e-2)
    x = torch.randn(batch, 24, 24, 32).to(DEVICE)
    y = (torch.arange(batch) % 6).to(DEVICE)

    # A GPU works on while the host does: it is waited for after so many steps.
    turns = 8 if DEVICE == "cuda" else 1

    def train():
        for _ in range(turns):
            adam.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            adam.step()
        loss.item()

    def infer():
        with torch.no_grad():
            for _ in range(turns):
                logits = net(x)
            logits.cpu()

    images = torch.randn(2048, 24, 24, 32).numpy()

    def answer():
        """Images in the host's memory in, probabilities out, in batches of 256."""
        with torch.no_grad():
            batches = [torch.from_numpy(images[i:i + 256]) for i in range(0, len(images), 256)]
            if DEVICE == "cuda":
                batches = [b.pin_memory().to(DEVICE, non_blocking=True) for b in batches]
            torch.cat([net(b).softmax(1) for b in batches]).cpu()

    print(f"# PyTorch {torch.__version__}, {sum(p.numel() for p in net.parameters()):,} weights, "
          f"{torch.cuda.get_device_name() if DEVICE == 'cuda' else 'one thread'}, {sys.argv[1:]}")
    rate("train", seconds, batch * turns, train)
    net.eval()
    rate("infer", seconds / 2, batch * turns, infer)
    if DEVICE == "cuda":
        rate("answer", seconds / 2, len(images), answer)


if __name__ == "__main__":
    main()
