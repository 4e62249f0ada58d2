"""The container without a registry of images: its steps run in a folder that stands for its root."""

import json
import os
import re
import shutil
import subprocess
import sys
import time

import pytest

from hubportal.environment import BASE_DIR
from tests.servers import free_port

STEPS = re.findall(
    r"^([A-Z]+) (.*)$", (BASE_DIR / "deploy" / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE
)
# Only there may the site write.
VOLUMES = ["/srv/hubportal/var", "/run/hubportal"]


def words_of(step):
    return [words for name, words in STEPS if name == step]


def built_from():
    """What .dockerignore lets into the build."""
    return re.findall(r"^!(.*)$", (BASE_DIR / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)


def test_container_runs_as_nobody_in_particular_and_says_how_it_is():
    assert words_of("USER") == ["10001:10001"]
    assert [json.loads(words) for words in words_of("VOLUME")] == [VOLUMES]
    assert [step for step, _ in STEPS[-3:]] == ["VOLUME", "HEALTHCHECK", "CMD"]


def test_container_gets_the_code_and_nothing_of_this_machine():
    assert [name for name in built_from() if not (BASE_DIR / name).exists()] == []
    assert not {".env", ".git", "db.sqlite3", "var"} & set(built_from())


class Root:
    """A folder in the place of the container's root; `port` in that of the port inside."""

    def __init__(self, path):
        self.path, self.code, self.port = path, path / "srv" / "hubportal", free_port()
        for volume in VOLUMES:
            self.at(volume).mkdir(parents=True)

    def at(self, path):
        return self.path / path.removeprefix("/")

    def here(self, words):
        """Words of a step with the paths of this folder and this port."""
        words = re.sub(r"(?<![\w/])/(?=srv\b|run/hubportal\b)", f"{self.path}/", words)
        return words.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")

    def environment(self, **more):
        [variables] = map(self.here, words_of("ENV"))
        image = dict(pair.split("=") for pair in variables.replace("$PATH", os.environ["PATH"]).split())
        return {**more, **image}

    def start(self, command, **environment):
        return subprocess.Popen(
            command,
            cwd=self.code,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, command, **environment):
        """The status, and all that was said."""
        with self.start(command, **environment) as process:
            said = process.communicate(timeout=120)[0].decode()
        return process.returncode, said

    def fixed(self):
        """{file: (size, time of the last change)} outside the volumes."""
        volumes = tuple(map(self.at, VOLUMES))
        return {
            path: (path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in self.path.rglob("*")
            if not any(path.is_relative_to(volume) for volume in volumes)
        }


def quickly(step):
    """The step that installs, by uv where that runs the tests: it checks the same hashes, and sooner."""
    if uv := os.environ.get("UV"):
        step = step.replace("python -m venv", f"{uv} venv -q --python {sys.executable}")
        step = step.replace(
            "/srv/venv/bin/pip install --no-cache-dir", f"{uv} pip install -q -p /srv/venv/bin/python"
        )
    return step


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The folder after both stages: the second only copies what the first made."""
    root = Root(tmp_path_factory.mktemp("root"))
    for name in built_from():
        source, target = BASE_DIR / name, root.code / name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    install, collect = words_of("RUN")[:2]
    # Where packages come from is this machine's business.
    for step, outside in ((quickly(install), os.environ), (collect, {})):
        status, said = root.run(["sh", "-c", root.here(step)], **outside)
        assert status == 0, said
    return root


# No database is needed to live, and with the metrics there is something to write.
SETTINGS = {
    "SECRET_KEY": "for-tests-only-" + "x" * 40,
    "ALLOWED_HOSTS": "hub.example.org",
    "SITE_URL": "https://hub.example.org",
    "METRICS_TOKEN": "x",
    "WEB_CONCURRENCY": "1",
}


def test_container_lives_and_writes_to_its_volumes_alone(root):
    [check], [command] = words_of("HEALTHCHECK"), words_of("CMD")
    check = json.loads(root.here(check).partition("CMD ")[2])
    before = root.fixed()
    with root.start(json.loads(root.here(command)), **SETTINGS) as server:
        try:
            end = time.monotonic() + 60
            while root.run(check)[0]:
                assert server.poll() is None, server.stdout.read()
                assert time.monotonic() < end
            assert root.at("/run/hubportal/web.sock").is_socket()
        finally:
            server.terminate()
    assert root.fixed() == before
    assert root.at("/srv/hubportal/var/metrics").exists()
    assert root.run(check)[0] == 1
