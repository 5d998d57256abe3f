import ReconciliationDomain
import TransactionalMessaging

/// Says what the columns of Alma's reports are called from now on (REC-3).
struct KeepAlmaReportColumns {
    let database: Database
    let store = AlmaReportColumnStore()

    func run(_ columns: AlmaReportColumns, because cause: Cause) async throws -> AlmaReportColumnsAnswer {
        try await database.change(because: cause) { change in
            try store.put(columns, in: &change)
            return AlmaReportColumnsAnswer(columns)
        }.answer
    }
}
