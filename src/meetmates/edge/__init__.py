"""Translation between the wire and the use cases: events, handlers, the outbox. No rule lives here."""
