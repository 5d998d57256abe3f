import TestSupport
import Testing

/// Brings one system up for all tests of a suite, in a world that answers late, and ends it after them.
///
/// Before it ends, whatever was published must be there for a subscriber: all of it, valid and in order.
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
            try await OutsideWorld(of: system).answerLate()
            try await Self.$lent.withValue(system) { try await tests() }
            let subscriber = try ContractSubscriber(of: system)
            defer { subscriber.stop() }
            try await subscriber.expectEverything()
        }
    }
}

extension Trait where Self == OneSystem {
    static var onOneSystem: OneSystem { OneSystem() }
}
