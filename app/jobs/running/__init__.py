"""Running jobs: claimed, run in child processes, ended once; with Celery or without."""
