"""Fetch pip's wheel, which runs without being installed, for a Python that came without it. Standard library only."""

import hashlib
import os
import re
import sys
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen


def main(place: Path) -> None:
    index = (os.environ.get("PIP_INDEX_URL") or _locked_index()).rstrip("/") + "/pip/"
    page = _read(index).decode()
    wheels = re.findall(r'href="([^"#]*/pip-([\d.]+)-py3-none-any\.whl)#sha256=(\w{64})"', page)
    if not wheels:
        sys.exit(f"{index} offers no pip")
    address, _, checksum = max(wheels, key=lambda wheel: [int(part) for part in wheel[1].split(".")])
    wheel = _read(urljoin(index, address))
    if hashlib.sha256(wheel).hexdigest() != checksum:
        sys.exit(f"{address} is not what {index} promised")
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(wheel)


def _locked_index() -> str:
    """Where the locked dependencies come from is where pip comes from too."""
    lock = Path(__file__).parent.parent / "uv.lock"
    found = re.search(r'registry = "([^"]+)"', lock.read_text())
    return found[1] if found else sys.exit("uv.lock names no index; set PIP_INDEX_URL")


def _read(address: str) -> bytes:
    try:
        with urlopen(address, timeout=60) as answer:  # noqa: S310 - the address is the index a person chose
            content: bytes = answer.read()
            return content
    except OSError as trouble:
        sys.exit(f"{address}: {trouble}")


main(Path(sys.argv[1]))
