"""The walls: style, types and doors hold, and the documents say what exists."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Double, Float

from data.models import Base

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_linter_finds_nothing():
    run(str(TOOLS / "ruff"), "check", ".")


def test_the_code_is_formatted():
    run(str(TOOLS / "ruff"), "format", "--check", ".")


@pytest.mark.timeout(900)
def test_every_type_is_right():
    # A clean checkout has nothing kept from last time, and not keeping anything saves a quarter of the work.
    run(str(TOOLS / "mypy"), *(["--cache-dir=/dev/null"] if os.environ.get("CI") else []))


def test_rooms_keep_to_their_doors():
    run(str(TOOLS / "lint-imports"))


def product_files() -> list[Path]:
    rooms = ("app", "analytics", "data", "pages")
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def test_no_function_is_longer_than_sixty_lines_and_no_file_than_five_hundred():
    long = []
    for path in product_files():
        text = path.read_text()
        if text.count("\n") > (150 if path.parent == ROOT / "pages" else 500):
            long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > 60:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} {length} lines")
    assert long == []


def test_only_settings_reads_the_environment():
    readers = [
        str(path.relative_to(ROOT))
        for path in product_files()
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    ]
    # serve.py hands the environment on to the server it starts; edge.py runs elsewhere, without settings.
    assert sorted(readers) == ["app/cli/serve.py", "app/ingest/edge.py"]


def test_every_public_module_and_function_says_what_it_is_for():
    silent = []
    for path in product_files():
        if "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        if ast.get_docstring(tree) is None and path.read_text().strip():
            silent.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and ast.get_docstring(node) is None:
                silent.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert silent == []


@pytest.mark.parametrize("name", ["st.cache_data", "st.cache_resource"])
def test_cached_functions_take_the_factory_first(name):
    for path in product_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any(name in ast.unparse(d) for d in node.decorator_list):
                first = node.args.args[0].arg if node.args.args else ""
                assert first == "factory", f"{path}: {node.name} must take the factory first"


BANNED_NAMES = frozenset(
    {"text", "Table", "create_engine", "literal_column", "Connection", "table", "column"}
)
BANNED_CALLS = frozenset({"connection", "exec_driver_sql", "get_bind", "begin_nested"})


def _goes_around_the_scope(path: Path) -> list[str]:
    """Places where a file could reach rows without its factory."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            found += [f"{path}:{line} {name.name}" for name in node.names if name.name in BANNED_NAMES]
        elif isinstance(node, ast.Import):
            found += [f"{path}:{line} {n.name}" for n in node.names if n.name.startswith("sqlalchemy")]
        elif isinstance(node, ast.Attribute) and node.attr in {"__table__", *BANNED_CALLS}:
            found.append(f"{path}:{line} {node.attr}")
    return found


def test_outside_data_nobody_goes_around_the_session_that_knows_the_factory():
    files = [path for room in ("app", "pages", "analytics") for path in (ROOT / room).rglob("*.py")]
    assert len(files) > 100
    assert [place for path in files for place in _goes_around_the_scope(path)] == []


def test_the_search_for_ways_around_the_scope_finds_them(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("from sqlalchemy import text\ndef f(session):\n    return session.connection()\n")
    assert len(_goes_around_the_scope(bad)) == 2


def test_no_column_is_a_single_precision_float():
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Float):
                assert isinstance(column.type, Double), f"{table.name}.{column.name}"
