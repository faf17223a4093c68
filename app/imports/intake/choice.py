"""The intake of each kind."""

from collections.abc import Callable
from typing import Final

from app.imports.intake.activity import ActivityIntake, WorkerIntake
from app.imports.intake.alerts import AlertIntake, RuleIntake
from app.imports.intake.counts import CountIntake
from app.imports.intake.documents import BareDocuments, DocumentIntake
from app.imports.intake.downtime import DowntimeIntake
from app.imports.intake.parameters import ParameterEntries
from app.imports.intake.people import PeopleIntake
from app.imports.intake.plant import Entries, MachineEntries, PlantIntake, ProductEntries, ReasonEntries
from app.imports.intake.production_jobs import ProductionJobIntake
from app.imports.intake.records import RecordIntake
from app.imports.intake.states import StateIntake
from app.imports.intake.telemetry import TelemetryIntake
from app.imports.layout.kinds import Kind
from app.imports.rows.job import Intake, Job

CHUNK_ROWS = {Kind.TELEMETRY: 100_000, Kind.RECORDS: 5_000, Kind.DOWNTIME: 5_000}
DEFAULT_CHUNK_ROWS = 20_000

ENTRIES: Final[dict[Kind, Callable[[Job], Entries]]] = {
    Kind.MACHINES: MachineEntries,
    Kind.PARAMETERS: ParameterEntries,
    Kind.PRODUCTS: ProductEntries,
    Kind.REASONS: ReasonEntries,
}


def intake_of(job: Job) -> Intake:
    """The intake that takes the rows of the job's kind."""
    match job.mapping.kind:
        case Kind.MACHINES | Kind.PARAMETERS | Kind.PRODUCTS | Kind.REASONS as kind:
            return PlantIntake(job, ENTRIES[kind](job))
        case Kind.RECORDS:
            return RecordIntake(job)
        case Kind.DOWNTIME:
            return DowntimeIntake(job)
        case Kind.STATES:
            return StateIntake(job)
        case Kind.COUNTS:
            return CountIntake(job)
        case Kind.TELEMETRY:
            return TelemetryIntake(job)
        case Kind.ACTIVITY:
            return ActivityIntake(job)
        case Kind.PRODUCTION_JOBS:
            return ProductionJobIntake(job)
        case Kind.DOCUMENTS:
            return DocumentIntake(job, BareDocuments())
        case Kind.RULES | Kind.ALERTS as kind:
            return RuleIntake(job) if kind is Kind.RULES else AlertIntake(job)
        case Kind.PEOPLE | Kind.WORKERS as kind:
            return PeopleIntake(job) if kind is Kind.PEOPLE else WorkerIntake(job)


def chunk_rows(kind: Kind) -> int:
    """How many rows of a kind one transaction takes."""
    return CHUNK_ROWS.get(kind, DEFAULT_CHUNK_ROWS)
