"""How a delivery can fail: for now (StoreUnavailable), or for good."""

from analytics.errors import StoreUnavailable


class DeliveryRefused(StoreUnavailable):
    """The receiver will never take this message; it is not tried again by itself."""


class TryLater(StoreUnavailable):
    """The receiver asks to wait `after_s` seconds."""

    def __init__(self, message: str, after_s: float) -> None:
        self.after_s = after_s
        super().__init__(message)
