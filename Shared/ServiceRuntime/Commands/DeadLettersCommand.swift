import ArgumentParser
import FoundationEssentials
import PaymentModel
import PostgresClient
import TransactionalMessaging

struct DeadLettersCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "dead-letters", abstract: "Look at parked messages and settle them.",
            subcommands: [
                ListDeadLettersCommand<Service>.self, ShowDeadLetterCommand<Service>.self,
                RetryDeadLettersCommand<Service>.self, DiscardDeadLetterCommand<Service>.self,
            ])
    }
}

/// Who settles a letter, for the record.
struct OperatorOption: ParsableArguments {
    @Option(help: "Who settles it, for the record; the user of this machine when left out.")
    var by: String?

    var person: String { by ?? ProcessInfo.processInfo.environment["USER"] ?? "operator" }
}

struct ListDeadLettersCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: "List parked messages, oldest first.")
    }

    @Flag(help: "Also those that were settled.")
    var all = false

    @Option(help: "Of one consumer group only.")
    var consumer: String?

    @Option(help: "How many at most.")
    var limit = 100

    func run() async throws {
        try await withDeadLetters(Service.self) { deadLetters in
            let states = all ? Set(DeadLetter.State.allCases) : [.parked, .held]
            let letters = try await deadLetters.list(states: states, consumer: consumer, limit: limit)
            for letter in letters {
                let fields = [
                    letter.id.description, letter.parkedAt.description, letter.state.rawValue, letter.consumer,
                    letter.type ?? "-", letter.reason,
                ]
                print(fields.joined(separator: "\t"))
            }
            print(letters.isEmpty ? "nothing is parked" : "\(letters.count) messages")
        }
    }
}

struct ShowDeadLetterCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: "Show one parked message with its causes and headers.")
    }

    @Argument(help: "Id of the message, as list shows it.")
    var id: String

    func run() async throws {
        let id = try deadLetterID(id)
        try await withDeadLetters(Service.self) { deadLetters in
            guard let letter = try await deadLetters.show(id) else {
                throw ValidationError("There is no message \(id).")
            }
            print(text(of: letter))
        }
    }

    private func text(of letter: DeadLetter) -> String {
        var lines = [
            "id         \(letter.id)", "state      \(letter.state.rawValue)", "consumer   \(letter.consumer)",
            "event      \(letter.eventID?.description ?? "-") \(letter.type ?? "-")",
            "place      \(letter.topic)[\(letter.partition)] at \(letter.offset)",
            "parked at  \(letter.parkedAt) after \(letter.tries) tries", "reason     \(letter.reason)",
        ]
        lines += letter.causes.map { "  because  \($0)" }
        lines += letter.headers.map { "header     \($0)" }
        if let settlement = letter.settlement {
            lines.append("settled    \(settlement.at) by \(settlement.by): \(settlement.because ?? "-")")
        }
        lines.append("value      " + String(decoding: letter.value ?? [], as: UTF8.self))
        return lines.joined(separator: "\n")
    }
}

struct RetryDeadLettersCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "retry", abstract: "Handle parked messages again.",
            discussion: "Where a key is held, the messages behind one that succeeds are handled too, in their order.")
    }

    @Argument(help: "Ids of the messages.")
    var ids: [String] = []

    @Flag(help: "All that are parked, oldest first.")
    var all = false

    @OptionGroup var `operator`: OperatorOption

    func run() async throws {
        guard all || !ids.isEmpty else { throw ValidationError("Give ids, or --all.") }
        let given = try ids.map(deadLetterID)
        let person = `operator`.person
        try await withDeadLetters(Service.self) { deadLetters in
            let parked = all ? try await deadLetters.list(states: [.parked], limit: 10_000).map(\.id) : []
            var isWell = true
            for id in given + parked {
                let outcome = try await deadLetters.retry(id, by: person)
                print("\(id) \(describe(outcome))")
                switch outcome {
                case .failed, .notItsTurn: isWell = false
                case .handled, .nothingOpen, .unknownConsumer: break
                }
            }
            if !isWell { throw ExitCode.failure }
        }
    }
}

struct DiscardDeadLetterCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "discard", abstract: "Settle a parked message without handling it.")
    }

    @Argument(help: "Id of the message.")
    var id: String

    @Option(help: "Why, for the record.")
    var because: String

    @OptionGroup var `operator`: OperatorOption

    func run() async throws {
        let id = try deadLetterID(id)
        let (person, reason) = (`operator`.person, because)
        try await withDeadLetters(Service.self) { deadLetters in
            print("\(id) \(describe(try await deadLetters.discard(id, by: person, because: reason)))")
        }
    }
}

private func deadLetterID(_ text: String) throws -> DeadLetterID {
    guard let id = DeadLetterID(text) else { throw ValidationError("\(text) is not an id.") }
    return id
}

private func describe(_ outcome: RetryOutcome) -> String {
    switch outcome {
    case .handled(let count): "settled; \(count) handled"
    case .failed(let id, let reason): "failed again at \(id): \(reason)"
    case .notItsTurn(let reason): "waits for its turn, ask again: \(reason)"
    case .nothingOpen: "is not there, or was settled before"
    case .unknownConsumer(let name): "belongs to the consumer \(name), which this program does not have"
    }
}

/// Lends the dead letters of a service, with the handlers to retry them.
private func withDeadLetters<Service: QuittanceService>(
    _ service: Service.Type, _ body: (DeadLetters) async throws -> Void
) async throws {
    let process = try ServiceProcess<Service>.prepare()
    do {
        var consumers: [Consumer] = []
        for role in Service.processRoles { consumers += try await process.assembly(role).consumers }
        try await body(DeadLetters(process.database, consumers: consumers))
    } catch {
        await process.pool.close()
        throw error
    }
    await process.pool.close()
}
