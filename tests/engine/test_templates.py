"""Templates are the published networks."""

import re

import pytest

from engine import EngineError, infer, template, template_names, templates
from engine.architectures import ARCHITECTURES
from engine.graph import Graph, dumps, save
from engine.resources import read_text
from engine.templates import find

PUBLISHED = {  # trained parameters, as the papers or torchvision give them
    "mlp": 238_510,
    "lenet5": 61_706,
    "mnist_cnn": 1_199_882,
    "deep_mnist": 87_850,
    "mnist1d_cnn": 14_890,
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg16": 138_357_544,
    "resnet18": 11_689_512,
    "resnet20": 272_474,
    "resnet50": 25_557_032,
    "googlenet": 6_624_904,
    "mobilenet": 4_231_976,
}
SEEN = {  # receptive field of the last layer before classification, as published (Araujo, Norris and Sim, 2019)
    "alexnet": ("max_pool3", 195),
    "vgg16": ("max_pool5", 212),
    "resnet18": ("block4_2_out", 435),
    "mobilenet": ("block13_pointwise_relu", 315),
}


@pytest.mark.parametrize("name", template_names())
def test_file_is_what_its_architecture_builds(name: str) -> None:
    assert read_text("templates", f"{name}.json") == dumps(ARCHITECTURES[name]())


def test_every_architecture_has_its_file() -> None:
    assert template_names() == tuple(sorted(ARCHITECTURES))
    assert PUBLISHED.keys() <= ARCHITECTURES.keys()


@pytest.mark.parametrize("name", template_names())
def test_template_can_be_computed_and_is_described(name: str) -> None:
    found = templates()[name]
    assert found.name == name
    assert found.title == found.load().name
    assert found.paragraph.endswith(".")
    assert found.paragraph.count(". ") >= 1, "a paragraph in resources/help/templates.json"
    assert found.sentence == found.load().description
    assert found.sentence.endswith(".")
    inference = infer(found.load())
    assert inference.problems == ()
    if name in PUBLISHED:
        assert inference.parameter_count == PUBLISHED[name]


@pytest.mark.parametrize("name", template_names())
def test_cards_do_not_lie_on_each_other_and_wires_lead_down(name: str) -> None:
    graph = template(name)
    assert len({node.position for node in graph}) == len(graph.nodes)
    for edge in graph.edges:
        assert graph[edge.source].position[1] < graph[edge.target].position[1]


@pytest.mark.parametrize("name", SEEN)
def test_receptive_field_is_the_published_one(name: str) -> None:
    node, size = SEEN[name]
    field = infer(template(name)).nodes[node].receptive_field
    assert field is not None
    assert field.size == (size, size)


def test_templates_say_which_data_suits_them() -> None:
    suits = {name: found.data for name, found in templates().items()}
    assert suits["lenet5"] == "mnist"
    assert suits["mnist1d_cnn"] == "mnist1d"
    assert suits["resnet20"] == "cifar10"
    assert suits["resnet50"] == ""


def parameters(graph: Graph) -> list[tuple[int, ...]]:
    """Shapes of all that is trained, in order."""
    inference = infer(graph)
    arrays = [p for node in graph.order for p in inference.nodes[node.id].parameters.values()]
    return [p.shape for p in arrays if p.trained]


def conv(inputs: int, outputs: int, kernel: int, *, bias: bool = True) -> list[tuple[int, ...]]:
    return [(outputs, inputs, kernel, kernel)] + [(outputs,)] * bias


def dense(inputs: int, outputs: int) -> list[tuple[int, ...]]:
    return [(outputs, inputs), (outputs,)]


def norm(channels: int) -> list[tuple[int, ...]]:
    return [(channels,), (channels,)]


def residual(inputs: int, outputs: int) -> list[tuple[int, ...]]:
    body = conv(inputs, outputs, 3, bias=False) + norm(outputs) + conv(outputs, outputs, 3, bias=False) + norm(outputs)
    return body + (conv(inputs, outputs, 1, bias=False) + norm(outputs) if inputs != outputs else [])


RESNET20 = [channels for channels in (16, 32, 64) for _ in range(3)]
RACED = {  # the networks whose speed is compared with PyTorch's, parameter for parameter as written there
    "lenet5": conv(1, 6, 5) + conv(6, 16, 5) + dense(400, 120) + dense(120, 84) + dense(84, 10),
    "mnist_cnn": conv(1, 32, 3) + conv(32, 64, 3) + dense(9216, 128) + dense(128, 10),
    "deep_mnist": conv(1, 32, 5) + conv(32, 32, 5) + norm(32) + conv(32, 64, 3) + conv(64, 64, 3) + norm(64)
    + dense(576, 10),
    "resnet20": conv(3, 16, 3, bias=False) + norm(16)
    + [shape for inputs, outputs in zip([16, *RESNET20], RESNET20, strict=False) for shape in residual(inputs, outputs)]
    + dense(64, 10),
}  # fmt: skip
LAYERS = {
    "lenet5": "input conv2d relu max_pool2d conv2d relu max_pool2d flatten dense relu dense relu dense",
    "mnist_cnn": "input conv2d relu conv2d relu max_pool2d dropout flatten dense relu dropout dense",
    "deep_mnist": "input conv2d relu conv2d relu batch_norm max_pool2d conv2d relu conv2d relu batch_norm max_pool2d "
    "flatten dense",
}


@pytest.mark.parametrize("name", RACED)
def test_raced_networks_have_the_parameters_of_their_rivals(name: str) -> None:
    assert parameters(template(name)) == RACED[name]


@pytest.mark.parametrize("name", LAYERS)
def test_raced_networks_have_the_layers_of_their_rivals(name: str) -> None:
    assert [node.layer.kind for node in template(name).order] == LAYERS[name].split()


def test_residual_block_has_the_wires_of_its_rival() -> None:
    graph = template("resnet20")
    assert [e.source for e in graph.incoming("block2_1_add")] == ["block2_1_conv2_bn", "block2_1_skip_bn"]
    assert [e.source for e in graph.incoming("block2_2_add")] == ["block2_2_conv2_bn", "block2_1_out"]
    assert [node.layer.kind for node in graph.order[-4:]] == ["relu", "global_avg_pool", "flatten", "dense"]


def test_unknown_template_names_those_that_there_are() -> None:
    with pytest.raises(EngineError) as raised:
        template("lenet")
    assert str(raised.value) == f"There is no template 'lenet'; there are {', '.join(sorted(ARCHITECTURES))}."


def test_network_is_found_by_name_or_path(tmp_path: object) -> None:
    path = f"{tmp_path}/mine.json"
    save(template("mlp"), path)
    assert find(path) == template("mlp") == find("mlp")
    with pytest.raises(EngineError, match=re.escape("is named by its path, ending in .json.")):
        find("mine")
