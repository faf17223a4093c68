"""The compose files say what the settings know: no unknown setting, no refused value, no loose end."""

import re
from pathlib import Path

import pytest
import yaml

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FILES = ("compose.yaml", "compose.many.yaml")
SEVERAL_MAY_WRITE = ("mongodb", "mysql", "mariadb", "postgresql")


def read(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text())


def filled(value: object) -> str:
    """A value as compose fills it from .env."""
    return re.sub(
        r"\$\{(\w+)(?::\?|:-([^}]*))\}", lambda one: one[2] or f"given-{one[1].lower()}", str(value)
    )


def settings_of(service: dict, home: Path) -> Settings:
    given = service.get("environment", {})
    ours = {k.removeprefix("GEMBA_").lower(): filled(v) for k, v in given.items() if k.startswith("GEMBA_")}
    assert set(ours) <= set(Settings.model_fields), set(ours) - set(Settings.model_fields)
    return Settings(home=home, **ours)


def ours(compose: dict) -> dict[str, dict]:
    return {name: one for name, one in compose["services"].items() if "build" in one}


@pytest.mark.parametrize("name", FILES)
def test_every_setting_is_known_and_taken(name, tmp_path):
    services = ours(read(name))
    assert services
    for service in services.values():
        found = settings_of(service, tmp_path)
        assert found.relational_url.startswith("mysql+pymysql://gemba:given-db_password@mysql:3306/")


@pytest.mark.parametrize("name", FILES)
def test_servers_that_settings_name_are_services_and_volumes_are_declared(name):
    compose = read(name)
    services = compose["services"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (ROOT / source).exists(), volume
        for value in service.get("environment", {}).values():
            host = re.search(r"://(?:[^@/]*@)?([a-z][\w-]*):\d+", filled(value))
            assert host is None or host[1] in services or host[1] == "localhost", value


@pytest.mark.parametrize("name", FILES)
def test_images_are_pinned_and_no_password_stands_in_the_file(name):
    text = (ROOT / name).read_text()
    for service in read(name)["services"].values():
        assert "build" in service or re.search(r":\d+\.\d+$", service["image"])
    for line in text.splitlines():
        if "PASSWORD:" in line and "RANDOM" not in line:
            assert "${" in line, line


def test_one_plant_runs_every_part_and_its_jobs_in_a_worker(tmp_path):
    services = ours(read("compose.yaml"))
    assert settings_of(services["app"], tmp_path).part_set == {"ui", "api", "ingest", "worker"}
    assert services["worker"]["command"][-1] == "worker"
    assert settings_of(services["worker"], tmp_path).jobs_broker


def test_many_plants_have_each_part_twice_and_a_store_that_several_may_write(tmp_path):
    services = ours(read("compose.many.yaml"))
    found = {name: settings_of(one, tmp_path) for name, one in services.items()}
    parts = [one.part_set for name, one in found.items() if "command" not in services[name]]
    assert sorted(sorted(one)[0] for one in parts) == ["api", "api", "ingest", "ingest", "ui", "ui", "worker"]
    assert sum("command" in one for one in services.values()) == 2
    readers = [one for one in found.values() if one.mqtt_url]
    assert {one.mqtt_share for one in readers} == {"gemba"}
    assert len({one.mqtt_client_id for one in readers}) == 2
    assert all(one.telemetry_url.startswith(SEVERAL_MAY_WRITE) for one in found.values())


def test_the_proxy_knows_the_processes(tmp_path):
    text = (ROOT / "docs" / "nginx.conf").read_text()
    services = read("compose.many.yaml")["services"]
    named = set(re.findall(r"server ([\w-]+):(\d+);", text))
    assert {name for name, _ in named} == {"ui-1", "ui-2", "api-1", "api-2"} <= set(services)
    assert {port for _, port in named} == {str(Settings.model_fields["port"].default)}
    assert text.count("{") == text.count("}")


def test_the_image_has_what_the_app_needs_and_runs_as_nobody_special():
    text = (ROOT / "Dockerfile").read_text()
    for name in ("analytics", "app", "data", "pages", "streamlit_app.py", "requirements.txt"):
        assert re.search(rf"^COPY {re.escape(name)} ", text, re.MULTILINE), name
        assert (ROOT / name).exists()
    assert "USER gemba" in text
    kept = {one.strip("/") for one in (ROOT / ".dockerignore").read_text().split()}
    assert {"var", ".venv", ".git"} <= kept
