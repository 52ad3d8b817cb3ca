"""Reads each file of a folder with our reader and with its Python reader, in turns, and prints a table of ratios.

    python -m venv venv && venv/bin/pip install -r benchmarks/formats/requirements.txt
    ./mvnw -DskipTests package
    venv/bin/python benchmarks/formats/compare.py FOLDER

FOLDER has a folder per format, as ../shared/golden/formats. Both sides give all samples of all leads in mV as 64-bit numbers,
facts and statements included where the Python reader reads them; sums of the samples are compared. One thread each; the page
cache is warm. Interpreter and JVM run on, and have read each file before it is timed. Files per second of processor time, of the JVM's
collector as well: what else the machine does matters less.
"""

import argparse
import base64
import glob
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import h5py
import lxml.etree
import numpy
import pandas
import pydicom
import pyedflib
import sierraecg

UNITS = {"uV": 1e-3, "mV": 1.0, "V": 1e3, "nV": 1e-6}


def dicom(path):
    data = pydicom.dcmread(path)  # Of big endian it gives wrong numbers.
    rows = []
    for index, group in enumerate(data.WaveformSequence):
        if group.WaveformOriginality != "ORIGINAL":
            continue
        units = [c.ChannelSensitivityUnitsSequence[0].CodeValue for c in group.ChannelDefinitionSequence]
        rows.append(data.waveform_array(index) * [UNITS[unit] for unit in units])
    return rows


def aecg(path):
    root = lxml.etree.parse(path, lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)).getroot()
    space = {"h": "urn:hl7-org:v3"}
    rows = []
    series = next(s for s in root.iterfind("./h:component/h:series", space) if s.find("h:code", space).get("code") == "RHYTHM")
    for sequence in series.iterfind("h:component/h:sequenceSet/h:component/h:sequence", space):
        if sequence.find("h:code", space).get("code", "").startswith("MDC_ECG_LEAD_"):
            value = sequence.find("h:value", space)
            scale, origin = value.find("h:scale", space), value.find("h:origin", space)
            digits = numpy.array(value.find("h:digits", space).text.split(), dtype=float)
            rows.append(float(origin.get("value")) * UNITS[origin.get("unit")] + digits * float(scale.get("value")) * UNITS[scale.get("unit")])
    return rows


def muse(path):
    root = lxml.etree.parse(path, lxml.etree.XMLParser(load_dtd=False, no_network=True, huge_tree=True)).getroot()
    wave = next(w for w in root.iterfind("Waveform") if w.findtext("WaveformType") == "Rhythm")
    return [
        numpy.frombuffer(base64.b64decode(lead.findtext("WaveFormData")), "<i2") * (float(lead.findtext("LeadAmplitudeUnitsPerBit")) / 1000)
        for lead in wave.iterfind("LeadData")
    ]


def cardiosoft(path):
    strip = lxml.etree.parse(path, lxml.etree.XMLParser(huge_tree=True)).getroot().find(".//StripData")
    step = float(strip.findtext("Resolution")) / 1000
    return [numpy.array(w.text.split(","), dtype=float) * step for w in strip.iterfind("WaveformData")]


def sierra(path):
    # The reader gives steps of 5 microvolt.
    return [numpy.asarray(lead.samples, dtype=float) * 0.005 for lead in sierraecg.read_file(path).leads]


def edf(path):
    with pyedflib.EdfReader(path) as file:
        return [
            file.readSignal(i) * UNITS[file.getPhysicalDimension(i).strip()]
            for i in range(file.signals_in_file)
        ]


def code(path):
    with h5py.File(path) as file:
        if "tracings" in file:
            return [file["tracings"][i].astype(float) * 0.1 for i in range(file["tracings"].shape[0])]
        strips = file["ukb_ecg_rest"]
        return [strips[name]["instance_0"][()] * 0.005 for name in strips if name.startswith("strip_")]


def npy(path):
    with open(path + ".json") as sidecar:
        unit = json.load(sidecar)["unit"]
    return [numpy.load(path).astype(float) * UNITS[unit]]


def csv(path):
    table = pandas.read_csv(path)
    return [table[name].to_numpy(dtype=float) for name in table.columns if "time" not in name]


def ecgdatakit(path):
    from ecgdatakit.parsing.parser import FileParser

    record = FileParser().parse(path)
    return [numpy.asarray(lead.samples, dtype=float) for lead in record.leads]


READERS = {
    "dicom": ("pydicom", dicom),
    "hl7-aecg": ("lxml, NumPy", aecg),
    "scp-ecg": ("ecgdatakit", ecgdatakit),
    "ge-muse-xml": ("lxml, base64, NumPy", muse),
    "ge-cardiosoft-xml": ("lxml, NumPy", cardiosoft),
    "philips-sierra-xml": ("sierraecg", sierra),
    "edf-bdf": ("pyEDFlib", edf),
    "ishne": ("ecgdatakit", ecgdatakit),
    "hdf5": ("h5py", code),
    "npy": ("NumPy", npy),
    "csv": ("pandas", csv),
}


class Ours:
    """The Java reader in a process that runs on."""

    def __init__(self, root):
        jars = glob.glob(f"{root}/benchmarks/target/*.jar") + glob.glob(f"{root}/benchmarks/target/lib/*.jar")
        command = ["java", "-Xmx2g", "-XX:+UseSerialGC", "-cp", os.environ.get("RTCN_BENCHMARK_CLASSPATH", ":".join(jars)), "org.rtcn.benchmarks.FormatBenchmark"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, path, times):
        self.process.stdin.write(f"{times} {path}\n")
        self.process.stdin.flush()
        seconds, total = self.process.stdout.readline().split()
        return float(seconds), float(total)


def python(reader, path, times):
    total = 0.0
    begin = time.process_time()
    for _ in range(times):
        total = sum(float(numpy.nansum(row)) for row in reader(path))
    return time.process_time() - begin, total


def files(folder, work):
    """Format and path of each file, with sidecars where ours needs them."""
    for path in sorted(glob.glob(f"{folder}/*/*")):
        name = os.path.basename(path)
        kind = os.path.basename(os.path.dirname(path))
        if kind == "arrays":
            kind = "npy" if name.endswith(".npy") else "csv"
            copy = os.path.join(work, name)
            shutil.copyfile(path, copy)
            unit = "uV" if name.endswith("_uV.npy") else "mV"
            with open(copy + ".json", "w") as sidecar:
                sidecar.write('{"fs_hz": 500, "unit": "%s"}' % unit)
            path = copy
        if kind in READERS and not re.search(r"\.json$|\.csv$" if kind != "csv" else r"\.json$|no_header", name):
            yield kind, path


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.15, help="length of a turn")
    options = parser.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    ours = Ours(root)
    print("| format | file | ours, files/s | reader | files/s | ratio |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        for kind, path in files(options.folder, work):
            name, reader = READERS[kind]
            try:
                once, theirs = python(reader, path, 2)
            except Exception as problem:  # A file that it cannot read is no comparison.
                print(f"{os.path.basename(path)}: {name}: {problem!r}"[:150], file=sys.stderr)
                continue
            warm = 0.0
            while warm < 1.5:
                warm += max(1e-3, ours.read(path, 5)[0])
            times = max(1, int(options.seconds / (once / 2)))
            each = ours.read(path, 20)[0] / 20
            own = max(1, int(options.seconds / each))
            their_rates, own_rates = [], []
            for _ in range(options.turns):
                seconds, total = ours.read(path, own)
                own_rates.append(own / seconds)
                seconds, theirs = python(reader, path, times)
                their_rates.append(times / seconds)
            a, b = statistics.median(own_rates), statistics.median(their_rates)
            agree = "" if abs(total - theirs) <= 1e-6 * max(1, abs(total)) else f" (sums {total:.6g}, {theirs:.6g})"
            print(f"| {kind} | {os.path.basename(path)} | {a:,.0f} | {name} | {b:,.0f} | {a / b:.1f}{agree} |", flush=True)


if __name__ == "__main__":
    main()
