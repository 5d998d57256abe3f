import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Gives one client what was another's, when both were one person; who said STOP on one phone said it on all (NOT-9).
struct MergeClients: Sendable {
    let share: ShareWithdrawals
    let personal = PersonalDataStore()
    let forgotten = ForgottenClientStore()
    let forget = ForgetClient()

    func run(_ client: ClientID, into other: ClientID, in change: inout Change) throws {
        forgotten.awaitTurn(of: [client, other], in: &change)
        personal.hand(client, to: other, in: &change)
        // Events of two clients come in any order: the other may be forgotten already.
        guard try !forgotten.has(other, in: &change) else { return try forget.run(other, in: &change) }
        try personal.adopt(by: other, in: &change)
        try share.run(among: other, in: &change)
    }
}
