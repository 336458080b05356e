"""What every room needs and no room owns: settings, errors, crypto, logging. Imports nothing of ours."""
