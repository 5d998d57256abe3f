import CCurl
import CPostgres
import Foundation
import PaymentModel
import PostgresClient
import Synchronization
import TestSupport
import TransactionalMessaging

/// Claim, call, outcome with nothing but libpq and libcurl: a thread for each call, a connection of each kind for each.
///
/// Each of the two transactions is one text, so one round trip: less than any program that decides in between can do.
struct WorkerBareLoop: Sendable {
    private let stage: WorkersStage
    private let calls: Int
    private let connection: String

    init(_ stage: WorkersStage, calls: Int) throws {
        self.stage = stage
        self.calls = calls
        let settings = stage.settings
        connection =
            "host=\(settings.host) port=\(settings.port) dbname=\(settings.database) user=notification "
            + "options='-c search_path=notification -c quittance.organisation=every'"
    }

    /// Messages per second.
    func rate(_ messages: Int) async throws -> Double {
        try await stage.fill(messages)
        let ids = try await stage.database.read(organisation: nil) { transaction in
            try transaction.query("SELECT id FROM message") { row in try row("id") as MessageID }
        }.map(\.description)
        let start = ContinuousClock.now
        let done = await withTaskGroup(of: Int.self) { group in
            for call in 0..<calls {
                let own = stride(from: call, to: ids.count, by: calls).map { ids[$0] }
                group.addTask { await onThread { deliver(own) } }
            }
            return await group.reduce(0, +)
        }
        guard done == messages else { throw BenchFailure(text: "only \(done) of \(messages) left") }
        return Double(messages) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private func onThread(_ body: @escaping @Sendable () -> Int) async -> Int {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    private func deliver(_ ids: [String]) -> Int {
        guard let database = unsafe PQconnectdb(connection), let gateway = unsafe curl_easy_init() else { return 0 }
        defer {
            unsafe PQfinish(database)
            unsafe curl_easy_cleanup(gateway)
        }
        var headers: UnsafeMutablePointer<curl_slist>?
        for header in ["Authorization: Bearer \(WorkersStage.token)", "Content-Type: application/json"] {
            unsafe headers = curl_slist_append(headers, header)
        }
        unsafe quittance_set_text(gateway, CURLOPT_URL, stage.gatewayURL + "/send")
        unsafe quittance_set_number(gateway, CURLOPT_NOSIGNAL, 1)
        unsafe quittance_set_list(gateway, CURLOPT_HTTPHEADER, headers)
        unsafe quittance_set_data_function(gateway, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
        return ids.enumerated().count { number, id in
            unsafe run(claim(id), database) && call(id, number, gateway) && run(outcome(id), database)
        }
    }

    private func run(_ text: String, _ database: OpaquePointer) -> Bool {
        let result = unsafe PQexec(database, text)
        defer { unsafe PQclear(result) }
        return unsafe PQresultStatus(result) == PGRES_COMMAND_OK
    }

    private func call(_ id: String, _ number: Int, _ gateway: UnsafeMutableRawPointer) -> Bool {
        let phone = "336" + String(String(100_000_000 + number).dropFirst())
        let body = """
            {"sms":{"message":{"text":"Pour payer, suivez ce lien","pushtype":"alert","sender":"Quittance",\
            "unicode":0},"recipients":{"gsm":[{"gsmsmsid":"\(id)","value":"\(phone)"}]}}}
            """
        unsafe quittance_set_text(gateway, CURLOPT_COPYPOSTFIELDS, body)
        guard unsafe curl_easy_perform(gateway) == CURLE_OK else { return false }
        return unsafe quittance_get_number(gateway, CURLINFO_RESPONSE_CODE) == 200
    }

    private func claim(_ id: String) -> String {
        """
        BEGIN; \(cause(id, "claim"));
        UPDATE message SET state = 'claimed', tries = tries + 1, claimed_at = now() WHERE id = '\(id)' AND state = 'ready';
        COMMIT
        """
    }

    private func outcome(_ id: String) -> String {
        """
        BEGIN; \(cause(id, "outcome"));
        UPDATE message SET state = 'sent', body = NULL, gateway = 'smsfactor', gateway_reference = '1', parts = 1,
            left_at = now() WHERE id = '\(id)' AND state = 'claimed';
        INSERT INTO aggregate_sequence (topic, subject, last) VALUES ('bare', '\(id)', 1);
        INSERT INTO outbox (shard, topic, key, value, headers, event_id, type, subject, sequence)
        VALUES (0, 'bare', 'key', repeat('x', 300)::bytea, ARRAY['ce_type', 'bare'], gen_random_uuid(), 'bare', '\(id)', 1);
        COMMIT
        """
    }

    private func cause(_ id: String, _ step: String) -> String {
        "INSERT INTO cause (scope, key, organisation, actor) VALUES ('bare', '\(step)/\(id)', "
            + "'\(WorkersStage.organisation)', 'bare')"
    }
}
