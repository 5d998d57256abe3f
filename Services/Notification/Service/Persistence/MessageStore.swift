import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What a fact asks for.
struct MessageRequest: Sendable {
    let occasion: Occasion
    let channel: Channel
    let lane: Lane
    let dedupKey: String
    let matter: Matter
    /// Nil for somebody of the directory whom the books do not know.
    let client: ClientID?
    let clinic: ClinicID?
    let facts: String
    /// When it is too late, as far as the fact says; the age at which any message is too old counts besides.
    var expiresAt: Instant?
    /// When it should leave; nil: at once.
    var dueAt: Instant?
    /// Somebody of the directory who hears of it besides the client; nil: it is the client's.
    var contact: ContactID?
    /// Whose payment it is, where somebody else hears of it.
    var about: ClientID?

    /// Who must not be forgotten for it to be written.
    var clients: [ClientID] { [client, about].compactMap { $0 } }
}

/// A message with what its next step needs.
struct MessageRecord: Sendable {
    var message: Message
    let organisation: OrganisationID
    let clinic: ClinicID?
    let occasion: Occasion
    let channel: Channel
    let lane: Lane
    let matter: Matter
    /// Nil for somebody of the directory whom the books do not know.
    let client: ClientID?
    let contact: ContactID?
    let facts: String
    let address: String?
    let subject: String?
    let body: String?
    let reason: String?
    let parts: Int?
    /// What it has of its quota.
    var held: HeldParts
    let createdAt: Instant
    /// When it should have left; nil where nobody waits for it at a time of its own.
    let dueAt: Instant?
    let leftAt: Instant?
    /// For the hours in which it may leave, or for its time; nil for what may leave, or is tried again in a while.
    let waitsUntil: Instant?
    /// How much later it left, or leaves; negative before its time, nil when it will not leave.
    let secondsLate: Int64?
    /// Whether it would come too late.
    let isExpired: Bool
    /// Until it would; negative from then on.
    var secondsLeft: Int64
    /// False when it was called off while its call was open.
    let isWanted: Bool
    /// The gateway it is to leave through, or was called for it last.
    let route: String
    /// The gateway that took it; nil while none is known to have it.
    let gateway: String?
    let purpose: Purpose
    /// The name a phone shows; nil: the organisation's.
    let sender: SenderName?
    /// The one it is written in, once it is.
    let language: Language?

    /// Whom it is for, without saying who that is.
    var recipient: SubjectID { SubjectID(client?.value ?? contact?.value ?? message.id.value) }

    /// The gateway that has it, or may have it; what others say became of it is of a try before.
    var holder: String? {
        switch message.state {
        case .sent: gateway
        case .claimed, .uncertain: route
        case .requested, .ready, .delivered, .failed, .calledOff: nil
        }
    }

    /// Whether it left, or would leave, longer than this after it was due.
    func isLate(after time: Duration) -> Bool { secondsLate.map { $0 > time.seconds } ?? false }
}

/// The messages.
struct MessageStore {
    private let forgotten = ForgottenClientStore()

    /// False when the fact asked before, or its client is forgotten.
    func insert(
        _ request: MessageRequest, as id: MessageID, ageMax: Duration, in change: inout Change
    ) throws -> Bool {
        try change.execute(
            """
            INSERT INTO message (id, organisation, clinic, occasion, channel, lane, dedup_key, payment, invoice,
                receivable, payment_on_account, client, contact, facts, state, due_at, next_try_at,
                waits_since, expires_at)
            SELECT \(id), \(change.cause.organisation), \(request.clinic), \(request.occasion.rawValue),
                \(request.channel.rawValue), \(request.lane.rawValue), \(request.dedupKey),
                \(request.matter.payment), \(request.matter.invoice), \(request.matter.receivable),
                \(request.matter.paymentOnAccount),
                \(request.client), \(request.contact), \(request.facts),
                \(Message.State.requested.rawValue), coalesce(\(request.dueAt), now()), coalesce(\(request.dueAt), now()),
                coalesce(\(request.dueAt), now()),
                least(\(request.expiresAt), now() + \(ageMax.seconds) * interval '1 second')
            WHERE NOT \(forgotten.holds(anyOf: request.clients, of: change.cause.organisation))
            ON CONFLICT ON CONSTRAINT message_once DO NOTHING
            """) == 1
    }

    func lock(_ id: MessageID, in change: inout Change) throws -> MessageRecord? {
        try change.read(locking(id))
    }

    /// Locks a message until the change ends; nil when there is none.
    func locking(_ id: MessageID) -> Query<MessageRecord?> {
        .first("SELECT \(Self.columns) FROM message WHERE id = \(id) FOR UPDATE", read)
    }

    /// Locks the messages a condition holds for.
    func locking(where condition: SQL) -> Query<[MessageRecord]> {
        .all("SELECT \(Self.columns) FROM message WHERE \(condition) ORDER BY id FOR UPDATE", read)
    }

    func find(_ id: MessageID, _ transaction: inout PostgresTransaction) throws -> MessageRecord? {
        try transaction.first("SELECT \(Self.columns) FROM message WHERE id = \(id)", read)
    }

    /// What is kept of what it says; nil where nothing is, or its client was erased while it was called.
    func proof(of id: MessageID, _ transaction: inout PostgresTransaction) throws -> String? {
        try transaction.first(
            "SELECT proof FROM message WHERE id = \(id) AND proof IS NOT NULL AND NOT is_to_forget"
        ) { row in try row("proof") as String }
    }

    /// Nil for `matter`, `client`, `state` or `clinics` stands for all of them.
    func list(
        of organisation: OrganisationID, about matter: Matter?, to client: ClientID?, in state: Message.State?,
        clinics: [ClinicID]?, before id: MessageID, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [MessageRecord] {
        let condition: SQL = matter.map(only) ?? "true"
        let isTheirs: SQL = client.map { "client = \($0)" } ?? "true"
        // Written out, so that an index of those in one state is seen to fit.
        let isThere: SQL = state.map { "state = '\(unescaped: $0.rawValue)'" } ?? "true"
        // A campaign's are found first: those of an old one are behind everybody's newer ones in the order of all.
        let found: SQL = "(SELECT * FROM message WHERE \(condition) AND \(isThere) OFFSET 0) AS message"
        let source: SQL = if case .campaign = matter { found } else { "message" }
        return try transaction.query(
            """
            SELECT \(Self.columns) FROM \(source) WHERE organisation = \(organisation) AND id < \(id)
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
                AND \(condition) AND \(isTheirs) AND \(isThere)
            ORDER BY id DESC LIMIT \(Int64(rows))
            """, read)
    }

    private func only(about matter: Matter) -> SQL {
        switch matter {
        case .payment(let id): "payment = \(id)"
        case .invoice(let id): "invoice = \(id)"
        case .receivable(let id): "receivable = \(id)"
        case .paymentOnAccount(let id): "payment_on_account = \(id)"
        case .campaign(let id): "campaign = \(id)"
        }
    }

    /// Messages about something that have not left, also those of which nobody knows whether they did.
    func lockingUnsent(about matter: Matter, _ occasions: [Occasion]) -> Query<[MessageRecord]> {
        locking(
            where: """
                \(only(about: matter)) AND occasion = ANY(\(occasions.map(\.rawValue)))
                    AND state IN ('requested', 'ready', 'claimed', 'uncertain')
                """)
    }

    /// Whether the link of a payment left with a message, as far as anybody knows.
    func hasBroughtLink(of payment: PaymentID, in change: inout Change) throws -> Bool {
        let occasions = [Occasion.paymentLink, .paymentReminder].map(\.rawValue)
        let left: SQL = "state IN ('claimed', 'sent', 'delivered', 'uncertain')"
        return try change.one(
            """
            SELECT EXISTS (SELECT FROM message WHERE payment = \(payment) AND occasion = ANY(\(occasions)) AND \(left))
                OR EXISTS (SELECT FROM message WHERE carried_payment = \(payment) AND \(left)) AS has_left
            """
        ) { row in try row("has_left") }
    }

    /// The reason belongs to the state: a new state without one has none.
    ///
    /// What arrived though its only call was not answered left with that call.
    func save(_ message: Message, reason: String? = nil, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE message SET state = \(message.state.rawValue), tries = \(Int32(message.tries)),
                reason = \(reason), \(words(of: message)),
                left_at = CASE WHEN \(message.state == .delivered) AND state = 'uncertain' AND tries = 1
                    THEN coalesce(left_at, claimed_at) ELSE left_at END
            WHERE id = \(message.id)
            """)
    }

    /// Saves one that was just claimed, with the parts that were taken for it.
    func saveClaimed(_ record: MessageRecord, in change: inout Change) {
        change.executeLater(
            """
            UPDATE message SET state = \(record.message.state.rawValue), tries = \(Int32(record.message.tries)),
                reason = NULL, claimed_at = now(), reserved_parts = \(Int32(record.held.promised)),
                taken_parts = \(Int32(record.held.taken))
            WHERE id = \(record.message.id)
            """)
    }

    /// Words that will not be sent any more go; with its client erased while it was called, everything personal does.
    private func words(of message: Message) -> SQL {
        let isGone: SQL = "is_to_forget AND \(message.state != .ready && message.state != .claimed)"
        return """
            body = CASE WHEN \(message.needsText) AND NOT (\(isGone)) THEN body END,
            address = CASE WHEN NOT (\(isGone)) THEN address END, subject = CASE WHEN NOT (\(isGone)) THEN subject END,
            proof = CASE WHEN NOT (\(isGone)) THEN proof END
            """
    }

    /// Its client is erased and its call is open: with its outcome it is forgotten.
    func forgetWhenCalled(_ id: MessageID, in change: inout Change) {
        change.executeLater("UPDATE message SET is_wanted = false, is_to_forget = true WHERE id = \(id)")
    }

    /// Whatever becomes of its call, the message is not tried again.
    func giveUp(_ id: MessageID, in change: inout Change) throws {
        change.executeLater("UPDATE message SET is_wanted = false WHERE id = \(id)")
    }

    /// Saves a message that has its words now; of the parts of an SMS so many are `promised`, and none taken.
    ///
    /// It keeps its place: what was due earlier leaves earlier, however long it took to write.
    func complete(
        _ message: Message, address: String, _ text: MessageText, promised: Int, by route: String,
        in change: inout Change
    ) {
        change.executeLater(
            """
            UPDATE message SET state = \(message.state.rawValue), tries = \(Int32(message.tries)), reason = NULL,
                address = \(address), subject = \(text.subject), body = \(text.body), proof = \(text.proof),
                language = \(text.language.rawValue),
                route = \(route), planned_parts = \(Int32(text.parts)),
                reserved_parts = \(Int32(promised)), taken_parts = 0, is_counted = channel <> 'sms'
            WHERE id = \(message.id)
            """)
    }

    /// Saves a message together with what the gateway that took it said.
    func save(_ message: Message, takenBy taken: Taken, in change: inout Change) {
        change.executeLater(
            """
            UPDATE message SET state = \(message.state.rawValue), tries = \(Int32(message.tries)), reason = NULL,
                \(words(of: message)), gateway = \(taken.gateway),
                gateway_reference = \(taken.reference), parts = \(Int32(taken.parts)), left_at = now()
            WHERE id = \(message.id)
            """)
    }

    /// The same for one whose state has had its last word; what another gateway said since stands.
    func keep(_ taken: Taken, of id: MessageID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE message SET gateway = coalesce(gateway, \(taken.gateway)),
                gateway_reference = CASE WHEN gateway IS NULL THEN \(taken.reference) ELSE gateway_reference END,
                parts = coalesce(parts, \(Int32(taken.parts))), left_at = coalesce(left_at, now()), \(Self.countingAnew)
            WHERE id = \(id)
            """)
    }

    /// A gateway took it without saying how many parts it bills: it is those the words make.
    func countParts(of id: MessageID, in change: inout Change) {
        change.executeLater(
            "UPDATE message SET parts = coalesce(parts, planned_parts), \(Self.countingAnew) WHERE id = \(id)")
    }

    /// Where it gets its parts after its quota was told that nobody bills any, the quota is told once more.
    ///
    /// What was promised to it, or taken for it, was taken back then.
    static let countingAnew: SQL = """
        reserved_parts = CASE WHEN is_counted THEN 0 ELSE reserved_parts END,
        taken_parts = CASE WHEN is_counted THEN 0 ELSE taken_parts END, \(isStillCounted)
        """

    /// That nobody bills any parts is no last word about one that may leave, or may have left.
    private static let isStillCounted: SQL = "is_counted = is_counted AND (parts IS NOT NULL OR channel <> 'sms')"

    /// What a gateway said that took a message.
    struct Taken: Sendable {
        let gateway: String
        let reference: String?
        let parts: Int
    }

    /// Puts the next try of what was not prepared or not taken off into the future.
    func postpone(_ id: MessageID, bySeconds seconds: Int64, reason: String, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE message SET next_try_at = now() + \(seconds) * interval '1 second', reason = \(reason)
            WHERE id = \(id)
            """)
    }

    /// What a person has sent again has waited since then only.
    func waitAnew(_ id: MessageID, in change: inout Change) {
        change.executeLater("UPDATE message SET waits_since = now() WHERE id = \(id)")
    }

    /// Keeps it ready until a moment on the clinic's wall, which is when it should leave; for a minute at the least.
    func hold(
        _ id: MessageID, until day: LocalDate, _ time: LocalTime, in zone: String, _ change: inout Change
    ) throws {
        change.executeLater(
            """
            UPDATE message SET reason = 'held until it may be sent', next_try_at = moment.at, waits_since = moment.at,
                due_at = CASE WHEN due_at IS NOT NULL THEN moment.at END
            FROM (SELECT greatest(
                (\(day)::date + \(Int32(time.minutes)) * interval '1 minute') AT TIME ZONE \(zone),
                now() + interval '1 minute') AS at) AS moment
            WHERE id = \(id)
            """)
    }

    /// Sends it through another gateway the next time.
    func route(_ id: MessageID, by route: String, in transaction: inout PostgresTransaction) throws {
        transaction.executeLater("UPDATE message SET route = \(route) WHERE id = \(id)")
    }

    /// What a worker has in hand, or was put off since it could not leave, has waited since before that.
    private static let waitsUntil: SQL = """
        CASE WHEN state IN ('requested', 'ready') AND next_try_at = waits_since AND next_try_at > now()
            THEN next_try_at END
        """

    private static let columns: SQL = """
        id, organisation, clinic, occasion, channel, lane, payment, invoice, receivable, payment_on_account, campaign,
        client, contact, facts, state, tries, address, subject, body, reason, parts, created_at, due_at, left_at,
        \(waitsUntil) AS waits_until,
        extract(epoch FROM
            coalesce(left_at, CASE WHEN state IN ('requested', 'ready', 'claimed') THEN now() END) - due_at)::bigint
            AS seconds_late, expires_at <= now() AS is_expired,
        extract(epoch FROM expires_at - now())::bigint AS seconds_left, is_wanted, route, gateway,
        purpose, sender, language,
        CASE WHEN is_counted THEN 0 ELSE reserved_parts END AS reserved_parts,
        CASE WHEN is_counted THEN 0 ELSE taken_parts END AS taken_parts
        """

    private func read(_ row: Row) throws -> MessageRecord {
        let (tries, parts): (Int32, Int32?) = (try row("tries"), try row("parts"))
        let (sender, language): (String?, String?) = (try row("sender"), try row("language"))
        return MessageRecord(
            message: Message(id: try row("id"), state: try row.word("state"), tries: Int(tries)),
            organisation: try row("organisation"), clinic: try row("clinic"), occasion: try row.word("occasion"),
            channel: try row.word("channel"), lane: try row.word("lane"), matter: try Matter(row),
            client: try row("client"), contact: try row("contact"), facts: try row("facts"),
            address: try row("address"), subject: try row("subject"), body: try row("body"),
            reason: try row("reason"), parts: parts.map { Int($0) }, held: try HeldParts(row),
            createdAt: try row("created_at"), dueAt: try row("due_at"),
            leftAt: try row("left_at"), waitsUntil: try row("waits_until"), secondsLate: try row("seconds_late"),
            isExpired: try row("is_expired"), secondsLeft: try row("seconds_left"), isWanted: try row("is_wanted"),
            route: try row("route"), gateway: try row("gateway"), purpose: try row.word("purpose"),
            sender: sender.flatMap(SenderName.init),
            language: language.flatMap(Language.init(rawValue:)))
    }
}

extension Matter {
    /// What a message's row names.
    init(_ row: Row) throws {
        if let receivable = try row("receivable") as ReceivableID? {
            self = .receivable(receivable)
            return
        }
        let (invoice, campaign): (InvoiceID?, CampaignID?) = (try row("invoice"), try row("campaign"))
        let money: PaymentOnAccountID? = try row("payment_on_account")
        self =
            try invoice.map(Matter.invoice) ?? campaign.map(Matter.campaign)
            ?? money.map(Matter.paymentOnAccount) ?? .payment(try row("payment"))
    }
}

extension Duration {
    /// Whole seconds, for intervals.
    var seconds: Int64 { components.seconds }
}
