"""What is asked: scenario files that read like the plans they come from."""
