package import Logging

/// A log nobody reads.
package let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// What an operation threw, as a value to compare.
package func failure<Value, Failure: Error>(of operation: () async throws(Failure) -> Value) async -> Failure? {
    do throws(Failure) {
        _ = try await operation()
        return nil
    } catch { return error }
}

/// Asks again until the answer is right; a test never waits for a time.
package func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<2_000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
