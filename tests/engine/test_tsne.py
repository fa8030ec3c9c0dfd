"""t-SNE against its own mathematics: widths of neighbourhoods, slopes, and groups that stay groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.tsne import EARLY, ITERATIONS, Forces, blocks, neighbours, tsne

Array = np.ndarray[Any, Any]


def squares_of(points: Array) -> Array:
    return np.asarray(((points[:, None] - points[None]) ** 2).sum(-1), np.float32)


def near_of(squares: Array, perplexity: float) -> Array:
    found = np.concatenate([neighbours(squares[rows], rows.start, perplexity) for rows in blocks(len(squares))])
    return np.asarray((found + found.T) / (2 * len(found)), np.float64)


def divergence(near: Array, positions: Array) -> float:
    """Kullback and Leibler's, from the textbook formula."""
    close = 1 / (1 + ((positions[:, None] - positions[None]) ** 2).sum(-1))
    np.fill_diagonal(close, 0)
    there = near > 0
    return float((near[there] * np.log(near[there] / (close / close.sum())[there])).sum())


@pytest.mark.parametrize("perplexity", [2.0, 8.0, 12.0])
def test_each_neighbourhood_is_as_wide_as_was_asked_for(perplexity: float) -> None:
    squares = squares_of(np.random.default_rng(0).normal(size=(40, 5)) * np.linspace(0.1, 30, 40)[:, None])
    found = neighbours(squares[10:30], 10, perplexity).astype(np.float64)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    assert (found[np.arange(20), np.arange(10, 30)] == 0).all()
    entropy = -(found * np.log(np.maximum(found, 1e-300))).sum(axis=1)
    assert np.allclose(np.exp(entropy), perplexity, rtol=1e-3)


def test_points_at_the_same_place_are_neighbours_like_others() -> None:
    assert np.allclose(neighbours(np.zeros((6, 6), np.float32), 0, 5.0), (1 - np.eye(6)) / 5)


@pytest.mark.parametrize("points", [7, 33, 100])
@pytest.mark.parametrize("exaggeration", [1.0, 12.0])
def test_the_slope_is_that_of_the_divergence(points: int, exaggeration: float) -> None:
    rng = np.random.default_rng(points)
    near = near_of(squares_of(rng.normal(size=(points, 4))), 4.0)
    positions = rng.normal(size=(points, 2))
    slope = Forces(near.astype(np.float32)).gradient(positions.astype(np.float32), exaggeration)
    direction, step = rng.normal(size=positions.shape), 1e-5
    up, down = (divergence(near, positions + sign * step * direction) for sign in (1, -1))
    along = (up - down) / (2 * step)
    if exaggeration != 1.0:  # what is pulled harder, for itself: the divergence without the pushing of all
        own = Forces(near.astype(np.float32)).gradient(positions.astype(np.float32))
        pull = (slope - own) / (exaggeration - 1)
        close = near / (1 + ((positions[:, None] - positions[None]) ** 2).sum(-1))
        assert np.allclose(pull, 4 * (close.sum(1)[:, None] * positions - close @ positions), atol=1e-5)
    else:
        assert float((slope * direction).sum()) == pytest.approx(along, rel=2e-3, abs=1e-5)


def groups(points: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(3)
    labels = np.arange(points) % 3
    return rng.normal(size=(points, 10)) + labels[:, None] * 12.0, labels


def test_three_groups_stay_apart_and_the_same_numbers_give_the_same_map() -> None:
    points, labels = groups(150)
    squares, start = squares_of(points), np.asarray(points[:, :2] - points[:, :2].mean(0), np.float32)
    layouts = [layout for layout in tsne(squares, start, 20.0) if layout is not None]
    assert [layout.iteration for layout in layouts] == list(range(1, ITERATIONS + 1))
    last = layouts[-1].positions
    centres = np.array([last[labels == k].mean(axis=0) for k in range(3)])
    inside = max(float(np.linalg.norm(last[labels == k] - centres[k], axis=1).max()) for k in range(3))
    between = min(float(np.linalg.norm(centres[a] - centres[b])) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert between > 2 * inside
    near = near_of(squares, 20.0)
    costs = [divergence(near, layouts[i].positions.astype(np.float64)) for i in (0, EARLY, ITERATIONS - 1)]
    assert costs == sorted(costs, reverse=True)
    again = [layout for layout in tsne(squares, start, 20.0) if layout is not None]
    assert np.array_equal(again[-1].positions, last)
