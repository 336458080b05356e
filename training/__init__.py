"""How the weights that Drumbeat ships were made; nothing here runs on a deployment."""
