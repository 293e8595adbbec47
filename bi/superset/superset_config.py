"""Superset's settings, read by Superset itself; `python -m bi.superset` says where its state lies.

It listens on this machine only and asks nothing of the outside.
"""

import os
from pathlib import Path

STATE = Path(os.environ["CASEBOOK_SUPERSET_STATE"])
SQLALCHEMY_DATABASE_URI = f"sqlite:///{STATE / 'superset.db'}"
SECRET_KEY = (STATE / "secret.key").read_text().strip()
APP_NAME = "Casebook"
BABEL_DEFAULT_LOCALE = "en"
LANGUAGES = {
    "en": {"flag": "us", "name": "English"},
    "zh": {"flag": "cn", "name": "中文"},
}
# Numbers go back no further than the last build: a minute of cache spares the marts.
DATA_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 60}
CACHE_CONFIG = DATA_CACHE_CONFIG
FILTER_STATE_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 86400}
EXPLORE_FORM_DATA_CACHE_CONFIG = FILTER_STATE_CACHE_CONFIG
RATELIMIT_STORAGE_URI = "memory://"
# Its pages would fetch a font and tell Superset's makers of each visit: a browser does neither.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    # Served over http on the loopback address.
    "force_https": False,
    "session_cookie_secure": False,
}
SESSION_COOKIE_SAMESITE = "Lax"
ROW_LIMIT = 10_000
