/// One line of the control protocol.
enum Command {
    case down(broker: Int32)
    case up(broker: Int32)
    case delay(milliseconds: Int32)
    case topic(String, partitions: Int32)
    case leader(topic: String, partition: Int32, broker: Int32)
    case fail(Request, error: Int32, times: Int)
    case heal(Request)

    /// Why a line was not obeyed.
    struct Refusal: Error, CustomStringConvertible {
        let reason: String
        var description: String { reason }
    }

    /// Kafka's requests by their number in the protocol.
    enum Request: String {
        case produce
        case fetch
        case metadata
        case offsetCommit = "offset-commit"
        case offsetFetch = "offset-fetch"
        case findCoordinator = "find-coordinator"
        case joinGroup = "join-group"
        case heartbeat
        case leaveGroup = "leave-group"
        case syncGroup = "sync-group"
        case initProducerID = "init-producer-id"

        var number: Int16 {
            switch self {
            case .produce: 0
            case .fetch: 1
            case .metadata: 3
            case .offsetCommit: 8
            case .offsetFetch: 9
            case .findCoordinator: 10
            case .joinGroup: 11
            case .heartbeat: 12
            case .leaveGroup: 13
            case .syncGroup: 14
            case .initProducerID: 22
            }
        }
    }

    init(_ line: String) throws(Refusal) {
        var words = Words(line)
        let name = try words.text("a command")
        switch name {
        case "down": self = .down(broker: Int32(words.optionalNumber() ?? -1))
        case "up": self = .up(broker: Int32(words.optionalNumber() ?? -1))
        case "delay": self = .delay(milliseconds: try words.number("milliseconds"))
        case "topic": self = .topic(try words.text("a name"), partitions: try words.number("partitions"))
        case "leader":
            self = .leader(
                topic: try words.text("a topic"), partition: try words.number("a partition"),
                broker: try words.number("a broker"))
        case "fail": self = .fail(try words.request(), error: try words.error(), times: words.optionalNumber() ?? 1)
        case "heal": self = .heal(try words.request())
        default: throw Refusal(reason: "unknown command '\(name)'")
        }
        guard words.isEmpty else { throw Refusal(reason: "too many words") }
    }

    func run(on cluster: MockCluster) throws(Refusal) {
        switch self {
        case .down(let broker): cluster.takeDown(broker)
        case .up(let broker): cluster.bringUp(broker)
        case .delay(let milliseconds): cluster.delay(milliseconds: milliseconds)
        case .topic(let name, let partitions): try cluster.createTopic(name, partitions: partitions)
        case .leader(let topic, let partition, let broker): try cluster.lead(topic, partition, broker)
        case .fail(let request, let error, let times): cluster.fail(request, error: error, times: times)
        case .heal(let request): cluster.heal(request)
        }
    }
}

/// The words of a line, taken one by one.
private struct Words {
    private var rest: ArraySlice<Substring>

    init(_ line: String) { rest = line.split(separator: " ")[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func text(_ what: String) throws(Command.Refusal) -> String {
        guard let word = rest.popFirst() else { throw Command.Refusal(reason: "\(what) is missing") }
        return String(word)
    }

    mutating func number(_ what: String) throws(Command.Refusal) -> Int32 {
        guard let number = Int32(try text(what)) else { throw Command.Refusal(reason: "\(what) must be a number") }
        return number
    }

    mutating func optionalNumber() -> Int? { rest.popFirst().flatMap { Int($0) } }

    mutating func request() throws(Command.Refusal) -> Command.Request {
        let name = try text("a request")
        guard let request = Command.Request(rawValue: name) else {
            throw Command.Refusal(reason: "unknown request '\(name)'")
        }
        return request
    }

    /// `disconnect` is the library's transport error, at which the broker cuts the connection.
    mutating func error() throws(Command.Refusal) -> Int32 {
        let word = try text("an error")
        if word == "disconnect" { return -195 }
        guard let number = Int32(word) else { throw Command.Refusal(reason: "an error must be a number") }
        return number
    }
}
