"""No spelling of an inner address passes, and the address that was checked is the one that is asked."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InvalidInput, StoreUnavailable
from app.notify.guard import allowed_hosts, checked, is_public, look_up

NOBODY = allowed_hosts("")
INNER_V4 = [
    ("0.0.0.0", 8), ("10.0.0.0", 8), ("100.64.0.0", 10), ("127.0.0.0", 8), ("169.254.0.0", 16),
    ("172.16.0.0", 12), ("192.168.0.0", 16), ("198.18.0.0", 15), ("224.0.0.0", 4), ("240.0.0.0", 4),
]  # fmt: skip


@st.composite
def inner_v4(draw):
    net, bits = draw(st.sampled_from(INNER_V4))
    return IPv4Address(int(IPv4Address(net)) | draw(st.integers(0, 2 ** (32 - bits) - 1)))


def number(draw, value):
    return draw(
        st.sampled_from([str(value), f"0{value:o}", f"0{value:o}".zfill(6), hex(value), f"0X{value:X}"])
    )


@st.composite
def spelled_v4(draw):
    """An inner IPv4 address as one to four numbers, each decimal, octal or hexadecimal."""
    raw = draw(inner_v4()).packed
    parts = draw(st.integers(1, 4))
    words = [number(draw, one) for one in raw[: parts - 1]]
    words.append(number(draw, int.from_bytes(raw[parts - 1 :], "big")))
    return ".".join(words) + draw(st.sampled_from(["", "."]))


@st.composite
def spelled_v6(draw):
    """An inner IPv4 address inside an IPv6 one, or an inner IPv6 address, long, short or with dots."""
    inner = int(draw(inner_v4()))
    any64 = draw(st.integers(0, 2**64 - 1))
    value = draw(
        st.sampled_from(
            [
                inner, 0xFFFF << 32 | inner, 0xFFFF << 48 | inner, 0x64FF9B << 96 | inner,
                0x0064FF9B0001 << 80 | inner, 0x2002 << 112 | inner << 80 | any64, 0x20010000 << 96 | any64,
                0xFE80 << 112 | any64, 0xFC00 << 112 | any64, 0xFDFF << 112 | any64, 0xFF02 << 112 | any64,
                0xFEC0 << 112 | any64, 0, 1,
            ]
        )
    )  # fmt: skip
    found = IPv6Address(value)
    dotted = ":".join(found.exploded.split(":")[:6]) + f":{IPv4Address(value & 0xFFFFFFFF)}"
    shape = draw(st.sampled_from([str(found), found.exploded, found.exploded.upper(), dotted]))
    return f"[{shape}]"


@given(st.one_of(spelled_v4(), spelled_v6()), st.sampled_from(["http", "https", "HTTP"]))
def test_no_spelling_of_an_inner_address_passes(host, scheme):
    with pytest.raises(InvalidInput):
        checked(f"{scheme}://{host}/hook", NOBODY)


@given(inner_v4())
def test_a_name_with_one_inner_address_among_its_addresses_is_refused(inner):
    with pytest.raises(InvalidInput, match="inside a network"):
        checked("https://hooks.example.com/x", NOBODY, lambda host, port: ["93.184.215.14", str(inner)])


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_counts_as_public_only_where_the_register_says_so(value):
    address = IPv4Address(value)
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast


@given(st.integers(0, 2**128 - 1))
def test_an_ipv6_address_counts_as_public_only_where_the_register_says_so(value):
    address = IPv6Address(value)
    if is_public(str(address)):
        assert address.is_global
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "fe80::1%eth0", "::", "::1"],
)
def test_addresses_of_clouds_and_of_this_machine_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com",
        "http://", "http:///x", "http://[::1/", "http://[v1.x]/", "http://exa mple.com/",
        "http://user:pw@example.com/", "http://example.com@127.0.0.1/", "http://example.com\\@127.0.0.1/",
        "http://①②⑦.0.0.1/", "http://%31%32%37.0.0.1/", "http://127。0。0。1/", "http://-x.com/",
        "http://example.com:99999/", "http://example.com:0/", "http://example.com:22/",
        "http://example.com:6379/", "http://example.com/\r\nX: y", "http://1.2.3/", "http://x.0x7f/",
        f"http://example.com/{'x' * 2_000}",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused_before_any_lookup(url):
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(f"looked up {host}")

    with pytest.raises(InvalidInput):
        checked(url, NOBODY, never)


def test_a_public_name_is_looked_up_once_and_its_address_is_kept():
    asked = []

    def lookup(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["93.184.215.14", "2606:2800:21f:cb07::1"]

    target = checked("https://Hooks.Example.com/x?y", NOBODY, lookup)
    assert (target.host, target.port, target.address) == ("hooks.example.com", 443, "93.184.215.14")
    assert asked == [("hooks.example.com", 443)]


def test_a_name_without_an_address_can_be_tried_again():
    with pytest.raises(StoreUnavailable):
        checked("https://x.invalid/", NOBODY, lambda host, port: [])
    with pytest.raises(StoreUnavailable, match="no address"):
        look_up("no-such-host.invalid", 443)


def test_hosts_that_the_settings_allow_may_be_inside_and_only_at_their_port():
    allowed = allowed_hosts("chat.plant.local:8065, 127.0.0.1 ,[::1]:9000")
    inner = ["10.1.2.3"]
    assert checked("http://chat.plant.local:8065/x", allowed, lambda *_: inner).address == "10.1.2.3"
    assert checked("http://127.0.0.1:6379/", allowed).address == "127.0.0.1"
    assert checked("http://[::1]:9000/", allowed).address == "::1"
    for url in ("http://chat.plant.local/x", "http://[::1]/", "http://127.0.0.2/", "http://localhost/"):
        with pytest.raises(InvalidInput):
            checked(url, allowed, lambda *_: inner)
