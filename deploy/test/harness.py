"""What the sections of deploy/test/run share: folders, environments, spark-submit, processes."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

TEST = Path(__file__).resolve().parent
HOME = TEST.parent.parent
# Everything that is made here; target/ is ignored by git.
WORK = Path(os.environ.get("RTCN_TEST_WORK", TEST / "target")).resolve()
JAR = HOME / "jobs/target/rtcn.jar"
TINY = TEST / "tiny.conf"
STAGES = ["simulate", "ingest", "transform", "augment", "train", "evaluate", "predict"]


class CheckFailed(AssertionError):
    """A check of deploy/test/run did not hold."""


def check(holds, message):
    if not holds:
        raise CheckFailed(message)


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def run(command, expect=0, log=None, **options):
    """Runs a command, its output in a log file; shows the log's end if it ends otherwise."""
    log = log or WORK / "logs" / f"{Path(str(command[0])).name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        status = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **options,
        ).returncode
    text = log.read_text(errors="replace")
    if expect is not None and status != expect:
        print("\n".join(text.splitlines()[-40:]), file=sys.stderr)
        raise CheckFailed(f"{' '.join(map(str, command))[:400]} ended with {status}, not {expect}; see {log}")
    return text


# ---- environments -----------------------------------------------------------------------------


def _python():
    for name in ("python3.11", "python3.12", "python3"):
        found = shutil.which(name)
        if found:
            version = subprocess.run(
                [found, "-c", "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"],
                capture_output=True, text=True).stdout.strip()
            if version in ("3.11", "3.12"):
                return found
    raise CheckFailed("Cannot find Python 3.11 or 3.12 with venv: apt-get install python3 python3-venv")


def venv(name):
    """The virtual environment with what requirements/NAME.txt pins; its python."""
    requirements = TEST / "requirements" / f"{name}.txt"
    folder = WORK / "venv" / name
    python = folder / "bin/python"
    stamp = folder / "requirements.txt"
    if stamp.exists() and stamp.read_bytes() == requirements.read_bytes():
        return python
    say(f"venv {name}: installing {requirements.name} from PyPI")
    shutil.rmtree(folder, ignore_errors=True)
    log = WORK / "logs" / f"venv-{name}.log"
    run([_python(), "-m", "venv", folder], log=log)
    # Every file is what it was when its hash was written down, whatever the index serves.
    install = [python, "-m", "pip", "install", "--disable-pip-version-check", "-q", "--require-hashes"]
    # uv installs in a tenth of the time; pip does where it cannot be had.
    try:
        run([*install, "-r", TEST / "requirements/uv.txt"], log=log)
        run([folder / "bin/uv", "pip", "install", "-q", "--python", python, "--require-hashes", "--no-deps", "-r", requirements], log=log)
    except CheckFailed:
        say(f"venv {name}: uv did not do it, pip does")
        run([*install, "--no-deps", "-r", requirements], log=log)
    stamp.write_bytes(requirements.read_bytes())
    return python


def spark_home():
    """The Spark distribution that the pyspark package carries, or the user's own."""
    if os.environ.get("RTCN_TEST_SPARK_HOME"):
        return Path(os.environ["RTCN_TEST_SPARK_HOME"])
    library = next((venv("tools").parent.parent / "lib").glob("python3*"))
    home = library / "site-packages/pyspark"
    check((home / "bin/spark-submit").exists(), f"Cannot find spark-submit in {home}")
    return home


def jars(profile):
    """Jars from Maven Central that only these tests need: minicluster or s3a."""
    folder = WORK / "jars" / profile
    if not (folder / "complete").exists():
        say(f"jars {profile}: from Maven Central")
        run([HOME / "mvnw", "-B", "-ntp", "-q", "-f", TEST / "jars/pom.xml", "-P", profile,
             f"-Dfolder={folder}", "package"], log=WORK / "logs" / f"jars-{profile}.log", cwd=HOME)
        (folder / "complete").touch()
    return folder


def environment(**extra):
    """The tests' own environment: no Spark, Hadoop or AWS setting of the user's leaks in."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("MPLBACKEND", "SPARK_", "HADOOP_", "YARN_", "AWS_ACCESS", "AWS_SECRET", "AWS_SESSION", "RTCN_", "AIRFLOW"))}
    conf = WORK / "spark-conf"
    conf.mkdir(parents=True, exist_ok=True)
    env.update(
        SPARK_HOME=str(spark_home()), SPARK_LOCAL_IP="127.0.0.1", SPARK_CONF_DIR=str(conf),
        SPARK_LOCAL_DIRS=str(WORK / "tmp"), OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    (WORK / "tmp").mkdir(parents=True, exist_ok=True)
    env.update({key: str(value) for key, value in extra.items()})
    return env


# ---- processes --------------------------------------------------------------------------------


class Service:
    """A process of ours in a session of its own, ended with all its children."""

    def __init__(self, name, command, env=None, ready=None, seconds=120):
        self.log = WORK / "logs" / f"{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.name = name
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [str(part) for part in command], env=env, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True, cwd=WORK)
        self.match = self._wait(ready, seconds) if ready else None

    def _wait(self, ready, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(ready, self.log.read_text(errors="replace"))
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])
        self.stop()
        raise CheckFailed(f"Cannot start {self.name}: no \"{ready}\" in {self.log}\n{tail}")

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Scraper:
    """Reads a driver's metrics as Prometheus would, now and then, and keeps the largest value of each."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.options = ["--conf", "spark.ui.enabled=true", "--conf", f"spark.ui.port={self.port}",
                        "--conf", f"spark.metrics.conf={HOME}/conf/metrics.properties"]
        self.seen = {}
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._scrape, daemon=True)

    def _scrape(self):
        while not self.ended.wait(0.1):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics/prometheus", timeout=5) as answer:
                    text = answer.read().decode()
            except OSError:
                continue
            for name, value in re.findall(r"^(\w+)\{[^}]*\} (\S+)$", text, re.M):
                with contextlib.suppress(ValueError):
                    self.seen[name] = max(self.seen.get(name, 0), float(value))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


# ---- ways of running ----------------------------------------------------------------------------


# Spark's classes as the JVM holds them in memory, written by section local: a third off the processor time of a small stage.
# Where it does not fit the class path the JVM does without.
CLASSES = WORK / "spark.jsa"


def quick(dump=False):
    """JVM options for runs of seconds, most of which the optimising compiler and class loading would be."""
    options = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    if dump:
        return f"{options} -XX:ArchiveClassesAtExit={CLASSES} -Xlog:cds=error -Xlog:cds+dynamic=error"
    return f"{options} -XX:SharedArchiveFile={CLASSES} -Xlog:cds=off -Xlog:class+path=off" if CLASSES.exists() else options


def quick_options():
    return ["--conf", f"spark.driver.extraJavaOptions={quick()}", "--conf", f"spark.executor.extraJavaOptions={quick()}",
            "--conf", "spark.sql.shuffle.partitions=4"]


class Way:
    """One way of running: where the tables go and what spark-submit is told."""

    def __init__(self, name, root, submit, env=None, jar=JAR, config=TINY, stages=None):
        self.name = name
        self.root = str(root)
        self.submit_options = submit
        self.env = env or environment()
        self.jar = jar
        self.config = config
        self.stages = stages or STAGES
        self.events = WORK / "events" / name
        self.spent = {}

    def arguments(self, stage):
        options = ["--run", f"{self.root}/run", "--config", str(self.config)]
        if stage == "predict":
            options = ["--run", f"{self.root}/new", "--config", str(self.config),
                       "--model", f"{self.root}/run/models/rtcn", "--input", f"{self.root}/run/raw"]
        return [stage, *options]

    def submit(self, arguments, expect=0, log=None, extra=()):
        """The real spark-submit of the distribution."""
        return run(self.command(arguments, extra), expect=expect, env=self.env, cwd=WORK,
                   log=WORK / "logs" / f"{self.name}-{log or arguments[0]}.log")

    def command(self, arguments, extra=(), small=True):
        self.events.mkdir(parents=True, exist_ok=True)
        return [
            f"{self.env['SPARK_HOME']}/bin/spark-submit", "--class", "org.rtcn.jobs.cli.Main",
            *(quick_options() if small else ()), "--conf", "spark.ui.enabled=false",
            "--conf", "spark.eventLog.enabled=true", "--conf", f"spark.eventLog.dir={self.events.as_uri()}",
            *self.submit_options, *extra, self.jar, *arguments]

    def run_stages(self, after=None, extra=lambda stage: ()):
        """All stages; after(stage) is called behind each; extra(stage) are options of spark-submit."""
        shutil.rmtree(self.events, ignore_errors=True)
        for stage in self.stages:
            start = time.monotonic()
            self.submit(self.arguments(stage), extra=extra(stage))
            self.spent[stage] = time.monotonic() - start
            if after:
                after(stage)
        say(f"{self.name}: " + ", ".join(f"{s} {t:.0f} s" for s, t in self.spent.items()))

    def check_events(self):
        """Each application left a complete event log whose jobs carry a group and a description."""
        logs = [log for log in self.events.iterdir() if log.is_file() and not log.name.startswith(".")]
        check(len(logs) >= len(self.stages), f"{self.name}: {len(logs)} event logs of {len(self.stages)} applications")
        groups = set()
        for log in logs:
            check(not log.name.endswith(".inprogress"), f"{self.name}: {log} was not completed")
            jobs, unnamed, ended = 0, 0, False
            for line in log.read_text().splitlines():
                if '"SparkListenerJobStart"' in line:
                    properties = json.loads(line).get("Properties", {})
                    jobs += 1
                    if properties.get("spark.jobGroup.id") and properties.get("spark.job.description"):
                        groups.add(properties["spark.jobGroup.id"])
                    else:
                        unnamed += 1
                ended |= '"SparkListenerApplicationEnd"' in line
            check(ended, f"{self.name}: {log} has no end")
            check(unnamed == 0, f"{self.name}: {unnamed} of {jobs} jobs in {log} have no name in Spark's UI")
        missing = {"ingest", "transform", "augment", "train", "evaluate", "predict"} - groups
        check(not missing, f"{self.name}: no job group of {missing}")

