"""Every route of the API, asked by every role about its own, the other factory's and random ids."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.api.application import build_api
from app.api.reference_page import example_of
from app.auth.permissions import ROLES, Permission
from app.settings import Settings
from tests.api.world import World

DOCUMENT = build_api(Settings(database_url="", telemetry_url="")).openapi()
RANDOM = 987_654_321
PUBLIC = {
    ("get", "/v1/factories"),
    ("post", "/v1/auth/login"),
    ("post", "/v1/auth/refresh"),
    ("post", "/v1/auth/password-reset"),
    ("post", "/v1/auth/password-reset/perform"),
    ("post", "/v1/users/accept-invite"),
}
"""What answers without a log-in: nothing of a factory but its name."""

KINDS = {
    "device_id": "machine",
    "device_key": "key of no machine here",
    "param_id": "parameter",
    "line_id": "line",
    "product_id": "product",
    "record_id": "record",
    "role_id": "role",
    "key_id": "key",
    "invitation_id": "invitation",
    "user_id": "user.viewer",
    "session_id": "session.viewer",
    "import_id": "import",
    "position": "position",
    "rule_id": "rule",
    "alert_id": "alert",
    "judgement_id": "judgement",
    "order_id": "order",
    "plan_id": "plan",
    "worker_id": "worker",
    "station_id": "workstation",
    "simulation_id": "simulation",
    "job_id": "job",
    "schedule_id": "schedule",
    "production_job_id": "production_job",
    "tool_id": "tool",
    "fitting_id": "fitting",
    "report_id": "report",
    "forecast_id": "forecast",
    "model_id": "model",
    "shift_id": "shift",
    "crew_id": "crew",
    "day_id": "special_day",
    "target_id": "target",
    "detector_id": "detector",
    "out_id": "out of service",
    "collection": "documents",
}
"""Which object of the world fills a parameter of a path; a new parameter must be named here."""

NEEDS = {
    "/v1/devices/{device_key}/telemetry": (None, Permission.SEND_DATA),
    "/v1/ingest": (None, Permission.SEND_DATA),
    "/v1/devices": (Permission.SEE_PLANT, Permission.MANAGE_MACHINES),
    "/v1/lines": (Permission.SEE_PLANT, Permission.MANAGE_MACHINES),
    "/v1/products": (Permission.SEE_PLANT, Permission.MANAGE_MACHINES),
    "/v1/users": (Permission.MANAGE_USERS, Permission.MANAGE_USERS),
    "/v1/roles": (Permission.MANAGE_USERS, Permission.MANAGE_USERS),
    "/v1/api-keys": (Permission.MANAGE_KEYS, Permission.MANAGE_KEYS),
    "/v1/records": (Permission.SEE_PLANT, Permission.ENTER_PRODUCTION),
    "/v1/calendar": (Permission.SEE_PLANT, Permission.MANAGE_MACHINES),
    "/v1/maintenance/orders": (Permission.SEE_PLANT, Permission.ENTER_PRODUCTION),
    "/v1/maintenance/plans": (Permission.SEE_PLANT, Permission.MANAGE_MACHINES),
    "/v1/production-jobs": (Permission.SEE_PLANT, Permission.ENTER_PRODUCTION),
    "/v1/tools": (Permission.SEE_PLANT, Permission.MANAGE_MACHINES),
    "/v1/lathes": (Permission.SEE_PLANT, None),
    "/v1/tool-stock": (None, Permission.ENTER_PRODUCTION),
    "/v1/help-calls": (None, Permission.ENTER_PRODUCTION),
    "/v1/fitted-tools": (Permission.SEE_PLANT, Permission.ENTER_PRODUCTION),
    "/v1/imports": (Permission.IMPORT_DATA, Permission.IMPORT_DATA),
    "/v1/audit": (Permission.SEE_AUDIT, Permission.SEE_AUDIT),
    "/v1/oee": (Permission.SEE_PLANT, None),
    "/v1/losses": (Permission.SEE_PLANT, None),
    "/v1/stops": (Permission.SEE_PLANT, Permission.ENTER_PRODUCTION),
    "/v1/reasons": (Permission.SEE_PLANT, None),
    "/v1/kpis": (Permission.SEE_PLANT, None),
    "/v1/insights": (Permission.SEE_PLANT, None),
    "/v1/forecasts": (Permission.SEE_PLANT, None),
    "/v1/anomalies": (Permission.SEE_PLANT, None),
    "/v1/documents": (Permission.SEE_PLANT, None),
    "/v1/models": (Permission.SEE_PLANT, Permission.RUN_ANALYTICS),
    "/v1/predictions": (Permission.SEE_PLANT, None),
    "/v1/timeline": (Permission.SEE_PLANT, None),
    "/v1/telemetry": (Permission.SEE_PLANT, Permission.SEND_DATA),
    "/v1/states": (None, Permission.SEND_DATA),
    "/v1/counts": (None, Permission.SEND_DATA),
    "/v1/rules/look-back": (None, Permission.SEE_PLANT),
    "/v1/rules": (Permission.SEE_PLANT, Permission.CREATE_RULES),
    "/v1/alerts": (Permission.SEE_PLANT, Permission.ACKNOWLEDGE_ALERTS),
    "/v1/out-of-service": (Permission.SEE_PLANT, Permission.CREATE_RULES),
    "/v1/live-scores": (Permission.SEE_PLANT, Permission.RUN_ANALYTICS),
    "/v1/simulator/what-if": (None, Permission.SEE_PLANT),
    "/v1/simulator": (Permission.SEE_PLANT, Permission.RUN_SIMULATOR),
    "/v1/analytics": (Permission.RUN_ANALYTICS, Permission.RUN_ANALYTICS),
    "/v1/reports": (Permission.GENERATE_REPORTS, Permission.GENERATE_REPORTS),
    "/v1/dashboard": (Permission.SEE_PLANT, None),
    "/events": (None, Permission.SEND_DATA),
    "/workers": (Permission.SEE_PLANT, None),
    "/workstations": (Permission.SEE_PLANT, None),
    "/metrics": (Permission.SEE_PLANT, None),
    "/seed": (None, Permission.MANAGE_MACHINES),
    "/v1/me": (None, None),
    "/v1/auth": (None, None),
}
"""What reading and changing needs below each path; a new path must be named here."""

QUERY = {
    "start": "2026-03-03T00:00:00Z",
    "end": "2026-03-04T12:00:00Z",
    "machine": "m1",
    "parameter": "power_kw",
    "question": "OEE by machine yesterday",
}
"""Values of required query parameters; a new one must be named here."""


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    told: dict[str, Any]

    @property
    def names(self) -> list[str]:
        return [one["name"] for one in self.told.get("parameters", ()) if one["in"] == "path"]

    @property
    def is_public(self) -> bool:
        return (self.method, self.path) in PUBLIC

    def needs(self) -> Permission | None:
        for prefix, (reading, changing) in NEEDS.items():
            if self.path == prefix or self.path.startswith(prefix + "/"):
                return reading if self.method == "get" else changing
        raise AssertionError(f"name what {self.path} needs in NEEDS")

    def request(self, ids: dict[str, int]) -> dict[str, Any]:
        """The arguments of a request that is right but for what the ids name."""
        path = self.path.removeprefix("/v1") if self.path.startswith("/v1/") else f"/..{self.path}"
        for name in self.names:
            assert name in KINDS, f"name what fills '{name}' of {self.path} in KINDS"
            path = path.replace("{" + name + "}", str(ids[KINDS[name]]))
        query = {}
        for one in self.told.get("parameters", ()):
            if one["in"] == "query" and one.get("required"):
                assert one["name"] in QUERY, f"name a value for '{one['name']}' of {self.path} in QUERY"
                query[one["name"]] = QUERY[one["name"]]
        given: dict[str, Any] = {"method": self.method.upper(), "url": path, "params": query}
        content = self.told.get("requestBody", {}).get("content", {})
        if "multipart/form-data" in content:
            given["files"] = {"file": ("m.csv", b"key,name\nm9,New\n", "text/csv")}
        elif "application/json" in content:
            given["json"] = example_of(DOCUMENT, content["application/json"]["schema"])
        if self.method in {"put", "patch", "delete"}:
            given["headers"] = {"If-Match": '"1-0"'}
        return given


OPERATIONS = [
    Operation(method, path, told)
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
]
WITH_IDS = [one for one in OPERATIONS if one.names and "position" not in one.names]
"""Places of a log are numbers that every factory has."""
PRIVATE = [one for one in OPERATIONS if not one.is_public]
LAST = {("post", "/v1/auth/logout")}
"""What ends the session of whoever asks."""


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def ids_of(world: World, plant: str) -> dict[str, int]:
    return {**world.plants[plant].ids, "import": RANDOM, "position": 0, "key of no machine here": RANDOM}


def random_ids() -> dict[str, int]:
    return dict.fromkeys(KINDS.values(), RANDOM)


def mixed(operation: Operation, own: dict[str, int], other: dict[str, int]) -> Iterator[dict[str, int]]:
    """Each way to replace one of the ids of a path, and all of them, by the other's."""
    kinds = [KINDS[name] for name in operation.names]
    for kind in kinds:
        yield {**own, kind: other[kind]}
    if len(kinds) > 1:
        yield {**own, **{kind: other[kind] for kind in kinds}}


@pytest.fixture(scope="module")
def probes() -> dict[str, int]:
    return {"asked": 0}


def leaks(answer: httpx.Response, world: World, plant: str) -> list[str]:
    """Words of the other factory in an answer."""
    return [word for word in world.plants[plant].secrets if word in answer.text]


@pytest.mark.parametrize("operation", PRIVATE, ids=name_of)
def test_without_a_log_in_every_private_route_is_401(world, operation, probes):
    for headers in (
        {},
        {"Authorization": "Bearer guess"},
        {"X-API-Key": "gmb_1_" + "x" * 43},
        {"X-API-Key": "x"},
    ):
        for ids in (ids_of(world, "north"), random_ids()):
            given = operation.request(ids)
            given["headers"] = {**given.get("headers", {}), **headers}
            with world.client(role=None) as client:
                answer = client.request(**given)
            assert answer.status_code == 401, answer.text
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            probes["asked"] += 1


@pytest.mark.parametrize("operation", WITH_IDS, ids=name_of)
def test_another_factorys_object_and_a_random_one_are_404_to_every_role(world, operation, probes):
    own, needs = ids_of(world, "north"), operation.needs()
    for role, held in ROLES.items():
        expected = 404 if needs is None or needs in held else 403
        with world.client(role=role) as client:
            for other in (ids_of(world, "south"), random_ids()):
                for ids in mixed(operation, own, other):
                    answer = client.request(**operation.request(ids))
                    assert answer.status_code == expected, (role, ids, answer.text)
                    assert leaks(answer, world, "south") == []
                    probes["asked"] += 1


@pytest.mark.parametrize("operation", [one for one in PRIVATE if one.method == "get"], ids=name_of)
def test_reading_tells_nothing_of_the_other_factory_and_needs_its_permission(world, operation, probes):
    needs = operation.needs()
    for plant, other in (("north", "south"), ("south", "north")):
        for role, held in ROLES.items():
            ids = {**ids_of(world, plant), "session.viewer": world.plants[plant].ids[f"session.{role}"]}
            with world.client(plant, role) as client:
                answer = client.request(**operation.request(ids))
            expected = 200 if needs is None or needs in held else 403
            if expected == 200 and "import_id" in operation.names:
                expected = 404
            if expected == 200 and "302" in operation.told["responses"]:
                expected = 302
            assert answer.status_code == expected, (role, answer.text)
            assert leaks(answer, world, other) == []
            probes["asked"] += 1


CHANGES = [one for one in PRIVATE if one.method != "get" and (one.method, one.path) not in LAST]


@pytest.mark.parametrize("operation", CHANGES, ids=name_of)
def test_changing_needs_its_permission(world, operation, probes):
    needs = operation.needs()
    for role, held in ROLES.items():
        if needs is None or needs in held:
            continue
        with world.client(role=role) as client:
            answer = client.request(**operation.request(ids_of(world, "north")))
        assert answer.status_code == 403, (role, answer.text)
        probes["asked"] += 1


def test_a_key_of_one_factory_finds_nothing_of_the_other(world, probes):
    for operation in WITH_IDS:
        given = operation.request(ids_of(world, "south"))
        given["headers"] = {**given.get("headers", {}), "X-API-Key": world.plants["north"].tokens["key"]}
        with world.client(role=None) as client:
            answer = client.request(**given)
        assert answer.status_code in {403, 404}, answer.text
        assert leaks(answer, world, "south") == []
        probes["asked"] += 1


SEARCHES = [
    (operation, one["name"])
    for operation in PRIVATE
    if operation.method == "get" and not operation.names
    for one in operation.told.get("parameters", ())
    if one["in"] == "query" and "enum" not in one["schema"] and "format" not in one["schema"]
]


@pytest.mark.parametrize(("operation", "name"), SEARCHES, ids=lambda one: getattr(one, "path", one))
def test_no_filter_or_search_finds_what_is_the_other_factorys(world, operation, name, probes):
    asked, south = operation.request(ids_of(world, "north")), world.plants["south"]
    with world.client() as client:
        for wanted in ("south", "south-secret-press", str(south.ids["machine"])):
            answer = client.request(**{**asked, "params": {**asked["params"], name: wanted}})
            assert answer.status_code < 500, answer.text
            assert set(leaks(answer, world, "south")) <= {wanted}
            probes["asked"] += 1


def test_a_token_with_a_changed_factory_is_worth_nothing(world):
    head, body, _ = world.plants["north"].tokens["admin"].split(".")
    signature = world.plants["south"].tokens["admin"].split(".")[2]
    with world.client(role=None, Authorization=f"Bearer {head}.{body}.{signature}") as client:
        assert client.get("/devices").status_code == 401


def test_nothing_of_the_other_factory_has_changed(world):
    with world.client("south") as client:
        assert client.get(f"/devices/{world.plants['south'].ids['machine']}").json()["is_active"] is True
        assert client.get(f"/records/{world.plants['south'].ids['record']}").status_code == 200
        assert client.get(f"/users/{world.plants['south'].ids['user.viewer']}").json()["is_active"] is True


def test_at_least_a_thousand_probes_were_made(world, probes):
    assert probes["asked"] >= 1_000
