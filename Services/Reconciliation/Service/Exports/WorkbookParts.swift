import Foundation
import PaymentModel
import SpreadsheetWriter
import TransactionalMessaging

/// A grid as an Excel workbook: written to a file first, since its table of contents stands at its end.
actor WorkbookParts: FileParts {
    private let name: String
    private let columns: [String]
    private let rows: RowCursor<[Cell]>
    private let language: Language
    private var written: ScratchFile?
    private static let partBytes = 64 << 10

    init(name: String, columns: [String], rows: RowCursor<[Cell]>, in language: Language) {
        self.name = name
        self.columns = columns
        self.rows = rows
        self.language = language
    }

    func next() async throws -> [UInt8]? {
        if written == nil {
            let file = ScratchFile()
            try await write(to: file.path)
            written = file
        }
        return try written?.read(upTo: Self.partBytes)
    }

    private func write(to path: String) async throws {
        let workbook = try SpreadsheetFile(path: path, name: name, columns: columns)
        while let batch = try await rows.next() {
            for cells in batch { try workbook.append(cells.map { $0.forSpreadsheet(in: language) }) }
        }
        try workbook.close()
    }
}

/// A file that is gone with whoever holds it.
private final class ScratchFile {
    let path: String
    private var handle: FileHandle?

    init() {
        let name = "quittance-export-\(UInt64.random(in: 0...(.max)))-\(ProcessInfo.processInfo.processIdentifier)"
        path = FileManager.default.temporaryDirectory.appending(path: name).path
    }

    deinit {
        try? handle?.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The next bytes; nil at the end.
    func read(upTo count: Int) throws -> [UInt8]? {
        let open = try handle ?? FileHandle(forReadingFrom: URL(filePath: path))
        handle = open
        guard let data = try open.read(upToCount: count), !data.isEmpty else { return nil }
        return Array(data)
    }
}
