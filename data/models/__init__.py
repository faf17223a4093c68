"""The relational schema; importing this room registers every table."""

from data.models.accounts import (
    Account,
    ApiKey,
    CustomRole,
    Invitation,
    LoginFailure,
    LoginSession,
    Membership,
    PasswordReset,
    RefreshToken,
)
from data.models.base import Base, FactoryScoped, from_us, to_us
from data.models.documents import StoredDocument
from data.models.journal import AuditEntry, ImportReject, ImportRun, Lease
from data.models.plant import (
    Area,
    Factory,
    IdealCycle,
    Line,
    Machine,
    Parameter,
    Product,
    Reason,
    Shift,
)
from data.models.production import (
    DayRevision,
    PerformanceRecord,
    ProductionCount,
    RecordStop,
    StateEvent,
)

__all__ = [
    "Account",
    "ApiKey",
    "Area",
    "AuditEntry",
    "Base",
    "CustomRole",
    "DayRevision",
    "Factory",
    "FactoryScoped",
    "IdealCycle",
    "ImportReject",
    "ImportRun",
    "Invitation",
    "Lease",
    "Line",
    "LoginFailure",
    "LoginSession",
    "Machine",
    "Membership",
    "Parameter",
    "PasswordReset",
    "PerformanceRecord",
    "Product",
    "ProductionCount",
    "Reason",
    "RecordStop",
    "RefreshToken",
    "Shift",
    "StateEvent",
    "StoredDocument",
    "from_us",
    "to_us",
]
