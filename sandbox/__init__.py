"""A local stand-in for every vendor, speaking their documented protocols over real HTTP. Loopback only, never in production."""
