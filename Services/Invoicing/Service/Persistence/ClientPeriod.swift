import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Of whom and of which days rows are asked for, both included; nil is any (INV-10).
struct ClientPeriod: Sendable {
    let client: ClientID?
    let from: LocalDate?
    let to: LocalDate?

    /// Goes on with a condition; only what is asked for is in it, so that each has its index.
    func condition(onDay column: StaticString) -> SQL {
        let day: SQL = "\(unescaped: "\(column)")"
        var condition: SQL = ""
        if let client { condition = "\(condition) AND client = \(client)" }
        if let from { condition = "\(condition) AND \(day) >= \(from)" }
        if let to { condition = "\(condition) AND \(day) <= \(to)" }
        return condition
    }
}
