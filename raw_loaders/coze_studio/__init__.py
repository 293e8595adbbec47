"""The agent studio's product events: catalogue, decoding and redaction of posted bodies."""
