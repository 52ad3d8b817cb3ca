"""notebooks.py RUN OUT: executes every notebook over a run; pictures and outputs go to OUT, never to git."""

import base64
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

run, out = map(Path, sys.argv[1:3])
folder = Path(__file__).resolve().parent.parent.parent / "notebooks"
os.environ["RTCN_RUN"] = str(run.resolve())
os.environ.setdefault("IPYTHONDIR", str(out / "ipython"))
out.mkdir(parents=True, exist_ok=True)
names = sorted(folder.glob("*.ipynb"))
assert len(names) >= 4, names
for name in names:
    book = nbformat.read(name, as_version=4)
    nbformat.validate(book)
    for cell in book.cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None, (
                f"{name.name} holds outputs: jupyter nbconvert --clear-output --inplace {name}")
    NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    pictures = 0
    for i, cell in enumerate(book.cells):
        for output in cell.get("outputs", []):
            assert output.output_type != "error", f"{name.name}, cell {i}"
            assert output.get("name") != "stderr", f"{name.name}, cell {i}: {output.text}"
            if "image/png" in output.get("data", {}):
                (out / f"{name.stem}-{pictures}.png").write_bytes(base64.b64decode(output.data["image/png"]))
                pictures += 1
    assert pictures >= 2, f"{name.name}: {pictures} pictures"
    nbformat.write(book, out / name.name)
    print(f"{name.name}: {len(book.cells)} cells, {pictures} pictures")
