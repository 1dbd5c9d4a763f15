"""What is shared between processes: by one process with nobody."""
