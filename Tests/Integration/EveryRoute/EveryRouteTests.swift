import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

import class Foundation.ProcessInfo

/// Every route of every service is asked what fits its document and what does not, at random.
///
/// `QUITTANCE_REQUEST_SEEDS=1000` asks for longer; a failing seed is named and asks the same again.
@Suite(.serialized) struct `Every route, asked at random` {
    private static let requests = 500
    /// Tables that keep what was refused, on purpose, and those of calls that no provider answered.
    private static func refusals(_ status: Int) -> Set<String> {
        status == 503 ? ["file_import", "asked_plans"] : ["file_import"]
    }
    private static var seeds: ClosedRange<UInt64> {
        1...max(1, ProcessInfo.processInfo.environment["QUITTANCE_REQUEST_SEEDS"].flatMap { UInt64($0) } ?? 6)
    }

    @Test(arguments: ServiceOnItsOwn.kinds)
    func `answers as its document says, refuses with a remedy, and keeps nothing of what it refused`(
        kind: ServiceOnItsOwn.Kind
    ) async throws {
        let service = try await kind.start()
        let document = try APIDocument(service.assembly.openAPI, service.assembly.routes)
        #expect(!document.operations.isEmpty)
        var (taken, refused): (Set<String>, Int) = ([], 0)
        var found: [String: String] = [:]
        for seed in Self.seeds {
            var before = try await service.contents()
            var client = Client(document, as: service.manager, seed: seed, knowing: service.ids)
            for _ in 0..<Self.requests {
                let sent = client.next()
                let answer = try await service.ask(sent, as: client.caller)
                client.remember(answer, to: sent)
                let after = try await service.contents()
                var breaches = AnswerRules(document: document).breaches(of: answer, to: sent)
                if answer.status >= 400 {
                    refused += 1
                    let kept = Self.refusals(answer.status)
                    breaches += after.filter { before[$0.key] != $0.value && !kept.contains($0.key) }.keys
                        .sorted().map { "\($0) holds something else" }
                } else {
                    taken.insert(sent.operation.route.operation)
                    if kind.name == InvoicingService.name {
                        breaches += try await service.trailBreaches(of: sent, from: before, to: after)
                    }
                }
                before = after
                for breach in breaches where found["\(sent.operation.route.operation): \(breach)"] == nil {
                    found["\(sent.operation.route.operation): \(breach)"] =
                        "seed \(seed): \(sent.description) -> \(answer.status) \(answer.text.prefix(400))"
                }
            }
        }
        for (breach, example) in found.sorted(by: { $0.key < $1.key }) {
            Issue.record("\(breach)\n  \(example)")
        }
        #expect(taken.count >= kind.doneMin, "most of what was asked has to be refused for what is wrong with it alone")
        let never = Set(document.operations.map(\.route.operation)).subtracting(taken)
        print(
            "\(kind.name): \(Int(Self.seeds.upperBound) * Self.requests) requests, \(refused) refused, "
                + "\(taken.count) operations done, not done: \(never.sorted().joined(separator: " "))")
        #expect(try await service.proof() == [])
    }
}

extension ServiceOnItsOwn {
    /// What tells of requests and of facts, beside what was changed.
    private static let messaging: Set = [
        "cause", "outbox", "outbox_journal", "outbox_journal_rest", "aggregate_sequence", "audit_entry",
    ]

    /// What the trail does not tell of a change that was made (GEN-6): who, when, and from what to what.
    fileprivate func trailBreaches(
        of sent: Client.Sent, from before: [String: String], to after: [String: String]
    ) async throws -> [String] {
        let changed = after.keys.filter { before[$0] != after[$0] && !Self.messaging.contains($0) }.sorted()
        guard !changed.isEmpty else { return [] }
        guard before["audit_entry"] != after["audit_entry"] else {
            return ["GEN-6: \(changed.joined(separator: ", ")) changed, and the trail tells nothing"]
        }
        // What was there before is told, unless it was made just now.
        let seen = sent.headers["If-Match"]
        let isChange = ["PUT", "DELETE"].contains(sent.method) && seen != nil && seen != "\"v0\""
        return try await overseer.query(
            """
            SELECT concat_ws(', ', CASE WHEN actor <> 'tester' THEN 'who' END,
                CASE WHEN occurred_at NOT BETWEEN now() - interval '1 minute' AND now() THEN 'when' END,
                CASE WHEN num_nonnulls(before, after) = 0 THEN 'what' END,
                CASE WHEN \(isChange) AND before IS NULL THEN 'before' END) AS lacks
            FROM (SELECT * FROM audit_entry ORDER BY id DESC LIMIT 1) AS newest
            """
        ) { row in try row("lacks") as String }
        .filter { !$0.isEmpty }.map { "GEN-6: the trail does not tell \($0)" }
    }

    fileprivate func ask(_ sent: Client.Sent, as caller: Principal) async throws -> InProcessClient.Answer {
        var headers = sent.headers
        if headers["Authorization"] == nil {
            headers["Authorization"] = "Bearer \(try await http.token(for: caller))"
        }
        return try await http.call(
            IncomingRequest(method: sent.method, target: sent.target, headers: headers, bytes: sent.body))
    }
}
