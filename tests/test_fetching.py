"""Pages asked for over real sockets: the ways in which servers behave, and machines that are never asked."""

import socket
import threading
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ecosystem import fetching
from ecosystem.fetching import MOST_REDIRECTS, Answer, RefusalError, is_public, look

# Path: (status, headers), for HEAD and GET alike.
PAGES = {
    "/ok": (200, {}),
    "/empty": (204, {}),
    "/gone": (410, {}),
    "/moved": (301, {"Location": "/ok"}),
    "/moved-twice": (308, {"Location": "/moved"}),
    "/for-now": (302, {"Location": "/ok"}),
    "/for-now-then-moved": (302, {"Location": "/moved"}),
    "/moved-then-for-now": (301, {"Location": "/for-now"}),
    "/moved-away": (301, {"Location": "/not-there"}),
    "/loop": (302, {"Location": "/loop"}),
    "/to-elsewhere": (302, {"Location": "ftp://example.org/"}),
    "/raw": (302, {"Location": "/杭州".encode().decode("latin-1")}),
    "/%E6%9D%AD%E5%B7%9E": (200, {}),
    "/not-modified": (304, {}),
    "/challenge": (403, {"cf-mitigated": "challenge"}),
    "/busy": (503, {"Server": "cloudflare"}),
    "/no-robots": (999, {}),
    "/broken": (500, {}),
}


class Handler(BaseHTTPRequestHandler):
    timeout = 5

    def answer(self):
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        if self.path == "/slow":
            self.server.stop.wait(5)
        if self.path == "/drip":
            return self.drip()
        if self.path == "/hangs-up":
            return self.connection.close()
        if self.path == "/nonsense":
            return self.wfile.write(b"nonsense\r\n\r\n")
        if self.path == "/only-get":
            return self.send(405 if self.command == "HEAD" else 200, {})
        status, headers = PAGES.get(self.path, (404, {}))
        return self.send(status, headers)

    do_HEAD = do_GET = answer  # noqa: N815 -- the names that http.server asks for

    def send(self, status, headers):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        # As a page would: it must not be read.
        self.send_header("Content-Length", "100000000")
        self.end_headers()

    def drip(self):
        """A header that never ends, a sign at a time: no single wait is long."""
        while not self.server.stop.wait(0.02):
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def web():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.stop = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.stop.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def local(monkeypatch):
    """This machine may be asked: the one place where a test opens what is shut."""
    monkeypatch.setattr(fetching, "is_public", lambda number: number.startswith("127."))


@pytest.fixture
def at(web, local):
    web.seen.clear()
    return lambda path: f"http://127.0.0.1:{web.server_port}{path}"


def methods(web):
    return [method for method, *_ in web.seen]


@pytest.mark.parametrize("path", ["/ok", "/empty", "/for-now"])
def test_page_that_answers(web, at, path):
    assert look(at(path), 5).moved_to == ""
    assert set(methods(web)) == {"HEAD"}


def test_request_says_who_asks(web, at, settings):
    settings.SITE_URL = "https://hub.example.org"
    look(at("/ok"), 5)
    _, _, headers = web.seen[0]
    assert headers["User-Agent"] == "hubportal-links (+https://hub.example.org/about/)"
    assert headers["Host"] == f"127.0.0.1:{web.server_port}"


def test_get_where_head_is_refused(web, at):
    assert look(at("/only-get"), 5) == Answer(200)
    assert methods(web) == ["HEAD", "GET"]


def test_query_is_kept_and_fragment_is_not_sent(web, at):
    look(at("/ok?q=a b#part"), 5)
    assert web.seen[0][1] == "/ok?q=a%20b"


@pytest.mark.parametrize(
    ("path", "target"),
    [("/moved", "/ok"), ("/moved-twice", "/ok"), ("/moved-then-for-now", "/for-now")],
)
def test_permanent_redirects_say_where_the_page_moved(at, path, target):
    assert look(at(path), 5) == Answer(200, moved_to=at(target))


def test_permanent_redirect_behind_a_temporary_one_is_no_move(at):
    assert look(at("/for-now-then-moved"), 5) == Answer(200)


def test_redirect_to_a_missing_page(at):
    assert look(at("/moved-away"), 5).status == 404


def test_redirect_with_raw_signs_is_followed(web, at):
    assert look(at("/raw"), 5) == Answer(200)
    assert web.seen[-1][1] == "/%E6%9D%AD%E5%B7%9E"


def test_redirects_without_end_are_cut(web, at):
    with pytest.raises(RefusalError, match="without end"):
        look(at("/loop"), 5)
    assert len(web.seen) == MOST_REDIRECTS


def test_status_of_the_redirects_without_address(at):
    assert look(at("/not-modified"), 5).status == 304


@pytest.mark.parametrize(("path", "status"), [("/challenge", 403), ("/busy", 503), ("/no-robots", 999)])
def test_walls_against_robots_are_recognised(at, path, status):
    assert look(at(path), 5) == Answer(status, is_wall=True)


def test_plain_errors_are_no_walls(at):
    assert look(at("/broken"), 5) == Answer(500)


def test_body_is_not_read(web, at):
    """The server promises a hundred megabytes and sends none: to read them would be an error."""
    assert look(at("/only-get"), 5).status == 200


def test_server_that_is_slow_times_out_for_both_methods(web, at):
    with pytest.raises(TimeoutError):
        look(at("/slow"), 0.1)
    assert methods(web) == ["HEAD", "GET"]


def test_server_that_drips_is_cut_off(at):
    with pytest.raises((OSError, HTTPException)):
        look(at("/drip"), 0.2)


@pytest.mark.parametrize("path", ["/hangs-up", "/nonsense"])
def test_server_that_does_not_speak_http(at, path):
    with pytest.raises((OSError, HTTPException)):
        look(at(path), 5)


def test_nobody_listens(local):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            look(f"http://127.0.0.1:{taken.getsockname()[1]}/", 5)


def test_tls_is_checked(web, at):
    """A server without TLS behind https:// is an error, not an answer."""
    with pytest.raises(OSError):  # noqa: PT011 -- ssl's words differ from release to release
        look(at("/ok").replace("http:", "https:"), 5)


def test_turn_is_asked_for_before_each_request(at):
    hosts = []
    look(at("/moved"), 5, hosts.append)
    assert hosts == ["127.0.0.1"] * 2


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 -- nothing is bound to it
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_number_inside_is_not_public(number):
    assert not is_public(number)


@pytest.mark.parametrize(
    "number", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]
)
def test_number_outside_is_public(number):
    assert is_public(number)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:7f00:1]"]
)
def test_own_machine_is_never_asked(web, host):
    web.seen.clear()
    with pytest.raises((RefusalError, socket.gaierror)):
        look(f"http://{host}:{web.server_port}/ok", 5)
    assert web.seen == []


def test_redirect_into_the_own_network_is_refused(web, at, monkeypatch):
    """Only the first number is let through: the hop is checked as the start was."""
    monkeypatch.setitem(PAGES, "/inside", (302, {"Location": f"http://127.0.0.2:{web.server_port}/ok"}))
    monkeypatch.setattr(fetching, "is_public", lambda number: number == "127.0.0.1")
    with pytest.raises(RefusalError, match="private network"):
        look(at("/inside"), 5)
    assert {path for _, path, _ in web.seen} == {"/inside"}


def test_name_with_one_private_number_is_refused(monkeypatch):
    numbers = [(0, 0, 0, "", (number, 80)) for number in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: numbers)
    with pytest.raises(RefusalError, match="private network"):
        look("http://example.org/", 5)


def test_name_is_looked_up_once(web, local, monkeypatch):
    """A second answer could lead inside: the connection goes to the number that was checked."""
    asked, lookup = [], socket.getaddrinfo

    def answer(host, port, *args, **options):
        asked.append(host)
        # The lookup of a number is none.
        return lookup("127.0.0.1", port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    web.seen.clear()
    assert look(f"http://rebinding.example:{web.server_port}/ok", 5) == Answer(200)
    assert asked == ["rebinding.example", "127.0.0.1"]
    assert web.seen[0][2]["Host"] == f"rebinding.example:{web.server_port}"


@pytest.mark.parametrize("url", ["ftp://example.org/", "file:///etc/passwd", "http:///path", "gopher://a/"])
def test_other_schemes_are_refused(url):
    with pytest.raises(RefusalError, match="no web address"):
        look(url, 5)


def test_redirect_to_another_scheme_is_refused(at):
    with pytest.raises(RefusalError, match="no web address"):
        look(at("/to-elsewhere"), 5)


def test_host_of_another_script_is_asked_by_its_ascii_name(monkeypatch):
    asked = []

    def answer(host, port, **options):
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(socket.gaierror):
        look("https://例子.example/", 5)
    assert asked == ["xn--fsqu00a.example"]
