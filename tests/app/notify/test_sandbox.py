"""What an Apprise address may be: a service out there, never this machine or the plant's network."""

import pytest

from app.notify.outcome import DeliveryRefused
from app.notify.ways.senders import in_sandbox
from app.settings import Settings


def check(address, allow=""):
    settings = Settings(notify_allow_hosts=allow)
    return in_sandbox(settings, {"url": address, "subject": "", "text": "", "check": True})


@pytest.mark.parametrize(
    "address",
    [
        "json://localhost:9/", "json://169.254.169.254/", "xml://10.0.0.1/", "gotify://[::1]/token12345",
        "json://[::ffff:127.0.0.1]/", "json://2130706433/", "mqtt://127.0.0.1/topic", "nosuch://x/y",
        "syslog://", "dbus://", "https://", "json://", "",
    ],
)  # fmt: skip
def test_an_address_inside_or_of_no_service_is_refused_when_it_is_saved(address):
    with pytest.raises(DeliveryRefused):
        check(address)


def test_services_are_named_and_an_allowed_host_may_be_inside():
    assert check("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/") == "Slack"
    assert check("json://127.0.0.1:9000/", "127.0.0.1:9000") == "JSON"


def test_an_address_cannot_name_a_file_of_this_machine_as_its_template(tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text('{"text": "{{app_title}}"}')
    service = f"workflows://127.0.0.1:9000/{'a' * 32}/{'b' * 32}/"
    assert check(service, "127.0.0.1:9000")
    with pytest.raises(DeliveryRefused, match="file of this machine"):
        check(f"{service}?template={secret}", "127.0.0.1:9000")
