"""Typed settings: environment variables GEMBA_*, then one TOML file, then the defaults below.

Nothing else in Gemba reads the environment. `docs/settings.md` lists every one of these.
"""

from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from analytics.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting of a process."""

    model_config = SettingsConfigDict(env_prefix="GEMBA_", frozen=True, extra="forbid")

    home: Path = Field(ROOT / "var", description="The folder of all run-time state.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8501, ge=0, le=65535, description="The port to listen on.")
    public_url: str = Field("", description="The address users see, when a proxy stands in front.")
    database_url: str = Field(
        "", description="SQLAlchemy URL of the relational store; empty: SQLite in the state folder."
    )
    telemetry_url: str = Field(
        "", description="Where telemetry is kept; empty: the embedded store in the state folder."
    )
    telemetry_buffer_points: int = Field(
        5_000_000,
        ge=0,
        description="The most points that wait here while a telemetry server is away.",
    )
    documents_url: str = Field(
        "", description="Where documents are kept: mongodb://host/database; empty: the relational store."
    )
    parts: str = Field(
        "ui,api,ingest,worker",
        description="Which parts this process runs, joined by commas: ui, api, ingest, worker.",
    )
    demo: bool = Field(False, description="Demo mode: the demo plant lives on and its log-ins are shown.")
    demo_interval_s: float = Field(
        5.0, gt=0, description="Seconds between two batches of new data of the demo plant."
    )
    session_hours: float = Field(12.0, gt=0, description="How long a log-in lasts, in hours.")
    cookie_secure: bool = Field(False, description="Send the log-in cookie over HTTPS only.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least level that is logged."
    )
    log_format: Literal["text", "json"] = Field("text", description="How log lines are written.")
    telemetry_max_points: int = Field(
        2_000, ge=100, le=20_000, description="The most points of one line that a chart sends to a browser."
    )
    import_max_mb: int = Field(200, ge=1, description="The largest file that an import takes, in megabytes.")
    api_token_minutes: float = Field(15.0, gt=0, description="How long an access token lasts, in minutes.")
    api_session_days: float = Field(
        14.0, gt=0, description="How long a log-in of the API can be refreshed, in days."
    )
    api_rate_per_minute: int = Field(
        1_200, ge=1, description="How many requests a minute one token or API key may make."
    )
    api_rate_per_address: int = Field(
        6_000, ge=1, description="How many requests a minute one network address may make."
    )
    api_body_max_mb: int = Field(8, ge=1, description="The largest body of a request, in megabytes.")
    api_cors_origins: str = Field(
        "", description="Web origins whose scripts may call the API, joined by commas; empty: none."
    )
    api_strict_updates: bool = Field(
        False, description="Ask for If-Match also where the FactoryOps contract knows none."
    )
    invitation_days: float = Field(7.0, gt=0, description="How long an invitation stands, in days.")
    smtp_url: str = Field(
        "",
        description="Where mail is handed in: smtp://user:password@host:587, smtps:// for TLS at once.",
    )
    mail_from: str = Field("gemba@localhost", description="The sender's address of mails.")
    benchmark_stores: str = Field(
        "",
        description="Addresses of telemetry servers that `benchmark stores` measures too, joined by blanks.",
    )
    self_registration: bool = Field(
        False, description="Let people ask for access on the log-in page; an administrator approves each."
    )
    audit_dir: str = Field(
        "", description="Where the signing key and the checkpoints of the audit log are; empty: state folder."
    )
    audit_name: str = Field(
        "gemba", pattern=r"^[A-Za-z0-9._/-]+$", description="The name under which checkpoints are signed."
    )
    audit_anchor_dir: str = Field(
        "", description="A folder, best append-only and elsewhere, that gets a copy of each checkpoint."
    )

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("parts")
    @classmethod
    def _known_parts(cls, value: str) -> str:
        unknown = set(value.split(",")) - {"ui", "api", "ingest", "worker"}
        if unknown:
            raise ValueError(f"unknown part {sorted(unknown)[0]!r}: choose from ui, api, ingest, worker")
        return value

    @property
    def part_set(self) -> frozenset[str]:
        """The parts as a set."""
        return frozenset(self.parts.split(","))

    @property
    def audit_folder(self) -> Path:
        """Where the signing key and the checkpoints are."""
        return Path(self.audit_dir) if self.audit_dir else self.home / "audit"

    @property
    def relational_url(self) -> str:
        """The relational store's URL with the default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'gemba.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then `gemba.toml` (or the file that GEMBA_CONFIG names)."""
        named = EnvSettingsSource(settings_cls).env_vars.get("gemba_config")
        toml = TomlConfigSettingsSource(settings_cls, Path(named or ROOT / "gemba.toml"))
        return init_settings, env_settings, toml


def load(**overrides: object) -> Settings:
    """The settings of this process; `overrides` win over the environment.

    Raises ConfigurationError that names each wrong setting by its variable.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigurationError("; ".join(_said(item) for item in error.errors())) from None
    except TOMLDecodeError as error:
        raise ConfigurationError(f"The settings file is not valid TOML: {error}") from None


def _said(item: ErrorDetails) -> str:
    """One wrong setting: its variable, what is wrong, what was given."""
    name = "_".join(str(part) for part in item["loc"]).upper()
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"GEMBA_{name}: {message} (given: {str(item['input'])[:80]!r})"
