import TestSupport

/// `deploy/contract/subscriber.py`, run to its end.
enum Subscriber {
    static func run(_ bootstrapServers: String, _ arguments: String...) async throws -> PythonScript.Run {
        try await PythonScript.run(
            ["deploy/contract/subscriber.py", "--bootstrap", bootstrapServers, "--idle", "20"] + arguments,
            in: Checkout.root)
    }
}
