import PaymentModel
import PaymentOrchestratorDomain

/// One line of a sale's page: a change of its state, or an exchange with the provider; never a key, a body or a person.
struct TimelineAnswer: Encodable, Sendable {
    enum Kind: String, Encodable, Sendable {
        case state, call, notification
    }

    let at: Instant
    let kind: Kind
    /// Who or what caused the change.
    let actor: String?
    let before: String?
    let after: String?
    let facts: [String]?
    let note: String?
    let operation: String?
    let outcome: String?
    /// How often in a row the same was said, and when last.
    let times: Int?
    let lastAt: Instant?
    let milliseconds: Int64?

    private init(_ line: HistoryLine) {
        (at, kind, actor) = (line.happenedAt, .state, line.actor)
        (before, after, facts, note) = (line.before?.rawValue, line.after.rawValue, line.facts, line.note)
        (operation, outcome, times, lastAt, milliseconds) = (nil, nil, nil, nil, nil)
    }

    private init(_ line: ExchangeLine) {
        (at, actor, before, after, facts, note) = (line.at, nil, nil, nil, nil, nil)
        kind = line.kind == .call ? .call : .notification
        (operation, outcome) = (line.operation, line.outcome)
        (times, lastAt, milliseconds) = (line.times, line.lastAt, line.milliseconds)
    }

    /// Both in the order they happened; what was said comes before the change it led to.
    static func merged(_ history: [HistoryLine], _ exchanges: [ExchangeLine]) -> [TimelineAnswer] {
        let lines = exchanges.map(TimelineAnswer.init) + history.map(TimelineAnswer.init)
        return lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }
}
