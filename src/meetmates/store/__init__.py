"""What must survive a restart: the tables, the database they are in, and how it comes to be of today's form."""
