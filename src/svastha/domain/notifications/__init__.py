"""What is told to people, and whether it was sent.

Owns: messages (in both kinds of database).
Announces: Deliver.
"""

from svastha.domain.notifications.deliver import deliver
from svastha.domain.notifications.model import Attachment, Deliver, Recipient
from svastha.domain.notifications.ports import Letter, Post
from svastha.domain.notifications.read import Told, latest
from svastha.domain.notifications.send import send
from svastha.domain.notifications.send_code import send_code

__all__ = ["Attachment", "Deliver", "Letter", "Post", "Recipient", "Told", "deliver", "latest", "send", "send_code"]
