import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// The refused rows of a file for one reader, some at a time.
struct RefusedRows: Sendable {
    let database: Database
    let organisation: OrganisationID
    let file: ImportID
    let rows = ImportRowStore()

    private static let rowsAtOnce = 500

    /// The sheet in chunks, whose memory is that of one of them.
    func chunks(_ sheet: RefusedRowSheet) -> AsyncThrowingStream<[UInt8], any Error> {
        let reading = Reading(rows: self, sheet: sheet)
        return AsyncThrowingStream { try await reading.next() }
    }

    private func some(after line: Int64) async throws -> [(record: SeparatedValues.Record, problem: RowProblem)] {
        try await database.read(organisation: organisation) { transaction in
            try rows.refused(of: file, after: line, rows: Self.rowsAtOnce, in: &transaction)
        }
    }

    private actor Reading {
        private let rows: RefusedRows
        private let sheet: RefusedRowSheet
        private var line: Int64?

        init(rows: RefusedRows, sheet: RefusedRowSheet) {
            self.rows = rows
            self.sheet = sheet
        }

        func next() async throws -> [UInt8]? {
            guard let after = line else {
                line = 0
                return Array(sheet.head.utf8)
            }
            let found = try await rows.some(after: after)
            guard let last = found.last else { return nil }
            line = Int64(last.record.line)
            return found.flatMap { Array(sheet.line($0.record, $0.problem).utf8) }
        }
    }
}
