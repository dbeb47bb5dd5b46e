"""Nobody has to know an address: every page is reached by links from where its person starts."""

import re

import pytest

from tests.cast import IDS, RAO, World

LINK = re.compile(r'href="(/[^"#?]*)')
ANANYA = ["/home", "/settings", "/security", "/security/contacts", "/security/contacts/new", "/security/password",
          "/security/channels", "/security/totp", "/security/passkeys/new", "/security/export", "/security/close",
          "/record/seen", "/family", "/family/new", "/doctor/onboarding"]  # fmt: skip
RAO_S = ["/work", "/doctor", "/doctor/onboarding", "/doctor/onboarding/documents", "/c/asha/patients",
         "/security/recovery-codes"]  # fmt: skip
GITA = ["/work", *(f"/c/asha/{page}" for page in ("admin", "people", "people/invite", "people/policy", "keys",
        "keys/new", "audit", "openings", "patients", f"people/{IDS['farida']}"))]  # fmt: skip
JAYA = ["/platform", "/platform/doctors", f"/platform/doctors/{RAO}", "/platform/people", "/platform/audit"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("ananya", ANANYA), ("rao", RAO_S), ("gita", GITA), ("jaya", JAYA), ("indu", ["/platform", "/platform/people"])],
)
async def test_every_page_is_reached_by_links(world: World, name: str, wanted: list[str]) -> None:
    client, missing, seen = await world.web(name), set(wanted), set[str]()
    waiting = ["/", "/platform/doctors?state=verified"] if name == "jaya" else ["/"]
    while missing and waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = await client.get(path, follow_redirects=True)
        if answer.status_code == 200:
            missing.discard(path.partition("?")[0])
            found = LINK.findall(answer.text)
            waiting += [one for one in found if not re.search(r"/(static|language|dev|doctors/|api|export)", one)]
            waiting += [one for one in found if one in missing]
    assert not missing
