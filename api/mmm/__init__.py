"""Marketing mix models over HTTP: fits, their charts, scenarios, plans, and a campaign's channel budgets from a plan."""
