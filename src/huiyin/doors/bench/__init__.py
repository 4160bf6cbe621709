"""Benchmarks of the product on a database of their own; ratios to the raw database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huiyin.doors.bench.clocks import bench_clocks
from huiyin.doors.bench.hooks import bench_hooks
from huiyin.doors.bench.intake import bench_accept, bench_intake
from huiyin.doors.bench.match import bench_match
from huiyin.doors.bench.pages import bench_queue
from huiyin.doors.bench.quality import bench_quality
from huiyin.doors.bench.rehearse import bench_rehearse
from huiyin.doors.bench.remedy import bench_remedy
from huiyin.doors.bench.search import bench_search, bench_similar
from huiyin.doors.bench.steps import bench_steps

BENCHES: dict[str, tuple[Callable[..., dict[str, Any]], int]] = {
    "intake": (bench_intake, 2000),
    "accept": (bench_accept, 500),
    "hooks": (bench_hooks, 3000),
    "queue": (bench_queue, 20_000),
    "clocks": (bench_clocks, 2500),
    "search": (bench_search, 100_000),
    "similar": (bench_similar, 100_000),
    "match": (bench_match, 100_000),
    "rehearse": (bench_rehearse, 2000),
    "remedy": (bench_remedy, 20_000),
    "steps": (bench_steps, 20_000),
    "quality": (bench_quality, 5000),
}
"""Name → the benchmark and its usual size."""
