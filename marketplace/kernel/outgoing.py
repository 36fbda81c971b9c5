"""Fetch what lies at an address that somebody else named, without being led anywhere private.

Only http and https on their own ports; every address a name resolves to must be public; the connection goes
to the very address that was checked, so a name that changes its mind in between changes nothing; each
redirect is a new address with the same rule; size and time have an end whatever the other side does.

The rule itself has no switch. Tests give another `resolve` and `connect` and keep the rule.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from marketplace.kernel.errors import Invalid

PORTS = {"http": 80, "https": 443}
MOST_REDIRECTS = 3
CHUNK = 64 * 1024
SAFE = "/:@!$&'()*+,;=-._~%"


class FetchRefused(Invalid):
    """It was not fetched: `reason` says why for machines; `may_pass` whether another try can help."""

    code, title = "fetch_refused", "This could not be fetched."

    def __init__(self, detail: str, *, reason: str, may_pass: bool = False, **data: Any) -> None:
        super().__init__(detail, field="address", **data)
        self.reason, self.may_pass = reason, may_pass


@dataclass(frozen=True, slots=True)
class Fetched:
    data: bytes
    kind: str  # the media type as the server says it, without parameters; "" if it says none
    url: str  # after redirects


def resolve_host(host: str, port: int) -> list[str]:
    """Return every address of a name.

    :raises OSError: if it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def open_socket(address: str, port: int, seconds: float) -> socket.socket:
    """Return a connection to an address, never to a name."""
    return socket.create_connection((address, port), timeout=seconds)


def is_public(address: str) -> bool:
    """Return whether an address is one of the open internet; one that hides an IPv4 address inside is not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    return not (ip.scope_id or ip.is_site_local or ip.ipv4_mapped or ip.sixtofour or ip.teredo)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The way out. `resolve` and `connect` are the two places where it touches the network."""

    resolve: Callable[[str, int], list[str]] = resolve_host
    connect: Callable[[str, int, float], socket.socket] = open_socket
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    agent: str = "Rightful"

    def fetch(self, url: str, *, most_bytes: int, seconds: float, kinds: Collection[str]) -> Fetched:
        """Return what lies at an address, at most `most_bytes` of it, within `seconds` over all redirects.

        `kinds` are the media types that are taken; a server that says none is believed to mean any.

        :raises FetchRefused: with the reason; `may_pass` tells whether trying later can help.
        """
        until = time.monotonic() + seconds
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._ask(url, most_bytes, until, kinds)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
        raise FetchRefused("The address leads from one place to the next without an end.", reason="redirects")

    def _ask(self, url: str, most_bytes: int, until: float, kinds: Collection[str]) -> Fetched | str:
        """Return what is there, or where it moved to."""
        parts, host, port = read_address(url)
        address = self._checked(host, port)
        try:
            with self._connected(parts.scheme, host, address, port, until) as connection:
                connection.request("GET", _target(parts), headers=self._headers(host))
                response = connection.getresponse()
                if response.status in (301, 302, 303, 307, 308):
                    return response.getheader("Location", "")
                _refuse_status(response.status)
                kind = _kind_of(response, kinds)
                return Fetched(_body(response, most_bytes, until), kind, url)
        except ssl.SSLCertVerificationError as error:
            raise FetchRefused("The server's certificate is not valid.", reason="certificate") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            if time.monotonic() >= until:
                raise _too_slow() from error
            raise FetchRefused(
                "The server does not answer as it should.", reason="no_answer", may_pass=True
            ) from error

    def _checked(self, host: str, port: int) -> str:
        """Return the address to connect to; all addresses of the name must be public."""
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchRefused("We do not find this server.", reason="unknown_host", may_pass=True) from error
        if not found or not all(is_public(one) for one in found):
            raise FetchRefused("The address does not lie in the open internet.", reason="not_public")
        return found[0]

    @contextmanager
    def _connected(
        self, scheme: str, host: str, address: str, port: int, until: float
    ) -> Iterator[http.client.HTTPConnection]:
        """Yield a connection that is cut when the time is over, however slowly the other side speaks."""
        sock = self.connect(address, port, _left(until))
        try:
            if scheme == "https":
                sock = self.tls.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
            cut = threading.Timer(_left(until), _cut, [sock])
            cut.start()
            try:
                if isinstance(sock, ssl.SSLSocket):
                    sock.do_handshake()
                connection = http.client.HTTPConnection(host, port)
                connection.auto_open, connection.sock = 0, sock
                yield connection
            finally:
                cut.cancel()
        finally:
            sock.close()

    def _headers(self, host: str) -> dict[str, str]:
        # What is packed could unpack to any size, so nothing packed is asked for.
        return {
            "Host": f"[{host}]" if ":" in host else host,
            "User-Agent": self.agent,
            "Accept-Encoding": "identity",
            "Connection": "close",
        }


def read_address(url: str) -> tuple[SplitResult, str, int]:
    """Return an address in its parts, with the host's name as it is resolved and the port.

    :raises FetchRefused: for anything but a plain http or https address on its own port.
    """
    bad = FetchRefused("This is not an address of the web (http or https).", reason="address")
    if len(url) > 2000 or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url) or "\\" in url:
        raise bad
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        host = host if host.isascii() else host.encode("idna").decode()
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise bad from error
    if parts.scheme not in PORTS or not host or "@" in parts.netloc or "%" in host:
        raise bad
    if port != PORTS[parts.scheme]:
        raise FetchRefused("Pictures are fetched from the usual port only (80 or 443).", reason="port")
    return parts, host, port


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=SAFE)
    return f"{path}?{quote(parts.query, safe=SAFE + '?')}" if parts.query else path


def _refuse_status(status: int) -> None:
    if status == 200:
        return
    may_pass = status in (408, 425, 429) or status >= 500
    raise FetchRefused(
        "The server answered with the code %(status)s.", reason="status", may_pass=may_pass, status=status
    )


def _kind_of(response: http.client.HTTPResponse, kinds: Collection[str]) -> str:
    if response.getheader("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise FetchRefused("The server sends it packed although that was not asked for.", reason="packed")
    kind = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
    if kind and kind not in kinds:
        raise FetchRefused("What lies there is %(kind)s.", reason="kind", kind=kind[:80])
    return kind


def _body(response: http.client.HTTPResponse, most: int, until: float) -> bytes:
    too_large = FetchRefused(
        "The file is larger than %(most)s MB.", reason="too_large", most=most // 1_048_576
    )
    if (response.length or 0) > most:
        raise too_large
    data = bytearray()
    while chunk := response.read1(CHUNK):
        data += chunk
        if len(data) > most:
            raise too_large
    if time.monotonic() >= until:
        raise _too_slow()  # what came may have been cut
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(data)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise _too_slow()
    return left


def _too_slow() -> FetchRefused:
    return FetchRefused("It took too long.", reason="too_slow", may_pass=True)


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # the socket below TLS; wakes a read that waits
