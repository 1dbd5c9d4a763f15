"""The use cases: each one step of the rules, then the outbox."""
