"""The UI script: who is there, which pages they have, and the page that was asked for."""

from app.ui.frame.shell import run

run()
