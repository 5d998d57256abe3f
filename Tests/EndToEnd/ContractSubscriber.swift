import TestSupport
import Testing

/// The subscriber in Python that other systems may start from; it knows the contract and nothing else of ours.
struct ContractSubscriber {
    private let system: LocalSystem
    private let script: Script

    /// Starts it; it reads all topics from their beginning.
    init(of system: LocalSystem) throws {
        self.system = system
        script = try Script(
            system.python, ["deploy/contract/subscriber.py", "--bootstrap", system.brokerAddress, "--idle", "600"],
            environment: [:])
    }

    /// Demands that it sees every event the services published, valid and in order; some may come again.
    func expectEverything(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let published = try await MessagingTables(of: system).publishedEvents()
        do {
            try await waitUntil("the subscriber has seen \(published) events", within: .seconds(120)) {
                seen >= published
            }
        } catch {
            system.keepLogs()
            Issue.record("\(error), it saw \(seen)", sourceLocation: sourceLocation)
        }
        stop()
        let ending = try await script.end()
        let problems = ending.lines.filter { $0.hasPrefix("INVALID") || $0.contains(" gap-after-") }
        #expect(ending.status == 0, "\(problems.prefix(10)) \(ending.lastLines)", sourceLocation: sourceLocation)
        #expect(
            ending.lines.last?.contains(": 0 invalid, 0 unknown, ") == true, "\(ending.lastLines)",
            sourceLocation: sourceLocation)
    }

    func stop() { script.stop() }

    /// A line for each event; those that came for the first time, and in their turn, are marked at its end.
    private var seen: Int { script.soFar.count { $0.hasSuffix(" ok") } }
}
