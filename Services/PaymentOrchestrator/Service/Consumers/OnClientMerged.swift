import EventContract
import TransactionalMessaging

/// Two clients were one person: what was asked of the one, or is owed by it, is the other's (INV-1).
struct OnClientMerged {
    let merge: MergeClients

    var subscription: Subscription {
        .on(ClientMergedV1.self) { event, _, change in
            try merge.run(event.clientID, into: event.intoClientID, in: &change)
        }
    }
}
