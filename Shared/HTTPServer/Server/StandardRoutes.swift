package import Observability

/// The routes every service has.
package enum StandardRoutes {
    /// Operations that are called every few seconds and are not worth a line of log each.
    static let probes: Set<String> = ["healthLive", "healthReady", "metrics"]

    /// Who may read the metrics.
    package enum MetricsAccess: Sendable {
        /// Whoever reaches the port; amounts are sums over all organisations, so keep the port inside.
        case anyone
        /// Service accounts with the scope `metrics:read`.
        case serviceAccounts
    }

    /// Health, metrics and the description of the API.
    package static func make(
        health: HealthChecks, metrics: PrometheusMetrics, metricsAccess: MetricsAccess, openAPI: String
    ) -> [Route] {
        [
            Route(.get, "/health/live", operation: "healthLive", access: .open(because: "asked by the platform")) {
                _ in try health.live()
            },
            Route(.get, "/health/ready", operation: "healthReady", access: .open(because: "asked by the platform")) {
                _ in try await health.ready()
            },
            Route(.get, "/metrics", operation: "metrics", access: access(metricsAccess)) { _ in
                .text(.ok, metrics.exposition(), contentType: "text/plain; version=0.0.4; charset=utf-8")
            },
            Route(.get, "/openapi.json", operation: "openAPI", access: .open(because: "it is public")) { _ in
                .text(.ok, openAPI, contentType: "application/json")
            },
        ]
    }

    private static func access(_ access: MetricsAccess) -> Access {
        switch access {
        case .anyone: .open(because: "read by the collector inside")
        case .serviceAccounts: .roles([.service], scope: "metrics:read")
        }
    }
}
