import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Days that rows are asked for of, both included; nil is any.
struct DayPeriod: Sendable {
    let from: LocalDate?
    let to: LocalDate?

    var isAny: Bool { from ?? to == nil }

    /// Goes on with a condition.
    func condition(on day: SQL) -> SQL {
        var condition: SQL = ""
        if let from { condition = "\(condition) AND \(day) >= \(from)" }
        if let to { condition = "\(condition) AND \(day) <= \(to)" }
        return condition
    }

    /// How rows are listed that have their day in a column; a client's are few, and stay in the order of their ids.
    func order(by day: StaticString, of client: ClientID?) -> ListOrder {
        client != nil || isAny ? .ids : .days(day, self)
    }
}

/// The order of a list from the newest to the oldest.
enum ListOrder: Sendable {
    case ids
    /// By the days in a column, those of a period.
    case days(StaticString, DayPeriod)

    /// What goes behind `ORDER BY`.
    var clause: SQL {
        switch self {
        case .ids: "id DESC"
        case .days(let day, _): "\(unescaped: "\(day)") DESC, id DESC"
        }
    }
}
