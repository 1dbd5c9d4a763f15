"""Who a person is: addresses, passwords, sign-up and sign-in, sessions, and the tokens that prove it."""
