import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Opens a discrepancy for each payout that a provider says it sent and the bank has not, after the days it may be
/// under way (REC-5); it closes itself when the payout is pointed.
struct OpenMissingPayouts {
    let database: Database
    let ids: IdentifierSource
    let windowDays: Int
    let payouts = PayoutStore()
    let discrepancies: DiscrepancyStore
    static let batchMax = 500

    func run() async throws {
        while try await openSome() == Self.batchMax {}
    }

    private func openSome() async throws -> Int {
        let missing = try await database.read(organisation: nil) { transaction in
            try payouts.missing(afterDays: windowDays, Self.batchMax, &transaction)
        }
        for (id, organisation) in missing {
            let cause = Cause.step(
                "open-missing-payout", by: "missing payouts", for: organisation, correlation: ids.make(), ids)
            try await database.change(because: cause) { change in try open(id, in: &change) }
        }
        return missing.count
    }

    private func open(_ id: PayoutID, in change: inout Change) throws {
        try BooksLock.takeAlone(in: &change)
        guard let record = try payouts.lock(id, in: &change), record.pointedBy == nil else { return }
        let payout = record.payout
        try discrepancies.open(
            .missingPayout, .init(subject: payout.reference, payout: id, amount: payout.amount), in: &change)
    }
}
