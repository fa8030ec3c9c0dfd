"""What is wrong with a network in training: rules over what was measured, each a sentence with numbers and a way out.

`engine.vitals` measures.  The limits stand far from what healthy networks show: their weights move by 3e-4 to 7e-3 of
their size at each step, the gradient of no layer is 30 times weaker than that of another, and none is larger than the
weights themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import floor, isnan, log10
from statistics import median

import attrs

from engine.families.activation import Activation
from engine.graph import Graph
from engine.numerals import written
from engine.settings import TrainingSettings
from engine.spec import Fix, Layer, layers

WARNING, SERIOUS = "warning", "serious"
DEAD, SATURATED, VANISHING, EXPLODING, STILL, FAST, SLOW = (
    "dead",
    "saturated",
    "vanishing",
    "exploding",
    "still",
    "fast",
    "slow",
)
FIRST_STEP = 20  # before, everything still settles
FIRST_FAST_STEP = 200  # before, an optimiser that knows no slopes yet takes its longest steps
FEWEST_READINGS = 3
SILENT_SAMPLES = 256  # a unit that has not fired for so many is dead
DEAD_SHARE, DEAD_SERIOUS = 0.65, 0.9  # small networks that learn well have lost half of a layer now and then
FLAT_SHARE, FLAT_SERIOUS = 0.6, 0.85
WEAK, STRONG = 1e-4, 30.0  # gradients: against the strongest layer's, and against the weights
USUAL_RATIO, FAST_RATIO, SLOW_RATIO = 1e-3, 0.02, 1e-6  # how far a step moves weights, against their size
UNLEARNED = 0.3  # of the first loss: below, weights may rest
RATE_KEPT = 0.1  # of the learning rate: where a schedule takes more of it away, weights may rest
CLIP_NORM = 1.0


@attrs.frozen
class Finding:
    """Something to look at, with changes that would help."""

    node: str  # the layer where it shows best
    kind: str
    severity: str
    text: str
    fixes: tuple[Fix, ...] = ()


@attrs.frozen
class Units:
    """Of a layer that can fall silent: how many outputs it has, and how many are dead."""

    count: int
    dead: int
    what: str = "units"  # or "channels"


@attrs.frozen
class WeightReading:
    """A layer's weights around one step: root mean squares."""

    size: float
    gradient: float
    update: float
    count: int

    @property
    def ratio(self) -> float:
        """How far the step moved them, against their size."""
        return self.update / self.size if self.size else 0.0

    @property
    def pull(self) -> float:
        """How much a relative change of them changes the loss: the same in all layers of a healthy chain."""
        return self.gradient * self.size * self.count


@attrs.frozen
class Reading:
    """All layers around one step."""

    step: int
    loss: float  # of the epoch so far
    rate: float  # the learning rate, as the schedule has it
    weights: Mapping[str, WeightReading]


@attrs.frozen
class Health:
    """How a network in training is."""

    step: int
    findings: tuple[Finding, ...]
    gradients: Mapping[str, float]  # of each layer with weights, by its root mean square
    ratios: Mapping[str, float]  # how far the last step moved its weights, against their size
    settled: bool = False  # whether enough has been seen to call it healthy


@attrs.frozen
class Evidence:
    """All that the rules look at."""

    graph: Graph
    settings: TrainingSettings
    readings: Sequence[Reading]
    first_loss: float
    units: Mapping[str, Units]
    flat: Mapping[str, float]  # the share of values where a bounded function is flat

    def middle(self, what: Callable[[WeightReading], float]) -> dict[str, float]:
        """The median over the readings for each layer, from the input to the output."""
        order = [node.id for node in self.graph.order if node.id in self.readings[-1].weights]
        return {name: median(what(r.weights[name]) for r in self.readings) for name in order}


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """What is wrong, the worst first."""
    found = [*_dead(evidence), *_saturated(evidence)]
    if len(evidence.readings) >= FEWEST_READINGS:
        for rule in (_exploding, _vanishing, _still, _fast, _slow):
            found += rule(evidence)
    return tuple(sorted(found, key=lambda finding: finding.severity != SERIOUS))


# --- activations -----------------------------------------------------------------------------------------------------


def _dead(evidence: Evidence) -> Iterator[Finding]:
    for name, units in evidence.units.items():
        share = units.dead / units.count
        if share >= DEAD_SHARE:
            text = (
                f"{name} is dead in {units.dead} of {units.count} {units.what} ({_percent(share)}): they have not "
                f"fired for {SILENT_SAMPLES} samples and more, and what feeds them alone cannot learn."
            )
            fixes = (*_lower_rate(evidence, 0.1), *_norm_before(evidence, name), *_replace(name, "leaky_relu"))
            yield Finding(name, DEAD, SERIOUS if share >= DEAD_SERIOUS else WARNING, text, fixes)


def _saturated(evidence: Evidence) -> Iterator[Finding]:
    for name, share in evidence.flat.items():
        layer = evidence.graph[name].layer
        if share >= FLAT_SHARE and isinstance(layer, Activation) and layer.bounds:
            low, high = map(written, layer.bounds)
            text = (
                f"{name} is saturated: {_percent(share)} of its values lie at {low} or {high}, where it is flat and "
                "lets hardly any gradient through."
            )
            fixes = (*_replace(name, "relu"), *_norm_before(evidence, name), *_lower_rate(evidence, 0.1))
            yield Finding(name, SATURATED, SERIOUS if share >= FLAT_SERIOUS else WARNING, text, fixes)


# --- gradients -------------------------------------------------------------------------------------------------------


def _vanishing(evidence: Evidence) -> Iterator[Finding]:
    pulls = evidence.middle(lambda weight: weight.pull)
    strongest = max(pulls, key=lambda name: pulls[name], default="")
    weak = [name for name, pull in pulls.items() if 0 < pull < WEAK * pulls[strongest]]
    if weak:
        gradients = evidence.middle(lambda weight: weight.gradient)
        worst = weak[0]
        others = f" {len(weak)} layers are this weak." if len(weak) > 1 else ""
        text = (
            f"The gradient vanishes on its way to {worst}: {_short(gradients[worst])} for a weight there, against "
            f"{_short(gradients[strongest])} in {strongest}.{others}"
        )
        bounded = _bounded_kinds(evidence.graph)
        fixes = tuple(
            Fix(f"Replace every {layers()[kind].title} by ReLU", "replace_all", kind, "relu") for kind in bounded
        ) or _norm_after(evidence, worst)
        yield Finding(worst, VANISHING, SERIOUS, text, fixes)


def _exploding(evidence: Evidence) -> Iterator[Finding]:
    times = evidence.middle(lambda weight: weight.gradient / weight.size if weight.size else 0.0)
    large = [name for name, value in times.items() if value > STRONG]
    if large:
        worst = max(large, key=lambda name: times[name])
        others = f", and in {len(large) - 1} other layers" if len(large) > 1 else ""
        text = (
            f"The gradient explodes: in {worst} it is {_short(times[worst])} times as large as the weights"
            f"{others}. A single step can throw them anywhere."
        )
        clip = Fix(f"Clip gradients to {written(CLIP_NORM)}", "set_setting", "clip_norm", CLIP_NORM)
        clips = () if evidence.settings.clip_norm else (clip,)
        yield Finding(
            worst, EXPLODING, SERIOUS, text, (*clips, *_lower_rate(evidence, 0.1), *_draw_anew(evidence, large))
        )


# --- steps -----------------------------------------------------------------------------------------------------------


def _still(evidence: Evidence) -> Iterator[Finding]:
    moves = evidence.middle(lambda weight: max(weight.gradient, weight.update))
    still = [name for name, move in moves.items() if not move]
    if still and evidence.readings[-1].rate:
        nearest = still[-1]
        who = f"{nearest} does not learn: its" if len(still) == 1 else f"{', '.join(still)} do not learn: their"
        text = f"{who} gradient is exactly zero. Either all weights began as zeros, or nothing behind them fires."
        began_as_zeros = [name for name in moves if _initial(evidence.graph[name].layer) == "zeros"]
        fixes = _draw_anew(evidence, began_as_zeros) or _lower_rate(evidence, 0.1)
        yield Finding(nearest, STILL, SERIOUS, text, fixes)


def _fast(evidence: Evidence) -> Iterator[Finding]:
    ratios = evidence.middle(lambda weight: weight.ratio)
    worst = max(ratios, key=lambda name: ratios[name], default="")
    if worst and ratios[worst] > FAST_RATIO and evidence.readings[0].step >= FIRST_FAST_STEP:
        text = (
            f"Every step changes the weights of {worst} by {_percent(ratios[worst])} of their size; about 0.1 % is "
            "usual. They forget faster than they learn."
        )
        yield Finding(worst, FAST, WARNING, text, _lower_rate(evidence, USUAL_RATIO / ratios[worst]))


def _slow(evidence: Evidence) -> Iterator[Finding]:
    newest, settings = evidence.readings[-1], evidence.settings
    rests = isnan(newest.loss) or newest.loss < UNLEARNED * evidence.first_loss
    ratios = {name: ratio for name, ratio in evidence.middle(lambda weight: weight.ratio).items() if ratio}
    if rests or not ratios or newest.rate < RATE_KEPT * settings.learning_rate:
        return
    fastest = max(ratios, key=lambda name: ratios[name])
    if ratios[fastest] < SLOW_RATIO:
        text = (
            f"The weights hardly move: a step changes those of {fastest} by {_short(ratios[fastest])} of their size, "
            f"and of all others by less; about {_short(USUAL_RATIO)} is usual."
        )
        rate = _rounded(settings.learning_rate * USUAL_RATIO / ratios[fastest])
        limit = TrainingSettings.fields()["learning_rate"].high or rate
        yield Finding(fastest, SLOW, WARNING, text, _set_rate("Raise", min(rate, limit)))


# --- what helps ------------------------------------------------------------------------------------------------------


def _lower_rate(evidence: Evidence, factor: float) -> tuple[Fix, ...]:
    return _set_rate("Lower", _rounded(evidence.settings.learning_rate * factor))


def _set_rate(how: str, rate: float) -> tuple[Fix, ...]:
    return (Fix(f"{how} the learning rate to {written(rate)}", "set_setting", "learning_rate", rate),) if rate else ()


def _replace(name: str, kind: str) -> tuple[Fix, ...]:
    return (Fix(f"Replace {name} by {layers()[kind].title}", "replace", value=kind),)


def _norm_before(evidence: Evidence, name: str) -> tuple[Fix, ...]:
    below = [evidence.graph[edge.source].layer for edge in evidence.graph.incoming(name)]
    if any(layer.category == "norm" for layer in below):
        return ()
    return (Fix(f"Put batch norm before {name}", "insert_before", value="batch_norm"),)


def _norm_after(evidence: Evidence, name: str) -> tuple[Fix, ...]:
    above = [evidence.graph[edge.target].layer for edge in evidence.graph.outgoing(name)]
    if len(above) != 1 or above[0].category == "norm":
        return ()
    return (Fix(f"Put batch norm after {name}", "insert_after", value="batch_norm"),)


def _draw_anew(evidence: Evidence, names: Sequence[str]) -> tuple[Fix, ...]:
    """He initialisation, where the first weights were drawn in another way."""
    chosen = next((name for name in names if _initial(evidence.graph[name].layer) not in ("", "he_normal")), None)
    if chosen is None:
        return ()
    return (Fix("Draw all first weights by He normal", "set_all", "initial", "he_normal"),)


def _initial(layer: Layer) -> str:
    return str(layer.settings().get("initial", ""))


def _bounded_kinds(graph: Graph) -> tuple[str, ...]:
    inner = (node.layer for node in graph if graph.outgoing(node.id))
    return tuple(dict.fromkeys(one.kind for one in inner if isinstance(one, Activation) and one.bounds))


# --- numbers ---------------------------------------------------------------------------------------------------------


def _rounded(rate: float) -> float:
    """One digit, as one would write it."""
    return round(rate, -floor(log10(rate))) if rate > 0 else 0.0


def _short(value: float) -> str:
    """Two digits that count."""
    return written(value, 2)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
