import ArgumentParser
import Crypto
import Foundation
import HTTPClient
import PaymentModel

/// payment-orchestrator alone: what it adds to the provider, what it starts and absorbs, what its sweeper costs.
struct PaymentsBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payments",
        abstract: "What payment-orchestrator adds to a provider's own time, and what it takes in a second.",
        discussion: """
            Needs a running system: `deploy/local/up --no-demo`, then `deploy/local/benchmark payments`, which knows \
            the addresses. Commits are durable; the stand-in of the provider shares the machine. On a machine with \
            more cores, what two do is measured by `taskset -c 0,1` before both.
            """)

    @Option(help: "Payments of a turn.")
    var payments = 200

    @Option(help: "Turns of ours and of the provider's own, one after the other.")
    var turns = 5

    @Option(help: "Notifications of the burst; each payment's comes ten times.")
    var notifications = 10_000

    @Option(help: "Payments whose light is watched at each provider, with its notification and without.")
    var lights = 100

    @Option(help: "Payments that can still be paid while the sweeper is watched; 0 leaves that out.")
    var live = 100_000

    @Option(help: "Clients at once.")
    var atOnce = 32

    @Option(help: "How long a rate is measured, in seconds.")
    var seconds = 3

    @Option(help: "How long nothing is done while the sweeper is watched, in seconds.")
    var quietSeconds = 10

    @OptionGroup var system: RunningSystem

    @Option(help: "Where the stand-ins of the outside world are.")
    var sandbox: String

    @Option(help: "Folder of the processes' numbers and of PostgreSQL.")
    var state: String

    @Option(help: "Port of PostgreSQL on this machine.")
    var postgresPort: Int

    @Option(help: "File with the password of the role payments.")
    var postgresPassword: String

    func run() async throws {
        let clinic = try await SpineClinic.open(SpineAddresses(system, sandbox: sandbox), signingKey: system.key())
        _ = try await clinic.requestPayment()
        // First, while no payment of the other rounds is open and asked about.
        if live > 0 { try await measureSweeper(clinic) }
        try await measureStarting(clinic)
        try await measureRate(clinic)
        try await measureLight(clinic)
        try await measureNotifications(clinic)
        await clinic.close()
    }

    // MARK: Starting

    /// In turns, one at a time: the client's click until the provider's address, the same call without us, and the one
    /// commit that has to be on the disk between them.
    private func measureStarting(_ clinic: SpineClinic) async throws {
        let storage = try PaymentsStorage(port: postgresPort, passwordFile: postgresPassword)
        var (ours, direct, disk): ([[Duration]], [[Duration]], [[Duration]]) = ([], [], [])
        let before = try await clinic.count(in: "open")
        for _ in 0...turns {
            var (links, opened): ([String], [String]) = ([], [])
            for _ in 0..<payments { links.append(try await clinic.requestPayment().link) }
            // What the other services do about them is no part of opening one.
            try await Task.sleep(for: .seconds(2))
            direct.append(try await times(payments) { _ in try await clinic.startDirectly() })
            disk.append(try await times(payments) { _ in try await storage.commitAlone() })
            ours.append(try await times(payments) { number in opened.append(try await clinic.open(links[number])) })
            try await decline(opened, leaving: before, clinic)
        }
        // The first turn warms up.
        let (own, peer) = (ours.dropFirst().map(Percentiles.init), direct.dropFirst().map(Percentiles.init))
        let commits = disk.dropFirst().map(Percentiles.init)
        for (name, part) in [("p50", \Percentiles.median), ("p99", \.high)] {
            let mine = Comparison.median(own.map { $0[keyPath: part] })
            let other = Comparison.median(peer.map { $0[keyPath: part] })
            let parts = (mine, other, mine - other, mine / other)
            say(
                String(
                    format: "starting a payment, %@: %.2f ms, the provider alone %.2f ms, added %.2f ms, ratio %.2f",
                    name, parts.0, parts.1, parts.2, parts.3))
            let commit = Comparison.median(commits.map { $0[keyPath: part] })
            say(String(format: "  of which one commit alone, on the disk: %.2f ms", commit))
        }
    }

    /// What can be paid is asked about every few seconds: what a turn opened is over before the next begins.
    private func decline(_ references: [String], leaving count: Int, _ clinic: SpineClinic) async throws {
        _ = try await each(of: references) { reference in
            try await clinic.control("/alma/payments/\(reference)/act", ["action": "decline"])
        }
        let deadline = ContinuousClock.now + .seconds(120)
        while try await clinic.count(in: "open") > count {
            guard ContinuousClock.now < deadline else {
                throw SpineClinic.Failure(description: "payments that were declined stay open")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func times(_ count: Int, _ body: (Int) async throws -> Void) async throws -> [Duration] {
        var times: [Duration] = []
        for number in 0..<count {
            let start = ContinuousClock.now
            try await body(number)
            times.append(ContinuousClock.now - start)
        }
        return times
    }

    private func measureRate(_ clinic: SpineClinic) async throws {
        var figures: (ours: [Double], peer: [Double]) = ([], [])
        for _ in 0..<turns {
            figures.peer.append(
                try await rate(tasks: atOnce, for: .seconds(seconds)) { _ in try await clinic.startDirectly() })
            figures.ours.append(
                try await rate(tasks: atOnce, for: .seconds(seconds)) { _ in
                    _ = try await clinic.open(try await clinic.requestPayment().link)
                })
        }
        let (own, peer) = (Comparison.median(figures.ours), Comparison.median(figures.peer))
        say(
            String(
                format:
                    "payments asked for and started on %d cores, %d clients at once: %.0f/s, the provider alone %.0f/s, "
                    + "ratio %.2f",
                try ProcessTimes(state: state).cores(of: "payment-orchestrator"), atOnce, own, peer, own / peer))
    }

    // MARK: Notifications

    /// Bursts in which every payment's notification comes ten times, in any order.
    private func measureNotifications(_ clinic: SpineClinic) async throws {
        let count = max(1, notifications / 10)
        var (ours, peer, before): ([Double], [Double], [Double]) = ([], [], [])
        for turn in 1...turns {
            let references = try await acceptedUntold(count, clinic)
            before.append(Double(try await clinic.count(in: "accepted") - lit - (turn - 1) * count))
            let burst = (0..<10).flatMap { _ in references }.shuffled()
            ours.append(try await pace(of: burst) { try await clinic.notify($0) })
            let accepted = try await clinic.count(in: "accepted")
            guard accepted == turn * count + lit else {
                throw SpineClinic.Failure(description: "\(accepted) payments are accepted, not \(turn * count + lit)")
            }
            // What each of them has the provider asked, without us.
            peer.append(try await pace(of: burst) { try await clinic.readDirectly($0) })
        }
        let (own, other) = (Comparison.median(ours), Comparison.median(peer))
        say(
            String(
                format: "notifications absorbed: %.0f/s, the provider's readings alone %.0f/s, ratio %.2f", own, other,
                own / other))
        say(
            String(
                format: "  %d of %d payments, of which polling had found %.0f before; all of them are accepted, once",
                10 * count, count, Comparison.median(before)))
    }

    /// Payments that the provider accepted just now, and that nobody was told of.
    private func acceptedUntold(_ count: Int, _ clinic: SpineClinic) async throws -> [String] {
        // The stand-in notifies by itself: it is told not to for these, so that only the burst does.
        try await clinic.control("/webhooks", ["channel": "alma-ipn", "behaviour": "never", "times": count])
        let references = try await each(of: Array(0..<count)) { _ in
            try await clinic.open(try await clinic.requestPayment().link)
        }
        _ = try await each(of: references) { try await clinic.accept($0) }
        return references
    }

    private func pace(
        of burst: [String], _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws -> Double {
        let start = ContinuousClock.now
        _ = try await each(of: burst, body)
        return Double(burst.count) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// Does something with every item, many at once.
    private func each<Item: Sendable, Made: Sendable>(
        of items: [Item], _ body: @escaping @Sendable (Item) async throws -> Made
    ) async throws -> [Made] {
        try await withThrowingTaskGroup(of: [Made].self) { group in
            for lane in 0..<atOnce {
                group.addTask {
                    var made: [Made] = []
                    for place in stride(from: lane, to: items.count, by: atOnce) {
                        made.append(try await body(items[place]))
                    }
                    return made
                }
            }
            return try await group.reduce(into: [Made]()) { $0 += $1 }
        }
    }

    // MARK: The light

    /// Payments of both rounds of the light at all providers.
    private var lit: Int { 2 * lights * Provider.allCases.count }

    /// From the client's yes at the provider to the green light on the waiting screen; the providers' figures are the
    /// same machine's, one after the other.
    private func measureLight(_ clinic: SpineClinic) async throws {
        for provider in Provider.allCases {
            try await clinic.connect(provider)
            try await measureLight(clinic, provider, "with the notification")
            try await clinic.silence(provider)
            try await measureLight(clinic, provider, "without")
            try await clinic.endSilence()
        }
    }

    private func measureLight(_ clinic: SpineClinic, _ provider: Provider, _ how: String) async throws {
        var times: [Duration] = []
        // Several screens at once, since a poll keeps one waiting for seconds.
        try await withThrowingTaskGroup(of: [Duration].self) { group in
            for lane in 0..<10 {
                group.addTask {
                    var times: [Duration] = []
                    for _ in stride(from: lane, to: lights, by: 10) { times.append(try await light(clinic, provider)) }
                    return times
                }
            }
            for try await some in group { times += some }
        }
        let sorted = times.map { $0 / .milliseconds(1) }.sorted()
        say(
            String(
                format: "the green light at %@ %@: p50 %.0f ms, p95 %.0f ms, the slowest %.0f ms",
                provider.rawValue, how, sorted[sorted.count / 2], sorted[sorted.count * 95 / 100],
                sorted[sorted.count - 1]))
    }

    private func light(_ clinic: SpineClinic, _ provider: Provider) async throws -> Duration {
        let payment = try await clinic.requestPayment(at: provider)
        let reference = try await clinic.open(payment.link)
        async let isGreen = clinic.watch(payment.id)
        // The screen is there before the client pays.
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        try await clinic.accept(reference, at: provider)
        guard try await isGreen else { throw SpineClinic.Failure(description: "the light is not green") }
        return ContinuousClock.now - start
    }

    // MARK: The sweeper

    private func measureSweeper(_ clinic: SpineClinic) async throws {
        let storage = try PaymentsStorage(port: postgresPort, passwordFile: postgresPassword)
        let payment = try await clinic.requestPayment()
        let reference = try await clinic.open(payment.link)
        try await clinic.unname(reference)
        let idle = try await processorShare()
        try await storage.multiply(payment.id, by: live)
        let full = try await processorShare()
        say(
            String(
                format: "nothing is due: %.2f %% of a processor, with %d that can be paid %.2f %%, ratio %.2f",
                idle * 100, live, full * 100, full / idle))
        try await storage.makeDue(payment.id)
        try await waitUntilAsked(clinic)
        let before = try await clinic.calls(of: "alma.get-payment")
        let start = ContinuousClock.now
        try await Task.sleep(for: .seconds(2 * quietSeconds))
        let asked = try await clinic.calls(of: "alma.get-payment") - before
        let ours = Double(asked) / ((ContinuousClock.now - start) / .seconds(1))
        let peer = try await rate(tasks: 16, for: .seconds(Double(quietSeconds) / 2)) { _ in
            try await clinic.readDirectly(reference)
        }
        say(
            String(
                format: "all of them are due: %.0f are asked about in a second, the provider alone %.0f, ratio %.2f",
                ours, peer, ours / peer))
        try await storage.remove(copiesOf: payment.id)
    }

    /// Nobody rings for rows that were changed by hand: the job finds them by itself, within seconds.
    private func waitUntilAsked(_ clinic: SpineClinic) async throws {
        let before = try await clinic.calls(of: "alma.get-payment")
        let deadline = ContinuousClock.now + .seconds(60)
        while try await clinic.calls(of: "alma.get-payment") < before + min(100, live / 2) {
            guard ContinuousClock.now < deadline else {
                throw SpineClinic.Failure(description: "nobody asks about payments that are due")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Of payment-orchestrator and its connections to PostgreSQL, while nothing is done.
    private func processorShare() async throws -> Double {
        func spent() throws -> Double {
            try ProcessTimes(state: state).all().filter { name, _ in
                name.hasPrefix("payment-orchestrator") || name == "postgres: payments"
            }.values.reduce(0, +)
        }
        // What was started before is over by then.
        try await Task.sleep(for: .seconds(Double(quietSeconds) / 2))
        let before = try spent()
        try await Task.sleep(for: .seconds(quietSeconds))
        return (try spent() - before) / Double(quietSeconds * 1_000)
    }
}

/// Of one turn, in milliseconds.
private struct Percentiles {
    let median: Double
    let high: Double

    init(_ times: [Duration]) {
        let sorted = times.map { $0 / .milliseconds(1) }.sorted()
        median = sorted[sorted.count / 2]
        high = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }
}

extension SpineClinic {
    /// The provider's notification, signed with the clinic's key.
    fileprivate func notify(_ reference: String) async throws {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(reference.utf8), using: SymmetricKey(data: Array(providerKey.utf8)))
        let signature = code.map { String(format: "%02x", $0) }.joined()
        let answer = try await http.send(
            HTTPRequest(
                .get, "\(addresses.payments)/webhooks/alma/\(account)?pid=\(reference)",
                headers: [("X-Alma-Signature", signature)]))
        guard answer.isSuccess else { throw Failure(description: "a notification was answered \(answer.status)") }
    }
}
