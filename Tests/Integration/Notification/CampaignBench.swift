import EventContract
import Foundation
import HTTPClient
import HTTPServer
import NotificationDomain
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import Synchronization
import TestSupport
import TransactionalMessaging

/// An organisation nobody else of the tests touches, with a directory, a quota and campaigns.
struct CampaignBench: Sendable {
    static let scopes: Set<Scope> = [
        "contacts:read", "contacts:write", "quota:read", "quota:write", "campaigns:read", "campaigns:write",
        "consents:read", "consents:write", "policy:read", "policy:write", "messages:read", "messages:write",
    ]

    let stack: NotificationStack
    let organisation = OrganisationID(.random(in: 0x1_0000...UInt128.max))
    let clinic = ClinicID(.random(in: 0x1_0000...UInt128.max))

    private static let started = Task {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay,
        ])
        let children = [try await stack.serve(), try stack.work()]
        processes.withLock { $0 = children }
        return stack
    }
    private static let processes = Mutex<[ServiceChild]>([])
    /// A Tuesday: tests say the same on a Sunday.
    static let workingDay = "2026-11-24"

    /// With the service's processes of all tests.
    static func shared() async throws -> CampaignBench { CampaignBench(stack: try await started.value) }

    var manager: Principal { NotificationStack.principal(organisation, scopes: Self.scopes) }

    func call(
        _ method: HTTPRequest.Method, _ path: String, _ json: String? = nil, seen version: Int64? = nil,
        as caller: Principal? = nil
    ) async throws -> HTTPResponse {
        let headers = version.map { [("If-Match", "\"v\($0)\"")] } ?? []
        return try await stack.call(method, path, json, as: caller ?? manager, headers: headers)
    }

    /// The same for what must go well.
    @discardableResult
    func done(
        _ method: HTTPRequest.Method, _ path: String, _ json: String? = nil, seen version: Int64? = nil
    ) async throws -> HTTPResponse {
        let answer = try await call(method, path, json, seen: version)
        guard answer.isSuccess else {
            throw BenchFailure(text: "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer
    }

    func importFile(_ text: String, _ mode: String) async throws -> HTTPResponse {
        try await call(.post, "/v1/contact-imports?mode=\(mode)", text)
    }

    // MARK: People

    /// Of the French mainland: 0692 and its like are dialled to islands.
    static func randomPhone() -> String { "+3361\(UInt32.random(in: 1_000_000...9_999_999))" }

    func consent(_ phone: String, _ decision: String = "given") async throws {
        try await done(
            .post, "/v1/consents", #"{"phone":"\#(phone)","decision":"\#(decision)","proof":"formulaire papier"}"#)
    }

    /// People in a group who all agreed, entered behind the API since there are many.
    func enter(_ count: Int, in group: String, speaking language: Language = .french) async throws -> [String] {
        let ids = IdentifierSource.system
        let phones = Array(Set((0..<count * 2).map { _ in Self.randomPhone() })).prefix(count).map(\.self)
        let (organisation, clinic) = (organisation, clinic)
        let contacts = phones.map { _ in ids.next() }
        let consents = phones.map { _ in ids.next() }
        try await everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO contact (id, organisation, clinic, last_name, first_name, phone, language, groups)
                SELECT id, \(organisation), \(clinic), 'Martin', 'Ada', phone, \(language.rawValue),
                    ARRAY[\(group)]::text[]
                FROM unnest(\(contacts)::uuid[], \(phones)::text[]) AS told (id, phone)
                """)
            try transaction.execute(
                """
                INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
                SELECT id, \(organisation), 'sms', phone, 'given', 'form', now() - interval '1 day', 'tests'
                FROM unnest(\(consents)::uuid[], \(phones)::text[]) AS told (id, phone)
                """)
        }
        return phones
    }

    func everybody(_ body: @escaping @Sendable (inout PostgresTransaction) throws -> Void) async throws {
        try await stack.everybody(body)
    }

    /// Puts the clinic where the wall clock is within the hours of marketing.
    func openHours() async throws {
        let zone = NotificationStack.zone(atHour: 13)
        try await done(.put, "/v1/clinics/\(clinic)/time-zone", #"{"timeZone":"\#(zone)"}"#)
    }

    // MARK: Campaigns

    func draft(
        _ body: String = "Vaccins: -20% en mars", groups: [String] = [], phones: [String] = [], more: String = ""
    ) async throws -> CampaignID {
        let answer = try await done(
            .post, "/v1/campaigns",
            """
            {"name":"Mars","sender":"LesLilas","body":"\(body)","clinicID":"\(clinic)",
             "groups":[\(groups.map { "\"\($0)\"" }.joined(separator: ","))],
             "phones":[\(phones.map { "\"\($0)\"" }.joined(separator: ","))]\(more)}
            """)
        guard let id = answer.json["id"]?.text.flatMap({ CampaignID($0) }) else {
            throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self))
        }
        return id
    }

    func campaign(_ id: CampaignID) async throws -> JSONValue { try await done(.get, "/v1/campaigns/\(id)").json }

    /// Sends one of its verbs with the version that is there.
    func steer(_ id: CampaignID, _ verb: String) async throws -> HTTPResponse {
        let version = try await campaign(id)["version"]?.integer ?? 0
        return try await call(.post, "/v1/campaigns/\(id)/\(verb)", "{}", seen: version)
    }

    @discardableResult
    func waitUntilOver(_ id: CampaignID, within limit: Duration = .seconds(60)) async throws -> JSONValue {
        var last = JSONValue.null
        do {
            try await waitUntil("the campaign is over", within: limit) {
                last = try await campaign(id)
                return last["isOver"] == .bool(true)
            }
        } catch {
            throw BenchFailure(text: "\(error); it is \(last)")
        }
        return last
    }

    /// Waits until the quota was told what gateways billed for its messages; what claims took is used before.
    func waitUntilCounted(_ id: CampaignID, within limit: Duration = .seconds(30)) async throws {
        try await waitUntil("the quota knows", within: limit) {
            try await stack.database.read(organisation: organisation) { transaction in
                try transaction.one(
                    "SELECT bool_and(is_counted) AS is_known FROM message WHERE campaign = \(id)"
                ) { row in try row("is_known") as Bool }
            }
        }
    }

    /// Everybody it named: the number with what became of it.
    func outcomes(_ id: CampaignID) async throws -> [String: String] {
        var (outcomes, after): ([String: String], String) = ([:], "")
        while true {
            let page = try await done(.get, "/v1/campaigns/\(id)/recipients?limit=200\(after)").json
            for recipient in page["items"]?.elements ?? [] {
                let outcome = recipient["outcome"]?.text ?? ""
                let key = recipient["phone"]?.text ?? "none \(outcomes.count)"
                outcomes["\(key) \(recipient["position"]?.integer ?? 0)"] =
                    outcome == "left-out" ? recipient["reason"]?.text ?? "" : outcome
            }
            guard let next = page["next"]?.text else { return outcomes }
            after = "&after=\(next)"
        }
    }

    /// How often the gateway took something for each of these numbers.
    func sendings(to phones: [String]) async throws -> [String: Int] {
        let ids = try await stack.database.read(organisation: organisation) { transaction in
            try transaction.query("SELECT id, address FROM message WHERE address = ANY(\(phones))") { row in
                (try row("id") as MessageID, try row("address") as String)
            }
        }
        let counts = try await stack.sendings(of: ids.map(\.0))
        return ids.reduce(into: [:]) { found, pair in
            if let count = counts[pair.0] { found[pair.1, default: 0] += count }
        }
    }

    /// How many of its messages are in which state, with why events say that they were called off.
    func callOffs(of id: CampaignID) async throws -> [String: Int] {
        let counts = try await stack.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT concat_ws(' ', message.state, told.reasons) AS told, count(*) AS messages
                FROM message LEFT JOIN (
                    SELECT subject AS about,
                        string_agg(convert_from(value, 'UTF8')::json ->> 'reason', ', ') AS reasons
                    FROM (SELECT type, subject, value FROM outbox
                        UNION ALL SELECT type, subject, value FROM outbox_journal) AS event
                    WHERE type = \(MessageCalledOffV1.type.text) GROUP BY subject
                ) AS told ON told.about = message.id
                WHERE message.campaign = \(id) GROUP BY 1
                """
            ) { row in (try row("told") as String, try row("messages") as Int) }
        }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    /// Which messages to these numbers are held.
    func held(_ phones: [String]) async throws -> [MessageID] {
        try await stack.everybody { transaction in
            try transaction.query(
                """
                SELECT id FROM message WHERE address = ANY(\(phones)) AND state = 'ready'
                    AND reason = 'held until it may be sent'
                """
            ) { row in try row("id") as MessageID }
        }
    }

    func quota(_ field: String) async throws -> Int64 {
        try await done(.get, "/v1/sms-quota").json[field]?.integer ?? -1
    }

    func book(_ parts: Int) async throws -> HTTPResponse {
        try await call(.post, "/v1/sms-quota/entries", #"{"parts":\#(parts),"note":"facture 12"}"#)
    }
}
