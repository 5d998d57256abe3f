import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Gives one client what was another's, when both were one person (INV-1): payments go to the one that stays, and what
/// the one that went owes leads to it, whenever it is heard of.
///
/// Mergers come in any order: one client may have become a third one already, or be erased.
struct MergeClients: Sendable {
    let forget: ForgetClient
    let clients = ClientStore()
    let personal = PersonalDataStore()

    func run(_ client: ClientID, into other: ClientID, in change: inout Change) throws {
        // Whoever asks either for a payment comes before or after it; two mergers take them in one order.
        for one in [client, other].sorted(by: { $0.value < $1.value }) { clients.holdAlone(one, in: &change) }
        let organisation = change.cause.organisation
        var staying = other
        // Whoever is waited for may have become another one by then. Nobody who holds it waits for these: they went
        // before it did.
        while let next = try change.read(clients.standing(of: staying, organisation))?.mergedInto {
            clients.holdAlone(next, in: &change)
            staying = next
        }
        guard staying != client else { return }
        clients.merge(client, into: staying, in: &change)
        personal.hand(client, to: staying, in: &change)
        guard try change.read(clients.standing(of: staying, organisation))?.isErased == true else { return }
        try forget.run(staying, in: &change)
    }
}
