"""What the service has done, for Prometheus; several workers write together where they share a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from perla.app.web.desk import Desk

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name for it
SECONDS = (0.005, 0.01, 0.015, 0.03, 0.06, 0.15, 0.3, 1.0, 3.0, 10.0, 30.0)


@dataclass
class Measures:
    """Counts of one app. Routes are told by their pattern and never by what a caller wrote, so there are few."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    markets: Gauge = field(init=False)
    refused: Gauge = field(init=False)
    _desk: Desk | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        told, own = ("method", "route", "status"), self.registry
        self.requests = Counter("perla_requests", "Requests answered", told, registry=own)
        self.seconds = Histogram(
            "perla_request_seconds", "Time to the end of the answer", ("route",), buckets=SECONDS, registry=own
        )
        self.markets = Gauge("perla_markets", "Markets in service", registry=own, multiprocess_mode="livemostrecent")
        self.refused = Gauge(
            "perla_editions_refused", "Newest editions not used", registry=own, multiprocess_mode="livemostrecent"
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request answered."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def follow(self, desk: Desk) -> None:
        """Tell of this desk."""
        self._desk = desk

    def text(self) -> bytes:
        """Of all workers together, as Prometheus reads it."""
        if self._desk is not None:
            self.markets.set(len(self._desk.markets()))
            self.refused.set(len(self._desk.refusals()))
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self.registry)
        from prometheus_client.multiprocess import MultiProcessCollector

        together = CollectorRegistry()
        MultiProcessCollector(together)
        return generate_latest(together)
