"""Files and functions stay small enough to hold in one's head."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 450
FUNCTION_LINES = 70
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|#\s*type:\s*ignore\s*($|[^\[\s])")


def sources(project: Path, *folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((project / folder).rglob("*.py"))]
    assert found, "no sources were found: is this the checkout?"
    return found


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and number of lines of every function of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_file_is_too_long(project: Path) -> None:
    lengths = {path: len(path.read_bytes().splitlines()) for path in sources(project, "engine", "convstudio", "tests")}
    assert {str(path): n for path, n in lengths.items() if n > FILE_LINES} == {}


def test_no_function_is_too_long(project: Path) -> None:
    lengths = {(str(path), name): n for path in sources(project, "engine", "convstudio") for name, n in functions(path)}
    assert {key: n for key, n in lengths.items() if n > FUNCTION_LINES} == {}


def test_nothing_is_left_for_later(project: Path) -> None:
    this = Path(__file__).name
    marks = [
        f"{path}:{number}: {line.strip()}"
        for path in sources(project, "engine", "convstudio", "tests")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if path.name != this and UNFINISHED.search(line)
    ]
    assert marks == []
