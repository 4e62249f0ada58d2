"""One look at a page of the web: does it answer? Never at an address inside our own network.

Addresses come from editors and from redirects, so that each hop is resolved, checked and then connected to
by the number that was checked: a name cannot lead elsewhere in between. Of the answer only the head is read.
"""

import ipaddress
import socket
import ssl
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import urljoin, urlsplit

from django.urls import reverse
from django.utils.encoding import iri_to_uri

from ecosystem.addresses import absolute

MOST_REDIRECTS = 8
REDIRECTS = {301, 302, 303, 307, 308}
PERMANENT = {301, 308}
# No status of any standard, but what some large sites answer to robots.
NO_ROBOTS = 999
NAT64 = ipaddress.ip_network("64:ff9b::/96")
TLS = ssl.create_default_context()


class RefusalError(Exception):
    """An address that nobody here asks: another scheme, or a machine that is not on the public internet."""


@dataclass(frozen=True)
class Answer:
    """What a page said: its status, whether a wall against robots said it, and where it moved for good."""

    status: int
    is_wall: bool = False
    moved_to: str = ""


class PinnedConnection(HTTPConnection):
    """Connects to a number instead of looking the name up once more."""

    def __init__(self, number, host, port, timeout):
        super().__init__(host, port, timeout=timeout)
        self.number = number

    def connect(self):
        self.sock = socket.create_connection((self.number, self.port), self.timeout)


class PinnedTlsConnection(PinnedConnection):
    default_port = HTTPSConnection.default_port

    def connect(self):
        super().connect()
        # The handshake comes after the assignment, so that it can be cut like everything else.
        self.sock = TLS.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock.do_handshake()


CONNECTIONS = {"http": PinnedConnection, "https": PinnedTlsConnection}


def is_public(number):
    """Whether an IP address belongs to the public internet; one that wraps an IPv4 address is that one."""
    number = ipaddress.ip_address(number.partition("%")[0])
    if number.version == 6 and number in NAT64:
        number = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    elif number.version == 6:
        number = number.ipv4_mapped or number.sixtofour or number
    return number.is_global and not number.is_multicast


def resolve(host, port):
    """The number to connect to. Raises RefusalError if any of the host's numbers is not public."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = [address[0] for *_, address in found]
    if not all(map(is_public, numbers)):
        raise RefusalError("leads into a private network")
    return numbers[0]


@contextmanager
def within(seconds, connection):
    """Cut a connection that takes longer in all: a timeout alone lets a server send a sign at a time."""

    def cut():
        with suppress(OSError):
            # The plain socket's method: that of TLS would take the session away from under its reader.
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def ask(method, url, timeout):
    """The head of the answer to one request: (status, headers).

    Raises RefusalError, OSError (names not found and timeouts among them), HTTPException or ValueError.
    """
    parts = urlsplit(iri_to_uri(url))
    if parts.scheme not in CONNECTIONS or not parts.hostname:
        raise RefusalError("is no web address")
    host = urlsplit(url).hostname.encode("idna").decode()
    kind = CONNECTIONS[parts.scheme]
    port = parts.port or kind.default_port
    connection = kind(resolve(host, port), host, port, timeout)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    headers = {
        "User-Agent": f"hubportal-links (+{absolute(reverse('about'))})",
        "Accept": "*/*",
        "Connection": "close",
    }
    with closing(connection), within(2 * timeout, connection):
        connection.request(method, target, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers


def location(url, headers):
    """The address that a redirect names; raw UTF-8, which HTTP does not allow, is common all the same."""
    raw = headers.get("Location", "")
    return urljoin(url, raw.encode("latin-1", "replace").decode("utf-8", "replace").strip())


def follow(method, url, timeout, turn):
    """Ask and follow redirects. `turn(host)` is called before each request and may wait."""
    moved_to, is_permanent = "", True
    for _ in range(MOST_REDIRECTS):
        turn(urlsplit(url).hostname)
        status, headers = ask(method, url, timeout)
        if status not in REDIRECTS or "Location" not in headers:
            return Answer(status, is_wall(status, headers), moved_to)
        url = location(url, headers)
        is_permanent &= status in PERMANENT
        moved_to = url if is_permanent else moved_to
    raise RefusalError("redirects without end")


def is_wall(status, headers):
    """Whether a service that keeps robots out answered in the place of the page."""
    is_busy = status == 503 and headers.get("Server", "").lower() == "cloudflare"
    return status == NO_ROBOTS or is_busy or "cf-mitigated" in headers


def look(url, timeout, turn=lambda host: None):
    """The Answer to HEAD, which sends no page; and to GET where that is no success: many serve HEAD badly.

    Raises what `ask` raises.
    """
    try:
        answer = follow("HEAD", url, timeout, turn)
        if answer.status < 300:
            return answer
    except (HTTPException, ConnectionError, TimeoutError):
        pass
    return follow("GET", url, timeout, turn)
