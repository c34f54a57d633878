"""Made-up rooms, honest and inflated, against which the detectors of `app.anomalies` are measured. See README.md."""
