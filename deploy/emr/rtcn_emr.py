"""What rtcn-spark asks of Amazon EMR: clusters, steps and jobs, as plain dictionaries.

The one source of the CloudFormation templates and step files beside it (deploy/emr/submit templates),
of deploy/emr/submit and of the Airflow DAG. Imports nothing but the standard library.
"""

import json
import os
from pathlib import Path

# Spark 3.5.6, Java 17.
RELEASE = "emr-7.13.0"
STAGES = ("ingest", "transform", "augment", "train", "evaluate")
MAIN = "org.rtcn.jobs.cli.Main"

# Stages that compute networks on executors; the others gain nothing from a GPU.
NETWORK_STAGES = ("augment", "train", "evaluate", "predict")

# One executor per core and 8 GB of it: the r family has 8 GiB per core.
CPU_INSTANCES = ("r6i.2xlarge", "r6a.2xlarge", "r5.2xlarge", "r5a.2xlarge")
# Nodes of a fleet have as many GPUs each: T4, A10G, L4 (compute capability 7.5, 8.6, 8.9); eight A100 or H100 (8.0, 9.0).
GPU_INSTANCES = {"gpu": ("g4dn.2xlarge", "g5.2xlarge", "g6.2xlarge"), "gpu8": ("p4d.24xlarge", "p5.48xlarge")}
GPUS = {"gpu": 1, "gpu8": 8}
# Graviton 3 and 2: the jar of -Parm64, on every node.
ARM_INSTANCES = ("r7g.2xlarge", "r6g.2xlarge")
KINDS = ("cpu", "arm64", *GPU_INSTANCES)
JARS = {"cpu": "rtcn.jar", "arm64": "rtcn-arm64.jar", "gpu": "rtcn-torch.jar", "gpu8": "rtcn-torch.jar"}
PROFILES = {"cpu": "", "arm64": " -Parm64", "gpu": " -Ptorch", "gpu8": " -Ptorch"}
# Amazon Linux 2023 has glibc 2.34, LibTorch needs 2.35: executors get a Java that brings its own (deploy/gpu/environment).
ENVIRONMENT = "gpu-environment.tar.gz"
MASTER_INSTANCES = ("m6i.xlarge", "m5.xlarge")
ARM_MASTER_INSTANCES = ("m7g.xlarge", "m6g.xlarge")


def java_home(kind):
    """Where a release of EMR has Java 17."""
    return f"/usr/lib/jvm/java-17-amazon-corretto.{'aarch64' if kind == 'arm64' else 'x86_64'}"


def spark_properties(kind):
    """Spark's settings of a stage: conf/cluster.properties, on GPU nodes with conf/gpu.properties over it."""
    properties = dict(CLUSTER_PROPERTIES)
    if kind in GPUS:
        properties.update(GPU_PROPERTIES)
        properties["spark.executorEnv.JAVA_HOME"] = "./gpu"
    return properties


def _read(name):
    home = Path(os.environ.get("RTCN_HOME", Path(__file__).resolve().parents[2]))
    lines = (line.strip() for line in (home / "conf" / name).read_text().splitlines())
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


CLUSTER_PROPERTIES = _read("cluster.properties")
GPU_PROPERTIES = _read("gpu.properties")


def arguments(stage, run, source=None, model=None, config=None, settings=(), overwrite=False, update=False, below=None, against=()):
    """The command line of a stage.

    update: ingest reads what is new; below: the folder whose recordings predict takes from a run; against: earlier runs for gate.
    """
    line = [stage, "--run", run]
    if source and stage in ("ingest", "predict"):
        line += ["--input", source]
    if stage == "predict":
        if not (model and source):
            raise ValueError("Cannot plan predict: it needs --model and --input")
        line += ["--model", model]
        if below:
            line += ["--below", below]
    if stage == "gate":
        for earlier in against:
            line += ["--against", earlier]
    if config:
        line += ["--config", config]
    for setting in settings:
        line += ["--set", setting]
    if update and stage == "ingest":
        line.append("--update")
    elif overwrite:
        line.append("--overwrite")
    return line


def step(stage, prefix, line, kind="cpu", nodes=4):
    """An EMR step: spark-submit in cluster mode. A failed step cancels those behind it."""
    command = ["spark-submit", "--master", "yarn", "--deploy-mode", "cluster", "--class", MAIN]
    on_gpu = kind in GPUS and stage in NETWORK_STAGES
    # A fixed number: train deals its beats to as many workers as there are when it starts. An r6i.2xlarge
    # holds six executors of 8 GB; one place is the driver's.
    # A g5.2xlarge holds two, a p4d.24xlarge many more than any other stage needs.
    executors = nodes * GPUS[kind] if on_gpu else max(1, nodes * {"cpu": 6, "arm64": 6, "gpu": 2, "gpu8": 24}[kind] - 1)
    properties = {**spark_properties(kind if on_gpu else "cpu"),
                  "spark.dynamicAllocation.enabled": "false", "spark.executor.instances": str(executors)}
    for key, value in properties.items():
        command += ["--conf", f"{key}={value}"]
    if on_gpu:
        command += ["--files", f"{prefix}/bootstrap/discover", "--archives", f"{prefix}/{ENVIRONMENT}#gpu"]
    return {
        "Name": f"rtcn {stage}",
        "ActionOnFailure": "CANCEL_AND_WAIT",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": [*command, f"{prefix}/rtcn.jar", *line]},
    }


def configurations(kind):
    """EMR's configuration classifications."""
    found = [
        {"Classification": "spark-env", "Properties": {}, "Configurations": [
            {"Classification": "export", "Properties": {"JAVA_HOME": java_home(kind)}}]},
        # YARN counts cores as well as memory.
        {"Classification": "capacity-scheduler", "Properties": {
            "yarn.scheduler.capacity.resource-calculator": "org.apache.hadoop.yarn.util.resource.DominantResourceCalculator"}},
    ]
    if kind in GPUS:
        found += [
            {"Classification": "yarn-site", "Properties": {
                "yarn.resource-types": "yarn.io/gpu",
                "yarn.nodemanager.resource-plugins": "yarn.io/gpu",
                "yarn.nodemanager.resource-plugins.gpu.allowed-gpu-devices": "auto",
                "yarn.nodemanager.resource-plugins.gpu.path-to-discovery-executables": "/usr/bin",
                "yarn.nodemanager.container-executor.class": "org.apache.hadoop.yarn.server.nodemanager.LinuxContainerExecutor",
                "yarn.nodemanager.linux-container-executor.cgroups.mount": "true",
                "yarn.nodemanager.linux-container-executor.cgroups.mount-path": "/rtcn-cgroup",
                "yarn.nodemanager.linux-container-executor.cgroups.hierarchy": "yarn"}},
            {"Classification": "container-executor", "Properties": {}, "Configurations": [
                {"Classification": "gpu", "Properties": {"module.enabled": "true"}},
                {"Classification": "cgroups", "Properties": {"root": "/rtcn-cgroup", "yarn-hierarchy": "yarn"}}]},
            # Brings the NVIDIA driver; the accelerator itself is not switched on.
            {"Classification": "spark", "Properties": {"enableSparkRapids": "true"}},
        ]
    return found


def _fleet(kind, instances, on_demand, spot=0, name=None):
    fleet = {
        "InstanceFleetType": kind,
        "Name": name or kind.lower(),
        "TargetOnDemandCapacity": on_demand,
        "TargetSpotCapacity": spot,
        "InstanceTypeConfigs": [{"InstanceType": instance, "WeightedCapacity": 1} for instance in instances],
    }
    if spot:
        # Executors are replaced, and stages give the same rows without them: spot is safe. The driver
        # runs on a core node, which is on demand.
        fleet["LaunchSpecifications"] = {"SpotSpecification": {
            "TimeoutDurationMinutes": 20, "TimeoutAction": "SWITCH_TO_ON_DEMAND",
            "AllocationStrategy": "price-capacity-optimized"}}
    return fleet


def job_flow(kind, name, prefix, nodes, subnet=None, service_role="EMR_DefaultRole", instance_role="EMR_EC2_DefaultRole"):
    """RunJobFlow's request for a cluster without steps.

    kind: cpu, arm64, gpu or gpu8; prefix: s3://bucket/folder that holds bootstrap scripts and gets the logs; nodes: executors' nodes,
    half of them (at least one) on demand.
    """
    if kind not in KINDS:
        raise ValueError(f"Invalid kind {kind!r}: write one of {', '.join(KINDS)}")
    if nodes < 1:
        raise ValueError(f"Invalid number of nodes {nodes}: at least 1")
    instances = {"cpu": CPU_INSTANCES, "arm64": ARM_INSTANCES, **GPU_INSTANCES}[kind]
    masters = ARM_MASTER_INSTANCES if kind == "arm64" else MASTER_INSTANCES
    core = max(1, nodes // 2)
    fleets = [_fleet("MASTER", masters, 1), _fleet("CORE", instances, core)]
    if nodes > core:
        fleets.append(_fleet("TASK", instances, 0, nodes - core))
    bootstrap = [{"Name": "rtcn natives", "ScriptBootstrapAction": {"Path": f"{prefix}/bootstrap/natives.sh", "Args": []}}]
    if kind in GPUS:
        bootstrap.append({"Name": "rtcn cgroup", "ScriptBootstrapAction": {"Path": f"{prefix}/bootstrap/gpu-cgroup.sh", "Args": []}})
    request = {
        "Name": name,
        "ReleaseLabel": RELEASE,
        "LogUri": f"{prefix}/logs/",
        "Applications": [{"Name": "Spark"}, {"Name": "Hadoop"}],
        "Configurations": configurations(kind),
        "BootstrapActions": bootstrap,
        "Instances": {"InstanceFleets": fleets, "KeepJobFlowAliveWhenNoSteps": True, "TerminationProtected": False},
        # Should whoever created it die, it ends by itself.
        "AutoTerminationPolicy": {"IdleTimeout": 1800},
        "ServiceRole": service_role,
        "JobFlowRole": instance_role,
        "VisibleToAllUsers": True,
        "StepConcurrencyLevel": 1,
        "Tags": [{"Key": "project", "Value": "rtcn-spark"}, {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}],
    }
    if kind in GPUS:
        # LibTorch and CUDA's libraries, packed and unpacked.
        request["EbsRootVolumeSize"] = 100
    if subnet:
        request["Instances"]["Ec2SubnetIds"] = [subnet]
    return request


def serverless_application(name, kind="cpu"):
    """CreateApplication's request of EMR Serverless, which has no GPUs; kind: cpu or arm64."""
    if kind in GPUS:
        raise ValueError("Cannot use GPUs on EMR Serverless: it has none; take a cluster, or --kind cpu or arm64")
    return {
        "name": name, "releaseLabel": RELEASE, "type": "SPARK", "architecture": "ARM64" if kind == "arm64" else "X86_64",
        "autoStopConfiguration": {"enabled": True, "idleTimeoutMinutes": 5},
        "maximumCapacity": {"cpu": "200 vCPU", "memory": "1600 GB"},
    }


def serverless_job(application, role, stage, jar, line, prefix, kind="cpu"):
    """StartJobRun's request: the same stage without YARN's settings."""
    conf = {k: v for k, v in spark_properties("cpu").items() if not k.startswith("spark.yarn.")}
    # What a worker may have: 4 vCPU with up to 30 GB. Overhead of 5 g per core as on a cluster.
    conf.update({"spark.executor.cores": "2", "spark.executor.memory": "6g", "spark.executor.memoryOverhead": "10g",
                 "spark.emr-serverless.driverEnv.JAVA_HOME": java_home(kind), "spark.executorEnv.JAVA_HOME": java_home(kind)})
    return {
        "applicationId": application, "executionRoleArn": role, "name": f"rtcn-{stage}",
        "jobDriver": {"sparkSubmit": {
            "entryPoint": jar, "entryPointArguments": line,
            "sparkSubmitParameters": " ".join(
                [f"--class {MAIN}"] + [f"--conf {k}={v}" if " " not in v else f"--conf '{k}={v}'" for k, v in conf.items()])}},
        "configurationOverrides": {"monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": f"{prefix}/logs/serverless/"}}},
    }


def check_manifest(text, stage):
    """What a stage says of itself: a green step is no proof.

    Raises ValueError unless it is the manifest of a stage that ended well and wrote something.
    """
    manifest = json.loads(text)
    if manifest.get("stage") != stage:
        raise ValueError(f"Invalid manifest: it is of {manifest.get('stage')}, not of {stage}")
    if manifest.get("exit") != "success":
        raise ValueError(f"{stage} ended with {manifest.get('exit')}: {manifest.get('message')}")
    if not manifest.get("outputs"):
        raise ValueError(f"{stage} wrote nothing")
    return manifest


# ---- CloudFormation ---------------------------------------------------------------------------


def template(kind):
    """A CloudFormation template of the same cluster, for those who keep clusters in stacks."""
    flow = job_flow(kind, "rtcn", "@", 4)

    def cfn(value):
        if isinstance(value, str) and value.startswith("@"):
            return {"Fn::Sub": "${Prefix}" + value[1:]}
        if isinstance(value, list):
            return [cfn(item) for item in value]
        if isinstance(value, dict):
            return {key: cfn(item) for key, item in value.items()}
        return value

    def classification(entry):
        out = {"Classification": entry["Classification"], "ConfigurationProperties": entry["Properties"]}
        if "Configurations" in entry:
            out["Configurations"] = [classification(inner) for inner in entry["Configurations"]]
        return out

    fleets = {f["InstanceFleetType"]: f for f in flow["Instances"]["InstanceFleets"]}

    def fleet(which):
        return {key: value for key, value in fleets[which].items() if key != "InstanceFleetType"}

    core, task = fleet("CORE"), fleet("TASK")
    core["TargetOnDemandCapacity"] = {"Ref": "OnDemandNodes"}
    task["TargetSpotCapacity"] = {"Ref": "SpotNodes"}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"rtcn-spark on EMR, {'GPU' if kind in GPUS else 'CPU' if kind == 'cpu' else 'Graviton'} executors. Written by deploy/emr/submit templates.",
        "Parameters": {
            "Prefix": {"Type": "String", "AllowedPattern": "s3://[^/]+/.*[^/]",
                       "Description": "s3://bucket/folder with the jar and bootstrap scripts (deploy/emr/submit upload); logs go there, too"},
            "Subnet": {"Type": "AWS::EC2::Subnet::Id", "Description": "where the nodes stand"},
            "OnDemandNodes": {"Type": "Number", "Default": 2, "MinValue": 1, "Description": "nodes for driver, executors and HDFS"},
            "SpotNodes": {"Type": "Number", "Default": 2, "MinValue": 0, "Description": "nodes for executors only, may vanish"},
            "ServiceRole": {"Type": "String", "Default": "EMR_DefaultRole", "Description": "EMR's role"},
            "InstanceProfile": {"Type": "String", "Default": "EMR_EC2_DefaultRole",
                                "Description": "the nodes' role: may read and write below Prefix and the inputs"},
        },
        "Resources": {
            "Cluster": {
                "Type": "AWS::EMR::Cluster",
                "Properties": {
                    "Name": {"Fn::Sub": "${AWS::StackName}"},
                    "ReleaseLabel": flow["ReleaseLabel"],
                    "LogUri": cfn(flow["LogUri"]),
                    "Applications": flow["Applications"],
                    "Configurations": [classification(entry) for entry in flow["Configurations"]],
                    "BootstrapActions": cfn(flow["BootstrapActions"]),
                    "Instances": {
                        "MasterInstanceFleet": fleet("MASTER"), "CoreInstanceFleet": core, "TaskInstanceFleets": [task],
                        "Ec2SubnetIds": [{"Ref": "Subnet"}], "KeepJobFlowAliveWhenNoSteps": True, "TerminationProtected": False},
                    **{key: flow[key] for key in ("EbsRootVolumeSize",) if key in flow},
                    "AutoTerminationPolicy": flow["AutoTerminationPolicy"],
                    "ServiceRole": {"Ref": "ServiceRole"},
                    "JobFlowRole": {"Ref": "InstanceProfile"},
                    "VisibleToAllUsers": True,
                    "StepConcurrencyLevel": 1,
                    "Tags": flow["Tags"],
                },
            },
        },
        "Outputs": {"ClusterId": {"Description": "for aws emr add-steps --cluster-id", "Value": {"Ref": "Cluster"}}},
    }


def files():
    """File name to content of everything that deploy/emr/submit templates writes."""
    found = {f"cluster-{kind}.json": template(kind) for kind in KINDS}
    prefix = "s3://YOUR-BUCKET/rtcn"
    for stage in (*STAGES, "predict"):
        run = f"{prefix}/run"
        line = arguments(stage, run if stage != "predict" else f"{prefix}/new", source=f"{prefix}/input", model=f"{run}/models/rtcn")
        found[f"steps/{stage}.json"] = [step(stage, prefix, line)]
    return {name: json.dumps(content, indent=2) + "\n" for name, content in found.items()}
