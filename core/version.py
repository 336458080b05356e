"""The version of this code, as setup.cfg states it."""

VERSION = "0.1.0"
