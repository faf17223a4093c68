"""My account: password, second factor, open log-ins."""

from app.ui.entry.gate import own_access
from app.ui.people.own import own_account

own_account(own_access())
