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
        while try await announceSome() == Self.batchMax {}
        let late = try await database.read(organisation: nil) { transaction in
            try discrepancies.countOpen(.late, &transaction)
        }
        Gauge(label: "quittance_payouts_late").record(late)
    }

    private func announceSome() async throws -> Int {
        let due = try await database.read(organisation: nil) { transaction in
            try expectations.overdue(usualZone: usualZone, Self.batchMax, &transaction)
        }
        var announced = 0
        for payment in due {
            let cause = Cause.step(
                "announce-late-payout", by: "late payouts", for: payment.organisation, correlation: ids.make(), ids)
            do {
                try await database.change(because: cause) { change in try announce(payment, in: &change) }
                announced += 1
            } catch is TakenElsewhere {
                // An import is under way in these books: the next run tells it.
                continue
            }
        }
        return announced
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
