"""The pattern builder makes the network that its formula says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import EngineError, infer
from engine.pattern import MAX_CHANNELS, Pattern, build

LETTERS = {"conv2d": "CONV", "relu": "RELU", "max_pool2d": "POOL", "dense": "FC", "softmax": "SOFTMAX"}


def spelled(pattern: Pattern) -> list[str]:
    return [LETTERS[node.layer.kind] for node in build(pattern).order if node.layer.kind in LETTERS]


def test_default_is_a_small_network_for_digits() -> None:
    graph = build(Pattern())
    assert graph.name == "[(CONV-RELU)*2-POOL]*2-(FC-RELU)*1-SOFTMAX"
    inference = infer(graph)
    assert inference.problems == ()
    assert inference.nodes["flatten1"].inputs == ((32, 7, 7),)
    assert inference.nodes["softmax1"].output == (10,)


@given(st.integers(1, 3), st.integers(0, 3), st.integers(0, 3), st.booleans())
def test_layers_follow_the_formula(n: int, m: int, k: int, pooling: bool) -> None:
    pattern = Pattern(convolutions=n, blocks=m, hidden=k, pooling=pooling)
    block = ["CONV", "RELU"] * n + ["POOL"] * pooling
    assert spelled(pattern) == block * m + ["FC", "RELU"] * k + ["FC", "SOFTMAX"]
    assert infer(build(pattern)).problems == ()


def test_channels_double_up_to_a_limit_or_stay() -> None:
    assert [Pattern(channels=48).width(block) for block in range(3)] == [48, 96, 192]
    assert Pattern(channels=1024).width(7) == MAX_CHANNELS
    assert Pattern(channels=48, doubling=False).width(2) == 48


def test_signals_and_volumes_get_layers_of_their_axes() -> None:
    assert {node.layer.kind for node in build(Pattern(shape=(1, 40)))} >= {"conv1d", "max_pool1d"}
    assert {node.layer.kind for node in build(Pattern(shape=(1, 8, 8, 8)))} >= {"conv3d", "max_pool3d"}


def test_too_many_blocks_are_explained_where_the_image_ends() -> None:
    [problem] = infer(build(Pattern(blocks=5))).problems
    assert problem.node == "max_pool5"
    assert problem.text == (
        "max_pool5 makes its image 0 px high: the 2 px window does not fit into 1 px. "
        "Use a window of at most 1 px, or pool less before it."
    )


def test_a_row_of_numbers_has_no_convolutions() -> None:
    with pytest.raises(EngineError) as raised:
        build(Pattern(shape=(20,)))
    assert str(raised.value) == (
        "Convolutions need an image or a signal, but the input is a row of 20 numbers. "
        "Set the number of blocks to 0, or give the input one to three sizes after its channels."
    )
    assert infer(build(Pattern(shape=(20,), blocks=0))).problems == ()


def test_numbers_outside_their_limits_are_refused() -> None:
    with pytest.raises(EngineError) as raised:
        Pattern(blocks=9)
    assert str(raised.value) == "blocks must be a whole number from 0 to 8; 9 was given."
