"""Real servers for the length of the tests: PostgreSQL, and a Spark cluster of one master and two workers."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

REQUIREMENTS = Path(__file__).parent.parent.parent / "requirements-spark.txt"
PASSWORD = "s3cret-päss/word"  # noqa: S105 - of a server that lives for a test
STARTS_WITHIN = 120


def missing(what: str) -> None:
    """Skips with a reason one can see; in CI, where all of it can be had, the test fails."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(what)


@contextmanager
def postgres() -> Iterator[tuple[int, Path]]:
    """The port and the log of all statements of a new server: user ``kpi`` with ``PASSWORD``, database ``sales``."""
    binaries = _postgres_binaries()
    if binaries is None:
        missing("no PostgreSQL server on this machine: apt-get install postgresql")
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="kpi-postgres-"))
    other = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}  # it refuses root
    if other:
        shutil.chown(folder, "nobody", "nogroup")
    secret = folder / "password"
    secret.write_text(PASSWORD, "utf-8")
    secret.chmod(0o644)
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    make = ["-D", folder / "data", "-U", "kpi", f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8"]
    subprocess.run([binaries / "initdb", *make], check=True, env=environment, stdout=subprocess.DEVNULL, **other)
    port = free_port()
    settings = {
        "log_statement": "all",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "port": port,
    }
    given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", *given], env=environment, stdout=log, stderr=log, **other
        )
    try:
        _until(lambda: _made_database(port), server, folder / "log")
        yield port, folder / "log"
    finally:
        server.send_signal(signal.SIGINT)  # without waiting for those who are connected
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _made_database(port: int) -> bool:
    try:
        with psycopg.connect(
            host="127.0.0.1", port=port, user="kpi", password=PASSWORD, dbname="postgres", autocommit=True
        ) as first:
            first.execute("CREATE DATABASE sales")
    except psycopg.OperationalError:
        return False
    return True


def _postgres_binaries() -> Path | None:
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), Path(shutil.which("postgres") or "/nowhere").parent]
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


@contextmanager
def spark() -> Iterator[str]:
    """The address of a cluster's master (``spark://…``); its two workers have a core each."""
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        missing("no Java on this machine: apt-get install openjdk-17-jre-headless")
    _install_spark()
    import pyspark

    home = Path(pyspark.__file__).parent
    folder = Path(tempfile.mkdtemp(prefix="kpi-spark-"))
    port = free_port()
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: object) -> Path:
        log = folder / f"{name}.log"
        class_name = f"org.apache.spark.deploy.{arguments[0]}"
        with log.open("w") as out:
            command = [home / "bin" / "spark-class", class_name, *map(str, arguments[1:])]
            started.append(subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True))
        return log

    try:
        bare = ("--webui-port", 0)
        log = start("master", "master.Master", "--host", "127.0.0.1", "--port", port, *bare)
        for name in ("one", "two"):
            limits = ("--cores", 1, "--memory", "1g", "--work-dir", folder / name)
            start(name, "worker.Worker", "--host", "127.0.0.1", *limits, *bare, f"spark://127.0.0.1:{port}")
        _until(lambda: log.read_text("utf-8").count("Registering worker") == 2, started[0], log)
        yield f"spark://127.0.0.1:{port}"
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _install_spark() -> None:
    """The optional requirements, into the environment of the tests, where they are not there yet."""
    if importlib.util.find_spec("pyspark") is not None:
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]
    if subprocess.run(pip, check=False).returncode:
        missing("pyspark cannot be installed: pip install -r requirements-spark.txt")
    importlib.invalidate_caches()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def _until(ready: Callable[[], bool], server: subprocess.Popen[Any], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while not ready():
        if server.poll() is not None or time.monotonic() > end:
            pytest.fail(f"a server did not start: {log.read_text('utf-8')[-2000:]}")
        time.sleep(0.2)
