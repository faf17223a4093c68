"""The parts of the page Productivity: workers, workstations, the factory, and trust in the cameras."""
