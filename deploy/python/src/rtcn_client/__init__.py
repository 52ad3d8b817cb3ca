"""What rtcn-spark leaves, in Python: a run's tables, pictures of ECG, and exported models.

Research use only, not a medical device.
"""

from .model import Answer, OnnxModel, read_wfdb
from .preprocessing import LEADS, Beats, Images, NoBeatError, Preprocessing
from .run import Run

__all__ = ["LEADS", "Answer", "Beats", "Images", "NoBeatError", "OnnxModel", "Preprocessing", "Run", "read_wfdb"]
