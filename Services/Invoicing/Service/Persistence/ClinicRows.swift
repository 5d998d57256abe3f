import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Rows of lists that run from the newest to the oldest, of all clinics or of some.
enum ClinicRows {
    /// The page of a table's rows before an id that meet a condition, as something to select from and to put in order.
    ///
    /// Of some clinics each is asked for its own page: an index has the order of one clinic's rows, none that of
    /// several. A clinic is said as a range, whose order no other index has: the database cannot know how quiet the
    /// clinic is, and would have the rows of all the others read for it.
    static func newest(
        _ table: StaticString, at clinics: [ClinicID]?, before id: some PostgresEncodable, where condition: SQL,
        rows: Int
    ) -> SQL {
        guard let clinics else {
            return """
                (SELECT * FROM \(unescaped: "\(table)") WHERE id < \(id)::uuid AND \(condition)
                ORDER BY id DESC LIMIT \(Int64(rows)))
                """
        }
        return """
            (SELECT theirs.* FROM unnest(\(clinics)) AS asked CROSS JOIN LATERAL (
                SELECT * FROM \(unescaped: "\(table)")
                WHERE clinic >= asked AND (clinic, id) < (asked, \(id)::uuid) AND \(condition)
                ORDER BY clinic DESC, id DESC LIMIT \(Int64(rows))) AS theirs)
            """
    }

    /// The same in an order: rows of some days are in that of the days, latest first, so that no others are read.
    static func page(
        _ table: StaticString, in order: ListOrder, at clinics: [ClinicID]?, before id: some PostgresEncodable,
        where condition: SQL, rows: Int
    ) -> SQL {
        guard case .days(let column, let period) = order else {
            return newest(table, at: clinics, before: id, where: condition, rows: rows)
        }
        let day: SQL = "\(unescaped: "\(column)")"
        // A page begins behind the day and id of a row, the first one behind the last day. It is one condition, since
        // of two the database would begin at either, and has no `coalesce`, which is looked at behind the fence only.
        let to: SQL = period.to.map { to -> SQL in "\(to)" } ?? "'infinity'"
        let latest: SQL = "least((SELECT \(day) FROM \(unescaped: "\(table)") WHERE id = \(id)::uuid), \(to))"
        guard let clinics else {
            let since: SQL = period.from.map { from -> SQL in "AND \(day) >= \(from)" } ?? ""
            return """
                (SELECT * FROM \(unescaped: "\(table)")
                WHERE (\(day), id) < (\(latest), \(id)::uuid) \(since) AND \(condition)
                ORDER BY \(day) DESC, id DESC LIMIT \(Int64(rows)))
                """
        }
        let since: SQL =
            period.from.map { from -> SQL in "(clinic, \(day)) >= (asked, \(from))" } ?? "clinic >= asked"
        return """
            (SELECT theirs.* FROM unnest(\(clinics)) AS asked CROSS JOIN LATERAL (
                SELECT * FROM \(unescaped: "\(table)")
                WHERE \(since) AND (clinic, \(day), id) < (asked, \(latest), \(id)::uuid) AND \(condition)
                ORDER BY clinic DESC, \(day) DESC, id DESC LIMIT \(Int64(rows))) AS theirs)
            """
    }

    /// Of the clinics somebody acts for, nil being all, those that are asked for.
    static func clinics(_ clinics: [ClinicID]?, only clinic: ClinicID?) -> [ClinicID]? {
        guard let clinic else { return clinics }
        guard let clinics else { return [clinic] }
        return clinics.filter { $0 == clinic }
    }
}
