package import PaymentModel
import PostgresClient

/// A message a consumer could not handle, or one that is held behind such a message.
package struct DeadLetter: Sendable, Hashable {
    /// Where it stands.
    package enum State: String, Sendable, CaseIterable {
        /// It failed and waits for a person.
        case parked
        /// It waits behind an earlier one of its key.
        case held
        /// It was handled after all.
        case retried
        /// A person decided that it is not to be handled.
        case discarded
    }

    /// Who settled it, when and why.
    package struct Settlement: Sendable, Hashable {
        /// When.
        package let at: Instant
        /// Who.
        package let by: String
        /// Why, where a person was asked for it.
        package let because: String?
    }

    /// Its name in commands.
    package let id: DeadLetterID
    /// The consumer group.
    package let consumer: String
    /// The event's id, where it could be read.
    package let eventID: EventID?
    /// The event's type, where it could be read.
    package let type: String?
    /// Whose data it is about, where it could be read.
    package let organisation: OrganisationID?
    /// Where it came from.
    package let topic: String
    /// Where it came from.
    package let partition: Int32
    /// Where it came from.
    package let offset: Int64
    /// The record's key.
    package let key: [UInt8]?
    /// The record's value.
    package let value: [UInt8]?
    /// The record's headers in pairs of name and value.
    package let headers: [String]
    /// Why it was parked.
    package let reason: String
    /// What led to the reason, the nearest first.
    package let causes: [String]
    /// Where it stands.
    package let state: State
    /// How often it was tried.
    package let tries: Int
    /// Since when.
    package let parkedAt: Instant
    /// How it ended, once it has.
    package let settlement: Settlement?
}

extension DeadLetter {
    static let columns: SQL = """
        id, consumer, event_id, type, organisation, topic, partition, "offset", key, value, headers, reason, causes,
        state, tries, parked_at, settled_at, settled_by, settled_because
        """

    init(_ row: Row) throws {
        let settledAt: Instant? = try row("settled_at")
        let because: String? = try row("settled_because")
        let by: String? = try row("settled_by")
        self.init(
            id: try row("id"), consumer: try row("consumer"), eventID: try row("event_id"), type: try row("type"),
            organisation: try row("organisation"), topic: try row("topic"), partition: try row("partition"),
            offset: try row("offset"), key: try row("key"), value: try row("value"), headers: try row("headers"),
            reason: try row("reason"), causes: try row("causes"), state: try row("state"), tries: try row("tries"),
            parkedAt: try row("parked_at"),
            settlement: settledAt.map { Settlement(at: $0, by: by ?? "", because: because) })
    }
}

extension DeadLetter.State: PostgresEncodable, PostgresDecodable {}
