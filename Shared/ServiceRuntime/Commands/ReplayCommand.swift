import ArgumentParser
import EventContract
import PaymentModel
import PostgresClient
import TransactionalMessaging

struct ReplayCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "replay", abstract: "Publish again what this service has published.",
            discussion: """
                With --into, the events go to a topic of their own for one new subscriber. With --rebuild, all of \
                them go out again where they went before, for the day the brokers have lost everything.
                """)
    }

    @Option(help: "Topic of the new subscriber.")
    var into: String?

    @Flag(help: "Everything again, where it went before.")
    var rebuild = false

    @Option(help: "From this time on, such as 2026-11-21T00:00:00Z.")
    var from: String?

    @Option(help: "Until this time.")
    var to: String?

    @Option(
        name: .customLong("type"),
        help: "Of this type only, such as PaymentAcceptedV1 or its name on the wire; may be given several times.")
    var types: [String] = []

    @Option(help: "Of this aggregate only.")
    var subject: String?

    func run() async throws {
        let selection = try selection()
        guard rebuild != (into != nil) else { throw ValidationError("Give either --into or --rebuild.") }
        if let into { try refuseOwnTopic(into) }
        let process = try ServiceProcess<Service>.prepare()
        let replay = Replay(process.database, kafka: process.kafka, logger: process.logger)
        let count =
            if let into { try await replay.copy(selection, into: into) } else { try await replay.rebuild() }
        print("\(count) events")
        await process.pool.close()
    }

    /// In one of ours the copies would come again to everybody who listens there.
    private func refuseOwnTopic(_ name: String) throws {
        guard Topic(rawValue: name) == nil, !name.hasSuffix(".dead-letter") else {
            throw ValidationError(
                "\(name) is a topic of Quittance: name one that only the new subscriber reads. "
                    + "To fill lost brokers again, give --rebuild.")
        }
    }

    private func selection() throws -> ReplaySelection {
        ReplaySelection(
            from: try from.map(instant), to: try to.map(instant), types: Set(try types.map(wireName)),
            subject: try subject.map(identifier))
    }

    private func wireName(_ text: String) throws -> String {
        let known = EventCatalogue.payloads.map { (code: String(describing: $0), wire: $0.type.text) }
        if let type = known.first(where: { $0.code == text || $0.wire == text }) { return type.wire }
        throw ValidationError(
            "\(text) is no type of event; these are: \(known.map(\.code).sorted().joined(separator: ", ")).")
    }

    private func instant(_ text: String) throws -> Instant {
        guard let instant = Instant(text) else {
            throw ValidationError("\(text) is not a time such as 2026-11-21T00:00:00Z.")
        }
        return instant
    }

    private func identifier(_ text: String) throws -> UInt128 {
        guard let value = UInt128(uuidText: text) else { throw ValidationError("\(text) is not an id.") }
        return value
    }
}
