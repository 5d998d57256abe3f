import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Records money that a client paid online and counts it for what the client owes (INV-9, INV-13).
struct RecordPayment {
    let ids: IdentifierSource
    let payments = PaymentOnAccountStore()
    let clients = ClientStore()
    let counting = CountPayment()

    /// The same online payment was told twice, and not as the same; a person has to look.
    struct ToldOtherwise: Error {
        let payment: PaymentID
    }

    /// An online payment in another currency than that of the books, whose sums would be silent about it; a person
    /// gives it back, or books it elsewhere.
    struct NotInEuros: Error, CustomStringConvertible {
        let payment: PaymentID
        let currency: Currency

        var description: String { "payment \(payment) is in \(currency.code), and the books are in euros" }
    }

    /// Money as it came in.
    struct Received: Sendable {
        let client: ClientID
        let clinic: ClinicID?
        let amount: Money
        let method: String
        let payment: PaymentID
        let on: LocalDate
        /// Served first; nil: oldest first.
        let debt: Debt?
        /// Not counted for anything: money that came too late for its receivable is the client's.
        let isHeld: Bool

        /// The same money, of the client that the one it names became.
        func of(_ client: ClientID) -> Received {
            Received(
                client: client, clinic: clinic, amount: amount, method: method, payment: payment, on: on,
                debt: debt, isHeld: isHeld)
        }

        /// Whether another telling means the same money.
        func isSame(client: ClientID, amount: Money) -> Bool { self.client == client && self.amount == amount }
    }

    func run(_ told: Received, in change: inout Change) throws {
        let organisation = change.cause.organisation
        let (standing, recorded) = try change.read(
            clients.standing(of: told.client, organisation), payments.lockingTerms(of: told.payment, organisation))
        let received = told.of(try clients.current(standing, of: told.client, in: &change))
        // The event's id is known from the inbox; the payment itself counts once, too (C-08).
        if let known = recorded {
            guard received.isSame(client: known.client, amount: known.amount) else {
                throw ToldOtherwise(payment: received.payment)
            }
            return
        }
        var payment = PaymentOnAccount(
            id: ids.make(), client: received.client, clinic: received.clinic, method: received.method,
            payment: received.payment, amount: received.amount, receivedOn: received.on)
        let wish: AllocationWish =
            received.isHeld ? .keep : .oldestFirst(before: received.debt)
        let parts = try counting.count(&payment, as: wish, on: received.on, in: &change)
        try payments.insert(payment, in: &change)
        change.announce(payment, parts)
    }
}
