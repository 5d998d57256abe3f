import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The client is another one by now.
struct ClientMerged: Error {
    let client: ClientID
    let into: ClientID
}

/// The client asked to be forgotten, and was (GEN-7).
struct ClientErased: Error {
    let client: ClientID
    let on: LocalDate
}

/// Whether a client is still there.
struct ClientStanding: Sendable {
    let client: ClientID
    /// The one it became.
    let mergedInto: ClientID?
    let erasedOn: LocalDate?

    init(_ row: Row) throws {
        client = try row("id")
        mergedInto = try row("merged_into")
        erasedOn = try row("erased_on")
    }

    /// The one that has what was this one's.
    var current: ClientID { mergedInto ?? client }

    /// For people, who should know with whom they have to do.
    func requirePresent() throws {
        if let erasedOn { throw ClientErased(client: client, on: erasedOn) }
        if let mergedInto { throw ClientMerged(client: client, into: mergedInto) }
    }
}
