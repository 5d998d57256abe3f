import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Who said STOP on one phone said it on all: run whenever a number becomes known to be a client's (NOT-9).
struct ShareWithdrawals: Sendable {
    static let proof = "the client had said STOP under another number"
    let ids: IdentifierSource
    let time: TimeSource
    let personal = PersonalDataStore()
    let consents = ConsentStore()

    func run(among client: ClientID, in change: inout Change) throws {
        let phones = try personal.phones(of: client, in: &change)
        let decisions = try consents.decisions(of: phones, in: change.cause.organisation, &change.transaction)
        guard decisions.values.contains(false) else { return }
        // A number that was never asked has not agreed either way: nothing is to be withdrawn there.
        let agreed = phones.filter { decisions[$0] == true }
        for phone in agreed {
            try consents.add(
                ConsentRecord(
                    id: ids.make(), channel: .sms, address: phone, decision: .withdrawn, proof: Self.proof,
                    decidedAt: time.now()), in: &change)
        }
        if !agreed.isEmpty { change.announce(RecipientOptedOutV1(clientID: client, channel: .sms), about: client) }
    }
}
