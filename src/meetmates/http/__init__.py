"""Plain HTTP beside the sockets: health, metrics, the page at the root."""
