"""The API's reference as one page of plain HTML, made from the OpenAPI document; no script, no other host."""

import json
from html import escape
from typing import Any, Final

STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color:#1b1f24}
h2{margin-top:2.5rem;border-bottom:1px solid #ccd}
details{border:1px solid #ccd;border-radius:6px;margin:.5rem 0}
summary{padding:.5rem .75rem;cursor:pointer}details>div{padding:0 .75rem .75rem}code{font-size:.95em}
pre{background:#f3f5f8;padding:.5rem;overflow:auto}b.m{display:inline-block;width:4.5rem}
table{border-collapse:collapse}td,th{padding:.15rem .75rem .15rem 0;text-align:left;vertical-align:top}
@media(prefers-color-scheme:dark){body{color:#dde3ea;background:#14181d}pre{background:#1e252d}}
"""


def page(document: dict[str, Any]) -> str:
    """The whole page: operations by tag, with parameters, bodies, answers and examples."""
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            by_tag.setdefault(tag, []).append(_operation(document, path, method, operation))
    sections = "".join(
        f"<h2 id='{escape(tag)}'>{escape(tag)}</h2>{''.join(ops)}" for tag, ops in by_tag.items()
    )
    links = " · ".join(f"<a href='#{escape(tag)}'>{escape(tag)}</a>" for tag in by_tag)
    info = document["info"]
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{escape(info['title'])} API</title><style>{STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} API</h1><p>{escape(info.get('description', ''))}</p>"
        "<p>The same as a document for programs: <a href='openapi.json'>openapi.json</a>. Paths begin at "
        f"<code>/api</code>.</p><p>{links}</p>{sections}</body></html>"
    )


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}"
        f"{', required' if one.get('required') else ''}</td>"
        f"<td>{escape(one.get('description', ''))}</td></tr>"
        for one in operation.get("parameters", ())
    )
    answers = "".join(
        f"<tr><td>{escape(status)}</td><td>{escape(answer.get('description', ''))}</td></tr>"
        for status, answer in operation["responses"].items()
    )
    body = operation.get("requestBody", {}).get("content", {})
    good: dict[str, Any] = next((a for s, a in operation["responses"].items() if s.startswith("2")), {})
    return (
        f"<details><summary><b class='m'>{method.upper()}</b> <code>{escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary><div>"
        f"<p>{escape(operation.get('description', ''))}</p>"
        + (f"<table>{rows}</table>" if rows else "")
        + _example(document, "Body", body)
        + _example(document, "Answer", good.get("content", {}))
        + f"<table>{answers}</table></div></details>"
    )


def _example(document: dict[str, Any], title: str, content: dict[str, Any]) -> str:
    for kind, media in content.items():
        value = media.get("example", example_of(document, media.get("schema", {})))
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        return f"<p>{title} ({escape(kind)})</p><pre>{escape(text)}</pre>"
    return ""


def example_of(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Any:
    """An example of a schema: the one that it gives, or one put together from its parts."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return example_of(document, document["components"]["schemas"][name], depth)
    if schema.get("examples"):
        return schema["examples"][0]
    for word in ("default", "const"):
        if word in schema:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example_of(document, schema["anyOf"][0], depth)
    kind = schema.get("type")
    if kind == "object" and depth < 6:
        found = schema.get("properties", {})
        return {name: example_of(document, one, depth + 1) for name, one in found.items()}
    if kind == "array" and depth < 6:
        return [example_of(document, schema.get("items", {}), depth + 1)]
    return _PLAIN.get((str(kind), str(schema.get("format", ""))), _PLAIN.get((str(kind), ""), None))


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """The document with an example beside the schema of each body in JSON and of each good answer."""
    for methods in document["paths"].values():
        for operation in methods.values():
            good = [one for status, one in operation["responses"].items() if status.startswith("2")]
            for told in (operation.get("requestBody", {}), *good):
                media = told.get("content", {}).get("application/json")
                if media is not None and "example" not in media:
                    media["example"] = example_of(document, media["schema"])
    return document


_PLAIN: Final[dict[tuple[str, str], Any]] = {
    ("string", ""): "text",
    ("string", "date-time"): "2026-02-19T10:30:00Z",
    ("string", "date"): "2026-02-19",
    ("integer", ""): 1,
    ("number", ""): 1.5,
    ("boolean", ""): True,
    ("object", ""): {},
    ("array", ""): [],
}
