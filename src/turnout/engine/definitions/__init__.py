"""What a flow or task is before it runs: its options, parameters, names, file and deployments."""
