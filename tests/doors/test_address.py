"""Where a request comes from: a forged X-Forwarded-For is believed by nobody."""

from typing import Any

import pytest

from svastha.doors.address import client_of, network_of
from svastha.settings import SettingsTrouble, load


def scope(peer: str | None, *forwarded: str) -> Any:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"type": "http", "client": (peer, 1) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [
        ("203.0.113.9", [], "", "203.0.113.9"),
        ("203.0.113.9", ["1.2.3.4"], "", "203.0.113.9"),  # nobody is trusted
        ("203.0.113.9", ["1.2.3.4"], "10.0.0.0/8", "203.0.113.9"),  # who calls is no proxy of ours
        ("10.0.0.1", ["198.51.100.7"], "10.0.0.0/8", "198.51.100.7"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.7"], "10.0.0.0/8", "198.51.100.7"),  # the left is invented
        ("10.0.0.1", ["1.2.3.4", "198.51.100.7"], "10.0.0.0/8", "198.51.100.7"),  # also in a header of its own
        ("10.0.0.1", ["198.51.100.7, 10.9.9.9"], "10.0.0.0/8", "198.51.100.7"),  # two proxies of ours
        ("10.0.0.1", ["198.51.100.7, nonsense, 10.9.9.9"], "10.0.0.0/8", "10.9.9.9"),  # the walk ends there
        ("10.0.0.1", ["198.51.100.7:4711"], "10.0.0.0/8", "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.0/8", "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.0/8", "10.0.0.2"),
        ("::ffff:10.0.0.1", ["2001:db8::1"], "10.0.0.0/8 fd00::/8", "2001:db8::1"),
        (None, ["1.2.3.4"], "10.0.0.0/8", ""),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str | None, forwarded: list[str], trusted: str, client: str) -> None:
    assert client_of(scope(peer, *forwarded), trusted) == client


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_network_is_counted_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_wrong_list_of_proxies_stops_the_start() -> None:
    assert load({"SVASTHA_MODE": "test", "SVASTHA_TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8"}).trusted_proxies
    with pytest.raises(SettingsTrouble, match="SVASTHA_TRUSTED_PROXIES"):
        load({"SVASTHA_MODE": "test", "SVASTHA_TRUSTED_PROXIES": "10.0.0.1/8"})
