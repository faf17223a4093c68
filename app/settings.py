"""Typed settings: environment variables GEMBA_*, then one TOML file, then the defaults below.

Nothing else in Gemba reads the environment. `docs/settings.md` lists every one of these.
"""

from ipaddress import ip_network
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
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="Proxies whose word counts on who asks: addresses or networks, joined by commas.",
    )
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
    telemetry_keep_days: int = Field(90, ge=1, description="How long measured values are kept, in days.")
    telemetry_minutes_days: int = Field(
        730, ge=1, description="How long minutes made of measured values are kept, in days; hours stay."
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
    public_data: Path | None = Field(
        default=None, description="Folder of the public data sets that `benchmark analytics` measures."
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
    audit_anchor_email: str = Field(
        "", description="A mailbox that gets the newest checkpoint of each log once a day."
    )
    audit_anchor_webhook: str = Field(
        "", description="A web address to which the newest checkpoint of each log is posted once a day."
    )

    camera_cap_minutes: float = Field(
        60.0, gt=0, le=1_440, description="The longest time that one camera event stands for, in minutes."
    )
    camera_least_confidence: float = Field(
        0.0, ge=0, le=1, description="Camera events less confident than this count for nothing."
    )
    copilot_url: str = Field(
        "",
        description="An OpenAI-compatible endpoint that may phrase answers (http://host/v1); empty: none.",
    )
    copilot_model: str = Field("", description="The model to ask for there.")
    copilot_key: str = Field("", description="The key of that endpoint.")
    copilot_timeout_s: float = Field(
        10.0, gt=0, description="After so many seconds without a reply the plain answer stands, in seconds."
    )
    own_modules: str = Field(
        "", description="The plant's own Python modules that register kinds of jobs, joined by commas."
    )
    sources_dir: str = Field(
        "",
        description="The folder of SQLite sources, one folder per factory in it; empty: state folder.",
    )
    sources_hosts: str = Field(
        "", description="Hosts that sources may be on, joined by commas; empty: any host that answers."
    )
    notify_allow_hosts: str = Field(
        "",
        description="Hosts inside the plant that messages may go to, joined by commas; host or host:port.",
    )
    notify_group_s: int = Field(
        60, ge=0, description="Alerts of one rule or machine within so many seconds are told in one message."
    )
    notify_storm_alerts: int = Field(
        10, ge=1, description="More alerts than this in ten minutes are told in one summary."
    )
    notify_attempts: int = Field(10, ge=1, description="After so many attempts a message is given up.")
    notify_retry_s: float = Field(
        15.0, gt=0, description="Seconds until the second attempt; each further wait is twice as long."
    )
    notify_keep_days: int = Field(90, ge=1, description="How long the log of messages is kept, in days.")
    twilio_url: str = Field("https://api.twilio.com", description="Where WhatsApp and SMS are handed in.")
    twilio_account: str = Field("", description="The Twilio account's SID; empty: no WhatsApp and SMS.")
    twilio_token: str = Field("", description="The Twilio account's token.")
    twilio_sms_from: str = Field("", description="The number that SMS come from.")
    twilio_whatsapp_from: str = Field("", description="The number that WhatsApp messages come from.")

    mqtt_url: str = Field(
        "",
        description="The broker to read from: mqtt://user:password@host:1883, mqtts:// for TLS; empty: none.",
    )
    mqtt_version: Literal["5", "3.1.1"] = Field("5", description="The version of MQTT that is spoken.")
    mqtt_client_id: str = Field(
        "",
        max_length=60,
        description="The name under which the broker keeps our session; empty: one kept in the state folder.",
    )
    mqtt_share: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_-]*$",
        description="The group in which several ingest processes share the messages; empty: no sharing.",
    )
    mqtt_session_days: float = Field(
        7.0, gt=0, le=3650, description="How long the broker keeps our session while we are away, in days."
    )
    mqtt_ca: str = Field("", description="The file of the authority that signed the broker's certificate.")
    mqtt_cert: str = Field("", description="The file of our own certificate, where the broker asks for one.")
    mqtt_key: str = Field("", description="The file of our certificate's key.")
    ingest_max_bytes: int = Field(262_144, ge=1_000, description="The largest message taken, in bytes.")
    ingest_max_depth: int = Field(4, ge=2, le=50, description="How deep a message may be nested.")
    ingest_max_parameters: int = Field(500, ge=1, description="The most parameters in one message.")
    ingest_new_parameters: int = Field(
        200, ge=0, description="How many new parameters a machine may bring a day."
    )
    ingest_quarantine: int = Field(
        20_000, ge=0, description="The most messages of unknown machines that are kept per factory."
    )

    simulation_interval_s: float = Field(
        5.0, ge=0.2, le=3_600, description="Seconds between two readings of a simulated lathe."
    )
    simulation_limit_s: float = Field(
        28_800.0, ge=1, description="The longest that a simulated lathe runs, on the clock, in seconds."
    )
    simulation_most: int = Field(
        20, ge=0, le=1_000, description="How many lathes may be simulated at once in a factory."
    )
    jobs_broker: str = Field(
        "",
        pattern=r"^$|^(redis|rediss|amqp|amqps)://.+",
        description="Redis or AMQP through which Celery workers are woken; empty: the server runs the jobs.",
    )
    jobs_workers: int = Field(2, ge=1, le=64, description="How many jobs one process runs at a time.")
    jobs_per_factory: int = Field(4, ge=1, description="How many jobs of one factory run at a time.")
    jobs_lease_s: float = Field(
        60.0, gt=0, description="After so many seconds without a sign of its runner a job is taken over."
    )
    jobs_retry_s: float = Field(
        10.0, gt=0, description="Seconds until a failed job's second attempt; each further wait doubles."
    )
    jobs_crashes: int = Field(
        5, ge=1, description="A job whose process has died so many times has failed; errors count apart."
    )
    jobs_keep_days: int = Field(30, ge=1, description="How long ended jobs are kept, in days.")

    reports_url: str = Field(
        "", description="Where reports are kept: a folder or an fsspec URL (s3://...); empty: state folder."
    )
    reports_options: dict[str, str | int | bool | dict[str, str]] = Field(
        {},
        description="What the driver of that store takes, as JSON: key, secret, endpoint_url.",
    )
    reports_keep_days: int = Field(30, ge=1, description="How long reports are kept, in days.")
    reports_link_minutes: float = Field(
        15.0, gt=0, le=10_080, description="How long a link to a report's file is good, in minutes."
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

    @field_validator("trusted_proxies")
    @classmethod
    def _known_networks(cls, value: str) -> str:
        for one in filter(None, (part.strip() for part in value.split(","))):
            try:
                ip_network(one)
            except ValueError:
                raise ValueError(f"{one!r} is no address and no network such as 10.89.0.0/24") from None
        return ",".join(part.strip() for part in value.split(",") if part.strip())

    @property
    def part_set(self) -> frozenset[str]:
        """The parts as a set."""
        return frozenset(self.parts.split(","))

    @property
    def audit_folder(self) -> Path:
        """Where the signing key and the checkpoints are."""
        return Path(self.audit_dir) if self.audit_dir else self.home / "audit"

    @property
    def sources_folder(self) -> Path:
        """Where SQLite files that are sources lie, in a folder per factory."""
        return Path(self.sources_dir) if self.sources_dir else self.home / "sources"

    @property
    def reports_folder(self) -> str:
        """Where reports are kept, with the default filled in."""
        return self.reports_url or str(self.home / "reports")

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
