import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// What somebody at a till notes of money that is handed over (INV-7).
struct Collection: Sendable {
    /// Whose debts it is for.
    enum Whose: Sendable {
        case client(ClientID)
        /// As somebody typed it.
        case phone(String)
    }

    let whose: Whose
    let clinic: ClinicID
    let method: String
    let amount: Money
    let collectedOn: LocalDate
    let collectedBy: String?
    let payer: Payer
    let tendered: Money?
    let cheque: Cheque?
    let notes: String?
    let wish: AllocationWish
}

/// Takes money at a clinic's till, numbers its receipt and counts it for what the client owes (INV-7, INV-9).
struct CollectPayment {
    let database: Database
    let ids: IdentifierSource
    let clients = ClientStore()
    let organisations = OrganisationStore()
    let methods = MethodStore()
    let rules = RulesStore()
    let payments = PaymentOnAccountStore()
    let series = SeriesStore()
    let counting = CountPayment()
    let phones = ReadPhone()
    private var audit: AuditStore { AuditStore(ids: ids) }

    /// `clinics` are those the caller acts for.
    func run(
        _ collection: Collection, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<PaymentAnswer> {
        let id: PaymentOnAccountID = ids.make()
        return try await database.change(because: cause) { change in
            let method = try admit(collection, in: &change)
            var payment = PaymentOnAccount(
                id: id, client: try client(of: collection, in: &change), clinic: collection.clinic, method: method.code,
                amount: collection.amount, receivedOn: collection.collectedOn,
                till: TillNote(
                    kind: method.kind, payer: collection.payer, collectedBy: collection.collectedBy ?? cause.actor,
                    tendered: collection.tendered,
                    cheque: collection.cheque, notes: collection.notes))
            let parts = try counting.countForPerson(
                &payment, as: collection.wish, on: collection.collectedOn, for: clinics, in: &change)
            // The series is locked last, as for every number.
            let place = try series.next(
                .receipt, of: collection.clinic, on: .chosen(collection.collectedOn), &change)
            payment.number(place.number)
            try payments.insert(payment, receipt: ReceiptLink(payment, at: place), in: &change)
            change.announce(payment, parts)
            change.announceCollection(payment, by: method)
            let answer = PaymentAnswer(PaymentRecord(payment: payment))
            try audit.record(
                "payment-collected", about: id, and: parts.map(\.debt.value), before: nil as PaymentAnswer?,
                after: answer, in: &change)
            return answer
        }
    }

    private func admit(_ collection: Collection, in change: inout Change) throws -> PaymentMethod {
        let organisation = change.cause.organisation
        guard try organisations.hasClinic(collection.clinic, in: &change) else {
            throw NotFound.clinic(collection.clinic)
        }
        if case .anotherClient(let payer) = collection.payer, try !clients.has(payer, in: &change) {
            throw NotFound.client(payer)
        }
        guard let method = try methods.find(collection.method, of: organisation, in: &change.transaction)?.method else {
            throw CollectingRejection.methodNotUsed(collection.method)
        }
        let rules = try rules.find(of: organisation, in: &change.transaction).rules
        try rules.admit(
            collection.amount, by: method, tendered: collection.tendered, cheque: collection.cheque)
        return method
    }

    private func client(of collection: Collection, in change: inout Change) throws -> ClientID {
        switch collection.whose {
        case .client(let id):
            guard try clients.has(id, in: &change) else { throw NotFound.client(id) }
            return id
        case .phone(let text):
            let phone = try phones.run(text, at: collection.clinic, in: &change)
            guard let found = try clients.find(reference: nil, phone: phone, in: &change) else {
                throw NotFound.phone
            }
            // Found without a lock; it may have become another one meanwhile.
            _ = try clients.has(found.id, in: &change)
            return found.id
        }
    }
}
