"""People who harm others are stopped: blocks, reports, sanctions, appeals, and the log of who looked at what."""
