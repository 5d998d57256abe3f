import PaymentModel
import PostgresClient

/// That a debt was settled and is due again: dunning begins anew then (INV-14).
struct DueAgain: Sendable {
    /// How often.
    let times: Int32
    /// Since when, the last time.
    let on: LocalDate?

    init(_ row: Row) throws {
        times = try row("times_due_again")
        on = try row("due_again_on")
    }

    /// What an UPDATE of a debt assigns, which knows from the row whether it was settled.
    ///
    /// `whole` is the column of what is owed in all, `due` what is due after it. Without a day nothing begins anew, as
    /// after a mistake.
    static func assigning(_ due: Money, of whole: StaticString, on day: LocalDate?) -> SQL {
        guard let day else { return "times_due_again = times_due_again" }
        let isAgain: SQL = """
            (paid + credited + written_off >= \(unescaped: "\(whole)") AND \(due.minorUnits)::bigint > 0)
            """
        return """
            times_due_again = times_due_again + \(isAgain)::int,
            due_again_on = CASE WHEN \(isAgain) THEN \(day) ELSE due_again_on END
            """
    }
}
