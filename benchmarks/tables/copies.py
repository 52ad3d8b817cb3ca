#!/usr/bin/env python3
"""copies.py PTBXL FOLDER TIMES

An input larger than an excerpt of PTB-XL: its recordings at 500 Hz several times, under the numbers of
other recordings and patients. For measurements in which starting and warming up hardly count.
"""

import csv
import shutil
import sys
from pathlib import Path

STEP = 22_000  # PTB-XL's own numbers end before


def main() -> None:
    source, target, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "scp_statements.csv", target)
    with open(source / "ptbxl_database.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with open(target / "ptbxl_database.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        for copy in range(times):
            for row in rows:
                writer.writerow(copied(row, copy, source, target))


def copied(row: dict[str, str], copy: int, source: Path, target: Path) -> dict[str, str]:
    number = int(float(row["ecg_id"])) + copy * STEP
    earlier = row["filename_hr"]
    name = f"{number:05d}_hr"
    path = f"records500/{number // 1000 * 1000:05d}/{name}"
    (target / path).parent.mkdir(parents=True, exist_ok=True)
    header = (source / f"{earlier}.hea").read_text(encoding="utf-8")
    (target / f"{path}.hea").write_text(header.replace(Path(earlier).name, name), encoding="utf-8")
    shutil.copyfile(source / f"{earlier}.dat", target / f"{path}.dat")
    return row | {
        "ecg_id": str(number),
        "patient_id": str(int(float(row["patient_id"])) + copy * 100_000),
        "filename_hr": path,
        "filename_lr": path.replace("records500", "records100").replace("_hr", "_lr"),
    }


if __name__ == "__main__":
    main()
