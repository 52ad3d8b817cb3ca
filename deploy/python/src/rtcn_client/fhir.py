"""Predictions as FHIR R4 Observations, for systems that speak it. Each is marked as research (and as test data where simulated
ECG takes part), is preliminary, and says that it is no diagnosis."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from .run import Run

_NOTICE = "Research use only, not a medical device: the output of a model under study, not a diagnosis."
_REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_CLASSES = "urn:rtcn-spark:class"

_NAMES = {
    "HC": "no infarction", "AMI": "anterior infarction", "ASMI": "antero-septal infarction", "ALMI": "antero-lateral infarction",
    "IMI": "inferior infarction", "ILMI": "infero-lateral infarction",
}


def observation(row: Mapping[str, Any]) -> dict[str, Any]:
    """An Observation of a row of the table predictions at level record."""
    security = [{"system": _REASONS, "code": "HRESCH", "display": "healthcare research"}]
    notice = _NOTICE
    if row["simulated"]:
        security.append({"system": _REASONS, "code": "HTEST", "display": "test health data"})
        notice += " The model or the recording is simulated: this says nothing about a person."
    return {
        "resourceType": "Observation",
        "meta": {"security": security},
        "identifier": [{"system": "urn:rtcn-spark:prediction", "value": f"{row['model_id']}/{row['id']}"}],
        "status": "preliminary",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "procedure",
                                  "display": "Procedure"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "8601-7", "display": "EKG impression"}],
                 "text": "Class of a 12-lead ECG by a model, for research"},
        "subject": {"identifier": {"system": "urn:rtcn-spark:patient", "value": row["patient_id"]}},
        "device": {"identifier": {"system": "urn:rtcn-spark:model", "value": row["model_id"]}},
        "valueCodeableConcept": _concept(row["predicted"]),
        "note": [{"text": notice}],
        "component": [
            {"code": _concept(name, "probability of "),
             "valueQuantity": {"value": round(float(probability), 6), "unit": "1", "system": "http://unitsofmeasure.org", "code": "1"}}
            for name, probability in zip(row["classes"], row["probabilities"])
        ],
    }


def _concept(name: str, before: str = "") -> dict[str, Any]:
    return {"coding": [{"system": _CLASSES, "code": name}], "text": before + _NAMES.get(name, name)}


def bundle(run: Run) -> dict[str, Any]:
    """All recordings of a run that ``predict`` or ``evaluate`` has answered, in the order of their ids: a Bundle (collection)."""
    rows = run.arrow("predictions", where=pc.field("level") == "record").sort_by("id").to_pylist()
    return {"resourceType": "Bundle", "type": "collection", "entry": [_entry(observation(row)) for row in rows]}


def _entry(resource: dict[str, Any]) -> dict[str, Any]:
    """With an identity, which an entry must have: always the same for the same model and recording."""
    identifier = resource["identifier"][0]
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{identifier['system']}:{identifier['value']}")
    return {"fullUrl": f"urn:uuid:{name}", "resource": resource}
