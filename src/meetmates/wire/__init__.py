"""Engine.IO v4 and Socket.IO v5, sans-I/O: text and bytes in, packets and actions out. Nothing here knows MeetMates."""
