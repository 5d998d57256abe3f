import Metrics
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Says once of each payment that its money should be at the bank by now and is not (REC-6).
struct AnnounceLatePayouts {
    let database: Database
    let ids: IdentifierSource
    /// Zone of clinics that have no other.
    let usualZone: String
    let expectations = ExpectationStore()
    let discrepancies: DiscrepancyStore
    static let batchMax = 500

    func run() async throws {
        // Where an import is under way, the next run tells it; nobody else waits for that.
        var busy: Set<OrganisationID> = []
        while try await announceSome(leaving: &busy) == Self.batchMax {}
        let late = try await database.read(organisation: nil) { transaction in
            try discrepancies.countOpen(.late, &transaction)
        }
        Gauge(label: "quittance_payouts_late").record(late)
    }

    /// Answers how many there were, of organisations that are not left out.
    private func announceSome(leaving busy: inout Set<OrganisationID>) async throws -> Int {
        let leftOut = Array(busy)
        let due = try await database.read(organisation: nil) { transaction in
            try expectations.overdue(usualZone: usualZone, except: leftOut, Self.batchMax, &transaction)
        }
        for payment in due where !busy.contains(payment.organisation) {
            let cause = Cause.step(
                "announce-late-payout", by: "late payouts", for: payment.organisation, correlation: ids.make(), ids)
            do {
                try await database.change(because: cause) { change in try announce(payment, in: &change) }
            } catch is TakenElsewhere {
                busy.insert(payment.organisation)
            }
        }
        return due.count
    }

    private func announce(_ payment: OverduePayment, in change: inout Change) throws {
        try BooksLock.share(in: &change)
        guard let expectation = try expectations.lock(payment.id, in: &change),
            try expectations.markLate(payment.id, since: payment.today, in: &change)
        else { return }
        let settlement = expectation.settlement
        guard try settlement.isLate(expectedOn: expectation.expectedOn, on: payment.today) else { return }
        try discrepancies.open(
            .late, .init(subject: "\(payment.id)", payment: payment.id, amount: try settlement.net()), in: &change)
        try change.announceLate(expectation)
    }
}
