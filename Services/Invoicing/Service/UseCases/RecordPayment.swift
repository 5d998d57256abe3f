import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Records money received from a client and counts it for what the client owes (INV-9, INV-13).
struct RecordPayment {
    let ids: IdentifierSource
    let invoices = InvoiceStore()
    let payments = PaymentOnAccountStore()
    let clients = ClientStore()

    /// The same online payment was told twice, and not as the same; a person has to look.
    struct ToldOtherwise: Error {
        let payment: PaymentID
    }

    /// Money as it came in.
    struct Received: Sendable {
        let client: ClientID
        let clinic: ClinicID?
        let amount: Money
        let method: String
        let payment: PaymentID?
        let on: LocalDate
        /// Served first; nil: oldest first.
        let invoice: InvoiceID?
        /// Not counted for anything: money that came too late for its receivable is the client's.
        let isHeld: Bool
    }

    func run(_ received: Received, in change: inout Change) throws {
        guard try clients.has(received.client, in: &change) else { throw NotFound.client(received.client) }
        // The event's id is known from the inbox; the payment itself counts once, too (C-08).
        if let payment = received.payment, let known = try payments.lock(payment, in: &change) {
            guard known.client == received.client, known.amount == received.amount else {
                throw ToldOtherwise(payment: payment)
            }
            return
        }
        let open =
            try received.isHeld
            ? [] : invoices.lockOpen(of: received.client, in: received.amount.currency, &change)
        let plan = AllocationPlan(received.amount, over: open, first: received.invoice)
        let payment = PaymentOnAccount(
            id: ids.make(), client: received.client, clinic: received.clinic, method: received.method,
            payment: received.payment, amount: received.amount, receivedOn: received.on,
            allocations: plan.allocations, unallocated: plan.unallocated, refunded: .zero(received.amount.currency))
        try payments.insert(payment, in: &change)
        change.announce(payment)
        for allocation in plan.allocations { try allocate(allocation, of: received, &change) }
    }

    private func allocate(_ allocation: Allocation, of received: Received, _ change: inout Change) throws {
        guard var invoice = try invoices.lock(allocation.invoice, in: &change) else {
            throw NotFound.invoice(allocation.invoice)
        }
        let fact = try invoice.allocate(allocation.amount, on: received.on)
        try invoices.save(invoice, in: &change)
        change.announce(fact, about: invoice, paidBy: received.payment)
    }
}
