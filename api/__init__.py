"""HTTP: validate, authorise, submit a job, read results. Thin."""
