"""What others name is fetched, and nobody is led to where the open internet ends."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from marketplace.kernel.outgoing import FetchRefused, is_public
from tests.fakes.picture_server import PUBLIC, Internet, internet, picture

KINDS = {"image/png", "image/jpeg"}
PRIVATE = {
    "loopback.example": ["127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "both.example": [PUBLIC, "10.0.0.7"],  # one good address beside a bad one
    "mapped.example": ["::ffff:10.0.0.7"],
    "local.example": ["fe80::1%eth0"],
}
HOSTILE = {
    # other ways than the web
    "file:///etc/passwd": "address",
    "ftp://shop.example/a.png": "address",
    "gopher://shop.example:80/_GET": "address",
    "data:image/png;base64,AAAA": "address",
    "javascript:alert(1)": "address",
    "//shop.example/a.png": "address",
    "http:///a.png": "address",
    # written so that two readers see two hosts
    "http://shop.example@127.0.0.1/": "address",
    "http://shop.example\\@127.0.0.1/": "address",
    "http://shop.example/\r\nHost: intern": "address",
    "http://127.0.0.1%2f@shop.example/": "address",
    "http://shop.example:99999/": "address",
    # services on other ports
    "http://shop.example:6379/": "port",
    "http://shop.example:5432/": "port",
    # this machine, in every spelling
    "http://127.0.0.1/": "not_public",
    "http://127.1/": "not_public",
    "http://2130706433/": "not_public",
    "http://0x7f000001/": "not_public",
    "http://0177.0.0.1/": "not_public",
    "http://0/": "not_public",
    "http://[::1]/": "not_public",
    "http://[::]/": "not_public",
    "http://[::ffff:127.0.0.1]/": "not_public",
    "http://[::127.0.0.1]/": "not_public",
    # the network around it
    "http://10.0.0.7/": "not_public",
    "http://172.16.0.1/": "not_public",
    "http://192.168.1.1/": "not_public",
    "http://100.64.0.1/": "not_public",
    "http://169.254.169.254/latest/meta-data/": "not_public",
    "http://255.255.255.255/": "not_public",
    "http://224.0.0.1/": "not_public",
    "http://[fd00::1]/": "not_public",
    "http://[fe80::1]/": "not_public",
    "http://[ff02::1]/": "not_public",
    "http://[64:ff9b::7f00:1]/": "not_public",
    "http://[2002:7f00:1::]/": "not_public",
    "http://[2001:0:7f00:1::1]/": "not_public",
    # names that lead there
    **{f"http://{name}/": "not_public" for name in PRIVATE},
    "http://loopback.example./": "not_public",
    "http://nowhere.example/": "unknown_host",
}


@pytest.fixture
def net() -> Iterator[Internet]:
    with internet() as known:
        known.names |= PRIVATE
        yield known


def refused(net: Internet, url: str, **limits: float) -> FetchRefused:
    with pytest.raises(FetchRefused) as caught:
        get(net, url, **limits)
    return caught.value


def get(net: Internet, url: str, *, most_bytes: int = 2_000_000, seconds: float = 10):
    return net.outgoing.fetch(url, most_bytes=most_bytes, seconds=seconds, kinds=KINDS)


def test_a_picture_is_fetched_from_the_address_that_was_checked(net: Internet):
    url = net.put("/a b.png?x=1".replace(" ", "%20"), picture())
    fetched = get(net, url)
    assert (fetched.data, fetched.kind, fetched.url) == (picture(), "image/png", url)
    assert net.connected == [PUBLIC]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_before_any_connection(net: Internet, url: str):
    assert (refused(net, url).reason, net.connected) == (HOSTILE[url], [])


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://127.0.0.1/", "not_public"),
        ("http://metadata.example/latest", "not_public"),
        ("http://[::ffff:10.0.0.7]/", "not_public"),
        ("file:///etc/passwd", "address"),
        ("http://shop.example:6379/", "port"),
        ("/again", "redirects"),
        ("", "redirects"),
    ],
)
def test_a_redirect_is_a_new_address_with_the_same_rule(net: Internet, target: str, reason: str):
    net.put("/again", status=302, Location="/again")
    url = net.put("/start", status=302, Location=target)
    assert (refused(net, url).reason, set(net.connected)) == (reason, {PUBLIC})


def test_a_redirect_to_another_public_place_is_followed(net: Internet):
    net.names["cdn.example"] = ["2606:2800:220:1:248:1893:25c8:1946"]
    net.put("/there.png", picture())
    fetched = get(net, net.put("/here.png", status=301, Location="http://cdn.example/there.png"))
    assert (fetched.url, net.connected) == (
        "http://cdn.example/there.png",
        [PUBLIC, net.names["cdn.example"][0]],
    )


def test_a_name_that_changes_its_mind_is_asked_once_for_each_connection(net: Internet):
    """The second answer of a rebinding name would be private; it is never asked for."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    net.resolve = lambda host, port: next(answers)  # type: ignore[method-assign]
    get(net, net.put("/a.png", picture()))
    assert net.connected == [PUBLIC]


@pytest.mark.parametrize(
    ("path", "limits", "reason"),
    [
        ("/endless", {"most_bytes": 300_000}, "too_large"),
        ("/said", {"most_bytes": 300_000}, "too_large"),
        ("/drip", {"seconds": 0.4}, "too_slow"),
        ("/drops", {"seconds": 0.4}, "too_slow"),
        ("/short", {}, "no_answer"),
        ("/page", {}, "kind"),
        ("/packed", {}, "packed"),
        ("/busy", {}, "status"),
        ("/gone", {}, "status"),
    ],
)
def test_whatever_the_other_side_does_has_an_end(
    net: Internet, path: str, limits: dict[str, float], reason: str
):
    net.put("/said", b"x", Content_Length="900000000")
    net.put("/page", b"<html>", Content_Type="text/html; charset=utf-8")
    net.put("/packed", b"x", Content_Encoding="gzip")
    net.put("/busy", status=503)
    began = time.monotonic()
    error = refused(net, f"http://shop.example{path}", **limits)
    assert (error.reason, error.may_pass) == (reason, path in ("/drip", "/drops", "/short", "/busy"))
    assert time.monotonic() - began < 5


def test_public_addresses_are_told_from_all_others():
    public = ["8.8.8.8", PUBLIC, "2606:2800:220:1:248:1893:25c8:1946"]
    others = [
        "192.0.2.1",
        "198.18.0.1",
        "240.0.0.1",
        "fec0::1",
        "2001:db8::1",
        "::ffff:8.8.8.8",
        "a name",
        "",
    ]
    assert ([is_public(one) for one in public], [is_public(one) for one in others]) == (
        [True] * 3,
        [False] * 8,
    )
