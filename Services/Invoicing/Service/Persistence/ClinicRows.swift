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

    /// Of the clinics somebody acts for, nil being all, those that are asked for.
    static func clinics(_ clinics: [ClinicID]?, only clinic: ClinicID?) -> [ClinicID]? {
        guard let clinic else { return clinics }
        guard let clinics else { return [clinic] }
        return clinics.filter { $0 == clinic }
    }
}
