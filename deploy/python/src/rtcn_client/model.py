"""An exported model (``rtcn export --onnx``), run by ONNX Runtime: from a WFDB record to probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .preprocessing import Images, Preprocessing, Singles, twelve_leads

NOTICE = "Research use only, not a medical device."


@dataclass(frozen=True)
class Answer:
    """What a model says of a recording: the mean over its beats.

    probabilities: by class; predicted: an infarct where probability_mi is threshold or more, the likeliest of its kind;
    threshold_origin: where the model's threshold comes from; beats: ``[beat][class]``;
    simulated: whether the model has learned from simulated ECG.
    """

    probabilities: dict[str, float]
    predicted: str
    probability_mi: float
    threshold: float
    threshold_origin: str
    beats: Singles
    r_samples: npt.NDArray[np.int64]
    model_id: str
    simulated: bool


def read_wfdb(record: str | PathLike[str]) -> tuple[npt.NDArray[np.float64], float]:
    """Twelve leads in mV and the rate of a WFDB record, by its path without suffix (or with ``.hea``)."""
    import wfdb

    path = str(record).removesuffix(".hea")
    read = wfdb.rdrecord(path)
    scale = np.array([{"uv": 1e-3, "mv": 1.0, "v": 1e3}[unit.lower()] for unit in read.units])
    return twelve_leads(list(read.sig_name), (read.p_signal * scale).T), float(read.fs)


class OnnxModel:
    """A model of one file."""

    def __init__(self, file: str | PathLike[str]) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(Path(file)), options, providers=["CPUExecutionProvider"])
        metadata = self._session.get_modelmeta().custom_metadata_map
        if "rtcn.model_id" not in metadata:
            raise ValueError(f"Cannot use {file}: rtcn export did not write it")
        self.model_id: str = metadata["rtcn.model_id"]
        self.classes: list[str] = metadata["rtcn.classes"].split(",")
        self._infarct = [c in metadata["rtcn.infarct_classes"].split(",") for c in self.classes]
        self.threshold = float(np.float32(metadata["rtcn.threshold"]))
        self.threshold_origin: str = metadata["rtcn.threshold_origin"]
        self.simulated: bool = metadata["rtcn.simulated"] == "true"
        self.input: str = metadata["rtcn.input"]
        self._told = metadata["rtcn.patient_input"] != "NONE"
        self.preprocessing = Preprocessing.from_json(metadata["rtcn.preprocessing"])

    def predict(self, images: Images, age_years: float = np.nan, sex: str | None = None) -> Singles:
        """Probabilities ``[beat][class]`` of images."""
        name = "waveform" if self.input == "WAVEFORM" else "magnitude"
        inputs = {name: images.magnitude}
        if self.input == "COMPLEX":
            if images.phase is None:
                raise ValueError("Cannot predict: the model reads phases, and the images have none")
            inputs["phase"] = images.phase
        if self._told:
            count = (len(images.magnitude), 1)
            known = 0 <= age_years <= 120
            inputs["age_years"] = np.full(count, age_years if known else np.nan, np.float32)
            inputs["sex"] = np.full(count, {"female": 1, "male": -1}.get(sex or "", 0), np.float32)
        result: Singles = self._session.run(["probabilities"], inputs)[0]
        if not np.isfinite(result).all() or np.abs(result.sum(axis=1) - 1).max() > 1e-3:
            raise ValueError(f"Cannot answer with model {self.model_id}: it gives no probabilities")
        return result

    def diagnose(self, millivolts: npt.NDArray[np.floating], fs: float, age_years: float = np.nan,
                 sex: str | None = None) -> Answer:
        """The answer for twelve leads in mV, in the order of ``LEADS``."""
        beats = self.preprocessing.beats(millivolts, fs)
        if self.input == "WAVEFORM":
            images = Images(beats.windows[:, :, np.newaxis, :], None)
        else:
            images = self.preprocessing.images(beats.windows)
        rows = self.predict(images, age_years, sex)
        mean = rows.astype(np.float64).mean(axis=0)
        # In single precision, as the tables hold them: an infarct or not first, then which.
        shown = mean.astype(np.float32)
        probability_mi = min(1.0, float(shown[self._infarct].astype(np.float64).sum()))
        decides = any(self._infarct) and not all(self._infarct)
        detected = np.float32(probability_mi) >= self.threshold
        open_ = [not decides or infarct == detected for infarct in self._infarct]
        best = int(np.argmax(np.where(open_, shown, -1)))
        return Answer(dict(zip(self.classes, map(float, mean))), self.classes[best], probability_mi,
                      self.threshold, self.threshold_origin, rows, beats.r_samples, self.model_id, self.simulated)

    def diagnose_wfdb(self, record: str | PathLike[str], age_years: float = np.nan, sex: str | None = None) -> Answer:
        """The answer for a WFDB record."""
        millivolts, fs = read_wfdb(record)
        return self.diagnose(millivolts, fs, age_years, sex)
