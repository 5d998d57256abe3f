import TransactionalMessaging

/// A file that is made part by part for one reader.
protocol FileParts: Actor {
    /// The next part; nil after the last.
    func next() async throws -> [UInt8]?
}

/// A file of lines: what comes before them, one for each row, what comes after.
actor TextParts<Row: Sendable>: FileParts {
    private enum Place { case head, rows, end }

    private let head: [UInt8]
    private let foot: [UInt8]
    private let rows: RowCursor<Row>
    private let line: @Sendable (Row) -> [UInt8]
    private var place = Place.head

    init(
        head: [UInt8], of rows: RowCursor<Row>, foot: [UInt8] = [], line: @escaping @Sendable (Row) -> [UInt8]
    ) {
        self.head = head
        self.foot = foot
        self.rows = rows
        self.line = line
    }

    func next() async throws -> [UInt8]? {
        switch place {
        case .head:
            place = .rows
            return head
        case .rows:
            if let batch = try await rows.next() { return batch.flatMap(line) }
            place = .end
            return foot
        case .end: return nil
        }
    }
}
