"""The command line: `convstudio COMMAND`; each command is a module in `convstudio.commands`."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

import convstudio
from engine.errors import EngineError
from engine.mishaps import unforeseen

COMMANDS = ("train", "evaluate", "predict", "data", "summary", "bench", "templates", "layers", "schema", "pictures")


class Command(Protocol):
    """What a module in `convstudio.commands` offers; its docstring is the command's help."""

    __doc__: str | None

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace) -> None: ...


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments; nothing that computes is loaded for this."""
    top = argparse.ArgumentParser(
        prog="convstudio",
        description="Compose, train and look inside convolutional networks.",
        epilog="Without a command the window opens, with files that are named; --data-dir DIR says where it finds "
        "data sets. "
        "NETWORK is the name of a template (see `convstudio templates`) or the path of a network file.",
    )
    top.add_argument("--version", action="version", version=f"convstudio {convstudio.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name in COMMANDS:
        module: Command = import_module(f"convstudio.commands.{name}")
        text = (module.__doc__ or "").strip()
        layout = argparse.RawDescriptionHelpFormatter
        sub = commands.add_parser(name, help=text.splitlines()[0], description=text, formatter_class=layout)
        module.arguments(sub)
        sub.set_defaults(run=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command: 0 when it succeeded, 1 when it could not (the reason is one sentence), 2 for a wrong call."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "×" shows "?" instead of ending the program
    given = list(sys.argv[1:] if arguments is None else arguments)
    folder, rest = _data_folder(given)
    for_window = all(name.endswith((".convstudio", ".json")) for name in rest)
    options = None if for_window else parser().parse_args(given)  # a window does not wait for commands to load
    try:
        if options is None:
            return open_window(rest, folder)
        options.run(options)
    except EngineError as problem:
        print(f"convstudio: {problem}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        return 0
    except OSError as problem:
        print(f"convstudio: {problem.filename or 'The file'} cannot be used: {problem.strerror}.", file=sys.stderr)
        return 1
    except MemoryError:
        print("convstudio: There is not enough memory. Use a smaller batch or a smaller network.", file=sys.stderr)
        return 1
    except Exception as problem:  # noqa: BLE001  (a mistake of the program is a sentence, too)
        print(f"convstudio: {unforeseen('The command', problem)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("convstudio: stopped.", file=sys.stderr)
        return 1
    return 0


def _data_folder(given: list[str]) -> tuple[str, list[str]]:
    """The folder after a leading --data-dir, and what else was given; commands have an option of this name too."""
    if given[:1] == ["--data-dir"] and len(given) > 1:
        return given[1], given[2:]
    if given and given[0].startswith("--data-dir="):
        return given[0].partition("=")[2], given[1:]
    return "", given


def open_window(files: Sequence[str], data_folder: str = "") -> int:
    """The window, or a sentence about what keeps it from opening."""
    if data_folder:
        if not Path(data_folder).is_dir():
            raise EngineError(f"There is no folder {data_folder} to find data sets in.")
        from engine.data.arrays import DATA_VARIABLE

        os.environ[DATA_VARIABLE] = str(Path(data_folder).resolve())
    gc.disable()  # the window has a time of its own for it, and nothing that is loaded now goes soon
    try:
        from convstudio import app
    except ImportError as problem:
        raise EngineError(
            f"The window cannot open, since a system library of Qt is missing ({problem}); ./studio installs them. "
            "All commands work without it: see convstudio --help."
        ) from problem
    return app.open_window(files)


if __name__ == "__main__":
    sys.exit(main())
