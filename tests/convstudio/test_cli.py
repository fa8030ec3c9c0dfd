"""The command line: what it prints, and that whatever goes wrong is one sentence."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from convstudio import cli
from engine import chain, layer_kinds, make, save, template, template_names
from engine.mishaps import log_file
from engine.schema import schema_text
from tests.patience import PATIENCE_S


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints that succeeds."""
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The sentence of a command that cannot do what it is asked."""
    assert cli.main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("convstudio: ")
    assert err.count("\n") == 1
    return err.removeprefix("convstudio: ").rstrip("\n")


def test_summary_as_json_has_exactly_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "summary", "lenet5", "--json"))
    assert list(found) == ["parameters", "multiply_adds", "memory_bytes", "layers"]
    assert found["parameters"] == sum(row["parameters"] for row in found["layers"]) == 61_706
    assert found["multiply_adds"] == sum(row["multiply_adds"] for row in found["layers"]) == 416_520
    assert found["memory_bytes"] == sum(row["memory_bytes"] for row in found["layers"])
    assert [row["id"] for row in found["layers"]] == [node.id for node in template("lenet5").order]
    assert found["layers"][4] == {
        "id": "conv2",
        "kind": "conv2d",
        "output_shape": [16, 10, 10],
        "parameters": 2416,
        "multiply_adds": 240_000,
        "receptive_field": [14, 14],
        "memory_bytes": 12_800,
    }


def test_summary_as_table_shows_every_layer_and_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "summary", "lenet5").replace("\u202f", " ").splitlines()
    assert "LeNet-5" in lines[0]
    assert lines[1].split() == ["Layer", "Kind", "Settings", "Output", "Parameters", "Multiply-adds", "Sees", "Memory"]
    [conv2] = [line for line in lines if line.startswith("conv2 ")]
    for part in ("Convolution 2-D", "5×5 · 16", "16 × 10 × 10", "2 416", "240 000", "14 × 14"):
        assert part in conv2
    assert "61 706 parameters · 416 520 multiply-adds and 126 kB of memory for one sample" in lines


def test_summary_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    save(template("mlp"), tmp_path / "mine.json")
    assert said(capsys, "summary", str(tmp_path / "mine.json")) == said(capsys, "summary", "mlp")


def test_templates_are_listed_with_their_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "templates").replace("\u202f", " ").splitlines()
    assert [line.split()[0] for line in lines] == list(template_names())
    [lenet5] = [line for line in lines if line.startswith("lenet5 ")]
    assert " 61 706 " in lenet5
    assert lenet5.endswith(template("lenet5").description)


def test_layers_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[0] for line in said(capsys, "layers").splitlines()] == list(layer_kinds())
    lines = said(capsys, "layers", "max_pool2d").splitlines()
    assert lines[:2] == ["Max pooling 2-D (pooling)", "Keeps the strongest pixel of each window, so the image shrinks."]
    assert "  kernel_size = 2  (from 1 to 255 px)" in lines
    assert "  ceil_mode = False  (true or false)" in lines


def test_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "schema") == schema_text()


def test_bench_measures_whole_steps_and_layers(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    layers = make("input", shape=(1, 8, 8)), make("conv2d", out_channels=4), make("flatten"), make("dense")
    save(chain(*layers), tmp_path / "net.json")
    arguments = "bench", str(tmp_path / "net.json"), "--batch", "16", "--threads", "2", "--seconds", "0.05"
    found = json.loads(said(capsys, *arguments, "--json", "-"))
    assert found["samples_per_second"] == pytest.approx(16e3 / found["milliseconds_per_step"])
    assert [row["id"] for row in found["layers"]] == ["input1", "conv1", "flatten1", "dense1"]
    assert all(row["forward_ms"] > 0 and row["backward_ms"] > 0 for row in (found["layers"][1], found["layers"][3]))
    assert found["gflops"] > 0
    assert found["arena_bytes"] > 0
    assert "samples/s" in said(capsys, *arguments)
    said(capsys, *arguments, "--json", str(tmp_path / "out.json"))
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")).keys() == found.keys()


def test_what_cannot_be_done_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert complaint(capsys, "summary", "lenet") == (
        f"There is no template 'lenet'; there are {', '.join(template_names())}. "
        "A network file of your own is named by its path, ending in .json."
    )
    assert complaint(capsys, "layers", "conv2") == "There is no layer kind 'conv2'. Did you mean 'conv2d'?"
    broken = tmp_path / "broken.json"
    broken.write_text("{}", encoding="utf-8")
    assert complaint(capsys, "summary", str(broken)) == (
        'This is not a network file: it should be a JSON object with "format": "convstudio-network".'
    )
    save(chain(make("input", shape=(1, 4, 4)), make("conv2d", kernel_size=5)), broken)
    assert complaint(capsys, "summary", str(broken)) == (
        "conv1 makes its image 0 px high: the 5 px kernel does not fit into 4 px. "
        "Use padding 1 or more, or a smaller kernel."
    )
    assert complaint(capsys, "bench", "lenet5", "--batch", "0") == (
        "bench needs a batch and threads of at least 1, and from 0 to 3600 seconds."
    )


def test_result_that_cannot_be_written_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    save(chain(make("input", shape=(1, 8, 8)), make("flatten"), make("dense")), tmp_path / "net.json")
    missing = tmp_path / "nowhere" / "out.json"
    asked = "bench", str(tmp_path / "net.json"), "--batch", "1", "--seconds", "0.01", "--json", str(missing)
    assert complaint(capsys, *asked) == f"{missing} cannot be used: No such file or directory."


@pytest.mark.parametrize(
    "arguments", [["summary"], ["bench"], ["bench", "lenet5", "--batch", "many"], ["fly"], ["summary", "a", "b"]]
)
def test_wrong_calls_are_told_how_to_call(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    assert raised.value.code == 2
    assert capsys.readouterr().err.startswith("usage: convstudio")


@pytest.mark.parametrize("command", ["", *cli.COMMANDS])
def test_help_explains(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main([command, "--help"] if command else ["--help"])
    assert raised.value.code == 0
    text = capsys.readouterr().out
    assert len(text) > 100
    assert all(name in text for name in cli.COMMANDS) or command


def test_every_module_of_commands_is_a_command(project: Path) -> None:
    files = {path.stem for path in (project / "convstudio" / "commands").glob("[!_]*.py")}
    assert files == set(cli.COMMANDS)


def test_window_without_display_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert complaint(capsys) == ("There is no display here to open a window on; `convstudio train` trains without one.")


def test_missing_library_of_qt_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("convstudio.app", raising=False)
    monkeypatch.setitem(sys.modules, "convstudio.app", None)
    sentence = complaint(capsys)
    assert sentence.startswith("The window cannot open, since a system library of Qt is missing (")
    assert sentence.endswith("); ./studio installs them. All commands work without it: see convstudio --help.")


def test_terminal_without_special_characters_gets_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    assert cli.main(["summary", "lenet5"]) == 0
    assert b"5?5 ? 16" in raw.getvalue()


def test_looking_at_networks_loads_nothing_that_computes_or_draws(project: Path) -> None:
    code = (
        "import sys; from convstudio.cli import main; main(['summary', 'lenet5', '--json']); import engine; "
        "print(*(n for n in ('numba', 'PySide6', 'rich') if n in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0
    assert done.stderr.split() == []


def test_a_mistake_of_the_program_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(options: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("convstudio.commands.schema.run", fails)
    assert cli.main(["schema"]) == 1
    shown = capsys.readouterr()
    why = "The command failed for a reason that nobody foresaw (ZeroDivisionError: by nought)."
    assert shown.err == f"convstudio: {why} The details are in {log_file()}.\n"


def test_too_little_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("convstudio.commands.schema.run", fails)
    assert cli.main(["schema"]) == 1
    assert capsys.readouterr().err.startswith("convstudio: There is not enough memory. Use a smaller batch")
