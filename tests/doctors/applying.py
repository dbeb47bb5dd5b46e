"""What a doctor sends, and shortcuts to where the tests begin."""

from typing import Any
from uuid import UUID

import httpx

from tests.cast import IDS, World

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 16 + b"\xff\xd9"
WHOLE: dict[str, Any] = {
    "name": "Dr Kavya Deshpande",
    "gender": "female",
    "council_code": "MH",
    "registration_no": "I-12345-A",
    "registered_on": "2015-06-01",
    "degrees": [
        {"degree": "BAMS", "university": "MUHS Nashik", "year": 2014},
        {"degree": "MD", "subject": "Kayachikitsa", "university": "MUHS Nashik", "year": 2018},
    ],
    "languages": ["mr", "hi"],
    "specialties": ["kayachikitsa"],
    "about": "Calm.",
}


async def upload(client: httpx.AsyncClient, kind: str, content: bytes = PDF, name: str = "x.pdf") -> httpx.Response:
    return await client.post("/me/doctor/documents", data={"kind": kind}, files={"file": (name, content, "text/html")})


async def applied(world: World, who: str = "kavya", **other: Any) -> UUID:
    """Her application, complete and handed in."""
    client = await world.api(who)
    saved = await client.put("/me/doctor", json=WHOLE | other)
    assert saved.status_code == 200, saved.text
    for kind in ("registration", "degree", "identity"):
        assert (await upload(client, kind)).status_code == 201
    submitted = await client.post("/me/doctor/submit")
    assert submitted.status_code == 200, submitted.text
    return IDS[who]


async def decided(world: World, doctor: UUID, decision: str, reason: str = "", **more: Any) -> httpx.Response:
    jaya = await world.api("jaya")
    body = {"decision": decision, "reason": reason, **more}
    return await jaya.post(f"/platform/doctors/{doctor}/decisions", json=body)
