"""The AI back office: rows of its Postgres, read as they change and landed as versions."""
