"""The rules of meeting: who waits, who is paired, what may be said. Pure, synchronous, standard library only."""
