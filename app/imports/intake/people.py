"""People: each address that is new gets an invitation, which an administrator sends when it is time."""

from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.imports.reading.table import Chunk
from app.imports.rows.faults import Faults
from app.imports.rows.job import PREVIEW_ROWS, Job, Taken
from app.imports.rows.typed import Reading
from app.people.invitations import DEFAULT_ROLE, keep_invitation, known_addresses, looks_like_mail


class PeopleIntake:
    """Takes people by their address. Who belongs to the factory or was ever invited stays as is."""

    def __init__(self, job: Job) -> None:
        job.access.require(Permission.MANAGE_USERS)
        self._job = job

    def take(self, chunk: Chunk, session: Session, faults: Faults) -> Taken:
        """See `Intake.take`."""
        reading = Reading(self._job, chunk, faults)
        names, roles = reading.needed("email").to_pylist(), reading.text("role").to_pylist()
        domains = reading.text("domain").to_pylist()
        mails = [
            (f"{name}@{domain}" if domain and name and "@" not in name else name).casefold()
            for name, domain in zip(names, domains, strict=True)
        ]
        wrong = np.array([bool(one) and not looks_like_mail(one) for one in mails], np.bool_)
        faults.at(wrong, "email", "This is not an e-mail address; give the mail domain of names without one.")
        known = known_addresses(self._job.access, session)
        shown: list[dict[str, Any]] = []
        unchanged = 0
        for place in np.flatnonzero(faults.good).tolist():
            mail = mails[place]
            role = roles[place].casefold().replace(" ", "_") or DEFAULT_ROLE
            if mail in known:
                unchanged += 1
                continue
            try:
                if self._job.load:
                    keep_invitation(self._job.access, session, mail, role)
            except GembaError as error:
                faults.one(place, "role", str(error))
                continue
            known.add(mail)
            shown.append({"Address": mail, "Role": role})
        return Taken(len(shown), unchanged, 0, pd.DataFrame(shown[:PREVIEW_ROWS]))

    def settle(self, *, last: bool) -> Taken:
        """Nothing waits."""
        return Taken()
