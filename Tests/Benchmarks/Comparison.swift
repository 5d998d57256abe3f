import ArgumentParser
import Foundation

/// One figure of ours beside one of a peer, measured in turns so that a noisy machine disturbs both alike.
struct Comparison: Sendable {
    let name: String
    let unit: String
    let peerName: String
    let peer: @Sendable () async throws -> Double
    let ours: @Sendable () async throws -> Double

    /// What both did.
    struct Medians {
        let own: Double
        let peer: Double

        var ratio: Double { own / peer }
    }

    /// Runs both in turns and prints medians, their ratio, and the ratio of each turn.
    @discardableResult
    func run(turns: Int) async throws -> Double { try await measure(turns: turns).ratio }

    /// The same for those who put our figure beside yet another.
    func measure(turns: Int) async throws -> Medians {
        var peers: [Double] = []
        var own: [Double] = []
        for turn in 0..<turns {
            // Who goes first changes, so that neither always finds the caches warm.
            if turn.isMultiple(of: 2) { peers.append(try await peer()) }
            own.append(try await ours())
            if !turn.isMultiple(of: 2) { peers.append(try await peer()) }
        }
        let medians = Medians(own: Self.median(own), peer: Self.median(peers))
        let each = zip(own, peers).map { String(format: "%.2f", $0 / $1) }.joined(separator: " ")
        let figures = String(
            format: "%10.0f %@, %@ %.0f, ratio %.2f", medians.own, unit, peerName, medians.peer, medians.ratio)
        say("\(name.padding(toLength: 44, withPad: " ", startingAt: 0)) \(figures)   (\(each))")
        return medians
    }

    static func median(_ figures: [Double]) -> Double { figures.sorted()[figures.count / 2] }
}

/// Says a line at once, also into a file: what waits in a buffer is lost when a long run is cut short.
func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
}

/// The one that was named, or all; whoever names none of them would measure nothing, and succeed.
func chosen(_ name: String?, of known: [String]) throws -> [String] {
    guard let name else { return known }
    guard known.contains(name) else {
        throw ValidationError("\"\(name)\" is none of \(Set(known).sorted().joined(separator: ", "))")
    }
    return [name]
}

/// Runs a body in so many tasks for so long; answers how often it ended per second.
func rate(
    tasks: Int, for time: Duration, on executor: (any TaskExecutor)? = nil,
    _ body: @escaping @Sendable (_ task: Int) async throws -> Void
) async throws -> Double {
    let start = ContinuousClock.now
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
        for task in 0..<tasks {
            group.addTask(executorPreference: executor) {
                var count = 0
                while .now - start < time {
                    try await body(task)
                    count += 1
                }
                return count
            }
        }
        return try await group.reduce(0, +)
    }
    return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
}
