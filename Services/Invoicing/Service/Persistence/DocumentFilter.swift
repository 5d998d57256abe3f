import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Which quotes or credit notes are asked for; nil is any.
struct DocumentFilter: Sendable {
    let client: ClientID?
    let clinic: ClinicID?
    let number: String?
    let issued: DayPeriod

    var order: ListOrder { issued.order(by: "issued_on", of: client) }

    /// Goes on with a condition; only what is asked for is in it, so that each has its index, and clinics are asked one
    /// by one.
    func condition(on table: StaticString) -> SQL {
        let rows: SQL = "\(unescaped: "\(table)")"
        var condition: SQL = ""
        if let client {
            let days = issued.condition(on: "\(rows).issued_on")
            condition = "\(condition) AND \(rows).client = \(client)\(days)"
        }
        if let number { condition = "\(condition) AND \(rows).number = \(number)" }
        return condition
    }
}
