import EventContract
import HTTPServer
import KafkaClient
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// One organisation's books, told and asked as the outside does it.
struct Books: Sendable {
    static let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest

    let bench: BooksBench
    let organisation: OrganisationID

    /// An id nobody has.
    static func newID<ID: Identifier>() -> ID { IdentifierSource.system.make() }

    /// A text nobody has used.
    static func newKey() -> String { "\(IdentifierSource.system.next())" }

    /// Books nobody has written in.
    init() throws {
        bench = try #require(BooksBench.shared)
        organisation = Books.newID()
    }

    /// The same service, seen by another organisation.
    func ofStranger() throws -> Books { try Books() }

    // MARK: Calls

    func principal(
        _ subject: String = "anna", role: Role = .accountant, clinics: ClinicAccess = .all
    ) -> Principal {
        Principal(
            subject: subject, organisation: organisation, clinics: clinics, role: role,
            scopes: ["reconciliation:read", "reconciliation:write"])
    }

    func get(_ path: String) async throws -> InProcessClient.Answer {
        try await bench.http.call(.get, path, as: principal())
    }

    func put(_ path: String, _ json: String) async throws -> InProcessClient.Answer {
        try await bench.http.call(.put, path, as: principal(), json: json)
    }

    func post(
        _ path: String, _ json: String = "{}", as subject: String = "anna", role: Role = .accountant
    ) async throws -> InProcessClient.Answer {
        try await bench.http.call(
            .post, path, as: principal(subject, role: role), json: json, key: Books.newKey())
    }

    /// Hands in a provider's report; without a key it is a request of its own, as a second upload is.
    @discardableResult
    func importReport(
        _ text: String, of provider: Provider = .alma, query: String = "", key: String? = nil,
        as subject: String = "anna"
    ) async throws -> InProcessClient.Answer {
        let path = "/v1/settlement-reports?provider=\(provider.rawValue)\(query)"
        return try await send(text, to: path, "text/csv", key, as: subject)
    }

    /// The account is the organisation's own, unless the file is of `strangers`.
    @discardableResult
    func importStatement(
        _ file: String, _ query: String = "", key: String? = nil, ofStrangers: Bool = false
    ) async throws -> InProcessClient.Answer {
        if !ofStrangers { try await own(StatementFile.iban) }
        return try await send(file, to: "/v1/bank-statements\(query)", "application/xml", key)
    }

    private func send(
        _ text: String, to path: String, _ type: String, _ key: String?, as subject: String = "anna"
    ) async throws -> InProcessClient.Answer {
        try await bench.http.call(
            .post, path, as: principal(subject), json: text, key: key ?? Books.newKey(),
            headers: ["Content-Type": type])
    }

    /// Names an account as the organisation's own.
    func own(_ iban: String, in currency: Currency = .eur) async throws {
        try await bench.superuser.execute(
            """
            INSERT INTO bank_account (organisation, iban, currency)
            VALUES (\(organisation), \(iban), \(currency.code)) ON CONFLICT DO NOTHING
            """)
    }

    // MARK: Facts

    /// Lets the service's consumer read an event, so often with the same id, and waits until it has settled it.
    func tell(
        _ event: some EventPayload, about subject: some Identifier, clinic: ClinicID? = nil, times: Int = 1,
        at moment: Instant = TimeSource.system.now()
    ) async throws {
        let id = try await publish(event, about: subject, clinic: clinic, times: times, at: moment)
        try await waitUntil("the books have read \(type(of: event).type.text)") { try await isSettled(id) }
    }

    func publish(
        _ event: some EventPayload, about subject: some Identifier, clinic: ClinicID? = nil, times: Int = 1,
        at moment: Instant = TimeSource.system.now()
    ) async throws -> EventID {
        let told = try record(event, about: subject, clinic: clinic, at: moment)
        guard try await bench.producer.send(Array(repeating: told.record, count: times)).areDelivered else {
            throw TestSupportError("an event was not delivered")
        }
        return told.id
    }

    /// An event as it stands in its topic, under an id of its own.
    func record(
        _ event: some EventPayload, about subject: some Identifier, clinic: ClinicID? = nil,
        at moment: Instant = TimeSource.system.now()
    ) throws -> (id: EventID, record: KafkaRecord) {
        try Self.record(event, about: subject, of: organisation, clinic: clinic, at: moment)
    }

    /// The same of any organisation.
    static func record(
        _ event: some EventPayload, about subject: some Identifier, of organisation: OrganisationID,
        clinic: ClinicID? = nil, at moment: Instant = TimeSource.system.now()
    ) throws -> (id: EventID, record: KafkaRecord) {
        let id: EventID = Books.newID()
        let envelope = EventEnvelope(
            id: id, type: type(of: event).type, subject: subject.value, time: moment, sequence: 1,
            organisation: organisation, clinic: clinic, correlation: CorrelationID(1))
        let record = KafkaRecord(
            topic: type(of: event).type.topic.rawValue, key: Array(envelope.key.utf8),
            value: try EventCoding.encode(event),
            headers: CloudEvent.headers(of: envelope).map { KafkaHeader($0.0, $0.1) })
        return (id, record)
    }

    func isSettled(_ event: EventID) async throws -> Bool {
        let found = try await bench.superuser.query(
            "SELECT 1 AS one FROM cause WHERE scope = 'message:reconciliation' AND key = \(event.description)"
        ) { _ in true }
        return !found.isEmpty
    }

    /// Why messages of this organisation were parked.
    func parked() async throws -> [String] {
        try await bench.superuser.query(
            "SELECT reason FROM dead_letter WHERE organisation = \(organisation) ORDER BY arrival"
        ) { row in try row("reason") }
    }

    func tell(_ payment: PaymentFacts, times: Int = 1) async throws {
        try await tell(payment.accepted, about: payment.id, clinic: payment.clinic, times: times)
    }

    func tell(_ refund: RefundFacts, times: Int = 1) async throws {
        try await tell(refund.completed, about: refund.payment.id, clinic: refund.payment.clinic, times: times)
    }

    // MARK: What the books say

    /// What is listed; an answer that is no list is no empty one.
    func list(_ path: String) async throws -> [JSONValue] {
        let answer = try await get(path)
        guard answer.status == 200, let items = answer.json["items"]?.elements else {
            throw BenchFailure(text: "\(path): \(answer.status) \(answer.text)")
        }
        return items
    }

    /// The same of all pages of a list; the query has its first parameter.
    func pages(_ path: String) async throws -> [JSONValue] {
        var (items, next): ([JSONValue], String?) = ([], nil)
        repeat {
            let answer = try await get("\(path)\(next.map { "&after=\($0)" } ?? "")")
            guard answer.status == 200, let found = answer.json["items"]?.elements else {
                throw BenchFailure(text: "\(path): \(answer.status) \(answer.text)")
            }
            items += found
            next = answer.json["next"]?.text
        } while next != nil
        return items
    }

    func payouts() async throws -> [JSONValue] { try await list("/v1/payouts") }

    func payout(_ reference: String) async throws -> JSONValue {
        try #require(try await payouts().first { $0["reference"]?.text == reference })
    }

    func explanation(_ reference: String) async throws -> JSONValue {
        try await get("/v1/payouts/\(try await payout(reference)["id"]?.text ?? "")/explanation").json
    }

    /// Kinds of what is wrong, with what each is about.
    func discrepancies() async throws -> [String] {
        try await pages("/v1/discrepancies?limit=200").map { item in
            "\(item["kind"]?.text ?? "") \(item["subject"]?.text ?? "") \(item["amount"]?["minorUnits"]?.integer ?? 0)"
        }.sorted()
    }

    /// Balances of the accounts that are not empty, in cents of the euro.
    func balances() async throws -> [String: Int64] {
        let all = try await list("/v1/balances").map { item in
            (item["account"]?.text ?? "", item["balance"]?["minorUnits"]?.integer ?? 0)
        }
        return Dictionary(all) { $0 + $1 }.filter { $0.value != 0 }
    }

    /// What every account got and gave on every day, whatever the number of entries.
    func journal() async throws -> [String] {
        try await bench.superuser.query(
            """
            SELECT booked_on, account, currency, sum(amount)::bigint AS amount
            FROM ledger_line JOIN ledger_entry ON ledger_entry.id = entry
            WHERE ledger_line.organisation = \(organisation)
            GROUP BY booked_on, account, currency HAVING sum(amount) <> 0 ORDER BY booked_on, account, currency
            """
        ) { row in
            let (day, amount): (LocalDate, Int64) = (try row("booked_on"), try row("amount"))
            return "\(day) \(try row("account") as String) \(amount) \(try row("currency") as String)"
        }
    }

    func count(_ table: String) async throws -> Int {
        let counts = try await bench.superuser.query(
            "SELECT count(*) AS count FROM \(unescaped: table) WHERE organisation = \(organisation)"
        ) { row in try row("count") as Int }
        return counts.first ?? -1
    }

    /// Every entry sums to nothing in every currency, looked at one by one.
    func expectBalanced(_ location: SourceLocation = #_sourceLocation) async throws {
        let unbalanced: [String] = try await bench.superuser.query(
            """
            SELECT entry::text FROM ledger_line WHERE organisation = \(organisation)
            GROUP BY entry, currency HAVING sum(amount) <> 0
            """
        ) { row in try row("entry") }
        #expect(unbalanced == [], sourceLocation: location)
    }
}
