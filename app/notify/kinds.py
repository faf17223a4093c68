"""The kinds of channels by which people can be told."""

from typing import Final

CHANNELS: Final = ("email", "whatsapp", "sms", "slack", "teams", "webhook", "apprise")
