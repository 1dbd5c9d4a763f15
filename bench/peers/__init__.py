"""The servers that MeetMates is measured against."""
