import Foundation

/// How long faults last; `QUITTANCE_SLOW_TESTS=1` makes them as long as an operator would see them.
enum TestDurations {
    static let isSlow = ProcessInfo.processInfo.environment["QUITTANCE_SLOW_TESTS"] != nil

    /// `QUITTANCE_TEST_LOG=1` shows what the services say.
    static let isVerbose = ProcessInfo.processInfo.environment["QUITTANCE_TEST_LOG"] != nil

    static var brokerAway: Duration { isSlow ? .seconds(30) : .seconds(3) }
    static var postgresAway: Duration { isSlow ? .seconds(20) : .seconds(2) }
}
