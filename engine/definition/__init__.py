"""What a workflow is: frozen models of the published document and the checks of its graph."""
