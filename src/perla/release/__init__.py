"""What is in service: the gate, deployments, roll back."""
