"""The protocols of `wire` on real connections."""
