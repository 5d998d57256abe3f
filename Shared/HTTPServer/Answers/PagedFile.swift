/// A file for spreadsheets made page by page as its reader takes it, however long it is.
package actor PagedFile<Row: Sendable> {
    /// The next rows after the last one there was; none at the end.
    package typealias Fetch = @Sendable (_ last: Row?) async throws -> [Row]

    private let head: String
    private let fetch: Fetch
    private let line: @Sendable (Row) -> String
    private var last: Row?
    private var hasBegun = false

    /// A file that begins with `head` and has a `line` for each row, with their ends.
    package init(head: String, fetch: @escaping Fetch, line: @escaping @Sendable (Row) -> String) {
        self.head = head
        self.fetch = fetch
        self.line = line
    }

    /// Nil at the end.
    private func next() async throws -> [UInt8]? {
        guard hasBegun else {
            hasBegun = true
            return Array(head.utf8)
        }
        let rows = try await fetch(last)
        guard let row = rows.last else { return nil }
        last = row
        return rows.flatMap { Array(line($0).utf8) }
    }

    /// The answer that sends it.
    package nonisolated func response(filename: String) -> Response {
        .chunks(
            AsyncThrowingStream(unfolding: { try await self.next() }), contentType: "text/csv; charset=utf-8",
            filename: filename)
    }
}
