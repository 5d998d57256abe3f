#!/usr/bin/env python3
"""docker-compose.yml for an engine without a bridge and without a registry, on standard output.

Every container shares the host's network and listens on 127.0.0.1 only; PostgreSQL and the broker are the images that
deploy/containers/check builds. The proxy is left out, for without a bridge there is no name server to ask and no second
container of a service: each listens on the proxy's port of it. Everything else - images, commands, secrets, health
checks, order - stays as it is.
"""
import argparse
import sys

import yaml

# As in deploy/local/services.sh: those of the services from the base on; the worker answers for its health only.
PORTS = {"invoicing": 1, "payment-orchestrator": 2, "notification": 3, "reconciliation": 4}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ports", type=int, default=8100, help="base of all ports, as LOCAL_PORT_BASE")
    parser.add_argument("--sandbox", required=True, help="URL of the stand-ins of the outside world")
    parser.add_argument("--mail-authority", required=True, help="file with the mail server's certificate authority")
    options = parser.parse_args()
    base = options.ports
    composed = yaml.safe_load(sys.stdin)
    composed.pop("networks")
    composed["services"].pop("proxy")
    for name, service in composed["services"].items():
        service.pop("networks", None)
        service.pop("build", None)
        service["network_mode"] = "host"
        # Services that share an anchor share its mapping; each needs ports of its own.
        environment = service["environment"] = dict(service.get("environment", {}))
        if "QUITTANCE_POSTGRES_HOST" in environment:
            environment.update({
                "QUITTANCE_HTTP_HOST": "127.0.0.1", "QUITTANCE_HTTP_PORT": str(base + PORTS.get(name, 5)),
                "QUITTANCE_POSTGRES_HOST": "127.0.0.1", "QUITTANCE_POSTGRES_PORT": str(base + 20),
                "QUITTANCE_KAFKA_SERVERS": f"127.0.0.1:{base + 21}",
                # The embedded broker knows neither the settings of topics nor long sessions.
                "QUITTANCE_KAFKA_TOPICS": "ignore", "QUITTANCE_KAFKA_SESSION_TIME": "6s",
                "QUITTANCE_KAFKA_PROPERTIES": "fetch.wait.max.ms=20,heartbeat.interval.ms=1000"})
        for neighbour, place in [("QUITTANCE_INVOICING_URL", 1), ("QUITTANCE_PAYMENTS_URL", 2)]:
            if neighbour in environment:
                environment[neighbour] = f"http://127.0.0.1:{base + place}"
        outside(name, service, environment, options)
    yaml.safe_dump(composed, sys.stdout, sort_keys=False)


def outside(name, service, environment, options):
    """What lies outside the services: the storage's ports and the stand-ins' addresses."""
    base = options.ports
    if name == "postgres":
        environment.update({"PGPORT": str(base + 20), "POSTGRES_LISTEN": "127.0.0.1"})
        service["healthcheck"]["test"] = ["CMD-SHELL", f"pg_isready -h 127.0.0.1 -p {base + 20} -U postgres"]
    elif name == "kafka":
        service.update({"command": ["--port", str(base + 21)], "environment": {}, "volumes": []})
        service["healthcheck"]["test"] = ["CMD", "bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{base + 21}"]
    elif name == "invoicing":
        environment["QUITTANCE_PUBLIC_URL"] = f"http://127.0.0.1:{base + 2}"
    elif name.startswith("payment-orchestrator"):
        environment.update({"QUITTANCE_PUBLIC_URL": f"http://127.0.0.1:{base + 2}",
                            "QUITTANCE_PROVIDER_MODE": "test",
                            "QUITTANCE_ALMA_TEST_URL": f"{options.sandbox}/alma",
                            "QUITTANCE_STRIPE_URL": f"{options.sandbox}/stripe",
                            "QUITTANCE_PAYPAL_TEST_URL": f"{options.sandbox}/paypal",
                            "QUITTANCE_PAYPAL_CERTIFICATES_URL": f"{options.sandbox}/paypal/v1/notifications/certs"})
    elif name.startswith("notification"):
        environment.update({
            "QUITTANCE_SMSFACTOR_URL": f"{options.sandbox}/smsfactor", "QUITTANCE_SMTP_HOST": "localhost",
            "QUITTANCE_SMTP_PORT": str(base + 12), "QUITTANCE_SMTP_CERTIFICATE_AUTHORITY": "/mail-authority.pem",
            # Nobody real is written to from here, and the day's campaigns would wait for Monday on a Sunday.
            "QUITTANCE_REHEARSAL_DAY": "2026-11-24"})
        service.setdefault("volumes", []).append(f"{options.mail_authority}:/mail-authority.pem:ro")


if __name__ == "__main__":
    main()
