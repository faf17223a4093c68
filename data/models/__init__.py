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
from data.models.camera import (
    ActivityDay,
    ActivityEvent,
    CameraModel,
    Worker,
    WorkerName,
    Workstation,
)
from data.models.documents import StoredDocument
from data.models.handover import ShiftHandover
from data.models.ingest import IngestClient, IngestRefusal, IngestStray, QuarantinedMessage, SeenEvent
from data.models.jobs import Job, JobSchedule, ScanSession
from data.models.journal import AuditEntry, ImportReject, ImportRun, Lease
from data.models.late import LateSample
from data.models.live import LiveDetector
from data.models.maintenance import MaintenancePlan, WorkOrder, WorkPart
from data.models.notify import (
    NotifyAttempt,
    NotifyChannel,
    NotifyMessage,
    NotifyNotice,
    NotifyPart,
    NotifyPreference,
)
from data.models.out_of_service import OutOfService
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
from data.models.predict import EpisodeLabel, FailureModelVersion, ForecastRun, Prediction
from data.models.production import (
    DayRevision,
    PerformanceRecord,
    ProductionCount,
    RecordStop,
    StateEvent,
)
from data.models.rates import PlantSetting
from data.models.reports import Report, ReportMail
from data.models.rules import Alert, AlertNote, AlertRule, RuleMemory, RuleVersion
from data.models.shifts import CalendarException, Crew, Target
from data.models.shop import JobSpell, ProductionJob, ShopTool, ToolFitting
from data.models.sources import Source, SourcePosition, SourceReject, SourceRun
from data.models.stops import StopLabel
from data.models.twin import LatheFit, Simulation

__all__ = [
    "Account",
    "ActivityDay",
    "ActivityEvent",
    "Alert",
    "AlertNote",
    "AlertRule",
    "ApiKey",
    "Area",
    "AuditEntry",
    "Base",
    "CalendarException",
    "CameraModel",
    "Crew",
    "CustomRole",
    "DayRevision",
    "EpisodeLabel",
    "Factory",
    "FactoryScoped",
    "FailureModelVersion",
    "ForecastRun",
    "IdealCycle",
    "ImportReject",
    "ImportRun",
    "IngestClient",
    "IngestRefusal",
    "IngestStray",
    "Invitation",
    "Job",
    "JobSchedule",
    "JobSpell",
    "LateSample",
    "LatheFit",
    "Lease",
    "Line",
    "LiveDetector",
    "LoginFailure",
    "LoginSession",
    "Machine",
    "MaintenancePlan",
    "Membership",
    "NotifyAttempt",
    "NotifyChannel",
    "NotifyMessage",
    "NotifyNotice",
    "NotifyPart",
    "NotifyPreference",
    "OutOfService",
    "Parameter",
    "PasswordReset",
    "PerformanceRecord",
    "PlantSetting",
    "Prediction",
    "Product",
    "ProductionCount",
    "ProductionJob",
    "QuarantinedMessage",
    "Reason",
    "RecordStop",
    "RefreshToken",
    "Report",
    "ReportMail",
    "RuleMemory",
    "RuleVersion",
    "ScanSession",
    "SeenEvent",
    "Shift",
    "ShiftHandover",
    "ShopTool",
    "Simulation",
    "Source",
    "SourcePosition",
    "SourceReject",
    "SourceRun",
    "StateEvent",
    "StopLabel",
    "StoredDocument",
    "Target",
    "ToolFitting",
    "WorkOrder",
    "WorkPart",
    "Worker",
    "WorkerName",
    "Workstation",
    "from_us",
    "to_us",
]
