"""A mail server that stumbles over some addresses."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

REFUSED: set[str] = set()


class Choosy(EmailBackend):
    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if any(address in REFUSED for message in messages for address in message.to):
            raise UnicodeEncodeError("ascii", "梅@example.com", 0, 1, "what a strange address does")
        return super().send_messages(messages)
