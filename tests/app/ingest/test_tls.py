"""A broker behind TLS with an account: its certificate is checked, ours is shown, a wrong word is said."""

import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from analytics.errors import ConfigurationError
from app.ingest.broker.connection import Connection
from app.ingest.broker.inbox import Inbox
from app.settings import Settings
from tests.app.ingest.broker import until
from tests.servers.mosquitto import Mosquitto
from tests.servers.process import find_program


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """Signs certificates into a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, _name(name)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.file = self.made(name, self.key, is_authority=True)[0]

    def made(
        self, common: str, key: ec.EllipticCurvePrivateKey | None = None, *, is_authority: bool = False
    ) -> tuple[Path, Path]:
        own = key or ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(self.name)
            .public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )
        certificate, secret = self.folder / f"{common}.crt", self.folder / f"{common}.key"
        certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, secret


@pytest.fixture
def guarded(tmp_path):
    """A broker that wants TLS, a certificate of ours and an account; and the authority behind both."""
    authority = Authority(tmp_path, "authority")
    certificate, secret = authority.made("broker")
    words = tmp_path / "words"
    subprocess.run([find_program("mosquitto_passwd", ""), "-b", "-c", words, "gemba", "right"], check=True)
    (tmp_path / "broker").mkdir()
    server = Mosquitto(tmp_path / "broker")
    server.stop()
    own = tmp_path / "broker" / "mosquitto.conf"
    text = own.read_text().replace("allow_anonymous true", f"allow_anonymous false\npassword_file {words}")
    listener = text.splitlines()[0]
    tls = f"cafile {authority.file}\ncertfile {certificate}\nkeyfile {secret}\nrequire_certificate true"
    own.write_text(text.replace(listener, f"{listener}\n{tls}"))
    server.start()
    yield server, authority
    server.stop()


@pytest.fixture
def asked(tmp_path, guarded):
    """Connect with these settings; what the connection says once it knows."""
    server, authority = guarded
    mine = dict(zip(("mqtt_cert", "mqtt_key"), map(str, authority.made("gemba")), strict=True))
    given = {"mqtt_url": f"mqtts://gemba:right@127.0.0.1:{server.port}", "mqtt_ca": str(authority.file)}

    def connected(**other: str) -> str:
        settings = Settings(home=tmp_path, mqtt_client_id="guarded", **{**given, **mine, **other})
        link = Connection(settings, ["t"], Inbox(None))
        link.start()
        try:
            until(lambda: link.problem != "not connected yet", "it knows")
            return link.problem
        finally:
            link.stop()

    return connected


def test_a_broker_is_let_in_by_certificate_and_account(asked):
    assert asked() == ""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broker_of_another_authority_is_not_spoken_to(asked, tmp_path):
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", "other")
    assert "does not answer" in asked(mqtt_ca=str(other.file))


def test_a_wrong_password_is_said(asked, guarded):
    server, _ = guarded
    assert "refuses us" in asked(mqtt_url=f"mqtts://gemba:wrong@127.0.0.1:{server.port}")


def test_certificates_that_cannot_be_read_are_named_by_their_settings(asked, tmp_path):
    with pytest.raises(ConfigurationError, match="GEMBA_MQTT_CA"):
        asked(mqtt_ca=str(tmp_path / "nowhere.crt"))
