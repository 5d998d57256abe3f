import TestSupport
import Testing

/// Brings one system up for all tests of a suite and ends it after them.
struct OneSystem: SuiteTrait, TestScoping {
    @TaskLocal private static var lent: LocalSystem?

    /// The system of the suite that runs.
    static var current: LocalSystem {
        get throws {
            guard let lent else { throw TestSupportError("the suite lacks the trait .onOneSystem") }
            return lent
        }
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing tests: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await LocalSystem.with { system in
            try await Self.$lent.withValue(system) { try await tests() }
        }
    }
}

extension Trait where Self == OneSystem {
    static var onOneSystem: OneSystem { OneSystem() }
}
