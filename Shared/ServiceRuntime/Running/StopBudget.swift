/// How long a stop may take, in one place: each part gets its time after the one before it.
///
/// First the requests in hand, up to the time a request may take; then consumers and jobs, up to one statement of the
/// message in hand; then the relay and the connections. A process that needs longer is cancelled, and whoever started
/// it must wait for both before it is killed (`stop_grace_period` of `docker-compose.yml`).
package enum StopBudget {
    /// For the relay and the connections.
    static let rest = Duration.seconds(5)

    /// How long after the limit a cancelled process may take to end.
    package static let cancellationTimeMax = Duration.seconds(5)

    /// The least time a stop needs with these settings.
    package static func timeNeeded(_ settings: Settings) -> Duration {
        settings[StandardSettings.requestTimeMax] + settings[StandardSettings.postgresStatementTimeMax] + rest
    }

    /// Refuses a time that would cut off what the other settings allow.
    package static func check(_ settings: Settings) throws(SettingsError) {
        let needed = timeNeeded(settings)
        guard settings[StandardSettings.stopTimeMax] >= needed else {
            throw SettingsError(
                StandardSettings.stopTimeMax,
                "must be at least \(needed.components.seconds)s: the times of a request "
                    + "(\(StandardSettings.requestTimeMax.name)) and of a statement "
                    + "(\(StandardSettings.postgresStatementTimeMax.name)) and \(rest.components.seconds)s")
        }
    }
}
