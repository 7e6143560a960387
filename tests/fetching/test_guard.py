from __future__ import annotations

from ipaddress import ip_address

import httpx
import pytest
import yarl
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import AddressRefused
from bot.fetching import guard
from bot.fetching.guard import (
    MAX_URL_CHARS,
    check_url,
    find_objection,
    foresee_refusal,
    is_own,
    literal_or_none,
    parse_allowed,
    shown,
)


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"],
)
def test_public_addresses_may_be_asked(address: str) -> None:
    assert find_objection(ip_address(address), 443, allow=()) == ""


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # carrier-grade NAT
        "100.100.100.200",  # a cloud's metadata service, in that range
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2001:0:53aa:64c::1",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::",  # 6to4
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_other_addresses_are_objected_to(address: str) -> None:
    assert "not a public address" in find_objection(ip_address(address), 443, allow=())


def test_public_addresses_are_asked_at_the_usual_ports_only() -> None:
    assert "port 6379" in find_objection(ip_address("1.1.1.1"), 6379, allow=())
    assert find_objection(ip_address("1.1.1.1"), 80, allow=()) == ""


@pytest.mark.parametrize(
    ("written", "address", "port", "passes"),
    [
        ("127.0.0.0/8", "127.9.9.9", 8801, True),
        ("127.0.0.0/8", "128.0.0.1", 8801, False),
        ("127.0.0.0/8", "::ffff:127.0.0.1", 80, True),
        ("127.0.0.1:8801", "127.0.0.1", 8801, True),
        ("127.0.0.1:8801", "127.0.0.1", 8802, False),
        ("127.0.0.1:8801", "127.0.0.2", 8801, False),
        ("10.0.0.0/8:8080", "10.1.2.3", 8080, True),
        ("10.0.0.0/8:8080", "10.1.2.3", 80, False),
        ("::1", "::1", 1, True),
        ("[::1]", "::1", 1, True),
        ("[::1]:8080", "::1", 8080, True),
        ("[::1]:8080", "::1", 8081, False),
        ("fd00::/8", "fd12::1", 443, True),
        ("[fd00::]/8", "fd12::1", 443, True),
        ("[fd00::]/8:8080", "fd12::1", 8080, True),
        ("[fd00::]/8:8080", "fd12::1", 443, False),
        (" 1.1.1.1:9000 ", "1.1.1.1", 9000, True),
    ],
)
def test_operator_opens_addresses_and_ports(
    written: str, address: str, port: int, passes: bool
) -> None:
    objection = find_objection(ip_address(address), port, allow=(parse_allowed(written),))

    assert (objection == "") is passes


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "no address or network"),
        ("localhost", "no address or network"),
        ("10.0.0.1/8", "host bits"),
        ("10.0.0.0/33", "no address or network"),
        ("127.1", "no address or network"),
        ("127.0.0.1:", "port"),
        ("127.0.0.1:0", "port"),
        ("127.0.0.1:70000", "port"),
        ("127.0.0.1:http", "port"),
        ("[::1]:0", "port"),
        ("[::1", "no address or network"),
    ],
)
def test_unreadable_allowances_say_what_is_wrong(written: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_allowed(written)


@pytest.mark.parametrize(
    "url",
    [
        "http://wire.example/rss",
        "https://wire.example:443/rss?id=1&b=%2F",
        "https://wire.example.",
        "https://a_b.wire.example/",
        "https://bücher.example/ä",
        "https://1.1.1.1/rss",
        "https://[2606:4700::1111]/rss",
        "https://4chan.example/",
        "https://wire.example:8443/",  # judged with its address, which is not known yet
    ],
)
def test_ordinary_urls_pass(url: str) -> None:
    assert check_url(url, allow=()) == httpx.URL(url)


def test_an_address_may_be_so_long_and_no_longer() -> None:
    longest = "https://wire.example/".ljust(MAX_URL_CHARS, "x")
    assert str(check_url(longest, allow=())) == longest

    for longer in (longest + "x", longest + "#x", "https://" + "1" * 30_000 + ".example/"):
        with pytest.raises(AddressRefused, match=r"is longer than 2000 characters.*; not asked"):
            check_url(longer, allow=())


def test_what_is_long_only_as_it_travels_is_refused_as_well() -> None:
    assert check_url("https://wire.example/" + "新" * 200, allow=()).host == "wire.example"
    with pytest.raises(AddressRefused, match="is longer than 2000 characters"):
        check_url("https://wire.example/" + "新" * 300, allow=())


def test_a_host_that_is_too_long_for_a_name_is_no_address_either() -> None:
    assert literal_or_none("::1") is not None
    remembered = guard._literal_or_none.cache_info().currsize
    assert literal_or_none("0" * 300 + "::1") is None
    assert guard._literal_or_none.cache_info().currsize == remembered
    with pytest.raises(AddressRefused, match="the host is no host name"):
        check_url(f"https://{'a' * 300}/", allow=())


def test_fragments_are_cut() -> None:
    assert str(check_url("https://wire.example/rss#top", allow=())) == "https://wire.example/rss"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "wire.example/rss",
        "//wire.example/rss",
        "ftp://wire.example/rss",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///rss",
        "http://wire.example:0/",
        "http://wire.example:99999/",
        "http://wire.example:x/",
        "http://1.1.1.1:0/",
        "http://wire..example/",
        "http://wire example/",
        "http://wire%2eexample/",
        "http://wire.example\\@127.0.0.1/",
        "http://" + "a." * 130 + "example/",
        "http://wire.example/\r\nX-Other: 1",
        "http://user@wire.example/",
        "http://:@wire.example/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://[::1/",
        "http://1.1.1.1:8080/",
        # one address, many spellings
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.1./",
        "http://127.0.0.0x1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://１２７.０.０.１/",
        "http://127%2e0%2e0%2e1/",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, allow=())


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@wire.example/rss",
        "https://hunter2@wire.example/rss?key=hunter2",
        "ftp://user:hunter2@wire.example/rss",
        "http://user:hunter2@wire.example:99999/",
        "http://user:hunter2@/",
        "https://10.0.0.1/rss?key=hunter2",
    ],
)
def test_no_refusal_repeats_a_secret(url: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        check_url(url, allow=())

    assert "hunter2" not in str(caught.value)


PIECES = ["http://", "127.0.0.1", "wire.example", "[::1]", "[", "]", "0x7f", "1", "80", "443"]
MARKS = [*".@:/\\?#%。ß ", "%2e", "%40"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES + MARKS), max_size=8).map(lambda p: "http://" + "".join(p)))
def test_the_transport_reads_the_host_as_the_guard_did(text: str) -> None:
    try:
        url = check_url(text, allow=(parse_allowed("0.0.0.0/0"), parse_allowed("::/0")))
    except AddressRefused:
        return
    asked = yarl.URL(str(url))  # what aiohttp makes of the URL it is handed

    assert (asked.raw_host, asked.port) == (
        url.raw_host.decode(),
        url.port or {"http": 80, "https": 443}[url.scheme],
    )


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:8801/", True),
        ("http://localhost:8801/", True),
        ("http://127.0.0.1/", False),
        ("http://1.1.1.1:8801/", False),
        ("http://wire.example:8801/", False),
    ],
)
def test_own_machines_are_those_opened_and_named_in_figures(url: str, own: bool) -> None:
    assert is_own(httpx.URL(url), allow=(parse_allowed("127.0.0.0/8:8801"),)) is own


def test_messages_show_neither_user_nor_query() -> None:
    url = httpx.URL("https://user:hunter2@wire.example:8443/a/b?key=hunter2#x")

    assert shown(url) == "https://wire.example:8443/a/b?…"


@pytest.mark.parametrize(
    ("url", "allowed", "told"),
    [
        ("https://a.example/rss", (), ""),
        ("http://192.168.1.7/rss", (), "192.168.1.7 is not a public address"),
        ("http://192.168.1.7/rss", ("192.168.0.0/16",), ""),
        ("http://LOCALHOST:8801/rss", (), "127.0.0.1 is not a public address"),
        ("http://localhost:8801/rss", ("127.0.0.1:8802",), "127.0.0.1 is not a public address"),
        ("http://localhost:8801/rss", ("[::1]:8801",), ""),
        ("https://u:secret@a.example/rss", (), "has a user name or password in it"),
    ],
)
def test_a_refusal_is_foreseen_where_the_address_shows_it(
    url: str, allowed: tuple[str, ...], told: str
) -> None:
    foreseen = foresee_refusal(url, allow=tuple(map(parse_allowed, allowed)))

    assert told in foreseen
    assert bool(told) is bool(foreseen)
    assert "secret" not in foreseen
