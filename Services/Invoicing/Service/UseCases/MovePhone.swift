import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Gives the phone number of a client to another one, since numbers change hands (INV-1).
struct MovePhone {
    let database: Database
    let audit: AuditStore
    let clients = ClientStore()

    /// Answers the client that has the number then; `replacing` says that the number it had may go.
    func run(
        from id: ClientID, to other: ClientID, replacing: Bool, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ClientAnswer> {
        try await database.change(because: cause) { change in
            guard id != other else { throw PhoneMoveRejection.sameClient }
            let (giver, taker) = try clients.lock(id, and: other, in: &change)
            guard giver.version == version else { throw StaleVersion(current: giver.version) }
            let move = try PhoneMove(from: giver.details.phone, to: taker.details.phone, replacing: replacing)
            // A number is one client's at a time: it leaves before it arrives.
            _ = try give(giver, nil, in: &change)
            return ClientAnswer(try give(taker, move.phone, in: &change))
        }
    }

    private func give(_ client: ClientRecord, _ phone: Phone?, in change: inout Change) throws -> ClientRecord {
        var changed = client
        changed.details.phone = phone
        changed.version += 1
        try clients.save(changed, in: &change)
        try audit.record(
            "phone-moved", about: client.id, before: ClientAnswer(client), after: ClientAnswer(changed), in: &change)
        change.announce(changed)
        return changed
    }
}
