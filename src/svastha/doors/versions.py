"""Writing against the version that was read: ``ETag`` out, ``If-Match`` in (RFC 9110), for API and pages alike."""

import re
from typing import Annotated

from litestar.datastructures import ResponseHeader
from litestar.params import HeaderParameter

from svastha.kit.i18n import N_
from svastha.kit.refusals import BadRequest

IfMatch = Annotated[
    str | None,
    HeaderParameter(name="If-Match", required=False, description="The `ETag` of the version that was read."),
]
VERSIONED = [ResponseHeader(name="ETag", description="The version, quoted.", documentation_only=True)]

_OURS = re.compile(r'(?:W/)?"?(\d{1,9})"?')


class IfMatchMissing(BadRequest):
    code = "if_match_missing"
    says = N_("Send If-Match with the version that was read, so that nobody's text is overwritten.")


def etag(version: int) -> str:
    return f'"{version}"'


def expected(if_match: str | None) -> int:
    """The version a writer has read; -1, which nothing ever has, for a tag that is none of ours."""
    if not if_match:
        raise IfMatchMissing
    ours = _OURS.fullmatch(if_match.strip())
    return int(ours[1]) if ours else -1
