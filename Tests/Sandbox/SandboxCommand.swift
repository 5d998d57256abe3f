import ArgumentParser
import Dispatch
import Foundation
import Hummingbird
import Logging
import NIOCore

/// Plays the outside world on one port: the payment providers, the SMS gateway, the bank, and the tests' hand in all
/// of it.
@main
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Plays payment providers, SMSFactor and the bank over real HTTP, with faults on demand.",
        discussion: """
            Base URLs below http://HOST:PORT are /alma, /stripe, /paypal, /smsfactor, /ovhcloud, /twilio, /kannel, \
            /described, /sink and /control.
            Tests/Sandbox/README.md shows how to drive it.
            """)

    @Option(help: "Port to listen on; 0 lets the system choose. READY and the URL are printed once it listens.")
    var port = 0

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "URL under which clients reach this process; by default http://HOST:PORT.")
    var publicURL: String?

    @Option(help: "Seed of ids and chance; the same seed and calls give the same ids.")
    var seed: UInt64?

    @Option(help: "Milliseconds between an event and its notification.")
    var webhookDelay = 0

    @Option(help: "Milliseconds before a refused notification comes again; doubles each time.")
    var webhookRetry = 500

    @Option(help: "Times a notification is tried.")
    var webhookAttempts = 10

    @Option(help: "A merchant, as KEY or KEY=MERCHANT or KEY=MERCHANT=IBAN; may be repeated.")
    var almaAccount: [String] = []

    @Option(help: "A merchant of Stripe, as KEY or KEY=ACCOUNT or KEY=ACCOUNT=IBAN; may be repeated.")
    var stripeAccount: [String] = []

    @Option(help: "A merchant of PayPal, as CLIENT=SECRET or CLIENT=SECRET=IBAN; may be repeated.")
    var paypalAccount: [String] = []

    @Option(help: "A customer of the SMS gateway, as TOKEN or TOKEN=CREDITS; may be repeated.")
    var smsAccount: [String] = []

    @Flag(help: "Ends when standard input does, so that the sandbox dies with the process that started it.")
    var untilInputEnds = false

    func run() async throws {
        if untilInputEnds { endWithInput() }
        let (departures, continuation) = AsyncStream.makeStream(of: Delivery.self)
        let world = World(try startingState(), departures: continuation)
        let logger = Logger(label: "sandbox")
        let sender = DeliverySender(transport: HTTPTransport(logger: logger), world: world)
        let application = Application(
            router: routes(world, sender),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "sandbox"),
            onServerRunning: { channel in await announce(world, port: channel.localAddress?.port ?? port) },
            logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sender.run(departures) }
            group.addTask { try await application.runService() }
            // The sender waits for ever; the server ends at a signal, and the process with it.
            _ = try await group.next()
            group.cancelAll()
        }
    }

    /// Tells whoever waits where to call, in a line of its own.
    private func announce(_ world: World, port: Int) async {
        let url = publicURL ?? "http://\(host):\(port)"
        await world.perform { $0.publicURL = url }
        FileHandle.standardOutput.write(Data("READY http://\(host):\(port)\n".utf8))
    }

    /// Waits on a thread of its own, since reading blocks.
    private func endWithInput() {
        DispatchQueue.global().async {
            while readLine() != nil {}
            Foundation.exit(0)
        }
    }

    private func routes(_ world: World, _ sender: DeliverySender) -> Router<ConnectionContext> {
        let router = Router(context: ConnectionContext.self)
        func endpoints(_ family: String) -> Endpoints {
            Endpoints(router: router, world: world, sender: sender, prefix: "/\(family)", family: family)
        }
        AlmaRoutes.add(to: endpoints("alma"))
        StripeRoutes.add(to: endpoints("stripe"))
        PayPalRoutes.add(to: endpoints("paypal"))
        SMSRoutes.add(to: endpoints("smsfactor"))
        OVHcloudRoutes.add(to: endpoints("ovhcloud"))
        TwilioRoutes.add(to: endpoints("twilio"))
        KannelRoutes.add(to: endpoints("kannel"))
        DescribedRoutes.add(to: endpoints("described"))
        ControlRoutes.add(to: endpoints("control"))
        SinkRoutes.add(to: endpoints("sink"))
        return router
    }

    private func startingState() throws -> WorldState {
        var chance = SystemRandomNumberGenerator()
        var state = WorldState(
            publicURL: publicURL ?? "", seed: seed ?? chance.next(),
            pace: WebhookPace(
                delayMilliseconds: webhookDelay, retryMilliseconds: webhookRetry, attemptsMax: webhookAttempts))
        for text in almaAccount {
            let parts = text.split(separator: "=").map(String.init)
            var json: JSON = ["apiKey": .text(parts[0])]
            if parts.count > 1 { json.set("merchantID", to: .text(parts[1])) }
            if parts.count > 2 { json.set("iban", to: .text(parts[2])) }
            state.alma.put(try AlmaAccount(json, random: &state.random))
        }
        for text in stripeAccount {
            let parts = text.split(separator: "=").map(String.init)
            var json: JSON = ["apiKey": .text(parts[0])]
            if parts.count > 1 { json.set("accountID", to: .text(parts[1])) }
            if parts.count > 2 { json.set("iban", to: .text(parts[2])) }
            state.stripe.put(try StripeAccount(json, random: &state.random))
        }
        for text in paypalAccount {
            let parts = text.split(separator: "=").map(String.init)
            var json: JSON = ["clientID": .text(parts[0]), "secret": .text(parts.count > 1 ? parts[1] : "")]
            if parts.count > 2 { json.set("iban", to: .text(parts[2])) }
            state.paypal.put(try PayPalAccount(json, random: &state.random))
        }
        for text in smsAccount {
            let parts = text.split(separator: "=").map(String.init)
            state.sms.put(token: parts[0], credits: parts.count > 1 ? Int(parts[1]) ?? 1_000 : 1_000)
        }
        return state
    }
}
