"""Middleware that tracks `api.error` for web applications."""
