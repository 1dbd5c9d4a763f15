"""Fixtures for every room."""

pytest_plugins = ["tests.support.databases"]
