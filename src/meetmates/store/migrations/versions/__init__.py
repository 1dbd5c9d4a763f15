"""One file for each step, in the words of its day: a step never imports the schema, which moves on."""
