"""Cases: application, deregistration, suspension, demonstration, rectification, each moved by the transition table."""
