import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Who said STOP on one phone said it on all, whether its client was known then or becomes known later (NOT-9).
struct ShareWithdrawals: Sendable {
    static let proof = "the client had said STOP under another number"
    let ids: IdentifierSource
    let time: TimeSource
    let personal = PersonalDataStore()
    let consents = ConsentStore()

    /// Whenever a number becomes known to be a client's.
    func run(among client: ClientID, in change: inout Change) throws {
        let phones = try personal.phones(of: client, in: &change)
        let decisions = try consents.decisions(of: phones, in: change.cause.organisation, &change.transaction)
        guard decisions.values.contains(false) else { return }
        // A number that was never asked has not agreed either way: nothing is to be withdrawn there.
        let agreed = phones.filter { decisions[$0] == true }
        try withdraw(agreed, at: time.now(), in: &change)
        if !agreed.isEmpty { change.announce(RecipientOptedOutV1(clientID: client, channel: .sms), about: client) }
    }

    /// Whenever a number says STOP: what its clients had agreed to by then under others is withdrawn.
    ///
    /// Each is told of once: when it `isNews` of this number, and when there was something to withdraw under another.
    func run(from phone: String, at decidedAt: Instant, isNews: Bool, in change: inout Change) throws {
        for client in try personal.clients(of: phone, in: &change) {
            let phones = try personal.phones(of: client, in: &change)
            let agreed = try consents.agreed(phones, by: decidedAt, in: change.cause.organisation, &change.transaction)
            try withdraw(agreed, at: decidedAt, in: &change)
            guard isNews || !agreed.isEmpty else { continue }
            change.announce(RecipientOptedOutV1(clientID: client, channel: .sms), about: client)
        }
    }

    private func withdraw(_ phones: [String], at decidedAt: Instant, in change: inout Change) throws {
        for phone in phones {
            try consents.add(
                ConsentRecord(
                    id: ids.make(), channel: .sms, address: phone, decision: .withdrawn, proof: Self.proof,
                    decidedAt: decidedAt), in: &change)
        }
    }
}
