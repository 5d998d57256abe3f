package import EventContract
package import PaymentModel
import PostgresClient
package import TransactionalMessaging

/// An aggregate of the tests was changed for the `number`-th time.
package struct ProbeNotedV1: EventPayload {
    /// On the topic of invoicing.
    package static let type = EventType(.invoicing, "probe-noted", version: 1)
    /// Counts the changes of one aggregate from 1.
    package let number: Int64

    /// Says which change it was.
    package init(number: Int64) { self.number = number }
}

/// The same under another type, which handlers do not take together.
package struct ProbeMarkedV1: EventPayload {
    /// On the topic of invoicing.
    package static let type = EventType(.invoicing, "probe-marked", version: 1)
    /// Counts the changes of one aggregate from 1.
    package let number: Int64

    /// Says which change it was.
    package init(number: Int64) { self.number = number }
}

/// A consumer of the tests has done what it does about a ``ProbeNotedV1``.
package struct ProbeAnsweredV1: EventPayload {
    /// On the topic of payments.
    package static let type = EventType(.payments, "probe-answered", version: 1)
    /// The number it answers.
    package let number: Int64

    /// Answers a number.
    package init(number: Int64) { self.number = number }
}

/// A service in miniature: aggregates that count, events that say so, a consumer that notes what it saw.
///
/// What was written and what came of it are in tables without any uniqueness, so nothing hides a doubled effect.
package enum Probe {
    /// Its tables.
    package static let migrations = [
        Migration(
            "0001-probe",
            """
            CREATE TABLE thing (subject uuid PRIMARY KEY, number bigint NOT NULL);
            CREATE TABLE written (subject uuid NOT NULL, number bigint NOT NULL);
            CREATE TABLE effect (
                id bigint GENERATED ALWAYS AS IDENTITY, consumer text NOT NULL, event_id uuid NOT NULL,
                subject uuid NOT NULL, number bigint NOT NULL
            );
            CREATE TABLE poison (subject uuid NOT NULL, number bigint NOT NULL);
            CREATE TABLE taken (organisation uuid NOT NULL);
            CREATE TABLE handed (facts int NOT NULL);
            """)
    ]

    /// The organisation that is meant where none is named, and another one.
    package static let organisation = OrganisationID(0xA11CE)
    package static let otherOrganisation = OrganisationID(0xB0B)

    /// The aggregate of this number.
    package static func subject(_ number: Int) -> PaymentID { PaymentID(UInt128(number + 1)) }

    /// A cause that is the same whenever the run is the same.
    package static func cause(run: String, of organisation: OrganisationID = organisation) -> Cause {
        Cause(
            .job(name: "probe", run: run), organisation: organisation, actor: "probe",
            correlation: CorrelationID(0xC0))
    }

    /// Changes one aggregate and announces it; harmless to repeat for the same run.
    @discardableResult
    package static func note(
        _ subject: PaymentID, of organisation: OrganisationID = organisation, run: String, inTwoTypes: Bool = false,
        in database: Database
    ) async throws -> Applied<Int64> {
        try await database.change(because: cause(run: run, of: organisation)) { change in
            try note(subject, inTwoTypes: inTwoTypes, in: &change)
        }
    }

    /// Changes one aggregate and announces it; in two types every second change is a ``ProbeMarkedV1``.
    @discardableResult
    package static func note(
        _ subject: PaymentID, inTwoTypes: Bool = false, in change: inout Change
    ) throws -> Int64 {
        let number: Int64 = try change.one(
            """
            INSERT INTO thing (subject, number) VALUES (\(subject), 1)
            ON CONFLICT (subject) DO UPDATE SET number = thing.number + 1 RETURNING number
            """
        ) { row in try row("number") }
        try change.execute("INSERT INTO written (subject, number) VALUES (\(subject), \(number))")
        if inTwoTypes, number.isMultiple(of: 2) {
            change.announce(ProbeMarkedV1(number: number), about: subject)
        } else {
            change.announce(ProbeNotedV1(number: number), about: subject)
        }
        return number
    }

    /// Notes an effect for each event, whether those noted are taken together or not.
    ///
    /// It throws for as long as the event is listed in `poison`, and says that it is not its turn for as long as its
    /// organisation is in `taken`. Each time some are taken together, `handed` says how many.
    package static func consumer(
        _ group: String, order: Consumer.Order = .passOthers, together: Bool = false
    ) -> Consumer {
        let alone = Subscription.on(ProbeNotedV1.self) { noted, envelope, change in
            try answer(noted.number, envelope, of: group, in: &change)
        }
        let noted = Subscription.together(ProbeNotedV1.self) { facts, change in
            try change.execute("INSERT INTO handed (facts) VALUES (\(Int32(facts.count)))")
            for fact in facts {
                change.turn(to: fact)
                try answer(fact.event.number, fact.envelope, of: group, in: &change)
            }
        }
        let marked = Subscription.on(ProbeMarkedV1.self) { marked, envelope, change in
            try answer(marked.number, envelope, of: group, in: &change)
        }
        return Consumer(
            group: group, topics: [.invoicing], order: order, subscriptions: [together ? noted : alone, marked])
    }

    private static func answer(
        _ number: Int64, _ envelope: EventEnvelope, of group: String, in change: inout Change
    ) throws {
        let (poisoned, taken): (Bool, Bool) = try change.one(
            """
            SELECT EXISTS (SELECT FROM poison WHERE subject = \(envelope.subject) AND number = \(number))
                AS poisoned, EXISTS (SELECT FROM taken WHERE organisation = \(envelope.organisation)) AS taken
            """
        ) { row in (try row("poisoned"), try row("taken")) }
        guard !taken else { throw TakenElsewhere("the things", of: envelope.organisation) }
        guard !poisoned else { throw Poisoned(number: number) }
        try change.execute(
            """
            INSERT INTO effect (consumer, event_id, subject, number)
            VALUES (\(group), \(envelope.id), \(envelope.subject), \(number))
            """)
        change.announce(ProbeAnsweredV1(number: number), about: PaymentID(envelope.subject))
    }

    /// The handler's own failure.
    package struct Poisoned: Error {
        /// The number it refused.
        package let number: Int64

        /// Refuses a number.
        package init(number: Int64) { self.number = number }
    }
}
