"""What Prometheus is told."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from meetmates.service.measures import Histogram, Measures

GAUGES = {"connections": "People connected", "waiting": "People in the queue", "chats": "Chats that run"}


class MeasuresCollector(Collector):
    """Reads `Measures` and the sizes of the tables when asked, and costs nothing in between."""

    def __init__(self, measures: Measures, tables: Callable[[], Mapping[str, int]]) -> None:
        self._measures = measures
        self._tables = tables

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        tables = self._tables()
        for name, text in GAUGES.items():
            yield GaugeMetricFamily(f"meetmates_{name}", text, tables.get(name, 0))
        rows = GaugeMetricFamily("meetmates_table_rows", "Rows in each table", labels=["table"])
        for name, count in tables.items():
            rows.add_metric([name], count)
        yield rows
        refusals = CounterMetricFamily("meetmates_refusals", "Refusals by code", labels=["code"])
        for code, count in self._measures.refusals.items():
            refusals.add_metric([code], count)
        yield refusals
        yield CounterMetricFamily("meetmates_connects", "Connections so far", self._measures.connections_total)
        yield CounterMetricFamily("meetmates_chats_started", "Chats so far", self._measures.chats_total)
        yield _histogram(
            "meetmates_relay_seconds", "From a message's arrival to both copies written", self._measures.relay
        )
        yield _histogram("meetmates_waiting_seconds", "From joining the queue to a chat", self._measures.waiting)
        yield _histogram("meetmates_loop_lag_seconds", "How late the event loop is", self._measures.loop_lag)


def _histogram(name: str, text: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(name, text, buckets=histogram.buckets(), sum_value=histogram.sum)


def registry(measures: Measures, tables: Callable[[], Mapping[str, int]]) -> CollectorRegistry:
    """A registry of this server's own: nothing is global."""
    made = CollectorRegistry()
    made.register(MeasuresCollector(measures, tables))
    return made
