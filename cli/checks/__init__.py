"""What `doctor` looks at. A check is a function that yields findings and never raises."""
