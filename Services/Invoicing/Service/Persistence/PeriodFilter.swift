import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Of whom, where and of which days rows are asked for; nil is any (INV-10).
struct PeriodFilter: Sendable {
    let client: ClientID?
    let clinic: ClinicID?
    /// How it was paid.
    let method: String?
    /// Whether credit of it is put away.
    let archived: Bool?
    let days: DayPeriod

    /// Goes on with a condition on rows that are listed by their day in a column.
    ///
    /// Only what is asked for is in it, so that each has its index; clinics are asked one by one.
    func condition(onDay column: StaticString) -> SQL {
        let day: SQL = "\(unescaped: "\(column)")"
        var condition: SQL = ""
        if let client { condition = "\(condition) AND client = \(client)\(days.condition(on: day))" }
        if let method { condition = "\(condition) AND method = \(method)" }
        if let archived {
            let isArchived: SQL = archived ? "archived_on IS NOT NULL" : "archived_on IS NULL"
            condition = "\(condition) AND \(isArchived)"
        }
        return condition
    }
}
