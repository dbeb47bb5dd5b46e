"""A mail server that can be in a mood."""

import asyncio
from typing import Literal

from aiosmtpd.smtp import SMTP, Envelope, Session

from svastha.adapters.mailbox import SmtpTwin, put

Mood = Literal["well", "refuses", "hangs", "late", "drops"]


class Mail(SmtpTwin):
    """``refuses``: 451. ``hangs``: never answers. ``late``: takes it after 3 seconds. ``drops``: takes it, and is gone
    before it says so. ``taken`` counts what was taken by Message-ID, copies too, which the mailbox would drop."""

    mood: Mood = "well"

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.taken: dict[str, int] = {}
        self.asked = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.asked += 1
        mood = self.mood
        if mood == "refuses":
            return "451 Try again later"
        if mood == "hangs":
            await asyncio.sleep(60)
            return "451 Try again later"
        if mood == "late":
            await asyncio.sleep(3)
        content = envelope.original_content or b""
        id = next(line for line in content.splitlines() if line.lower().startswith(b"message-id:")).decode()
        self.taken[id] = self.taken.get(id, 0) + 1
        put(self.folder, content, envelope.rcpt_tos)
        if mood == "drops":
            assert server.transport
            server.transport.close()
        return "250 OK"
