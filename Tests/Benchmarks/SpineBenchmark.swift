import ArgumentParser
import Foundation
import PaymentModel

/// Payments through everything: invoice issued → link → paid → invoice paid, message handed over, fee recorded.
struct SpineBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spine",
        abstract: "Payments per second through all four services.",
        discussion: """
            Needs a running system: `deploy/local/up --no-demo`, then `deploy/local/benchmark spine`, which knows the \
            addresses. The stand-ins of the outside world and PostgreSQL share the machine with the services. \
            What a payment costs in CPU time and statements hardly depends on what else the machine does.
            """)

    @Option(help: "Payments of a round.")
    var payments = 1_000

    @Option(help: "Clients at once.")
    var atOnce = 64

    @Option(help: "Rounds; the first warms up and does not count.")
    var rounds = 4

    @OptionGroup var system: RunningSystem

    @Option(help: "Where the stand-ins of the outside world are.")
    var sandbox: String

    @Option(help: "Folder of the processes' numbers and of PostgreSQL; CPU time is printed when it is given.")
    var state: String?

    func run() async throws {
        let addresses = SpineAddresses(system, sandbox: sandbox)
        let key = try system.key()
        say("round   decided/s   through/s   (\(payments) payments, \(atOnce) clients at once)")
        var figures: [Double] = []
        var costs: [SpineCost] = []
        let meters = try await system.meters()
        for round in 0..<max(2, rounds) {
            // A round is an organisation of its own, so that its sums are its own.
            let shop = try await SpineClinic.open(addresses, signingKey: key)
            let before = try await SpineCost.now(meters, state: state)
            let start = ContinuousClock.now
            try await serve(shop)
            let decided = ContinuousClock.now - start
            try await shop.waitForBooks(of: payments)
            let through = ContinuousClock.now - start
            costs.append(try await SpineCost.now(meters, state: state).since(before, each: payments))
            await shop.close()
            let rates = [decided, through].map { Double(payments) / ($0 / .seconds(1)) }
            say(
                String(format: "%5d %11.1f %11.1f", round, rates[0], rates[1])
                    + (round == 0 ? "   (warm-up)" : ""))
            if round > 0 { figures.append(rates[1]) }
        }
        say(String(format: "median through the whole spine: %.1f payments/s", Comparison.median(figures)))
        SpineCost.median(of: costs.dropFirst()).print(per: "payment")
        await meters.close()
    }

    private func serve(_ shop: SpineClinic) async throws {
        let share = payments / atOnce
        let rest = payments % atOnce
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<atOnce {
                group.addTask {
                    for _ in 0..<share + (client < rest ? 1 : 0) { try await shop.servePayment() }
                }
            }
            try await group.waitForAll()
        }
    }
}
