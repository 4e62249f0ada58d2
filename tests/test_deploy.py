"""What `deploy/` ships: a real nginx before a real server, units, and the composition of containers."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import get_commands

from hubportal.environment import BASE_DIR
from hubportal.limits import LARGEST_BODY
from tests.servers import Server, free_port
from tests.test_packaging import READ_ELSEWHERE, settings_read

DEPLOY = BASE_DIR / "deploy"
HOST = "hub.example.org"
UNITS = sorted((DEPLOY / "systemd").iterdir())
needs_server = pytest.mark.xdist_group("deploy")


def make_certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))


def configuration(folder, http, https, server):
    """The shipped file, with this test's ports and paths in it, as all that nginx knows."""
    site = (DEPLOY / "nginx" / "hubportal.conf").read_text()
    site = re.sub(r"\n *listen \[::\][^\n]*", "", site)
    site = site.replace("listen 80;", f"listen 127.0.0.1:{http};").replace(
        "listen 443", f"listen 127.0.0.1:{https}"
    )
    site = site.replace("/etc/ssl/hubportal", str(folder)).replace("/run/hubportal/web.sock", str(server))
    site = site.replace("/var/log/nginx", str(folder))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    return (
        f"{user} pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;"
        f"events {{ worker_connections 512; }} http {{ {temporary} {site} }}"
    )


class Proxy:
    def __init__(self, folder, nginx, server):
        self.http, self.https = free_port(), free_port()
        make_certificate(folder)
        self.path = folder / "nginx.conf"
        self.path.write_text(configuration(folder, self.http, self.https, server))
        self.command = [nginx, "-c", str(self.path), "-e", str(folder / "error.log"), "-g", "daemon off;"]
        self.trust = ssl.create_default_context(cafile=folder / "cert.pem")

    def ask(self, path, method="GET", body=None, **headers):
        """(status, headers, body) over TLS."""
        with socket.create_connection(("127.0.0.1", self.https), timeout=20) as plain:
            connection = HTTPSConnection(HOST, context=self.trust)
            connection.sock = self.trust.wrap_socket(plain, server_hostname=HOST)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            answer = response.status, response.headers, response.read()
            connection.close()
        return answer


@pytest.fixture(scope="module")
def nginx():
    # Debian keeps it where only root looks.
    path = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not path:
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent("There is no nginx. On Debian: apt-get install nginx-light")
    return path


@pytest.fixture(scope="module")
def proxy(nginx, tmp_path_factory):
    """The shipped proxy before the shipped server, which finds no database: a page without one is enough."""
    settings = {
        "ALLOWED_HOSTS": HOST,
        "SITE_URL": f"https://{HOST}",
        "BEHIND_PROXY": "1",
        "WEB_CONCURRENCY": "1",
    }
    settings |= {"ADMIN_NETWORKS": "203.0.113.0/24", "METRICS_TOKEN": "x"}
    folder = tmp_path_factory.mktemp("proxy")
    server = Server(folder, **settings)
    try:
        proxy = Proxy(folder, nginx, server.socket)
        process = subprocess.Popen(proxy.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            server.wait(lambda: proxy.ask("/healthz")[0] == 200)
            yield proxy
        finally:
            process.terminate()
            process.wait(timeout=20)
    finally:
        server.stop()


@needs_server
def test_nginx_finds_no_fault_in_its_configuration(proxy):
    done = subprocess.run([*proxy.command[:-2], "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Debian's nginx of today knows no other way to turn HTTP/2 on; newer ones take this one, and say so.
    warnings = [line for line in done.stderr.splitlines() if "warn" in line]
    warnings = [line for line in warnings if '"listen ... http2"' not in line]
    assert warnings == []


@needs_server
def test_proxy_leads_plain_http_to_the_sites_own_name(proxy):
    connection = HTTPConnection("127.0.0.1", proxy.http, timeout=20)
    connection.request("GET", "/companies/?q=a", headers={"Host": "evil.example"})
    response = connection.getresponse()
    response.read()
    connection.close()
    assert (response.status, response.headers["Location"]) == (301, f"https://{HOST}/companies/?q=a")


@needs_server
def test_proxy_passes_on_what_the_site_says(proxy):
    status, headers, _ = proxy.ask("/none/", Accept_Encoding="br")
    assert (status, headers["Content-Encoding"]) == (404, "br")
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["Server"] == "nginx"
    assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-ID"])


@needs_server
def test_proxy_says_itself_where_a_request_comes_from(proxy):
    """A client in no network of the editors does not get in by naming one."""
    forged = {"X_Forwarded_For": "203.0.113.7", "X_Forwarded_Proto": "http"}
    assert proxy.ask("/admin/", **forged)[0] == 403
    assert proxy.ask("/accounts/login/", **forged)[0] == 403


@needs_server
def test_proxy_shows_no_certificate_under_another_name(proxy):
    context = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", proxy.https), timeout=20) as plain,
        pytest.raises(ssl.SSLError, match="unrecognized name"),
    ):
        context.wrap_socket(plain, server_hostname="evil.example")


@needs_server
def test_proxy_refuses_old_tls(proxy):
    """Told by the configuration: OpenSSL of today does not even speak what is refused."""
    text = proxy.path.read_text()
    assert re.findall(r"ssl_protocols ([^;]*);", text) == ["TLSv1.2 TLSv1.3"]


@needs_server
def test_largest_body_is_refused_in_the_sites_words(proxy):
    status, _, body = proxy.ask("/corrections/new/", "POST", b"x" * (LARGEST_BODY + 1))
    assert (status, b"at most 5 megabytes" in body) == (413, True)
    assert proxy.ask("/corrections/new/", "POST", b"x" * (7 * 2**20))[0] == 413


@needs_server
def test_slow_clients_keep_nobody_waiting(proxy):
    """More of them than the server has threads, each with half a request in hand."""
    slow = []
    try:
        for number in range(12):
            client = socket.create_connection(("127.0.0.1", proxy.https), timeout=20)
            client = proxy.trust.wrap_socket(client, server_hostname=HOST)
            length = (
                b"POST /corrections/new/ HTTP/1.1\r\nHost: hub.example.org\r\nContent-Length: 100\r\n\r\nx"
            )
            client.sendall(b"GET / HTTP/1.1\r\nHost: hub" if number % 2 else length)
            slow.append(client)
        assert {proxy.ask("/none/")[0] for _ in range(20)} == {404}
    finally:
        for client in slow:
            client.close()


@needs_server
def test_proxy_without_a_server_says_when_to_come_back(nginx, tmp_path):
    proxy = Proxy(tmp_path, nginx, tmp_path / "nobody.sock")
    with subprocess.Popen(proxy.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + 20
            while not (tmp_path / "pid").exists():
                assert time.monotonic() < end
                time.sleep(0.05)
            status, headers, body = proxy.ask("/")
            assert (status, headers["Retry-After"]) == (503, "5")
            assert b"try again" in body
        finally:
            process.terminate()


def words_of(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit.read_text(), re.MULTILINE)


def test_timers_run_commands_that_exist():
    commands = {
        match for unit in UNITS for match in re.findall(r"Unit=hubportal@(\w+)\.service", unit.read_text())
    }
    assert commands == {"backup", "check_links", "clear_expired", "export_dataset", "purge_contacts"}
    assert commands <= get_commands().keys()


def test_manual_enables_every_timer_and_says_what_each_is_for():
    manual = (DEPLOY / "README.md").read_text(encoding="utf-8")
    [enabled] = re.findall(r"systemctl enable --now hubportal hubportal-\{(.*)\}\.timer", manual)
    timers = [unit for unit in UNITS if unit.suffix == ".timer"]
    assert [f"hubportal-{name}.timer" for name in enabled.split(",")] == [unit.name for unit in timers]
    told = set(re.findall(r"^\| `(\w+)` \|", manual, re.MULTILINE))
    assert told == {
        words_of(unit, "Unit")[0].removeprefix("hubportal@").removesuffix(".service") for unit in timers
    }


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_services_may_write_what_is_theirs_and_no_more(unit):
    assert words_of(unit, "ProtectSystem") == ["strict"]
    assert words_of(unit, "ReadWritePaths") == ["/srv/hubportal/code/var"]
    assert words_of(unit, "NoNewPrivileges") == ["yes"]
    assert words_of(unit, "User") == ["hubportal"]


def test_systemd_finds_no_fault_in_the_units(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("There is no systemd-analyze.")
    for unit in UNITS:
        # The programs are not installed here.
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "hubportal" in line] == []


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_compose_sets_only_what_the_site_reads(compose):
    known = settings_read(BASE_DIR / "hubportal" / "settings.py") | READ_ELSEWHERE
    for name in ("web", "migrate"):
        environment = compose["services"][name]["environment"]
        assert environment.keys() <= known
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "BEHIND_PROXY"} <= environment.keys()


def test_compose_gives_no_service_more_than_it_needs(compose):
    services = compose["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
        volumes = [volume.split(":")[0] for volume in service.get("volumes", [])]
        assert {name for name in volumes if not name.startswith(".")} <= compose["volumes"].keys()
        assert all((DEPLOY / name).exists() for name in volumes if name == "./nginx")
    assert compose["networks"]["inside"] == {"internal": True}
