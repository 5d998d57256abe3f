import PaymentModel
import TransactionalMessaging

/// Sums up the payments of organisations anew: every day, and when a person asks (REC-9).
struct RefreshStatistics {
    /// An organisation's payments are summed up as a whole.
    static let timeMax: Duration = .seconds(600)

    let database: Database
    /// How old figures may be.
    let ageMax: Duration
    let statistics = StatisticStore()

    /// All whose figures are too old, one by one.
    func run() async throws {
        let due = try await database.read(organisation: nil) { transaction in
            try statistics.due(after: Double(ageMax.components.seconds), &transaction)
        }
        for organisation in due {
            _ = try await database.patient(within: Self.timeMax).maintain(organisation: organisation) { transaction in
                try statistics.refresh(of: organisation, &transaction)
            }
        }
    }

    /// One of them.
    func run(because cause: Cause) async throws -> Applied<StatisticRunAnswer> {
        try await database.patient(within: Self.timeMax).change(because: cause) { change in
            StatisticRunAnswer(asOf: try statistics.refresh(of: cause.organisation, &change.transaction))
        }
    }
}
