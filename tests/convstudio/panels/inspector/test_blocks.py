"""Blocks and comments in the inspector, alone and several together."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QSpinBox

from convstudio.document import edits
from convstudio.panels.inspector.panel import InspectorPanel
from engine.spec import make
from tests.convstudio.panels.inspector.shown import facts


def test_blocks_and_comments_have_forms(panel: InspectorPanel) -> None:
    document = panel.document
    document.perform(edits.group(document.project, {"relu1"}, "Gate"))
    block = document.project.blocks[0]
    document.select([block.id])
    spin = panel.findChild(QSpinBox)
    assert spin is not None
    spin.setValue(3)
    assert document.project.blocks[0].repeat == 3
    document.perform(edits.add_comment(document.project, (0, 0), "first"))
    text = panel.findChildren(QPlainTextEdit)[-1]
    QTest.keyClicks(text, "x")
    assert document.project.comments[0].text == "xfirst"


def choose_block(panel: InspectorPanel, names: set[str], title: str) -> str:
    document = panel.document
    document.perform(edits.group(document.project, names, title))
    block = document.project.blocks[-1]
    document.select([block.id])
    return block.id


def listed(panel: InspectorPanel) -> list[str]:
    """The layers under the block's sums, as they are read."""
    form = panel._show_parts.__self__
    return [f"{name.text()}: {value.text()}" for name, value in form.rows]


def test_a_block_shows_what_it_comes_to_with_the_real_numbers(panel: InspectorPanel) -> None:
    block = choose_block(panel, {"conv1", "relu1", "max_pool1", "conv2"}, "Eyes")
    assert facts(panel) == {
        "Output": "16 × 10 × 10",
        "Parameters": "2\u202f572",
        "Multiply-adds": "357\u202f600",
        "Memory": "97 kB",
    }
    assert panel._arithmetic.text().split("\n") == [
        "shape: 1 × 28 × 28 → 16 × 10 × 10".replace(" × ", "\u00a0×\u00a0"),
        "parameters: 156 + 2\u202f416 = 2\u202f572",
        "multiply-adds: 117\u202f600 + 240\u202f000 = 357\u202f600",
        "memory: 37\u202f632 + 37\u202f632 + 9\u202f408 + 12\u202f800 = 97\u202f472\u00a0bytes",
    ]
    assert listed(panel) == ["conv1: 156", "relu1: –", "max_pool1: –", "conv2: 2\u202f416"]
    document = panel.document
    document.perform(edits.set_field(document.project, {"conv1"}, "bias", False))
    assert facts(panel)["Parameters"] == "2\u202f566"
    document.perform(edits.append(document.project, make("batch_norm"), "conv1"))
    document.select([block])
    assert listed(panel)[1] == "batch_norm1: 12"
    assert any(label.text().startswith("5 layers under one name") for label in panel.findChildren(QLabel))


def test_a_repeated_block_counts_every_copy(panel: InspectorPanel) -> None:
    document = panel.document
    document.perform(edits.set_field(document.project, {"dense2"}, "out_features", 120))
    block = choose_block(panel, {"dense2", "relu4"}, "Pair")
    document.perform(edits.set_repeat(document.project, block, 3))
    assert facts(panel)["Parameters"] == "43\u202f560"
    assert "parameters: 3·14\u202f520 = 43\u202f560" in panel._arithmetic.text()
    assert listed(panel) == ["dense2 × 3: 43\u202f560", "relu4 × 3: –"]


def test_a_block_whose_first_copy_is_another_one_is_added_up_copy_by_copy(panel: InspectorPanel) -> None:
    document = panel.document
    block = choose_block(panel, {"conv1", "relu1"}, "Stage")
    document.perform(edits.set_repeat(document.project, block, 3))
    assert "parameters: 156 + 2·906 = 1\u202f968" in panel._arithmetic.text()
    assert facts(panel)["Parameters"] == "1\u202f968"
    document.perform(edits.set_repeat(document.project, block, 1))
    assert "parameters" not in panel._arithmetic.text()  # one number is no sum


def test_several_layers_of_a_repeated_block_are_added_up_with_all_copies(panel: InspectorPanel) -> None:
    document = panel.document
    block = choose_block(panel, {"conv1", "relu1"}, "Stage")
    document.perform(edits.set_repeat(document.project, block, 3))
    of_the_block = facts(panel)
    document.select(["conv1", "relu1"])
    assert facts(panel) == {name: text for name, text in of_the_block.items() if name != "Output"}
    assert facts(panel)["Parameters"] == "1\u202f968"
    says = next(label for label in panel.findChildren(QLabel) if label.text().startswith("Every copy"))
    assert says.isVisibleTo(panel)
    document.select(["conv1", "conv2"])
    assert facts(panel)["Parameters"] == "4\u202f384"  # 156 + 2·906 + 2 416
    document.select(["conv2", "dense1"])
    says = next(label for label in panel.findChildren(QLabel) if label.text().startswith("Every copy"))
    assert not says.isVisibleTo(panel)


def test_blocks_and_layers_that_are_selected_together_are_edited_and_counted_together(panel: InspectorPanel) -> None:
    document = panel.document
    first = choose_block(panel, {"conv1", "relu1"}, "One")
    second = choose_block(panel, {"conv2", "relu2"}, "Two")
    document.perform(edits.set_repeat(document.project, second, 2))
    alone = facts(panel)["Parameters"]
    document.select(["conv1"])
    conv1 = facts(panel)["Parameters"]
    document.select([first, second])
    assert any(label.text().startswith("4 layers") for label in panel.findChildren(QLabel))
    assert "the 2 selected blocks" in " ".join(label.text() for label in panel.findChildren(QLabel))
    numbers = [int(text.replace("\u202f", "")) for text in (facts(panel)["Parameters"], alone, conv1)]
    assert numbers[0] == numbers[1] + numbers[2]
    document.select([second, "conv1", "relu1"])
    assert int(facts(panel)["Parameters"].replace("\u202f", "")) == numbers[0]
    document.perform(edits.delete(document.project, {"relu1", "relu2"}))
    document.select([first, second])
    panel.editors["out_channels"].spin.setValue(9)
    assert [document.graph[name].layer.out_channels for name in ("conv1", "conv2")] == [9, 9]
    assert document.undo_stack.undoText() == "Set output channels of conv1 and conv2 to 9"


def test_several_comments_are_not_the_network(panel: InspectorPanel) -> None:
    document = panel.document
    for words in ("first", "second"):
        document.perform(edits.add_comment(document.project, (0, 0), words))
    names = [comment.id for comment in document.project.comments]
    document.select(names)
    assert [label.text() for label in panel.findChildren(QLabel)][:1] == ["2 comments"]
    assert panel.findChildren(QPlainTextEdit) == []
    document.select([names[0]])
    assert panel.findChildren(QPlainTextEdit)[-1].toPlainText() == "first"
    document.select([*names, "conv1"])
    assert facts(panel)["Parameters"] == "156"
