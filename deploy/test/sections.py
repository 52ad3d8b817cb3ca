"""The sections of deploy/test/run."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from harness import (
    CLASSES, HOME, JAR, TEST, TINY, WORK, Scraper, Service, Way, check, environment, jars, quick, run, say,
    spark_home, venv)

RUNS = WORK / "runs"
BASE = RUNS / "local"
SECRET = {"AWS_ACCESS_KEY_ID": "AKIARTCNOPERATIONS01", "AWS_SECRET_ACCESS_KEY": "not/a/real/secret/of/anyone/0123456789abc"}


def _fresh(name):
    folder = RUNS / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _compare(name, folder=None, parts=("run", "new")):
    """Tables of a way of running against those of local[*], fetched into a local folder."""
    folder = folder or RUNS / name
    if not (BASE / "complete").exists():
        local()
    for part in parts:
        text = run([venv("tools"), TEST / "compare.py", BASE / part, folder / part],
                   log=WORK / "logs" / f"compare-{name}-{part}.log")
        tables = [line for line in text.splitlines() if not line.startswith("models/")]
        models = [line.split()[0] for line in text.splitlines() if line.startswith("models/")]
        check(len(models) == (2 if part == "run" else 0), f"{name}: models compared were {models}")
        say(f"{name} = local[*], {part}: {len(tables)} tables, {sum(int(line.split()[1]) for line in tables)} rows"
            + "".join(f", {model}" for model in models) + ", all the same")


def _local_way(name="local"):
    return Way(name, RUNS / name, ["--master", "local[*]", "--driver-memory", "2g"])


def _user_error(way):
    """A missing input ends spark-submit with 2, in one line without a stack trace."""
    text = way.submit(["ingest", "--run", f"{way.root}/none", "--input", f"{way.root}/nowhere"], expect=2,
                      log="user-error")
    check("Cannot find the input" in text, f"{way.name}: no plain message in the log")
    check("\tat " not in text, f"{way.name}: a stack trace for what the user can mend")


def local():
    """spark-submit of the pyspark package's distribution, local[*]"""
    _fresh("local")
    way = _local_way()
    CLASSES.unlink(missing_ok=True)

    def dump(stage):
        return ["--conf", f"spark.driver.extraJavaOptions={quick(dump=True)}"] if stage == "ingest" else []

    way.run_stages(extra=dump)
    way.check_events()
    text = "".join((WORK / f"logs/local-{stage}.log").read_text() for stage in way.stages)
    check(not re.search(r"INFO (SparkContext|DAGScheduler|TaskSetManager|BlockManager|MemoryStore)", text), "Spark is not quiet")
    check("INFO Nd4jRuntime" in text, "rtcn's own lines are missing")
    check(JAR.stat().st_size <= 110e6, f"{JAR} has grown to {JAR.stat().st_size / 1e6:.0f} MB, more than 110")
    _user_error(way)
    _tar(way)
    (BASE / "complete").touch()


def _tar(way):
    """Recordings out of a tar, where Spark's own commons-compress is an older one than ours."""
    old = list((spark_home() / "jars").glob("commons-compress-1.23.0.jar"))
    check(old or os.environ.get("RTCN_TEST_SPARK_HOME"), "Spark has another commons-compress by now")
    archive = Path(shutil.make_archive(str(BASE / "raw"), "tar", BASE / "run/raw"))
    way.submit(["ingest", "--run", f"{way.root}/tar", "--config", str(TINY), "--input", str(archive)], log="tar")
    counts = [json.loads((BASE / part / "stages/ingest/manifest.json").read_text())["counts"]["kept"] for part in ("run", "tar")]
    check(counts[0] == counts[1], f"out of the folder and out of the tar came {counts} recordings")
    say(f"ingest of {archive.name}: {counts[1]} recordings")


@contextlib.contextmanager
def _standalone_cluster(worker_options=(), worker_env=lambda number: {}):
    """A Master and two Workers of one core each; gives the master's URL and the workers."""
    env = environment(SPARK_DAEMON_MEMORY="256m")
    start = f"{env['SPARK_HOME']}/bin/spark-class"
    with contextlib.ExitStack() as stack:
        master = stack.enter_context(Service(
            "master", [start, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"],
            env, r"Starting Spark master at (spark://\S+)"))
        for i in (1, 2):
            stack.enter_context(Service(
                f"worker-{i}", [start, "org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "2g", "--work-dir",
                                WORK / "tmp" / f"worker-{i}", "--webui-port", "0", *worker_options, master.match[1]],
                {**env, **worker_env(i)}, "Successfully registered with master"))
        yield master.match[1]
    for i in (1, 2):
        shutil.rmtree(WORK / "tmp" / f"worker-{i}", ignore_errors=True)


def _standalone_way(name, url):
    return Way(name, RUNS / name, ["--master", url, "--driver-memory", "1g", "--executor-memory", "1g", "--executor-cores", "1"])


def standalone():
    """a standalone cluster: a Master and two Workers, processes of their own; the run directory moves midway"""
    folder = _fresh("standalone")
    with _standalone_cluster() as url:
        way = _standalone_way("standalone", url)
        way.root = str(RUNS / "standalone-before")
        shutil.rmtree(way.root, ignore_errors=True)

        def move(stage):
            if stage == "transform":
                Path(way.root).rename(folder / "moved")
                way.root = str(folder / "moved")

        # Driver and executors unpack ND4J's library at the same time, as on a machine that has never seen it.
        unpacked = folder / "javacpp"

        def extra(stage):
            options = list(prometheus.options) if stage in ("ingest", "transform", "train") else []
            if stage == "train":
                for process in ("driver", "executor"):
                    options += ["--conf", f"spark.{process}.extraJavaOptions={quick()} -Dorg.bytedeco.javacpp.cachedir={unpacked}"]
            return options

        with Scraper() as prometheus:
            way.run_stages(after=move, extra=extra)
        check([f.name for f in unpacked.rglob("libnd4jcpu.so*")] == ["libnd4jcpu.so"], f"{unpacked} holds no library of ND4J's, or rests of it")
        shutil.rmtree(unpacked)
        way.check_events()
        _user_error(way)
    _two_executors(way)
    _live_figures(prometheus.seen, folder / "moved/run/stages")
    _compare("standalone", folder / "moved")


def _live_figures(seen, stages):
    """What Prometheus would have read while stages ran is no more than what their manifests say in the end."""
    for stage, figure, count in (("ingest", "records", "kept"), ("transform", "records", "records.read"), ("transform", "beats", "beats.kept")):
        end = json.loads((stages / stage / "manifest.json").read_text())["counts"][count]
        value = seen.get(f"metrics_rtcn_driver_AccumulatorSource_{stage}_{figure}_Value", 0)
        say(f"Prometheus: {stage}.{figure} {value:.0f} of {end}")
        check(0 < value <= end, f"{stage}.{figure} was {value} in Prometheus' format, {end} in the manifest; seen: {sorted(seen)}")
    loss = seen.get("metrics_rtcn_driver_AccumulatorSource_train_loss_Value", 0)
    check(loss > 0, f"train.loss was {loss} in Prometheus' format")


def _two_executors(way):
    """Both executors did tasks of the training."""
    seen = set()
    for log in way.events.iterdir():
        text = log.read_text()
        if '"spark.jobGroup.id":"train"' in text:
            seen |= {i for i in ("0", "1", "2") if f'"Executor ID":"{i}"' in text}
    check(len(seen) >= 2, f"{way.name}: training ran on executors {seen}")


@contextlib.contextmanager
def _minicluster():
    """HDFS and YARN; gives a client's environment, and the folder of its configuration."""
    cluster = WORK / "minicluster"
    shutil.rmtree(cluster, ignore_errors=True)
    cluster.mkdir(parents=True)
    opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.lang", "java.util", "java.net", "sun.nio.ch")]
    classpath = f"{jars('minicluster')}/*:{spark_home()}/jars/*"
    env = environment(HADOOP_CONF_DIR=cluster, YARN_CONF_DIR=cluster)
    with Service("minicluster", ["java", "-Xmx768m", f"-Dtest.build.data={cluster}/data", *opens, "-cp", classpath, TEST / "jars/MiniCluster.java", cluster, "8192"],
                 env, "cluster is up", 180):
        yield env, cluster


def yarn():
    """YARN in cluster mode over HDFS: ResourceManager, NodeManager, NameNode, DataNode as processes"""
    folder = _fresh("yarn")
    with _minicluster() as (env, _):
        fs = [env["SPARK_HOME"] + "/bin/spark-class", "org.apache.hadoop.fs.FsShell"]
        # YARN passes on nothing of this process: where the kernels of OpenBLAS are chosen here, they are for its containers, too,
        # or the last digits of sums differ.
        chosen = [f"{where}.{name}={os.environ[name]}" for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if name in os.environ
                  for where in ("spark.yarn.appMasterEnv", "spark.executorEnv")]
        # One upload for all stages: what a real cluster would do.
        run([*fs, "-put", JAR, "/rtcn.jar"], env=env)
        way = Way("yarn", "hdfs:///work", [
            "--master", "yarn", "--deploy-mode", "cluster", "--driver-memory", "1g", "--executor-memory", "1g",
            "--num-executors", "1", "--executor-cores", "2", "--files", TINY,
            "--conf", "spark.yarn.jars=local:" + env["SPARK_HOME"] + "/jars/*",
            "--conf", "spark.yarn.maxAppAttempts=1", "--conf", "spark.yarn.submit.waitAppCompletion=true",
            "--conf", "spark.yarn.report.interval=200", *(word for setting in chosen for word in ("--conf", setting))],
            env, jar="hdfs:///rtcn.jar", config=TINY.name)
        way.run_stages(extra=lambda stage: ["--num-executors", "2", "--executor-cores", "1"] if stage == "train" else [])
        way.check_events()
        for stage in way.stages:
            text = (WORK / "logs" / f"yarn-{stage}.log").read_text()
            check("final status: SUCCEEDED" in text, f"YARN does not say SUCCEEDED of {stage}")
        # YARN's client has one status for all failures; the diagnostics say which it was. What is refused before
        # Spark starts comes as the end of the driver's own output.
        text = way.submit(["ingest", "--run", "hdfs:///work/none", "--input", "hdfs:///work/nowhere"], expect=1, log="user-error")
        check("final status: FAILED" in text and "rtcn: Cannot find the input" in text,
              "YARN does not say what failed; see logs/yarn-user-error.log")
        for part in ("run", "new"):
            run([*fs, "-get", f"/work/{part}", folder / part], env=env)
    _two_executors(way)
    _compare("yarn")


@contextlib.contextmanager
def _moto():
    """moto's S3 with a bucket rtcn; gives a client's environment, the endpoint and the client's command."""
    env = environment(**SECRET, AWS_DEFAULT_REGION="us-east-1")
    python = venv("tools")
    with Service("moto", [python, TEST / "motoserver.py"], env, r"S3 and EMR at (http://\S+)") as moto:
        client = [python, TEST / "s3client.py", moto.match[1]]
        run([*client, "make", "rtcn"], env=env)
        yield env, moto.match[1], client


def s3_way(name, env, endpoint, *options):
    """Stages on s3a://rtcn/work of a server, by conf/s3a.properties and what else is said."""
    return Way(name, "s3a://rtcn/work", [
        "--master", "local[*]", "--driver-memory", "2g",
        "--driver-class-path", f"{jars('s3a')}/*",
        "--properties-file", HOME / "conf/s3a.properties",
        "--conf", f"spark.hadoop.fs.s3a.endpoint={endpoint}",
        "--conf", "spark.hadoop.fs.s3a.path.style.access=true",
        "--conf", f"spark.hadoop.fs.s3a.buffer.dir={WORK / 'tmp'}", *options], env)


def s3():
    """s3a:// on moto's server, S3A's own committer; credentials from the environment alone"""
    folder = _fresh("s3")
    with _moto() as (env, endpoint, client):
        way = s3_way("s3", env, endpoint)
        way.run_stages()
        way.check_events()
        _user_error(way)
        run([*client, "get", "rtcn", "work", folder], env=env)
        left = [line for line in run([*client, "uploads", "rtcn"], env=env).splitlines() if line.strip()]
        check(not left, f"Uploads were left open: {left}")
    _no_secret([WORK / "logs", way.events, folder])
    _compare("s3")


def _no_secret(folders):
    """No log, event log, manifest or table holds the credentials."""
    for place in folders:
        for file in place.rglob("*"):
            if file.is_file():
                data = file.read_bytes()
                for value in SECRET.values():
                    check(value.encode() not in data, f"{file} holds a credential")


@contextlib.contextmanager
def _s3proxy():
    """S3Proxy over a store in memory, with a bucket rtcn; gives a client's environment and the endpoint."""
    env = environment(**SECRET, AWS_DEFAULT_REGION="us-east-1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
    settings = WORK / "s3proxy.properties"
    settings.write_text(f"s3proxy.endpoint={endpoint}\ns3proxy.authorization=none\njclouds.provider=transient\n"
                        "jclouds.identity=none\njclouds.credential=none\n")
    quiet = WORK / "s3proxy-logback.xml"
    quiet.write_text("""<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%level %logger %msg%n</pattern></encoder></appender>
  <root level="info"><appender-ref ref="out"/></root>
</configuration>
""")
    with Service("s3proxy", ["java", "-Xmx512m", f"-Dlogback.configurationFile={quiet}", "-cp", f"{jars('s3proxy')}/*", "org.gaul.s3proxy.Main", "--properties", settings],
                 env, "Started"):
        run([venv("tools"), TEST / "s3client.py", endpoint, "make", "rtcn"], env=env)
        yield env, endpoint


def commit_kills_hdfs():
    """a kill at every change that a commit makes: all stages, on HDFS"""
    with _minicluster() as (env, cluster):
        # Without this the client of HDFS sleeps 400 ms where the DataNode's report of a block comes a moment late.
        _killed_commits(env, "hdfs:///kills", [("atomic", []), ("copies", ["train"])], [cluster], ["-Ddfs.client.block.write.locateFollowingBlock.initial.delay.ms=5"])


def commit_kills_s3():
    """a kill at every change that a commit makes: all stages, on S3Proxy through S3A"""
    # A few at a time, so that what has been found is said as it comes.
    groups = [["simulate", "train"], ["ablate", "compare"], ["augment", "transform"], ["ingest", "predict"], ["crossval", "evaluate", "gate"]]
    groups = [group for group in groups if os.environ.get("RTCN_TEST_STAGES", group[0]) in group]
    with _s3proxy() as (env, endpoint):
        _killed_commits(env, "s3a://rtcn/kills", [("copies", group) for group in groups], [f"{jars('s3a')}/*"],
                        [f"-Dfs.s3a.endpoint={endpoint}", "-Dfs.s3a.path.style.access=true", f"-Dfs.s3a.buffer.dir={WORK / 'tmp'}"])


def _killed_commits(env, uri, plans, class_path, options):
    """CommitKills, a program among the unit tests, for each kind of rename with these stages; with all where none is named."""
    classes = HOME / "jobs/target/test-classes"
    check(classes.exists(), "Cannot find jobs/target/test-classes: run ./mvnw -DskipTests package")
    program = ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", *options, f"-Dlog4j2.configurationFile={HOME / 'conf/log4j2.properties'}",
               "-cp", ":".join(map(str, [classes, JAR, f"{env['SPARK_HOME']}/jars/*", *class_path])), "org.rtcn.jobs.run.CommitKills"]
    for renames, stages in plans:
        text = run([*program, uri, renames, 8, *stages], env=env, log=WORK / "logs" / f"commit-kills-{uri.split(':')[0]}-{renames}.log")
        lines = re.findall(r"\w+, renames \w+: \d+ kills, .*none neither.*", text)
        check(len(lines) == (len(stages) or 10), f"{uri}: {text[-2000:]}")
        for line in lines:
            say(f"{uri}: {line}")


def notebooks():
    """every notebook over the run of section local; outputs are stripped in git"""
    if not (BASE / "complete").exists():
        local()
    text = run([venv("tools"), TEST / "notebooks.py", BASE / "run", WORK / "notebooks"],
               env=environment(), log=WORK / "logs/notebooks.log")
    for line in text.splitlines():
        if ".ipynb: " in line:
            say(line)


def _exported():
    """The model of section local as ONNX."""
    model = WORK / "client.onnx"
    run([HOME / "deploy/bin/rtcn", "export", "--overwrite", "--onnx", model, "--model", BASE / "run/models/rtcn"],
        env={k: v for k, v in environment().items() if k != "SPARK_HOME"}, log=WORK / "logs/client-export.log")
    return model


def client():
    """deploy/python, installed by pip, over the run of section local: tables, pictures, types, and the exported model"""
    if not (BASE / "complete").exists():
        local()
    python = venv("client")
    run([python, "-m", "pip", "install", "--disable-pip-version-check", "-q", "--no-deps", "--no-build-isolation", "--force-reinstall",
         HOME / "deploy/python"], log=WORK / "logs/client-install.log")
    model = _exported()
    run([python, "-c", "import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)", model],
        log=WORK / "logs/client-onnx.log")
    run([python, "-m", "mypy", "--config-file", HOME / "deploy/python/pyproject.toml", HOME / "deploy/python/src/rtcn_client"],
        cwd=WORK, log=WORK / "logs/client-types.log")
    env = environment(RTCN_RUN=BASE / "run", RTCN_PREDICTED=BASE / "new", RTCN_MODEL=model, PYTHONWARNINGS="ignore")
    text = run([python, "-m", "unittest", "-v", "test_client"], env=env, cwd=HOME / "deploy/python/tests", log=WORK / "logs/client.log")
    check("skipped=" not in text, "client: tests were skipped")
    for line in re.findall(r"(?:onnx|client): .*|Ran \d+ tests", text):
        say(line)


def fhir():
    """the Python client's FHIR Observations of section local's predictions, by HAPI's validator"""
    if not (BASE / "complete").exists():
        local()
    folder = _fresh("fhir")
    bundle = folder / "bundle.json"
    write = ("import json, sys; from rtcn_client import Run, fhir; print(len(fhir.bundle(Run(sys.argv[1]))['entry']));"
             " json.dump(fhir.bundle(Run(sys.argv[1])), open(sys.argv[2], 'w'))")
    count = run([venv("client"), "-c", write, BASE / "new", bundle], env=environment(PYTHONPATH=HOME / "deploy/python/src"),
                log=WORK / "logs/fhir-bundle.log")
    broken = json.loads(bundle.read_text())
    del broken["entry"][0]["resource"]["status"]
    (folder / "broken.json").write_text(json.dumps(broken))
    validate = ["java", "-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{jars('hapi')}/*", TEST / "jars/ValidateFhir.java"]
    text = run([*validate, bundle], log=WORK / "logs/fhir.log")
    bad = run([*validate, folder / "broken.json"], expect=1, log=WORK / "logs/fhir-broken.log")
    check("status" in bad and "ERROR" in bad, "HAPI accepts an Observation without status")
    say(f"{count.strip()} Observations: valid by HAPI, {text.count('WARNING')} kinds of advice")


def mlflow():
    """deploy/mlflow: the run of section local on an MLflow server, read back through its client"""
    if not (BASE / "complete").exists():
        local()
    python = venv("mlflow")
    model = _exported()
    folder = _fresh("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = environment(RTCN_RUN=BASE / "run", RTCN_MODEL=model, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{port}", PYTHONWARNINGS="ignore",
                      MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false", GIT_PYTHON_REFRESH="quiet", MPLCONFIGDIR=WORK / "tmp")
    with Service("mlflow-server", [python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", port, "--workers", "1",
                                   "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", folder / "artifacts"],
                 env, "Application startup complete"):
        _unittests("mlflow", "test_mlflow", env, HOME / "deploy/python/src")


def browser():
    """the report and the pages of recordings in headless Chromium: wide, phone, dark, printed; axe-core; ECG paper measured"""
    if not (BASE / "complete").exists():
        local()
    pages = [next((BASE / "new/report/records").glob("*.html")), *sorted((BASE / "run/report/misread").glob("*.html"))[:1]]
    text = run([venv("browser"), TEST / "browser.py", WORK / "browser", BASE / "run/report/report.html", *pages],
               env=environment(), log=WORK / "logs/browser.log")
    for line in text.splitlines():
        if line.startswith("browser: "):
            say(line)


def emr():
    """deploy/emr against moto's EMR and EMR Serverless; CloudFormation by cfn-lint"""
    _unittests("tools", "test_emr", environment())
    _unittests("tools", "test_compare", environment())


def _unittests(name, module, env, *sources):
    path = ":".join(map(str, (TEST, *sources)))
    text = run([venv(name), "-m", "unittest", "-v", module], env={**env, "PYTHONPATH": path}, cwd=TEST,
               log=WORK / "logs" / f"{module}.log")
    found = re.search(r"Ran (\d+) tests? in", text)
    check(found and int(found[1]) > 0, f"{module} held no test")
    check("skipped=" not in text, f"{module} skipped tests")
    say(f"{module}: {found[1]} tests passed")


def airflow():
    """deploy/airflow under Airflow 2.10 (whole run, zombie, EMR) and Airflow 3 (three nights, EMR Serverless): dag.test() on simulated ECG"""
    folder = _fresh("airflow")
    _unittests("airflow", "test_airflow", _airflow("airflow", folder, RTCN_TEST_RUN=folder / "run"))
    # The DAG ends with evaluate; what predict says must not depend on cores and partitions either.
    way = Way("airflow", folder, ["--master", "local[1]", "--driver-memory", "2g", "--conf", "spark.sql.shuffle.partitions=1",
                                  "--conf", "spark.default.parallelism=1"])
    way.submit(way.arguments("predict"))
    _compare("airflow")
    nightly()


def nightly():
    """three nights under Airflow 3: a bad file, a killed driver, a planted drift; EMR Serverless emulated"""
    if not (BASE / "complete").exists():
        local()
    folder = _fresh("nightly")
    _unittests("airflow3", "test_nightly", _airflow(
        "airflow3", folder, RTCN_TEST_NIGHTS=folder, RTCN_TEST_RAW=BASE / "run/raw", RTCN_TEST_MODEL=BASE / "run/models/rtcn",
        RTCN_RETRY_SECONDS="0"))


def _airflow(name, folder, **more):
    """The environment of a fresh Airflow in the virtual environment of that name, whose Spark is local with one core."""
    home = WORK / name
    shutil.rmtree(home, ignore_errors=True)
    python = venv(name)
    env = environment(
        AIRFLOW_HOME=home, AIRFLOW__CORE__LOAD_EXAMPLES=False, AIRFLOW__CORE__DAGS_FOLDER=HOME / "deploy/airflow/dags",
        AIRFLOW_CONN_SPARK_DEFAULT='{"conn_type": "spark", "host": "local[1]"}', RTCN_EMR_POLL_SECONDS="0.5",
        AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="us-east-1",
        RTCN_TEST_CONFIG=TINY, RTCN_JAR=JAR,
        RTCN_TEST_PROPERTIES=json.dumps({
            "spark.driver.memory": "2g", "spark.driver.extraJavaOptions": quick(), "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1"}), **more)
    env["PATH"] = f"{env['SPARK_HOME']}/bin:{env['PATH']}"
    run([python.parent / "airflow", "db", "migrate"], env=env, log=WORK / f"logs/{name}-db.log")
    return env


def gpu():
    """Spark's GPU scheduling with a fake nvidia-smi: two executors, a GPU each; no GPU is touched"""
    folder = _fresh("gpu")
    tools = folder / "bin"
    tools.mkdir()
    smi = tools / "nvidia-smi"
    # Two GPUs that ND4J has no machine code for, whatever stands in this machine.
    smi.write_text("""#!/bin/sh
case "$1" in
  --query-gpu=index) printf '0\\n1\\n' ;;
  *) printf '0, Fake GPU, 9.0\\n1, Fake GPU, 9.0\\n' ;;
esac
""")
    smi.chmod(0o755)
    discover = HOME / "deploy/gpu/discover"
    path = {"PATH": f"{tools}:{os.environ['PATH']}"}
    both = run([discover], env={**environment(), **path}, log=WORK / "logs/discover.log")
    check(json.loads(both) == {"name": "gpu", "addresses": ["0", "1"]}, both)
    one = run([discover], env={**environment(), **path, "CUDA_VISIBLE_DEVICES": "1"}, log=WORK / "logs/discover.log")
    check(json.loads(one)["addresses"] == ["1"], one)
    none = run([discover], env={**environment(), **path, "CUDA_VISIBLE_DEVICES": ""}, log=WORK / "logs/discover.log")
    check(json.loads(none)["addresses"] == [], none)
    # A worker per GPU: CUDA sees one device, so that what ND4J calls device 0 is the executor's own.
    plan = folder / "gpu-worker.properties"
    plan.write_text(f"spark.worker.resource.gpu.amount 1\nspark.worker.resource.gpu.discoveryScript {discover}\n")
    with _standalone_cluster(["--properties-file", plan], lambda i: {**path, "CUDA_VISIBLE_DEVICES": str(i - 1)}) as url:
        way = _standalone_way("gpu", url)
        way.submit_options += ["--conf", "spark.executor.resource.gpu.amount=1", "--conf", "spark.task.resource.gpu.amount=1",
                               "--conf", f"spark.executor.resource.gpu.discoveryScript={discover}"]
        way.env = {**way.env, **path}
        shutil.rmtree(way.events, ignore_errors=True)
        way.submit(way.arguments("simulate"))
        text = way.submit(["doctor", "--run", f"{way.root}/run"])
        check("compute capability 9.0" in text, "doctor does not judge the GPU")
        for line in text.splitlines():
            if line.split()[1:2] in (["GPU"], ["executors"]):
                say(line)
        needs = way.submit(["doctor", "--run", f"{way.root}/run", "--set", "gpu=require"], expect=None, log="gpu-required")
        check("Cannot run on a GPU: this jar is the CPU build" in needs, "gpu=require was not refused")
    seen = {}
    for log in way.events.iterdir():
        for line in log.read_text().splitlines():
            if '"SparkListenerExecutorAdded"' in line:
                info = json.loads(line)["Executor Info"]
                for name, resource in info.get("Resources", {}).items():
                    seen.setdefault(name, set()).update(resource["addresses"])
    check(seen == {"gpu": {"0", "1"}}, f"executors were given {seen}")


def kernels():
    """golden values, gradients and steps of the networks once more with LibTorch's kernels, on the CPU, built in a copy of the sources"""
    tree = WORK / "torch"
    # What was compiled before stays: the second time takes seconds.
    skipped = shutil.ignore_patterns("target", ".git", "data", "results")
    for part in ("pom.xml", "mvnw", ".mvn", "common", "deploy/runtime", "jobs"):
        source = HOME / part
        if source.is_dir():
            shutil.copytree(source, tree / part, ignore=skipped, dirs_exist_ok=True)
        else:
            (tree / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, tree / part)
    reference = os.environ.get("RTCN_REFERENCE_DATA", str(HOME.parent / "shared"))
    text = run([tree / "mvnw", "-B", "-ntp", "-f", tree / "pom.xml", "-Ptorch", "-Dspotless.check.skip=true", "-pl", "common", "-am", "test",
                "-Dtest=BlockGoldenTest,BlockGradientTest,GradCamTest,RtcnTrainingTest,RtcnModelTest,RtcnInferenceTest,UNet1dTest,HostKernelsTest",
                "-Dsurefire.failIfNoSpecifiedTests=false"],
               env={**environment(), "RTCN_REFERENCE_DATA": reference}, cwd=tree, log=WORK / "logs/kernels.log")
    found = re.findall(r"Tests run: (\d+), Failures: 0, Errors: 0, Skipped: (\d+)$", text, re.MULTILINE)
    reports = list((tree / "common/target/surefire-reports").glob("TEST-*.xml"))
    # Each test runs once per provider.
    with_torch = sum("(Kernels)[2]" in report.read_text() for report in reports)
    check(found and with_torch >= 4, f"{with_torch} test classes ran with LibTorch's kernels; see logs/kernels.log")
    say(f"kernels: {found[-1][0]} tests, {found[-1][1]} skipped, {with_torch} classes with LibTorch's kernels as well as ND4J's")


def _kill_tree(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _executors(way):
    """Process ids of the executors that this way's own workers started."""
    found = []
    for status in Path("/proc").glob("[0-9]*"):
        try:
            line = (status / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "CoarseGrainedExecutorBackend" in line and way.url.split("//")[1] and str(WORK) in line:
            found.append(int(status.name))
    return found


def faults():
    """SIGKILL to an executor in each stage, and to the driver in the middle of a write: the same tables"""
    executor_killed()
    driver_killed()


def executor_killed():
    """SIGKILL to an executor in each stage on a standalone cluster"""
    _fresh("executor_killed")
    with _standalone_cluster() as url:
        way = _standalone_way("executor_killed", url)
        way.url = url
        shutil.rmtree(way.events, ignore_errors=True)
        for stage in way.stages:
            log = WORK / "logs" / f"executor_killed-{stage}.log"
            with log.open("wb") as out:
                process = subprocess.Popen(list(map(str, way.command(way.arguments(stage)))), env=way.env, cwd=WORK,
                                           stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
            # The stage has said its first word (it works), and one of its executors dies.
            killed = None
            while process.poll() is None and killed is None:
                time.sleep(0.3)
                if " …" in log.read_text(errors="replace"):
                    pids = _executors(way)
                    if len(pids) == 2:
                        time.sleep(1.5)
                        if process.poll() is None:
                            killed = pids[0]
                            os.kill(killed, signal.SIGKILL)
            check(process.wait() == 0, f"{stage} ended with {process.returncode} after an executor was killed; see {log}")
            check(killed, f"{stage} was over before an executor could be killed")
            events = max(way.events.iterdir(), key=lambda f: f.stat().st_mtime).read_text()
            check("Command exited with code 137" in events, f"{stage}: Spark did not notice that an executor died")
            say(f"{stage}: executor {killed} killed, and the stage went on")
    _compare("executor_killed")


def driver_killed():
    """SIGKILL to the driver while it writes, in each stage: no half table, and the next try gives the same"""
    _fresh("driver_killed")
    way = _local_way("driver_killed")
    shutil.rmtree(way.events, ignore_errors=True)
    for stage in way.stages:
        run_folder = RUNS / "driver_killed" / ("new" if stage == "predict" else "run")
        log = WORK / "logs" / f"driver_killed-{stage}-1.log"
        with log.open("wb") as out:
            process = subprocess.Popen(list(map(str, way.command(way.arguments(stage)))), env=way.env, cwd=WORK,
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        # As soon as a file of the stage's own stands in staging.
        written = None
        while process.poll() is None and not written:
            time.sleep(0.05)
            written = next((f for f in run_folder.glob(f".staging/{stage}-*/**/*") if f.is_file()), None)
        if process.poll() is None:
            _kill_tree(process)
            check(not (run_folder / "stages" / stage / "manifest.json").exists(), f"{stage} left a manifest although it was killed")
            tables = way.submit(["sql", "SHOW TABLES", "--run", str(run_folder)], expect=None, log=f"{stage}-tables")
            say(f"{stage}: killed while it wrote {written.relative_to(run_folder)}")
            check("\tat " not in tables, f"sql after the kill of {stage}: {tables}")
        else:
            check(False, f"{stage} was over before it could be killed; see {log}")
        way.submit(way.arguments(stage), log=f"{stage}-2")
        left = list(run_folder.glob(".staging/*"))
        check(not left, f"{stage} leaves {left}")
    _compare("driver_killed")


def kills():
    """kills.py's short form: drivers killed and told to stop in the midst of commits, two writers at once"""
    text = run([sys.executable, TEST / "kills.py", "--kills", 2, "--terms", 1, "--pairs", 1, "--stages", "ingest", "--seed", 1,
                "--folder", _fresh("kills")], env=environment(), log=WORK / "logs/kills.log")
    for line in text.splitlines():
        if line.startswith(("ingest: ", "pairs: ")):
            say(line)


def container():
    """the Dockerfiles by hadolint, and the files that it copies run the demo from an empty folder, alone"""
    folder = _fresh("container")
    run([venv("tools").parent / "hadolint", HOME / "Dockerfile", HOME / "deploy/gpu/Dockerfile"], log=WORK / "logs/hadolint.log")
    copies = re.findall(r"COPY --from=build /src/(\S+) /opt/(\S+)", (HOME / "Dockerfile").read_text())
    check(len(copies) >= 4, f"{copies}")
    for source, target in copies:
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (HOME / source).is_dir() else shutil.copy)(HOME / source, folder / target)
    home = folder / "home"
    home.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    if "JAVA_HOME" in os.environ:
        env["JAVA_HOME"] = os.environ["JAVA_HOME"]
    settings = [part for line in DEMO_SETTINGS for part in ("--set", line)]
    text = run([folder / "rtcn/deploy/bin/rtcn", "demo", "--run", folder / "data/rtcn-run", "--config", TINY, *settings],
               env=env, cwd=home, log=WORK / "logs/container.log")
    check("report/report.html" in text, "the demo left no report")


DEMO_SETTINGS = ["train.epochs=2"]


@contextlib.contextmanager
def _kubernetes():
    """A stand-in for the API server whose node runs pods as processes; gives its address and the folder of what they were."""
    folder = WORK / "kubernetes"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Service("kubernetes", ["java", "-Xmx256m", "-cp", f"{jars('kubernetes')}/*:{spark_home()}/jars/*", TEST / "jars/KubernetesNode.java", folder, HOME],
                 environment(), r"Kubernetes at (http://\S+)") as node:
        yield node.match[1], folder


def kubernetes():
    """deploy/kubernetes by Kubernetes' schemas; driver and executors as processes, with the pods' arguments, by a stand-in for the API server"""
    folder = _fresh("kubernetes")
    templates = HOME / "deploy/kubernetes"
    with _kubernetes() as (address, pods):
        way = Way("kubernetes", folder, [
            "--master", f"k8s://{address}", "--deploy-mode", "cluster", "--properties-file", HOME / "conf/kubernetes.properties",
            "--conf", f"spark.kubernetes.driver.podTemplateFile={templates}/driver.yaml",
            "--conf", f"spark.kubernetes.executor.podTemplateFile={templates}/executor.yaml",
            # In a cluster the driver finds the API server by a name and a certificate that every pod has.
            "--conf", f"spark.kubernetes.driver.master={address}",
            "--conf", "spark.kubernetes.authenticate.driver.mounted.caCertFile=/etc/ssl/certs/ca-certificates.crt",
            "--driver-memory", "1g", "--executor-memory", "1g"], jar="local:///opt/rtcn/jobs/target/rtcn.jar")

        def done(stage):
            # spark-submit says nothing of how the driver ended.
            place = folder / ("new" if stage == "predict" else "run") / "stages" / stage / "manifest.json"
            check(place.exists(), f"{stage} left no manifest: see the drivers' logs in {pods}")

        way.run_stages(after=done, extra=lambda stage: ["--name", f"rtcn-{stage}"])
        _stage_job(folder, address, pods)
        images = {json.loads(pod.read_text())["spec"]["containers"][0]["image"] for pod in pods.glob("*.json")}
        check(images == {"rtcn:0.1.0"}, f"pods were asked for with the images {images}")
        _gpu_pods(way, folder, pods)
        asked = sorted(pods.glob("*.json"))
        executors = [pod for pod in asked if "-exec-" in pod.name]
        check(len(executors) >= 2, f"executors' pods: {executors}")
        validate = [venv("kubernetes"), TEST / "kubernetes_schemas.py", *sorted(templates.glob("*.yaml")), *asked]
        text = run(validate, log=WORK / "logs/kubernetes-schemas.log")
    say(text.splitlines()[-1])
    _two_executors(way)
    _compare("kubernetes")


def _gpu_pods(way, folder, pods):
    """A stage by conf/gpu-kubernetes.properties: each executor's pod asks for a GPU, the driver's for none. No GPU is touched."""
    settings = folder / "gpu.properties"
    settings.write_text("".join((HOME / "conf" / name).read_text() for name in ("kubernetes.properties", "gpu-kubernetes.properties"))
                        + f"spark.executor.extraJavaOptions {quick()}\n")
    before = set(pods.glob("*.json"))
    # The executors' processes run as whatever this machine is.
    extra = ["--name", "rtcn-gpu", "--properties-file", settings, "--conf", f"spark.executor.resource.gpu.discoveryScript={_fake_gpus(folder)}"]
    way.submit(["simulate", "--run", f"{folder}/gpu", "--config", TINY], log="gpu", extra=extra)
    check((folder / "gpu/stages/simulate/manifest.json").exists(), f"simulate with GPUs left no manifest: see the drivers' logs in {pods}")
    asked = {pod.name: json.loads(pod.read_text())["spec"]["containers"][0] for pod in set(pods.glob("*.json")) - before}
    gpus = {name: int(container.get("resources", {}).get("limits", {}).get("nvidia.com/gpu", 0)) for name, container in asked.items()}
    check(sorted(gpus.values()) == [0, 1, 1] and not gpus[next(name for name in gpus if name.endswith("-driver.json"))], f"pods asked for these GPUs: {gpus}")
    check({container["image"] for container in asked.values()} == {"rtcn-gpu:0.1.0"}, f"images: {asked}")
    say("kubernetes: each executor's pod asks for one nvidia.com/gpu")


def _fake_gpus(folder):
    """A discovery script on a machine with one GPU, or so it says."""
    script = folder / "discover"
    script.write_text("""#!/bin/sh\necho '{"name": "gpu", "addresses": ["0"]}'\n""")
    script.chmod(0o755)
    return script


def _stage_job(folder, address, pods):
    """stage.yaml's pod, as a Job would make it: it reads what simulate wrote, and is the driver itself."""
    text = run([venv("kubernetes"), TEST / "kubernetes_schemas.py", "--job", HOME / "deploy/kubernetes/stage.yaml"], log=WORK / "logs/kubernetes-job.log")
    pod = json.loads(text)
    container = pod["spec"]["containers"][0]
    container["args"] = [{"s3a://YOUR-BUCKET/rtcn/run": str(folder / "job"), "s3a://YOUR-BUCKET/ptb-xl": str(folder / "run/raw")}.get(word, word)
                         for word in container["args"]]
    # What the image's own settings name is in the image.
    container["args"] += ["--conf", f"spark.kubernetes.executor.podTemplateFile={HOME}/deploy/kubernetes/executor.yaml", "--conf", "spark.driver.memory=1g",
                          "--conf", "spark.executor.memory=1g"]
    request = urllib.request.Request(f"{address}/api/v1/namespaces/rtcn/pods", json.dumps(pod).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()
    manifest = folder / "job/stages/ingest/manifest.json"
    end = time.monotonic() + 120
    while not manifest.exists():
        check(time.monotonic() < end, f"stage.yaml's pod has not ended: see {pods}/{pod['metadata']['name']}.log")
        time.sleep(0.5)
    say(f"stage.yaml: {json.loads(manifest.read_text())['counts']['kept']} recordings")


def own_libc():
    """the jar with LibTorch and a Java of deploy/gpu/environment: on a Debian 11 whose C library is too old, and by executors of YARN. Debian, root, debootstrap"""
    jar = HOME / "jobs/target/rtcn-torch.jar"
    check(jar.exists(), f"Cannot find {jar}: run ./mvnw -Ptorch -DskipTests package")
    if not (BASE / "complete").exists():
        local()
    archive = WORK / "gpu-environment.tar.gz"
    say(run([HOME / "deploy/gpu/environment", archive], env=environment(), log=WORK / "logs/environment.log").strip())
    folder = _fresh("own_libc")
    _old_host(folder, jar, archive)
    with _minicluster() as (env, _):
        fs = [env["SPARK_HOME"] + "/bin/spark-class", "org.apache.hadoop.fs.FsShell"]
        run([*fs, "-put", jar, "/rtcn.jar"], env=env)
        run([*fs, "-mkdir", "-p", "/work"], env=env)
        run([*fs, "-put", BASE / "run", "/work/run"], env=env)
        # As rtcn_emr.py has it; without a GPU it is LibTorch's CPU half, which the executors alone must load.
        way = Way("own_libc", "hdfs:///work", [
            "--master", "yarn", "--deploy-mode", "cluster", "--driver-memory", "1g", "--executor-memory", "1g", "--num-executors", "2", "--executor-cores", "1",
            "--files", TINY, "--archives", f"{archive}#gpu", "--conf", "spark.executorEnv.JAVA_HOME=./gpu",
            "--conf", f"spark.executor.extraJavaOptions={quick()} -Drtcn.kernels=torch",
            "--conf", "spark.yarn.jars=local:" + env["SPARK_HOME"] + "/jars/*", "--conf", "spark.yarn.report.interval=200"],
            env, jar="hdfs:///rtcn.jar", config=TINY.name)
        way.command = lambda arguments, extra=(), small=False: Way.command(way, arguments, extra, False)
        text = way.submit([*way.arguments("train"), "--overwrite"])
        check("final status: SUCCEEDED" in text, "YARN does not say SUCCEEDED of train")
    lines = [line for log in (WORK / "minicluster").rglob("stderr") for line in log.read_text(errors="replace").splitlines()]
    found = sum("Computing with LibTorch on the CPU" in line for line in lines)
    check(found == 2, f"{found} containers of YARN computed with LibTorch, not the two executors")
    say("own_libc: train on YARN, two executors compute with LibTorch")


def _old_host(folder, jar, archive):
    """train in a Debian 11 (glibc 2.31), by its own Java and by the one that brings its C library."""
    root = WORK / "bullseye"
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        say("Debian 11 by debootstrap")
        run(["debootstrap", "--variant=minbase", "--include=openjdk-17-jre-headless", "bullseye", root], log=WORK / "logs/bullseye.log")
        (root / "complete").touch()
    work = root / "work"
    shutil.rmtree(work, ignore_errors=True)
    (work / "gpu").mkdir(parents=True)
    shutil.copy(jar, work / "rtcn.jar")
    shutil.copy(TINY, work)
    shutil.copytree(spark_home() / "jars", work / "jars")
    shutil.copytree(BASE / "run", work / "run")
    run(["tar", "-C", work / "gpu", "-xzf", archive])
    shutil.copy("/etc/hosts", root / "etc/hosts")
    # What spark-submit adds to the command line of Java.
    opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in (
        "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util", "java.util.concurrent",
        "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar")]
    script = "mount -t proc proc {0}/proc && exec chroot {0} env -i PATH=/usr/bin:/bin LANG=C.UTF-8 SPARK_LOCAL_IP=127.0.0.1 OMP_NUM_THREADS=1 \"$@\"".format(root)
    for java, status, word in (("/usr/bin/java", 2, "GLIBC_2.34' not found"), ("/work/gpu/bin/java", 0, "Computing with LibTorch on the CPU")):
        text = run(["unshare", "--mount", "--pid", "--fork", "bash", "-c", script, "bash", java, *opens, "-Xmx2g", *quick().split(" -XX:Shared")[0].split(),
                    "-Dspark.master=local[2]", "-Dspark.ui.enabled=false", "-cp", "/work/rtcn.jar:/work/jars/*", "org.rtcn.jobs.cli.Main", "train",
                    "--run", "/work/run", "--config", "/work/tiny.conf", "--overwrite", "--set", "kernels=torch"],
                   expect=status, log=WORK / f"logs/own_libc-{status}.log")
        check(word in text, f"{java} on Debian 11: no \"{word}\" in logs/own_libc-{status}.log")
    say("own_libc: train on Debian 11 with LibTorch")
    shutil.rmtree(work)


def arm64():
    """the jar for 64-bit ARM (./mvnw -Parm64 -DskipTests package) in an emulated Java: answers of diagnose as on x86-64; unit tests of natives. Debian only"""
    jar = HOME / "jobs/target/rtcn-arm64.jar"
    check(jar.exists(), f"Cannot find {jar}: run ./mvnw -Parm64 -DskipTests package")
    if not (BASE / "complete").exists():
        local()
    place = WORK / "arm64"
    if not (place / "complete").exists():
        _arm64_packages(place)
    folder = _fresh("arm64")
    recordings = sorted((BASE / "run/raw").glob("patient00*"))
    emulated = [place / "bin/java"]
    answers = {}
    for name, java, file in (("x86-64", ["java"], JAR), ("arm64", emulated, jar)):
        options = [f"-Dorg.bytedeco.javacpp.cachedir={folder / name}", "-Dorg.eclipse.deeplearning4j.helpers.disable=false", "-Xmx2g"]
        start = time.monotonic()
        text = run([*java, *options, "-cp", f"{file}:{spark_home()}/jars/*", "org.rtcn.jobs.cli.Main", "diagnose", *recordings, "--json",
                    "--model", BASE / "run/models/rtcn"], env=environment(), log=WORK / f"logs/arm64-{name}.log")
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        answers[name] = {line["recording"]: line["probabilities"] for line in lines}
        say(f"arm64: {len(lines)} answers on {name} in {time.monotonic() - start:.0f} s")
    check(answers["arm64"].keys() == answers["x86-64"].keys() and answers["arm64"], "arm64: not the same recordings were answered")
    furthest = max(abs(p - answers["x86-64"][name][c]) for name, classes in answers["arm64"].items() for c, p in classes.items())
    check(furthest < 1e-4, f"arm64: probabilities differ by up to {furthest}")
    say(f"arm64: probabilities differ by at most {furthest:.1g}")
    text = run([HOME / "mvnw", "-B", "-ntp", "test", "-pl", "common", "-am", "-Parm64", f"-Djvm={emulated[0]}",
                "-Dtest=BlockGoldenTest,BlockGradientTest,HostFloatsTest,LossAndClippingTest,GradCamTest", "-Dsurefire.failIfNoSpecifiedTests=false"],
               cwd=HOME, log=WORK / "logs/arm64-tests.log")
    say("arm64: " + re.findall(r"Tests run: \d+, Failures: 0, Errors: 0, Skipped: \d+", text)[-1])


def _arm64_packages(place):
    """qemu for this machine, and a Java with its libraries for the other, from Debian's packages; nothing is installed."""
    shutil.rmtree(place, ignore_errors=True)
    for folder in ("state/lists/partial", "cache/archives/partial", "host", "arm64"):
        (place / folder).mkdir(parents=True)
    (place / "status").touch()
    log = WORK / "logs/arm64-packages.log"
    foreign = ["-o", "APT::Architecture=arm64", "-o", "APT::Architectures=arm64", "-o", f"Dir::State={place}/state",
               "-o", f"Dir::State::status={place}/status", "-o", f"Dir::Cache={place}/cache"]
    run(["apt-get", *foreign, "update", "-q"], log=log)
    run(["apt-get", *foreign, "download", "-q", "openjdk-17-jre-headless", "libc6", "libgcc-s1", "libgomp1", "libstdc++6", "zlib1g"], log=log, cwd=place)
    run(["apt-get", "download", "-q", "qemu-user-static"], log=log, cwd=place)
    for package in place.glob("*.deb"):
        run(["dpkg", "-x", package, place / ("host" if package.name.startswith("qemu") else "arm64")], log=log)
    (place / "bin").mkdir()
    java = place / "bin/java"
    java.write_text(f'#!/bin/sh\nexec "{place}/host/usr/bin/qemu-aarch64-static" -L "{place}/arm64" '
                    f'"{next((place / "arm64/usr/lib/jvm").glob("java-17-*/bin/java"))}" "$@"\n')
    java.chmod(0o755)
    (place / "complete").touch()


def readers():
    """Spark, DuckDB, pyarrow and polars read the tables of local[*], all values compared to the bit"""
    if not (BASE / "complete").exists():
        local()
    text = run([venv("tools"), HOME / "benchmarks/tables/readers.py", BASE / "run"], log=WORK / "logs/readers.log", env=environment())
    say(next(line for line in text.splitlines() if line.startswith("pyarrow ")))
    tables = [line for line in text.splitlines() if " rows, " in line]
    check(len(tables) >= 10, f"readers: only these tables were compared: {tables}")
    say(f"readers: {len(tables)} tables, the same values by all")


def docs():
    """documentation, messages and report: spelling and style by LanguageTool; the site in strict mode, Javadoc"""
    folder = HOME / "deploy/docs"
    settings = [HOME / "common/src/main/resources/reference.conf", *HOME.glob("conf/*.conf"), *HOME.glob("conf/*.properties")]
    messages = [*sorted(path for path in HOME.glob("[!.]*/**/src/main/java/**/*.java") if "target" not in path.parts), *sorted(HOME.glob("common/src/main/resources/**/*.ftlh"))]
    pages = run([folder / "build", "--list"], log=WORK / "logs/pages.log").split()
    text = run(["java", "-XX:TieredStopAtLevel=1", "-cp", jars("languagetool") / "*", folder / "Prose.java", folder / "words.txt",
                *(page for page in pages if not page.endswith("/settings.md")), *settings, *messages],
               log=WORK / "logs/prose.log")
    say(text.splitlines()[-1])
    run([venv("docs"), folder / "build", WORK / "docs"], log=WORK / "logs/site.log")
    made = list((WORK / "docs/site").rglob("*.html"))
    check(len(made) > len(pages), f"the site has {len(made)} pages of {len(pages)}")
    sources = ":".join(str(HOME / module / "src/main/java") for module in ("common/signal", "common", "jobs/files", "jobs"))
    classes = f"{HOME}/deploy/runtime/target/spark/jars/*:{JAR}"
    run(["javadoc", "-quiet", "-Xdoclint:all,-missing", "-Werror", "-noindex", "-overview", folder / "overview.html", "-doctitle", "rtcn-spark",
         "-d", WORK / "docs/site/javadoc", "-sourcepath", sources, "-cp", classes, "-subpackages", "org.rtcn.common:org.rtcn.jobs"],
        log=WORK / "logs/javadoc.log")
    say(f"docs: a site of {len(made)} pages, and Javadoc")


SECTIONS = {f.__name__: f for f in (docs, local, readers, notebooks, client, mlflow, browser, standalone, gpu, yarn, s3, commit_kills_hdfs, commit_kills_s3, airflow, nightly, emr, fhir, faults, executor_killed, driver_killed, kills, kernels, container, kubernetes, own_libc, arm64)}
CI = ["docs", "local", "readers", "notebooks", "client", "mlflow", "browser", "standalone", "gpu", "kernels", "yarn", "s3", "airflow", "emr"]
