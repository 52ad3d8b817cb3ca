#!/usr/bin/env bash
# pydicom 3.0.2: waveform_array() of an ECG in Explicit VR Big Endian gives numbers with their two bytes exchanged, without an error or a warning.
# The bytes of 16-bit samples (VR OW) follow the transfer syntax (DICOM PS3.5, 7.3), and pydicom hands them out as they lie in the file.
#
# Input: two channels of three samples, written by pydicom itself in both byte orders. Seen with Python 3.11, NumPy 2.4.6:
#   little.dcm [[1, -2], [256, 300], [-1000, 5]]
#   big.dcm [[256, -257], [1, 11265], [6396, 1280]]
# The script fails if that changes: then docs/formats.md and benchmarks/formats/compare.py need not except big endian any more.
#
# Needs Python 3.11 or later; fetches pydicom into a temporary folder.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip -q install pydicom==3.0.2 numpy==2.4.6
venv/bin/python - << 'PY' | tee seen
import numpy
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage

SAMPLES = numpy.array([[1, -2], [256, 300], [-1000, 5]])


def ecg(samples, syntax):
    group = Dataset()
    group.WaveformOriginality = "ORIGINAL"
    group.NumberOfWaveformChannels = 2
    group.NumberOfWaveformSamples = len(SAMPLES)
    group.SamplingFrequency = 500
    group.WaveformBitsAllocated = 16
    group.WaveformSampleInterpretation = "SS"
    group.ChannelDefinitionSequence = [Dataset(), Dataset()]
    for channel in group.ChannelDefinitionSequence:
        channel.WaveformBitsStored = 16
    group.add_new("WaveformData", "OW", samples)
    dataset = Dataset()
    dataset.SOPClassUID = TwelveLeadECGWaveformStorage
    dataset.SOPInstanceUID = "1.2.826.0.1.3680043.10.1"
    dataset.WaveformSequence = [group]
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


for name, order, syntax in (("little.dcm", "<i2", ExplicitVRLittleEndian), ("big.dcm", ">i2", ExplicitVRBigEndian)):
    samples = SAMPLES.astype(order).tobytes()
    dcmwrite(name, ecg(samples, syntax), enforce_file_format=True)
    with open(name, "rb") as file:
        assert samples in file.read()
    print(name, dcmread(name).waveform_array(0).astype(int).tolist())
PY
grep -qxF 'little.dcm [[1, -2], [256, 300], [-1000, 5]]' seen
grep -qxF 'big.dcm [[256, -257], [1, 11265], [6396, 1280]]' seen
echo "as described"
