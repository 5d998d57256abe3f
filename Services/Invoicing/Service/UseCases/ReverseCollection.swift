import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes money out of the books that was not received after all, such as a bounced cheque; nothing is deleted (INV-9).
struct ReverseCollection {
    let database: Database
    let audit: AuditStore
    let payments = PaymentOnAccountStore()
    let counting = CountPayment()
    let history = ArchiveStore()

    func run(
        _ id: PaymentOnAccountID, because reason: ReversalReason, on day: LocalDate, seen version: Int64,
        for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<PaymentAnswer> {
        try await database.change(because: cause) { change in
            var record = try payments.lock(id, seen: version, for: clinics, in: &change)
            let before = PaymentAnswer(record)
            let parts = try record.payment.reverse(because: reason, on: day)
            try history.days(of: record.payment, in: &change).admit(day)
            try payments.save(record.payment, in: &change)
            record.version += 1
            // What was never paid, but by a slip, was asked for all along.
            try counting.takeBack(parts, on: reason == .mistake ? nil : day, in: &change)
            change.announceReversal(record.payment, parts)
            let answer = PaymentAnswer(record)
            try audit.record(
                "payment-reversed", about: id, and: parts.map(\.debt.value), before: before, after: answer, in: &change)
            return answer
        }
    }
}
