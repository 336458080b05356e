"""HTML that people see of the played vendors."""
