"""What a fresh clone and a server install, and what the documents say about it."""

import ast
import re
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from itertools import chain

import pytest

from ecosystem.management.commands.quickstart import FIXTURES
from hubportal.environment import BASE_DIR

RUN = "python3 -m pip install uv && uv run manage.py quickstart"
TEST = "python3 -m pip install uv && uv run --group dev pytest"
# With a letter of each as a class, or this file would name what it forbids.
REGISTRIES = re.compile(
    rb"\b(p[y]pi|python[h]osted|n[p]mjs|un[p]kg|js[d]elivr|deb[.]d[e]bian)[.](org|com|net)\b"
)
READERS = {"text", "flag", "number", "choice", "words", "networks", "required"}
# Read before there are settings, or by gunicorn.
READ_ELSEWHERE = {"WEB_CONCURRENCY"}


def read(name):
    return (BASE_DIR / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pyproject():
    return tomllib.loads(read("pyproject.toml"))


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lines):
    """The (name, version, marker) of every `name==version ; marker` line."""
    pattern = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)(?:\s*;\s*([^\\]*))?")
    found = (pattern.match(line) for line in lines)
    return {(normal(pin[1]), pin[2], (pin[3] or "").strip()) for pin in found if pin}


def required_names(requirements):
    return {normal(re.match(r"[A-Za-z0-9._-]+", requirement)[0]) for requirement in requirements}


def settings_read(path):
    """The names that a module asks the environment for."""
    calls = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    return {
        call.args[0].value
        for call in calls
        if getattr(call.func, "id", None) in READERS and call.args and isinstance(call.args[0], ast.Constant)
    }


@pytest.fixture(scope="module")
def settings_names():
    return settings_read(BASE_DIR / "hubportal" / "settings.py") | READ_ELSEWHERE


def test_requirements_pin_what_pyproject_pins(pyproject):
    constraints = {
        (name, version) for name, version, _ in pins(pyproject["tool"]["uv"]["constraint-dependencies"])
    }
    pinned = {(name, version) for name, version, _ in pins(read("requirements.txt").splitlines())}
    assert pinned
    assert pinned <= constraints


def test_requirements_hold_every_run_time_dependency(pyproject):
    project = pyproject["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    assert required_names(wanted) <= {name for name, _, _ in pins(read("requirements.txt").splitlines())}


def test_requirements_hold_both_djangos():
    djangos = [pin for pin in pins(read("requirements.txt").splitlines()) if pin[0] == "django"]
    assert {(version[:3], marker) for _, version, marker in djangos} == {
        ("5.2", "python_full_version < '3.12'"),
        ("6.1", "python_full_version >= '3.12'"),
    }


def test_requirements_hold_a_hash_for_each_package():
    blocks = re.split(r"\n(?=[a-z])", read("requirements.txt"))
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_requirements_name_no_path_and_no_address():
    assert not re.search(
        r"://|file:|(?<![\w-])/\w|--(extra-)?index-url|--find-links", read("requirements.txt")
    )


def test_pyproject_constrains_every_dependency(pyproject):
    groups = [
        *pyproject["project"]["optional-dependencies"].values(),
        *pyproject["dependency-groups"].values(),
    ]
    wanted = required_names([*pyproject["project"]["dependencies"], *chain(*groups)])
    assert wanted <= {name for name, _, _ in pins(pyproject["tool"]["uv"]["constraint-dependencies"])}


def test_pyproject_gives_a_reason_for_each_run_time_dependency():
    block = re.search(r"^dependencies = \[\n(.*?)^\]", read("pyproject.toml"), re.DOTALL | re.MULTILINE)[1]
    assert [line for line in block.splitlines() if not re.search(r'",\s+# \w', line)] == []


def test_pyproject_installs_no_development_group_unasked(pyproject):
    assert pyproject["tool"]["uv"]["default-groups"] == []


def test_readme_gives_the_two_commands():
    lines = read("README.md").splitlines()
    assert f"    {RUN}" in lines
    assert f"    {TEST}" in lines


def test_ci_runs_the_readmes_test_command():
    script = read(".ci/run")
    install, test = TEST.split(" && ")
    assert install.removesuffix(" uv") in script
    # On SQLite alone on its line; then on PostgreSQL and with another interpreter.
    assert f"\n{test}\n" in script
    assert len(re.findall(r"uv run (--python \S+ )?--group dev pytest$", script, re.MULTILINE)) == 2


def test_ci_hides_no_failure():
    script = read(".ci/run")
    assert "set -euo pipefail" in script
    assert not re.search(r"\|\|\s*(true|:)", script)
    assert (BASE_DIR / ".ci" / "run").stat().st_mode & 0o111


def test_env_example_documents_every_setting(settings_names):
    documented = re.findall(r"^#?([A-Z_]+)=", read(".env.example"), re.MULTILINE)
    assert sorted(documented) == sorted(settings_names)


def test_env_example_explains_each_setting_above_it():
    for block in read(".env.example").strip().split("\n\n")[1:]:
        *explanation, last = block.splitlines()
        assert re.match(r"#[A-Z_]+=", last), block
        assert explanation, block
        assert all(line.startswith("# ") for line in explanation), block


def test_readme_table_lists_every_setting(settings_names):
    documented = re.findall(r"^\| `([A-Z_]+)` \|", read("README.md"), re.MULTILINE)
    assert sorted(documented) == sorted(settings_names | {"ENV_FILE"})


@pytest.mark.parametrize("document", ["README.md", "deploy/README.md", "LICENSE-CONTENT.md", "SECURITY.md"])
def test_documents_link_to_files_that_exist(document):
    folder = (BASE_DIR / document).parent
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", read(document))
    assert [target for target in targets if not (folder / target).exists()] == []


def test_documents_load_the_fixtures_in_quickstarts_order():
    command = f"manage.py loaddata {' '.join(FIXTURES)}\n"
    assert command in read("README.md")
    assert command in read("deploy/README.md")


def test_fixtures_are_those_that_quickstart_loads():
    assert sorted(path.stem for path in (BASE_DIR / "fixtures").glob("*.json")) == sorted(FIXTURES)


def test_licences_are_stated():
    assert read("LICENSE").startswith("MIT License\n")
    assert "https://creativecommons.org/licenses/by/4.0/" in read("LICENSE-CONTENT.md")
    assert "(LICENSE)" in read("README.md")
    assert "(LICENSE-CONTENT.md)" in read("README.md")


# What may be installed with the portal: each lets anybody run, change and pass on the whole.
ALLOWED = {"MIT", "MIT-0", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "MPL-2.0", "PSF-2.0"}
ALLOWED |= {"LGPL-3.0-only"}


@pytest.fixture(scope="module")
def licences():
    return dict(re.findall(r"^\| ([a-z0-9-]+) \| ([A-Z].*) \|$", read("deploy/licences.md"), re.MULTILINE))


def test_licences_are_listed_for_all_that_is_installed(licences):
    assert sorted(licences) == sorted({name for name, _, _ in pins(read("requirements.txt").splitlines())})


def test_licences_are_all_allowed(licences):
    used = {word for licence in licences.values() for word in re.split(" AND | OR ", licence)}
    assert used <= ALLOWED


def test_licences_are_what_packages_say_of_themselves(licences):
    """By family: packages write “BSD”, “BSD License” and “BSD-3-Clause” alike."""
    families = {"Mozilla Public License": "MPL", "Apache Software": "Apache"}
    for name, licence in licences.items():
        try:
            package = metadata(name)
        except PackageNotFoundError:
            continue  # for another system or Python
        told = [package.get("License-Expression") or "", package.get("License") or ""]
        told += [line for line in package.get_all("Classifier") or [] if line.startswith("License")]
        text = " ".join(told)
        for long, short in families.items():
            text = text.replace(long, short)
        assert re.split("[- ]", licence)[0] in text, name


def test_security_policy_says_how_and_how_fast():
    policy = read("SECURITY.md")
    assert "/.well-known/security.txt" in policy
    assert "7 days" in policy
    assert "30 days" in policy


def test_changelog_has_a_place_for_what_comes():
    assert "\n## [Unreleased]\n" in read("CHANGELOG.md")


@pytest.fixture(scope="module")
def committed_files():
    if not (BASE_DIR / ".git").exists():
        pytest.skip("This copy is no git checkout, so which files are committed cannot be told.")
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=BASE_DIR,
        capture_output=True,
        check=True,
        text=True,
    )
    return [BASE_DIR / name for name in listed.stdout.split("\0") if name]


def test_committed_files_name_no_package_registry(committed_files):
    files = [path for path in committed_files if path.is_file()]
    assert [str(path) for path in files if REGISTRIES.search(path.read_bytes())] == []


def test_committed_files_leave_out_what_is_made(committed_files):
    made = re.compile(r"(^|/)(\.env|uv\.lock|db\.sqlite3.*|staticfiles/.*|\.venv/.*|.*\.pyc)$")
    names = [str(path.relative_to(BASE_DIR)) for path in committed_files]
    assert [name for name in names if made.search(name)] == []
