"""The siting proposal: what stands in it (`letter`, `annexes`), and how it is set (`docx`, `pdf`)."""
