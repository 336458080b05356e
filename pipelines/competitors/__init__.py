"""Who else serves the audience, with the sources that say so."""
