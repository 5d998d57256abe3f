import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Rows of lists that run from the newest to the oldest, of all clinics or of some.
enum ClinicRows {
    /// The page of a table's rows that meet a condition, as something to select from and to put in order.
    ///
    /// Of some clinics each is asked for its own page: an index has the order of one clinic's rows, none that of
    /// several, and a quiet clinic must not have those of all the others read.
    static func newest(
        _ table: StaticString, at clinics: [ClinicID]?, where condition: SQL, rows: Int
    ) -> SQL {
        let page: SQL = "ORDER BY id DESC LIMIT \(Int64(rows))"
        guard let clinics else {
            return "(SELECT * FROM \(unescaped: "\(table)") WHERE \(condition) \(page))"
        }
        return """
            (SELECT theirs.* FROM unnest(\(clinics)) AS asked CROSS JOIN LATERAL (
                SELECT * FROM \(unescaped: "\(table)") WHERE clinic = asked AND \(condition) \(page)) AS theirs)
            """
    }

    /// Of the clinics somebody acts for, nil being all, those that are asked for.
    static func clinics(_ clinics: [ClinicID]?, only clinic: ClinicID?) -> [ClinicID]? {
        guard let clinic else { return clinics }
        guard let clinics else { return [clinic] }
        return clinics.filter { $0 == clinic }
    }
}
