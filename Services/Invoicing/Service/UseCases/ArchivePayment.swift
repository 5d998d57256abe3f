import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Puts away credit that follows no debt any more, or takes it back out; it stays to be seen (INV-12).
struct ArchivePayment {
    let database: Database
    let audit: AuditStore
    let payments = PaymentOnAccountStore()
    let history = ArchiveStore()
    private var restoring: RestoreCredit { RestoreCredit(audit: audit) }

    /// What somebody says who puts credit away.
    struct Wish: Sendable {
        let on: LocalDate
        let reason: String?
    }

    func archive(
        _ id: PaymentOnAccountID, _ wish: Wish, seen version: Int64, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<PaymentAnswer> {
        try await change(id, "payment-archived", seen: version, for: clinics, because: cause) { payment, change in
            let amount = payment.unallocated
            let days = try history.days(of: payment, in: &change)
            try payment.archive(on: wish.on, within: days, because: wish.reason)
            history.noteArchived(payment, in: &change)
            change.announceArchive(payment, amount)
        }
    }

    func restore(
        _ id: PaymentOnAccountID, seen version: Int64, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<PaymentAnswer> {
        try await change(id, "payment-restored", seen: version, for: clinics, because: cause) { payment, change in
            try restoring.takeOut(&payment, on: nil, in: &change)
        }
    }

    private func change(
        _ id: PaymentOnAccountID, _ action: String, seen version: Int64, for clinics: ClinicAccess,
        because cause: Cause, _ body: @escaping @Sendable (inout PaymentOnAccount, inout Change) throws -> Void
    ) async throws -> Applied<PaymentAnswer> {
        try await database.change(because: cause) { change in
            var record = try payments.lock(id, seen: version, for: clinics, in: &change)
            let before = PaymentAnswer(record)
            try body(&record.payment, &change)
            try payments.save(record.payment, in: &change)
            record.version += 1
            let answer = PaymentAnswer(record)
            try audit.record(action, about: id, before: before, after: answer, in: &change)
            return answer
        }
    }
}
