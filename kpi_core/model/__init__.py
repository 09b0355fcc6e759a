"""What a workshop is: frozen models, equal to the workshop file (``kpi-workshop/1``)."""
