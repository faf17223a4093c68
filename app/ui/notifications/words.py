"""What kinds of channel, states and outcomes are called."""

from typing import Final

KINDS: Final = {
    "email": "E-mail",
    "whatsapp": "WhatsApp",
    "sms": "SMS",
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "webhook": "Webhook",
    "apprise": "Other (Apprise)",
}
ADDRESSES: Final = {
    "email": ("Address", "name@example.com", "One mail address."),
    "whatsapp": ("Number", "+49 170 1234567", "With the country's number."),
    "sms": ("Number", "+49 170 1234567", "With the country's number."),
    "slack": (
        "Web address", "https://hooks.slack.com/services/...",
        "The incoming webhook that Slack gives you. It is encrypted and not shown again.",
    ),
    "teams": (
        "Web address", "https://...",
        "The webhook or workflow that Teams gives you. It is encrypted and not shown again.",
    ),
    "webhook": (
        "Web address", "https://example.com/hook",
        "Gets each message as JSON. It is encrypted and not shown again.",
    ),
    "apprise": (
        "Apprise address", "tgram://token/chat",
        "Any service that Apprise knows: Telegram, Signal, ntfy, Matrix and a hundred more. It is encrypted "
        "and not shown again.",
    ),
}  # fmt: skip
SEVERITIES: Final = {
    "low": "Low and above",
    "medium": "Medium and above",
    "high": "High and critical",
    "critical": "Critical only",
}
STATES: Final = {
    "waiting": "waiting",
    "held": "held (quiet hours)",
    "sending": "being sent",
    "sent": "sent",
    "failed": "refused",
    "given_up": "given up",
}
OUTCOMES: Final = {
    "sent": "sent",
    "later": "failed, tried again later",
    "refused": "refused",
    "interrupted": "interrupted",
    "given_up": "given up",
    "again": "asked for again",
}
