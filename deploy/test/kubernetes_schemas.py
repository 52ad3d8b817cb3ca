"""kubernetes_schemas.py FILE... checks resources by Kubernetes' schemas; kubernetes_schemas.py --job FILE prints the pod that a Job would make."""

import json
import sys
from pathlib import Path

import kubernetes_validate
import yaml

if sys.argv[1] == "--job":
    job = yaml.safe_load(Path(sys.argv[2]).read_text())
    pod = {"apiVersion": "v1", "kind": "Pod", **job["spec"]["template"]}
    pod["metadata"] = {**pod["metadata"], "name": job["metadata"]["generateName"] + "1", "namespace": job["metadata"]["namespace"]}
    print(json.dumps(pod))
    sys.exit()
checked = 0
for file in sys.argv[1:]:
    for resource in yaml.safe_load_all(Path(file).read_text()):
        kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)
        checked += 1
print(f"{checked} resources are valid by the schemas of Kubernetes {kubernetes_validate.latest_version()}")
