import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// A person accepts an online payment into the books (INV-13).
struct AcceptOnlinePayment {
    let database: Database
    let record: RecordPayment
    let audit: AuditStore
    let waiting = WaitingPaymentStore()

    /// `clinics` are those the caller acts for.
    func run(
        _ id: PaymentID, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<PaymentAnswer> {
        try await database.change(because: cause) { change in
            guard let found = try waiting.lock(id, in: &change), clinics.includes(found.received.clinic) else {
                throw NotFound.onlinePayment(id)
            }
            guard found.acceptedBy == nil else { throw PaymentAlreadyAccepted() }
            try record.run(found.received, in: &change)
            try waiting.accept(id, in: &change)
            guard let payment = try record.payments.lock(id, in: &change) else { throw NotFound.onlinePayment(id) }
            let answer = PaymentAnswer(PaymentRecord(payment: payment))
            try audit.record(
                "online-payment-accepted", about: payment.id, and: payment.allocations.map(\.debt.value),
                before: nil as PaymentAnswer?, after: answer, in: &change)
            return answer
        }
    }
}

/// Somebody accepted it before.
struct PaymentAlreadyAccepted: Error {}
