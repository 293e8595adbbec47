"""Telemetry of Qwen Code: outfiles, OTLP bodies and chat recordings, to records.

Pure: bytes in, records out. What lands and under which identity is the decoder's matter.
"""
