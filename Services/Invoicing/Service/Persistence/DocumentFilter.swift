import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Which quotes or credit notes are asked for; nil is any.
struct DocumentFilter: Sendable {
    let client: ClientID?
    let clinic: ClinicID?
    let number: String?

    /// Goes on with a condition; only what is asked for is in it, so that each has its index, and clinics are asked one
    /// by one.
    func condition(on table: StaticString) -> SQL {
        let rows: SQL = "\(unescaped: "\(table)")"
        var condition: SQL = ""
        if let client { condition = "\(condition) AND \(rows).client = \(client)" }
        if let number { condition = "\(condition) AND \(rows).number = \(number)" }
        return condition
    }
}
