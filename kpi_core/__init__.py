"""The KPI workshop's core: model, arithmetic, data, guidance, storage and use cases, without any user interface."""
