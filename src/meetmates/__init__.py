"""MeetMates: two people of one campus who do not know each other meet."""

__version__ = "0.1.0"
