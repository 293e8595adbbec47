"""What the tests of roles, secrets and erasure share."""
