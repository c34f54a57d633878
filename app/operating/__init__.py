"""What whoever runs the service sees of it: is it alive and ready, its log, its metrics. Nothing of visitors."""
