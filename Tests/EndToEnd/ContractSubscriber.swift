import Foundation
import TestSupport

/// The subscriber in Python that other systems may start from; it knows the contract and nothing else of ours.
struct ContractSubscriber {
    private let script: Script

    init(of system: LocalSystem) throws {
        script = try Script(
            URL(filePath: "/usr/bin/env"),
            ["python3", "deploy/contract/subscriber.py", "--bootstrap", system.brokerAddress, "--idle", "600"],
            environment: [:])
    }

    /// Waits until it has read so many events, stops it and answers what it says about all it has read.
    func summary(afterEvents count: Int) async throws -> String {
        try await waitUntil("the subscriber has read \(count) events") { script.soFar.count >= count }
        stop()
        let ending = try await script.end()
        guard ending.status == 0, let summary = ending.lines.last else {
            throw TestSupportError("the subscriber found the contract broken:\n\(ending.lastLines)")
        }
        return summary
    }

    func stop() { script.stop() }
}
