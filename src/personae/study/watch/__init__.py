"""Hooks that come with personae, each active only where the environment asks for it, and the search for others."""

from personae.study.watch.found import BUILT_IN, find_hooks
from personae.study.watch.mlflow import MLflow, open_mlflow
from personae.study.watch.prometheus import PrometheusHook, open_prometheus
from personae.study.watch.telemetry import OpenTelemetryHook, open_telemetry
from personae.study.watch.tracker import Destination, TrackerHook
from personae.study.watch.wandb import WeightsAndBiases, open_wandb

__all__ = [
    "BUILT_IN",
    "Destination",
    "MLflow",
    "OpenTelemetryHook",
    "PrometheusHook",
    "TrackerHook",
    "WeightsAndBiases",
    "find_hooks",
    "open_mlflow",
    "open_prometheus",
    "open_telemetry",
    "open_wandb",
]
