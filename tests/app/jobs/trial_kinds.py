"""Kinds of job that tests run."""

import os
import signal
import time
from typing import Any

from sqlalchemy.orm import Session

from app.auth.permissions import Permission
from app.jobs.context import JobContext
from app.jobs.registry import job

MODULES = ("tests.app.jobs.trial_kinds",)


@job("trial-add", title="Adds", retries=0)
def add_numbers(context: JobContext) -> dict[str, Any]:
    context.progress(0.5, "adding")
    return {"sum": sum(context.parameters.get("numbers", [])), "who": context.access.principal.email,
            "may": sorted(one.value for one in context.access.principal.permissions)}  # fmt: skip


@job("trial-effect", title="Writes an audit entry", retries=2)
def write_once(context: JobContext) -> dict[str, Any]:
    access, number = context.access, context.parameters["number"]

    def effect(session: Session) -> None:
        access.audit(session, "trial.effect", ("trial", number))
        if context.parameters.get("breaks"):
            raise ValueError("the effect broke")

    time.sleep(context.parameters.get("takes_s", 0.0))
    context.finish(effect)
    return {"number": number}


@job("trial-break", title="Breaks", retries=1)
def break_always(context: JobContext) -> dict[str, Any]:
    raise RuntimeError("no luck")


@job("trial-slow", title="Takes too long", time_limit_s=0.6, retries=0)
def take_too_long(context: JobContext) -> dict[str, Any]:
    time.sleep(60)
    return {}


@job("trial-patient", title="Works until it is cancelled", retries=0)
def work_until_cancelled(context: JobContext) -> dict[str, Any]:
    for n in range(600):
        context.progress(0.25 if n else 0.1, f"step {n}")
        time.sleep(0.05)
    return {}


@job("trial-greedy", title="Wants all memory", memory_mb=200, retries=0)
def want_all_memory(context: JobContext) -> dict[str, Any]:
    held = [bytearray(10_000_000) for _ in range(100)]
    return {"held": len(held)}


@job("trial-die", title="Dies", retries=0)
def die(context: JobContext) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@job("trial-large", title="Finds a lot")
def find_a_lot(context: JobContext) -> dict[str, Any]:
    return {"text": "x" * 100_000}


@job("trial-manager", title="Only for those who manage machines", permission=Permission.MANAGE_MACHINES)
def managed(context: JobContext) -> dict[str, Any]:
    return {}
