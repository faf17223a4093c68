"""The intake of each kind."""

from app.imports.intake.counts import CountIntake
from app.imports.intake.downtime import DowntimeIntake
from app.imports.intake.plant import MachineEntries, PlantIntake, ProductEntries, ReasonEntries
from app.imports.intake.records import RecordIntake
from app.imports.intake.states import StateIntake
from app.imports.intake.telemetry import TelemetryIntake
from app.imports.layout.kinds import Kind
from app.imports.rows.job import Intake, Job

CHUNK_ROWS = {Kind.TELEMETRY: 100_000, Kind.RECORDS: 5_000, Kind.DOWNTIME: 5_000}
DEFAULT_CHUNK_ROWS = 20_000


def intake_of(job: Job) -> Intake:
    """The intake that takes the rows of the job's kind."""
    match job.mapping.kind:
        case Kind.MACHINES:
            return PlantIntake(job, MachineEntries(job))
        case Kind.PRODUCTS:
            return PlantIntake(job, ProductEntries(job))
        case Kind.REASONS:
            return PlantIntake(job, ReasonEntries(job))
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


def chunk_rows(kind: Kind) -> int:
    """How many rows of a kind one transaction takes."""
    return CHUNK_ROWS.get(kind, DEFAULT_CHUNK_ROWS)
