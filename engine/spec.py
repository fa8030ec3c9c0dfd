"""How a layer is declared: its fields with limits, units and help, and the registry that every other part reads."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

import attrs

from engine.errors import FieldError, GraphError
from engine.naming import begun, continued, plain
from engine.numerals import written

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.influence import Numbers, Reach
    from engine.plan import Backward, Forward

Shape = tuple[int, ...]  # one sample: (channels, *space) or (features,)
Span = tuple[int, int]  # how far something reaches below and above: (low, high)

CATEGORIES = ("data", "convolution", "pooling", "dense", "activation", "norm", "shape", "merge", "output")


@attrs.frozen
class Field:
    """One setting of a layer, with all that a form, a validator and a help page need."""

    name: str
    kind: str  # "whole", "real", "flag", "choice", "axes", "shape"
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    options: tuple[str, ...] = ()  # for "choice"; for "axes": words that stand for numbers, such as "same"
    count: int = 0  # how many numbers an "axes" field holds
    title: str = ""  # what people call it, where that is not its name
    zero: str = ""  # what no number means, where it means something else than little

    @property
    def label(self) -> str:
        """What stands before it in a form: Kernel size, Epsilon ε."""
        return self.title or begun(plain(self.name))

    @property
    def spoken(self) -> str:
        """The same within a sentence."""
        return continued(self.label)

    @property
    def limits(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"from {_plain(self.low)} to {_plain(self.high)}{unit}"

    def checked(self, value: Any) -> Any:
        """The value in its stored form, or a FieldError that names the limits."""
        return _CHECKS[self.kind](self, value)

    def refuse(self, wanted: str, value: Any) -> FieldError:
        return FieldError(self.name, f"{self.name} must be {wanted}; {value!r} was given.")


def _plain(number: float | None) -> str:
    return written(number) if isinstance(number, float) else str(number)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _inside(field: Field, value: float) -> bool:
    return (field.low is None or value >= field.low) and (field.high is None or value <= field.high)


def _whole(field: Field, value: Any) -> int:
    if not _is_whole(value) or not _inside(field, value):
        raise field.refuse(f"a whole number {field.limits}", value)
    return int(value)


def _real(field: Field, value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not _inside(field, value):  # NaN is never inside
        raise field.refuse(f"a number {field.limits}", value)
    return float(value)


def _flag(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise field.refuse("true or false", value)
    return value


def _choice(field: Field, value: Any) -> str:
    if value not in field.options:
        raise field.refuse("one of " + ", ".join(field.options), value)
    return str(value)


def _axes(field: Field, value: Any) -> Any:
    given = value
    if isinstance(value, str):
        if value in field.options:
            return value
    elif _is_whole(value):
        value = (value,) * field.count
    numbers = isinstance(value, (tuple, list)) and all(map(_is_whole, value))
    if numbers and len(value) == field.count and all(_inside(field, v) for v in value):
        return tuple(value)
    several = f" or {field.count} of them" if field.count > 1 else ""
    words = f", or one of {', '.join(field.options)}" if field.options else ""
    raise field.refuse(f"a whole number {field.limits}{several}{words}", given)


def _shape(field: Field, value: Any) -> Shape:
    numbers = isinstance(value, (tuple, list)) and all(map(_is_whole, value))
    if numbers and 1 <= len(value) <= 4 and all(_inside(field, v) for v in value):
        return tuple(value)
    raise field.refuse(f"one to four whole numbers {field.limits}", value)


_CHECKS: dict[str, Callable[[Field, Any], Any]] = {
    "whole": _whole,
    "real": _real,
    "flag": _flag,
    "choice": _choice,
    "axes": _axes,
    "shape": _shape,
}


def _declare(kind: str, default: Any, help: str, **more: Any) -> Any:
    """An attrs field that checks itself; the number of axes comes from the class, so a family declares it once."""
    declared = Field("", kind, default, help, **more)

    def convert(value: Any, owner: Any, attribute: attrs.Attribute[Any]) -> Any:
        return type(owner).fields()[attribute.name].checked(value)

    converter = attrs.Converter(convert, takes_self=True, takes_field=True)
    return attrs.field(default=default, converter=converter, metadata={"field": declared})


def whole(default: int, *, low: int, high: int, help: str, unit: str = "", title: str = "", zero: str = "") -> Any:
    """A whole number."""
    return _declare("whole", default, help, low=low, high=high, unit=unit, title=title, zero=zero)


def real(default: float, *, low: float, high: float, help: str, unit: str = "", title: str = "") -> Any:
    """A number with a fraction."""
    return _declare("real", default, help, low=low, high=high, unit=unit, title=title)


def flag(default: bool, *, help: str, title: str = "") -> Any:
    """A switch."""
    return _declare("flag", default, help, title=title)


def choice(default: str, *options: str, help: str, title: str = "") -> Any:
    """One word out of a few."""
    return _declare("choice", default, help, options=options, title=title)


def per_axis(
    default: int | str,
    *,
    low: int,
    high: int,
    help: str,
    unit: str = "px",
    words: tuple[str, ...] = (),
    title: str = "",
) -> Any:
    """A whole number, or one for each axis of the layer (`Layer.axes` says how many)."""
    return _declare("axes", default, help, low=low, high=high, unit=unit, options=words, title=title)


def sizes(default: Shape, *, low: int, high: int, help: str, title: str = "") -> Any:
    """A list of one to four sizes: channels first, then space."""
    return _declare("shape", default, help, low=low, high=high, title=title)


@attrs.frozen
class Parameter:
    """An array that a layer owns: what training changes, or what it measures (`trained=False`)."""

    shape: Shape
    initial: str = "he_normal"  # a name in engine.initialisers, or "zeros" / "ones"
    fan_in: int = 1
    fan_out: int = 1
    trained: bool = True


@attrs.frozen
class Window:
    """Which inputs one output sees along each axis: size and step in input pixels, and where the first one starts."""

    size: tuple[int, ...]
    step: tuple[float, ...]
    start: tuple[float, ...]


@attrs.frozen
class Fix:
    """A change that would mend a problem, ready for one click."""

    title: str
    action: str  # "set_field", "insert_before", "insert_after", "replace" or "remove_edge" at the layer concerned;
    # "set_setting" of training; "set_all" and "replace_all": every layer with the field, or of the kind;
    # "add_input" before the first layer; "remove" the layers that `value` names, "join" them by one of the kind `field`
    field: str = ""
    value: Any = None
    port: int = 0


class Impossible(GraphError):  # noqa: N818  (it is raised as a statement about a layer)
    """Raised by a layer whose inputs do not suit it; the text goes on after the layer's name."""

    def __init__(self, text: str, *fixes: Fix) -> None:
        super().__init__(text)
        self.fixes = fixes


@attrs.frozen
class Declared:
    """A value whose fields are declared with limits, units and help."""

    axes: ClassVar[int] = 0  # how many numbers a field of `per_axis` holds

    @classmethod
    @cache
    def fields(cls) -> Mapping[str, Field]:
        """Every setting by name, in the order of declaration."""
        return {
            a.name: attrs.evolve(a.metadata["field"], name=a.name, count=cls.axes)
            for a in attrs.fields(cls)
            if "field" in a.metadata
        }

    @classmethod
    def summary(cls) -> str:
        """The first sentence of the docstring, as the palette shows it."""
        return (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").strip()

    def settings(self) -> dict[str, Any]:
        """Field values by name."""
        return {name: getattr(self, name) for name in self.fields()}


@attrs.frozen
class Layer(Declared):
    """What every kind of layer shares; a kind is a frozen class in `engine/layers/<kind>.py`.

    `axes` says how many axes of space it works on, 0 that it takes any.
    """

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    category: ClassVar[str] = ""
    keywords: ClassVar[tuple[str, ...]] = ()
    ports: ClassVar[int] = 1  # inputs; -1: two or more
    fuses_relu: ClassVar[bool] = False  # can apply a following ReLU while it still holds the result
    is_relu: ClassVar[bool] = False  # is what such layers apply
    is_softmax: ClassVar[bool] = False  # is part of the cross-entropy already: training takes the numbers before it
    draws_lots: ClassVar[bool] = False  # its reference takes `lots`: seed, step and number of the node
    passes_gradient: ClassVar[bool] = False  # hands dy on as dx, in the same memory

    def brief(self) -> str:
        """The main settings in a few characters, for a card: "5×5 · 16 · s2 p2"."""
        return ""

    def output_shape(self, *inputs: Shape) -> Shape:
        """The shape of one sample at the output, or Impossible."""
        return inputs[0]

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        """The arrays that the layer owns, by PyTorch's names."""
        return {}

    def identity(self, *inputs: Shape) -> Mapping[str, Any] | None:
        """Numbers with which it passes its input on unchanged, so that a trained network can take it in; or None."""
        return None

    def multiply_adds(self, *inputs: Shape) -> int:
        """Multiplications with additions for one sample, forward."""
        return 0

    def window(self, *inputs: Shape) -> Window | None:
        """What one output pixel sees of the input; None: just the pixel below it."""
        return None

    def sees_everything(self, *inputs: Shape) -> bool:
        """Whether every output depends on all of the input's space."""
        return False

    def arithmetic(self, *inputs: Shape) -> tuple[str, ...]:
        """Output size and parameter count as sums with the real numbers."""
        return ()

    def halo(self, *inputs: Shape) -> tuple[Span, ...]:
        """How far beyond its edges the input is read as zeros: (low, high) for depth, height, width."""
        return NO_HALO

    def gradient_halo(self, *inputs: Shape) -> tuple[Span, ...]:
        """The same for the gradient of the output, which `backward` reads."""
        return NO_HALO

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        """The same in plain float64: y, and a function from dy to gradients by name ("x" or "xs", and parameters)."""
        raise GraphError(f"{self.title} has no reference.")

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        """The arithmetic behind one output number of one sample: its index is channel and position."""
        from engine import explained

        return explained.affine(self, parameters, at, *xs)

    def reach(self, parameters: Mapping[str, Any], name: str, at: Shape, *xs: Numbers) -> Reach:
        """Where a number of one of its parameters takes part, and what it is multiplied by, for a batch."""
        from engine import influence

        return influence.by_reference(self, parameters, name, at, *xs)

    def forward(self, step: Forward) -> None:
        """Records the kernels that compute y from x."""
        raise GraphError(f"{self.title} cannot be computed.")

    def backward(self, step: Backward) -> None:
        """Records the kernels that compute dx and the parameters' gradients from dy."""
        raise GraphError(f"{self.title} cannot be trained.")


NO_HALO: tuple[Span, ...] = ((0, 0), (0, 0), (0, 0))


def wider(a: tuple[Span, ...], b: tuple[Span, ...]) -> tuple[Span, ...]:
    """The halo that serves two readers."""
    return tuple((max(p[0], q[0]), max(p[1], q[1])) for p, q in zip(a, b, strict=True))


_registry: dict[str, type[Layer]] = {}
_L = TypeVar("_L", bound=type[Layer])


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(whole, real, flag, choice, per_axis, sizes)
)
def layer(title: str, category: str, *, keywords: tuple[str, ...] = ()) -> Callable[[_L], _L]:
    """Registers a layer class; its kind is the name of its file."""

    def register(cls: _L) -> _L:
        frozen = attrs.frozen(kw_only=True)(cls)
        frozen.kind = cls.__module__.rpartition(".")[2]
        frozen.title, frozen.category, frozen.keywords = title, category, keywords
        _registry[frozen.kind] = frozen
        return frozen

    return register


@cache
def layers() -> Mapping[str, type[Layer]]:
    """Every layer by kind, in the palette's order."""
    package = importlib.import_module("engine.layers")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"engine.layers.{module.name}")
    return dict(sorted(_registry.items(), key=lambda item: (CATEGORIES.index(item[1].category), item[0])))


def make(kind: str, /, **settings: Any) -> Layer:
    """A layer of this kind, or a sentence that says which kinds or fields there are."""
    if kind not in layers():
        raise GraphError(f"There is no layer kind {kind!r}. {_nearest(kind, layers())}")
    cls = layers()[kind]
    unknown = sorted(set(settings) - set(cls.fields()))
    if unknown:
        raise FieldError(unknown[0], f"{kind} has no field {unknown[0]!r}. {_nearest(unknown[0], cls.fields())}")
    return cls(**settings)


def _nearest(word: str, known: Mapping[str, Any]) -> str:
    import difflib

    close = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else "There are " + ", ".join(sorted(known)) + "."
