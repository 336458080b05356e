"""The only keys that the sandbox accepts, each in the form its vendor documents. None opens anything real."""

from __future__ import annotations

OPENROUTER_KEY = "sk-or-v1-" + "5a" * 32
PERPLEXITY_KEY = "pplx-" + "sandbox5" * 6
SEGMIND_KEY = "SG_5a5a5a5a5a5a5a5a"
ELEVENLABS_KEY = "sk_" + "5a" * 24
FIRECRAWL_KEY = "fc-" + "5a" * 16
REMOVEBG_KEY = "Sandbox5Sandbox5Sandbox5"
X_CLIENT_ID = "c2FuZGJveC1kcnVtYmVhdDoxOmNp"
X_CLIENT_SECRET = "sandbox-5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
