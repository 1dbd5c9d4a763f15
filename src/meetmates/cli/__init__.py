"""The operator's commands, the terminal client, the benchmark's command."""
