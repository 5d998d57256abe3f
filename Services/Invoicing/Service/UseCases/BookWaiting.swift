import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Locks an online payment for whoever takes something of it away again.
struct BookWaiting {
    let record: RecordPayment
    let waiting = WaitingPaymentStore()
    let payments = PaymentOnAccountStore()

    /// A payment that still waits for a person is booked at once: as credit, of which the rest is taken.
    func lock(_ id: PaymentID, in change: inout Change) throws -> PaymentOnAccount? {
        if let found = try waiting.lock(id, in: &change), found.acceptedBy == nil {
            try record.run(found.received.held, in: &change)
            try waiting.accept(id, in: &change)
        }
        return try payments.lock(id, in: &change)
    }
}

extension RecordPayment.Received {
    /// The same money, counted for nothing.
    fileprivate var held: RecordPayment.Received {
        RecordPayment.Received(
            client: client, clinic: clinic, amount: amount, method: method, payment: payment, on: on, debt: nil,
            isHeld: true)
    }
}
