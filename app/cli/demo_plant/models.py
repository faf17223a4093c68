"""The models of the demo plant: some machines' remaining lives are asked for once."""

from typing import Final

from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.jobs.asking import Asked, ask
from app.production.plant import plant

MACHINES: Final = ("conveyor-1", "lathe-1", "press-1")


def add_demo_models(gemba: Gemba, slug: str) -> None:
    """Ask for the remaining lives of three machines; a runner teaches them once the plant is served."""
    principal = service(gemba.database, slug, "demo")
    if principal is None:
        return
    access = Access(gemba, principal)
    machines = [key for key in MACHINES if key in plant(access).machine_by_key]
    if machines:
        key = f"demo-lives-{'-'.join(machines)}"
        ask(access, Asked("remaining_life", {"machines": machines}, idempotency_key=key))
