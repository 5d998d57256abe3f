import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Makes what was put away of a payment the client's credit again (INV-12).
struct RestoreCredit: Sendable {
    let audit: AuditStore
    let history = ArchiveStore()

    /// What moves again was put away too early; nothing happens to a payment that was not put away.
    func run(_ payment: inout PaymentOnAccount, on day: LocalDate?, in change: inout Change) throws {
        guard payment.archived != nil else { return }
        let before = PaymentTrace(payment)
        try takeOut(&payment, on: day, in: &change)
        try audit.record(
            "payment-restored", about: payment.id, before: before, after: PaymentTrace(payment), in: &change)
    }

    /// For whom leaves a trace of it; the payment must have been put away.
    func takeOut(_ payment: inout PaymentOnAccount, on day: LocalDate?, in change: inout Change) throws {
        change.announceRestoration(payment, try payment.restore())
        history.noteRestored(payment, on: day, in: &change)
    }
}
