"""Where callbacks of subscribers may be: what decides it before anybody asks."""

PORTS = (80, 443, 8080, 8443)
SETTING = "websub.allowed_callbacks"  # the setting that names others
