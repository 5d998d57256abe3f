import Metrics
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Tells quotas of messages that have come to an end: what gateways billed is used, what is not needed is free (NOT-8).
///
/// Claims took what was promised; of that and what was billed the difference is made up here, in batches.
struct CountMessages {
    let database: Database
    let ids: IdentifierSource
    let draw: DrawOnQuota
    let quotas = QuotaStore()
    /// How many messages one change counts.
    static let batchMax = 1_000

    /// False when there was nothing to count.
    func run() async throws -> Bool {
        let organisations = try await database.read(organisation: nil) { transaction in
            try quotas.toCount(&transaction)
        }
        for organisation in organisations {
            while try await count(of: organisation) == Self.batchMax { continue }
        }
        try await watch()
        return !organisations.isEmpty
    }

    private func count(of organisation: OrganisationID) async throws -> Int {
        let cause = Cause.step(
            "count-messages", by: "count-messages", for: organisation, correlation: CorrelationID(organisation.value),
            ids)
        return try await database.change(because: cause) { change in
            let counted = try quotas.count(Self.batchMax, in: &change)
            try draw.consume(counted, in: &change)
            return counted.messages
        }.answer
    }

    private func watch() async throws {
        let all = try await database.read(organisation: nil) { transaction in try quotas.all(&transaction) }
        for (organisation, quota) in all {
            Gauge(label: "quittance_sms_quota_left", dimensions: [("organisation", organisation.description)])
                .record(quota.left)
        }
        Gauge(label: "quittance_sms_quotas_low").record(all.filter(\.quota.isLow).count)
    }
}
