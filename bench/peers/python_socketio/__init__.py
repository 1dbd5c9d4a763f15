"""The same events on python-socketio."""
