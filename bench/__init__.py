"""The benchmark: one load, four servers, one machine. `python -m bench.run --help` says what it can do."""
