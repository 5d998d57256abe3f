import HTTPServer
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing

import class Foundation.ProcessInfo

/// Every route of every service is asked what fits its document and what does not, at random.
///
/// `QUITTANCE_REQUEST_SEEDS=1000` asks for longer; a failing seed is named and asks the same again.
@Suite(.serialized) struct `Every route, asked at random` {
    private static let requests = 500
    /// Tables that keep what was refused, on purpose.
    private static let refusals: Set = ["file_import"]
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
                    breaches += after.filter { before[$0.key] != $0.value && !Self.refusals.contains($0.key) }.keys
                        .sorted().map { "\($0) holds something else" }
                } else {
                    taken.insert(sent.operation.route.operation)
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
    fileprivate func ask(_ sent: Client.Sent, as caller: Principal) async throws -> InProcessClient.Answer {
        var headers = sent.headers
        if headers["Authorization"] == nil {
            headers["Authorization"] = "Bearer \(try await http.token(for: caller))"
        }
        return try await http.call(
            IncomingRequest(method: sent.method, target: sent.target, headers: headers, bytes: sent.body))
    }
}
