"""Who a person is: tokens, and later passwords and the database."""
