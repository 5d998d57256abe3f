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
        // Where an import is under way, the next run opens them; nobody else waits for that.
        var busy: Set<OrganisationID> = []
        while try await openSome(leaving: &busy) == Self.batchMax {}
    }

    /// Answers how many there were, of organisations that are not left out.
    private func openSome(leaving busy: inout Set<OrganisationID>) async throws -> Int {
        let leftOut = Array(busy)
        let missing = try await database.read(organisation: nil) { transaction in
            try payouts.missing(afterDays: windowDays, except: leftOut, Self.batchMax, &transaction)
        }
        for (id, organisation) in missing where !busy.contains(organisation) {
            let cause = Cause.step(
                "open-missing-payout", by: "missing payouts", for: organisation, correlation: ids.make(), ids)
            do {
                try await database.change(because: cause) { change in try open(id, in: &change) }
            } catch is TakenElsewhere {
                busy.insert(organisation)
            }
        }
        return missing.count
    }

    private func open(_ id: PayoutID, in change: inout Change) throws {
        try BooksLock.tryAlone(in: &change)
        guard let record = try payouts.lock(id, in: &change), !record.isReceived else { return }
        let payout = record.payout
        try discrepancies.open(
            .missingPayout, .init(subject: payout.reference, payout: id, amount: payout.amount), in: &change)
    }
}
